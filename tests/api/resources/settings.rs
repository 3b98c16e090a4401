use super::working_days::{acknowledgements, report};
use crate::support::TestApp;
use serde_json::{Value, json};

const ACKNOWLEDGEMENT: &str = "/api/v1/settings/leader_acknowledgement";

#[tokio::test]
async fn every_term_has_its_default() {
    let app = TestApp::new().await;
    let party = app.party("minge").await;
    let list = party
        .get("/api/v1/settings?limit=200&with_total=true")
        .await
        .expect(200);
    assert_eq!(list.json["total"], 24);
    for one in list.items() {
        match one["kind"].as_str() {
            Some("term") => assert_eq!(
                (&one["amount"], &one["unit"], &one["enabled"]),
                (&one["default"]["amount"], &one["default"]["unit"], &Value::Null)
            ),
            _ => assert_eq!(
                (&one["amount"], &one["enabled"], &one["enabled_by_default"]),
                (&Value::Null, &json!(false), &json!(false)),
                "the notice asks for neither"
            ),
        }
        assert_eq!(
            (&one["basis"], &one["updated_at"]),
            (&json!("practice"), &Value::Null)
        );
        let key = one["key"].as_str().expect("a key");
        let same = party.get(&format!("/api/v1/settings/{key}")).await.expect(200);
        assert_eq!(same.json, *one);
        assert!(same.etag().starts_with("\"0-"));
    }
    let first = party.get("/api/v1/settings?limit=20").await.expect(200);
    let cursor = first.json["next_cursor"].as_str().expect("a cursor");
    let second = party
        .get(&format!("/api/v1/settings?limit=20&cursor={cursor}"))
        .await
        .expect(200);
    assert_eq!([first.items(), second.items()].concat(), list.items());
    party
        .get("/api/v1/settings/tea_break")
        .await
        .problem(404, "not_found");
}

#[tokio::test]
async fn a_term_is_set_by_its_version() {
    let app = TestApp::new().await;
    let coordinator = app.coordinator().await;
    let default = coordinator.get(ACKNOWLEDGEMENT).await.expect(200).etag();
    let first = coordinator.with("If-Match", &default);
    let patch = reqwest::Method::PATCH;
    let body = json!({ "amount": 2, "unit": "months" });
    coordinator
        .send(patch.clone(), ACKNOWLEDGEMENT, Some(body.clone()))
        .await
        .problem(428, "precondition_required");
    let set = first
        .send(patch.clone(), ACKNOWLEDGEMENT, Some(body.clone()))
        .await
        .expect(200);
    assert_eq!(
        (&set.json["amount"], &set.json["unit"], &set.json["default"]),
        (
            &json!(2),
            &json!("months"),
            &json!({ "amount": 5, "unit": "working_days" })
        )
    );
    first
        .send(patch, ACKNOWLEDGEMENT, Some(body))
        .await
        .problem(412, "precondition_failed");
    // What is not said stays.
    let amount = coordinator
        .patch(ACKNOWLEDGEMENT, json!({ "amount": 3 }))
        .await
        .expect(200);
    assert_eq!(
        (&amount.json["amount"], &amount.json["unit"]),
        (&json!(3), &json!("months"))
    );
    assert_eq!(
        coordinator.get(ACKNOWLEDGEMENT).await.expect(200).json,
        amount.json
    );
}

#[tokio::test]
async fn what_a_term_cannot_be_is_refused() {
    let app = TestApp::new().await;
    let coordinator = app.coordinator().await;
    for (key, body, fault) in [
        ("leader_report", json!({ "amount": 0 }), "/amount too_small"),
        ("leader_report", json!({ "amount": 366 }), "/amount too_large"),
        ("leader_report", json!({ "amount": null }), "/amount wrong_type"),
        ("leader_report", json!({ "unit": "years" }), "/unit not_allowed"),
        ("reminder_leader", json!({ "unit": "days" }), "/unit not_allowed"),
        ("meeting_answer", json!({ "unit": "months" }), "/unit not_allowed"),
        (
            "opinion_before_decision",
            json!({ "unit": "days" }),
            "/unit not_allowed",
        ),
        (
            "leader_report",
            json!({ "enabled": true }),
            "/enabled not_allowed",
        ),
        (
            "half_yearly_reports",
            json!({ "amount": 3 }),
            "/amount not_allowed",
        ),
        (
            "quarterly_confirmation",
            json!({ "unit": "days", "enabled": true }),
            "/unit not_allowed",
        ),
    ] {
        let path = format!("/api/v1/settings/{key}");
        let refused = coordinator.patch(&path, body).await.problem(422, "invalid");
        assert_eq!(refused.faults(), [fault], "{key}");
    }
    let path = "/api/v1/settings/reminder_leader";
    let body = json!({ "amount": 2, "unit": "working_days" });
    coordinator.patch(path, body).await.expect(200);
}

#[tokio::test]
async fn a_term_holds_for_what_begins_later() {
    let app = TestApp::new().await;
    let leader = report(&app).await;
    let coordinator = app.coordinator().await;
    coordinator
        .patch(ACKNOWLEDGEMENT, json!({ "amount": 7 }))
        .await
        .expect(200);
    let rule = |one: &Value| (one["due_on"].clone(), one["rule"]["amount"].clone());
    for one in acknowledgements(&coordinator, &leader).await {
        assert_eq!(rule(&one), (json!("2031-03-10"), json!(5)));
    }
    // What runs keeps its term even when a correction of the calendar counts it again.
    let path = "/api/v1/working-days/2031";
    let holidays = json!([{ "day": "2031-03-05", "name": "临时假日" }]);
    let body = json!({ "holidays": holidays, "makeup_days": [], "reason": "临时放假" });
    let holder = coordinator.matching(path).await;
    holder.put(path, body).await.expect(200);
    app.run_jobs().await;
    for one in acknowledgements(&coordinator, &leader).await {
        assert_eq!(rule(&one), (json!("2031-03-11"), json!(5)));
    }
    let department = app.department("audit").await;
    let body = json!({
        "effective_from": "2031-03-03",
        "leader": { "name": "陈志强" }, "office": { "name": "办公室" }, "contacts": [{ "name": "何丽" }],
    });
    let later = department.post("/api/v1/liaison-leaders", body).await.expect(201);
    let later = format!(
        "/api/v1/liaison-leaders/{}",
        later.json["id"].as_str().expect("an id")
    );
    for one in acknowledgements(&coordinator, &later).await {
        assert_eq!(rule(&one), (json!("2031-03-13"), json!(7)));
    }
}
