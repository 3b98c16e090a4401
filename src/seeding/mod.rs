//! What a fresh database is given: the directory of the notice (韶府办发函〔2020〕20号), from data in `seeds/`, and
//! its first accounts.

mod accounts;
mod notice;

pub use accounts::{administrators, demo_accounts};
pub use notice::load_notice;

use crate::auth::password::PasswordHasher;
use crate::db::Db;
use crate::db::schema::{organizations, schemes, users};
use crate::db::transaction::Origin;
use crate::http::catalogue::Code;
use crate::http::problem::{Problem, Result};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use std::net::SocketAddr;

/// Password of the demo accounts where no other is set.
pub const DEMO_PASSWORD: &str = "Liaison-demo-2020!";

/// Gives a fresh database its first data; leaves any other as it is. What is returned is shown once: the
/// administrators' user names and one-time passwords.
///
/// # Errors
/// `database_unavailable`, 500 where `seeds/` is broken, 409 for a demo on a database that is no demo's.
pub async fn prepare(
    db: &Db,
    hasher: &PasswordHasher,
    now: DateTime<Utc>,
    demo_password: Option<&str>,
) -> Result<Vec<(String, String)>> {
    let origin = Origin::command_line(now);
    match (demo_password, is_fresh(db).await?) {
        (None, true) => {
            load_notice(db, &origin).await?;
            administrators(db, &origin, hasher).await
        }
        (Some(password), true) => {
            load_notice(db, &origin).await?;
            demo_accounts(db, &origin, hasher, password).await?;
            Ok(Vec::new())
        }
        (Some(_), false) if !is_demo(db).await? => Err(Problem::new(Code::Conflict).detail(
            "数据库中已有其他数据，不能用于演示。",
            "The database holds other data: no demo on it.",
        )),
        _ => Ok(Vec::new()),
    }
}

/// Whether the database was made by a demo: nobody else has accounts for a whole directory on its first day.
async fn is_demo(db: &Db) -> Result<bool> {
    let mut connection = db.get().await?;
    let demo_user = users::table.filter(users::username.eq("party-minge")).count();
    Ok(demo_user.get_result::<i64>(&mut connection).await? > 0)
}

/// What a person at the terminal wants to know of a demo.
pub fn demo_note(address: SocketAddr, password: &str) -> String {
    format!(
        "\n  liaison demo: http://{address}/docs/\n\n  \
         password    {password}\n  \
         user names  admin, security-admin, auditor, coordinator, government-office,\n              \
         department-CODE (department-education), party-CODE (party-minge)\n"
    )
}

/// Whether nothing has been put into the database yet.
pub async fn is_fresh(db: &Db) -> Result<bool> {
    let mut connection = db.get().await?;
    let counts = (
        organizations::table
            .count()
            .get_result::<i64>(&mut connection)
            .await?,
        schemes::table.count().get_result::<i64>(&mut connection).await?,
        users::table.count().get_result::<i64>(&mut connection).await?,
    );
    Ok(counts == (0, 0, 0))
}
