//! PostgreSQL: how the service reaches it, and how it is migrated.
//!
//! Reads share one pipelined connection a worker (`reads`); transactions take one of their own from a pool. On the
//! shared one there is never a `BEGIN`, `SET`, `LISTEN` or cursor.

pub mod connect;
pub mod count;
pub mod embedded;
pub mod fragment;
pub mod installation;
pub mod joined;
mod joins;
pub mod migrate;
pub mod parts;
pub mod pattern;
pub mod rung;
pub mod schema;
pub mod transaction;

use crate::config::Storage;
use crate::http::problem::{Problem, Result};
use connect::Connector;
use diesel_async::AsyncPgConnection;
use diesel_async::pooled_connection::deadpool::{Object, Pool};
use diesel_async::pooled_connection::{AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod};
use futures_util::FutureExt;
use std::sync::Arc;
use std::time::Duration;

/// The database of one instance.
#[derive(Clone)]
pub struct Db {
    connector: Arc<Connector>,
    pool: Pool<AsyncPgConnection>,
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
        let mut config = ManagerConfig::default();
        let for_pool = connector.clone();
        config.custom_setup = Box::new(move |_| {
            let connector = for_pool.clone();
            async move { connector.connect().await.map(|(connection, _)| connection) }.boxed()
        });
        // No query to test a connection before each use: a transaction that cannot begin is begun anew elsewhere.
        config.recycling_method = RecyclingMethod::Fast;
        let manager = AsyncDieselConnectionManager::new_with_config(String::new(), config);
        let wait = Some(Duration::from_secs(3));
        let pool = Pool::builder(manager)
            .max_size(storage.database_pool as usize)
            .wait_timeout(wait)
            .create_timeout(wait)
            .runtime(deadpool::Runtime::Tokio1)
            .build()
            .map_err(|error| error.to_string())?;
        Ok(Self { connector, pool })
    }

    /// A connection for a transaction.
    ///
    /// # Errors
    /// `database_unavailable` where none can be had in time.
    pub async fn get(&self) -> Result<Pooled> {
        self.pool.get().await.map_err(unavailable)
    }

    /// Forgets the pooled connections that nobody uses: after one was found dead, its siblings are too.
    pub fn forget_idle(&self) {
        self.pool.retain(|_, _| false);
    }

    pub fn connector(&self) -> &Arc<Connector> {
        &self.connector
    }
}

fn unavailable(error: impl std::error::Error + Send + Sync + 'static) -> Problem {
    Problem::new(crate::http::catalogue::Code::DatabaseUnavailable)
        .source(error)
        .retry_after(2)
}

/// The shared connection of one worker for short reads.
pub struct Reads {
    connector: Arc<Connector>,
    current: tokio::sync::Mutex<Option<connect::Shared>>,
}

impl Reads {
    pub fn new(db: &Db) -> Self {
        Self {
            connector: db.connector().clone(),
            current: tokio::sync::Mutex::new(None),
        }
    }

    /// The connection, made anew where it has broken.
    ///
    /// # Errors
    /// `database_unavailable` where the database cannot be reached.
    pub async fn get(&self) -> Result<connect::Shared> {
        let mut current = self.current.lock().await;
        if let Some(shared) = current.as_ref().filter(|shared| shared.is_open()) {
            return Ok(shared.clone());
        }
        let (connection, open) = self.connector.connect().await.map_err(unavailable)?;
        let shared = connect::Shared::new(connection, open);
        *current = Some(shared.clone());
        Ok(shared)
    }
}
