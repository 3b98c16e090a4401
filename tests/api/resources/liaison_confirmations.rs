//! 零报告: what a quarter's end asks of departments.

use crate::support::{TestApp, at};
use serde_json::{Value, json};

fn appointment(from: &str) -> Value {
    json!({
        "effective_from": from,
        "leader": { "name": "王建平" },
        "office": { "name": "办公室" },
        "contacts": [{ "name": "李秋霞" }],
    })
}

async fn switch(app: &TestApp, enabled: bool) {
    let coordinator = app.coordinator().await;
    let path = "/api/v1/settings/quarterly_confirmation";
    coordinator
        .patch(path, json!({ "enabled": enabled }))
        .await
        .expect(200);
}

async fn waiting(app: &TestApp) -> usize {
    let education = app.department("education").await;
    let todos = education
        .get("/api/v1/me/todos?kind=confirm_liaison_leader")
        .await
        .expect(200);
    todos.items().len()
}

#[tokio::test]
async fn nothing_is_asked_unless_a_setting_asks_and_no_longer_once_it_does_not() {
    let app = TestApp::new().await;
    app.clock.set(at("2026-07-01T02:00:00Z"));
    let education = app.department("education").await;
    education
        .post("/api/v1/liaison-leaders", appointment("2025-01-06"))
        .await
        .expect(201);
    app.run_jobs().await;
    assert_eq!(waiting(&app).await, 0, "the notice has no such thing");
    switch(&app, true).await;
    assert_eq!(waiting(&app).await, 1, "at once");
    switch(&app, false).await;
    assert_eq!(waiting(&app).await, 0);
    app.run_jobs().await;
    let coordinator = app.coordinator().await;
    let list = "/api/v1/liaison-confirmations";
    assert!(coordinator.get(list).await.expect(200).items().is_empty());
    app.clock.set(at("2026-07-20T02:00:00Z"));
    app.run_jobs().await;
    let told = app
        .department("education")
        .await
        .get("/api/v1/notifications?limit=200")
        .await
        .expect(200);
    assert!(told.items().iter().all(|one| one["kind"] != "reminder"));
    // On again after the day on which it would have been due: from the next quarter on.
    switch(&app, true).await;
    assert_eq!(waiting(&app).await, 0);
    app.clock.set(at("2026-10-09T02:00:00Z"));
    app.run_jobs().await;
    assert_eq!(waiting(&app).await, 1);
}

#[tokio::test]
async fn a_quarter_that_ended_while_nothing_ran_is_asked_for_late() {
    let app = TestApp::new().await;
    app.clock.set(at("2026-03-20T02:00:00Z"));
    let education = app.department("education").await;
    education
        .post("/api/v1/liaison-leaders", appointment("2025-01-06"))
        .await
        .expect(201);
    app.long_since_on("quarterly_confirmation").await;
    // Two quarters ended, and the term of the first passed, before anything ran again.
    app.clock.set(at("2026-07-02T02:00:00Z"));
    app.run_jobs().await;
    let coordinator = app.coordinator().await;
    let list = coordinator
        .get("/api/v1/liaison-confirmations?department=education&year=2026")
        .await
        .expect(200);
    let late: Vec<(&Value, &Value, &Value)> = list
        .items()
        .iter()
        .map(|one| (&one["quarter"], &one["opened_late"], &one["overdue"]))
        .collect();
    assert_eq!(
        late,
        [
            (&json!(2), &json!(false), &json!(false)),
            (&json!(1), &json!(true), &json!(false))
        ]
    );
}

#[tokio::test]
async fn a_quarter_is_confirmed_changed_or_silent() {
    let app = TestApp::new().await;
    app.clock.set(at("2026-03-20T02:00:00Z"));
    for (code, from) in [
        ("education", "2025-01-06"),
        ("health", "2025-01-06"),
        ("finance", "2026-02-02"),
    ] {
        let department = app.department(code).await;
        department
            .post("/api/v1/liaison-leaders", appointment(from))
            .await
            .expect(201);
    }
    switch(&app, true).await;
    app.run_jobs().await;
    app.clock.set(at("2026-03-31T16:30:00Z"));
    app.run_jobs().await;
    let coordinator = app.coordinator().await;
    let path = "/api/v1/liaison-confirmations?year=2026&quarter=1";
    let states = |items: &[Value]| -> Vec<(String, String, String)> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let items = items.iter();
        items
            .map(|item| {
                (
                    text(&item["department"]["code"]),
                    text(&item["state"]),
                    text(&item["due_on"]),
                )
            })
            .collect()
    };
    let quarter = coordinator.get(path).await.expect(200);
    // Ten working days after 31 March; whoever has nobody on record owes a report instead.
    let due = quarter.items()[0]["due_on"].as_str().expect("a day").to_owned();
    let expected = |state: &str| {
        vec![
            ("finance".to_owned(), "changed".to_owned(), due.clone()),
            ("education".to_owned(), state.to_owned(), due.clone()),
            ("health".to_owned(), "awaited".to_owned(), due.clone()),
        ]
    };
    assert_eq!(states(quarter.items()), expected("awaited"));
    let education = app.department("education").await;
    let own = education.get(path).await.expect(200);
    assert_eq!(own.items().len(), 1);
    let id = own.items()[0]["id"].as_str().expect("an id").to_owned();
    let confirm = format!("/api/v1/liaison-confirmations/{id}/confirm");
    app.department("health")
        .await
        .post(&confirm, json!({}))
        .await
        .problem(404, "not_found");
    let confirmed = education.post(&confirm, json!({})).await.expect(200);
    assert_eq!(confirmed.json["state"], "unchanged");
    assert_eq!(confirmed.json["allowed_actions"], json!([]));
    education
        .post(&confirm, json!({}))
        .await
        .problem(409, "step_not_allowed");
    assert_eq!(states(coordinator.get(path).await.items()), expected("unchanged"));
    let silent = coordinator
        .get(&format!("{path}&state=awaited"))
        .await
        .expect(200);
    assert_eq!(silent.items().len(), 1);
    // A change that is reported afterwards for a day in the quarter settles it.
    let health = app.department("health").await;
    health
        .post("/api/v1/liaison-leaders", appointment("2026-03-30"))
        .await
        .expect(201);
    let silent = coordinator
        .get(&format!("{path}&state=awaited"))
        .await
        .expect(200);
    assert!(silent.items().is_empty());
}

#[tokio::test]
async fn the_coordinator_confirms_for_a_department_and_silence_becomes_overdue() {
    let app = TestApp::new().await;
    app.clock.set(at("2026-07-01T02:00:00Z"));
    app.department("education")
        .await
        .post("/api/v1/liaison-leaders", appointment("2025-01-06"))
        .await
        .expect(201);
    switch(&app, true).await;
    let coordinator = app.coordinator().await;
    let path = "/api/v1/liaison-confirmations?year=2026&quarter=2";
    assert_eq!(coordinator.get(path).await.items()[0]["overdue"], false);
    app.clock.set(at("2026-08-03T02:00:00Z"));
    let coordinator = app.coordinator().await;
    let found = coordinator.get(&format!("{path}&overdue=true")).await.expect(200);
    let id = found.items()[0]["id"].as_str().expect("an id");
    coordinator
        .post(&format!("/api/v1/liaison-confirmations/{id}/confirm"), json!({}))
        .await
        .problem(403, "not_yours");
    let admin = app.admin().await;
    let disable = "/api/v1/users/department-education/disable";
    admin.post(disable, json!({})).await.expect(200);
    let confirmed = coordinator
        .post(&format!("/api/v1/liaison-confirmations/{id}/confirm"), json!({}))
        .await
        .expect(200);
    assert_eq!(confirmed.json["recorded_on_behalf"], true);
    // Late stays late.
    assert_eq!(confirmed.json["overdue"], true);
}
