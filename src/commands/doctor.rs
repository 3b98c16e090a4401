//! `liaison doctor` and `liaison probe`

use super::context::{self, Database};
use crate::config::Storage;
use crate::db::migrate;
use diesel::sql_types::{Bool, Integer, Text};
use diesel::{QueryableByName, sql_query};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// PostgreSQL from this release on.
const LEAST_POSTGRESQL: i32 = 150_000;

#[derive(clap::Args, Debug)]
pub struct Probe {
    /// Address of the service
    #[arg(
        long,
        env = "LIAISON_LISTEN",
        default_value = "127.0.0.1:8080",
        value_name = "ADDR"
    )]
    pub address: SocketAddr,
}

/// Whether the service at the address is ready; for health checks where there is no curl.
///
/// # Errors
/// What it answered instead.
pub fn probe(command: &Probe) -> Result<(), String> {
    let mut address = command.address;
    if address.ip().is_unspecified() {
        address.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
    }
    let limit = Duration::from_secs(3);
    let ask = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect_timeout(&address, limit)?;
        stream.set_read_timeout(Some(limit))?;
        write!(
            stream,
            "GET /readyz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    };
    let answer = ask().map_err(|error| format!("{address}: {error}"))?;
    match answer.split_whitespace().nth(1) {
        Some("200") => Ok(()),
        _ => Err(format!(
            "{address} is not ready: {}",
            answer.lines().next().unwrap_or_default()
        )),
    }
}

#[derive(QueryableByName)]
struct Server {
    #[diesel(sql_type = Integer)]
    version: i32,
    #[diesel(sql_type = Text)]
    encoding: String,
    #[diesel(sql_type = Bool)]
    owns_audit_log: bool,
    #[diesel(sql_type = Bool)]
    durable: bool,
}

/// Looks at settings, secret and database, and says what is wrong and what could be better.
///
/// # Errors
/// The number of faults, after each was printed.
pub async fn run(storage: &Storage) -> Result<(), String> {
    let mut faults = 0;
    let mut say = |result: Result<String, String>| match result {
        Ok(text) => println!("ok       {text}"),
        Err(text) => {
            faults += 1;
            println!("FAULT    {text}");
        }
    };
    say(context::secret(storage).map(|_| "the installation's secret can be read".into()));
    let database = Database::open(storage).await?;
    match database.db.get().await {
        Err(problem) => say(Err(format!("the database cannot be reached: {problem}"))),
        Ok(mut connection) => {
            let standing = migrate::standing(database.db.connector()).await;
            if let Some(newer) = standing
                .as_ref()
                .ok()
                .and_then(|standing| standing.newer.as_ref())
            {
                println!("warning  {newer}");
            }
            say(standing.and_then(|standing| match standing.pending {
                0 => Ok("all migrations of this program are applied".into()),
                count => Err(format!("{count} migrations are pending: liaison migrate")),
            }));
            match server(&mut connection).await {
                Ok(server) => report(&server, &mut say),
                Err(error) => say(Err(format!("the database does not answer: {error}"))),
            }
        }
    }
    database.close().await?;
    if faults == 0 {
        Ok(())
    } else {
        Err(format!("{faults} faults"))
    }
}

async fn server(connection: &mut AsyncPgConnection) -> diesel::QueryResult<Server> {
    sql_query(
        "SELECT current_setting('server_version_num')::int AS version,
                current_setting('server_encoding') AS encoding,
                coalesce((SELECT pg_has_role(relowner, 'MEMBER') FROM pg_class WHERE oid = to_regclass('audit_log')), false)
                    AS owns_audit_log,
                current_setting('fsync')::bool AND current_setting('synchronous_commit') <> 'off' AS durable",
    )
    .get_result(connection)
    .await
}

fn report(server: &Server, say: &mut dyn FnMut(Result<String, String>)) {
    let version = server.version / 10_000;
    say(if server.version >= LEAST_POSTGRESQL {
        Ok(format!("PostgreSQL {version}"))
    } else {
        Err(format!("PostgreSQL {version} is too old: 15 or newer"))
    });
    say(match server.encoding.as_str() {
        "UTF8" => Ok("the database is in UTF-8".into()),
        other => Err(format!("the database is in {other}, not UTF-8")),
    });
    say(if server.durable {
        Ok("commits are durable".into())
    } else {
        Err("fsync or synchronous_commit is off: acknowledged data can be lost".into())
    });
    if server.owns_audit_log {
        println!(
            "warning  the service's role owns the audit log: give migrations a role of their own (docs/operations.md)"
        );
    }
}
