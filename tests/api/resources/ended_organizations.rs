//! 机构改革: what an account may still do whose department has been merged or abolished, and what becomes of its leader.

use crate::support::{at, on_a_monday};
use diesel_async::SimpleAsyncConnection;
use serde_json::{Value, json};

fn appointment(from: &str) -> Value {
    json!({
        "effective_from": from,
        "leader": { "name": "方志坚" },
        "office": { "name": "金融发展科" },
        "contacts": [{ "name": "许慧" }],
    })
}

fn plan(year: i32) -> Value {
    json!({ "year": year, "items": [{ "kind": "visit", "title": "走访对口党派" }] })
}

#[tokio::test]
async fn the_account_of_a_merged_department_is_told_so_and_reads_its_past() {
    let app = on_a_monday().await;
    let ended = app.department("financial-affairs").await;
    let leader = ended
        .post("/api/v1/liaison-leaders", appointment("2026-02-02"))
        .await
        .expect(201);
    let made = ended.post("/api/v1/work-plans", plan(2026)).await.expect(201);
    let made = format!("/api/v1/work-plans/{}", made.json["id"].as_str().expect("an id"));
    ended.post(&format!("{made}/submit"), json!({})).await.expect(200);
    let raised = json!({ "title": "职责不清", "text": "两部门职责有交叉。" });
    let problem = ended
        .post("/api/v1/problem-reports", raised.clone())
        .await
        .expect(201);
    let problem = format!(
        "/api/v1/problem-reports/{}",
        problem.json["id"].as_str().expect("an id")
    );
    app.coordinator()
        .await
        .post(
            "/api/v1/departments/financial-affairs/merge",
            json!({ "into": "finance" }),
        )
        .await
        .expect(200);
    // Every write says what is the matter, with the token of before as with a new one.
    for user in [ended, app.department("financial-affairs").await] {
        for (path, body) in [
            ("/api/v1/work-plans".to_owned(), plan(2027)),
            ("/api/v1/problem-reports".to_owned(), raised.clone()),
            ("/api/v1/liaison-leaders".to_owned(), appointment("2026-04-01")),
            (format!("{made}/revise"), json!({})),
            (
                "/api/v1/departments/financial-affairs/rules".to_owned(),
                json!({ "kind": "other", "title": "制度", "issued_on": "2026-01-01" }),
            ),
        ] {
            let refused = user.post(&path, body).await.problem(403, "organization_ended");
            assert_eq!(refused.json["ended_on"], "2026-03-02", "{path}");
            assert_eq!(refused.json["successor"]["code"], "finance", "{path}");
        }
        // What its role never could is refused as ever.
        user.post("/api/v1/schemes", json!({}))
            .await
            .problem(403, "role_not_allowed");
        for path in [&made, &problem] {
            let read = user.get(path).await.expect(200);
            assert_eq!(read.json["allowed_actions"], json!([]), "{path}");
        }
        for list in ["work-plans", "problem-reports"] {
            let list = user.get(&format!("/api/v1/{list}")).await.expect(200);
            assert_eq!(list.items().len(), 1);
        }
        user.post("/api/v1/notifications/read-all", json!({}))
            .await
            .expect(200);
        user.get("/api/v1/me").await.expect(200);
        let waiting = user.get("/api/v1/me/todos").await.expect(200);
        assert!(waiting.items().is_empty(), "it waits for the successor");
    }
    // Whoever acts for it now sees the same, and acts.
    let successor = app.department("finance").await;
    successor
        .post(&format!("{made}/revise"), json!({}))
        .await
        .expect(200);
    successor.get(&problem).await.expect(200);
    // Nobody else does.
    app.department("health")
        .await
        .get(&problem)
        .await
        .problem(404, "not_found");
    let leader = format!(
        "/api/v1/liaison-leaders/{}",
        leader.json["id"].as_str().expect("an id")
    );
    assert_eq!(successor.get(&leader).await.expect(200).json["status"], "former");
}

#[tokio::test]
async fn a_leader_ends_with_the_department_and_nobody_is_asked_for_another() {
    let app = on_a_monday().await;
    let department = app.department("financial-affairs").await;
    department
        .post("/api/v1/liaison-leaders", appointment("2026-01-05"))
        .await
        .expect(201);
    let coordinator = app.coordinator().await;
    let list = "/api/v1/liaison-leaders?limit=200&department=financial-affairs";
    assert_eq!(coordinator.get(list).await.items().len(), 1);
    let body = json!({ "into": "finance", "effective_from": "2026-03-09" });
    coordinator
        .post("/api/v1/departments/financial-affairs/merge", body)
        .await
        .expect(200);
    assert_eq!(
        coordinator.get(list).await.items()[0]["effective_until"],
        "2026-03-09"
    );
    app.clock.set(at("2026-03-09T01:30:00Z"));
    let coordinator = app.coordinator().await;
    assert!(coordinator.get(list).await.expect(200).items().is_empty());
    let past = coordinator
        .get(&format!("{list}&include_ended=true"))
        .await
        .expect(200);
    assert_eq!(past.items()[0]["status"], "former");
    app.run_jobs().await;
    let todos = app
        .department("finance")
        .await
        .get("/api/v1/me/todos?limit=200")
        .await
        .expect(200);
    let asked: Vec<&str> = todos
        .items()
        .iter()
        .filter(|todo| todo["kind"] == "appoint_liaison_leader")
        .map(|todo| todo["organization"]["code"].as_str().expect("a code"))
        .collect();
    assert_eq!(asked, ["finance"], "for itself alone");
}

#[tokio::test]
async fn a_party_and_an_office_that_ended_are_told_the_same() {
    let app = on_a_monday().await;
    let end = "UPDATE organizations SET ended_on = '2026-03-01', end_kind = 'abolished'
        WHERE code IN ('minge', 'government-office')";
    app.database
        .connect()
        .await
        .batch_execute(end)
        .await
        .expect("SQL");
    let raised = json!({ "title": "职责不清", "text": "两部门职责有交叉。" });
    let party = app.party("minge").await;
    let refused = party
        .post("/api/v1/problem-reports", raised)
        .await
        .problem(403, "organization_ended");
    assert_eq!(refused.json["successor"], Value::Null);
    party.get("/api/v1/suggestions").await.expect(200);
    let office = app.government_office().await;
    let anything = "/api/v1/work-reports/0193d2a4-5c00-7000-8000-000000000009/acknowledge";
    office
        .post(anything, json!({}))
        .await
        .problem(403, "organization_ended");
    office.get("/api/v1/work-reports").await.expect(200);
}
