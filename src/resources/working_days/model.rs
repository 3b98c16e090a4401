use crate::http::extract::Input;
use crate::problem::Fault;
use crate::vocabulary::enumeration;
use crate::workflow::calendar::{self, Calendar, is_weekend};
use crate::workflow::corrections::CorrectionView;
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::ops::RangeInclusive;
use utoipa::ToSchema;

/// Years that can have an arrangement.
pub const YEARS: RangeInclusive<i32> = 1990..=2100;

/// 节假日或调休上班日
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NamedDay {
    #[schema(example = "2026-10-01")]
    pub day: NaiveDate,
    /// The holiday; of a make-up day, the one that it makes up for.
    #[schema(example = "国庆节", max_length = 50)]
    pub name: String,
}

/// 年度放假安排, as it is imported and as `seeds/working-days` has it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = WorkingDayArrangement)]
#[serde(deny_unknown_fields)]
pub struct Arrangement {
    #[schema(example = 2026, minimum = 1990, maximum = 2100)]
    pub year: i32,
    /// Other brackets are taken for 〔〕.
    #[schema(example = "国办发明电〔2025〕7号", max_length = 60)]
    #[serde(default)]
    pub document_number: Option<String>,
    #[schema(example = "国务院办公厅关于2026年部分节假日安排的通知", max_length = 200)]
    #[serde(default)]
    pub title: Option<String>,
    #[schema(example = "2025-11-04")]
    #[serde(default)]
    pub issued_on: Option<NaiveDate>,
    #[schema(example = json!(null), max_length = 1000)]
    #[serde(default)]
    pub note: Option<String>,
    /// Days off, also where they fall on a weekend.
    #[schema(example = json!([{ "day": "2026-10-01", "name": "国庆节" }]), max_items = 366)]
    pub holidays: Vec<NamedDay>,
    /// 调休: weekend days worked.
    #[schema(example = json!([{ "day": "2026-10-10", "name": "国庆节" }]), max_items = 366)]
    pub makeup_days: Vec<NamedDay>,
}

impl Arrangement {
    fn check(&self, place: &str, faults: &mut Vec<Fault>) {
        check_days(&self.holidays, &self.makeup_days, place, faults);
        self.check_year(place, faults);
    }

    /// Names every day that is of another year.
    pub fn check_year(&self, place: &str, faults: &mut Vec<Fault>) {
        for (list, index, one) in listed(&self.holidays, &self.makeup_days) {
            if one.day.year() != self.year {
                faults.push(Fault::at(
                    format!("{place}/{list}/{index}/day"),
                    "out_of_range",
                    "不是该年度的日期。",
                    "Not a day of this year.",
                ));
            }
        }
    }

    /// A calendar of this year alone.
    fn calendar(&self) -> Calendar {
        let special = |working| {
            move |one: &NamedDay| {
                let name = one.name.clone();
                (one.day, calendar::SpecialDay { working, name })
            }
        };
        let holidays = self.holidays.iter().map(special(false));
        let special: BTreeMap<_, _> = holidays
            .chain(self.makeup_days.iter().map(special(true)))
            .collect();
        Calendar::new(BTreeSet::from([self.year]), special)
    }
}

fn listed<'a>(
    holidays: &'a [NamedDay],
    makeup_days: &'a [NamedDay],
) -> impl Iterator<Item = (&'static str, usize, &'a NamedDay)> {
    let of = |list, days: &'a [NamedDay]| {
        days.iter()
            .enumerate()
            .map(move |(index, one)| (list, index, one))
    };
    of("holidays", holidays).chain(of("makeup_days", makeup_days))
}

/// What holds of an arrangement whatever its year is.
fn check_days(holidays: &[NamedDay], makeup_days: &[NamedDay], place: &str, faults: &mut Vec<Fault>) {
    let mut seen = HashSet::new();
    for (list, index, one) in listed(holidays, makeup_days) {
        let place = || format!("{place}/{list}/{index}/day");
        if !seen.insert(one.day) {
            faults.push(Fault::at(
                place(),
                "repeated",
                "该日期已在前面列出。",
                "The day stands there before.",
            ));
        }
        if list == "makeup_days" && !is_weekend(one.day) {
            faults.push(Fault::at(
                place(),
                "not_a_weekend_day",
                "调休上班日应为周六或周日。",
                "A make-up working day is a Saturday or a Sunday.",
            ));
        }
    }
}

/// 更正年度放假安排: all of it, in the place of what is there.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ReplaceWorkingDays)]
#[serde(deny_unknown_fields)]
pub struct ReplaceYear {
    /// Other brackets are taken for 〔〕.
    #[schema(example = "国办发明电〔2025〕7号", max_length = 60)]
    #[serde(default)]
    pub document_number: Option<String>,
    #[schema(example = "国务院办公厅关于2026年部分节假日安排的通知", max_length = 200)]
    #[serde(default)]
    pub title: Option<String>,
    #[schema(example = "2025-11-04")]
    #[serde(default)]
    pub issued_on: Option<NaiveDate>,
    #[schema(example = json!(null), max_length = 1000)]
    #[serde(default)]
    pub note: Option<String>,
    /// Days off, also where they fall on a weekend.
    #[schema(example = json!([{ "day": "2026-10-01", "name": "国庆节" }]), max_items = 366)]
    pub holidays: Vec<NamedDay>,
    /// 调休: weekend days worked.
    #[schema(example = json!([{ "day": "2026-10-10", "name": "国庆节" }]), max_items = 366)]
    pub makeup_days: Vec<NamedDay>,
    /// Told to those whose deadlines it moves.
    #[schema(example = "国务院办公厅调整节假日安排", max_length = 500)]
    pub reason: String,
}

impl ReplaceYear {
    pub fn arrangement(&self, year: i32) -> Arrangement {
        Arrangement {
            year,
            document_number: self.document_number.clone(),
            title: self.title.clone(),
            issued_on: self.issued_on,
            note: self.note.clone(),
            holidays: self.holidays.clone(),
            makeup_days: self.makeup_days.clone(),
        }
    }
}

impl Input for ReplaceYear {
    fn check(&self, faults: &mut Vec<Fault>) {
        check_days(&self.holidays, &self.makeup_days, "", faults);
    }
}

/// 批量导入: all of the years or none.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ImportWorkingDays)]
#[serde(deny_unknown_fields)]
pub struct ImportYears {
    #[schema(min_items = 1, max_items = 50)]
    pub years: Vec<Arrangement>,
    /// Told to those whose deadlines it moves.
    #[schema(example = "国务院办公厅印发2026年部分节假日安排", max_length = 500)]
    pub reason: String,
}

impl Input for ImportYears {
    fn check(&self, faults: &mut Vec<Fault>) {
        let mut seen = HashSet::new();
        for (index, one) in self.years.iter().enumerate() {
            let place = format!("/years/{index}");
            if !seen.insert(one.year) {
                faults.push(Fault::at(
                    format!("{place}/year"),
                    "repeated",
                    "该年度已在前面列出。",
                    "The year stands there before.",
                ));
            }
            one.check(&place, faults);
        }
    }
}

enumeration! {
    /// 日期类别
    pub enum DayKind {
        Weekday ["平日", "Weekday"],
        Weekend ["周末", "Weekend"],
        Holiday ["节假日", "Holiday"],
        MakeupDay ["调休上班日", "Make-up working day"],
    }
}

/// 日历中的一天
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = CalendarDay)]
pub struct DayView {
    pub day: NaiveDate,
    pub working: bool,
    pub kind: DayKind,
    /// Of a holiday, or of the one that a make-up day makes up for.
    #[schema(required = true, example = "国庆节", max_length = 50)]
    pub name: Option<String>,
}

/// 年度工作日
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = WorkingDayYear)]
pub struct YearView {
    #[schema(example = 2026, minimum = 1990, maximum = 2100)]
    pub year: i32,
    /// Not loaded yet: a plain week.
    pub provisional: bool,
    #[schema(required = true, example = "国办发明电〔2025〕7号", max_length = 60)]
    pub document_number: Option<String>,
    #[schema(
        required = true,
        example = "国务院办公厅关于2026年部分节假日安排的通知",
        max_length = 200
    )]
    pub title: Option<String>,
    #[schema(required = true, example = "2025-11-04")]
    pub issued_on: Option<NaiveDate>,
    #[schema(required = true, example = json!(null), max_length = 1000)]
    pub note: Option<String>,
    #[schema(example = 248, minimum = 0, maximum = 366)]
    pub working_day_count: usize,
    #[schema(max_items = 366)]
    pub holidays: Vec<NamedDay>,
    #[schema(max_items = 366)]
    pub makeup_days: Vec<NamedDay>,
    /// All of the year.
    #[schema(max_items = 366)]
    pub days: Vec<DayView>,
    /// The last correction of the year, and how far running deadlines have followed it; null where there was none.
    #[schema(required = true)]
    pub correction: Option<CorrectionView>,
    #[schema(required = true)]
    pub updated_at: Option<DateTime<Utc>>,
}

impl YearView {
    /// `updated_at` is none for a year that is not loaded.
    pub fn new(
        arrangement: Arrangement,
        updated_at: Option<DateTime<Utc>>,
        correction: Option<CorrectionView>,
    ) -> Self {
        let calendar = arrangement.calendar();
        let first = NaiveDate::from_yo_opt(arrangement.year, 1).unwrap_or_default();
        let days: Vec<DayView> = first
            .iter_days()
            .take_while(|day| day.year() == arrangement.year)
            .map(|day| day_view(&calendar, day))
            .collect();
        let Arrangement {
            year,
            document_number,
            title,
            issued_on,
            note,
            holidays,
            makeup_days,
        } = arrangement;
        Self {
            year,
            provisional: updated_at.is_none(),
            document_number,
            title,
            issued_on,
            note,
            working_day_count: days.iter().filter(|day| day.working).count(),
            holidays,
            makeup_days,
            days,
            correction,
            updated_at,
        }
    }
}

fn day_view(calendar: &Calendar, day: NaiveDate) -> DayView {
    let special = calendar.special(day);
    DayView {
        day,
        working: calendar.is_working_day(day),
        kind: match special {
            Some(special) if special.working => DayKind::MakeupDay,
            Some(_) => DayKind::Holiday,
            None if is_weekend(day) => DayKind::Weekend,
            None => DayKind::Weekday,
        },
        name: special.map(|special| special.name.clone()),
    }
}

/// 导入结果
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ImportedWorkingDays)]
pub struct ImportedView {
    #[schema(max_items = 111)]
    pub years: Vec<ImportedYear>,
}

/// 导入的年度
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ImportedWorkingDayYear)]
pub struct ImportedYear {
    #[schema(example = 2026, minimum = 1990, maximum = 2100)]
    pub year: i32,
    /// It had none before.
    pub added: bool,
    #[schema(example = 33, minimum = 0, maximum = 366)]
    pub holiday_count: usize,
    #[schema(example = 6, minimum = 0, maximum = 366)]
    pub makeup_day_count: usize,
}
