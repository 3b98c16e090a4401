//! PostgreSQL: how the service reaches it, and how it is migrated.
//!
//! Reads share one pipelined connection a worker (`reads`); transactions take one of their own from a pool, log-ins from a
//! smaller one of theirs. On a shared one there is never a `BEGIN`, `SET`, `LISTEN` or cursor.

pub mod baseline;
pub mod bound;
pub mod connect;
pub mod count;
pub mod dial;
pub mod embedded;
pub mod errors;
pub mod fragment;
pub mod joined;
mod joins;
pub mod lanes;
pub mod migrate;
pub mod parts;
pub mod pattern;
pub mod rung;
pub mod schema;
pub mod turns;
pub mod wire;

pub use lanes::Reads;

use crate::config::Storage;
use crate::problem::{Code, Problem, Result};
use connect::{Connector, Purpose};
use diesel_async::pooled_connection::deadpool::{Object, Pool};
use diesel_async::pooled_connection::{AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod};
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use futures_util::FutureExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::time::timeout;
use turns::Turns;

/// How long a pooled connection is waited for.
const WAIT: Duration = Duration::from_secs(3);

/// Nothing has been heard on a pooled connection for so long that it may have gone silent.
const IDLE: Duration = Duration::from_secs(1);

/// What waits for no lock is answered within this time, or never.
pub(crate) const AT_ONCE: Duration = Duration::from_secs(2);

/// The database of one instance.
#[derive(Clone)]
pub struct Db {
    connector: Arc<Connector>,
    pool: Pool<AsyncPgConnection>,
    log_ins: Pool<AsyncPgConnection>,
    turns: Arc<Turns>,
    /// Commits wait for a standby that does not answer.
    unreplicated: Arc<AtomicBool>,
}

/// A connection of one's own, for a transaction.
pub type Pooled = Object<AsyncPgConnection>;

impl Db {
    /// Connects lazily: it can be made while the database is away.
    ///
    /// # Errors
    /// A text for the person who starts the program: the URL or the certificates cannot be used.
    pub fn new(url: &str, storage: &Storage) -> std::result::Result<Self, String> {
        let connector = Arc::new(Connector::new(url, storage)?);
        let size = storage.database_pool as usize;
        Ok(Self {
            pool: pool(&connector, size)?,
            log_ins: pool(&connector, turns::share(size))?,
            turns: Arc::new(Turns::new(size)),
            unreplicated: Arc::default(),
            connector,
        })
    }

    /// The same database over the connections that are kept for log-ins: nobody else's writes keep people out.
    pub fn for_log_ins(&self) -> Self {
        Self {
            pool: self.log_ins.clone(),
            ..self.clone()
        }
    }

    /// A connection for a transaction.
    ///
    /// # Errors
    /// `database_unavailable` where none can be had in time.
    pub async fn get(&self) -> Result<Pooled> {
        let mut connection = self.pool.get().await.map_err(unavailable)?;
        if Object::metrics(&connection).last_used() < IDLE {
            return Ok(connection);
        }
        match timeout(AT_ONCE, connection.batch_execute("")).await {
            Ok(Ok(())) => Ok(connection),
            _ => self.another(connection).await,
        }
    }

    /// A pooled connection may have died unseen, or have gone silent, and with it all its siblings: another in its place.
    pub(crate) async fn another(&self, dead: Pooled) -> Result<Pooled> {
        drop(Object::take(dead));
        self.pool.retain(|_, _| false);
        self.pool.get().await.map_err(unavailable)
    }

    /// A connection beside the pool.
    ///
    /// # Errors
    /// `database_unavailable` where none can be had in time.
    pub async fn of_ones_own(&self, purpose: Purpose) -> Result<AsyncPgConnection> {
        let connected = self.connector.connect(purpose).await;
        connected.map(|(connection, _)| connection).map_err(unavailable)
    }

    pub fn connector(&self) -> &Arc<Connector> {
        &self.connector
    }

    /// Begins no transaction while commits wait for a standby: each would leave a process of the server waiting, until the
    /// server has none left for those who read.
    pub fn set_unreplicated(&self, unreplicated: bool) {
        self.unreplicated.store(unreplicated, Ordering::Relaxed);
    }

    pub(crate) fn pool(&self) -> &Pool<AsyncPgConnection> {
        &self.pool
    }

    pub(crate) fn is_unreplicated(&self) -> bool {
        self.unreplicated.load(Ordering::Relaxed)
    }

    /// Who may write now, so that one row that is locked does not hold up all.
    pub fn turns(&self) -> &Arc<Turns> {
        &self.turns
    }
}

fn pool(connector: &Arc<Connector>, size: usize) -> std::result::Result<Pool<AsyncPgConnection>, String> {
    let mut config = ManagerConfig::default();
    let connector = connector.clone();
    config.custom_setup = Box::new(move |_| {
        let connector = connector.clone();
        async move {
            let connected = connector.connect(Purpose::Write).await;
            connected.map(|(connection, _)| connection)
        }
        .boxed()
    });
    // No query to test a connection before each use: a transaction that cannot begin is begun anew elsewhere.
    config.recycling_method = RecyclingMethod::Fast;
    let manager = AsyncDieselConnectionManager::new_with_config(String::new(), config);
    Pool::builder(manager)
        .max_size(size)
        .wait_timeout(Some(WAIT))
        // The connector has its own limit, for each host.
        .create_timeout(Some(2 * WAIT))
        .runtime(deadpool::Runtime::Tokio1)
        .build()
        .map_err(|error| error.to_string())
}

pub(crate) fn unavailable(error: impl std::error::Error + Send + Sync + 'static) -> Problem {
    Problem::new(Code::DatabaseUnavailable)
        .source(error)
        .retry_after(2)
}
