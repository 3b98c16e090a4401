//! 印发通知: problems in carrying out the scheme go straight to 市委统战部.

use crate::support::{Answer, User, actions, at, kinds_of_todos, newest_notice, on_a_monday, to_the_second};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use liaison::db::schema::{audit_log, events};
use serde_json::{Value, json};

const REPORTS: &str = "/api/v1/problem-reports";

fn body(title: &str) -> Value {
    json!({ "title": title, "text": "联络人员三次调整，信息交流时断时续。" })
}

async fn raise(user: &User, title: &str) -> Answer {
    user.post(REPORTS, body(title)).await.expect(201)
}

fn path(report: &Answer) -> String {
    format!("{REPORTS}/{}", report.id())
}

async fn todos(user: &User) -> Vec<String> {
    kinds_of_todos(user, "problem_report").await
}

async fn titles(user: &User, query: &str) -> Vec<String> {
    let list = user.get(&format!("{REPORTS}{query}")).await;
    list.expect(200).titles()
}

#[tokio::test]
async fn raised_answered_closed_and_everybody_concerned_is_told() {
    let app = on_a_monday().await;
    let (party, coordinator) = (app.party("minmeng").await, app.coordinator().await);
    let raised = raise(&party, "联络不畅").await;
    assert_eq!(raised.json["state"], "raised");
    assert_eq!(raised.json["organization"]["code"], "minmeng");
    assert_eq!(raised.json["recorded_on_behalf"], false);
    assert!(actions(&raised).is_empty());
    let path = path(&raised);
    assert_eq!(raised.header("location"), Some(path.as_str()));
    assert_eq!(todos(&coordinator).await, ["answer_problem_report"]);
    let notice = newest_notice(&coordinator).await;
    assert_eq!(notice["title"], "民盟市委会反映问题：联络不畅");
    assert_eq!(notice["link"], path.as_str());
    let text = notice["text"].as_str().expect("a text");
    assert!(
        text.contains("2026年3月2日") && text.contains("时断时续"),
        "{text}"
    );

    let close = format!("{path}/close");
    let refused = coordinator
        .post(&close, json!({}))
        .await
        .problem(409, "step_not_allowed");
    assert_eq!(refused.json["state"], "raised");
    assert_eq!(refused.json["allowed_actions"], json!(["answer"]));

    let answer = json!({ "text": "请市教育局固定联络人员。" });
    let answered = coordinator
        .post(&format!("{path}/answer"), answer.clone())
        .await
        .expect(200);
    assert_eq!(answered.json["state"], "answered");
    assert_eq!(answered.json["answer"]["text"], "请市教育局固定联络人员。");
    assert_eq!(actions(&answered), ["close"]);
    assert_eq!(todos(&coordinator).await, ["close_problem_report"]);
    assert_eq!(newest_notice(&party).await["kind"], "problem_report_answered");
    coordinator
        .post(&format!("{path}/answer"), answer)
        .await
        .problem(409, "step_not_allowed");

    let closed = coordinator.post(&close, json!({})).await.expect(200);
    assert_eq!(closed.json["state"], "closed");
    assert!(todos(&coordinator).await.is_empty());
    let told = newest_notice(&party).await;
    assert_eq!(told["title"], "问题反映已办结：联络不畅");
    let seen = party.get(&path).await.expect(200);
    assert_eq!(to_the_second(&seen.json["closed_at"]), "2026-03-02T01:30:00");

    let mut conn = app.database.connect().await;
    let announced: Vec<String> = events::table
        .filter(events::subject_type.eq("problem_report"))
        .order(events::seq)
        .select(events::type_)
        .load(&mut conn)
        .await
        .expect("events");
    assert_eq!(
        announced,
        [
            "problem_report.raised",
            "problem_report.answered",
            "problem_report.closed"
        ]
    );
    let recorded: i64 = audit_log::table
        .filter(audit_log::subject_type.eq("problem_report"))
        .filter(audit_log::outcome.eq("done"))
        .count()
        .get_result(&mut conn)
        .await
        .expect("audit_log");
    assert_eq!(recorded, 3);
}

#[tokio::test]
async fn the_answer_has_a_deadline_that_is_explained_and_kept() {
    let app = on_a_monday().await;
    let path = path(&raise(&app.party("minmeng").await, "联络不畅").await);
    app.clock.set(at("2026-03-17T01:30:00Z"));
    let (party, coordinator) = (app.party("minmeng").await, app.coordinator().await);
    coordinator
        .post(&format!("{path}/answer"), json!({ "text": "已协调。" }))
        .await
        .expect(200);
    let deadlines = party.get(&format!("{path}/deadlines")).await.expect(200);
    // Ten working days, by practice.
    let [deadline] = deadlines.items() else {
        panic!("{}", deadlines.json)
    };
    assert_eq!(deadline["kind"], "answer_problem_report");
    assert_eq!(deadline["due_on"], "2026-03-16");
    assert_eq!(deadline["overdue"], true);
    assert_eq!(to_the_second(&deadline["met_at"]), "2026-03-17T01:30:00");
}

#[tokio::test]
async fn for_all_others_it_does_not_exist() {
    let app = on_a_monday().await;
    let path = path(&raise(&app.department("education").await, "联络不畅").await);
    for user in [
        app.department("health").await,
        app.party("minmeng").await,
        app.party("minge").await,
    ] {
        user.get(&path).await.problem(404, "not_found");
        user.get(&format!("{path}/deadlines"))
            .await
            .problem(404, "not_found");
        assert!(titles(&user, "").await.is_empty());
        assert!(titles(&user, "?organization=education").await.is_empty());
    }
    let office = app.government_office().await;
    office.get(&path).await.problem(403, "role_not_allowed");
    assert_eq!(titles(&app.coordinator().await, "").await, ["联络不畅"]);
}

#[tokio::test]
async fn the_coordinator_records_for_others_and_names_them() {
    let app = on_a_monday().await;
    let coordinator = app.coordinator().await;
    let unnamed = coordinator
        .post(REPORTS, body("联络不畅"))
        .await
        .problem(422, "invalid");
    assert_eq!(unnamed.faults(), ["/organization required"]);
    for unknown in ["nobody", "government-office", "united-front-work-department"] {
        let mut body = body("联络不畅");
        body["organization"] = unknown.into();
        let refused = coordinator.post(REPORTS, body).await.problem(422, "invalid");
        assert_eq!(refused.faults(), ["/organization unknown_reference"], "{unknown}");
    }
    let mut named = body("联络不畅");
    named["organization"] = "education".into();
    coordinator
        .post(REPORTS, named.clone())
        .await
        .problem(403, "not_yours");
    let admin = app.admin().await;
    let account = |step: &str| format!("/api/v1/users/department-education/{step}");
    admin.post(&account("disable"), json!({})).await.expect(200);
    let recorded = coordinator.post(REPORTS, named.clone()).await.expect(201);
    assert_eq!(recorded.json["recorded_on_behalf"], true);
    admin.post(&account("enable"), json!({})).await.expect(200);
    let education = app.department("education").await;
    education.get(&path(&recorded)).await.expect(200);
    let told = newest_notice(&education).await;
    assert_eq!(told["kind"], "recorded_on_behalf");
    let other = app.department("health").await;
    other.post(REPORTS, named).await.problem(403, "not_yours");
}

#[tokio::test]
async fn every_fault_is_named_and_nothing_classified_is_taken() {
    let app = on_a_monday().await;
    let party = app.party("minmeng").await;
    let wrong = json!({ "title": " ", "no_secrets": false, "state": "closed" });
    let refused = party.post(REPORTS, wrong).await.problem(422, "invalid");
    assert_eq!(
        refused.faults(),
        ["/state unknown_field", "/text required", "/title blank"]
    );
    let mut secret = body("联络不畅");
    secret["no_secrets"] = false.into();
    let refused = party.post(REPORTS, secret.clone()).await.problem(422, "invalid");
    assert_eq!(refused.faults(), ["/no_secrets not_allowed"]);
    secret["no_secrets"] = true.into();
    let taken = party.post(REPORTS, secret).await.expect(201);
    assert_eq!(taken.json["no_secrets"], true);
}

#[tokio::test]
async fn lists_are_filtered_sorted_paged_and_taken_away() {
    let app = on_a_monday().await;
    let first = raise(&app.department("education").await, "第一件：50%").await;
    app.clock.set(at("2026-03-03T01:30:00Z"));
    raise(&app.party("minmeng").await, "第二件_").await;
    app.clock.set(at("2026-03-04T01:30:00Z"));
    let (education, coordinator) = (app.department("education").await, app.coordinator().await);
    raise(&education, "第三件").await;
    coordinator
        .post(&format!("{}/answer", path(&first)), json!({ "text": "已协调。" }))
        .await
        .expect(200);
    let (one, two, three) = ("第一件：50%", "第二件_", "第三件");
    for (query, expected) in [
        ("", vec![three, two, one]),
        ("?sort=created_at", vec![one, two, three]),
        ("?state=raised", vec![three, two]),
        ("?organization=minmeng", vec![two]),
        ("?raised_from=2026-03-03T00:00:00Z", vec![three, two]),
        (
            "?raised_from=2026-03-03T00:00:00Z&raised_until=2026-03-04T00:00:00Z",
            vec![two],
        ),
        ("?updated_since=2026-03-04T00:00:00Z", vec![three, one]),
        ("?q=第二", vec![two]),
        ("?q=0%25", vec![one]),
        ("?q=_", vec![two]),
        ("?q=时断", vec![three, two, one]),
        ("?q=没有的", vec![]),
    ] {
        assert_eq!(titles(&coordinator, query).await, expected, "{query}");
    }
    assert_eq!(titles(&education, "").await, [three, one]);
    let page = coordinator
        .get(&format!("{REPORTS}?limit=2&with_total=true"))
        .await
        .expect(200);
    assert_eq!(page.json["total"], 3);
    let cursor = page.json["next_cursor"].as_str().expect("a cursor");
    assert_eq!(
        titles(&coordinator, &format!("?limit=2&cursor={cursor}")).await,
        [one]
    );
    let unknown = coordinator
        .get(&format!("{REPORTS}?organization=government-office"))
        .await
        .problem(422, "invalid");
    assert_eq!(unknown.faults(), ["organization unknown_reference"]);
    let csv = education
        .with("Accept", "text/csv")
        .get(REPORTS)
        .await
        .expect(200)
        .text();
    assert!(
        csv.contains("反映单位,标题") && csv.contains(three) && !csv.contains(two),
        "{csv}"
    );
}

#[tokio::test]
async fn a_successor_takes_over_and_without_one_everything_is_closed_first() {
    let app = on_a_monday().await;
    let coordinator = app.coordinator().await;
    let report = raise(&app.department("financial-affairs").await, "联络不畅").await;
    coordinator
        .post(
            "/api/v1/departments/financial-affairs/merge",
            json!({ "into": "finance" }),
        )
        .await
        .expect(200);
    let successor = app.department("finance").await;
    successor.get(&path(&report)).await.expect(200);
    assert_eq!(titles(&successor, "").await, ["联络不畅"]);
    let answer = json!({ "text": "已协调。" });
    coordinator
        .post(&format!("{}/answer", path(&report)), answer.clone())
        .await
        .expect(200);
    assert_eq!(newest_notice(&successor).await["kind"], "problem_report_answered");

    let department =
        json!({ "code": "data", "name": "市数据局", "short_name": "数据", "established_on": "2026-01-05" });
    coordinator
        .post("/api/v1/departments", department)
        .await
        .expect(201);
    let mut on_behalf = body("职责不清");
    on_behalf["organization"] = "data".into();
    let report = coordinator.post(REPORTS, on_behalf.clone()).await.expect(201);
    let abolish = "/api/v1/departments/data/abolish";
    let refused = coordinator
        .post(abolish, json!({}))
        .await
        .problem(409, "successor_needed");
    assert_eq!(refused.json["open_problem_reports"], 1);
    assert_eq!(refused.json["open_assignments"], 0);
    coordinator
        .post(&format!("{}/answer", path(&report)), answer)
        .await
        .expect(200);
    coordinator
        .post(abolish, json!({}))
        .await
        .problem(409, "successor_needed");
    coordinator
        .post(&format!("{}/close", path(&report)), json!({}))
        .await
        .expect(200);
    coordinator.post(abolish, json!({})).await.expect(200);
    let refused = coordinator.post(REPORTS, on_behalf).await.problem(422, "invalid");
    assert_eq!(refused.faults(), ["/organization unknown_reference"]);
}

#[tokio::test]
async fn of_simultaneous_answers_one_wins() {
    let app = on_a_monday().await;
    let report = raise(&app.party("minmeng").await, "联络不畅").await;
    let (coordinator, path) = (app.coordinator().await, format!("{}/answer", path(&report)));
    let answers = (0..8).map(|number| {
        let body = json!({ "text": format!("答复{number}") });
        coordinator.post(&path, body)
    });
    let answers = futures_util::future::join_all(answers).await;
    let won = answers.iter().filter(|answer| answer.status == 200).count();
    let lost = answers.iter().filter(|answer| answer.status == 409).count();
    assert_eq!((won, lost), (1, 7));
    assert_eq!(todos(&coordinator).await, ["close_problem_report"]);
}
