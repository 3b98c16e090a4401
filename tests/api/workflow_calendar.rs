//! The arithmetic of working days, without a database.

use chrono::{Datelike, Days, NaiveDate};
use liaison::resources::working_days::model::Arrangement;
use liaison::workflow::calendar::{SpecialDay, is_weekend};
use liaison::workflow::{Calendar, Term, Unit};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::LazyLock;

/// As `seeds/working-days` has it.
static CALENDAR: LazyLock<Calendar> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds/working-days");
    let (mut years, mut special) = (BTreeSet::new(), BTreeMap::new());
    for entry in std::fs::read_dir(folder).expect("the seeds").flatten() {
        if entry
            .path()
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            let text = std::fs::read_to_string(entry.path()).expect("a file");
            let year: Arrangement = serde_json::from_str(&text).expect("an arrangement");
            years.insert(year.year);
            let days = |working| {
                move |one: liaison::resources::working_days::model::NamedDay| {
                    let name = one.name;
                    (one.day, SpecialDay { working, name })
                }
            };
            special.extend(year.holidays.into_iter().map(days(false)));
            special.extend(year.makeup_days.into_iter().map(days(true)));
        }
    }
    Calendar::new(years, special)
});

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

fn term(amount: i32, unit: Unit) -> Term {
    Term { amount, unit }
}

fn due(start: &str, amount: i32, unit: Unit) -> String {
    CALENDAR.due(day(start), term(amount, unit)).on.to_string()
}

#[test]
fn the_vectors_of_the_field() {
    use Unit::{Days, Months, WorkingDays};
    for (start, amount, unit, wanted) in [
        ("2020-01-17", 5, WorkingDays, "2020-01-23"),
        ("2020-09-25", 5, WorkingDays, "2020-10-09"),
        ("2026-02-12", 5, WorkingDays, "2026-02-26"),
        ("2020-03-07", 3, Months, "2020-06-08"),
        // To the month's last day where it has no such day; 29 February 2020 was a Saturday.
        ("2025-01-31", 1, Months, "2025-02-28"),
        ("2024-01-31", 1, Months, "2024-02-29"),
        ("2020-01-31", 1, Months, "2020-03-02"),
        ("2021-03-31", 1, Months, "2021-04-30"),
        // From 29 February.
        ("2024-02-29", 12, Months, "2025-02-28"),
        ("2020-02-29", 48, Months, "2024-02-29"),
        // Over the year's end, and New Year's Day.
        ("2024-12-31", 1, WorkingDays, "2025-01-02"),
        ("2024-12-02", 1, Months, "2025-01-02"),
        // Onto 1 October, the first of eight days off.
        ("2020-09-01", 30, Days, "2020-10-09"),
        // Onto a Sunday that is worked.
        ("2020-09-26", 1, Days, "2020-09-27"),
        ("2020-08-27", 1, Months, "2020-09-27"),
    ] {
        assert_eq!(due(start, amount, unit), wanted, "{start} + {amount} {unit:?}");
    }
}

#[test]
fn what_was_skipped_and_why() {
    let due = CALENDAR.due(day("2020-09-25"), term(5, Unit::WorkingDays));
    let skipped: Vec<(String, &str)> = due
        .skipped
        .iter()
        .map(|one| (one.day.to_string(), one.why.as_str()))
        .collect();
    assert_eq!(skipped.len(), 9, "{skipped:?}");
    assert_eq!(skipped[0], ("2020-09-26".to_owned(), "周六"));
    // 27 September is worked.
    assert_eq!(skipped[1].0, "2020-10-01");
    assert!(skipped.iter().all(|(on, _)| on != "2020-09-27"));
    assert!(!due.provisional);
}

#[test]
fn a_year_that_is_not_loaded_is_a_plain_week_and_says_so() {
    let over = |start, amount| CALENDAR.due(day(start), term(amount, Unit::WorkingDays));
    assert!(!over("2026-12-30", 1).provisional);
    assert!(over("2026-12-31", 1).provisional);
    let plain = over("2027-02-01", 10);
    assert_eq!((plain.on, plain.provisional), (day("2027-02-15"), true));
}

proptest! {
    #[test]
    fn a_due_day_is_a_working_day_after_its_start(start in 0..8_000u64, amount in 1..200i32, unit in 0..3usize) {
        let start = day("2004-01-01") + Days::new(start);
        let unit = [Unit::WorkingDays, Unit::Days, Unit::Months][unit];
        let amount = if unit == Unit::Months { amount % 36 + 1 } else { amount };
        let due = CALENDAR.due(start, term(amount, unit));
        prop_assert!(due.on > start);
        prop_assert!(CALENDAR.is_working_day(due.on));
        prop_assert!(due.skipped.iter().all(|one| !CALENDAR.is_working_day(one.day)));
        prop_assert_eq!(due.provisional, due.on.year() > 2026);
        // A longer term never ends earlier.
        prop_assert!(CALENDAR.due(start, term(amount + 1, unit)).on >= due.on);
        // Nor does one that begins later.
        prop_assert!(CALENDAR.due(start + Days::new(1), term(amount, unit)).on >= due.on);
    }

    #[test]
    fn working_days_and_skipped_days_are_all_days(start in 0..8_000u64, amount in 1..300i32) {
        let start = day("2004-01-01") + Days::new(start);
        let due = CALENDAR.due(start, term(amount, Unit::WorkingDays));
        let all = (due.on - start).num_days();
        prop_assert_eq!(all, i64::from(amount) + due.skipped.len() as i64);
        prop_assert_eq!(CALENDAR.working_days_between(start, due.on), amount as usize);
        prop_assert_eq!(CALENDAR.shift(start, amount), due.on);
    }

    #[test]
    fn forth_and_back_is_where_it_began(start in 0..8_000u64, amount in 1..300i32) {
        let start = day("2004-01-01") + Days::new(start);
        let there = CALENDAR.shift(start, amount);
        let back = CALENDAR.shift(there, -amount);
        if CALENDAR.is_working_day(start) {
            prop_assert_eq!(back, start);
        } else {
            // The working day before.
            prop_assert_eq!(back, CALENDAR.shift(start, -1));
        }
        prop_assert_eq!(CALENDAR.shift(start, 0), start);
    }

    #[test]
    fn without_an_arrangement_weekdays_are_worked(start in 0..20_000u64) {
        let on = day("1990-01-01") + Days::new(start);
        prop_assert_eq!(Calendar::default().is_working_day(on), !is_weekend(on));
    }
}
