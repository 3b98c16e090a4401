use crate::support::TestApp;
use calamine::{Data, Reader, Xlsx};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Cursor;

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// The pairs of the scheme as `seeds/` has them.
fn seeded() -> BTreeSet<(String, String)> {
    let scheme: Value = serde_json::from_str(include_str!("../../../seeds/scheme-2020.json")).expect("JSON");
    let all: Value = serde_json::from_str(include_str!("../../../seeds/organizations.json")).expect("JSON");
    let text = |value: &Value| value.as_str().expect("a code").to_owned();
    let list =
        |value: &Value| -> Vec<String> { value.as_array().expect("a list").iter().map(text).collect() };
    let parties: Vec<String> = all["parties"]
        .as_array()
        .expect("parties")
        .iter()
        .map(|party| text(&party["code"]))
        .collect();
    let mut pairs = BTreeSet::new();
    for department in list(&scheme["common"]) {
        pairs.extend(parties.iter().map(|party| (department.clone(), party.clone())));
    }
    for one in scheme["designated"].as_array().expect("designated") {
        let department = text(&one["department"]);
        pairs.extend(
            list(&one["parties"])
                .into_iter()
                .map(|party| (department.clone(), party)),
        );
    }
    pairs
}

fn pair(item: &Value) -> (String, String) {
    let code = |member: &str| item[member]["code"].as_str().unwrap_or_default().to_owned();
    (code("department"), code("party"))
}

#[tokio::test]
async fn the_notices_pairs_by_pages() {
    let app = TestApp::new().await;
    let user = app.party("minge").await;
    let mut path = "/api/v1/assignments?limit=50".to_owned();
    let mut items: Vec<Value> = Vec::new();
    loop {
        let page = user.get(&path).await.expect(200);
        items.extend_from_slice(page.items());
        let Some(cursor) = page.json["next_cursor"].as_str() else {
            break;
        };
        path = format!("/api/v1/assignments?limit=50&cursor={cursor}");
    }
    assert_eq!(items.len(), 113);
    assert_eq!(items.iter().map(pair).collect::<BTreeSet<_>>(), seeded());
    let common = items.iter().filter(|item| item["basis"] == "common").count();
    assert_eq!(common, 64);
    assert_eq!(items[0]["department"]["name"], "市发改局");
    assert_eq!(items[0]["party"]["name"], "民革市委会");
    let id = items[0]["id"].as_str().expect("an id");
    let one = user.get(&format!("/api/v1/assignments/{id}")).await.expect(200);
    assert_eq!(one.json, items[0]);
    let before = user.get("/api/v1/assignments?as_of=2020-03-06").await.expect(200);
    assert!(before.items().is_empty());
}

#[tokio::test]
async fn filters_and_orders() {
    let app = TestApp::new().await;
    let user = app.auditor().await;
    let count = async |query: &str| {
        let list = user
            .get(&format!("/api/v1/assignments?limit=200&{query}"))
            .await
            .expect(200);
        list.items().len()
    };
    assert_eq!(count("department=education").await, 4);
    assert_eq!(count("party=minmeng&basis=designated").await, 7);
    assert_eq!(count("department=justice&party=minmeng").await, 0);
    let by_party = user
        .get("/api/v1/assignments?limit=200&sort=party")
        .await
        .expect(200);
    assert!(
        by_party.items()[..14]
            .iter()
            .all(|item| item["party"]["code"] == "minge")
    );
    let wrong = user
        .get("/api/v1/assignments?department=minge&party=nobody&scheme=0193d2a4-5c00-7000-8000-00000000ffff")
        .await
        .problem(422, "invalid");
    assert_eq!(
        wrong.faults(),
        [
            "department unknown_reference",
            "party unknown_reference",
            "scheme unknown_reference"
        ]
    );
}

#[tokio::test]
async fn the_matrix_is_the_notices() {
    let app = TestApp::new().await;
    let user = app.department("education").await;
    let matrix = user.get("/api/v1/assignments/matrix").await.expect(200).json;
    let rows = matrix["rows"].as_array().expect("rows");
    assert_eq!(
        (rows.len(), matrix["parties"].as_array().map(Vec::len)),
        (23, Some(8))
    );
    let mut linked = BTreeSet::new();
    for row in rows {
        for cell in row["cells"].as_array().expect("cells") {
            if cell["linked"] == true {
                let code = |value: &Value| value.as_str().unwrap_or_default().to_owned();
                linked.insert((code(&row["department"]["code"]), code(&cell["party"])));
            }
        }
    }
    assert_eq!(linked, seeded());
    let designated: Vec<&Value> = matrix["totals"]["by_party"]
        .as_array()
        .expect("totals")
        .iter()
        .map(|party| &party["designated"])
        .collect();
    assert_eq!(json!(designated), json!([6, 7, 5, 6, 6, 7, 7, 5]));
    let none = user
        .get("/api/v1/assignments/matrix?as_of=2019-12-31")
        .await
        .expect(200)
        .json;
    assert_eq!((&none["scheme"], &none["rows"]), (&Value::Null, &json!([])));
}

#[tokio::test]
async fn the_matrix_as_a_table() {
    let app = TestApp::new().await;
    let user = app.coordinator().await;
    let csv = user
        .with("Accept", "text/csv")
        .get("/api/v1/assignments/matrix")
        .await
        .expect(200);
    assert_eq!(csv.header("content-type"), Some("text/csv; charset=utf-8"));
    let disposition = csv.header("content-disposition").expect("a name").to_owned();
    assert!(
        disposition.contains("filename*=UTF-8''%E5%AF%B9%E5%8F%A3"),
        "{disposition}"
    );
    let text = csv.text();
    assert!(
        text.starts_with("\u{feff}部门,联系依据,现承办部门,民革市委会,"),
        "{text}"
    );
    assert_eq!(text.matches('√').count(), 113);
    assert_eq!(text.matches("\r\n").count(), 25);

    let file = user
        .with("Accept", XLSX)
        .get("/api/v1/assignments/matrix")
        .await
        .expect(200);
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(file.bytes)).expect("a workbook");
    let sheet = book.worksheet_range("对口联系矩阵").expect("the sheet");
    assert_eq!(sheet.get_size(), (25, 11));
    let marks = sheet
        .used_cells()
        .filter(|(_, _, cell)| **cell == Data::String("√".into()))
        .count();
    assert_eq!(marks, 113);
    assert_eq!(sheet.get_value((24, 3)), Some(&Data::Float(14.0)));
}

#[tokio::test]
async fn the_list_as_a_file_is_whole_and_in_ones_language() {
    let app = TestApp::new().await;
    let user = app.party("minge").await.with("Accept-Language", "en");
    let csv = user
        .with("Accept", "text/csv")
        .get("/api/v1/assignments?limit=1&party=minmeng")
        .await
        .expect(200);
    let text = csv.text();
    let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    assert_eq!(reader.headers().expect("headings").get(0), Some("Department"));
    let rows: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().expect("rows");
    assert_eq!(rows.len(), 15);
    assert_eq!(&rows[8][0], "市教育局");
    assert_eq!(&rows[8][4], "Designated");

    let file = user
        .with("Accept", XLSX)
        .get("/api/v1/assignments")
        .await
        .expect(200);
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(file.bytes)).expect("a workbook");
    let sheet = book.worksheet_range("Assignments").expect("the sheet");
    assert_eq!(sheet.get_size(), (114, 9));
    let day = sheet.get_value((1, 7)).expect("a cell");
    assert!(
        matches!(day, Data::DateTime(at) if at.as_f64() == 43_897.0),
        "{day:?}"
    );
}

#[tokio::test]
async fn after_a_merger_the_successor_acts() {
    let app = TestApp::new().await;
    let coordinator = app.coordinator().await;
    coordinator
        .post(
            "/api/v1/departments/financial-affairs/merge",
            json!({ "into": "finance" }),
        )
        .await
        .expect(200);
    let list = coordinator
        .get("/api/v1/assignments?department=financial-affairs")
        .await
        .expect(200);
    assert_eq!(list.items().len(), 2);
    assert_eq!(list.items()[0]["department"]["code"], "financial-affairs");
    assert_eq!(list.items()[0]["acting_department"]["code"], "finance");
    let of_finance = coordinator
        .get("/api/v1/assignments?department=finance&limit=200")
        .await
        .expect(200);
    assert_eq!(of_finance.items().len(), 10);
    let then = coordinator
        .get("/api/v1/assignments?department=financial-affairs&as_of=2026-01-01")
        .await
        .expect(200);
    assert_eq!(then.items()[0]["acting_department"]["code"], "financial-affairs");
}

#[tokio::test]
async fn what_is_kept_is_fresh_on_every_instance() {
    let app = TestApp::new().await;
    let other = app.another_instance().await;
    let coordinator = app.coordinator().await;
    let there = other.party("minge").await;
    for path in ["/api/v1/assignments?limit=200", "/api/v1/assignments/matrix"] {
        there.get(path).await.expect(200);
        let kept = there.get(path).await.expect(200);
        there
            .with("If-None-Match", &kept.etag())
            .get(path)
            .await
            .expect(304);
        assert!(kept.text().contains("市审计局") || kept.text().contains("审计一局"));
    }
    let name = json!({ "name": "市审计一局", "short_name": "审计" });
    coordinator
        .post("/api/v1/departments/audit/rename", name)
        .await
        .expect(200);
    for path in ["/api/v1/assignments?limit=200", "/api/v1/assignments/matrix"] {
        let fresh = there.get(path).await.expect(200);
        assert!(fresh.text().contains("市审计一局"), "{path}");
    }
    // The day is part of what is kept, too.
    let scheme = coordinator.get("/api/v1/schemes").await.expect(200).items()[0]["id"].clone();
    let tomorrow = app.clock.today() + chrono::Days::new(1);
    let body = json!({ "title": "明日起", "effective_from": tomorrow, "copy_from": scheme });
    let draft = coordinator.post("/api/v1/schemes", body).await.expect(201);
    let id = draft.json["id"].as_str().expect("an id");
    coordinator
        .post(&format!("/api/v1/schemes/{id}/publish"), json!({}))
        .await
        .expect(200);
    let title = async |user: &crate::support::client::User| {
        let list = user.get("/api/v1/assignments?limit=1").await.expect(200);
        list.items()[0]["scheme"]["title"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    assert_ne!(title(&there).await, "明日起");
    app.clock.set(app.clock.now() + chrono::TimeDelta::days(1));
    assert_eq!(title(&other.party("minge").await).await, "明日起");
}

#[tokio::test]
async fn each_caller_gets_what_it_may_see_from_what_is_kept() {
    let app = TestApp::new().await;
    let coordinator = app.coordinator().await;
    let body = json!({ "title": "草案", "effective_from": "2027-01-01" });
    let draft = coordinator.post("/api/v1/schemes", body).await.expect(201);
    let path = format!(
        "/api/v1/assignments?scheme={}",
        draft.json["id"].as_str().expect("an id")
    );
    let mut statuses = BTreeMap::new();
    for _ in 0..2 {
        coordinator.get(&path).await.expect(200);
        for (role, user) in app.one_of_each_role().await {
            statuses.insert(role, user.get(&path).await.status.as_u16());
        }
    }
    statuses.remove("coordinator");
    assert!(statuses.values().all(|status| *status == 422), "{statuses:?}");
}
