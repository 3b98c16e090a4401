//! The days that a figure is about, and the day that it is known on.

use crate::language::Text;
use crate::problem::{Fault, Place};
use chrono::{DateTime, Datelike, Days, FixedOffset, NaiveDate, NaiveTime, TimeZone, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// 统计期间
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[schema(as = FigurePeriod)]
pub struct Period {
    #[schema(example = "2026-01-01")]
    pub from: NaiveDate,
    #[schema(example = "2026-12-31")]
    pub to: NaiveDate,
    /// What was on record at the end of that day.
    #[schema(example = "2026-11-25")]
    pub as_of: NaiveDate,
    /// The day whose assignments and leaders count: the last of the period, or `as_of` while it runs.
    #[schema(example = "2026-11-25")]
    pub settled_on: NaiveDate,
}

/// What clients may ask for.
const YEARS: std::ops::RangeInclusive<i32> = 1990..=2100;

impl Period {
    pub fn new(from: NaiveDate, to: NaiveDate, as_of: NaiveDate) -> Self {
        Self {
            from,
            to,
            as_of,
            settled_on: to.min(as_of),
        }
    }

    /// A calendar year; none for a year that the calendar does not have.
    pub fn of_year(year: i32, as_of: NaiveDate) -> Option<Self> {
        let from = NaiveDate::from_ymd_opt(year, 1, 1)?;
        let to = NaiveDate::from_ymd_opt(year, 12, 31)?;
        Some(Self::new(from, to, as_of))
    }

    /// As a client asks for it: a year, or days from and to; the running year where it says nothing.
    ///
    /// # Errors
    /// Every fault of the query.
    pub fn asked(
        year: Option<i32>,
        (from, to): (Option<NaiveDate>, Option<NaiveDate>),
        as_of: Option<NaiveDate>,
        today: NaiveDate,
    ) -> Result<Self, Vec<Fault>> {
        let mut faults = Vec::new();
        let as_of = as_of.unwrap_or(today);
        if as_of > today {
            faults.push(fault(
                "as_of",
                "out_of_range",
                "不得晚于今天。",
                "Not after today.",
            ));
        }
        let days = match (year, from, to) {
            (None, Some(from), Some(to)) => Some((from, to)),
            (None, None, None) => Self::of_year(today.year(), as_of).map(|year| (year.from, year.to)),
            (Some(year), None, None) => Self::of_year(year, as_of).map(|year| (year.from, year.to)),
            _ => {
                let parameter = if year.is_some() { "year" } else { "from" };
                faults.push(fault(
                    parameter,
                    "not_allowed",
                    "请用 year，或同时用 from 和 to。",
                    "Either `year`, or both `from` and `to`.",
                ));
                None
            }
        };
        match days {
            Some((from, to)) if from > to => faults.push(fault(
                "to",
                "out_of_range",
                "不得早于 from。",
                "Not before `from`.",
            )),
            Some((from, to)) if !YEARS.contains(&from.year()) || !YEARS.contains(&to.year()) => {
                faults.push(fault(
                    if year.is_some() { "year" } else { "from" },
                    "out_of_range",
                    "年份应在 1990 至 2100 之间。",
                    "Years from 1990 to 2100.",
                ));
            }
            _ => {}
        }
        match days {
            Some((from, to)) if faults.is_empty() => Ok(Self::new(from, to, as_of)),
            _ => Err(faults),
        }
    }

    /// The year that it is, if it is one.
    pub fn year(&self) -> Option<i32> {
        Self::of_year(self.from.year(), self.as_of)
            .filter(|year| (year.from, year.to) == (self.from, self.to))
            .map(|_| self.from.year())
    }

    pub fn contains(&self, day: NaiveDate) -> bool {
        self.from <= day && day <= self.to
    }

    /// The first instant of it, and the first behind it.
    pub fn instants(&self) -> (DateTime<Utc>, DateTime<Utc>) {
        (beginning(self.from), beginning(next(self.to)))
    }

    /// The first instant that is not known any more.
    pub fn until(&self) -> DateTime<Utc> {
        beginning(next(self.as_of))
    }
}

fn fault(parameter: &str, code: &'static str, zh: &'static str, en: &'static str) -> Fault {
    Fault {
        place: Place::Parameter(parameter.to_owned()),
        code,
        detail: Text::fixed(zh, en),
    }
}

fn next(day: NaiveDate) -> NaiveDate {
    day.checked_add_days(Days::new(1)).unwrap_or(day)
}

/// Midnight in Asia/Shanghai, with which a day begins.
pub fn beginning(day: NaiveDate) -> DateTime<Utc> {
    let midnight = day.and_time(NaiveTime::MIN);
    FixedOffset::east_opt(8 * 3600)
        .and_then(|shanghai| shanghai.from_local_datetime(&midnight).single())
        .map_or_else(|| midnight.and_utc(), |at| at.to_utc())
}
