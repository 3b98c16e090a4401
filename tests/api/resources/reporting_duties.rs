//! 三(四)3: who owes a plan or a report, until when, and who has sent nothing.

use crate::support::{TestApp, User, at, to_the_second};
use serde_json::{Value, json};

const DUTIES: &str = "/api/v1/reporting-duties";

async fn duties(user: &User, query: &str) -> Vec<Value> {
    let list = user.get(&format!("{DUTIES}?limit=200{query}")).await.expect(200);
    list.items().to_vec()
}

fn codes(duties: &[Value]) -> Vec<&str> {
    let codes = duties.iter().map(|duty| duty["department"]["code"].as_str());
    codes.map(|code| code.expect("a code")).collect()
}

async fn todos(user: &User) -> Vec<(String, String)> {
    let list = user
        .get("/api/v1/me/todos?subject_type=reporting_duty")
        .await
        .expect(200);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let items = list.items().iter();
    items
        .map(|item| (text(&item["kind"]), text(&item["due_on"])))
        .collect()
}

#[tokio::test]
async fn a_year_opens_what_is_owed_once_for_every_department_with_a_pair() {
    let app = TestApp::new().await;
    let other = app.another_instance().await;
    // The second of January in Shaoguan: the plan of 2027, the report on 2026; what was due in summer is not asked for any more.
    app.clock.set(at("2027-01-01T20:00:00Z"));
    let (one, two) = tokio::join!(app.run_jobs(), other.run_jobs());
    assert!(one + two > 0);
    app.run_jobs().await;
    let coordinator = app.coordinator().await;
    let all = duties(&coordinator, "").await;
    assert_eq!(all.len(), 46);
    let plans = duties(&coordinator, "&kind=work_plan").await;
    assert_eq!(plans.len(), 23);
    assert_eq!(
        plans[0]["period"],
        json!({ "kind": "year", "from": "2027-01-01", "to": "2027-12-31" })
    );
    // A month from the first of January is the first of February, a Monday.
    assert!(
        plans.iter().all(|duty| duty["due_on"] == "2027-02-01"),
        "{plans:?}"
    );
    let reports = duties(&coordinator, "&kind=work_report").await;
    assert_eq!(reports[0]["period"]["to"], "2026-12-31");
    // The end of January is a Sunday.
    assert!(reports.iter().all(|duty| duty["due_on"] == "2027-02-01"));
    assert!(
        all.iter()
            .all(|duty| duty["state"] == "awaited" && duty["overdue"] == false)
    );
    let education = app.department("education").await;
    let due = "2027-02-01".to_owned();
    assert_eq!(
        todos(&education).await,
        [
            ("submit_work_plan".to_owned(), due.clone()),
            ("submit_work_report".to_owned(), due)
        ]
    );
    assert_eq!(codes(&duties(&education, "").await), ["education", "education"]);
    let office = app.government_office().await;
    assert_eq!(duties(&office, "&department=education").await.len(), 2);
}

#[tokio::test]
async fn the_first_half_is_owed_in_july_and_the_term_is_the_settings() {
    let app = TestApp::new().await;
    app.clock.set(at("2026-06-30T15:59:00Z"));
    let coordinator = app.coordinator().await;
    coordinator
        .patch("/api/v1/settings/half_yearly_reports", json!({ "enabled": true }))
        .await
        .expect(200);
    app.run_jobs().await;
    assert!(duties(&coordinator, "").await.is_empty());
    let path = "/api/v1/settings/work_report";
    let setting = coordinator.get(path).await.expect(200);
    coordinator
        .with("If-Match", setting.header("etag").expect("a tag"))
        .send(
            reqwest::Method::PATCH,
            path,
            Some(json!({ "amount": 10, "unit": "working_days" })),
        )
        .await
        .expect(200);
    app.clock.set(at("2026-06-30T16:01:00Z"));
    app.run_jobs().await;
    let halves = duties(&coordinator, "&year=2026").await;
    assert_eq!(halves.len(), 23);
    assert_eq!(
        halves[0]["period"],
        json!({ "kind": "half_year", "from": "2026-01-01", "to": "2026-06-30" })
    );
    assert_eq!(halves[0]["due_on"], "2026-07-14");
    let one = format!("{DUTIES}/{}", halves[0]["id"].as_str().expect("an id"));
    let explained = coordinator.get(&format!("{one}/deadlines")).await.expect(200);
    assert_eq!(explained.items()[0]["started_on"], "2026-06-30");
    assert_eq!(
        explained.items()[0]["rule"],
        json!({ "amount": 10, "unit": "working_days" })
    );
}

#[tokio::test]
async fn late_stays_late_and_the_silent_are_named() {
    let app = TestApp::new().await;
    app.clock.set(at("2026-01-05T01:00:00Z"));
    app.run_jobs().await;
    let submit = async |code: &str, path: &str| {
        let department = app.department(code).await;
        let plan = json!({ "year": 2026, "items": [{ "kind": "visit", "title": "走访对口党派" }] });
        let plan = department.post("/api/v1/work-plans", plan).await.expect(201);
        let id = plan.json["id"].as_str().expect("an id").to_owned();
        department
            .post(&format!("{path}/{id}/submit"), json!({}))
            .await
            .expect(200)
    };
    let in_time = submit("education", "/api/v1/work-plans").await;
    assert_eq!(in_time.json["deadline"]["overdue"], false);
    // The second of February is the last day; the third is late.
    app.clock.set(at("2026-02-03T01:00:00Z"));
    let late = submit("health", "/api/v1/work-plans").await;
    assert_eq!(late.json["deadline"]["due_on"], "2026-02-02");
    assert_eq!(late.json["deadline"]["overdue"], true);
    let coordinator = app.coordinator().await;
    let plans = "&kind=work_plan";
    let submitted = duties(&coordinator, &format!("{plans}&state=submitted")).await;
    assert_eq!(codes(&submitted), ["education", "health"]);
    assert_eq!(to_the_second(&submitted[0]["met_at"]), "2026-01-05T01:00:00");
    let silent = duties(&coordinator, &format!("{plans}&state=awaited")).await;
    assert_eq!(silent.len(), 21);
    assert!(silent.iter().all(|duty| duty["overdue"] == true));
    let overdue = duties(&coordinator, &format!("{plans}&overdue=true")).await;
    assert_eq!(overdue.len(), 22);
    // A revision later on changes nothing about that.
    app.clock.set(at("2026-05-06T01:00:00Z"));
    let education = app.department("education").await;
    let path = format!(
        "/api/v1/work-plans/{}",
        in_time.json["id"].as_str().expect("an id")
    );
    let next = education
        .post(&format!("{path}/revise"), json!({}))
        .await
        .expect(200);
    let next = format!("/api/v1/work-plans/{}", next.json["id"].as_str().expect("an id"));
    let next = education
        .post(&format!("{next}/submit"), json!({}))
        .await
        .expect(200);
    assert_eq!(next.json["deadline"]["overdue"], false);
    assert_eq!(
        to_the_second(&next.json["deadline"]["met_at"]),
        "2026-01-05T01:00:00"
    );
    let coordinator = app.coordinator().await;
    let csv = coordinator
        .with("Accept", "text/csv")
        .get(&format!("{DUTIES}?kind=work_plan&state=submitted"))
        .await
        .expect(200)
        .text();
    assert!(
        csv.contains("市卫生健康局,年度工作计划,2026-01-01,2026-12-31,已报送,2026-02-02"),
        "{csv}"
    );
}

#[tokio::test]
async fn a_successor_owes_what_its_predecessor_did() {
    let app = TestApp::new().await;
    app.clock.set(at("2026-01-05T01:00:00Z"));
    app.run_jobs().await;
    let coordinator = app.coordinator().await;
    coordinator
        .post(
            "/api/v1/departments/financial-affairs/merge",
            json!({ "into": "finance" }),
        )
        .await
        .expect(200);
    let finance = app.department("finance").await;
    let own = duties(&finance, "&kind=work_plan").await;
    assert_eq!(codes(&own), ["finance", "financial-affairs"]);
    let plan = json!({ "year": 2026, "items": [{ "kind": "visit", "title": "走访对口党派" }] });
    let plan = finance.post("/api/v1/work-plans", plan).await.expect(201);
    let path = format!(
        "/api/v1/work-plans/{}/submit",
        plan.json["id"].as_str().expect("an id")
    );
    finance.post(&path, json!({})).await.expect(200);
    let own = duties(&finance, "&kind=work_plan").await;
    assert!(own.iter().all(|duty| duty["state"] == "submitted"), "{own:?}");
    let nobody = app.party("minmeng").await;
    nobody.get(DUTIES).await.problem(403, "role_not_allowed");
}
