//! What is said of an answer beside its body: tags by encoding, what it varies by, the forms that there are, and which browsers
//! may read it.

use crate::support::{Answer, Form, TestApp, User, samples};
use liaison::http::etag;
use reqwest::Method;
use serde_json::json;

const PATH: &str = "/api/v1/departments/education";

/// The client of the tests inflates what it gets, and takes the header away.
fn gzipped(user: &User) -> User {
    user.with("Accept-Encoding", "gzip")
}

#[tokio::test]
async fn a_compressed_answer_has_a_tag_of_its_own_and_either_is_taken() {
    let app = TestApp::new().await;
    let (user, packing) = (app.coordinator().await, app.coordinator().await);
    let (user, packing) = (user.with("Accept-Encoding", "identity"), gzipped(&packing));
    let plain = user.get(PATH).await.expect(200);
    let list = user.get("/api/v1/departments").await.expect(200);
    let packed = packing.get("/api/v1/departments").await.expect(200);
    assert_eq!(packed.json, list.json);
    let compressed = packed.etag();
    assert_eq!(compressed, etag::encoded(&list.etag(), "gzip"));
    for answer in [&plain, &list, &packed] {
        let vary = answer.header("vary").expect("Vary");
        assert_eq!(vary.matches("Accept-Encoding").count(), 1, "{vary}");
        assert!(vary.contains("Authorization"), "{vary}");
    }
    // Either is known, and the answer says which it was.
    for (tag, client) in [(&compressed, &packing), (&list.etag(), &user)] {
        let known = client
            .with("If-None-Match", tag)
            .get("/api/v1/departments")
            .await
            .expect(304);
        assert_eq!(&known.etag(), tag);
        assert!(
            known
                .header("vary")
                .is_some_and(|vary| vary.contains("Accept-Encoding"))
        );
    }
    // An edit goes by the version, whatever the encoding.
    let tag = etag::encoded(&plain.etag(), "gzip");
    let patch = json!({ "position": 5 });
    let edited = user
        .with("If-Match", &tag)
        .send(Method::PATCH, PATH, Some(patch.clone()))
        .await;
    edited.expect(200);
    let stale = user
        .with("If-Match", &tag)
        .send(Method::PATCH, PATH, Some(patch))
        .await;
    stale.problem(412, "precondition_failed");
}

#[tokio::test]
async fn whatever_encoding_is_refused_the_answer_comes() {
    let app = TestApp::new().await;
    let user = app.coordinator().await;
    for accepted in ["*;q=0", "identity;q=0, *;q=0", "gzip;q=0", "br, zstd", ""] {
        let answer = user.with("Accept-Encoding", accepted).get(PATH).await.expect(200);
        assert!(!answer.etag().ends_with("-gzip\""), "{accepted}");
        assert_eq!(answer.json["code"], "education");
    }
}

#[tokio::test]
async fn a_download_names_no_encoding() {
    let app = TestApp::new().await;
    let user = app.coordinator().await;
    let scheme = user.get("/api/v1/schemes").await.expect(200).items()[0]["id"].clone();
    let body = Form::of(&scheme).file("方案.pdf", &samples::pdf()).body();
    let made = user
        .send_raw(Method::POST, "/api/v1/attachments", Some(body))
        .await;
    let id = made.expect(201).json["id"].as_str().expect("an id").to_owned();
    let path = format!("/api/v1/attachments/{id}/content");
    let got = gzipped(&user).get(&path).await.expect(200);
    assert_eq!(got.header("content-encoding"), None);
    assert_eq!(got.bytes, samples::pdf());
    assert!(!got.etag().ends_with("-gzip\""));
}

#[tokio::test]
async fn what_is_public_and_may_be_kept_has_a_tag() {
    let app = TestApp::new().await;
    let anybody = app.anonymous();
    for path in [
        "/openapi.json",
        "/api/v1/meta/enums",
        "/api/v1/meta/state-machines/suggestion",
        "/.well-known/jwks.json",
        "/problems/not_found",
    ] {
        let first = anybody.get(path).await.expect(200);
        let known = anybody.with("If-None-Match", &first.etag());
        let again = known.get(path).await.expect(304);
        assert_eq!(again.etag(), first.etag(), "{path}");
        assert!(again.bytes.is_empty());
        assert_eq!(again.header("cache-control"), first.header("cache-control"));
        let other = anybody.with("If-None-Match", "\"00c0ffee00c0ffee\"");
        other.get(path).await.expect(200);
    }
    // The same address in another language or form is another representation.
    let page = |language: &str| anybody.with("Accept-Language", language);
    let chinese = page("zh").get("/problems/not_found").await.expect(200);
    let english = page("en").get("/problems/not_found").await.expect(200);
    assert_ne!(chinese.etag(), english.etag());
    let health = anybody.get("/livez").await.expect(200);
    assert_eq!(health.header("etag"), None);
}

#[tokio::test]
async fn a_file_that_is_not_to_be_had_is_not_answered_with_json() {
    let app = TestApp::new().await;
    let user = app.coordinator().await;
    let get = async |accept: &str, path: &str| user.with("Accept", accept).get(path).await;
    for (accept, path) in [
        ("application/pdf", PATH),
        ("application/pdf", "/api/v1/suggestions"),
        ("image/png, image/svg+xml;q=0.9", "/api/v1/statistics/compliance"),
        ("text/csv", "/api/v1/offices"),
        ("text/csv", PATH),
        (
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "/api/v1/me/todos",
        ),
        ("text/vnd.mermaid", "/api/v1/meta/enums"),
        ("application/json;q=0, application/pdf", PATH),
    ] {
        let refused = get(accept, path).await.problem(406, "not_acceptable");
        let media_type = refused.header("content-type").unwrap_or_default();
        assert!(media_type.starts_with("application/problem+json"), "{media_type}");
    }
    for accept in [
        "*/*",
        "application/*",
        "application/json",
        "application/json; charset=utf-8",
        "application/problem+json",
        "application/pdf, */*;q=0.1",
        "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
        "text/html",
        "",
    ] {
        let answer = get(accept, PATH).await.expect(200);
        assert_eq!(answer.json["code"], "education", "{accept}");
    }
    // Who is not let in is told that first.
    let stranger = app.anonymous().with("Accept", "application/pdf");
    stranger.get(PATH).await.problem(401, "unauthenticated");
}

async fn preflight(app: &TestApp, origin: &str, method: &str) -> Answer {
    let asking = app
        .anonymous()
        .with("Origin", origin)
        .with("Access-Control-Request-Method", method);
    asking.send(Method::OPTIONS, "/api/v1/suggestions", None).await
}

#[tokio::test]
async fn a_preflight_names_the_methods_that_there_are() {
    let app = TestApp::with(&["--cors-origins", "https://oa.example.cn"]).await;
    let allowed = preflight(&app, "https://oa.example.cn", "PATCH")
        .await
        .expect(200);
    let methods = allowed.header("access-control-allow-methods").expect("methods");
    let mut methods: Vec<&str> = methods.split(',').map(str::trim).collect();
    methods.sort_unstable();
    assert_eq!(methods, ["DELETE", "GET", "HEAD", "PATCH", "POST", "PUT"]);
    for method in ["TRACE", "CONNECT", "PROPFIND"] {
        let refused = preflight(&app, "https://oa.example.cn", method).await;
        assert!(refused.status.is_client_error(), "{method}: {}", refused.status);
    }
    let user = app.coordinator().await.with("Origin", "https://oa.example.cn");
    let exposed = user.get(PATH).await.expect(200);
    let exposed = exposed
        .header("access-control-expose-headers")
        .expect("headers")
        .to_ascii_lowercase();
    for name in [
        "etag",
        "ratelimit",
        "ratelimit-policy",
        "retry-after",
        "x-request-id",
        "link",
    ] {
        let mut names = exposed.split(',').map(str::trim);
        assert!(names.any(|one| one == name), "{name}: {exposed}");
    }
}

#[tokio::test]
async fn the_demo_lets_in_pages_of_the_machine_itself() {
    let demo = TestApp::with(&["--demo"]).await;
    for origin in [
        "http://localhost:5173",
        "http://127.0.0.1:3000",
        "http://localhost",
    ] {
        let allowed = preflight(&demo, origin, "POST").await.expect(200);
        assert_eq!(allowed.header("access-control-allow-origin"), Some(origin));
    }
    for origin in [
        "https://evil.example",
        "http://localhost.evil.example",
        "http://localhost:80@evil.example",
        "null",
    ] {
        let refused = preflight(&demo, origin, "POST").await;
        assert_eq!(refused.header("access-control-allow-origin"), None, "{origin}");
    }
    let real = TestApp::new().await;
    let refused = preflight(&real, "http://localhost:5173", "POST").await;
    assert_eq!(refused.header("access-control-allow-origin"), None);
}
