//! Days and instants that are taken: what a calendar of this service can mean, 1900 to 2200.

use chrono::{DateTime, Datelike, NaiveDate};
use std::ops::RangeInclusive;

pub const YEARS: RangeInclusive<i32> = 1900..=2200;

/// `YYYY-MM-DD` (RFC 3339 `full-date`) of these years.
pub fn is_day(text: &str) -> bool {
    day(text).is_some_and(|day| YEARS.contains(&day.year()))
}

/// RFC 3339 `date-time` of these years.
pub fn is_instant(text: &str) -> bool {
    DateTime::parse_from_rfc3339(text).is_ok_and(|at| YEARS.contains(&at.to_utc().year()))
}

/// Whether what a format refuses is well formed, and merely of other years.
pub fn is_of_other_years(format: &str, text: &str) -> bool {
    match format {
        "date" => day(text).is_some(),
        "date-time" => DateTime::parse_from_rfc3339(text).is_ok(),
        _ => false,
    }
}

fn day(text: &str) -> Option<NaiveDate> {
    let is_written_so = text.len() == 10;
    NaiveDate::parse_from_str(text, "%Y-%m-%d")
        .ok()
        .filter(|_| is_written_so)
}
