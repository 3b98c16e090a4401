//! Addresses, and what comes in pieces.

use crate::support::TestApp;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

#[tokio::test]
async fn an_address_that_is_not_utf_8_is_400_and_says_so() {
    let app = TestApp::new().await;
    let user = app.party("minge").await;
    for address in [
        "/api/v1/suggestions?q=%BD%CC%D3%FD",
        "/api/v1/suggestions?q=%E9",
        "/api/v1/suggestions?%E9=1",
        "/api/v1/search?q=%ed%a0%80",
        "/livez?q=%BD%CC",
        "/api/v1/departments/%BD%CC",
        "/api/v1/%E9",
    ] {
        let refused = user.get(address).await.problem(400, "bad_request");
        let detail = refused.json["detail"].as_str().unwrap_or_default().to_owned();
        assert!(detail.contains("UTF-8"), "{address}: {detail}");
    }
    for address in [
        "/api/v1/suggestions?q=%",
        "/api/v1/suggestions?q=%E",
        "/api/v1/suggestions?q=100%25%zz",
        "/api/v1/departments/%zz",
    ] {
        let refused = user.get(address).await.problem(400, "bad_request");
        let detail = refused.json["detail"].as_str().unwrap_or_default().to_owned();
        assert!(detail.contains('%'), "{address}: {detail}");
    }
    for address in [
        "/api/v1/suggestions?q=%E6%95%99%E8%82%B2",
        "/api/v1/suggestions?q=a+b",
        "/api/v1/suggestions?q=100%25",
        "/api/v1/departments/%65ducation",
    ] {
        user.get(address).await.expect(200);
    }
}

/// Sends as much, and gives back what is answered until the connection ends.
pub fn exchange(app: &TestApp, sent: &[u8]) -> String {
    let address = app.base.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).expect("a connection");
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .expect("a time-out");
    stream.write_all(sent).expect("sent");
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_does_not_come_is_408() {
    let app = TestApp::with(&["--request-timeout-ms", "1000"]).await;
    let head = "POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{";
    let answer = exchange(&app, head.as_bytes());
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(
        answer.contains("application/problem+json") && answer.contains("body_too_slow"),
        "{answer}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn who_refuses_every_encoding_is_served_without_one() {
    let app = TestApp::new().await;
    for accepted in [
        "*;q=0",
        "identity;q=0",
        "identity;q=0, *;q=0.0",
        "gzip;q=0, *;q=0",
        "compress, *;q=0",
    ] {
        let head = format!(
            "GET /livez HTTP/1.1\r\nHost: x\r\nAccept-Encoding: {accepted}\r\nConnection: close\r\n\r\n"
        );
        let answer = exchange(&app, head.as_bytes());
        assert!(answer.starts_with("HTTP/1.1 200 "), "{accepted}: {answer}");
    }
}

/// What the framework refuses before there is a request is refused without ado; what it lets through is told by us.
#[tokio::test(flavor = "multi_thread")]
async fn a_head_that_is_broken_ends_the_connection_and_nothing_else() {
    let app = TestApp::new().await;
    for head in [
        "GET /livez HTTP/9.9\r\nHost: x\r\n\r\n".to_owned(),
        "GET  /livez HTTP/1.1\r\nHost: x\r\n\r\n".to_owned(),
        "GET /api/v1/departments/教育 HTTP/1.1\r\nHost: x\r\n\r\n".to_owned(),
        "GET /livez HTTP/1.1\r\n\r\n".to_owned(),
        format!(
            "GET /livez HTTP/1.1\r\nHost: x\r\nX-A: {}\r\n\r\n",
            "a".repeat(140_000)
        ),
    ] {
        let answer = exchange(&app, head.as_bytes());
        assert!(answer.starts_with("HTTP/1.1 4"), "{answer}");
    }
    app.anonymous().get("/livez").await.expect(200);
}
