//! 三(二): one leader at any moment, told to exactly those who liaise, whatever day it takes effect on.

use crate::support::{Answer, Form, TestApp, User, actions, at, on_a_monday};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn appointment(from: &str, name: &str) -> Value {
    json!({
        "effective_from": from,
        "leader": { "name": name, "title": "副局长" },
        "office": { "name": "办公室", "phone": "（0751）888 0000" },
        "contacts": [{ "name": "李秋霞", "title": "科长", "mobile": "+86 138-0000-0009", "email": "jyj@example.gov.cn" }],
        "reason": "班子分工调整",
    })
}

async fn report(user: &User, from: &str, name: &str) -> Answer {
    user.post("/api/v1/liaison-leaders", appointment(from, name))
        .await
}

fn path(answer: &Answer) -> String {
    format!("/api/v1/liaison-leaders/{}", answer.id())
}

async fn told(app: &TestApp, leader: &Answer) -> BTreeSet<String> {
    let receipts = app
        .coordinator()
        .await
        .get(&format!("{}/receipts", path(leader)))
        .await
        .expect(200);
    let codes = receipts
        .items()
        .iter()
        .map(|item| item["organization"]["code"].as_str().expect("a code"));
    codes.map(str::to_owned).collect()
}

fn codes(codes: &[&str]) -> BTreeSet<String> {
    codes.iter().map(|code| (*code).to_owned()).collect()
}

#[tokio::test]
async fn a_change_is_told_to_the_coordinator_and_exactly_the_linked_parties() {
    let app = on_a_monday().await;
    let education = app.department("education").await;
    let leader = report(&education, "2026-03-02", "王建平").await.expect(201);
    assert_eq!(leader.json["late"], false);
    assert_eq!(leader.json["status"], "current");
    assert_eq!(leader.json["contacts"][0]["mobile"], "13800000009");
    assert_eq!(leader.json["office"]["phone"], "0751-8880000");
    assert_eq!(
        told(&app, &leader).await,
        codes(&[
            "united-front-work-department",
            "minmeng",
            "minjin",
            "jiusan",
            "zhilianhui"
        ])
    );
    // A common department's change reaches all eight.
    let finance = app.department("finance").await;
    let common = report(&finance, "2026-03-02", "陈国强").await.expect(201);
    assert_eq!(told(&app, &common).await.len(), 9);
}

#[tokio::test]
async fn each_recipient_acknowledges_once_and_who_has_not_is_visible() {
    let app = on_a_monday().await;
    let leader = report(&app.department("education").await, "2026-03-02", "王建平")
        .await
        .expect(201);
    let acknowledge = format!("{}/acknowledge", path(&leader));
    let minmeng = app.party("minmeng").await;
    assert_eq!(actions(&minmeng.get(&path(&leader)).await), ["acknowledge"]);
    let done = minmeng.post(&acknowledge, json!({})).await.expect(200);
    assert_eq!(done.json["receipts"], json!({ "told": 5, "acknowledged": 1 }));
    assert!(actions(&done).is_empty());
    minmeng
        .post(&acknowledge, json!({}))
        .await
        .problem(409, "already_acknowledged");
    // 民革 does not liaise with the department, and it is nobody else's to acknowledge.
    app.party("minge")
        .await
        .post(&acknowledge, json!({}))
        .await
        .problem(403, "not_yours");
    app.department("education")
        .await
        .post(&acknowledge, json!({}))
        .await
        .problem(403, "role_not_allowed");
    let waiting = "/api/v1/liaison-leaders?waiting_for=";
    let coordinator = app.coordinator().await;
    assert_eq!(
        coordinator.get(&format!("{waiting}minjin")).await.items().len(),
        1
    );
    assert_eq!(
        coordinator.get(&format!("{waiting}minmeng")).await.items().len(),
        0
    );
    let receipts = coordinator
        .get(&format!("{}/receipts", path(&leader)))
        .await
        .expect(200);
    let silent = receipts
        .items()
        .iter()
        .filter(|item| item["acknowledged_at"].is_null());
    assert_eq!(silent.count(), 4);
    app.party("minge")
        .await
        .get(&format!("{}/receipts", path(&leader)))
        .await
        .problem(403, "not_yours");
}

#[tokio::test]
async fn a_report_after_the_deadline_is_late_and_stays_so() {
    let app = on_a_monday().await;
    for department in ["education", "health", "justice"] {
        let user = app.department(department).await;
        report(&user, "2026-01-05", "陈志强").await.expect(201);
    }
    // Eight working days after it took effect.
    app.clock.set(at("2026-03-12T01:30:00Z"));
    let education = app.department("education").await;
    let leader = report(&education, "2026-03-02", "王建平").await.expect(201);
    assert_eq!(
        (&leader.json["late"], &leader.json["report_due_on"]),
        (&json!(true), &json!("2026-03-09"))
    );
    let correction = json!({ "reason": "日期有误", "effective_from": "2026-03-11" });
    let corrected = education
        .post(&format!("{}/correct", path(&leader)), correction)
        .await
        .expect(200);
    assert_eq!(corrected.json["effective_from"], "2026-03-11");
    assert_eq!(corrected.json["late"], true);
    // On the last day it is in time.
    app.clock.set(at("2026-03-09T15:59:59Z"));
    let in_time = report(&app.department("health").await, "2026-03-02", "刘伟")
        .await
        .expect(201);
    assert_eq!(in_time.json["late"], false);
    app.clock.set(at("2026-03-09T16:00:00Z"));
    let late = report(&app.department("justice").await, "2026-03-02", "何志刚")
        .await
        .expect(201);
    assert_eq!(late.json["late"], true);
}

#[tokio::test]
async fn a_first_registration_is_in_time_within_the_term_of_its_to_do() {
    let app = on_a_monday().await;
    // Before anybody has asked, and within the term of five working days once the runner has.
    let early = report(&app.department("audit").await, "2019-06-03", "麦志成")
        .await
        .expect(201);
    assert_eq!(early.json["late"], false);
    app.run_jobs().await;
    app.clock.set(at("2026-03-09T15:59:59Z"));
    let last_day = report(&app.department("education").await, "2020-04-30", "王建平")
        .await
        .expect(201);
    assert_eq!(
        (&last_day.json["late"], &last_day.json["report_due_on"]),
        (&json!(false), &json!("2026-03-09"))
    );
    // To correct its day is no late report; the next appointment is held to its own day.
    let correction = json!({ "reason": "日期有误", "effective_from": "2020-05-06" });
    let corrected = app
        .department("education")
        .await
        .post(&format!("{}/correct", path(&last_day)), correction)
        .await
        .expect(200);
    assert_eq!(corrected.json["late"], false);
    let next = report(&app.department("education").await, "2026-02-02", "刘伟")
        .await
        .expect(201);
    assert_eq!(next.json["late"], true);
    app.clock.set(at("2026-03-09T16:00:00Z"));
    let late = report(&app.department("health").await, "2020-04-30", "邱志文")
        .await
        .expect(201);
    assert_eq!(late.json["late"], true);
}

#[tokio::test]
async fn history_has_no_gap_and_no_overlap_whatever_the_order_of_reports() {
    let app = on_a_monday().await;
    let education = app.department("education").await;
    for (from, name) in [
        ("2024-01-08", "甲"),
        ("2026-06-01", "丁"),
        ("2026-03-02", "丙"),
        ("2025-05-06", "乙"),
    ] {
        report(&education, from, name).await.expect(201);
    }
    let coordinator = app.coordinator().await;
    let history = coordinator
        .get("/api/v1/liaison-leaders?department=education&include_ended=true&sort=-effective_from")
        .await
        .expect(200);
    let spans: Vec<(&str, &str, Option<&str>, &str)> = history
        .items()
        .iter()
        .map(|item| {
            let text = |key: &str| item[key].as_str();
            (
                item["leader"]["name"].as_str().expect("a name"),
                text("effective_from").expect("a day"),
                text("effective_until"),
                text("status").expect("a status"),
            )
        })
        .collect();
    assert_eq!(
        spans,
        [
            ("丁", "2026-06-01", None, "future"),
            ("丙", "2026-03-02", Some("2026-06-01"), "current"),
            ("乙", "2025-05-06", Some("2026-03-02"), "former"),
            ("甲", "2024-01-08", Some("2025-05-06"), "former"),
        ]
    );
    for (day, name) in [
        ("2024-01-08", "甲"),
        ("2025-05-05", "甲"),
        ("2025-05-06", "乙"),
        ("2030-01-01", "丁"),
    ] {
        let found = coordinator
            .get(&format!(
                "/api/v1/liaison-leaders?department=education&as_of={day}"
            ))
            .await;
        assert_eq!(found.items().len(), 1, "{day}");
        assert_eq!(found.items()[0]["leader"]["name"], name, "{day}");
    }
    let before = coordinator
        .get("/api/v1/liaison-leaders?department=education&as_of=2024-01-07")
        .await;
    assert!(before.items().is_empty());
    // A correction of the day finds its place anew.
    let third = history.items()[1]["id"].as_str().expect("an id");
    let correction = json!({ "reason": "生效日期有误", "effective_from": "2025-02-03" });
    education
        .post(&format!("/api/v1/liaison-leaders/{third}/correct"), correction)
        .await
        .expect(200);
    let now = coordinator
        .get("/api/v1/liaison-leaders?department=education")
        .await;
    assert_eq!(now.items()[0]["leader"]["name"], "乙");
    let clash = json!({ "reason": "再改", "effective_from": "2025-05-06" });
    education
        .post(&format!("/api/v1/liaison-leaders/{third}/correct"), clash)
        .await
        .problem(409, "appointment_exists");
}

#[tokio::test]
async fn two_for_the_same_day_at_once_and_one_wins() {
    let app = on_a_monday().await;
    for round in 1..=10 {
        let day = format!("2026-04-{round:02}");
        let (one, two) = (
            app.department("education").await,
            app.department("education").await,
        );
        let (one, two) = tokio::join!(report(&one, &day, "甲"), report(&two, &day, "乙"));
        let (won, lost) = if one.status == 201 { (one, two) } else { (two, one) };
        let won = won.expect(201);
        let lost = lost.problem(409, "appointment_exists");
        assert_eq!(lost.json["liaison_leader"]["id"], won.json["id"]);
    }
    let coordinator = app.coordinator().await;
    let all = coordinator
        .get("/api/v1/liaison-leaders?department=education&include_ended=true")
        .await;
    assert_eq!(all.items().len(), 10);
}

#[tokio::test]
async fn every_fault_of_a_report_is_named_at_once() {
    let app = on_a_monday().await;
    let education = app.department("education").await;
    let body = json!({
        "effective_from": "2026-03-02",
        "office": { "name": "办公室", "phone": "8880000" },
        "contacts": [
            { "name": "李秋霞", "mobile": "0751-8880000", "email": "nobody" },
            { "name": " ", "fax": "1" },
        ],
    });
    let answer = education
        .post("/api/v1/liaison-leaders", body)
        .await
        .problem(422, "invalid");
    assert_eq!(
        answer.faults(),
        [
            "/contacts/0/email malformed",
            "/contacts/0/mobile malformed",
            "/contacts/1/fax unknown_field",
            "/contacts/1/name blank",
            "/leader required",
            "/office/phone malformed",
        ]
    );
    let vacant = json!({ "effective_from": "2026-03-02", "vacant": true, "leader": { "name": "王建平" } });
    let answer = education
        .post("/api/v1/liaison-leaders", vacant)
        .await
        .problem(422, "invalid");
    assert_eq!(answer.faults(), ["/leader not_allowed"]);
    let mut foreign = appointment("2026-03-02", "王建平");
    foreign["department"] = json!("health");
    education
        .post("/api/v1/liaison-leaders", foreign)
        .await
        .problem(403, "not_yours");
    let mut unknown = appointment("2026-03-02", "王建平");
    unknown["department"] = json!("minmeng");
    let answer = education
        .post("/api/v1/liaison-leaders", unknown)
        .await
        .problem(422, "invalid");
    assert_eq!(answer.faults(), ["/department unknown_reference"]);
}

#[tokio::test]
async fn a_vacancy_is_explicit_and_waits_to_be_filled() {
    let app = on_a_monday().await;
    let education = app.department("education").await;
    let vacancy = json!({ "effective_from": "2026-03-02", "vacant": true });
    let vacant = education
        .post("/api/v1/liaison-leaders", vacancy)
        .await
        .expect(201);
    assert_eq!(
        (&vacant.json["leader"], &vacant.json["vacant"]),
        (&json!(null), &json!(true))
    );
    assert_eq!(open_todos(&app, "fill_liaison_vacancy").await, 1);
    report(&education, "2026-03-03", "王建平").await.expect(201);
    assert_eq!(open_todos(&app, "fill_liaison_vacancy").await, 0);
}

async fn open_todos(app: &TestApp, kind: &str) -> i64 {
    use diesel::prelude::*;
    use diesel_async::RunQueryDsl;
    use liaison::db::schema::todos;
    todos::table
        .filter(todos::kind.eq(kind))
        .filter(todos::closed_at.is_null())
        .count()
        .get_result(&mut app.database.connect().await)
        .await
        .expect("to-dos")
}

#[tokio::test]
async fn completion_is_asked_for_and_given_by_correction() {
    let app = on_a_monday().await;
    let (education, coordinator) = (app.department("education").await, app.coordinator().await);
    let leader = report(&education, "2026-03-02", "王建平").await.expect(201);
    let ask = format!("{}/request-completion", path(&leader));
    education
        .post(&ask, json!({ "text": "?" }))
        .await
        .problem(403, "role_not_allowed");
    let asked = coordinator
        .post(&ask, json!({ "text": "请补报第二联络员。" }))
        .await
        .expect(200);
    assert_eq!(asked.json["state"], "completion_requested");
    let again = coordinator
        .post(&ask, json!({ "text": "再补" }))
        .await
        .problem(409, "step_not_allowed");
    assert_eq!(again.json["state"], "completion_requested");
    assert_eq!(again.json["allowed_actions"], json!(["acknowledge"]));
    assert_eq!(open_todos(&app, "complete_liaison_leader").await, 1);
    let contacts =
        json!([{ "name": "李秋霞", "mobile": "13800000009" }, { "name": "赵敏", "mobile": "13900000010" }]);
    let correction = json!({ "reason": "补报第二联络员", "contacts": contacts });
    let corrected = education
        .post(&format!("{}/correct", path(&leader)), correction)
        .await
        .expect(200);
    assert_eq!(
        (&corrected.json["state"], &corrected.json["version_number"]),
        (&json!("reported"), &json!(2))
    );
    assert_eq!(open_todos(&app, "complete_liaison_leader").await, 0);
    let versions = education
        .get(&format!("{}/versions", path(&leader)))
        .await
        .expect(200);
    assert_eq!(versions.items().len(), 1);
    assert_eq!(
        versions.items()[0]["content"]["contacts"]
            .as_array()
            .map(Vec::len),
        Some(1)
    );
    assert_eq!(versions.items()[0]["reason"], "补报第二联络员");
}

/// In every path: get, list, filter, search, export, versions, audit log, event.
#[tokio::test]
async fn personal_data_is_masked_for_who_is_not_linked() {
    let app = on_a_monday().await;
    let leader = report(&app.department("education").await, "2026-03-02", "王建平")
        .await
        .expect(201);
    let correction = json!({ "reason": "更正职务", "leader": { "name": "王建平", "title": "局长" } });
    app.department("education")
        .await
        .post(&format!("{}/correct", path(&leader)), correction)
        .await
        .expect(200);
    let paths = [
        path(&leader),
        format!("{}/versions", path(&leader)),
        "/api/v1/liaison-leaders".to_owned(),
        "/api/v1/liaison-leaders?include_ended=true&q=李秋霞".to_owned(),
    ];
    let whole = |text: &str| text.contains("13800000009") || text.contains("jyj@example.gov.cn");
    for path in &paths {
        for user in [app.party("minge").await, app.department("health").await] {
            let answer = user.get(path).await.expect(200);
            assert!(!whole(&answer.text()), "{path}: {}", answer.text());
            assert!(answer.text().contains("138****0009"), "{path}: {}", answer.text());
            assert!(answer.text().contains("j***@example.gov.cn"), "{path}");
            let csv = user
                .with("Accept", "text/csv")
                .get("/api/v1/liaison-leaders")
                .await
                .expect(200);
            assert!(!whole(&csv.text()) && csv.text().contains("138****0009"));
        }
        for user in [
            app.party("minmeng").await,
            app.coordinator().await,
            app.department("education").await,
        ] {
            assert!(whole(&user.get(path).await.expect(200).text()), "{path}");
        }
    }
    // What could be found by a number would betray it.
    let found = app
        .party("minge")
        .await
        .get("/api/v1/liaison-leaders?q=13800000009")
        .await
        .expect(200);
    assert!(found.items().is_empty());
    for user in [app.admin().await, app.auditor().await, app.security_admin().await] {
        user.get(&paths[0]).await.problem(403, "role_not_allowed");
    }
    let log = app
        .auditor()
        .await
        .get("/api/v1/audit-log?limit=200")
        .await
        .expect(200);
    assert!(!whole(&log.text()));
    let names = readers(&app).await;
    assert_eq!(names, codes(&["coordinator", "party-minmeng"]));
    assert!(!whole(&kept(&app).await));
}

/// Who has read another's personal data whole.
async fn readers(app: &TestApp) -> BTreeSet<String> {
    use diesel::prelude::*;
    use diesel_async::RunQueryDsl;
    use liaison::db::schema::audit_log;
    let names: Vec<String> = audit_log::table
        .filter(audit_log::outcome.eq("read"))
        .filter(audit_log::subject_type.eq("liaison_leader"))
        // A list that was taken away is on record whatever it showed.
        .filter(audit_log::subject_id.is_not_null())
        .select(audit_log::principal_name)
        .load(&mut app.database.connect().await)
        .await
        .expect("audit_log");
    names.into_iter().collect()
}

/// All that was announced and told.
async fn kept(app: &TestApp) -> String {
    use diesel::prelude::*;
    use diesel_async::RunQueryDsl;
    use liaison::db::schema::{events, notices};
    let mut conn = app.database.connect().await;
    let events: Vec<Value> = events::table
        .select(events::data)
        .load(&mut conn)
        .await
        .expect("events");
    let notices: Vec<String> = notices::table
        .select(notices::text)
        .load(&mut conn)
        .await
        .expect("notices");
    assert!(!events.is_empty() && !notices.is_empty());
    format!("{events:?} {notices:?}")
}

#[tokio::test]
async fn the_coordinator_records_for_a_department() {
    let app = on_a_monday().await;
    let coordinator = app.coordinator().await;
    let mut body = appointment("2026-03-02", "王建平");
    coordinator
        .post("/api/v1/liaison-leaders", body.clone())
        .await
        .problem(422, "invalid");
    body["department"] = json!("education");
    // 代录 is for whom nobody can act for.
    coordinator
        .post("/api/v1/liaison-leaders", body.clone())
        .await
        .problem(403, "not_yours");
    let before = report(&app.department("health").await, "2026-03-02", "刘伟").await;
    let correction = json!({ "reason": "更正", "leader": { "name": "刘威" } });
    let seen = coordinator.get(&path(&before)).await.expect(200);
    assert!(!actions(&seen).contains(&"correct"));
    coordinator
        .post(&format!("{}/correct", path(&before)), correction.clone())
        .await
        .problem(403, "not_yours");
    disable(&app, "department-education").await;
    let leader = coordinator
        .post("/api/v1/liaison-leaders", body)
        .await
        .expect(201);
    assert_eq!(leader.json["recorded_on_behalf"], true);
    assert!(actions(&leader).contains(&"correct"));
    // Who has recorded it has nothing to acknowledge.
    assert_eq!(leader.json["receipts"], json!({ "told": 5, "acknowledged": 1 }));
    assert!(!actions(&leader).contains(&"acknowledge"));
    let told = app.party("minmeng").await.get("/api/v1/notifications").await;
    let text = told.items()[0]["text"].as_str().expect("a text");
    assert!(
        text.starts_with("市教育局于2026年3月2日报送（由市委统战部代录）：自2026年3月2日起，分管领导王建平"),
        "{text}"
    );
}

async fn disable(app: &TestApp, username: &str) {
    let path = format!("/api/v1/users/{username}/disable");
    app.admin().await.post(&path, json!({})).await.expect(200);
}

#[tokio::test]
async fn a_department_hears_what_was_recorded_for_it_and_acts_again() {
    let app = on_a_monday().await;
    let coordinator = app.coordinator().await;
    disable(&app, "department-education").await;
    let mut body = appointment("2026-03-02", "王建平");
    body["department"] = json!("education");
    let leader = coordinator
        .post("/api/v1/liaison-leaders", body)
        .await
        .expect(201);
    let rule = json!({ "kind": "other", "title": "对口联系工作制度", "issued_on": "2020-04-01" });
    let rules = "/api/v1/departments/education/rules";
    let recorded = coordinator.post(rules, rule.clone()).await.expect(201);
    assert_eq!(recorded.json["recorded_on_behalf"], true);
    let enable = "/api/v1/users/department-education/enable";
    app.admin().await.post(enable, json!({})).await.expect(200);
    let education = app.department("education").await;
    let told = education.get("/api/v1/notifications").await.expect(200);
    let kinds: Vec<&str> = told
        .items()
        .iter()
        .filter_map(|one| one["kind"].as_str())
        .collect();
    assert_eq!(kinds, ["recorded_on_behalf", "recorded_on_behalf"]);
    // From then on the department does it itself.
    coordinator.post(rules, rule).await.problem(403, "not_yours");
    let correction = json!({ "reason": "更正", "leader": { "name": "王建国" } });
    let correct = format!("{}/correct", path(&leader));
    coordinator
        .post(&correct, correction.clone())
        .await
        .problem(403, "not_yours");
    education.post(&correct, correction).await.expect(200);
    let one = format!("{rules}/{}", recorded.id());
    let mended = education.matching(&one).await;
    let mended = mended.patch(&one, json!({ "title": "新制度" })).await.expect(200);
    assert_eq!(mended.json["recorded_on_behalf"], false);
}

#[tokio::test]
async fn deadlines_are_explained() {
    let app = on_a_monday().await;
    let leader = report(&app.department("education").await, "2026-03-02", "王建平")
        .await
        .expect(201);
    let deadlines = app
        .coordinator()
        .await
        .get(&format!("{}/deadlines", path(&leader)))
        .await
        .expect(200);
    assert_eq!(deadlines.items().len(), 6);
    // That of the report itself, and those of the receipts.
    let report = &deadlines.items()[0];
    assert_eq!(report["kind"], "appoint_liaison_leader");
    assert_eq!(report["organization"]["code"], "education");
    assert_eq!(report["met_at"], leader.json["reported_at"]);
    assert_eq!(
        (&report["due_on"], &report["overdue"]),
        (&json!("2026-03-09"), &json!(false))
    );
    let one = &deadlines.items()[1];
    assert_eq!(one["kind"], "acknowledge_liaison_leader");
    assert_eq!(
        (&one["started_on"], &one["due_on"]),
        (&json!("2026-03-02"), &json!("2026-03-09"))
    );
    assert_eq!(one["rule"], json!({ "amount": 5, "unit": "working_days" }));
    assert_eq!(one["skipped"][0], json!({ "day": "2026-03-07", "why": "周六" }));
}

#[tokio::test]
async fn who_has_nobody_on_record_is_asked_once() {
    let app = on_a_monday().await;
    report(&app.department("education").await, "2026-03-02", "王建平")
        .await
        .expect(201);
    app.run_jobs().await;
    assert_eq!(open_todos(&app, "appoint_liaison_leader").await, 22);
    app.run_jobs().await;
    assert_eq!(open_todos(&app, "appoint_liaison_leader").await, 22);
    report(&app.department("health").await, "2026-03-02", "刘伟")
        .await
        .expect(201);
    assert_eq!(open_todos(&app, "appoint_liaison_leader").await, 21);
}

/// 机构改革: the successor acknowledges and corrects for what it took over.
#[tokio::test]
async fn a_successor_acts_for_the_department() {
    let app = on_a_monday().await;
    let leader = report(&app.department("financial-affairs").await, "2026-03-02", "周涛")
        .await
        .expect(201);
    let merge = json!({ "into": "finance", "effective_from": "2026-03-02" });
    let coordinator = app.coordinator().await;
    coordinator
        .post("/api/v1/departments/financial-affairs/merge", merge)
        .await
        .expect(200);
    report(&app.department("financial-affairs").await, "2026-03-03", "吴敏")
        .await
        .problem(403, "organization_ended");
    let correction = json!({ "reason": "更正", "leader": { "name": "周涛", "title": "副局长" } });
    let by_successor = app.department("finance").await;
    by_successor
        .post(&format!("{}/correct", path(&leader)), correction)
        .await
        .expect(200);
}

/// Who has something to acknowledge, by the codes of their organizations.
async fn waiting(app: &TestApp, id: &str) -> BTreeSet<String> {
    let users = [
        "coordinator",
        "government-office",
        "department-health",
        "department-education",
        "party-minge",
        "party-minmeng",
        "party-minjian",
        "party-minjin",
        "party-nonggong",
        "party-jiusan",
        "party-gongshanglian",
        "party-zhilianhui",
    ];
    let mut waiting = BTreeSet::new();
    for name in users {
        let todos = app
            .user(name)
            .await
            .get("/api/v1/me/todos?kind=acknowledge_liaison_leader")
            .await
            .expect(200);
        for todo in todos.items().iter().filter(|todo| todo["subject"]["id"] == id) {
            assert_eq!(todo["subject"]["type"], "liaison_leader");
            assert_eq!(todo["due_on"], "2026-03-09");
            waiting.insert(name.to_owned());
        }
    }
    waiting
}

#[tokio::test]
async fn it_waits_in_the_to_dos_of_those_who_are_told_until_they_acknowledge() {
    let app = on_a_monday().await;
    let leader = report(&app.department("education").await, "2026-03-02", "王建平")
        .await
        .expect(201);
    let all = codes(&[
        "coordinator",
        "party-minmeng",
        "party-minjin",
        "party-jiusan",
        "party-zhilianhui",
    ]);
    assert_eq!(waiting(&app, &leader.id()).await, all);
    for name in &all {
        let user = app.user(name).await;
        user.post(&format!("{}/acknowledge", path(&leader)), json!({}))
            .await
            .expect(200);
    }
    assert!(waiting(&app, &leader.id()).await.is_empty());
    let common = report(&app.department("finance").await, "2026-03-02", "陈国强")
        .await
        .expect(201);
    assert_eq!(waiting(&app, &common.id()).await.len(), 9);
    // Each was told, in words that stand alone.
    let told = app
        .party("minjin")
        .await
        .get("/api/v1/notifications?unread=true")
        .await
        .expect(200);
    assert_eq!(told.json["unread_count"], 2);
    let text = told.items()[1]["text"].as_str().expect("a text");
    assert!(
        text.starts_with("市教育局于2026年3月2日报送：自2026年3月2日起，分管领导王建平（副局长），联络科室办公室，联络人员李秋霞（科长）。原因：班子分工调整。请签收。"),
        "{text}"
    );
}

/// The paper may name what is masked: it is there for those alone who get the appointment whole.
#[tokio::test]
async fn the_paper_that_an_appointment_rests_on() {
    let app = on_a_monday().await;
    let education = app.department("education").await;
    let leader = report(&education, "2026-03-02", "王建平").await.expect(201);
    let form = || {
        let subject = leader.json["id"].clone();
        Some(
            Form::new("liaison_leader", &subject)
                .file("分工通知.pdf", b"%PDF-1.7 paper")
                .body(),
        )
    };
    let attachments = "/api/v1/attachments";
    let attached = education
        .send_raw(Method::POST, attachments, form())
        .await
        .expect(201);
    let content = format!(
        "{attachments}/{}/content",
        attached.json["id"].as_str().expect("an id")
    );
    assert_eq!(
        app.party("minmeng").await.get(&content).await.expect(200).bytes,
        b"%PDF-1.7 paper"
    );
    for user in [app.party("minge").await, app.department("health").await] {
        user.get(&content).await.problem(404, "not_found");
        user.send_raw(Method::POST, attachments, form())
            .await
            .problem(422, "invalid");
    }
    app.party("minmeng")
        .await
        .send_raw(Method::POST, attachments, form())
        .await
        .problem(403, "not_yours");
    let coordinator = app.coordinator().await;
    coordinator
        .send_raw(Method::POST, attachments, form())
        .await
        .problem(403, "not_yours");
    disable(&app, "department-education").await;
    coordinator
        .send_raw(Method::POST, attachments, form())
        .await
        .expect(201);
    app.auditor().await.get(&content).await.problem(404, "not_found");
}

/// 三(二): a new scheme says whom it would begin without.
#[tokio::test]
async fn a_new_scheme_names_the_departments_without_a_leader() {
    let app = on_a_monday().await;
    report(&app.department("education").await, "2026-03-02", "王建平")
        .await
        .expect(201);
    let vacancy = json!({ "effective_from": "2026-03-02", "vacant": true });
    app.department("health")
        .await
        .post("/api/v1/liaison-leaders", vacancy)
        .await
        .expect(201);
    let coordinator = app.coordinator().await;
    let scheme = coordinator.get("/api/v1/schemes").await.items()[0]["id"].clone();
    let draft = json!({ "title": "新方案", "effective_from": "2026-06-01", "copy_from": scheme });
    let draft = coordinator.post("/api/v1/schemes", draft).await.expect(201);
    let diff = format!(
        "/api/v1/schemes/{}/diff",
        draft.json["id"].as_str().expect("an id")
    );
    let missing = coordinator.get(&diff).await.expect(200).json["missing_leaders"].clone();
    let missing: Vec<&str> = missing
        .as_array()
        .expect("departments")
        .iter()
        .filter_map(|one| one["code"].as_str())
        .collect();
    assert_eq!(missing.len(), 22);
    assert!(missing.contains(&"health") && !missing.contains(&"education"));
    let of_published = format!("/api/v1/schemes/{}/diff", scheme.as_str().expect("an id"));
    let for_auditor = app.auditor().await.get(&of_published).await.expect(200);
    assert_eq!(for_auditor.json["missing_leaders"], json!(null));
}
