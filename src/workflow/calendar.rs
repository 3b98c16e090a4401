//! Working days and what is counted in them: pure arithmetic on a calendar that is given.
//!
//! A working day is a weekday that the State Council's arrangement of its year does not take off, or a weekend day that it
//! makes one (调休). A year whose arrangement is not loaded is taken for a plain week, provisionally.

use crate::vocabulary::enumeration;
use chrono::{Datelike, Days, Months, NaiveDate, Weekday};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use utoipa::ToSchema;

enumeration! {
    /// 期限单位
    pub enum Unit {
        WorkingDays ["工作日", "Working days"],
        Days ["日", "Days"],
        Months ["个月", "Months"],
    }
}

/// How long something may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Term {
    pub amount: i32,
    pub unit: Unit,
}

/// 未计入的日期: a day that was not counted, or could not be the last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = SkippedDay)]
pub struct Skipped {
    pub day: NaiveDate,
    #[schema(example = "国庆节", max_length = 50)]
    pub why: String,
}

/// A due day and how it came about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    pub on: NaiveDate,
    pub skipped: Vec<Skipped>,
    /// It reaches into a year whose arrangement is not loaded.
    pub provisional: bool,
}

/// What is special about a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpecialDay {
    pub working: bool,
    /// 国庆节, or of a make-up day the holiday that it makes up for.
    pub name: String,
}

#[derive(Clone, Debug, Default)]
pub struct Calendar {
    years: BTreeSet<i32>,
    special: BTreeMap<NaiveDate, SpecialDay>,
}

impl Calendar {
    pub fn new(years: BTreeSet<i32>, special: BTreeMap<NaiveDate, SpecialDay>) -> Self {
        Self { years, special }
    }

    /// Whether the arrangement of a year is loaded.
    pub fn is_loaded(&self, year: i32) -> bool {
        self.years.contains(&year)
    }

    pub fn is_working_day(&self, day: NaiveDate) -> bool {
        match self.special.get(&day) {
            Some(special) => special.working,
            None => !is_weekend(day),
        }
    }

    pub fn special(&self, day: NaiveDate) -> Option<&SpecialDay> {
        self.special.get(&day)
    }

    /// Why a day is none: its holiday, or its day of the week.
    fn why_not(&self, day: NaiveDate) -> String {
        match self.special.get(&day) {
            Some(special) => special.name.clone(),
            None if day.weekday() == Weekday::Sat => "周六".to_owned(),
            None => "周日".to_owned(),
        }
    }

    /// The last day of a term. The first day is not counted; a month ends on the corresponding day, or on the month's last;
    /// days and months roll forward to a working day (民法典 第二百零一至二百零三条).
    pub fn due(&self, start: NaiveDate, term: Term) -> Due {
        let amount = u32::try_from(term.amount).unwrap_or(0);
        let mut skipped = Vec::new();
        let mut on = match term.unit {
            Unit::WorkingDays => {
                let (mut day, mut left) = (start, amount);
                while left > 0 {
                    day = next(day);
                    if self.is_working_day(day) {
                        left -= 1;
                    } else {
                        skipped.push(self.skipped(day));
                    }
                }
                day
            }
            Unit::Days => start.checked_add_days(Days::new(amount.into())).unwrap_or(start),
            Unit::Months => start.checked_add_months(Months::new(amount)).unwrap_or(start),
        };
        if term.unit != Unit::WorkingDays {
            while !self.is_working_day(on) {
                skipped.push(self.skipped(on));
                on = next(on);
            }
        }
        let provisional = (next(start).year()..=on.year()).any(|year| !self.is_loaded(year));
        Due {
            on,
            skipped,
            provisional,
        }
    }

    fn skipped(&self, day: NaiveDate) -> Skipped {
        Skipped {
            day,
            why: self.why_not(day),
        }
    }

    /// The n-th working day after a day (n > 0) or before it (n < 0), which itself is not counted.
    pub fn shift(&self, day: NaiveDate, working_days: i32) -> NaiveDate {
        let step = if working_days < 0 { previous } else { next };
        let (mut day, mut left) = (day, working_days.unsigned_abs());
        while left > 0 {
            day = step(day);
            if self.is_working_day(day) {
                left -= 1;
            }
        }
        day
    }

    /// How many working days lie between two days, whichever is the earlier: it is not counted, the later one is.
    pub fn working_days_between(&self, one: NaiveDate, other: NaiveDate) -> usize {
        let (first, last) = (one.min(other), one.max(other));
        first
            .iter_days()
            .skip(1)
            .take_while(|day| *day <= last)
            .filter(|day| self.is_working_day(*day))
            .count()
    }
}

pub fn is_weekend(day: NaiveDate) -> bool {
    matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}

fn next(day: NaiveDate) -> NaiveDate {
    day.succ_opt().unwrap_or(NaiveDate::MAX)
}

fn previous(day: NaiveDate) -> NaiveDate {
    day.pred_opt().unwrap_or(NaiveDate::MIN)
}
