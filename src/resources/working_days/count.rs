//! When a term ends that begins on a day.

use super::model::YEARS;
use crate::language::Text;
use crate::problem::{Fault, Place, Problem, Result};
use crate::workflow::calendar::{Due, Skipped};
use crate::workflow::deadlines::DeadlineRule;
use crate::workflow::{Calendar, Term, Unit};
use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// From which day, and how far: one of `count`, `months` and `days`.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CountQuery {
    /// The day to count from, which itself is not counted; of a year from 1990 to 2100.
    #[param(example = "2026-02-12")]
    pub from: NaiveDate,
    /// Working days.
    #[param(example = 5, minimum = 1, maximum = 1000)]
    pub count: Option<i32>,
    /// Months: to the corresponding day, or the month's last, and on to a working day.
    #[param(minimum = 1, maximum = 120)]
    pub months: Option<i32>,
    /// Days, and on to a working day.
    #[param(minimum = 1, maximum = 3660)]
    pub days: Option<i32>,
}

impl CountQuery {
    /// # Errors
    /// 422 where not exactly one term is given, or the day is out of range.
    pub fn term(&self) -> Result<Term> {
        let given: Vec<(&str, Term)> = [
            ("count", self.count, Unit::WorkingDays),
            ("months", self.months, Unit::Months),
            ("days", self.days, Unit::Days),
        ]
        .into_iter()
        .filter_map(|(name, amount, unit)| {
            Some((
                name,
                Term {
                    amount: amount?,
                    unit,
                },
            ))
        })
        .collect();
        let mut faults = Vec::new();
        let mut fault = |name: &str, code, detail| {
            faults.push(Fault {
                place: Place::Parameter(name.to_owned()),
                code,
                detail,
            });
        };
        if !YEARS.contains(&self.from.year()) {
            let detail = Text::fixed("年份应在 1990 至 2100 之间。", "A year from 1990 to 2100.");
            fault("from", "out_of_range", detail);
        }
        let one = Text::fixed(
            "count、months、days 须且只须给出一个。",
            "Exactly one of count, months and days.",
        );
        match given.as_slice() {
            [] => fault("count", "required", one),
            [_] => {}
            several => {
                for (name, _) in several {
                    fault(name, "not_together", one.clone());
                }
            }
        }
        match given.first() {
            Some((_, term)) if faults.is_empty() => Ok(*term),
            _ => Err(Problem::invalid(faults)),
        }
    }
}

/// 期限计算结果
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = CountedWorkingDays)]
pub struct CountedView {
    #[schema(example = "2026-02-12")]
    pub from: NaiveDate,
    #[schema(example = "2026-02-26")]
    pub due_on: NaiveDate,
    pub rule: DeadlineRule,
    /// Days that were not counted, or could not be the last, and why.
    #[schema(max_items = 1000)]
    pub skipped: Vec<Skipped>,
    /// The arrangement of a year that it reaches into is not loaded yet: weekdays were counted.
    pub provisional: bool,
}

impl CountedView {
    pub fn new(calendar: &Calendar, from: NaiveDate, term: Term) -> Self {
        let Due {
            on,
            skipped,
            provisional,
        } = calendar.due(from, term);
        let Term { amount, unit } = term;
        Self {
            from,
            due_on: on,
            rule: DeadlineRule { amount, unit },
            skipped,
            provisional,
        }
    }
}
