//! Signing keys beside running instances: a new one signs, an ended one holds nowhere, within a second.

use super::{LOGIN, within};
use crate::support::app::{PASSWORD, secret};
use crate::support::{TestApp, credentials};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use liaison::auth::keyring;
use liaison::db::schema::audit_log;
use serde_json::Value;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

fn kid(token: &str) -> String {
    let header = token.split('.').next().expect("a header");
    let header: Value = URL_SAFE_NO_PAD
        .decode(header)
        .ok()
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .expect("JSON");
    header["kid"].as_str().expect("a kid").to_owned()
}

async fn log_in(app: &TestApp) -> String {
    let login = app
        .anonymous()
        .post(LOGIN, credentials("party-minge", PASSWORD))
        .await
        .expect(200);
    login.json["access_token"].as_str().expect("a token").to_owned()
}

async fn published(app: &TestApp) -> Vec<String> {
    let jwks = app.anonymous().get("/.well-known/jwks.json").await.expect(200);
    let keys = jwks.json["keys"].as_array().expect("keys").iter();
    keys.map(|key| key["kid"].as_str().expect("a kid").to_owned())
        .collect()
}

async fn status(app: &TestApp, token: &str) -> u16 {
    app.with_token(token).get("/api/v1/me").await.status.as_u16()
}

#[tokio::test]
async fn a_new_key_signs_on_every_instance_within_a_second() {
    let app = TestApp::new().await;
    let other = app.another_instance().await;
    let old = log_in(&other).await;
    log_in(&app).await;
    let next = keyring::rotate(&app.instance.db, &secret(), app.clock.now())
        .await
        .expect("a key");
    for instance in [&app, &other] {
        within(SECOND, "it signs with the new key", async || {
            kid(&log_in(instance).await) == next
        })
        .await;
        assert_eq!(status(instance, &old).await, 200, "the key before still verifies");
    }
}

#[tokio::test]
async fn a_revoked_key_holds_nowhere_within_a_second() {
    let app = TestApp::new().await;
    let other = app.another_instance().await;
    let token = log_in(&app).await;
    // Remembered as good on both.
    assert_eq!(
        (status(&app, &token).await, status(&other, &token).await),
        (200, 200)
    );
    let leaked = kid(&token);
    let next = keyring::revoke(&app.instance.db, &secret(), &leaked, app.clock.now())
        .await
        .expect("the end of a key")
        .expect("another that signs");
    for instance in [&app, &other] {
        within(SECOND, "its tokens are out", async || {
            status(instance, &token).await == 401
        })
        .await;
        assert_eq!(published(instance).await, std::slice::from_ref(&next));
        let newer = log_in(instance).await;
        assert_eq!(kid(&newer), next);
        assert_eq!(status(instance, &newer).await, 200);
    }
    let again = keyring::revoke(&app.instance.db, &secret(), &leaked, app.clock.now()).await;
    assert_eq!(again.expect("once more changes nothing"), None);
    let records: Vec<(String, Option<Value>)> = audit_log::table
        .filter(audit_log::subject_type.eq("signing_key"))
        .filter(audit_log::operation.eq("revoke_signing_key"))
        .select((audit_log::principal_name, audit_log::after))
        .load(&mut app.database.connect().await)
        .await
        .expect("audit_log");
    let after = serde_json::json!({ "kid": leaked });
    assert_eq!(records, [("command line".to_owned(), Some(after))]);
}

#[tokio::test]
async fn a_key_that_only_verifies_is_revoked_alone() {
    let app = TestApp::new().await;
    let token = log_in(&app).await;
    let (db, now) = (&app.instance.db, app.clock.now());
    let next = keyring::rotate(db, &secret(), now).await.expect("a key");
    let replaced = keyring::revoke(db, &secret(), &kid(&token), now).await;
    assert_eq!(replaced.expect("the end of a key"), None);
    within(SECOND, "its tokens are out", async || {
        status(&app, &token).await == 401
    })
    .await;
    assert_eq!(published(&app).await, [next]);
    let unknown = keyring::revoke(db, &secret(), "nothing", now).await;
    assert_eq!(unknown.expect_err("no such key").code().as_str(), "not_found");
}
