//! Notices by e-mail, against a small mail server that takes what it is given.

use crate::support::{TestApp, User, at};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use clap::Parser;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use liaison::config::Mail;
use liaison::db::schema::{notices, organizations};
use liaison::events::mail::Mailer;
use serde_json::json;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use uuid::Uuid;

/// A message as the server took it.
#[derive(Clone, Debug)]
struct Taken {
    to: Vec<String>,
    data: String,
}

#[derive(Default)]
struct State {
    taken: Vec<Taken>,
    /// Answers every message that it is busy.
    busy: bool,
    /// Knows no such address.
    refused: Option<&'static str>,
    /// Has no room for it just now.
    full: Option<&'static str>,
    tries: usize,
}

/// A server for as long as the test runs, on a thread of its own.
#[derive(Clone)]
struct MailServer {
    port: u16,
    state: Arc<Mutex<State>>,
}

impl MailServer {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let server = Self {
            port: listener.local_addr().expect("an address").port(),
            state: Arc::default(),
        };
        let shared = server.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let server = shared.clone();
                std::thread::spawn(move || server.talk(stream));
            }
        });
        server
    }

    fn set(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.lock().expect("the state"));
    }

    fn tries(&self) -> usize {
        self.state.lock().expect("the state").tries
    }

    fn taken(&self) -> Vec<Taken> {
        self.state.lock().expect("the state").taken.clone()
    }

    /// One conversation (RFC 5321); it ends with the client.
    fn talk(&self, stream: TcpStream) -> Option<()> {
        let mut answers = stream.try_clone().ok()?;
        let mut say = |line: &str| answers.write_all(format!("{line}\r\n").as_bytes()).ok();
        let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
        let mut to = Vec::new();
        say("220 test")?;
        while let Some(line) = lines.next() {
            let verb = line.get(..4).unwrap_or_default().to_ascii_uppercase();
            match verb.as_str() {
                "EHLO" => say("250-test\r\n250 8BITMIME")?,
                "MAIL" => {
                    self.set(|state| state.tries += 1);
                    to.clear();
                    say("250 ok")?;
                }
                "RCPT" => {
                    let address = line.split(['<', '>']).nth(1)?.to_owned();
                    if self.state.lock().ok()?.refused == Some(address.as_str()) {
                        say(&format!("550 5.1.1 <{address}> unknown"))?;
                    } else if self.state.lock().ok()?.full == Some(address.as_str()) {
                        say(&format!("452 4.2.2 <{address}> is full"))?;
                    } else {
                        to.push(address);
                        say("250 ok")?;
                    }
                }
                "DATA" if self.state.lock().ok()?.busy => say("451 4.3.0 busy")?,
                "DATA" => {
                    say("354 go on")?;
                    let data: Vec<String> = lines.by_ref().take_while(|line| line != ".").collect();
                    let taken = Taken {
                        to: to.clone(),
                        data: data.join("\n"),
                    };
                    self.set(|state| state.taken.push(taken));
                    say("250 taken")?;
                }
                "QUIT" => return say("221 bye"),
                _ => say("250 ok")?,
            }
        }
        None
    }
}

impl Taken {
    fn header(&self, name: &str) -> String {
        let head = self.data.split("\n\n").next().unwrap_or_default();
        let unfolded = head.replace("\n ", " ");
        let line = unfolded.lines().find_map(|line| {
            let (known, value) = line.split_once(": ")?;
            known.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        });
        line.unwrap_or_else(|| panic!("no {name} in {head}"))
    }

    /// RFC 2047
    fn subject(&self) -> String {
        let subject = self.header("Subject");
        let words = subject.split_whitespace().map(|word| {
            let encoded = word
                .strip_prefix("=?utf-8?b?")
                .and_then(|word| word.strip_suffix("?="));
            STANDARD
                .decode(encoded.expect("an encoded word"))
                .expect("base64")
        });
        String::from_utf8(words.flatten().collect()).expect("UTF-8")
    }

    fn body(&self) -> String {
        assert_eq!(self.header("Content-Transfer-Encoding"), "base64");
        let (_, body) = self.data.split_once("\n\n").expect("a body");
        let bytes = STANDARD.decode(body.replace('\n', "")).expect("base64");
        String::from_utf8(bytes).expect("UTF-8")
    }
}

async fn app(server: &MailServer) -> TestApp {
    let url = format!("smtp://127.0.0.1:{}", server.port);
    let app = TestApp::with(&[
        "--smtp-url",
        &url,
        "--mail-from",
        "对口联系 <liaison@example.gov.cn>",
        "--public-url",
        "https://liaison.example.gov.cn",
    ])
    .await;
    app.clock.set(at("2026-03-02T01:30:00Z"));
    app
}

/// 市教育局 has two contacts with an address from 1 March on, and had another before.
async fn with_contacts(app: &TestApp) -> User {
    let education = app.department("education").await;
    for (from, addresses) in [
        ("2025-03-01", ["former@example.gov.cn", "gone@example.gov.cn"]),
        ("2026-03-01", ["one@example.gov.cn", "two@example.gov.cn"]),
    ] {
        let contact = |name: &str, email: &str| json!({ "name": name, "email": email });
        let appointment = json!({
            "effective_from": from,
            "leader": { "name": "王建平" },
            "office": { "name": "办公室" },
            "contacts": [
                contact("李秋霞", addresses[0]),
                contact("陈志远", addresses[1]),
                { "name": "无邮箱" },
            ],
        });
        education
            .post("/api/v1/liaison-leaders", appointment)
            .await
            .expect(201);
    }
    education
}

/// A problem of 市教育局 is answered, so that it is told.
async fn tell(app: &TestApp, education: &User) {
    let report = json!({ "title": "联络不畅", "text": "信息交流时断时续。" });
    let report = education
        .post("/api/v1/problem-reports", report)
        .await
        .expect(201);
    let path = format!(
        "/api/v1/problem-reports/{}/answer",
        report.json["id"].as_str().expect("an id")
    );
    app.coordinator()
        .await
        .post(&path, json!({ "text": "请固定联络人员。" }))
        .await
        .expect(200);
}

/// The notice, how often it was tried, and whether it went out.
async fn notice(app: &TestApp) -> (Uuid, i32, bool) {
    let education: Uuid = organizations::table
        .filter(organizations::code.eq("education"))
        .select(organizations::id)
        .first(&mut app.database.connect().await)
        .await
        .expect("a department");
    let (id, tries, mailed): (Uuid, i32, Option<DateTime<Utc>>) = notices::table
        .filter(notices::organization_id.eq(education))
        .filter(notices::kind.eq("problem_report_answered"))
        .select((notices::id, notices::mail_attempts, notices::mailed_at))
        .first(&mut app.database.connect().await)
        .await
        .expect("the notice");
    (id, tries, mailed.is_some())
}

async fn unmailed(app: &TestApp) -> i64 {
    notices::table
        .filter(notices::mailed_at.is_null())
        .count()
        .get_result(&mut app.database.connect().await)
        .await
        .expect("notices")
}

#[tokio::test]
async fn one_message_to_the_contacts_in_office_readable_in_chinese() {
    let server = MailServer::start();
    let app = app(&server).await;
    tell(&app, &with_contacts(&app).await).await;
    app.run_jobs().await;
    let taken = server.taken();
    let [message] = taken.as_slice() else {
        panic!("{taken:?}")
    };
    assert_eq!(message.to, ["one@example.gov.cn", "two@example.gov.cn"]);
    assert_eq!(message.subject(), "市委统战部答复：联络不畅");
    let body = message.body();
    assert!(
        body.contains("请固定联络人员。") && body.contains("2026年3月2日"),
        "{body}"
    );
    assert!(body.contains("https://liaison.example.gov.cn"), "{body}");
    let (id, tries, mailed) = notice(&app).await;
    assert_eq!((tries, mailed), (1, true));
    assert_eq!(message.header("Message-ID"), format!("<{id}@example.gov.cn>"));
    assert_eq!(message.header("Auto-Submitted"), "auto-generated");
    assert_eq!(message.header("Date"), "Mon, 02 Mar 2026 01:30:00 +0000");
    // Whom nobody can write to has been told as well.
    assert_eq!(unmailed(&app).await, 0);
    app.run_jobs().await;
    assert_eq!(server.taken().len(), 1);
}

#[tokio::test]
async fn a_busy_server_is_tried_again_with_growing_pauses() {
    let server = MailServer::start();
    server.set(|state| state.busy = true);
    let app = app(&server).await;
    tell(&app, &with_contacts(&app).await).await;
    let start = app.clock.now();
    let mut tried_after = Vec::new();
    for minute in 0..64 {
        app.clock.set(start + TimeDelta::minutes(minute));
        let before = server.tries();
        app.run_jobs().await;
        if server.tries() > before {
            tried_after.push(minute);
        }
    }
    assert_eq!(tried_after, [0, 4, 12, 28, 60]);
    assert_eq!(notice(&app).await, (notice(&app).await.0, 5, false));
    server.set(|state| state.busy = false);
    app.clock.set(start + TimeDelta::hours(24));
    app.run_jobs().await;
    assert_eq!(server.taken().len(), 1);
    assert!(notice(&app).await.2);
}

#[tokio::test]
async fn given_up_in_the_end() {
    let server = MailServer::start();
    server.set(|state| state.busy = true);
    let app = app(&server).await;
    tell(&app, &with_contacts(&app).await).await;
    let start = app.clock.now();
    for hour in 0..70 {
        app.clock.set(start + TimeDelta::hours(hour));
        app.run_jobs().await;
    }
    // Each time to both at once, and to each.
    assert_eq!(server.tries(), 3 * 8);
    assert_eq!(notice(&app).await.1, 8);
}

#[tokio::test]
async fn a_wrong_address_keeps_nobody_else_from_reading() {
    let server = MailServer::start();
    server.set(|state| state.refused = Some("one@example.gov.cn"));
    let app = app(&server).await;
    tell(&app, &with_contacts(&app).await).await;
    app.run_jobs().await;
    let to: Vec<Vec<String>> = server.taken().into_iter().map(|message| message.to).collect();
    assert_eq!(to, [["two@example.gov.cn"]]);
    assert!(notice(&app).await.2);
}

#[tokio::test]
async fn who_cannot_be_reached_yet_is_tried_again_alone() {
    let server = MailServer::start();
    server.set(|state| state.full = Some("one@example.gov.cn"));
    let app = app(&server).await;
    tell(&app, &with_contacts(&app).await).await;
    app.run_jobs().await;
    assert_eq!(server.taken().len(), 1);
    assert_eq!(server.taken()[0].to, ["two@example.gov.cn"]);
    assert!(!notice(&app).await.2);
    server.set(|state| state.full = None);
    app.clock.set(app.clock.now() + TimeDelta::hours(1));
    app.run_jobs().await;
    let to: Vec<Vec<String>> = server.taken().into_iter().map(|message| message.to).collect();
    assert_eq!(to, [["two@example.gov.cn"], ["one@example.gov.cn"]]);
    assert!(notice(&app).await.2);
}

/// Addresses from before they were looked at closely.
#[tokio::test]
async fn what_is_no_address_keeps_nobody_else_from_reading() {
    let server = MailServer::start();
    let app = app(&server).await;
    let education = with_contacts(&app).await;
    for (before, after) in [("one", "one@example.gov.cn\u{200b}"), ("two", "两@")] {
        diesel::sql_query("UPDATE liaison_contacts SET email = $1 WHERE email LIKE $2")
            .bind::<diesel::sql_types::Text, _>(after)
            .bind::<diesel::sql_types::Text, _>(format!("{before}@%"))
            .execute(&mut app.database.connect().await)
            .await
            .expect("an address");
    }
    tell(&app, &education).await;
    app.run_jobs().await;
    let to: Vec<Vec<String>> = server.taken().into_iter().map(|message| message.to).collect();
    assert_eq!(to, [["one@example.gov.cn"]]);
}

#[tokio::test]
async fn two_at_it_at_once_send_it_once() {
    let server = MailServer::start();
    let app = app(&server).await;
    let education = with_contacts(&app).await;
    for _ in 0..8 {
        tell(&app, &education).await;
    }
    tokio::join!(app.run_jobs(), app.run_jobs());
    let mut ids: Vec<String> = server
        .taken()
        .iter()
        .map(|message| message.header("Message-ID"))
        .collect();
    ids.sort();
    ids.dedup();
    assert_eq!((ids.len(), server.taken().len()), (8, 8));
}

#[tokio::test]
async fn what_is_no_news_any_more_is_not_sent() {
    let server = MailServer::start();
    let app = app(&server).await;
    tell(&app, &with_contacts(&app).await).await;
    app.clock.set(app.clock.now() + TimeDelta::hours(73));
    app.run_jobs().await;
    assert_eq!(server.tries(), 0);
}

#[tokio::test]
async fn without_a_server_nothing_is_tried() {
    let app = TestApp::new().await;
    app.clock.set(at("2026-03-02T01:30:00Z"));
    tell(&app, &with_contacts(&app).await).await;
    app.run_jobs().await;
    let (_, tries, mailed) = notice(&app).await;
    assert_eq!((tries, mailed), (0, false));
}

#[tokio::test]
async fn a_bad_setting_is_named_without_its_password() {
    #[derive(Parser)]
    struct Only {
        #[command(flatten)]
        mail: Mail,
    }
    let refused = |settings: &[&str]| {
        let settings = Only::parse_from(["test"].iter().chain(settings));
        let mailer = Mailer::new(&settings.mail);
        mailer.err().expect("a fault")
    };
    let url = ["--smtp-url", "smtps://user:secret@mail.example.gov.cn:465"];
    assert!(refused(&url).contains("mail-from"));
    let wrong = refused(&[url[0], url[1], "--mail-from", "nobody"]);
    assert!(wrong.contains("mail-from"), "{wrong}");
    let wrong = refused(&[
        "--smtp-url",
        "http://user:secret@mail.example.gov.cn",
        "--mail-from",
        "liaison@example.gov.cn",
    ]);
    assert!(wrong.contains("smtp-url") && !wrong.contains("secret"), "{wrong}");
}
