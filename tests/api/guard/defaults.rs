//! What holds without anybody's doing: issuer, passwords, the settings file, the demo's place.

use super::LOGIN;
use crate::support::app::PASSWORD;
use crate::support::{TestApp, credentials};
use chrono::TimeDelta;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use liaison::auth::issuer::{address_of, settle};
use liaison::db::schema::installation;
use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

#[tokio::test]
async fn one_issuer_for_all_instances_of_a_database() {
    let app = TestApp::new().await;
    let made = (
        installation::demo.eq(true),
        installation::made_at.eq(app.clock.now()),
    );
    diesel::insert_into(installation::table)
        .values(made)
        .execute(&mut app.database.connect().await)
        .await
        .expect("an installation");
    let db = &app.instance.db;
    let issuer = async |public: Option<&str>, own: &str| settle(db, public, own).await.expect("an issuer");
    // The first start's address stays, wherever others listen.
    assert_eq!(
        issuer(None, "http://127.0.0.1:9000").await,
        "http://127.0.0.1:9000"
    );
    assert_eq!(
        issuer(None, "http://127.0.0.1:9001").await,
        "http://127.0.0.1:9000"
    );
    // What is set weighs more, and is kept for those where it is not.
    let public = "https://liaison.example.cn";
    assert_eq!(issuer(Some(public), "http://127.0.0.1:9000").await, public);
    assert_eq!(issuer(None, "http://127.0.0.1:9002").await, public);
}

#[test]
fn the_address_of_a_service_can_be_called() {
    for (listen, address) in [
        ("127.0.0.1:9000", "http://127.0.0.1:9000"),
        ("0.0.0.0:8080", "http://127.0.0.1:8080"),
        ("[::]:80", "http://[::1]:80"),
        ("192.0.2.7:80", "http://192.0.2.7:80"),
    ] {
        assert_eq!(address_of(listen.parse().expect("an address")), address);
    }
}

#[tokio::test]
async fn tokens_of_one_instance_hold_on_the_other_and_name_the_public_address() {
    let app = TestApp::with(&["--public-url", "https://liaison.example.cn"]).await;
    let login = app
        .anonymous()
        .post(LOGIN, credentials("party-minge", PASSWORD))
        .await
        .expect(200);
    let token = login.json["access_token"].as_str().expect("a token");
    let claims = token.split('.').nth(1).expect("claims");
    use base64::Engine;
    let claims = base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(claims)
        .expect("base64url");
    let claims: Value = serde_json::from_slice(&claims).expect("JSON");
    assert_eq!(claims["iss"], "https://liaison.example.cn");
    app.with_token(token).get("/api/v1/me").await.expect(200);
}

#[tokio::test]
async fn a_password_says_when_it_expires_and_its_owner_is_told_once() {
    let app = TestApp::new().await;
    let life = TimeDelta::days(90);
    let end = liaison::clock::shanghai_day(app.clock.now() + life);
    let unread = async |name: &str| {
        let user = app.user(name).await;
        let me = user.get("/api/v1/me").await.expect(200);
        assert_eq!(me.json["password_expires_on"], json!(end), "{name}");
        let path = "/api/v1/notifications?kind=password_expiring&unread=true";
        user.get(path).await.expect(200).items().to_vec()
    };
    app.clock.set(app.clock.now() + life - TimeDelta::days(15));
    app.run_jobs().await;
    assert!(unread("auditor").await.is_empty());
    app.clock.set(app.clock.now() + TimeDelta::days(1));
    app.run_jobs().await;
    app.run_jobs().await;
    app.clock.set(app.clock.now() + TimeDelta::days(2));
    app.run_jobs().await;
    for name in ["auditor", "security-admin", "admin", "coordinator", "party-minge"] {
        let told = unread(name).await;
        assert_eq!(told.len(), 1, "{name}");
        assert_eq!(told[0]["link"], "/api/v1/me");
        assert!(
            told[0]["title"]
                .as_str()
                .is_some_and(|title| title.starts_with("密码将于"))
        );
        let id = told[0]["id"].as_str().expect("an id");
        let read = format!("/api/v1/notifications/{id}/read");
        app.user(name).await.post(&read, json!({})).await.expect(204);
        assert!(unread(name).await.is_empty(), "{name}");
        // Nobody reads what another was told.
        let other = app.party("jiusan").await;
        other.post(&read, json!({})).await.problem(404, "not_found");
    }
}

#[tokio::test]
async fn a_profile_without_an_end_names_none() {
    let app = TestApp::with(&["--password-profile", "nist"]).await;
    let me = app.admin().await.get("/api/v1/me").await.expect(200);
    assert_eq!(me.json["password_expires_on"], Value::Null);
    app.clock.set(app.clock.now() + TimeDelta::days(80));
    app.run_jobs().await;
    let told = app.admin().await.get("/api/v1/notifications").await.expect(200);
    assert!(told.items().is_empty());
}

#[tokio::test]
async fn the_demos_password_and_its_like_are_nobodys_to_choose() {
    let app = TestApp::new().await;
    let user = app.party("minge").await;
    for guessed in [
        PASSWORD,
        "liaison-DEMO-2021?",
        "password1234A",
        "Shaoguan@2026",
        "Qazwsxedc123!",
        "1qaz2wsx3EDC4rfv",
        "Minge-2026-Party",
        "P@ssw0rd-19870312",
    ] {
        let body = json!({ "current_password": PASSWORD, "new_password": guessed });
        let refused = user
            .put("/api/v1/me/password", body)
            .await
            .problem(422, "invalid");
        assert!(
            refused.faults().contains(&"/new_password too_common".to_owned()),
            "{guessed}: {:?}",
            refused.faults()
        );
    }
    let body = json!({ "username": "someone", "display_name": "某人", "password": PASSWORD });
    let refused = app
        .admin()
        .await
        .post("/api/v1/users", body)
        .await
        .problem(422, "invalid");
    assert_eq!(refused.faults(), ["/password too_common"]);
}

/// What the program says when it is started so, and does not start.
fn said(data: &Path, arguments: &[&str], toml: Option<(&str, u32)>) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_liaison"));
    command
        .env_remove("DATABASE_URL")
        .env("LIAISON_DATA_DIR", data)
        .args(arguments);
    if let Some((text, mode)) = toml {
        let file = data.join("liaison.toml");
        std::fs::write(&file, text).expect("a file");
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).expect("permissions");
        command.arg("--config").arg(&file);
    }
    let output = command.output().expect("a run");
    assert!(!output.status.success(), "{arguments:?} starts");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_demo_is_served_beyond_this_machine_on_purpose_alone() {
    let folder = TempDir::new().expect("a folder");
    for listen in ["0.0.0.0:0", "192.0.2.7:80", "[::]:0"] {
        let text = said(folder.path(), &["serve", "--demo", "--listen", listen], None);
        assert!(
            text.contains("--demo-public") && text.contains("LIAISON_DEMO_PUBLIC"),
            "{text}"
        );
        assert_eq!(text.lines().count(), 1, "{text}");
    }
    // On purpose it gets further: to an address that this machine does not have.
    let on_purpose = ["serve", "--demo", "--demo-public", "--listen", "192.0.2.7:80"];
    assert!(said(folder.path(), &on_purpose, None).contains("cannot listen on"));
}

#[test]
fn a_settings_file_with_secrets_is_its_owners_alone() {
    let folder = TempDir::new().expect("a folder");
    let serve = ["serve", "--listen", "192.0.2.7:80"];
    for secret in [
        "secret = \"0123456789abcdefghijklmnopqrstuvwxyz\"",
        "database-url = \"postgres://liaison:hunter2@db/liaison\"",
        "smtp_url = \"smtps://user:hunter2@mail:465\"",
    ] {
        for mode in [0o644, 0o640, 0o604] {
            let text = said(folder.path(), &serve, Some((secret, mode)));
            assert!(
                text.contains("open to others") && !text.contains("hunter2"),
                "{text}"
            );
        }
        let text = said(folder.path(), &serve, Some((secret, 0o600)));
        assert!(!text.contains("open to others"), "{text}");
    }
    let harmless = said(folder.path(), &serve, Some(("workers = 2", 0o644)));
    assert!(harmless.contains("cannot listen on"), "{harmless}");
}
