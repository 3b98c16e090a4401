//! 三(四)3: reports to the coordinator, copied to the government office, each with its own receipt.

use crate::support::{Answer, TestApp, User, at, kinds_of_todos, newest_notice};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use liaison::db::schema::events;
use reqwest::Method;
use serde_json::{Value, json};

const REPORTS: &str = "/api/v1/work-reports";

fn half() -> Value {
    json!({ "kind": "half_year", "from": "2026-01-01", "to": "2026-06-30" })
}

fn body(period: Value, title: &str) -> Value {
    json!({ "period": period, "title": title, "text": "上半年开展联系活动三次，收到意见建议四件。" })
}

async fn draft(user: &User, title: &str) -> Answer {
    user.post(REPORTS, body(half(), title)).await.expect(201)
}

fn path(report: &Answer) -> String {
    format!("{REPORTS}/{}", report.id())
}

async fn step(user: &User, report: &Answer, step: &str, body: Value) -> Answer {
    user.post(&format!("{}/{step}", path(report)), body).await
}

async fn submit(user: &User, report: &Answer) -> Answer {
    step(user, report, "submit", json!({ "no_secrets": true }))
        .await
        .expect(200)
}

async fn todos(user: &User) -> Vec<String> {
    kinds_of_todos(user, "work_report").await
}

async fn titles(user: &User, query: &str) -> Vec<String> {
    let list = user.get(&format!("{REPORTS}{query}")).await;
    list.expect(200).titles()
}

#[tokio::test]
async fn submitted_received_and_copied_each_with_its_own_receipt() {
    let app = TestApp::at("2026-07-06T01:30:00Z").await;
    let education = app.department("education").await;
    let (coordinator, office) = (app.coordinator().await, app.government_office().await);
    let report = draft(&education, "上半年工作情况").await;
    assert_eq!(report.json["receipts"], json!([]));
    coordinator.get(&path(&report)).await.problem(404, "not_found");
    office.get(&path(&report)).await.problem(404, "not_found");
    let refused = step(&education, &report, "submit", json!({}))
        .await
        .problem(422, "invalid");
    assert_eq!(refused.faults(), ["/no_secrets required"]);
    let refused = step(&education, &report, "submit", json!({ "no_secrets": false })).await;
    assert_eq!(
        refused.problem(422, "invalid").faults(),
        ["/no_secrets not_allowed"]
    );

    let submitted = submit(&education, &report).await;
    assert_eq!(submitted.json["no_secrets"], true);
    assert_eq!(submitted.json["allowed_actions"][0]["code"], "revise");
    let receipts = |answer: &Answer| -> Vec<(Value, Value)> {
        let receipts = answer.json["receipts"].as_array().expect("receipts");
        let of = |one: &Value| {
            (
                one["organization"]["code"].clone(),
                one["acknowledged_at"].clone(),
            )
        };
        receipts.iter().map(of).collect()
    };
    let (front, copy) = (json!("united-front-work-department"), json!("government-office"));
    assert_eq!(
        receipts(&submitted),
        [(front.clone(), Value::Null), (copy.clone(), Value::Null)]
    );
    assert_eq!(todos(&coordinator).await, ["receive_work_report"]);
    assert_eq!(todos(&office).await, ["acknowledge_work_report"]);
    let told = newest_notice(&office).await;
    assert_eq!(told["title"], "市教育局报送工作情况：上半年工作情况");
    let text = told["text"].as_str().expect("a text");
    assert!(
        text.contains("2026年7月6日") && text.contains("2026年上半年") && text.contains("抄送市政府办公室"),
        "{text}"
    );

    app.clock.set(at("2026-07-07T01:30:00Z"));
    let (coordinator, office) = (app.coordinator().await, app.government_office().await);
    coordinator
        .post(&format!("{}/acknowledge", path(&report)), json!({}))
        .await
        .problem(403, "role_not_allowed");
    let copied = step(&office, &report, "acknowledge", json!({})).await.expect(200);
    assert_eq!(copied.json["state"], "submitted");
    step(&office, &report, "acknowledge", json!({}))
        .await
        .problem(409, "already_acknowledged");
    app.clock.set(at("2026-07-08T01:30:00Z"));
    let coordinator = app.coordinator().await;
    let received = step(&coordinator, &report, "receive", json!({}))
        .await
        .expect(200);
    assert_eq!(
        receipts(&received),
        [
            (front, json!("2026-07-08T01:30:00Z")),
            (copy, json!("2026-07-07T01:30:00Z"))
        ]
    );
    let education = app.department("education").await;
    assert_eq!(newest_notice(&education).await["kind"], "work_report_received");
    assert!(todos(&coordinator).await.is_empty());
    assert!(todos(&app.government_office().await).await.is_empty());
    let announced: Vec<String> = events::table
        .filter(events::subject_type.eq("work_report"))
        .order(events::seq)
        .select(events::type_)
        .load(&mut app.database.connect().await)
        .await
        .expect("events");
    assert_eq!(
        announced,
        ["submitted", "acknowledged", "received"].map(|step| format!("work_report.{step}"))
    );
}

#[tokio::test]
async fn returned_and_submitted_anew_and_the_old_version_stays() {
    let app = TestApp::at("2026-07-06T01:30:00Z").await;
    let (education, coordinator) = (app.department("education").await, app.coordinator().await);
    let first = draft(&education, "上半年工作情况").await;
    submit(&education, &first).await;
    let reason = json!({ "reason": "请补充意见建议办理情况。" });
    let returned = step(&coordinator, &first, "return", reason).await.expect(200);
    assert_eq!(returned.json["return_reason"], "请补充意见建议办理情况。");
    assert_eq!(todos(&education).await, ["revise_work_report"]);
    let deadlines = education
        .get("/api/v1/me/todos?subject_type=work_report")
        .await
        .expect(200);
    // Ten working days, by practice.
    assert_eq!(deadlines.items()[0]["due_on"], "2026-07-20");
    step(&coordinator, &first, "receive", json!({}))
        .await
        .problem(409, "step_not_allowed");
    let second = step(&education, &first, "revise", json!({})).await.expect(200);
    assert_eq!(
        (&second.json["version"], &second.json["state"]),
        (&json!(2), &json!("draft"))
    );
    let tag = second.header("etag").expect("a tag");
    let text = json!({ "text": "上半年收到意见建议四件，均已按期答复。" });
    let edited = education
        .with("If-Match", tag)
        .send(Method::PATCH, &path(&second), Some(text.clone()))
        .await
        .expect(200);
    assert_eq!(edited.json["title"], "上半年工作情况");
    submit(&education, &second).await;
    let old = coordinator.get(&path(&first)).await.expect(200);
    assert_eq!(old.json["superseded_by"], second.json["id"]);
    assert_eq!(old.json["text"], first.json["text"]);
    assert!(todos(&education).await.is_empty());
    let office = app.government_office().await;
    // The copy of what is superseded waits for nobody.
    assert_eq!(todos(&office).await.len(), 1);
    step(&office, &first, "acknowledge", json!({}))
        .await
        .problem(409, "superseded");
    education
        .with("If-Match", "*")
        .send(Method::PATCH, &path(&second), Some(text))
        .await
        .problem(409, "already_submitted");
}

#[tokio::test]
async fn a_report_begins_with_facts_and_keeps_those_that_it_was_submitted_with() {
    let app = TestApp::at("2026-07-06T01:30:00Z").await;
    let education = app.department("education").await;
    let appointment = |from: &str| {
        json!({
            "effective_from": from,
            "leader": { "name": "王建平" },
            "office": { "name": "办公室" },
            "contacts": [{ "name": "李秋霞" }],
        })
    };
    let appoint = async |from: &str| {
        education
            .post("/api/v1/liaison-leaders", appointment(from))
            .await
            .expect(201)
    };
    appoint("2025-12-31").await;
    appoint("2026-03-02").await;
    let plan = json!({ "year": 2026, "items": [{ "kind": "visit", "title": "走访" }, { "kind": "visit", "title": "再走访" }] });
    let plan = education.post("/api/v1/work-plans", plan).await.expect(201);
    let plan = format!(
        "/api/v1/work-plans/{}/submit",
        plan.json["id"].as_str().expect("an id")
    );
    let report = draft(&education, "上半年工作情况").await;
    assert_eq!(
        report.json["facts"]["leaders"],
        json!({ "changes": 1, "late": 1 })
    );
    assert_eq!(report.json["facts"]["plan"], json!({ "items": 0, "done": 0 }));
    education.post(&plan, json!({})).await.expect(200);
    let seen = education.get(&path(&report)).await.expect(200);
    assert_eq!(seen.json["facts"]["plan"], json!({ "items": 2, "done": 0 }));
    submit(&education, &report).await;
    appoint("2026-06-01").await;
    let kept = education.get(&path(&report)).await.expect(200);
    assert_eq!(kept.json["facts"]["leaders"], json!({ "changes": 1, "late": 1 }));
    let next = step(&education, &report, "revise", json!({})).await.expect(200);
    assert_eq!(next.json["facts"]["leaders"], json!({ "changes": 2, "late": 2 }));
}

#[tokio::test]
async fn one_report_a_period_and_any_number_on_one_matter() {
    let app = TestApp::at("2026-07-06T01:30:00Z").await;
    let education = app.department("education").await;
    let made = (0..8).map(|_| education.post(REPORTS, body(half(), "上半年工作情况")));
    let made = futures_util::future::join_all(made).await;
    let won: Vec<&Answer> = made.iter().filter(|answer| answer.status == 201).collect();
    assert_eq!(won.len(), 1);
    let refused = education.post(REPORTS, body(half(), "又一份")).await;
    let refused = refused.problem(409, "work_report_exists");
    assert_eq!(refused.json["work_report"], won[0].json["id"]);
    for period in [
        json!({ "kind": "half_year", "from": "2026-07-01", "to": "2026-12-31" }),
        json!({ "kind": "year", "from": "2026-01-01", "to": "2026-12-31" }),
        json!({ "kind": "special", "from": "2026-01-01", "to": "2026-06-30" }),
        json!({ "kind": "special", "from": "2026-01-01", "to": "2026-06-30" }),
    ] {
        education
            .post(REPORTS, body(period, "工作情况"))
            .await
            .expect(201);
    }
    for period in [
        json!({ "kind": "half_year", "from": "2026-04-01", "to": "2026-09-30" }),
        json!({ "kind": "half_year", "from": "2026-01-01", "to": "2026-12-31" }),
        json!({ "kind": "year", "from": "2026-01-01", "to": "2026-12-30" }),
        json!({ "kind": "special", "from": "2026-06-30", "to": "2026-06-29" }),
    ] {
        let refused = education.post(REPORTS, body(period.clone(), "工作情况")).await;
        assert_eq!(
            refused.problem(422, "invalid").faults(),
            ["/period malformed"],
            "{period}"
        );
    }
    submit(&education, won[0]).await;
    let receive = format!("{}/receive", path(won[0]));
    let coordinator = app.coordinator().await;
    let received =
        futures_util::future::join_all((0..8).map(|_| coordinator.post(&receive, json!({})))).await;
    let won = received.iter().filter(|answer| answer.status == 200).count();
    let lost = received.iter().filter(|answer| answer.status == 409).count();
    assert_eq!((won, lost), (1, 7));
}

#[tokio::test]
async fn lists_are_filtered_and_taken_away_as_far_as_one_sees() {
    let app = TestApp::at("2026-07-06T01:30:00Z").await;
    let education = app.department("education").await;
    let first = draft(&education, "教育：100%").await;
    submit(&education, &first).await;
    app.clock.set(at("2026-07-07T01:30:00Z"));
    let (coordinator, office) = (app.coordinator().await, app.government_office().await);
    let health = app.department("health").await;
    let special = json!({ "kind": "special", "from": "2025-11-01", "to": "2025-11-30" });
    let second = health.post(REPORTS, body(special, "义诊专题")).await.expect(201);
    submit(&health, &second).await;
    draft(&health, "草稿").await;
    step(&office, &first, "acknowledge", json!({})).await.expect(200);
    let (one, two) = ("教育：100%", "义诊专题");
    for (query, expected) in [
        ("", vec![two, one]),
        ("?sort=created_at", vec![one, two]),
        ("?period_kind=special", vec![two]),
        ("?year=2025", vec![two]),
        ("?department=education", vec![one]),
        ("?state=received", vec![]),
        ("?copy_acknowledged=true", vec![one]),
        ("?copy_acknowledged=false", vec![two]),
        ("?submitted_until=2026-07-07T00:00:00Z", vec![one]),
        ("?submitted_from=2026-07-07T00:00:00Z", vec![two]),
        ("?q=0%25", vec![one]),
        ("?q=联系活动", vec![two, one]),
    ] {
        assert_eq!(titles(&coordinator, query).await, expected, "{query}");
        assert_eq!(titles(&office, query).await, expected, "{query}");
    }
    assert_eq!(titles(&health, "").await, ["草稿", two]);
    let csv = office
        .with("Accept", "text/csv")
        .get(REPORTS)
        .await
        .expect(200)
        .text();
    assert!(
        csv.contains("市政府办公室签收时间") && csv.contains("2026-07-07 09:30:00") && !csv.contains("草稿"),
        "{csv}"
    );
    let party = app.party("minmeng").await;
    party.get(REPORTS).await.problem(403, "role_not_allowed");
}

#[tokio::test]
async fn a_department_with_reports_that_wait_takes_a_successor() {
    let app = TestApp::at("2026-07-06T01:30:00Z").await;
    let coordinator = app.coordinator().await;
    let department =
        json!({ "code": "data", "name": "市数据局", "short_name": "数据", "established_on": "2026-01-05" });
    coordinator
        .post("/api/v1/departments", department)
        .await
        .expect(201);
    let mut report = body(half(), "上半年工作情况");
    report["department"] = "data".into();
    let report = coordinator.post(REPORTS, report).await.expect(201);
    submit(&coordinator, &report).await;
    let abolish = "/api/v1/departments/data/abolish";
    let refused = coordinator
        .post(abolish, json!({}))
        .await
        .problem(409, "successor_needed");
    assert_eq!(refused.json["open_work_reports"], 1);
    assert_eq!(refused.json["open_work_plans"], 0);
    step(&coordinator, &report, "receive", json!({}))
        .await
        .expect(200);
    coordinator.post(abolish, json!({})).await.expect(200);
}
