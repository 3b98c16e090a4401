//! One write: what it changes, its audit record and its event, all or nothing.

pub mod installation;
mod precondition;
pub mod record;

pub use precondition::Precondition;
pub use record::Change;

use crate::clock::Clock;
use crate::db::schema::users;
use crate::db::{AT_ONCE, Db, Pooled, unavailable};
use crate::policy::{Caller, Op, Operation, Permit};
use crate::problem::{Code, Problem, Result};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use diesel::prelude::*;
use diesel_async::pooled_connection::deadpool::Object;
use diesel_async::{AsyncConnection, AsyncPgConnection, TransactionManager};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;
use uuid::Uuid;

type Manager = <AsyncPgConnection as AsyncConnection>::TransactionManager;

/// Times that a transaction is tried which failed only because another ran beside it.
const TRIES: u32 = 4;

/// On whose behalf and in answer to what a transaction runs.
#[derive(Clone)]
pub struct Origin {
    pub caller: Arc<Caller>,
    pub request_id: String,
    pub address: Option<String>,
    /// When it was asked for.
    pub now: DateTime<Utc>,
    /// The clock that goes on meanwhile; none for what is told of another time.
    pub clock: Option<Clock>,
    /// As what the client knows what it changes.
    pub precondition: Precondition,
}

impl Origin {
    /// For what time does, by the runner.
    pub fn runner(now: DateTime<Utc>) -> Self {
        Self {
            caller: Caller::runner(),
            ..Self::command_line(now)
        }
    }

    /// For the commands of the program itself.
    pub fn command_line(now: DateTime<Utc>) -> Self {
        Self {
            caller: Caller::command_line(),
            request_id: Uuid::now_v7().to_string(),
            address: None,
            now,
            clock: None,
            precondition: Precondition::default(),
        }
    }
}

/// A transaction under way.
pub struct Tx<'c> {
    pub conn: &'c mut AsyncPgConnection,
    pub origin: &'c Origin,
    now: DateTime<Utc>,
    /// What the clock last said.
    clock: DateTime<Utc>,
    recorded: bool,
    /// Whether `If-Match` has been held against what is changed.
    matched: bool,
}

impl<'c> Tx<'c> {
    fn new(conn: &'c mut AsyncPgConnection, origin: &'c Origin) -> Self {
        Self {
            conn,
            origin,
            now: origin.now,
            clock: origin.now,
            recorded: false,
            matched: false,
        }
    }
}

impl Tx<'_> {
    /// The instant of what the transaction does: that of the request, or later where it had to wait for a row.
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// The day that the clock says, whatever instants are on record.
    pub fn today(&self) -> NaiveDate {
        crate::clock::shanghai_day(self.clock)
    }

    /// A row is held that was last changed at that instant. What is done to it now happens after that, whatever the clocks of
    /// several instances say, and not when the request came: it may have waited for who held the row before.
    pub fn holds(&mut self, changed_at: DateTime<Utc>) {
        if let Some(clock) = &self.origin.clock {
            self.clock = self.clock.max(clock.now());
        }
        let after = changed_at + TimeDelta::microseconds(1);
        self.now = self.now.max(after).max(self.clock);
    }

    /// Holds `If-Match` against the version of what is changed: 428 where an edit comes without, 412 where it is stale. After
    /// the caller's leave, before the state of the thing.
    ///
    /// # Errors
    /// Those.
    pub fn matches(&mut self, version: i64) -> Result<()> {
        self.matched = true;
        self.origin.precondition.check(version)
    }

    /// What the account that it runs for is called, as records name a person; its user name where it has no account.
    ///
    /// # Errors
    /// `database_unavailable`.
    pub async fn person(&mut self) -> Result<String> {
        let username = &self.origin.caller.username;
        let named = users::table
            .filter(users::username.eq(username))
            .select(users::display_name);
        let found = diesel_async::RunQueryDsl::first(named, self.conn)
            .await
            .optional()?;
        Ok(found.unwrap_or_else(|| username.clone()))
    }

    /// The same transaction on another's behalf and at another time: demo content has a past.
    pub fn on_behalf<'a>(&'a mut self, origin: &'a Origin) -> Tx<'a> {
        Tx::new(self.conn, origin)
    }

    /// Says that there is nothing to put on record: nothing is changed, or the runner keeps its own books.
    pub fn changes_nothing(&mut self) {
        self.recorded = true;
    }

    /// The same where an answer is only given again, whatever has become of the thing since.
    pub fn answers_again(&mut self) {
        self.recorded = true;
        self.matched = true;
    }

    /// What is left to look at when the work is done.
    fn check(&self) -> Result<()> {
        if !self.recorded {
            return Err(Problem::internal("a write without its audit record"));
        }
        // What has no version cannot be the one that was asked for.
        match self.matched {
            true => Ok(()),
            false => self.origin.precondition.check_unversioned(),
        }
    }

    /// Puts a refusal on record that is to be committed: a failed log-in is counted although its answer is an error.
    pub async fn record_refusal(&mut self, op: Op, code: Code) -> Result<()> {
        self.recorded = true;
        record::record_refusal(self.conn, self.origin, op, code.as_str()).await
    }

    /// Writes the audit record and the event of a change.
    pub async fn record<O: Operation>(&mut self, permit: &Permit<O>, change: Change) -> Result<()> {
        self.recorded = true;
        record::record(
            self.conn,
            (self.origin, self.now),
            permit.operation().id(),
            change,
        )
        .await
    }

    /// The same of what no operation has done, but time or the command line: a deadline that has passed, a key that was made.
    pub async fn record_of_time(&mut self, what: &'static str, change: Change) -> Result<()> {
        self.recorded = true;
        record::record(self.conn, (self.origin, self.now), what, change).await
    }

    /// The same of many changes, of which the audit log alone tells.
    pub async fn record_all_of_time(&mut self, what: &'static str, changes: &[Change]) -> Result<()> {
        self.recorded = true;
        record::record_all(self.conn, self.origin, what, changes).await
    }
}

/// A connection in the middle of a transaction. Where nobody goes on with it, since the client has gone or a job has come to its
/// limit, or where its end is not known, it is closed: back in the pool it would keep its locks until somebody draws it.
struct Begun(Option<Pooled>);

impl Begun {
    fn connection(&mut self) -> Result<&mut AsyncPgConnection> {
        let gone = || Problem::internal("a transaction without its connection");
        self.0.as_deref_mut().ok_or_else(gone)
    }

    /// The next may have it.
    fn end(mut self) {
        drop(self.0.take());
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        if let Some(connection) = self.0.take() {
            drop(Object::take(connection));
        }
    }
}

impl Db {
    /// Runs `work` in a transaction; runs it again where serialization or a deadlock was all that stood in its way.
    ///
    /// # Errors
    /// Those of `work`, with nothing written; `database_unavailable` where it is not known to have committed.
    pub async fn transaction<T>(
        &self,
        origin: &Origin,
        work: impl AsyncFn(&mut Tx<'_>) -> Result<T>,
    ) -> Result<T> {
        let mut tries = 0;
        loop {
            tries += 1;
            match self.try_transaction(origin, &work).await {
                Err(problem) if problem.is_retryable() && tries < TRIES => {
                    // Spread, so that those who collided do not meet again.
                    let spread = u64::from(Uuid::now_v7().as_bytes()[15]) % 16;
                    tokio::time::sleep(Duration::from_millis(u64::from(tries) * 5 + spread)).await;
                }
                done => return done,
            }
        }
    }

    async fn try_transaction<T>(
        &self,
        origin: &Origin,
        work: &impl AsyncFn(&mut Tx<'_>) -> Result<T>,
    ) -> Result<T> {
        let mut begun = Begun(Some(self.begin().await?));
        let connection = begun.connection()?;
        let mut tx = Tx::new(connection, origin);
        let result = match work(&mut tx).await {
            Ok(value) => tx.check().map(|()| value),
            result => result,
        };
        match result {
            Ok(value) => {
                Manager::commit_transaction(connection)
                    .await
                    .map_err(Problem::from)?;
                begun.end();
                Ok(value)
            }
            Err(problem) => {
                if Manager::rollback_transaction(connection).await.is_ok() {
                    begun.end();
                }
                Err(problem)
            }
        }
    }

    /// A connection with a transaction begun. Nothing has happened on it yet, so another can take the place of one that is dead.
    async fn begin(&self) -> Result<Pooled> {
        if self.is_unreplicated() {
            return Err(Problem::new(Code::DatabaseUnavailable)
                .source("commits wait for a standby that does not answer")
                .retry_after(5));
        }
        let mut connection = self.pool().get().await.map_err(unavailable)?;
        let begun = Manager::begin_transaction(&mut *connection);
        if let Ok(Ok(())) = timeout(AT_ONCE, begun).await {
            return Ok(connection);
        }
        let mut connection = self.another(connection).await?;
        Manager::begin_transaction(&mut *connection)
            .await
            .map_err(Problem::from)?;
        Ok(connection)
    }
}
