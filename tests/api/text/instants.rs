//! Days and instants: of the years 1900 to 2200, to the microsecond.

use crate::support::TestApp;
use serde_json::json;

#[tokio::test]
async fn years_are_those_of_a_calendar() {
    let app = TestApp::new().await;
    let education = app.department("education").await;
    let meeting = |starts: &str, ends: &str| json!({ "kind": "liaison_meeting", "title": "工作会议", "place": "会议室", "starts_at": starts, "ends_at": ends });
    let path = "/api/v1/meetings";
    for (ends, fault) in [
        ("9999-12-31T23:59:59.9999999Z", "out_of_range"),
        ("2201-01-01T00:00:00Z", "out_of_range"),
        ("2026-02-30T00:00:00Z", "malformed"),
    ] {
        let refused = education.post(path, meeting("2026-05-01T01:00:00Z", ends)).await;
        assert_eq!(
            refused.problem(422, "invalid").faults(),
            [format!("/ends_at {fault}")],
            "{ends}"
        );
    }
    let body = meeting(
        "2026-05-01T01:00:00.1234567Z",
        "2026-05-01T02:00:00.999999999+00:00",
    );
    let made = education.post(path, body).await.expect(201);
    assert_eq!(made.json["starts_at"], "2026-05-01T01:00:00.123456Z");
    assert_eq!(made.json["ends_at"], "2026-05-01T02:00:00.999999Z");
    let read = education
        .get(&format!("{path}/{}", made.json["id"].as_str().expect("an id")))
        .await
        .expect(200);
    assert_eq!(read.json["ends_at"], made.json["ends_at"]);

    let coordinator = app.coordinator().await;
    for day in ["9999-12-31", "0001-01-01", "2201-01-01"] {
        let body = json!({ "title": "方案", "effective_from": day });
        let refused = coordinator.post("/api/v1/schemes", body).await;
        assert_eq!(
            refused.problem(422, "invalid").faults(),
            ["/effective_from out_of_range"],
            "{day}"
        );
        let refused = coordinator.get(&format!("/api/v1/departments?as_of={day}")).await;
        assert_eq!(
            refused.problem(422, "invalid").faults(),
            ["as_of out_of_range"],
            "{day}"
        );
    }
    let since = "/api/v1/departments?updated_since=+010000-01-01T00:00:00Z";
    coordinator.get(since).await.problem(422, "invalid");
}
