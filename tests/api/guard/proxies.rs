//! From where a request comes, as proxies tell it; and how much of the uploads one account or address may take.

use super::LOGIN;
use crate::files::{Desk, PATH};
use crate::support::samples::pdf;
use crate::support::{Form, TestApp, credentials};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use liaison::db::schema::audit_log;
use std::time::{Duration, Instant};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use uuid::Uuid;

async fn address_of(app: &TestApp, forwarded: &[&str]) -> String {
    // Of a name each, so that none is locked.
    let name = Uuid::now_v7().to_string();
    let mut user = app.anonymous();
    for header in forwarded {
        user = user.with("X-Forwarded-For", header);
    }
    user.post(LOGIN, credentials(&name, "wrong")).await.expect(401);
    let address: Option<String> = audit_log::table
        .order(audit_log::id.desc())
        .select(audit_log::address)
        .first(&mut app.database.connect().await)
        .await
        .expect("a record");
    address.expect("an address")
}

#[tokio::test]
async fn the_last_hop_that_no_trusted_proxy_stands_behind_is_the_client() {
    let app = TestApp::with(&["--trusted-proxies", "127.0.0.0/8,10.0.0.0/8,fd00::/8"]).await;
    for (forwarded, client) in [
        (&["203.0.113.7"][..], "203.0.113.7"),
        // With a port, as some gateways write it.
        (&["203.0.113.7:5678"], "203.0.113.7"),
        (&["[2001:db8::7]:80"], "2001:db8::7"),
        (&["[2001:db8::7]"], "2001:db8::7"),
        (&["2001:db8::7"], "2001:db8::7"),
        (&["::ffff:203.0.113.7"], "203.0.113.7"),
        // What the client itself has written stands further left.
        (&["198.51.100.1, 203.0.113.7"], "203.0.113.7"),
        (&["198.51.100.1", "203.0.113.7:443"], "203.0.113.7"),
        (&["203.0.113.7, 10.0.0.3:9000"], "203.0.113.7"),
        (&["203.0.113.7, [fd00::3]:9000, 10.1.2.3"], "203.0.113.7"),
        (&["203.0.113.7, unknown, 10.0.0.3"], "10.0.0.3"),
        (&["203.0.113.7:99999"], "127.0.0.1"),
        (&["_hidden"], "127.0.0.1"),
        (&[""], "127.0.0.1"),
        (&[], "127.0.0.1"),
    ] {
        assert_eq!(address_of(&app, forwarded).await, client, "{forwarded:?}");
    }
}

#[tokio::test]
async fn nobody_else_says_for_whom_it_asks() {
    let app = TestApp::with(&["--trusted-proxies", "10.0.0.0/8"]).await;
    assert_eq!(address_of(&app, &["203.0.113.7"]).await, "127.0.0.1");
}

/// An upload that has begun and does not end.
async fn slow(desk: &Desk, token: &str) -> TcpStream {
    let host = desk.app.base.trim_start_matches("http://");
    let mut stream = TcpStream::connect(host).await.expect("a connection");
    let (media_type, body) = desk.form().file("a.pdf", &[b'x'; 50_000]).unfinished();
    let head = format!(
        "POST {PATH} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: {media_type}\r\nContent-Length: 100000\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.expect("sent");
    stream.write_all(&body).await.expect("sent");
    stream
}

async fn until_coming_in(desk: &Desk, files: usize) {
    let end = Instant::now() + Duration::from_secs(20);
    while desk.files().len() != files {
        assert!(Instant::now() < end, "{files} files are coming in");
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn one_account_with_slow_uploads_keeps_nobody_else_out() {
    let desk = Desk::with(&["--uploads-at-once", "4", "--uploads-of-account", "2"]).await;
    let token = desk.coordinator.token.clone().expect("a token");
    let mut open = Vec::new();
    for files in 1..=2 {
        open.push(slow(&desk, &token).await);
        until_coming_in(&desk, files).await;
    }
    let refused = desk
        .upload("b.pdf", &pdf())
        .await
        .problem(429, "too_many_requests");
    assert!(refused.header("retry-after").is_some());
    // Another account has its own share.
    let party = desk.app.party("minmeng").await;
    let report = serde_json::json!({ "title": "联络不畅", "text": "信息交流时断时续。" });
    let report = party.post("/api/v1/problem-reports", report).await.expect(201);
    let form = Form::new("problem_report", &report.json["id"]).file("b.pdf", &pdf());
    party
        .send_raw(reqwest::Method::POST, PATH, Some(form.body()))
        .await
        .expect(201);
    drop(open);
    until_coming_in(&desk, 1).await;
    desk.upload("c.pdf", &pdf()).await.expect(201);
}

#[tokio::test]
async fn one_address_has_a_share_over_all_its_accounts() {
    let desk = Desk::with(&[
        "--uploads-at-once",
        "4",
        "--uploads-of-address",
        "1",
        "--trusted-proxies",
        "127.0.0.1/32",
    ])
    .await;
    let token = desk.coordinator.token.clone().expect("a token");
    let open = slow(&desk, &token).await;
    until_coming_in(&desk, 1).await;
    desk.upload("b.pdf", &pdf())
        .await
        .problem(429, "too_many_requests");
    let elsewhere = desk.coordinator.with("X-Forwarded-For", "203.0.113.7");
    let form = desk.form().file("b.pdf", &pdf());
    elsewhere
        .send_raw(reqwest::Method::POST, PATH, Some(form.body()))
        .await
        .expect(201);
    drop(open);
}
