//! The working days that a fresh database is given, against what two published libraries say of every day.

use crate::support::TestApp;
use chrono::{Datelike, NaiveDate};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use liaison::db::schema::{audit_log, working_day_years};
use liaison::workflow::timing;
use serde_json::{Value, json};

const FIXTURES: [(&str, &str); 2] = [
    (
        "chinese-days",
        include_str!("../fixtures/working-days/chinese-days.txt"),
    ),
    (
        "chinesecalendar",
        include_str!("../fixtures/working-days/chinesecalendar.txt"),
    ),
];

#[tokio::test]
async fn every_day_of_2004_to_2026_is_what_two_libraries_say() {
    let app = TestApp::new().await;
    let connection = app.instance.db.get().await.expect("a connection");
    let timing = timing::load(&connection).await.expect("the calendar");
    for (library, text) in FIXTURES {
        let mut compared = 0;
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let (year, days) = line.split_once(' ').expect("a year and its days");
            let year: i32 = year.parse().expect("a year");
            assert!(timing.calendar.is_loaded(year), "{year}");
            let mut day = NaiveDate::from_yo_opt(year, 1).expect("a day");
            for working in days.chars() {
                assert_eq!(
                    timing.calendar.is_working_day(day),
                    working == '1',
                    "{day} by {library}"
                );
                day = day.succ_opt().expect("a day");
                compared += 1;
            }
            assert_eq!(day.year(), year + 1, "all days of {year}");
        }
        assert_eq!(compared, 8_401, "{library}");
    }
}

#[tokio::test]
async fn the_seeds_are_all_loaded_once_with_one_record() {
    let app = TestApp::new().await;
    let files = files().len();
    let mut conn = app.database.connect().await;
    let years: i64 = working_day_years::table
        .count()
        .get_result(&mut conn)
        .await
        .expect("years");
    assert_eq!(usize::try_from(years), Ok(files));
    let origin = liaison::work::Origin::command_line(app.clock.now());
    liaison::seeding::load_working_days(&app.instance.db, &origin)
        .await
        .expect("nothing to do");
    let records: i64 = audit_log::table
        .filter(audit_log::subject_type.eq("working_days"))
        .count()
        .get_result(&mut conn)
        .await
        .expect("records");
    assert_eq!(records, 1);
}

/// The arrangements in `seeds/`.
fn files() -> Vec<Value> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds/working-days");
    let files = std::fs::read_dir(folder).expect("the seeds").flatten();
    files
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .map(|path| std::fs::read_to_string(path).expect("a file"))
        .map(|text| serde_json::from_str(&text).expect("JSON"))
        .collect()
}

/// What is loaded unchecked would pass every check.
#[tokio::test]
async fn the_seeds_can_be_imported_and_change_nothing() {
    let app = TestApp::new().await;
    let coordinator = app.coordinator().await;
    let body = json!({ "years": files(), "reason": "重新载入" });
    coordinator
        .post("/api/v1/working-days/import", body)
        .await
        .expect(200);
    for file in files() {
        let path = format!("/api/v1/working-days/{}", file["year"]);
        let year = coordinator.get(&path).await.expect(200);
        assert!(year.etag().starts_with("\"2-"));
        for member in [
            "document_number",
            "title",
            "issued_on",
            "note",
            "holidays",
            "makeup_days",
        ] {
            assert_eq!(year.json[member], file[member], "{member} of {path}");
        }
    }
}

/// A newer program brings newer years to a database that runs, and leaves what is there as it was corrected.
#[tokio::test]
async fn a_newer_program_adds_what_is_missing() {
    let app = TestApp::new().await;
    let coordinator = app.coordinator().await;
    let corrected = json!({ "year": 2025, "holidays": [], "makeup_days": [] });
    let body = json!({ "years": [corrected], "reason": "更正" });
    coordinator
        .post("/api/v1/working-days/import", body)
        .await
        .expect(200);
    let mut conn = app.database.connect().await;
    diesel::delete(working_day_years::table.filter(working_day_years::year.eq(2026)))
        .execute(&mut conn)
        .await
        .expect("as if 2026 were not there yet");
    let origin = liaison::work::Origin::command_line(app.clock.now());
    liaison::seeding::load_working_days(&app.instance.db, &origin)
        .await
        .expect("one year");
    let of = async |year| {
        coordinator
            .get(&format!("/api/v1/working-days/{year}"))
            .await
            .expect(200)
            .json
    };
    assert_eq!(of(2026).await["holidays"].as_array().map(Vec::len), Some(33));
    assert_eq!(of(2025).await["holidays"], json!([]));
}
