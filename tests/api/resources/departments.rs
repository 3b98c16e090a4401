use crate::support::TestApp;
use serde_json::json;

#[tokio::test]
async fn the_notices_departments_in_its_order() {
    let app = TestApp::new().await;
    let list = app
        .party("minge")
        .await
        .get("/api/v1/departments?limit=200&with_total=true")
        .await
        .expect(200);
    let names: Vec<&str> = list
        .items()
        .iter()
        .map(|item| item["name"].as_str().unwrap_or_default())
        .collect();
    assert_eq!(names.len(), 23);
    assert_eq!(list.json["total"], 23);
    assert_eq!(
        (names[0], names[8], names[22]),
        ("市发改局", "市教育局", "市金融局")
    );
}

#[tokio::test]
async fn pages_neither_repeat_nor_skip() {
    let app = TestApp::new().await;
    let user = app.auditor().await;
    let mut path = "/api/v1/departments?limit=5".to_owned();
    let mut codes = Vec::new();
    loop {
        let page = user.get(&path).await.expect(200);
        codes.extend(
            page.items()
                .iter()
                .map(|item| item["code"].as_str().unwrap_or_default().to_owned()),
        );
        let Some(cursor) = page.json["next_cursor"].as_str() else {
            break;
        };
        assert!(
            page.header("link")
                .is_some_and(|link| link.contains("rel=\"next\""))
        );
        path = format!("/api/v1/departments?limit=5&cursor={cursor}");
    }
    assert_eq!(codes.len(), 23);
    codes.sort();
    codes.dedup();
    assert_eq!(codes.len(), 23);
    let foreign = path.replace("limit=5", "limit=5&include_ended=true");
    user.get(&foreign).await.problem(422, "invalid");
}

#[tokio::test]
async fn a_rename_keeps_the_old_name_for_its_days() {
    let app = TestApp::new().await;
    let coordinator = app.coordinator().await;
    let body = json!({ "name": "市教育和体育局", "short_name": "教体", "effective_from": "2026-03-01", "reason": "机构改革" });
    let renamed = coordinator
        .post("/api/v1/departments/education/rename", body.clone())
        .await
        .expect(200);
    assert_eq!(renamed.json["name"], "市教育和体育局");
    let before = coordinator
        .get("/api/v1/departments/education?as_of=2026-02-28")
        .await
        .expect(200);
    assert_eq!(before.json["name"], "市教育局");
    coordinator
        .post("/api/v1/departments/education/rename", body)
        .await
        .problem(409, "name_history");
    let taken = json!({ "name": "市财政局", "short_name": "财政" });
    coordinator
        .post("/api/v1/departments/audit/rename", taken)
        .await
        .problem(409, "name_taken");
}

#[tokio::test]
async fn without_a_successor_nothing_may_be_open() {
    let app = TestApp::new().await;
    let coordinator = app.coordinator().await;
    let path = "/api/v1/departments/financial-affairs/abolish";
    let refused = coordinator
        .post(path, json!({ "reason": "机构改革" }))
        .await
        .problem(409, "successor_needed");
    assert_eq!(refused.json["open_assignments"], 2);
    let unknown = coordinator
        .post(path, json!({ "successor": "nobody" }))
        .await
        .problem(422, "invalid");
    assert_eq!(unknown.faults(), ["/successor unknown_reference"]);
    let ended = coordinator
        .post(path, json!({ "successor": "finance" }))
        .await
        .expect(200);
    assert_eq!(ended.json["state"], "ended");
    assert_eq!(ended.json["successor"]["code"], "finance");
    coordinator
        .post(path, json!({ "successor": "finance" }))
        .await
        .problem(409, "department_ended");
    let list = coordinator.get("/api/v1/departments?limit=200").await.expect(200);
    assert_eq!(list.items().len(), 22);
    let all = coordinator
        .get("/api/v1/departments?limit=200&include_ended=true")
        .await
        .expect(200);
    assert_eq!(all.items().len(), 23);
}

#[tokio::test]
async fn a_patch_needs_the_current_version() {
    let app = TestApp::new().await;
    let coordinator = app.coordinator().await;
    let path = "/api/v1/departments/education";
    let body = json!({ "social_credit_code": "114402000069623312" });
    coordinator
        .send(reqwest::Method::PATCH, path, Some(body.clone()))
        .await
        .problem(428, "precondition_required");
    let stale = coordinator.with("If-Match", "\"9-00c0ffee00c0ffee\"");
    stale
        .send(reqwest::Method::PATCH, path, Some(body))
        .await
        .problem(412, "precondition_failed");
    let wrong = coordinator
        .patch(
            path,
            json!({ "social_credit_code": "11440200006962331X", "position": -1 }),
        )
        .await;
    assert_eq!(
        wrong.problem(422, "invalid").faults(),
        ["/position too_small", "/social_credit_code malformed"]
    );
    let null = coordinator
        .patch(path, json!({ "position": null }))
        .await
        .problem(422, "invalid");
    assert_eq!(null.faults(), ["/position wrong_type"]);
    let again = coordinator.get(path).await.expect(200);
    coordinator
        .with("If-None-Match", &again.etag())
        .get(path)
        .await
        .expect(304);
}

#[tokio::test]
async fn every_fault_is_named_at_once() {
    let app = TestApp::new().await;
    let coordinator = app.coordinator().await;
    let body = json!({ "code": "No Code", "name": " ", "surprise": 1, "position": "first", "short_name": "数\u{0}据" });
    let answer = coordinator
        .post("/api/v1/departments", body)
        .await
        .problem(422, "invalid");
    assert_eq!(
        answer.faults(),
        [
            "/code malformed",
            "/name blank",
            "/position wrong_type",
            "/short_name forbidden_character",
            "/surprise unknown_field"
        ]
    );
    let query = coordinator
        .get("/api/v1/departments?limit=0&sort=name&colour=red&as_of=2026-02-30")
        .await;
    assert_eq!(
        query.problem(422, "invalid").faults(),
        [
            "as_of malformed",
            "colour unknown_parameter",
            "limit too_small",
            "sort not_allowed"
        ]
    );
}

#[tokio::test]
async fn the_same_key_gives_the_same_answer() {
    let app = TestApp::new().await;
    let coordinator = app.coordinator().await.with("Idempotency-Key", "once");
    let body = json!({ "code": "data", "name": "市政务和数据局", "short_name": "数据" });
    let first = coordinator
        .post("/api/v1/departments", body.clone())
        .await
        .expect(201);
    let counts = app.counts().await;
    let again = coordinator.post("/api/v1/departments", body).await.expect(201);
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(
        (first.json, first.headers["location"].clone()),
        (again.json, again.headers["location"].clone())
    );
    assert_eq!(app.counts().await, counts);
    let other = json!({ "code": "data-2", "name": "市数据局", "short_name": "数据" });
    coordinator
        .post("/api/v1/departments", other)
        .await
        .problem(422, "idempotency_key_reused");
}
