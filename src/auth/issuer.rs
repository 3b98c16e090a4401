//! Under what name tokens are issued: one for all instances of a database, wherever each of them listens.

use crate::db::Db;
use crate::problem::Result;
use diesel::QueryableByName;
use diesel::sql_types::{Nullable, Text};
use diesel_async::RunQueryDsl;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

#[derive(QueryableByName)]
struct Settled {
    #[diesel(sql_type = Text)]
    issuer: String,
}

/// The public address where one is set; else what an instance has said before, and at the very first start the address
/// that this one listens on.
///
/// # Errors
/// `database_unavailable`.
pub async fn settle(db: &Db, public_url: Option<&str>, own_address: &str) -> Result<String> {
    let settled: Settled =
        diesel::sql_query("UPDATE installation SET issuer = coalesce($1, issuer, $2) RETURNING issuer")
            .bind::<Nullable<Text>, _>(public_url)
            .bind::<Text, _>(own_address)
            .get_result(&mut db.get().await?)
            .await?;
    Ok(settled.issuer)
}

/// The address of a service that listens there, for somebody on the same machine.
pub fn address_of(listen: SocketAddr) -> String {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    format!("http://{}", SocketAddr::new(ip, listen.port()))
}
