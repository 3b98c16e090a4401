//! The one source of time. Every rule reads it from here, so that tests can set it.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Instant;

/// Seconds by which Asia/Shanghai is ahead of UTC; it has had no daylight saving since 1991.
const SHANGHAI_OFFSET: i32 = 8 * 3600;

/// Instances and database have one time, whatever the clocks of their machines say: that of the database, as far as it is known.
#[derive(Clone)]
pub struct Clock(Arc<Source>);

enum Source {
    /// The machine's clock, until the database's is known; then that, carried on by a timer that nobody sets.
    Machine {
        /// By how much the machine's clock is wrong, in a test of that.
        error: TimeDelta,
        /// The database's time at `BEGINNING`, in microseconds; 0 until it is known.
        beginning: AtomicI64,
    },
    Fixed(AtomicI64),
}

static BEGINNING: LazyLock<Instant> = LazyLock::new(Instant::now);

/// What a measurement over the network may be wrong by: less is no difference.
const TOLERANCE: TimeDelta = TimeDelta::milliseconds(100);

impl Default for Clock {
    fn default() -> Self {
        Self::system()
    }
}

impl Clock {
    /// The machine's time, until it is set by the database's.
    pub fn system() -> Self {
        Self::wrong_by(TimeDelta::zero())
    }

    /// The same on a machine whose clock is ahead.
    pub fn wrong_by(error: TimeDelta) -> Self {
        Self(Arc::new(Source::Machine {
            error,
            beginning: AtomicI64::new(0),
        }))
    }

    /// A clock that stands where it is set.
    pub fn fixed(at: DateTime<Utc>) -> Self {
        Self(Arc::new(Source::Fixed(AtomicI64::new(at.timestamp_micros()))))
    }

    /// Sets a fixed clock, for all who share it; the machine's time cannot be set.
    pub fn set(&self, at: DateTime<Utc>) {
        if let Source::Fixed(fixed) = &*self.0 {
            fixed.store(at.timestamp_micros(), Ordering::SeqCst);
        }
    }

    pub fn now(&self) -> DateTime<Utc> {
        match &*self.0 {
            Source::Fixed(at) => instant(at.load(Ordering::SeqCst)),
            Source::Machine { error, beginning } => match beginning.load(Ordering::Relaxed) {
                0 => machine(*error),
                known => instant(known + since_beginning(*BEGINNING)),
            },
        }
    }

    /// Takes the database's time, which it was `heard` then; answers by how much the machine's clock is ahead of it. A clock that
    /// stands stays.
    pub fn follow(&self, database: DateTime<Utc>, heard: Instant) -> TimeDelta {
        let Source::Machine { error, beginning } = &*self.0 else {
            return TimeDelta::zero();
        };
        let lag = TimeDelta::from_std(heard.elapsed()).unwrap_or_default();
        let database = database + lag;
        let difference = self.now() - database;
        // Kept where it fits: time is not to jump to and fro by what a measurement is wrong by.
        if beginning.load(Ordering::Relaxed) == 0 || difference.abs() > TOLERANCE {
            let at = database.timestamp_micros() - since_beginning(*BEGINNING);
            beginning.store(at, Ordering::Relaxed);
        }
        machine(*error) - database
    }

    /// Today's date in Asia/Shanghai.
    pub fn today(&self) -> NaiveDate {
        shanghai_day(self.now())
    }
}

/// PostgreSQL keeps microseconds: what is written and what is read back are the same instant.
fn instant(microseconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(microseconds).unwrap_or_default()
}

#[expect(clippy::disallowed_methods, reason = "the one place that asks the machine")]
fn machine(error: TimeDelta) -> DateTime<Utc> {
    instant((Utc::now() + error).timestamp_micros())
}

fn since_beginning(beginning: Instant) -> i64 {
    i64::try_from(beginning.elapsed().as_micros()).unwrap_or_default()
}

/// The day in Asia/Shanghai that an instant falls on.
pub fn shanghai_day(at: DateTime<Utc>) -> NaiveDate {
    shanghai_time(at).date()
}

/// What the clocks in Asia/Shanghai show at an instant.
pub fn shanghai_time(at: DateTime<Utc>) -> NaiveDateTime {
    match FixedOffset::east_opt(SHANGHAI_OFFSET) {
        Some(shanghai) => at.with_timezone(&shanghai).naive_local(),
        None => at.naive_utc(),
    }
}

/// The instant at which a day began, where it has by today.
pub fn began(day: NaiveDate, today: NaiveDate) -> Option<DateTime<Utc>> {
    (day <= today).then(|| day_begins(day))
}

/// The instant at which something that was due on a day became overdue, where it is by today.
pub fn overdue_from(due_on: NaiveDate, today: NaiveDate) -> Option<DateTime<Utc>> {
    began(due_on.succ_opt().unwrap_or(due_on), today)
}

/// The instant at which a day begins in Asia/Shanghai.
pub fn day_begins(day: NaiveDate) -> DateTime<Utc> {
    let midnight = day.and_time(chrono::NaiveTime::MIN).and_utc();
    midnight - chrono::TimeDelta::seconds(i64::from(SHANGHAI_OFFSET))
}
