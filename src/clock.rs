//! The one source of time. Every rule reads it from here, so that tests can set it.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, Utc};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// Seconds by which Asia/Shanghai is ahead of UTC; it has had no daylight saving since 1991.
const SHANGHAI_OFFSET: i32 = 8 * 3600;

#[derive(Clone, Default)]
pub struct Clock(Option<Arc<AtomicI64>>);

impl Clock {
    /// The machine's own time.
    pub fn system() -> Self {
        Self(None)
    }

    /// A clock that stands where it is set.
    pub fn fixed(at: DateTime<Utc>) -> Self {
        Self(Some(Arc::new(AtomicI64::new(at.timestamp_micros()))))
    }

    /// Sets a fixed clock, for all who share it; the machine's time cannot be set.
    pub fn set(&self, at: DateTime<Utc>) {
        if let Some(fixed) = &self.0 {
            fixed.store(at.timestamp_micros(), Ordering::SeqCst);
        }
    }

    #[expect(clippy::disallowed_methods, reason = "the one place that asks the machine")]
    pub fn now(&self) -> DateTime<Utc> {
        let now = match &self.0 {
            Some(fixed) => DateTime::from_timestamp_micros(fixed.load(Ordering::SeqCst)),
            // PostgreSQL keeps microseconds: what is written and what is read back are the same instant.
            None => DateTime::from_timestamp_micros(Utc::now().timestamp_micros()),
        };
        now.unwrap_or_default()
    }

    /// Today's date in Asia/Shanghai.
    pub fn today(&self) -> NaiveDate {
        shanghai_day(self.now())
    }
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
