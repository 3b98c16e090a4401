//! Migrations, built into the program. One instance at a time runs them, under an advisory lock.

use super::connect::{Connector, Purpose};
use diesel::Connection;
use diesel::connection::SimpleConnection;
use diesel_async::AsyncPgConnection;
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

pub const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations");

/// Any number, the same in every instance.
const LOCK: i64 = 0x6c69_6169_736f_6e01;

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
    connection.batch_execute(&format!(
        "SET statement_timeout = 0; SELECT pg_advisory_lock({LOCK})"
    ))?;
    let done = match direction {
        Direction::Up => connection
            .run_pending_migrations(MIGRATIONS)?
            .iter()
            .map(ToString::to_string)
            .collect(),
        Direction::Down(count) => {
            let mut done = Vec::new();
            for _ in 0..count {
                done.push(connection.revert_last_migration(MIGRATIONS)?.to_string());
            }
            done
        }
    };
    connection.batch_execute(&format!("SELECT pg_advisory_unlock({LOCK})"))?;
    Ok(done)
}

/// How many migrations are pending.
///
/// # Errors
/// A text for the person who asked.
pub async fn pending(connector: &Connector) -> Result<usize, String> {
    let (connection, _) = connector
        .connect(Purpose::Maintenance)
        .await
        .map_err(|error| error.to_string())?;
    tokio::task::spawn_blocking(move || {
        let mut connection: AsyncConnectionWrapper<AsyncPgConnection> = connection.into();
        connection
            .begin_test_transaction()
            .map_err(|error| error.to_string())?;
        connection
            .pending_migrations(MIGRATIONS)
            .map(|list| list.len())
            .map_err(|error| error.to_string())
    })
    .await
    .map_err(|error| error.to_string())?
}
