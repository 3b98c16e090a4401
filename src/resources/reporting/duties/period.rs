//! The periods that plans and reports are about.

use crate::vocabulary::enumeration;
use chrono::{Datelike, Days, Months, NaiveDate};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::workflow::subjects::chinese_day;

enumeration! {
    /// 报告周期
    pub enum PeriodKind {
        Year ["年度", "Year"],
        HalfYear ["半年", "Half year"],
        /// 专题: on one matter, over any days
        Special ["专题", "One matter"],
    }
}

/// 期间: a calendar year, a half of one, or for a report on one matter any days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Period {
    pub kind: PeriodKind,
    #[schema(example = "2026-01-01")]
    pub from: NaiveDate,
    /// The last day.
    #[schema(example = "2026-12-31")]
    pub to: NaiveDate,
}

impl Period {
    /// A calendar year.
    pub fn year(year: i32) -> Option<Self> {
        Self::months(PeriodKind::Year, NaiveDate::from_ymd_opt(year, 1, 1)?, 12)
    }

    /// January to June.
    pub fn first_half(year: i32) -> Option<Self> {
        Self::months(PeriodKind::HalfYear, NaiveDate::from_ymd_opt(year, 1, 1)?, 6)
    }

    fn months(kind: PeriodKind, from: NaiveDate, months: u32) -> Option<Self> {
        let to = from
            .checked_add_months(Months::new(months))?
            .checked_sub_days(Days::new(1))?;
        Some(Self { kind, from, to })
    }

    /// Whether its days are those that its kind says.
    pub fn is_whole(&self) -> bool {
        let begins = |months: &[u32]| self.from.day() == 1 && months.contains(&self.from.month());
        match self.kind {
            PeriodKind::Year => begins(&[1]) && Self::months(self.kind, self.from, 12) == Some(*self),
            PeriodKind::HalfYear => begins(&[1, 7]) && Self::months(self.kind, self.from, 6) == Some(*self),
            PeriodKind::Special => self.from <= self.to,
        }
    }

    /// 2026年度, 2026年上半年, 2026年3月2日至2026年5月31日
    pub fn chinese(&self) -> String {
        let year = self.from.year();
        match self.kind {
            PeriodKind::Year => format!("{year}年度"),
            PeriodKind::HalfYear if self.from.month() == 1 => format!("{year}年上半年"),
            PeriodKind::HalfYear => format!("{year}年下半年"),
            PeriodKind::Special => format!("{}至{}", chinese_day(self.from), chinese_day(self.to)),
        }
    }
}
