//! Whether the database serves: looked at over connections that nothing else uses, so that what waits elsewhere does not wait
//! here, and what is stuck here holds up nobody.
//!
//! That reads work says nothing of writes: a database may be read-only, a standby, or full, and its commits may wait for a
//! standby that is dead. So each instance writes its row in `instances` every few seconds.

use crate::clock::Clock;
use crate::db::Db;
use crate::db::connect::Purpose;
use crate::db::errors::sqlstate;
use crate::files::Files;
use crate::language::Text;
use crate::problem::{Problem, Result};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::sql_types::{BigInt, Bool, Integer, Nullable, Text as SqlText, Timestamptz, Uuid as SqlUuid};
use diesel::{OptionalExtension, QueryableByName, sql_query};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::Mutex;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use uuid::Uuid;

/// How often an instance looks by itself.
pub const PERIOD: Duration = Duration::from_secs(2);
/// Who asks more often gets what was found last.
const AGE: Duration = Duration::from_millis(500);
/// Between two writes that prove that there can be any.
const WRITES: Duration = Duration::from_secs(5);
/// What is not there by then is missing.
const LIMIT: Duration = Duration::from_secs(2);
/// A write that has not come back by then is left, unless it is known what it waits for.
const LOST: Duration = Duration::from_secs(15);
/// A store of files that has not answered is left alone for so long.
const FILES: Duration = Duration::from_secs(30);
/// An event that has waited for its place for so long is worth a word.
pub const LAG: Duration = Duration::from_secs(10);
/// The clock of the machine is as good as the database's.
pub const CLOCK: TimeDelta = TimeDelta::seconds(1);

/// Why the database does not serve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    Unreachable,
    Silent,
    ReadOnly,
    Standby,
    Full,
    Unreplicated,
    Locked,
    Other,
}

impl Fault {
    fn of(problem: &Problem, standby: bool) -> Self {
        match sqlstate(problem) {
            Some("25006") if standby => Self::Standby,
            Some("25006") => Self::ReadOnly,
            Some("53100") => Self::Full,
            Some("55P03") => Self::Locked,
            Some(_) => Self::Other,
            None => Self::Unreachable,
        }
    }

    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Unreachable => ("数据库无法连接", "the database cannot be reached"),
            Self::Silent => ("数据库没有应答", "the database does not answer"),
            Self::ReadOnly => ("数据库为只读", "the database is read-only"),
            Self::Standby => (
                "所连接的是备库，不接受写入",
                "the database is a standby, which takes no writes",
            ),
            Self::Full => ("数据库磁盘已满", "the database's disk is full"),
            Self::Unreplicated => (
                "提交在等待没有应答的同步备库",
                "commits wait for a synchronous standby that does not answer",
            ),
            Self::Locked => ("数据库的表被锁定", "a table of the database is locked"),
            Self::Other => ("数据库报错", "the database answers with an error"),
        }
    }
}

/// What was found last.
#[derive(Clone, Debug, Default)]
pub struct Report {
    pub reads: Option<Fault>,
    /// Looked at where reads work.
    pub writes: Option<Fault>,
    /// By how much the machine's clock is ahead of the database's.
    pub clock_ahead: TimeDelta,
    /// How long the first event that has no place yet has been waiting.
    pub events_wait: Duration,
    /// The store of attached files is not this database's.
    pub files_missing: bool,
}

impl Report {
    /// What is told where the database does not serve.
    pub fn refusal(&self) -> Option<Text> {
        let text = |zh: &str, en: &str, fault: Fault| {
            let (fault_zh, fault_en) = fault.words();
            Text::new(format!("{zh}：{fault_zh}。"), format!("{en}: {fault_en}."))
        };
        match (self.reads, self.writes) {
            (Some(fault), _) => Some(text("无法读取数据库", "The database cannot be read", fault)),
            (None, Some(fault)) => Some(text(
                "可以读取，无法写入",
                "It can be read and not written",
                fault,
            )),
            (None, None) => None,
        }
    }
}

pub struct Health {
    id: Uuid,
    host: String,
    began: DateTime<Utc>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    report: Report,
    looked_at: Option<Instant>,
    reader: Option<AsyncPgConnection>,
    standby: bool,
    /// The first event without a place, and since when.
    waiting: Option<(i64, Instant)>,
    files_silent_at: Option<Instant>,
    writer: Writer,
}

type Written = (Option<AsyncPgConnection>, Result<()>);

#[derive(Default)]
struct Writer {
    kept: Option<AsyncPgConnection>,
    under_way: Option<(JoinHandle<Written>, Instant)>,
    /// The server's process that carries it out.
    process: Arc<AtomicI32>,
    succeeded_at: Option<Instant>,
}

#[derive(QueryableByName)]
struct Seen {
    #[diesel(sql_type = Timestamptz)]
    now: DateTime<Utc>,
    #[diesel(sql_type = Bool)]
    standby: bool,
}

#[derive(QueryableByName)]
struct First {
    #[diesel(sql_type = Nullable<BigInt>)]
    seq: Option<i64>,
}

#[derive(QueryableByName)]
struct Process {
    #[diesel(sql_type = Integer)]
    id: i32,
}

#[derive(QueryableByName)]
struct Wait {
    #[diesel(sql_type = Bool)]
    for_standby: bool,
}

impl Health {
    pub fn new(now: DateTime<Utc>) -> Self {
        let host = nix::unistd::gethostname().unwrap_or_default();
        Self {
            id: Uuid::now_v7(),
            host: host.to_string_lossy().into_owned(),
            began: now,
            state: Mutex::default(),
        }
    }

    /// Looks, unless somebody just has.
    pub async fn look(&self, db: &Db, clock: &Clock, files: &Files) -> Report {
        let mut state = self.state.lock().await;
        if state.looked_at.is_some_and(|at| at.elapsed() < AGE) {
            return state.report.clone();
        }
        let mut report = Report::default();
        match state.read(db, clock).await {
            Err(fault) => report.reads = Some(fault),
            Ok(clock_ahead) => {
                report.clock_ahead = clock_ahead;
                report.events_wait = state.events(db).await;
                report.writes = state.write(self, db, clock_ahead).await.err();
                report.files_missing = state.files(db, files).await;
            }
        }
        if report.reads.is_none() {
            let unreplicated = report.writes == Some(Fault::Unreplicated);
            db.set_unreplicated(unreplicated);
        }
        state.tell(&report);
        state.looked_at = Some(Instant::now());
        state.report = report.clone();
        report
    }
}

impl State {
    /// Said once for each time that something changes.
    fn tell(&self, report: &Report) {
        let before = &self.report;
        match (before.refusal(), report.refusal()) {
            (None, Some(text)) => tracing::error!(reason = %text.en, "not ready"),
            (Some(_), None) => tracing::info!("ready again"),
            _ => {}
        }
        if before.clock_ahead.abs() < CLOCK && report.clock_ahead.abs() >= CLOCK {
            let seconds = report.clock_ahead.num_milliseconds() as f64 / 1_000.0;
            tracing::warn!(
                seconds,
                "the machine's clock is off by this much; the database's time is used"
            );
        }
        if !before.files_missing && report.files_missing {
            tracing::error!(
                "the store of attached files is not this database's: nothing is kept or read there"
            );
        }
    }

    /// Proves that reads work, and takes the database's time.
    async fn read(&mut self, db: &Db, clock: &Clock) -> std::result::Result<TimeDelta, Fault> {
        let known = self.reader.is_some();
        match self.seen(db, clock).await {
            // It may have died long ago.
            Err(_) if known => self.seen(db, clock).await,
            seen => seen,
        }
    }

    async fn seen(&mut self, db: &Db, clock: &Clock) -> std::result::Result<TimeDelta, Fault> {
        let asked = Instant::now();
        let mut reader = match self.reader.take() {
            Some(reader) => reader,
            None => match timeout(LIMIT, db.of_ones_own(Purpose::Probe)).await {
                Ok(connected) => connected.map_err(|_| Fault::Unreachable)?,
                Err(_) => return Err(Fault::Silent),
            },
        };
        let query = sql_query("SELECT clock_timestamp() AS now, pg_is_in_recovery() AS standby");
        let seen: Seen = match timeout(LIMIT, query.get_result(&mut reader)).await {
            Ok(seen) => seen.map_err(|error| Fault::of(&error.into(), false))?,
            Err(_) => return Err(Fault::Silent),
        };
        // Somewhere between question and answer.
        let way = asked.elapsed() / 2;
        let heard = Instant::now().checked_sub(way).unwrap_or(asked);
        self.reader = Some(reader);
        self.standby = seen.standby;
        Ok(clock.follow(seen.now, heard))
    }

    /// Whether the store of attached files is missing. One that does not answer is not waited for, nor asked each time.
    async fn files(&mut self, db: &Db, files: &Files) -> bool {
        if self.files_silent_at.is_some_and(|at| at.elapsed() < FILES) {
            return true;
        }
        let proven = timeout(LIMIT / 2, files.prove(db)).await;
        self.files_silent_at = proven.is_err().then(Instant::now);
        !matches!(proven, Ok(Ok(())))
    }

    /// How long the first event has been waiting for its place.
    async fn events(&mut self, db: &Db) -> Duration {
        let query = sql_query("SELECT min(seq) AS seq FROM events WHERE position IS NULL");
        let first: Option<First> = self.ask(db, query).await;
        self.waiting = match (first.and_then(|first| first.seq), self.waiting) {
            (None, _) => None,
            (Some(seq), Some((known, since))) if seq == known => Some((seq, since)),
            (Some(seq), _) => Some((seq, Instant::now())),
        };
        self.waiting.map_or(Duration::ZERO, |(_, since)| since.elapsed())
    }

    /// Something beside the proof itself; none where it cannot be told.
    async fn ask<Q, T>(&mut self, db: &Db, query: Q) -> Option<T>
    where
        Q: diesel_async::methods::LoadQuery<'static, AsyncPgConnection, T> + Send + 'static,
        T: Send + 'static,
    {
        let mut reader = match self.reader.take() {
            Some(reader) => reader,
            None => timeout(LIMIT, db.of_ones_own(Purpose::Probe)).await.ok()?.ok()?,
        };
        let answer = timeout(LIMIT, query.get_result(&mut reader)).await.ok()?;
        self.reader = Some(reader);
        answer.optional().ok().flatten()
    }

    /// Proves that writes work.
    async fn write(
        &mut self,
        health: &Health,
        db: &Db,
        clock_ahead: TimeDelta,
    ) -> std::result::Result<(), Fault> {
        if self.writer.under_way.is_none() {
            if self.writer.succeeded_at.is_some_and(|at| at.elapsed() < WRITES) {
                return Ok(());
            }
            let beat = beat(
                db.clone(),
                self.writer.kept.take(),
                self.writer.process.clone(),
                (health.id, health.host.clone(), health.began),
                clock_ahead,
            );
            self.writer.under_way = Some((tokio::spawn(beat), Instant::now()));
        }
        let Some((mut task, began)) = self.writer.under_way.take() else {
            return Ok(());
        };
        match timeout(LIMIT.saturating_sub(began.elapsed()), &mut task).await {
            Ok(Ok((connection, Ok(())))) => {
                self.writer.kept = connection;
                self.writer.succeeded_at = Some(Instant::now());
                Ok(())
            }
            Ok(Ok((_, Err(problem)))) => {
                tracing::debug!(%problem, "the proof that the database takes writes");
                self.writer.succeeded_at = None;
                Err(Fault::of(&problem, self.standby))
            }
            Ok(Err(_)) => Err(Fault::Other),
            Err(_) => {
                self.writer.succeeded_at = None;
                let fault = self.what_it_waits_for(db).await;
                // Its connection is kept: each new one would leave a process of the server waiting for ever.
                if fault == Fault::Unreplicated || began.elapsed() < LOST {
                    self.writer.under_way = Some((task, began));
                } else {
                    task.abort();
                }
                Err(fault)
            }
        }
    }

    async fn what_it_waits_for(&mut self, db: &Db) -> Fault {
        let query = sql_query(
            "SELECT coalesce(wait_event = 'SyncRep', false) AS for_standby FROM pg_stat_activity WHERE pid = $1",
        )
        .bind::<Integer, _>(AtomicI32::load(&self.writer.process, Ordering::Relaxed));
        match self.ask::<_, Wait>(db, query).await {
            Some(Wait { for_standby: true }) => Fault::Unreplicated,
            _ => Fault::Silent,
        }
    }
}

async fn beat(
    db: Db,
    kept: Option<AsyncPgConnection>,
    process: Arc<AtomicI32>,
    instance: (Uuid, String, DateTime<Utc>),
    clock_ahead: TimeDelta,
) -> Written {
    let ahead = clock_ahead.num_milliseconds();
    if let Some(mut connection) = kept
        && write_row(&mut connection, &process, &instance, ahead)
            .await
            .is_ok()
    {
        return (Some(connection), Ok(()));
    }
    match db.of_ones_own(Purpose::Commit).await {
        Ok(mut connection) => {
            let written = write_row(&mut connection, &process, &instance, ahead).await;
            (Some(connection), written)
        }
        Err(problem) => (None, Err(problem)),
    }
}

async fn write_row(
    connection: &mut AsyncPgConnection,
    process: &AtomicI32,
    (id, host, began): &(Uuid, String, DateTime<Utc>),
    clock_ahead_ms: i64,
) -> Result<()> {
    let serving: Process = sql_query("SELECT pg_backend_pid() AS id")
        .get_result(connection)
        .await?;
    process.store(serving.id, Ordering::Relaxed);
    sql_query(
        "INSERT INTO instances (id, host, started_at, beat_at, clock_ahead_ms) VALUES ($1, $2, $3, clock_timestamp(), $4)
         ON CONFLICT (id) DO UPDATE SET beat_at = excluded.beat_at, clock_ahead_ms = excluded.clock_ahead_ms",
    )
    .bind::<SqlUuid, _>(id)
    .bind::<SqlText, _>(host)
    .bind::<Timestamptz, _>(began)
    .bind::<BigInt, _>(clock_ahead_ms)
    .execute(connection)
    .await?;
    Ok(())
}
