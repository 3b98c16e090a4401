//! What every route shares: refusals, preconditions, identities, limits.

use crate::support::conformance::DOCUMENT;
use crate::support::{TestApp, method};
use chrono::TimeDelta;
use diesel_async::SimpleAsyncConnection;
use liaison::policy::Op;
use liaison::problem::Code;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The path with something in place of its parameters.
fn filled(op: Op) -> String {
    op.row()
        .path
        .replace("{id}", "0193d2a4-5c00-7000-8000-00000000ffff")
        .replace("{code}", "not_found")
}

#[tokio::test]
async fn without_a_token_all_but_the_public_is_401() {
    let app = TestApp::new().await;
    let mut closed = 0;
    for op in Op::ALL.iter().filter(|op| !op.is_public()) {
        let garbage = Some(("text/plain".to_owned(), b"{".to_vec()));
        app.anonymous()
            .send_raw(method(*op), &filled(*op), garbage)
            .await
            .problem(401, "unauthenticated");
        closed += 1;
    }
    assert!(closed > 10);
}

#[tokio::test]
async fn every_bad_token_gets_one_and_the_same_answer() {
    let app = TestApp::new().await;
    let good = app.token("coordinator").await;
    let other_payload = app.token("party-minge").await;
    let parts: Vec<&str> = good.split('.').collect();
    let swapped = format!(
        "{}.{}.{}",
        parts[0],
        other_payload.split('.').nth(1).unwrap_or_default(),
        parts[2]
    );
    let bad = [
        String::new(),
        "x".into(),
        format!("{good}x"),
        swapped,
        "a.b.c".into(),
        "é".into(),
    ];
    let mut answers = BTreeSet::new();
    for token in bad.iter().filter(|token| token.is_ascii()) {
        let answer = app
            .with_token(token)
            .get("/api/v1/departments")
            .await
            .problem(401, "unauthenticated");
        answers.insert(stripped(answer.json));
    }
    app.clock.set(app.clock.now() + chrono::TimeDelta::minutes(16));
    let expired = app
        .with_token(&good)
        .get("/api/v1/departments")
        .await
        .problem(401, "unauthenticated");
    answers.insert(stripped(expired.json));
    assert_eq!(answers.len(), 1, "{answers:?}");
}

fn stripped(mut problem: Value) -> String {
    problem["request_id"] = Value::Null;
    problem.to_string()
}

#[tokio::test]
async fn another_method_is_405_with_allow_and_head_goes_with_get() {
    let app = TestApp::new().await;
    let user = app.coordinator().await;
    let refused = user
        .send(Method::PUT, "/api/v1/departments", Some(json!({})))
        .await;
    assert_eq!(
        refused.problem(405, "method_not_allowed").header("allow"),
        Some("GET, POST, HEAD")
    );
    let head = user
        .send(Method::HEAD, "/api/v1/departments", None)
        .await
        .expect(200);
    assert!(head.bytes.is_empty() && head.headers.contains_key("etag"));
    app.anonymous()
        .send(Method::HEAD, "/livez", None)
        .await
        .expect(200);
    app.anonymous()
        .get("/api/v1/nowhere")
        .await
        .problem(404, "not_found");
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_and_nothing_is_written() {
    let app = TestApp::new().await;
    let user = app.coordinator().await;
    let before = app.counts().await;
    let path = "/api/v1/departments";
    let send = |media_type: &str, bytes: Vec<u8>| {
        user.send_raw(Method::POST, path, Some((media_type.to_owned(), bytes)))
    };
    let json = "application/json";
    send("text/plain", b"{}".to_vec())
        .await
        .problem(415, "unsupported_media_type");
    send("application/x-www-form-urlencoded", b"a=b".to_vec())
        .await
        .problem(415, "unsupported_media_type");
    send(json, b"{".to_vec()).await.problem(400, "malformed_json");
    send(json, b"\xff\xfe{}".to_vec())
        .await
        .problem(400, "malformed_json");
    send(json, "[".repeat(100_000).into_bytes())
        .await
        .problem(400, "malformed_json");
    send(json, vec![b' '; 10 * 1024 * 1024])
        .await
        .problem(413, "body_too_large");
    assert_eq!(
        send(json, b"[]".to_vec()).await.problem(422, "invalid").faults(),
        [" wrong_type"]
    );
    assert_eq!(
        send(json, b"null".to_vec())
            .await
            .problem(422, "invalid")
            .faults(),
        [" wrong_type"]
    );
    let missing = send(json, b"{}".to_vec()).await.problem(422, "invalid");
    assert_eq!(
        missing.faults(),
        ["/code required", "/name required", "/short_name required"]
    );
    let nul = send(
        json,
        br#"{"code":"a-b","name":"a\u0000b","short_name":"\u202e"}"#.to_vec(),
    )
    .await;
    assert_eq!(
        nul.problem(422, "invalid").faults(),
        ["/name forbidden_character", "/short_name forbidden_character"]
    );
    for path in [
        "/api/v1/departments/%00",
        "/api/v1/departments/%ff%fe",
        "/api/v1/departments/..%2f..%2fetc",
    ] {
        assert!(user.get(path).await.status.is_client_error(), "{path}");
    }
    let query = user
        .get("/api/v1/departments?q=%00")
        .await
        .problem(422, "invalid");
    assert_eq!(query.faults(), ["q forbidden_character"]);
    assert_eq!(app.counts().await, before);
}

#[tokio::test]
async fn rare_characters_are_kept_and_counted_as_one() {
    let app = TestApp::new().await;
    let user = app.coordinator().await;
    let name = "㐀䶮𠮷".repeat(33);
    let body = json!({ "code": "rare", "name": name, "short_name": "𠮷" });
    assert_eq!(
        user.post("/api/v1/departments", body).await.expect(201).json["name"],
        name.as_str()
    );
    let long = json!({ "code": "rare-2", "name": "𠮷".repeat(101), "short_name": "𠮷" });
    assert_eq!(
        user.post("/api/v1/departments", long)
            .await
            .problem(422, "invalid")
            .faults(),
        ["/name too_long"]
    );
}

#[tokio::test]
async fn problems_speak_the_readers_language_and_lead_to_a_page() {
    let app = TestApp::new().await;
    let chinese = app
        .anonymous()
        .get("/api/v1/me")
        .await
        .problem(401, "unauthenticated");
    assert_eq!(chinese.json["title"], "需要有效的访问令牌");
    assert_eq!(chinese.header("content-language"), Some("zh-CN"));
    let english = app
        .anonymous()
        .with("Accept-Language", "de, en;q=0.8, zh;q=0.1")
        .get("/api/v1/me")
        .await;
    assert_eq!(english.json["title"], "A valid access token is needed");
    for code in Code::ALL {
        let page = app
            .anonymous()
            .get(&format!("/problems/{}", code.as_str()))
            .await
            .expect(200);
        assert!(page.text().contains(&*code.title().zh), "{}", code.as_str());
    }
    let codes: BTreeSet<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(codes.len(), Code::ALL.len());
    app.anonymous()
        .get("/problems/nothing")
        .await
        .problem(404, "not_found");
}

#[tokio::test]
async fn request_ids_are_taken_up_or_made() {
    let app = TestApp::new().await;
    let given = app
        .anonymous()
        .with("X-Request-Id", "abc-1.2_3")
        .get("/livez")
        .await;
    assert_eq!(given.header("x-request-id"), Some("abc-1.2_3"));
    let made = app
        .anonymous()
        .with("X-Request-Id", "not plain; at all")
        .get("/livez")
        .await;
    assert_eq!(made.header("x-request-id").map(str::len), Some(36));
}

#[tokio::test]
async fn limits_say_how_much_is_left_and_when_to_come_again() {
    let app = TestApp::with(&["--rate-limit", "2"]).await;
    let user = app.coordinator().await;
    let path = "/api/v1/departments";
    assert_eq!(
        user.get(path).await.expect(200).header("ratelimit"),
        Some("\"default\";r=1")
    );
    user.get(path).await.expect(200);
    let refused = user.get(path).await.problem(429, "too_many_requests");
    assert!(
        refused
            .header("retry-after")
            .and_then(|seconds| seconds.parse::<u32>().ok())
            .is_some_and(|seconds| seconds >= 1)
    );
    app.auditor().await.get(path).await.expect(200);
}

#[tokio::test]
async fn eight_writers_with_one_etag_and_one_wins() {
    let app = TestApp::new().await;
    let user = app.coordinator().await;
    let path = "/api/v1/departments/education";
    let matching = user.matching(path).await;
    let writes = (0..8).map(|place| matching.send(Method::PATCH, path, Some(json!({ "position": place }))));
    let mut statuses: Vec<u16> = futures_util::future::join_all(writes)
        .await
        .iter()
        .map(|answer| answer.status.as_u16())
        .collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412, 412, 412, 412, 412, 412, 412]);
}

#[tokio::test]
async fn eight_calls_with_one_key_have_one_effect() {
    let app = TestApp::new().await;
    let user = app.coordinator().await.with("Idempotency-Key", "race");
    let body = json!({ "code": "data", "name": "市政务和数据局", "short_name": "数据" });
    let calls = (0..8).map(|_| user.post("/api/v1/departments", body.clone()));
    for answer in futures_util::future::join_all(calls).await {
        match answer.status.as_u16() {
            201 => {}
            _ => drop(answer.problem(409, "idempotency_key_in_use")),
        }
    }
    let list = user.get("/api/v1/departments?q=data").await.expect(200);
    assert_eq!(list.items().len(), 1);
    let second = app.another_instance().await;
    let again = second
        .coordinator()
        .await
        .with("Idempotency-Key", "race")
        .post("/api/v1/departments", body)
        .await;
    assert_eq!(again.expect(201).header("idempotent-replayed"), Some("true"));
}

#[tokio::test]
async fn a_key_is_free_again_after_a_day() {
    let app = TestApp::new().await;
    let start = app.clock.now();
    let create = async |code: &str| {
        let user = app.coordinator().await.with("Idempotency-Key", "daily");
        let body = json!({ "code": code, "name": format!("市{code}局"), "short_name": code });
        user.post("/api/v1/departments", body).await
    };
    create("data").await.expect(201);
    app.clock.set(start + TimeDelta::hours(23));
    create("other").await.problem(422, "idempotency_key_reused");
    app.clock.set(start + TimeDelta::hours(24));
    for replayed in [None, Some("true")] {
        let answer = create("other").await.expect(201);
        assert_eq!(answer.header("idempotent-replayed"), replayed);
        assert_eq!(answer.json["code"], "other");
    }
}

#[tokio::test]
async fn a_change_is_seen_by_the_next_request_on_another_instance() {
    let app = TestApp::new().await;
    let second = app.another_instance().await;
    let reader = second.auditor().await;
    assert_eq!(
        reader.get("/api/v1/departments/education").await.expect(200).json["name"],
        "市教育局"
    );
    let body = json!({ "name": "市教育和体育局", "short_name": "教体" });
    app.coordinator()
        .await
        .post("/api/v1/departments/education/rename", body)
        .await
        .expect(200);
    assert_eq!(
        reader.get("/api/v1/departments/education").await.expect(200).json["name"],
        "市教育和体育局"
    );
}

#[tokio::test]
async fn browsers_are_let_in_by_allow_list() {
    let app = TestApp::with(&["--cors-origins", "https://oa.example.cn"]).await;
    let listed = app.anonymous().with("Origin", "https://oa.example.cn");
    let refused = listed.get("/api/v1/me").await.problem(401, "unauthenticated");
    assert_eq!(
        refused.header("access-control-allow-origin"),
        Some("https://oa.example.cn")
    );
    let stranger = app
        .anonymous()
        .with("Origin", "https://evil.example")
        .get("/livez")
        .await;
    assert_eq!(stranger.header("access-control-allow-origin"), None);
}

#[tokio::test]
async fn the_document_is_served_and_the_page_loads_nothing_from_outside() {
    let app = TestApp::new().await;
    let served = app.anonymous().get("/openapi.json").await.expect(200);
    assert_eq!(served.json, *DOCUMENT);
    let page = app.anonymous().get("/docs/").await.expect(200);
    assert!(
        !page.text().contains("https://") && !page.text().contains("//cdn"),
        "{}",
        page.text()
    );
    app.anonymous()
        .get("/docs/swagger-ui-bundle.js")
        .await
        .expect(200);
}

/// The same way out as a panic's: the request is gone, and yet the client gets its problem document.
#[tokio::test]
async fn what_takes_too_long_is_given_up_whole() {
    let app = TestApp::with(&["--request-timeout-ms", "300"]).await;
    let user = app.coordinator().await;
    let mut holder = app.database.connect().await;
    let hold = "BEGIN; SELECT revision FROM directory_revision FOR UPDATE";
    holder
        .batch_execute(hold)
        .await
        .expect("the lock that every write of the directory waits for");
    let before = app.counts().await;
    let body = json!({ "code": "data", "name": "市政务和数据局", "short_name": "数据" });
    let refused = user
        .post("/api/v1/departments", body.clone())
        .await
        .problem(503, "timed_out");
    assert!(refused.headers.contains_key("retry-after"));
    holder.batch_execute("ROLLBACK").await.expect("the end of it");
    assert_eq!(app.counts().await, before);
    user.post("/api/v1/departments", body).await.expect(201);
}
