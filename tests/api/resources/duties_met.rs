//! 三(四)3: when a duty is met, in whatever order things happen, and what is opened late.

use super::statistics::figures;
use crate::support::{TestApp, User, at, to_the_second};
use chrono::{DateTime, NaiveDate, Utc};
use diesel_async::SimpleAsyncConnection;
use serde_json::{Value, json};

const DUTIES: &str = "/api/v1/reporting-duties";

/// The service was started first on that instant.
async fn installed(app: &TestApp, since: &str) {
    let sql = format!("INSERT INTO installation (demo, made_at) VALUES (false, '{since}')");
    app.database
        .connect()
        .await
        .batch_execute(&sql)
        .await
        .expect("an installation");
}

async fn switch(user: &User, key: &str, enabled: bool) {
    let path = format!("/api/v1/settings/{key}");
    let set = user.patch(&path, json!({ "enabled": enabled })).await.expect(200);
    assert_eq!(set.json["enabled"], enabled);
}

/// What a department owes of a kind for a period that ends on a day; null where there is nothing.
async fn duty(app: &TestApp, department: &str, kind: &str, to: &str) -> Value {
    let coordinator = app.coordinator().await;
    let list = coordinator
        .get(&format!("{DUTIES}?limit=200&kind={kind}&department={department}"))
        .await
        .expect(200);
    let found = list.items().iter().find(|duty| duty["period"]["to"] == to);
    found.cloned().unwrap_or(Value::Null)
}

async fn todo_kinds(user: &User) -> Vec<String> {
    let list = user.get("/api/v1/me/todos?limit=200").await.expect(200);
    let kinds = list
        .items()
        .iter()
        .map(|todo| todo["kind"].as_str().expect("a kind").to_owned());
    kinds
        .filter(|kind| kind.contains("work_report") || kind.contains("work_plan"))
        .collect()
}

fn report(kind: &str, from: &str, to: &str) -> Value {
    json!({
        "period": { "kind": kind, "from": from, "to": to },
        "title": "对口联系工作情况",
        "text": "今年以来，我局走访对口党派三次。",
    })
}

async fn drafted(user: &User, body: Value) -> String {
    let draft = user.post("/api/v1/work-reports", body).await.expect(201);
    format!(
        "/api/v1/work-reports/{}",
        draft.json["id"].as_str().expect("an id")
    )
}

async fn submit(user: &User, path: &str) {
    user.post(&format!("{path}/submit"), json!({ "no_secrets": true }))
        .await
        .expect(200);
}

#[tokio::test]
async fn a_report_sent_before_its_period_ends_meets_the_duty_that_opens_afterwards() {
    let app = TestApp::new().await;
    app.clock.set(at("2026-06-02T02:00:00Z"));
    switch(&app.coordinator().await, "half_yearly_reports", true).await;
    let education = app.department("education").await;
    let half = drafted(&education, report("half_year", "2026-01-01", "2026-06-30")).await;
    submit(&education, &half).await;
    app.coordinator()
        .await
        .post(&format!("{half}/receive"), json!({}))
        .await
        .expect(200);
    app.clock.set(at("2026-12-15T02:00:00Z"));
    let education = app.department("education").await;
    let year = drafted(&education, report("year", "2026-01-01", "2026-12-31")).await;
    submit(&education, &year).await;
    app.coordinator()
        .await
        .post(&format!("{year}/receive"), json!({}))
        .await
        .expect(200);
    // Past every day on which they are due.
    for day in ["2026-07-01", "2027-01-01", "2027-03-01"] {
        app.clock.set(at(&format!("{day}T02:00:00Z")));
        app.run_jobs().await;
    }
    for (to, met_at) in [
        ("2026-06-30", "2026-06-02T02:00:00"),
        ("2026-12-31", "2026-12-15T02:00:00"),
    ] {
        let duty = duty(&app, "education", "work_report", to).await;
        assert_eq!(
            (&duty["state"], to_the_second(&duty["met_at"]), &duty["overdue"]),
            (&json!("submitted"), met_at, &json!(false)),
            "{duty}"
        );
        let silent = duty_of_silent(&app, to).await;
        assert_eq!(
            (&silent["state"], &silent["overdue"]),
            (&json!("awaited"), &json!(true))
        );
    }
    let education = app.department("education").await;
    assert_eq!(todo_kinds(&education).await, ["submit_work_plan"]);
    let told = education.get("/api/v1/notifications?limit=200").await.expect(200);
    let reminded = told.items().iter().filter(|one| {
        one["kind"] == "reminder" && one["title"].as_str().expect("a title").contains("工作情况报告")
    });
    assert_eq!(reminded.count(), 0);
    // Nor is it named in figures.
    let coordinator = app.coordinator().await;
    let counted = coordinator
        .get("/api/v1/statistics/departments?from=2026-01-01&to=2026-12-31&department=education")
        .await
        .expect(200);
    let figures = figures(&counted.json["items"][0]["figures"]);
    assert_eq!(figures["reports_in_time"], (2, Some(2)));
    // Its plan of the year, which it never owed, is not among them.
    assert_eq!(figures["reports_missing"], (0, None));
}

async fn duty_of_silent(app: &TestApp, to: &str) -> Value {
    duty(app, "health", "work_report", to).await
}

#[tokio::test]
async fn a_plan_sent_before_its_year_and_one_recorded_on_behalf_meet_theirs() {
    let app = TestApp::new().await;
    app.clock.set(at("2026-12-20T02:00:00Z"));
    let plan = json!({ "year": 2027, "items": [{ "kind": "visit", "title": "走访对口党派" }] });
    let education = app.department("education").await;
    let sent = education
        .post("/api/v1/work-plans", plan.clone())
        .await
        .expect(201);
    let path = format!("/api/v1/work-plans/{}", sent.json["id"].as_str().expect("an id"));
    education
        .post(&format!("{path}/submit"), json!({}))
        .await
        .expect(200);
    app.admin()
        .await
        .post("/api/v1/users/department-forestry/disable", json!({}))
        .await
        .expect(200);
    let coordinator = app.coordinator().await;
    let mut on_behalf = plan;
    on_behalf["department"] = "forestry".into();
    let recorded = coordinator
        .post("/api/v1/work-plans", on_behalf)
        .await
        .expect(201);
    let path = format!(
        "/api/v1/work-plans/{}",
        recorded.json["id"].as_str().expect("an id")
    );
    coordinator
        .post(&format!("{path}/submit"), json!({}))
        .await
        .expect(200);
    app.clock.set(at("2027-01-04T02:00:00Z"));
    app.run_jobs().await;
    for (department, state) in [
        ("education", "submitted"),
        ("forestry", "submitted"),
        ("health", "awaited"),
    ] {
        let duty = duty(&app, department, "work_plan", "2027-12-31").await;
        assert_eq!(duty["state"], state, "{department}");
    }
}

/// What can happen to one report.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Event {
    Submit,
    Receive,
    Return,
    Revise,
    /// The period's end, and with it the opening of the duty.
    Open,
}

/// Every order in which five steps are possible.
fn orders() -> Vec<Vec<Event>> {
    use Event::{Open, Receive, Return, Revise, Submit};
    let mut found = Vec::new();
    let mut under_way: Vec<Vec<Event>> = vec![Vec::new()];
    while let Some(order) = under_way.pop() {
        let steps: Vec<Event> = order.iter().copied().filter(|event| *event != Open).collect();
        let next: &[Event] = match steps.last() {
            None | Some(Revise) => &[Submit],
            Some(Submit) => &[Receive, Return, Revise],
            Some(Receive | Return | Open) => &[Revise],
        };
        let open = (!order.contains(&Open)).then_some(Open);
        if order.len() == 5 {
            found.extend(order.contains(&Open).then_some(order));
            continue;
        }
        for event in next.iter().copied().chain(open) {
            under_way.push([order.clone(), vec![event]].concat());
        }
    }
    found
}

/// Each step has an instant of its own.
fn an_hour_later(app: &TestApp) {
    app.clock.set(app.clock.now() + chrono::TimeDelta::hours(1));
}

#[tokio::test]
async fn in_any_order_a_duty_is_met_exactly_while_a_version_stands() {
    let app = TestApp::new().await;
    let departments: Vec<String> = app
        .coordinator()
        .await
        .get("/api/v1/departments?limit=200")
        .await
        .expect(200)
        .items()
        .iter()
        .map(|one| one["code"].as_str().expect("a code").to_owned())
        .collect();
    let orders = orders();
    assert!(orders.len() > 20, "{orders:?}");
    drop(app);
    // The period's end is the same for all: what stands before it in an order is done before, the rest after.
    // A department an order, in as many rounds as that takes, each of another copy of the service.
    for round in orders.chunks(departments.len()) {
        let app = TestApp::new().await;
        app.clock.set(at("2026-12-01T02:00:00Z"));
        let mut reports: Vec<Report> = Vec::new();
        for (department, order) in departments.iter().zip(round) {
            let user = app.department(department).await;
            let path = drafted(&user, report("year", "2026-01-01", "2026-12-31")).await;
            reports.push((path, None));
            let before = order.iter().take_while(|event| **event != Event::Open);
            play(&app, department, before, reports.last_mut().expect("a report")).await;
        }
        app.clock.set(at("2027-01-04T02:00:00Z"));
        app.run_jobs().await;
        for ((department, order), report) in departments.iter().zip(round).zip(&mut reports) {
            let after = order.iter().skip_while(|event| **event != Event::Open).skip(1);
            check(&app, department, order, report).await;
            play(&app, department, after, report).await;
            check(&app, department, order, report).await;
        }
        app.run_jobs().await;
        for ((department, order), report) in departments.iter().zip(round).zip(&reports) {
            check(&app, department, order, report).await;
        }
    }
}

/// The version that the steps are about, and since when one stands.
type Report = (String, Option<DateTime<Utc>>);

async fn play(app: &TestApp, department: &str, events: impl Iterator<Item = &Event>, report: &mut Report) {
    for event in events {
        an_hour_later(app);
        let (user, coordinator) = (app.department(department).await, app.coordinator().await);
        match event {
            Event::Submit => {
                submit(&user, &report.0).await;
                report.1.get_or_insert(app.clock.now());
            }
            Event::Receive => {
                coordinator
                    .post(&format!("{}/receive", report.0), json!({}))
                    .await
                    .expect(200);
            }
            Event::Return => {
                let reason = json!({ "reason": "缺少活动数据。" });
                coordinator
                    .post(&format!("{}/return", report.0), reason)
                    .await
                    .expect(200);
                report.1 = None;
            }
            Event::Revise => {
                let next = user
                    .post(&format!("{}/revise", report.0), json!({}))
                    .await
                    .expect(200);
                report.0 = format!(
                    "/api/v1/work-reports/{}",
                    next.json["id"].as_str().expect("an id")
                );
            }
            Event::Open => unreachable!("the period's end is the clock's"),
        }
    }
}

async fn check(app: &TestApp, department: &str, order: &[Event], (_, since): &Report) {
    let duty = duty(app, department, "work_report", "2026-12-31").await;
    let met_at: Option<DateTime<Utc>> = duty["met_at"].as_str().map(at);
    assert_eq!(met_at, *since, "{department} {order:?} {duty}");
    let state = if since.is_some() { "submitted" } else { "awaited" };
    assert_eq!(duty["state"], state, "{order:?}");
    assert_eq!(
        duty["overdue"], false,
        "nothing is late by January: {order:?} {duty}"
    );
    // What is owed waits once, and what is sent does not.
    let waiting = todo_kinds(&app.department(department).await).await;
    let of_reports = waiting.iter().filter(|kind| kind.contains("report")).count();
    assert_eq!(of_reports, usize::from(since.is_none()), "{order:?} {waiting:?}");
}

#[tokio::test]
async fn what_was_returned_late_runs_by_the_term_of_its_resubmission_and_late_stays_late() {
    let app = TestApp::new().await;
    app.clock.set(at("2027-01-04T02:00:00Z"));
    app.run_jobs().await;
    // Due on 1 February. One in time, returned after it; one late, returned and sent again in time.
    let in_time = drafted(
        &app.department("education").await,
        report("year", "2026-01-01", "2026-12-31"),
    )
    .await;
    submit(&app.department("education").await, &in_time).await;
    app.clock.set(at("2027-02-03T02:00:00Z"));
    let late = drafted(
        &app.department("health").await,
        report("year", "2026-01-01", "2026-12-31"),
    )
    .await;
    submit(&app.department("health").await, &late).await;
    let reason = json!({ "reason": "缺少活动数据。" });
    for path in [&in_time, &late] {
        let coordinator = app.coordinator().await;
        coordinator
            .post(&format!("{path}/return"), reason.clone())
            .await
            .expect(200);
    }
    let waiting = duty(&app, "education", "work_report", "2026-12-31").await;
    assert_eq!(
        (&waiting["state"], &waiting["overdue"]),
        (&json!("awaited"), &json!(false))
    );
    assert!(in_time.ends_with(waiting["document"].as_str().expect("what was returned")));
    let due_on: NaiveDate = waiting["due_on"].as_str().expect("a day").parse().expect("a day");
    assert!(due_on > app.clock.today(), "{waiting}");
    let education = app.department("education").await;
    assert_eq!(
        todo_kinds(&education).await,
        ["submit_work_plan", "revise_work_report"]
    );
    let path = format!("{DUTIES}/{}/deadlines", waiting["id"].as_str().expect("an id"));
    let explained = education.get(&path).await.expect(200);
    assert_eq!(explained.items().len(), 2);
    an_hour_later(&app);
    for (department, path, overdue) in [("education", &in_time, false), ("health", &late, true)] {
        let user = app.department(department).await;
        let next = user.post(&format!("{path}/revise"), json!({})).await.expect(200);
        let next = format!(
            "/api/v1/work-reports/{}",
            next.json["id"].as_str().expect("an id")
        );
        submit(&user, &next).await;
        let duty = duty(&app, department, "work_report", "2026-12-31").await;
        assert_eq!(
            (&duty["state"], &duty["overdue"]),
            (&json!("submitted"), &json!(overdue)),
            "{department}"
        );
    }
}

#[tokio::test]
async fn a_duty_that_an_older_release_left_open_is_met_by_the_runner() {
    let app = TestApp::new().await;
    app.clock.set(at("2026-12-15T02:00:00Z"));
    let education = app.department("education").await;
    let year = drafted(&education, report("year", "2026-01-01", "2026-12-31")).await;
    submit(&education, &year).await;
    app.clock.set(at("2027-01-04T02:00:00Z"));
    app.run_jobs().await;
    // As it was opened before: waiting, although it was sent.
    let reopened = "UPDATE todos SET closed_at = NULL WHERE kind = 'submit_work_report'";
    app.database
        .connect()
        .await
        .batch_execute(reopened)
        .await
        .expect("SQL");
    assert_eq!(
        duty(&app, "education", "work_report", "2026-12-31").await["state"],
        "awaited"
    );
    app.run_jobs().await;
    let met = duty(&app, "education", "work_report", "2026-12-31").await;
    assert_eq!(to_the_second(&met["met_at"]), "2026-12-15T02:00:00");
}

#[tokio::test]
async fn what_came_due_while_nothing_ran_is_opened_late_and_nobody_is_late_for_it() {
    let app = TestApp::new().await;
    installed(&app, "2025-11-25T02:00:00Z").await;
    // Nothing ran from before the year's end to its summer.
    app.clock.set(at("2026-06-10T02:00:00Z"));
    app.run_jobs().await;
    for (kind, to) in [("work_plan", "2026-12-31"), ("work_report", "2025-12-31")] {
        let duty = duty(&app, "education", kind, to).await;
        assert_eq!(
            (&duty["opened_late"], &duty["state"], &duty["overdue"]),
            (&json!(true), &json!("awaited"), &json!(false)),
            "{kind} {duty}"
        );
        assert_eq!(
            duty["due_on"], "2026-07-10",
            "a month from the day on which it was asked"
        );
    }
    // What was due before there was an installation is not asked for.
    assert_eq!(
        duty(&app, "education", "work_plan", "2025-12-31").await,
        Value::Null
    );
    // The next is opened in its time.
    app.clock.set(at("2027-01-04T02:00:00Z"));
    app.run_jobs().await;
    assert_eq!(
        duty(&app, "education", "work_plan", "2027-12-31").await["opened_late"],
        false
    );
}

#[tokio::test]
async fn half_yearly_reports_are_owed_only_while_a_setting_asks_for_them() {
    let app = TestApp::new().await;
    app.clock.set(at("2026-07-01T02:00:00Z"));
    app.run_jobs().await;
    assert_eq!(
        duty(&app, "education", "work_report", "2026-06-30").await,
        Value::Null
    );
    let coordinator = app.coordinator().await;
    switch(&coordinator, "half_yearly_reports", true).await;
    let education = app.department("education").await;
    assert_eq!(todo_kinds(&education).await, ["submit_work_report"]);
    let half = drafted(&education, report("half_year", "2026-01-01", "2026-06-30")).await;
    submit(&education, &half).await;
    switch(&coordinator, "half_yearly_reports", false).await;
    // What was sent stays on record, what was not is asked for no longer.
    assert_eq!(
        duty(&app, "education", "work_report", "2026-06-30").await["state"],
        "submitted"
    );
    assert_eq!(
        duty(&app, "health", "work_report", "2026-06-30").await,
        Value::Null
    );
    assert!(todo_kinds(&app.department("health").await).await.is_empty());
    app.clock.set(at("2026-08-20T02:00:00Z"));
    app.run_jobs().await;
    let coordinator = app.coordinator().await;
    switch(&coordinator, "half_yearly_reports", true).await;
    // Its day had passed when it was asked for again.
    assert_eq!(
        duty(&app, "health", "work_report", "2026-06-30").await,
        Value::Null
    );
}
