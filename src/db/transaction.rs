//! One write: what it changes, its audit record and its event, all or nothing.

use super::{Db, Pooled};
use crate::events::{self, Change};
use crate::http::catalogue::Code;
use crate::http::problem::{Problem, Result};
use crate::http::request::RequestInfo;
use crate::policy::{Caller, Op, Operation, Permit};
use actix_web::HttpRequest;
use chrono::{DateTime, NaiveDate, Utc};
use diesel_async::pooled_connection::deadpool::Object;
use diesel_async::{AsyncConnection, AsyncPgConnection, TransactionManager};
use std::sync::Arc;
use std::time::Duration;
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
    pub now: DateTime<Utc>,
}

impl Origin {
    /// Of a public operation, whose caller the gate does not know.
    ///
    /// # Errors
    /// 500 outside `observe`.
    pub fn of_public(request: &HttpRequest, caller: Arc<Caller>, now: DateTime<Utc>) -> Result<Self> {
        let info =
            RequestInfo::of(request).ok_or_else(|| Problem::internal("a request outside `observe`"))?;
        Ok(Self {
            caller,
            request_id: info.id.clone(),
            address: info.address.map(|address| address.to_string()),
            now,
        })
    }

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
        }
    }
}

/// A transaction under way.
pub struct Tx<'c> {
    pub conn: &'c mut AsyncPgConnection,
    pub origin: &'c Origin,
    recorded: bool,
}

impl Tx<'_> {
    pub fn now(&self) -> DateTime<Utc> {
        self.origin.now
    }

    pub fn today(&self) -> NaiveDate {
        crate::clock::shanghai_day(self.origin.now)
    }

    /// The same transaction on another's behalf and at another time: demo content has a past.
    pub fn on_behalf<'a>(&'a mut self, origin: &'a Origin) -> Tx<'a> {
        Tx {
            conn: self.conn,
            origin,
            recorded: false,
        }
    }

    /// Says that there is nothing to put on record: an answer is only given again, or the runner keeps its own books.
    pub fn changes_nothing(&mut self) {
        self.recorded = true;
    }

    /// Puts a refusal on record that is to be committed: a failed log-in is counted although its answer is an error.
    pub async fn record_refusal(&mut self, op: Op, code: Code) -> Result<()> {
        self.recorded = true;
        events::record_refusal(self.conn, self.origin, op, code.as_str()).await
    }

    /// Writes the audit record and the event of a change.
    pub async fn record<O: Operation>(&mut self, permit: &Permit<O>, change: Change) -> Result<()> {
        self.recorded = true;
        events::record(self.conn, self.origin, permit.operation().id(), change).await
    }

    /// The same of what no operation has done, but time: a deadline that has passed.
    pub async fn record_of_time(&mut self, what: &'static str, change: Change) -> Result<()> {
        self.recorded = true;
        events::record(self.conn, self.origin, what, change).await
    }

    /// The same of many changes, of which the audit log alone tells.
    pub async fn record_all_of_time(&mut self, what: &'static str, changes: &[Change]) -> Result<()> {
        self.recorded = true;
        events::record_all(self.conn, self.origin, what, changes).await
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
        let mut connection = self.begin().await?;
        let mut tx = Tx {
            conn: &mut connection,
            origin,
            recorded: false,
        };
        let result = match work(&mut tx).await {
            Ok(_) if !tx.recorded => Err(Problem::internal("a write without its audit record")),
            result => result,
        };
        match result {
            Ok(value) => {
                Manager::commit_transaction(&mut *connection)
                    .await
                    .map_err(Problem::from)?;
                Ok(value)
            }
            Err(problem) => {
                if Manager::rollback_transaction(&mut *connection).await.is_err() {
                    // Whatever state it is in, nobody else shall have it.
                    drop(Object::take(connection));
                }
                Err(problem)
            }
        }
    }

    /// A connection with a transaction begun. A pooled connection may have died unseen, and with it all its siblings;
    /// nothing has happened on it yet, so another can take its place.
    async fn begin(&self) -> Result<Pooled> {
        let mut connection = self.get().await?;
        if Manager::begin_transaction(&mut *connection).await.is_ok() {
            return Ok(connection);
        }
        drop(Object::take(connection));
        self.forget_idle();
        let mut connection = self.get().await?;
        Manager::begin_transaction(&mut *connection)
            .await
            .map_err(Problem::from)?;
        Ok(connection)
    }
}
