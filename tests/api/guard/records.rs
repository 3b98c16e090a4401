//! What is on record: every refused write, every read of what is sensitive, and no flood of either.

use super::{refusals, within};
use crate::support::TestApp;
use crate::support::suggestions::{Table, path, raised};
use chrono::TimeDelta;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use liaison::db::schema::audit_log;
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

const LONG: Duration = Duration::from_secs(20);

async fn reads(app: &TestApp, operation: &str) -> Vec<(String, Option<String>)> {
    audit_log::table
        .filter(audit_log::operation.eq(operation))
        .filter(audit_log::outcome.eq("read"))
        .order(audit_log::id)
        .select((audit_log::principal_name, audit_log::subject_type))
        .load(&mut app.database.connect().await)
        .await
        .expect("audit_log")
}

#[tokio::test]
async fn every_refused_write_of_somebody_known_is_on_record() {
    let app = TestApp::new().await;
    let (coordinator, party) = (app.coordinator().await, app.party("minge").await);
    let path = "/api/v1/departments/education";
    let raw = async |media_type: &str, body: &str| {
        let body = Some((media_type.to_owned(), body.as_bytes().to_vec()));
        coordinator
            .send_raw(Method::PATCH, path, body)
            .await
            .status
            .as_u16()
    };
    let patch = async |path: &str, etag: Option<&str>| {
        let user = match etag {
            Some(etag) => coordinator.with("If-Match", etag),
            None => coordinator.clone(),
        };
        let body = Some(json!({ "position": 3 }));
        user.send(Method::PATCH, path, body).await.status.as_u16()
    };
    assert_eq!(raw("application/json", "{").await, 400);
    assert_eq!(raw("text/plain", "{}").await, 415);
    assert_eq!(raw("application/json", "{\"colour\": 1}").await, 422);
    assert_eq!(patch("/api/v1/departments/nothing", Some("*")).await, 404);
    assert_eq!(patch(path, None).await, 428);
    assert_eq!(patch(path, Some("\"99-x\"")).await, 412);
    party
        .with("If-Match", "*")
        .send(Method::PATCH, path, Some(json!({ "position": 3 })))
        .await
        .expect(403);
    let on_record: Vec<String> = refusals(&app, "update_department")
        .await
        .into_iter()
        .map(|(problem, _)| problem)
        .collect();
    assert_eq!(
        on_record,
        [
            "malformed_json",
            "unsupported_media_type",
            "invalid",
            "not_found",
            "precondition_required",
            "precondition_failed",
            "role_not_allowed"
        ]
    );
    // A refused read is none.
    party.get("/api/v1/users").await.expect(403);
    assert!(refusals(&app, "list_users").await.is_empty());
}

#[tokio::test]
async fn refusals_without_end_are_counted() {
    let app = TestApp::new().await;
    let party = app.party("minge").await;
    for _ in 0..100 {
        party.post("/api/v1/departments", json!({})).await.expect(403);
    }
    let one_by_one = refusals(&app, "create_department").await.len();
    assert_eq!(one_by_one, 30);
    // Another's refusals are told apart.
    app.party("minmeng")
        .await
        .post("/api/v1/departments", json!({}))
        .await
        .expect(403);
    assert_eq!(refusals(&app, "create_department").await.len(), 31);
    app.clock.set(app.clock.now() + TimeDelta::seconds(61));
    within(LONG, "the count is on record", async || {
        refusals(&app, "create_department").await.len() == 32
    })
    .await;
    let last = refusals(&app, "create_department").await.pop().expect("a record");
    assert_eq!(
        last,
        ("role_not_allowed".to_owned(), Some(json!({ "attempts": 70 })))
    );
}

#[tokio::test]
async fn whoever_reads_a_suggestions_contact_is_on_record_but_for_its_own_party() {
    let app = TestApp::new().await;
    let table = Table::new(&app).await;
    let mut body = raised("校车线路", "education");
    body["contact"] = json!({ "name": "陈志远", "phone": "0751-8886620" });
    let path = path(&table.submitted(body).await);
    for reader in [&table.party, &table.lead, &table.coordinator] {
        let seen = reader.get(&path).await.expect(200);
        assert_eq!(seen.json["contact"]["phone"], "0751-8886620");
    }
    within(LONG, "the reads are on record", async || {
        reads(&app, "get_suggestion").await.len() >= 2
    })
    .await;
    let mut readers = reads(&app, "get_suggestion").await;
    readers.sort();
    let by = |name: &str| (name.to_owned(), Some("suggestion".to_owned()));
    assert_eq!(readers, [by("coordinator"), by("department-education")]);
}

#[tokio::test]
async fn whatever_is_taken_away_as_a_file_is_on_record() {
    let app = TestApp::new().await;
    let coordinator = app.coordinator().await;
    for (path, operation, what) in [
        (
            "/api/v1/liaison-leaders",
            "list_liaison_leaders",
            "liaison_leader",
        ),
        ("/api/v1/parties", "list_parties", "party"),
        ("/api/v1/departments", "list_departments", "department"),
        (
            "/api/v1/assignments/matrix",
            "get_assignment_matrix",
            "assignment",
        ),
        (
            "/api/v1/statistics/compliance?year=2026",
            "get_compliance_statistics",
            "statistics",
        ),
        ("/api/v1/suggestions", "list_suggestions", "suggestion"),
    ] {
        for accept in [
            "text/csv",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ] {
            coordinator.with("Accept", accept).get(path).await.expect(200);
        }
        let exports: Vec<(String, Option<Value>)> = audit_log::table
            .filter(audit_log::operation.eq(operation))
            .filter(audit_log::outcome.eq("read"))
            .filter(audit_log::subject_type.eq(what))
            .filter(audit_log::subject_id.is_null())
            .order(audit_log::id)
            .select((audit_log::principal_name, audit_log::after))
            .load(&mut app.database.connect().await)
            .await
            .expect("audit_log");
        let formats: Vec<&str> = exports
            .iter()
            .filter_map(|(_, after)| after.as_ref()?["format"].as_str())
            .collect();
        assert_eq!(formats, ["csv", "xlsx"], "{path}");
    }
}
