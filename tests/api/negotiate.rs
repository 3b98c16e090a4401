//! Tables as files.

use crate::support::TestApp;
use calamine::{Data, Reader, Xlsx};
use chrono::NaiveDate;
use liaison::http::negotiate::{Cell, xlsx};
use serde_json::json;

fn rows(count: i64) -> Vec<Vec<Cell>> {
    (1..=count).map(|number| vec![Cell::Number(number)]).collect()
}

async fn written(batches: Vec<Vec<Vec<Cell>>>, rows_of_a_sheet: u32) -> Xlsx<std::fs::File> {
    let (sender, receiver) = tokio::sync::mpsc::channel(100);
    for batch in batches {
        sender.send(batch).await.expect("the writer");
    }
    drop(sender);
    let headings = ["Number".to_owned()];
    let file = tokio::task::spawn_blocking(move || xlsx::write("表", &headings, receiver, rows_of_a_sheet))
        .await
        .expect("the thread")
        .expect("a file");
    Xlsx::new(file).expect("a workbook")
}

#[tokio::test]
async fn a_further_sheet_begins_where_one_is_full() {
    for (batches, sizes) in [
        (vec![rows(9)], vec![10]),
        (vec![rows(4), vec![], rows(5), vec![]], vec![10]),
        (vec![rows(10)], vec![10, 2]),
        (vec![rows(9), vec![], rows(12)], vec![10, 10, 4]),
        (vec![], vec![1]),
    ] {
        let mut book = written(batches, 10).await;
        let names = book.sheet_names();
        let found: Vec<usize> = names
            .iter()
            .map(|name| book.worksheet_range(name).expect("a sheet").height())
            .collect();
        assert_eq!(found, sizes, "{names:?}");
    }
}

#[tokio::test]
async fn cells_keep_their_kinds() {
    let day = NaiveDate::from_ymd_opt(2020, 3, 7).expect("a day");
    let early = NaiveDate::from_ymd_opt(1368, 1, 23).expect("a day");
    let long = "韶".repeat(40_000);
    let cells: Vec<Vec<Cell>> = [
        Cell::Number(113),
        Cell::Day(day),
        Cell::Day(early),
        Cell::Text("=1+1".into()),
        Cell::Text(long),
        Cell::Empty,
        Cell::Text("end".into()),
    ]
    .into_iter()
    .map(|cell| vec![cell])
    .collect();
    let mut book = written(vec![cells], 1_000).await;
    let sheet = book.worksheet_range("表").expect("the sheet");
    let at = |row| sheet.get_value((row, 0)).cloned().unwrap_or_default();
    assert_eq!(at(1), Data::Float(113.0));
    assert!(matches!(at(2), Data::DateTime(day) if day.as_f64() == 43_897.0));
    assert_eq!(at(3), Data::String("1368-01-23".into()));
    assert_eq!(at(4), Data::String("=1+1".into()));
    assert!(matches!(at(5), Data::String(text) if text.chars().count() == 32_767));
    assert_eq!(at(6), Data::Empty);
}

#[tokio::test]
async fn formulas_are_defused_in_csv() {
    let app = TestApp::new().await;
    let coordinator = app.coordinator().await;
    let body = json!({ "code": "formula", "name": "=cmd|' /C calc'!A0", "short_name": "公式" });
    coordinator.post("/api/v1/departments", body).await.expect(201);
    let file = coordinator
        .with("Accept", "text/csv")
        .get("/api/v1/departments?q=formula")
        .await
        .expect(200);
    assert!(
        file.text().contains("formula,'=cmd|' /C calc'!A0,公式,"),
        "{}",
        file.text()
    );
}

#[tokio::test]
async fn the_form_is_the_one_of_highest_weight() {
    let app = TestApp::new().await;
    let user = app.party("minge").await;
    for (accept, media_type) in [
        ("*/*", "application/json"),
        ("text/html, */*;q=0.8", "application/json"),
        ("text/csv", "text/csv; charset=utf-8"),
        ("text/csv;q=0.5, application/json", "application/json"),
        ("application/json;q=0.5, text/csv", "text/csv; charset=utf-8"),
        ("text/csv, application/json", "application/json"),
    ] {
        let answer = user
            .with("Accept", accept)
            .get("/api/v1/departments")
            .await
            .expect(200);
        assert_eq!(answer.header("content-type"), Some(media_type), "{accept}");
    }
}
