//! Bodies as clients send them, by the letter and not quite.

use crate::support::TestApp;
use crate::support::client::Answer;
use crate::support::suggestions::raised;
use liaison::policy::Op;
use reqwest::Method;
use serde_json::{Value, json};

const PATH: &str = "/api/v1/suggestions";

async fn post(app: &TestApp, media_type: &str, bytes: impl Into<Vec<u8>>) -> Answer {
    let user = app.party("minge").await;
    user.send_raw(Method::POST, PATH, Some((media_type.to_owned(), bytes.into())))
        .await
}

fn draft() -> String {
    raised("关于完善午餐服务的建议", "education").to_string()
}

#[tokio::test]
async fn media_types_are_read_without_regard_to_case_and_in_utf_8_alone() {
    let app = TestApp::new().await;
    for media_type in [
        "Application/Json",
        "APPLICATION/JSON",
        "application/json;charset=utf-8",
        "application/json; charset=\"UTF-8\"",
        "application/json; Charset=UTF8",
        "application/json ; charset=us-ascii",
    ] {
        post(&app, media_type, draft()).await.expect(201);
    }
    for media_type in [
        "application/json; charset=gbk",
        "application/json; charset=UTF-16LE",
        "application/json; charset=iso-8859-1",
    ] {
        let refused = post(&app, media_type, draft())
            .await
            .problem(415, "unsupported_media_type");
        let detail = refused.json["detail"].as_str().unwrap_or_default().to_owned();
        assert!(detail.contains("UTF-8"), "{detail}");
    }
    for media_type in [
        "application/merge-patch+json",
        "text/json",
        "application/jsonp",
        "x",
    ] {
        post(&app, media_type, draft())
            .await
            .problem(415, "unsupported_media_type");
    }
}

#[tokio::test]
async fn a_compressed_body_is_refused_by_the_name_of_its_encoding() {
    let app = TestApp::new().await;
    let user = app.party("minge").await;
    for encoding in ["gzip", "GZIP", "br", "deflate, gzip", "identity, zstd"] {
        let sent = Some(("application/json".to_owned(), b"\x1f\x8b\x08\x00".to_vec()));
        let refused = user
            .with("Content-Encoding", encoding)
            .send_raw(Method::POST, PATH, sent)
            .await
            .problem(415, "unsupported_media_type");
        let named = encoding
            .split(", ")
            .find(|one| *one != "identity")
            .unwrap_or_default();
        assert!(
            refused.json["detail"]
                .as_str()
                .is_some_and(|detail| detail.contains(named))
        );
        assert_eq!(refused.header("accept-encoding"), Some("identity"));
    }
    let sent = Some(("application/json".to_owned(), draft().into_bytes()));
    user.with("Content-Encoding", "identity")
        .send_raw(Method::POST, PATH, sent)
        .await
        .expect(201);
}

#[tokio::test]
async fn a_body_that_is_missing_is_told_in_one_sentence() {
    let app = TestApp::new().await;
    let user = app.party("minge").await;
    for (media_type, bytes) in [
        ("application/json", ""),
        ("application/json", " \r\n"),
        ("application/json; charset=utf-8", "\u{feff}"),
    ] {
        let refused = post(&app, media_type, bytes).await.problem(422, "invalid");
        assert_eq!(refused.faults(), [" required"]);
        assert_eq!(refused.json["errors"][0]["detail"], "缺少请求体。");
    }
    let refused = user.send(Method::POST, PATH, None).await.problem(422, "invalid");
    assert_eq!(refused.faults(), [" required"]);
    // Where `{}` is all there is to say, it need not be said.
    let made = user.post(PATH, raised("题", "education")).await.expect(201);
    let path = format!(
        "{PATH}/{}/request-signatures",
        made.json["id"].as_str().unwrap_or_default()
    );
    for sent in [None, Some(("application/json".to_owned(), Vec::new()))] {
        user.send_raw(Method::POST, &path, sent)
            .await
            .problem(409, "no_signatures_to_request");
    }
}

#[tokio::test]
async fn a_patch_that_says_nothing_changes_nothing() {
    let app = TestApp::new().await;
    let user = app.party("minge").await;
    let made = user.post(PATH, raised("题", "education")).await.expect(201);
    let path = format!("{PATH}/{}", made.json["id"].as_str().unwrap_or_default());
    for sent in [
        None,
        Some(("application/json".to_owned(), Vec::new())),
        Some(("application/merge-patch+json".to_owned(), Vec::new())),
        Some(("application/json".to_owned(), b"{}".to_vec())),
    ] {
        let refused = user
            .matching(&path)
            .await
            .send_raw(Method::PATCH, &path, sent)
            .await
            .problem(422, "invalid");
        assert_eq!(refused.faults(), [" required"]);
    }
    assert_eq!(user.get(&path).await.expect(200).etag(), made.etag());
}

/// Every one of them, by the document.
#[tokio::test]
async fn no_patch_takes_an_empty_object() {
    let app = TestApp::new().await;
    for op in Op::ALL
        .iter()
        .filter(|op| op.row().method == Method::PATCH.as_str())
    {
        let faults = app.instance.published.contract.check_body(*op, &json!({}));
        assert_eq!(faults.len(), 1, "{op:?}");
    }
}

#[tokio::test]
async fn a_whole_number_may_be_written_with_a_point() {
    let app = TestApp::new().await;
    let user = app.department("education").await;
    for (year, item) in [("2026.0", "5.0"), ("2.027e3", "50e-1")] {
        let body = format!(
            r#"{{"year": {year}, "items": [{{"kind": "joint_research", "title": "题", "month": {item}}}]}}"#
        );
        let sent = Some(("application/json".to_owned(), body.into_bytes()));
        let made = user
            .send_raw(Method::POST, "/api/v1/work-plans", sent)
            .await
            .expect(201);
        assert_eq!(made.json["items"][0]["month"], 5);
    }
    for year in ["2026.5", "1e400", "\"2026\"", "20260000000000000000"] {
        let sent = Some((
            "application/json".to_owned(),
            format!(r#"{{"year": {year}}}"#).into_bytes(),
        ));
        let refused = user.send_raw(Method::POST, "/api/v1/work-plans", sent).await;
        assert!(
            [400, 422].contains(&refused.status.as_u16()),
            "{year}: {}",
            refused.text()
        );
    }
}

#[tokio::test]
async fn a_member_that_stands_twice_is_refused_with_its_place() {
    let app = TestApp::new().await;
    for (body, place) in [
        (r#"{"title": "甲", "title": "乙"}"#, "/title"),
        (r#"{"title": "甲", "ti\u0074le": "甲"}"#, "/title"),
        (r#"{"contact": {"name": "甲", "name": "乙"}}"#, "/contact/name"),
        (r#"{"nonsense": 1, "nonsense": 2}"#, "/nonsense"),
    ] {
        let refused = post(&app, "application/json", body)
            .await
            .problem(400, "malformed_json");
        let detail = refused.json["detail"].as_str().unwrap_or_default().to_owned();
        assert!(detail.contains(place), "{detail}");
    }
}

#[tokio::test]
async fn bytes_before_and_around_a_body() {
    let app = TestApp::new().await;
    post(&app, "application/json", format!("\u{feff}{}", draft()))
        .await
        .expect(201);
    let utf_16: Vec<u8> = draft().encode_utf16().flat_map(u16::to_le_bytes).collect();
    for bytes in [
        utf_16,
        b"{\"title\": \"\xbd\xcc\xd3\xfd\"}".to_vec(),
        b"{\"title\": \"\xed\xa0\x80\"}".to_vec(),
        b"{\"title\": \"\\ud800\"}".to_vec(),
        format!("{}x", draft()).into_bytes(),
    ] {
        post(&app, "application/json", bytes)
            .await
            .problem(400, "malformed_json");
    }
    let refused = post(&app, "application/json", b"{\"title\": \"\xe9\"}".to_vec()).await;
    assert!(
        refused.json["detail"]
            .as_str()
            .is_some_and(|detail| detail.contains("UTF-8"))
    );
}

/// One and the same code wherever the declaration is `false`.
#[tokio::test]
async fn what_is_declared_to_hold_secrets_is_refused_with_one_code() {
    let app = TestApp::new().await;
    let (party, department, coordinator) = (
        app.party("minge").await,
        app.department("education").await,
        app.coordinator().await,
    );
    let id = "0193d2a4-5c00-7000-8000-00000000ffff";
    let body = json!({ "no_secrets": false });
    for (user, path) in [
        (&party, format!("{PATH}/{id}/submit")),
        (&party, format!("/api/v1/bulletins/{id}/send")),
        (&department, format!("/api/v1/work-reports/{id}/submit")),
    ] {
        let refused = user.post(&path, body.clone()).await.problem(422, "invalid");
        assert_eq!(refused.faults(), ["/no_secrets not_allowed"]);
    }
    let mut raised: Value = json!({ "title": "题", "text": "文", "no_secrets": false });
    let refused = department
        .post("/api/v1/problem-reports", raised.clone())
        .await
        .problem(422, "invalid");
    assert_eq!(refused.faults(), ["/no_secrets not_allowed"]);
    raised["organization"] = json!("nowhere");
    let refused = coordinator
        .post("/api/v1/problem-reports", raised)
        .await
        .problem(422, "invalid");
    assert_eq!(
        refused.faults(),
        ["/no_secrets not_allowed", "/organization unknown_reference"]
    );
}
