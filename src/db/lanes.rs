//! The shared connections of one worker for short reads.
//!
//! As a rule there is one, over which all reads are sent together. What is sent behind a read that waits for a lock, or behind one
//! that takes long, waits with it: so whoever comes while the server is silent takes another, by what it reads. A table that is
//! locked holds up those who read it, and nobody else for long.

use super::connect::{Connector, Purpose, Shared};
use super::{Db, unavailable};
use crate::http::catalogue::Code;
use crate::http::problem::Result;
use diesel_async::AsyncPgConnection;
use std::cell::RefCell;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::timeout;

/// Lanes beside the first, opened when they are needed: one for what belongs to no resource, the others by resource.
const BESIDE: usize = 8;

/// Silence on the first lane that makes others take one beside it. Most reads take a tenth of it.
const HELD_UP: Duration = Duration::from_millis(25);

/// Silence after which a connection is left to those who wait on it: a new one takes its place. It may have died unseen.
const LEFT: Duration = Duration::from_secs(1);

/// Connections that are left and not closed yet.
const LEFT_AT_ONCE: usize = 4;

/// What takes no time, such as a revision, is asked again elsewhere after this.
const BRIEF: Duration = Duration::from_millis(150);

#[derive(Default)]
struct Lane(Mutex<Option<Shared>>);

pub struct Reads {
    connector: Arc<Connector>,
    first: Lane,
    beside: [Lane; BESIDE],
    left: RefCell<Vec<Shared>>,
}

impl Reads {
    pub fn new(db: &Db) -> Self {
        Self {
            connector: db.connector().clone(),
            first: Lane::default(),
            beside: Default::default(),
            left: RefCell::default(),
        }
    }

    /// A connection for what belongs to no resource: rights, revisions, keys.
    ///
    /// # Errors
    /// `database_unavailable` where the database cannot be reached.
    pub async fn get(&self) -> Result<Shared> {
        self.get_for(0).await
    }

    /// A connection for reads of one topic, which any number stands for; 0 is no resource's.
    ///
    /// # Errors
    /// `database_unavailable` where the database cannot be reached.
    pub async fn get_for(&self, topic: usize) -> Result<Shared> {
        let held_up = match &*self.first.0.lock().await {
            Some(shared) => shared.is_open() && (HELD_UP..LEFT).contains(&shared.silent_for()),
            None => false,
        };
        let lane = match held_up {
            true if topic == 0 => &self.beside[0],
            true => &self.beside[1 + topic % (BESIDE - 1)],
            false => &self.first,
        };
        self.current(lane).await
    }

    /// A connection for the next rows of an export.
    ///
    /// # Errors
    /// `database_unavailable` where the database cannot be reached.
    pub async fn for_export(&self) -> Result<Shared> {
        self.get_for(usize::MAX).await
    }

    /// Answers a query that takes no time and may be asked twice; where it is not answered at once, it is held up by others, or
    /// its connection is dead.
    ///
    /// # Errors
    /// The query's, or `database_unavailable`.
    pub async fn brief<T>(&self, query: impl AsyncFn(&AsyncPgConnection) -> Result<T>) -> Result<T> {
        let shared = self.get().await?;
        match timeout(BRIEF, query(&shared)).await {
            Ok(Err(problem)) if problem.code() == Code::DatabaseUnavailable => {}
            Ok(answered) => return answered,
            Err(_) => {}
        }
        query(&*self.get().await?).await
    }

    /// The lane's connection, made anew where it has broken or is left.
    async fn current(&self, lane: &Lane) -> Result<Shared> {
        let mut current = lane.0.lock().await;
        if let Some(shared) = current.as_ref().filter(|shared| shared.is_open())
            && (shared.silent_for() < LEFT || !self.leave(shared))
        {
            return Ok(shared.clone());
        }
        let connected = self.connector.connect(Purpose::Read).await;
        let (connection, watch) = connected.map_err(unavailable)?;
        let shared = Shared::new(connection, watch);
        *current = Some(shared.clone());
        Ok(shared)
    }

    /// Whether one more may be left to those who wait on it.
    fn leave(&self, silent: &Shared) -> bool {
        let mut left = self.left.borrow_mut();
        left.retain(|shared| shared.is_open() && shared.is_in_use());
        let room = left.len() < LEFT_AT_ONCE;
        if room {
            left.push(silent.clone());
        }
        room
    }
}
