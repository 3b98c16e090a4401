//! Migrations, built into the program. One instance at a time runs them, under an advisory lock.

use super::baseline::{self, BEFORE, Place};
use super::connect::{Connector, Purpose};
use diesel::connection::SimpleConnection;
use diesel::migration::{Migration, MigrationSource};
use diesel::pg::Pg;
use diesel::sql_types::BigInt;
use diesel::{Connection, QueryableByName, RunQueryDsl};
use diesel_async::AsyncPgConnection;
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use std::time::Duration;

pub const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations");

/// Any number, the same in every instance.
const LOCK: i64 = 0x6c69_6169_736f_6e01;

const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// What to do.
#[derive(Clone, Copy, Debug)]
pub enum Direction {
    /// Apply what is pending.
    Up,
    /// Take back the last `n`.
    Down(usize),
}

/// Names of the migrations that were applied or taken back, in order.
///
/// # Errors
/// A text for the person who started it.
pub async fn migrate(connector: &Connector, direction: Direction) -> Result<Vec<String>, String> {
    let (connection, _) = connector
        .connect(Purpose::Maintenance)
        .await
        .map_err(|error| error.to_string())?;
    // diesel's harness blocks, and panics where the runtime has one thread: it gets a thread of its own.
    tokio::task::spawn_blocking(move || {
        let mut connection: AsyncConnectionWrapper<AsyncPgConnection> = connection.into();
        run(&mut connection, direction).map_err(|error| format!("migration: {error}"))
    })
    .await
    .map_err(|error| error.to_string())?
}

fn run(
    connection: &mut AsyncConnectionWrapper<AsyncPgConnection>,
    direction: Direction,
) -> diesel::migration::Result<Vec<String>> {
    // A long index build is no reason to give up; another instance's migration is worth waiting for.
    connection.batch_execute("SET statement_timeout = 0")?;
    // Asked for again and again: a statement that waits holds a snapshot, and an index that is built concurrently waits for that.
    while !diesel::select(try_lock(LOCK)).get_result::<bool>(connection)? {
        std::thread::sleep(LOOK_AGAIN);
    }
    if matches!(direction, Direction::Down(_)) {
        refuse_beside_a_service(connection)?;
    }
    let done = match direction {
        Direction::Up => {
            if connection.transaction(baseline::recognize)? {
                tracing::info!("the database of the release before is marked as at the baseline");
            }
            let applied = connection.run_pending_migrations(MIGRATIONS)?;
            applied.iter().map(ToString::to_string).collect()
        }
        Direction::Down(count) => {
            let mut done = Vec::new();
            if matches!(baseline::place(connection)?, Place::Before | Place::Elsewhere(_)) {
                return Err(
                    "it is not at this program's baseline: what migrated it can take that back".into(),
                );
            }
            if let Some(newer) = newer_than_the_program(connection)? {
                return Err(format!("{newer}: only the program that brought them can take them back").into());
            }
            for _ in 0..count {
                done.push(connection.revert_last_migration(MIGRATIONS)?.to_string());
            }
            done
        }
    };
    connection.batch_execute(&format!("SELECT pg_advisory_unlock({LOCK})"))?;
    Ok(done)
}

/// A service would answer 500 to everybody. Its sessions have the name that ours had before.
fn refuse_beside_a_service(
    connection: &mut AsyncConnectionWrapper<AsyncPgConnection>,
) -> diesel::migration::Result<()> {
    let services: Count = diesel::sql_query(
        "SELECT count(*) AS count FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid()
            AND application_name = current_setting('application_name')",
    )
    .get_result(connection)?;
    if services.count > 0 {
        return Err("a service is running on this database: stop it first".into());
    }
    // From now on it is told from a service that starts meanwhile, and waits for the lock.
    connection.batch_execute("SET application_name = 'liaison migrate'")?;
    Ok(())
}

#[diesel::declare_sql_function]
extern "SQL" {
    #[sql_name = "pg_try_advisory_lock"]
    fn try_lock(id: BigInt) -> Bool;
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// What there is to say of a database that a newer program has migrated.
fn newer_than_the_program(
    connection: &mut AsyncConnectionWrapper<AsyncPgConnection>,
) -> diesel::migration::Result<Option<String>> {
    let known: Vec<_> = MigrationSource::<Pg>::migrations(&MIGRATIONS)?
        .iter()
        .map(|one| one.name().version().as_owned())
        .collect();
    let mut unknown: Vec<String> = connection
        .applied_migrations()?
        .iter()
        .filter(|version| !known.contains(version))
        .map(ToString::to_string)
        .filter(|version| !BEFORE.contains(&version.as_str()))
        .collect();
    unknown.sort();
    Ok(unknown.last().map(|last| {
        format!(
            "the database is newer than this program ({}): it has {} migrations that the program does not know, the last {last}",
            env!("CARGO_PKG_VERSION"),
            unknown.len()
        )
    }))
}

/// What the migrations of a database are to this program.
#[derive(Debug, Default)]
pub struct Standing {
    /// How many are pending.
    pub pending: usize,
    /// What there is to say where the database is newer than the program.
    pub newer: Option<String>,
}

/// # Errors
/// A text for the person who asked: also where the program cannot go on from what the database has.
pub async fn standing(connector: &Connector) -> Result<Standing, String> {
    let (connection, _) = connector
        .connect(Purpose::Maintenance)
        .await
        .map_err(|error| error.to_string())?;
    tokio::task::spawn_blocking(move || {
        let mut connection: AsyncConnectionWrapper<AsyncPgConnection> = connection.into();
        connection
            .begin_test_transaction()
            .map_err(|error| error.to_string())?;
        let text = |error: Box<dyn std::error::Error + Send + Sync>| error.to_string();
        if let Place::Elsewhere(other) = baseline::place(&mut connection).map_err(text)? {
            return Err(other);
        }
        let pending = connection.pending_migrations(MIGRATIONS);
        let newer = newer_than_the_program(&mut connection);
        Ok(Standing {
            pending: pending.map_err(text)?.len(),
            newer: newer.map_err(text)?,
        })
    })
    .await
    .map_err(|error| error.to_string())?
}
