//! `liaison doctor` and `liaison probe`

use super::context::{self, Database};
use crate::auth::keyring;
use crate::auth::secret::Secret;
use crate::clock::Clock;
use crate::config::Storage;
use crate::db::connect::Purpose;
use crate::db::{Db, migrate};
use crate::health::CLOCK;
use crate::http::request::is_local;
use chrono::{DateTime, TimeDelta, Utc};
use diesel::sql_types::{BigInt, Bool, Integer, Nullable, Text, Timestamptz};
use diesel::{QueryableByName, sql_query};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use ipnet::IpNet;
use std::io::{Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream};
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

#[derive(clap::Args, Debug)]
pub struct Doctor {
    /// Networks whose `X-Forwarded-For` is believed, as the service is told
    #[arg(
        long,
        env = "LIAISON_TRUSTED_PROXIES",
        value_delimiter = ',',
        value_name = "CIDR,…"
    )]
    pub trusted_proxies: Vec<IpNet>,
}

/// From where the service was called lately.
#[derive(QueryableByName)]
struct Callers {
    #[diesel(sql_type = BigInt)]
    addresses: i64,
    #[diesel(sql_type = BigInt)]
    accounts: i64,
    #[diesel(sql_type = Nullable<Text>)]
    address: Option<String>,
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
    fsync: bool,
    #[diesel(sql_type = Bool)]
    full_page_writes: bool,
    /// What role and database say, which the service's sessions do not follow.
    #[diesel(sql_type = Text)]
    commits: String,
    #[diesel(sql_type = Timestamptz)]
    now: DateTime<Utc>,
}

/// A running instance whose machine has another time than the database.
#[derive(QueryableByName)]
struct Astray {
    #[diesel(sql_type = Text)]
    host: String,
    #[diesel(sql_type = BigInt)]
    clock_ahead_ms: i64,
}

/// Looks at settings, secret and database, and says what is wrong and what could be better.
///
/// # Errors
/// The number of faults, after each was printed.
pub async fn run(command: &Doctor, storage: &Storage) -> Result<(), String> {
    let mut faults = 0;
    let mut say = |result: Result<String, String>| match result {
        Ok(text) => println!("ok       {text}"),
        Err(text) => {
            faults += 1;
            println!("FAULT    {text}");
        }
    };
    let secret = context::secret(storage);
    say(match &secret {
        Ok(_) => Ok("the installation's secret can be read".into()),
        Err(error) => Err(error.clone()),
    });
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
            let migrated = standing.as_ref().is_ok_and(|standing| standing.pending == 0);
            say(standing.and_then(|standing| match standing.pending {
                0 => Ok("all migrations of this program are applied".into()),
                count => Err(format!("{count} migrations are pending: liaison migrate")),
            }));
            match server(&mut connection).await {
                Ok(server) => report(&server, &mut say),
                Err(error) => say(Err(format!("the database does not answer: {error}"))),
            }
            if command.trusted_proxies.is_empty() {
                warn_of_unknown_proxy(&mut connection).await;
            }
            if let (true, Ok(secret)) = (migrated, &secret) {
                say(keys_open(&database.db, secret).await);
                clocks_of_instances(&mut connection).await;
            }
            primaries(&database.db, &mut say).await;
        }
    }
    database.close().await?;
    if faults == 0 {
        Ok(())
    } else {
        Err(format!("{faults} faults"))
    }
}

/// Where many accounts come from one address of the own network, a proxy stands there that nobody has named.
async fn warn_of_unknown_proxy(connection: &mut AsyncPgConnection) {
    let callers: diesel::QueryResult<Callers> = sql_query(
        "SELECT count(DISTINCT address) AS addresses, count(DISTINCT principal_name) AS accounts, min(address) AS address
         FROM (SELECT address, principal_name FROM audit_log WHERE address IS NOT NULL ORDER BY id DESC LIMIT 1000) AS lately",
    )
    .get_result(connection)
    .await;
    // Before the migrations there is no audit log, which is said above.
    let Ok(callers) = callers else { return };
    let address = callers.address.and_then(|address| address.parse::<IpAddr>().ok());
    if let Some(address) = address.filter(is_local)
        && callers.addresses == 1
        && callers.accounts >= 2
    {
        println!(
            "warning  all clients come from {address}: where a proxy stands there, name its network in LIAISON_TRUSTED_PROXIES, or a \
             few wrong passwords lock an account for everybody"
        );
    }
}

async fn server(connection: &mut AsyncPgConnection) -> diesel::QueryResult<Server> {
    sql_query(
        "SELECT current_setting('server_version_num')::int AS version,
                current_setting('server_encoding') AS encoding,
                coalesce((SELECT pg_has_role(relowner, 'MEMBER') FROM pg_class WHERE oid = to_regclass('audit_log')), false)
                    AS owns_audit_log,
                current_setting('fsync')::bool AS fsync, current_setting('full_page_writes')::bool AS full_page_writes,
                (SELECT coalesce(max(split_part(setting, '=', 2)), 'on') FROM pg_db_role_setting CROSS JOIN unnest(setconfig) AS setting
                 WHERE setting LIKE 'synchronous_commit=%' AND setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
                     AND setrole IN (0, (SELECT oid FROM pg_roles WHERE rolname = current_user))) AS commits,
                clock_timestamp() AS now",
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
    say(match (server.fsync, server.full_page_writes) {
        (true, true) => Ok("commits are durable".into()),
        (false, _) => Err("fsync is off: acknowledged data can be lost".into()),
        (true, false) => Err("full_page_writes is off: a crash can leave torn pages behind".into()),
    });
    if matches!(server.commits.as_str(), "off" | "local" | "remote_write") {
        println!(
            "warning  synchronous_commit is {} for the role or the database; the service's own sessions set it on",
            server.commits
        );
    }
    warn_of_clock("this machine's", Clock::system().now() - server.now);
    if server.owns_audit_log {
        println!(
            "warning  the service's role owns the audit log: give migrations a role of their own (docs/operations.md)"
        );
    }
}

fn warn_of_clock(whose: &str, ahead: TimeDelta) {
    if ahead.abs() >= CLOCK {
        let seconds = ahead.num_milliseconds() as f64 / 1_000.0;
        println!("warning  {whose} clock is {seconds:+.1} s off the database's: set it by NTP");
    }
}

/// Whoever runs beside this, with a clock that is wrong.
async fn clocks_of_instances(connection: &mut AsyncPgConnection) {
    let astray: Vec<Astray> = sql_query(
        "SELECT host, clock_ahead_ms FROM instances
         WHERE beat_at > clock_timestamp() - interval '1 minute' ORDER BY host, id",
    )
    .load(connection)
    .await
    .unwrap_or_default();
    for one in astray {
        let whose = format!("on {}, where an instance runs, the", one.host);
        warn_of_clock(&whose, TimeDelta::milliseconds(one.clock_ahead_ms));
    }
}

async fn keys_open(db: &Db, secret: &Secret) -> Result<String, String> {
    match keyring::prove(db, secret, Clock::system().now()).await {
        Ok(()) => Ok("the signing keys open with the secret".into()),
        Err(problem) => Err(problem
            .cause()
            .map_or_else(|| problem.to_string(), ToString::to_string)),
    }
}

/// Of several hosts one takes writes. Two that do are an old primary that nobody has fenced, and a new one: whatever the old one
/// takes is lost.
async fn primaries(db: &Db, say: &mut dyn FnMut(Result<String, String>)) {
    let connector = db.connector();
    if connector.addresses().len() < 2 {
        return;
    }
    let mut found: Vec<(String, String)> = Vec::new();
    for address in connector.addresses() {
        // Refused where it takes no writes.
        match connector.client_at(address, Purpose::Probe).await {
            Err(error) => println!("         {error}"),
            Ok((client, _)) => {
                let since = "SELECT pg_postmaster_start_time()::text";
                let since = client.query_one(since, &[]).await.map(|row| row.get(0));
                found.push((address.to_string(), since.unwrap_or_default()));
            }
        }
    }
    let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
    let others = found.iter().filter(|(_, since)| *since != found[0].1).count();
    say(match (found.len(), others) {
        (0, _) => Err("none of the hosts takes writes".to_owned()),
        (_, 0) => Ok(format!("one of the hosts takes writes: {}", names.join(", "))),
        _ => Err(format!(
            "{} all take writes: stop the old primary before it takes any more (docs/operations.md, Fencing)",
            names.join(", ")
        )),
    });
}
