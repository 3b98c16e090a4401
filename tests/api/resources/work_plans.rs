//! 三(四)3: the plan of a year, its versions, and what the coordinator does with it.

use crate::support::{Answer, TestApp, User, actions, at, kinds_of_todos, newest_notice, to_the_second};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use liaison::db::schema::{events, planned_items};
use reqwest::Method;
use serde_json::{Value, json};

const PLANS: &str = "/api/v1/work-plans";

fn body(year: i32) -> Value {
    json!({
        "year": year,
        "items": [
            { "kind": "joint_research", "title": "“双减”专题调研", "month": 5, "parties": ["minmeng", "minjin"] },
            { "kind": "liaison_meeting", "title": "年度对口联系座谈会" },
        ],
    })
}

async fn draft(user: &User, year: i32) -> Answer {
    user.post(PLANS, body(year)).await.expect(201)
}

fn path(plan: &Answer) -> String {
    format!("{PLANS}/{}", plan.id())
}

async fn step(user: &User, plan: &Answer, step: &str, body: Value) -> Answer {
    user.post(&format!("{}/{step}", path(plan)), body).await
}

async fn edit(user: &User, plan: &Answer, body: Value) -> Answer {
    let tag = plan.header("etag").expect("a tag");
    user.with("If-Match", tag)
        .send(Method::PATCH, &path(plan), Some(body))
        .await
}

async fn todos(user: &User) -> Vec<String> {
    kinds_of_todos(user, "work_plan").await
}

/// Department, version and state of each, as the list has them.
async fn listed(user: &User, query: &str) -> Vec<(String, i64, String)> {
    let list = user.get(&format!("{PLANS}{query}")).await.expect(200);
    let items = list.items().iter();
    items
        .map(|item| {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            (
                text(&item["department"]["code"]),
                item["version"].as_i64().unwrap_or_default(),
                text(&item["state"]),
            )
        })
        .collect()
}

fn row(code: &str, version: i64, state: &str) -> (String, i64, String) {
    (code.to_owned(), version, state.to_owned())
}

#[tokio::test]
async fn drafted_submitted_returned_revised_and_acknowledged() {
    let app = TestApp::at("2026-01-12T01:30:00Z").await;
    let (education, coordinator) = (app.department("education").await, app.coordinator().await);
    let first = draft(&education, 2026).await;
    assert_eq!(first.json["state"], "draft");
    assert_eq!(first.json["version"], 1);
    assert_eq!(first.json["progress"], json!({ "items": 2, "done": 0 }));
    assert_eq!(first.json["items"][0]["parties"][1]["name"], "民进市委会");
    assert_eq!(first.json["items"][1]["month"], Value::Null);
    assert_eq!(actions(&first), ["submit"]);
    // A draft is nobody else's.
    assert!(newest_notice(&coordinator).await.is_null());
    coordinator.get(&path(&first)).await.problem(404, "not_found");
    step(&coordinator, &first, "acknowledge", json!({}))
        .await
        .problem(404, "not_found");

    let submitted = step(&education, &first, "submit", json!({})).await.expect(200);
    assert_eq!(
        to_the_second(&submitted.json["submitted_at"]),
        "2026-01-12T01:30:00"
    );
    assert_eq!(actions(&submitted), ["revise"]);
    assert_eq!(todos(&coordinator).await, ["acknowledge_work_plan"]);
    let told = newest_notice(&coordinator).await;
    assert_eq!(told["title"], "市教育局报送2026年度工作计划");
    assert_eq!(told["link"], path(&first).as_str());

    let reason = json!({ "reason": "请补充社会服务安排。" });
    let returned = step(&coordinator, &first, "return", reason.clone())
        .await
        .expect(200);
    assert_eq!(returned.json["return_reason"], "请补充社会服务安排。");
    assert!(todos(&coordinator).await.is_empty());
    assert_eq!(todos(&education).await, ["revise_work_plan"]);
    let told = newest_notice(&education).await;
    assert!(
        told["text"]
            .as_str()
            .expect("a text")
            .contains("请补充社会服务安排。"),
        "{told}"
    );

    let second = step(&education, &first, "revise", json!({})).await.expect(200);
    assert_ne!(second.json["id"], first.json["id"]);
    assert_eq!(
        (&second.json["version"], &second.json["state"]),
        (&json!(2), &json!("draft"))
    );
    // Items stay themselves from version to version.
    assert_eq!(second.json["items"], first.json["items"]);
    coordinator.get(&path(&second)).await.problem(404, "not_found");
    let still = coordinator.get(&path(&first)).await.expect(200);
    assert_eq!(still.json["superseded_by"], Value::Null);
    assert_eq!(
        still.header("etag"),
        returned_etag(&coordinator, &first).await.as_deref()
    );
    let again = step(&education, &first, "revise", json!({}))
        .await
        .problem(409, "revision_under_way");
    assert_eq!(again.json["state"], "returned");

    step(&education, &second, "submit", json!({})).await.expect(200);
    assert!(todos(&education).await.is_empty());
    let old = coordinator.get(&path(&first)).await.expect(200);
    assert_eq!(old.json["superseded_by"], second.json["id"]);
    assert_eq!(old.json["state"], "returned");
    assert!(actions(&old).is_empty());
    step(&education, &first, "revise", json!({}))
        .await
        .problem(409, "superseded");
    let acknowledged = step(&coordinator, &second, "acknowledge", json!({}))
        .await
        .expect(200);
    assert_eq!(
        to_the_second(&acknowledged.json["acknowledged_at"]),
        "2026-01-12T01:30:00"
    );
    assert_eq!(newest_notice(&education).await["kind"], "work_plan_acknowledged");
    assert!(todos(&coordinator).await.is_empty());
    assert_eq!(
        listed(&coordinator, "").await,
        [row("education", 2, "acknowledged")]
    );
    assert_eq!(listed(&coordinator, "?include_ended=true").await.len(), 2);

    let announced: Vec<String> = events::table
        .filter(events::subject_type.eq("work_plan"))
        .order(events::seq)
        .select(events::type_)
        .load(&mut app.database.connect().await)
        .await
        .expect("events");
    let expected = ["submitted", "returned", "submitted", "acknowledged"];
    assert_eq!(announced, expected.map(|step| format!("work_plan.{step}")));
}

/// What the coordinator is told to compare with.
async fn returned_etag(user: &User, plan: &Answer) -> Option<String> {
    user.get(&path(plan)).await.header("etag").map(str::to_owned)
}

#[tokio::test]
async fn one_plan_a_department_and_year_also_for_many_at_once() {
    let app = TestApp::at("2026-01-12T01:30:00Z").await;
    let education = app.department("education").await;
    let made = (0..8).map(|_| education.post(PLANS, body(2026)));
    let made = futures_util::future::join_all(made).await;
    let won: Vec<&Answer> = made.iter().filter(|answer| answer.status == 201).collect();
    let [first] = won[..] else {
        panic!("{} plans", won.len())
    };
    let refused = education
        .post(PLANS, body(2026))
        .await
        .problem(409, "work_plan_exists");
    assert_eq!(refused.json["work_plan"], first.json["id"]);
    draft(&education, 2027).await;

    step(&education, first, "submit", json!({})).await.expect(200);
    let revise = format!("{}/revise", path(first));
    let revisions = futures_util::future::join_all((0..8).map(|_| education.post(&revise, json!({})))).await;
    let won: Vec<&Answer> = revisions.iter().filter(|answer| answer.status == 200).collect();
    let [second] = won[..] else {
        panic!("{} revisions", won.len())
    };
    for lost in revisions.iter().filter(|answer| answer.status != 200) {
        assert_eq!(lost.json["code"], "revision_under_way", "{}", lost.text());
    }
    let submit = format!("{}/submit", path(second));
    let submitted = futures_util::future::join_all((0..8).map(|_| education.post(&submit, json!({})))).await;
    let won = submitted.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(won, 1);
    assert_eq!(
        listed(&education, "?year=2026").await,
        [row("education", 2, "submitted")]
    );
    // Who revises meanwhile and who decides come one after the other.
    let coordinator = app.coordinator().await;
    assert_eq!(todos(&coordinator).await, ["acknowledge_work_plan"]);
}

#[tokio::test]
async fn drafts_are_edited_by_what_they_are_and_nothing_else_is() {
    let app = TestApp::at("2026-01-12T01:30:00Z").await;
    let education = app.department("education").await;
    let plan = draft(&education, 2026).await;
    let kept = plan.json["items"][0]["id"].clone();
    let items = json!({ "items": [
        { "kind": "visit", "title": "走访企业", "month": 9 },
        { "id": kept, "kind": "joint_research", "title": "“双减”联合调研", "month": 6, "parties": ["minmeng"] },
    ] });
    let without = education
        .send(Method::PATCH, &path(&plan), Some(items.clone()))
        .await;
    without.problem(428, "precondition_required");
    let edited = edit(&education, &plan, items.clone()).await.expect(200);
    assert_eq!(edited.json["items"][1]["id"], kept);
    assert_eq!(edited.json["items"][1]["title"], "“双减”联合调研");
    edit(&education, &plan, items.clone())
        .await
        .problem(412, "precondition_failed");
    // The item that went is known no more.
    let count: i64 = planned_items::table
        .count()
        .get_result(&mut app.database.connect().await)
        .await
        .expect("items");
    assert_eq!(count, 2);

    let wrong = json!({ "items": [
        { "id": "0193d2a4-5c00-7000-8000-00000000ffff", "kind": "visit", "title": "走访" },
        { "id": kept, "kind": "visit", "title": " ", "month": 13, "parties": ["nobody", "education", "minge", "minge"] },
        { "id": kept, "kind": "visit", "title": "走访" },
    ] });
    let refused = edit(&education, &edited, wrong.clone())
        .await
        .problem(422, "invalid");
    assert!(
        refused.faults().contains(&"/items/1/title blank".to_owned()),
        "{:?}",
        refused.faults()
    );
    let mut wrong = wrong;
    wrong["items"][1]["title"] = "走访".into();
    wrong["items"][1]["month"] = 12.into();
    let refused = edit(&education, &edited, wrong).await.problem(422, "invalid");
    assert_eq!(
        refused.faults(),
        [
            "/items/0/id unknown_reference",
            "/items/1/parties/0 unknown_reference",
            "/items/1/parties/1 unknown_reference",
            "/items/1/parties/3 repeated",
            "/items/2/id repeated",
        ]
    );
    // Another department's items are as unknown as its plan.
    let health = app.department("health").await;
    let foreign = edit(
        &health,
        &edited,
        json!({ "items": [{ "id": kept, "kind": "visit", "title": "走访" }] }),
    )
    .await;
    assert_eq!(
        foreign.problem(422, "invalid").faults(),
        ["/items/0/id unknown_reference"]
    );
    edit(&health, &edited, json!({ "items": [] }))
        .await
        .problem(404, "not_found");

    let empty = edit(&education, &edited, json!({ "items": [] }))
        .await
        .expect(200);
    assert!(actions(&empty).is_empty());
    step(&education, &empty, "submit", json!({}))
        .await
        .problem(409, "work_plan_empty");
    let filled = edit(
        &education,
        &empty,
        json!({ "items": [{ "kind": "visit", "title": "走访" }] }),
    )
    .await
    .expect(200);
    let submitted = step(&education, &filled, "submit", json!({})).await.expect(200);
    edit(&education, &submitted, json!({ "items": [] }))
        .await
        .problem(409, "already_submitted");
    let tag = submitted.header("etag").expect("a tag");
    let delete = education.with("If-Match", tag);
    delete
        .send(Method::DELETE, &path(&submitted), None)
        .await
        .problem(409, "already_submitted");
}

#[tokio::test]
async fn a_deleted_revision_leaves_the_plan_as_it_was() {
    let app = TestApp::at("2026-01-12T01:30:00Z").await;
    let education = app.department("education").await;
    let plan = draft(&education, 2026).await;
    step(&education, &plan, "submit", json!({})).await.expect(200);
    let next = step(&education, &plan, "revise", json!({})).await.expect(200);
    let delete = education.with("If-Match", next.header("etag").expect("a tag"));
    delete.send(Method::DELETE, &path(&next), None).await.expect(204);
    education.get(&path(&next)).await.problem(404, "not_found");
    let again = step(&education, &plan, "revise", json!({})).await.expect(200);
    assert_eq!(again.json["version"], 2);
    assert_eq!(again.json["items"], plan.json["items"]);
}

#[tokio::test]
async fn the_coordinator_records_for_whom_nobody_can_act() {
    let app = TestApp::at("2026-01-12T01:30:00Z").await;
    let (coordinator, admin) = (app.coordinator().await, app.admin().await);
    let unnamed = coordinator.post(PLANS, body(2026)).await.problem(422, "invalid");
    assert_eq!(unnamed.faults(), ["/department required"]);
    let mut named = body(2026);
    named["department"] = "education".into();
    coordinator
        .post(PLANS, named.clone())
        .await
        .problem(403, "not_yours");
    admin
        .post("/api/v1/users/department-education/disable", json!({}))
        .await
        .expect(200);
    let plan = coordinator.post(PLANS, named.clone()).await.expect(201);
    assert_eq!(plan.json["recorded_on_behalf"], true);
    assert_eq!(actions(&plan), ["submit"]);
    let office = app.government_office().await;
    office.get(&path(&plan)).await.problem(404, "not_found");
    assert_eq!(listed(&coordinator, "").await, [row("education", 1, "draft")]);
    let submitted = step(&coordinator, &plan, "submit", json!({})).await.expect(200);
    assert_eq!(actions(&submitted), ["acknowledge", "return", "revise"]);
    office.get(&path(&plan)).await.expect(200);
    // From then on the department revises it, and nobody offers it to others.
    admin
        .post("/api/v1/users/department-education/enable", json!({}))
        .await
        .expect(200);
    let seen = coordinator.get(&path(&plan)).await.expect(200);
    assert_eq!(actions(&seen), ["acknowledge", "return"]);
    let refused = step(&coordinator, &plan, "revise", json!({})).await;
    refused.problem(403, "not_yours");
    named["department"] = "health".into();
    let other = app.department("science-technology").await;
    other.post(PLANS, named).await.problem(403, "not_yours");
}

#[tokio::test]
async fn lists_are_filtered_paged_and_taken_away() {
    let app = TestApp::at("2026-01-12T01:30:00Z").await;
    let education = app.department("education").await;
    let first = draft(&education, 2026).await;
    step(&education, &first, "submit", json!({})).await.expect(200);
    app.clock.set(at("2026-01-13T01:30:00Z"));
    let (health, coordinator) = (app.department("health").await, app.coordinator().await);
    let office = app.government_office().await;
    let second =
        json!({ "year": 2026, "items": [{ "kind": "visit", "title": "义诊", "parties": ["nonggong"] }] });
    let second = health.post(PLANS, second).await.expect(201);
    step(&health, &second, "submit", json!({})).await.expect(200);
    draft(&health, 2027).await;
    let (one, two) = (row("education", 1, "submitted"), row("health", 1, "submitted"));
    for (query, expected) in [
        ("", vec![two.clone(), one.clone()]),
        ("?sort=created_at", vec![one.clone(), two.clone()]),
        ("?department=health", vec![two.clone()]),
        ("?party=minmeng", vec![one.clone()]),
        ("?year=2027", vec![]),
        ("?state=draft", vec![]),
        ("?updated_since=2026-01-13T00:00:00Z", vec![two.clone()]),
    ] {
        assert_eq!(listed(&coordinator, query).await, expected, "{query}");
        assert_eq!(listed(&office, query).await, expected, "{query}");
    }
    assert_eq!(
        listed(&health, "").await,
        [row("health", 1, "draft"), two.clone()]
    );
    let page = coordinator
        .get(&format!("{PLANS}?limit=1&with_total=true"))
        .await
        .expect(200);
    assert_eq!(page.json["total"], 2);
    let cursor = page.json["next_cursor"].as_str().expect("a cursor");
    assert_eq!(
        listed(&coordinator, &format!("?limit=1&cursor={cursor}")).await,
        [one]
    );
    let refused = coordinator
        .get(&format!("{PLANS}?department=minmeng&party=health"))
        .await
        .problem(422, "invalid");
    assert_eq!(
        refused.faults(),
        ["department unknown_reference", "party unknown_reference"]
    );
    let csv = coordinator
        .with("Accept", "text/csv")
        .get(PLANS)
        .await
        .expect(200)
        .text();
    assert!(
        csv.contains("5月 调研：“双减”专题调研（民盟市委会、民进市委会）") && !csv.contains("2027"),
        "{csv}"
    );
}

#[tokio::test]
async fn files_hang_on_a_draft_and_stay_with_what_was_submitted() {
    use crate::support::Form;
    let app = TestApp::at("2026-01-12T01:30:00Z").await;
    let (education, coordinator) = (app.department("education").await, app.coordinator().await);
    let plan = draft(&education, 2026).await;
    let attach = async |user: &User| {
        let form = Form::new("work_plan", &plan.json["id"]).file("盖章件.pdf", b"%PDF-1.7 plan");
        user.send_raw(Method::POST, "/api/v1/attachments", Some(form.body()))
            .await
    };
    attach(&coordinator).await.problem(422, "invalid");
    attach(&education).await.expect(201);
    step(&education, &plan, "submit", json!({})).await.expect(200);
    attach(&education).await.problem(403, "not_yours");
    let attached = async |to: &Answer| {
        let id = to.json["id"].as_str().expect("an id");
        let list = format!("/api/v1/attachments?subject_type=work_plan&subject_id={id}");
        education.get(&list).await.expect(200).items().len()
    };
    assert_eq!(attached(&plan).await, 1);
    // The next version has papers of its own; what was submitted keeps its.
    let next = step(&education, &plan, "revise", json!({})).await.expect(200);
    assert_eq!(attached(&next).await, 0);
    step(&education, &next, "submit", json!({})).await.expect(200);
    assert_eq!(attached(&plan).await, 1);
}
