//! The shared connections of one worker for short reads.
//!
//! As a rule there is one, over which all reads are sent together. What is sent behind a read that waits for a lock, or behind one
//! that takes long, waits with it: so whoever comes while the server is silent takes another, by what it reads. A table that is
//! locked holds up those who read it, and nobody else for long.

use super::connect::{Connector, Purpose, Shared};
use super::{Db, unavailable};
use crate::problem::{Code, Result};
use diesel_async::AsyncPgConnection;
use futures_util::FutureExt;
use futures_util::future::{LocalBoxFuture, Shared as Joint};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::time::timeout;

/// Lanes beside the first, opened when they are needed; more topics than there are lanes share them.
const BESIDE: usize = 8;

/// What has not been needed for so long is closed.
const IDLE: Duration = Duration::from_secs(60);

/// Silence on the first lane that makes others take one beside it. Most reads take a twentieth of it.
const HELD_UP: Duration = Duration::from_millis(50);

/// Silence after which a connection is left to those who wait on it: a new one takes its place. It may have died unseen.
const LEFT: Duration = Duration::from_secs(1);

/// Connections that are left and not closed yet.
const LEFT_AT_ONCE: usize = 4;

/// What takes no time, such as a revision, is asked again elsewhere after this.
const BRIEF: Duration = Duration::from_millis(150);

/// A connection that is being made, for all who wait for it. No lock is held meanwhile: whoever gives up waiting may be kept, and
/// carried on by nobody.
type Connecting = Joint<LocalBoxFuture<'static, std::result::Result<Shared, String>>>;

#[derive(Default)]
struct Lane {
    current: RefCell<Option<Shared>>,
    connecting: RefCell<Option<Connecting>>,
}

impl Lane {
    fn open(&self) -> Option<Shared> {
        self.current.borrow().clone().filter(Shared::is_open)
    }

    fn is_held_up(&self) -> bool {
        self.open()
            .is_some_and(|shared| (HELD_UP..LEFT).contains(&shared.silent_for()))
    }

    /// A new connection in place of the current one.
    async fn connect(&self, connector: &Arc<Connector>) -> std::result::Result<Shared, String> {
        let connecting = self
            .connecting
            .borrow_mut()
            .get_or_insert_with(|| {
                let connector = connector.clone();
                let connect = async move {
                    let connected = connector.connect(Purpose::Read).await;
                    let (connection, watch) = connected.map_err(|error| error.to_string())?;
                    Ok(Shared::new(connection, watch))
                };
                connect.boxed_local().shared()
            })
            .clone();
        let connected = connecting.clone().await;
        let mut known = self.connecting.borrow_mut();
        if known.as_ref().is_some_and(|known| known.ptr_eq(&connecting)) {
            *known = None;
            *self.current.borrow_mut() = connected.clone().ok();
        }
        connected
    }
}

pub struct Reads {
    connector: Arc<Connector>,
    first: Lane,
    beside: RefCell<Vec<(&'static str, Rc<Lane>)>>,
    last_beside: Cell<Instant>,
    left: RefCell<Vec<Shared>>,
}

impl Reads {
    pub fn new(db: &Db) -> Self {
        Self {
            connector: db.connector().clone(),
            first: Lane::default(),
            beside: RefCell::default(),
            last_beside: Cell::new(Instant::now()),
            left: RefCell::default(),
        }
    }

    /// A connection for what belongs to no resource: rights, revisions, keys.
    ///
    /// # Errors
    /// `database_unavailable` where the database cannot be reached.
    pub async fn get(&self) -> Result<Shared> {
        self.get_for("").await
    }

    /// A connection for reads of one topic: a resource, as a rule.
    ///
    /// # Errors
    /// `database_unavailable` where the database cannot be reached.
    pub async fn get_for(&self, topic: &'static str) -> Result<Shared> {
        // What is held up beside the first is not to hold up the first, too.
        let own_is_held_up = self.known_beside(topic).is_some_and(|lane| lane.is_held_up());
        if own_is_held_up || self.first.is_held_up() {
            return self.current(&self.lane_beside(topic)).await;
        }
        if self.last_beside.get().elapsed() > IDLE {
            self.beside.borrow_mut().clear();
        }
        self.current(&self.first).await
    }

    fn known_beside(&self, topic: &str) -> Option<Rc<Lane>> {
        let beside = self.beside.borrow();
        let known = beside.iter().find(|(other, _)| *other == topic);
        known.map(|(_, lane)| lane.clone())
    }

    fn lane_beside(&self, topic: &'static str) -> Rc<Lane> {
        self.last_beside.set(Instant::now());
        if let Some(lane) = self.known_beside(topic) {
            return lane;
        }
        let mut beside = self.beside.borrow_mut();
        let lane = match beside.len() {
            count if count < BESIDE => Rc::new(Lane::default()),
            count => beside[count % BESIDE].1.clone(),
        };
        beside.push((topic, lane.clone()));
        lane
    }

    /// A connection for the next rows of an export.
    ///
    /// # Errors
    /// `database_unavailable` where the database cannot be reached.
    pub async fn for_export(&self) -> Result<Shared> {
        self.get_for("exports").await
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

    /// The lane's connection, replaced where it has broken or is left.
    async fn current(&self, lane: &Lane) -> Result<Shared> {
        if let Some(shared) = lane.open()
            && (shared.silent_for() < LEFT || !self.leave(&shared))
        {
            return Ok(shared);
        }
        match lane.connect(&self.connector).await {
            Ok(shared) if shared.is_open() => Ok(shared),
            // It was begun by somebody who has given up since, and has got too old.
            _ => {
                let connected = lane.connect(&self.connector).await;
                connected.map_err(|error| unavailable(std::io::Error::other(error)))
            }
        }
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
