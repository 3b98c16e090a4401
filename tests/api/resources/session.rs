use crate::support::app::PASSWORD;
use crate::support::{TestApp, credentials};
use chrono::TimeDelta;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use liaison::db::schema::{audit_log, users};
use serde_json::{Value, json};

const LOGIN: &str = "/api/v1/auth/login";
const REFRESH: &str = "/api/v1/auth/refresh";
const NEW: &str = "Blue-kettle-sings-4-tea";

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

/// Operation, outcome and problem of the audit records about log-in, in their order.
async fn records(app: &TestApp, operation: &str) -> Vec<(String, String, Option<String>)> {
    audit_log::table
        .filter(audit_log::operation.eq(operation))
        .order(audit_log::id)
        .select((audit_log::principal_name, audit_log::outcome, audit_log::problem))
        .load(&mut app.database.connect().await)
        .await
        .expect("audit_log")
}

#[tokio::test]
async fn log_in_see_oneself_refresh_log_out() {
    let app = TestApp::new().await;
    let login = app
        .anonymous()
        .post(LOGIN, credentials(" Party-Minge ", PASSWORD))
        .await
        .expect(200);
    assert_eq!(login.header("cache-control"), Some("no-store"));
    assert_eq!(
        (&login.json["token_type"], &login.json["expires_in"]),
        (&json!("Bearer"), &json!(900))
    );
    let user = app.with_token(&text(&login.json["access_token"]));
    let me = user.get("/api/v1/me").await.expect(200);
    assert_eq!(me.json["username"], "party-minge");
    assert_eq!(me.json["role"], "party");
    assert_eq!(me.json["organization"]["name"], "民革市委会");
    assert_eq!(me.json["must_change_password"], false);
    let operations = me.json["operations"].as_array().expect("operations");
    assert!(operations.contains(&json!("list_departments")) && operations.contains(&json!("log_in")));
    assert!(!operations.contains(&json!("create_department")) && !operations.contains(&json!("list_users")));

    let refreshed = app
        .anonymous()
        .post(REFRESH, json!({ "refresh_token": login.json["refresh_token"] }))
        .await
        .expect(200);
    assert_eq!(refreshed.header("cache-control"), Some("no-store"));
    let newer = app.with_token(&text(&refreshed.json["access_token"]));
    newer.get("/api/v1/me").await.expect(200);

    newer.post("/api/v1/auth/logout", json!({})).await.expect(204);
    newer.get("/api/v1/me").await.problem(401, "unauthenticated");
    user.get("/api/v1/me").await.problem(401, "unauthenticated");
    app.anonymous()
        .post(
            REFRESH,
            json!({ "refresh_token": refreshed.json["refresh_token"] }),
        )
        .await
        .problem(401, "refresh_token_invalid");
    for operation in ["log_in", "refresh_session", "log_out"] {
        let expected = ("party-minge".to_owned(), "done".to_owned(), None);
        assert_eq!(records(&app, operation).await, [expected], "{operation}");
    }
}

#[tokio::test]
async fn one_answer_for_unknown_wrong_and_disabled() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    admin
        .post("/api/v1/users/party-minjin/disable", json!({}))
        .await
        .expect(200);
    let mut bodies = Vec::new();
    for (username, password) in [
        ("nobody", PASSWORD),
        ("party-minge", "wrong"),
        ("party-minjin", PASSWORD),
        (&"x".repeat(150), PASSWORD),
    ] {
        let mut answer = app
            .anonymous()
            .post(LOGIN, credentials(username, password))
            .await
            .problem(401, "login_failed");
        answer.json["request_id"] = Value::Null;
        bodies.push(answer.json);
    }
    assert!(bodies.windows(2).all(|pair| pair[0] == pair[1]), "{bodies:#?}");
    let records = records(&app, "log_in").await;
    assert_eq!(records.len(), 4);
    assert_eq!(records[3].0, "x".repeat(64));
    assert!(
        records
            .iter()
            .all(|record| record.2.as_deref() == Some("login_failed"))
    );
}

#[tokio::test]
async fn five_failures_lock_the_pair_known_or_not() {
    let app = TestApp::new().await;
    for username in ["party-minge", "nobody"] {
        for _ in 0..5 {
            app.anonymous()
                .post(LOGIN, credentials(username, "wrong"))
                .await
                .problem(401, "login_failed");
        }
        let locked = app
            .anonymous()
            .post(LOGIN, credentials(username, PASSWORD))
            .await
            .problem(429, "login_locked");
        assert_eq!(locked.header("retry-after"), Some("901"), "{username}");
    }
    // Others behind the same address go on.
    app.anonymous()
        .post(LOGIN, credentials("party-minmeng", PASSWORD))
        .await
        .expect(200);
    let security_admin = app.security_admin().await;
    let state = |answer: &crate::support::client::Answer| answer.json["state"].clone();
    let seen = security_admin.get("/api/v1/users/party-minge").await.expect(200);
    assert_eq!(state(&seen), "locked");
    let unlocked = security_admin
        .post("/api/v1/users/party-minge/unlock", json!({}))
        .await
        .expect(200);
    assert_eq!(state(&unlocked), "active");
    app.anonymous()
        .post(LOGIN, credentials("party-minge", PASSWORD))
        .await
        .expect(200);
    // A lock passes by itself, and the count begins anew.
    app.clock.set(app.clock.now() + TimeDelta::minutes(15));
    for _ in 0..2 {
        app.anonymous()
            .post(LOGIN, credentials("nobody", PASSWORD))
            .await
            .problem(401, "login_failed");
    }
    let problems: Vec<_> = records(&app, "log_in")
        .await
        .into_iter()
        .filter(|record| record.0 == "party-minge")
        .map(|record| record.2.unwrap_or_default())
        .collect();
    // What was refused meanwhile follows as a count.
    assert_eq!(problems[4..7], ["login_failed", "login_locked", ""]);
}

#[tokio::test]
async fn a_success_forgets_failures_and_an_address_has_a_limit_of_its_own() {
    let app = TestApp::with(&["--login-failures-of-address", "7"]).await;
    let fail = async |username: &str| {
        app.anonymous()
            .post(LOGIN, credentials(username, "wrong"))
            .await
            .problem(401, "login_failed")
    };
    for _ in 0..4 {
        fail("party-minge").await;
    }
    app.anonymous()
        .post(LOGIN, credentials("party-minge", PASSWORD))
        .await
        .expect(200);
    for username in ["a1", "a2", "a3", "a4", "a5", "a6", "a7"] {
        fail(username).await;
    }
    app.anonymous()
        .post(LOGIN, credentials("party-minmeng", PASSWORD))
        .await
        .problem(429, "login_locked");
    app.clock.set(app.clock.now() + TimeDelta::minutes(15));
    app.anonymous()
        .post(LOGIN, credentials("party-minmeng", PASSWORD))
        .await
        .expect(200);
}

#[tokio::test]
async fn guesses_side_by_side_do_not_get_past_the_lock() {
    let app = TestApp::new().await;
    let guesses = (0..12).map(|_| {
        let user = app.anonymous();
        async move { user.post(LOGIN, credentials("party-minge", "wrong")).await.status }
    });
    futures_util::future::join_all(guesses).await;
    app.anonymous()
        .post(LOGIN, credentials("party-minge", PASSWORD))
        .await
        .problem(429, "login_locked");
}

#[tokio::test]
async fn a_refresh_token_is_good_once_and_a_lost_reply_costs_nothing() {
    let app = TestApp::new().await;
    let login = app
        .anonymous()
        .post(LOGIN, credentials("party-minge", PASSWORD))
        .await
        .expect(200);
    let refresh = async |token: &Value| {
        app.anonymous()
            .post(REFRESH, json!({ "refresh_token": token }))
            .await
    };
    let first = &login.json["refresh_token"];
    let second = refresh(first).await.expect(200).json["refresh_token"].clone();
    app.clock.set(app.clock.now() + TimeDelta::seconds(10));
    assert_eq!(refresh(first).await.expect(200).json["refresh_token"], second);
    let third = refresh(&second).await.expect(200);
    app.clock.set(app.clock.now() + TimeDelta::seconds(11));
    // The second is used up: somebody has a copy, and the session ends for all.
    refresh(&second).await.problem(401, "refresh_token_invalid");
    refresh(&third.json["refresh_token"])
        .await
        .problem(401, "refresh_token_invalid");
    app.with_token(&text(&third.json["access_token"]))
        .get("/api/v1/me")
        .await
        .problem(401, "unauthenticated");
    let last = records(&app, "refresh_session").await.pop().expect("a record");
    assert_eq!(
        (last.1.as_str(), last.2.as_deref()),
        ("refused", Some("refresh_token_invalid"))
    );
    refresh(&json!("invented"))
        .await
        .problem(401, "refresh_token_invalid");
}

#[tokio::test]
async fn a_session_ends_after_its_hours() {
    let app = TestApp::new().await;
    let login = app
        .anonymous()
        .post(LOGIN, credentials("party-minge", PASSWORD))
        .await
        .expect(200);
    app.clock.set(app.clock.now() + TimeDelta::hours(12));
    app.with_token(&text(&login.json["access_token"]))
        .get("/api/v1/me")
        .await
        .problem(401, "unauthenticated");
    app.anonymous()
        .post(REFRESH, json!({ "refresh_token": login.json["refresh_token"] }))
        .await
        .problem(401, "refresh_token_invalid");
}

#[tokio::test]
async fn no_bad_token_differs_from_another() {
    let app = TestApp::new().await;
    let good = app.token("party-minge").await;
    let (head, signature) = good.rsplit_once('.').expect("three parts");
    let ended = app.token("party-minmeng").await;
    app.with_token(&ended)
        .post("/api/v1/auth/logout", json!({}))
        .await
        .expect(204);
    let disabled = app.token("party-minjin").await;
    app.admin()
        .await
        .post("/api/v1/users/party-minjin/disable", json!({ "reason": "调离" }))
        .await
        .expect(200);
    let expired = app.token("party-jiusan").await;
    app.clock.set(app.clock.now() + TimeDelta::minutes(16));
    let forged = format!("{head}.{}", signature.chars().rev().collect::<String>());
    let none = format!(
        "eyJhbGciOiJub25lIn0.{}.",
        head.rsplit('.').next().expect("claims")
    );
    let mut bodies = Vec::new();
    for token in ["", "x", &forged, &none, &ended, &disabled, &expired] {
        let mut answer = app
            .with_token(token)
            .get("/api/v1/me")
            .await
            .problem(401, "unauthenticated");
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
        answer.json["request_id"] = Value::Null;
        bodies.push(answer.json);
    }
    let mut without = app.anonymous().get("/api/v1/me").await.expect(401);
    without.json["request_id"] = Value::Null;
    bodies.push(without.json);
    assert!(bodies.windows(2).all(|pair| pair[0] == pair[1]), "{bodies:#?}");
}

#[tokio::test]
async fn a_one_time_password_is_good_for_changing_it_alone() {
    let app = TestApp::new().await;
    let reset = app
        .admin()
        .await
        .post("/api/v1/users/party-minge/reset-password", json!({}))
        .await
        .expect(200);
    let given = text(&reset.json["one_time_password"]);
    let log_in = async |password: &str| {
        app.anonymous()
            .post(LOGIN, credentials("party-minge", password))
            .await
    };
    log_in(PASSWORD).await.problem(401, "login_failed");
    let login = log_in(&given).await.expect(200);
    let user = app.with_token(&text(&login.json["access_token"]));
    user.get("/api/v1/departments")
        .await
        .problem(403, "password_change_required");
    let me = user.get("/api/v1/me").await.expect(200);
    assert_eq!(me.json["must_change_password"], true);
    assert!(
        !me.json["operations"]
            .as_array()
            .expect("operations")
            .contains(&json!("list_departments"))
    );
    let body = json!({ "current_password": given, "new_password": NEW });
    user.put("/api/v1/me/password", body).await.expect(204);
    user.get("/api/v1/me").await.problem(401, "unauthenticated");
    app.anonymous()
        .post(REFRESH, json!({ "refresh_token": login.json["refresh_token"] }))
        .await
        .problem(401, "refresh_token_invalid");
    let login = log_in(NEW).await.expect(200);
    app.with_token(&text(&login.json["access_token"]))
        .get("/api/v1/departments")
        .await
        .expect(200);
}

#[tokio::test]
async fn an_expired_password_must_be_changed_too() {
    let app = TestApp::new().await;
    app.clock.set(app.clock.now() + TimeDelta::days(90));
    let login = app
        .anonymous()
        .post(LOGIN, credentials("party-minge", PASSWORD))
        .await
        .expect(200);
    app.with_token(&text(&login.json["access_token"]))
        .get("/api/v1/departments")
        .await
        .problem(403, "password_change_required");
}

#[tokio::test]
async fn every_fault_of_a_password_at_once() {
    let app = TestApp::new().await;
    let user = app.party("minge").await;
    let change = async |current: &str, new: &str| {
        let body = json!({ "current_password": current, "new_password": new });
        user.put("/api/v1/me/password", body).await
    };
    assert_eq!(
        change(PASSWORD, "minge").await.problem(422, "invalid").faults(),
        ["/new_password too_few_classes", "/new_password too_short"]
    );
    assert_eq!(
        change("wrong", "party-minge")
            .await
            .problem(422, "invalid")
            .faults(),
        [
            "/new_password contains_username",
            "/new_password too_few_classes",
            "/new_password too_short"
        ]
    );
    assert_eq!(
        change(PASSWORD, PASSWORD).await.problem(422, "invalid").faults(),
        ["/new_password reused", "/new_password too_common"]
    );
    change("wrong", NEW).await.problem(409, "password_wrong");
    let english = user
        .with("accept-language", "en")
        .put(
            "/api/v1/me/password",
            json!({ "current_password": PASSWORD, "new_password": "Short-1" }),
        )
        .await
        .expect(422);
    assert_eq!(english.json["errors"][0]["detail"], "Shorter than 12 characters.");
    assert_eq!(
        user.put(
            "/api/v1/me/password",
            json!({ "new_password": NEW, "role": "admin" })
        )
        .await
        .problem(422, "invalid")
        .faults(),
        ["/current_password required", "/role unknown_field"]
    );
}

#[tokio::test]
async fn guessing_the_current_password_locks() {
    let app = TestApp::new().await;
    let user = app.party("minge").await;
    let wrong = json!({ "current_password": "wrong", "new_password": NEW });
    for _ in 0..5 {
        user.put("/api/v1/me/password", wrong.clone())
            .await
            .problem(409, "password_wrong");
    }
    user.put("/api/v1/me/password", wrong)
        .await
        .problem(429, "login_locked");
}

#[tokio::test]
async fn none_of_the_last_five_passwords_again() {
    let app = TestApp::new().await;
    let mut current = PASSWORD.to_owned();
    for round in 1..=6 {
        let user = app.party("minge").await;
        let new = format!("{NEW}-{round}");
        let body = json!({ "current_password": current, "new_password": new });
        user.put("/api/v1/me/password", body).await.expect(204);
        current = new;
    }
    let user = app.party("minge").await;
    let to = |new: &str| json!({ "current_password": current, "new_password": new });
    for known in [format!("{NEW}-2"), format!("{NEW}-6")] {
        let refused = user.put("/api/v1/me/password", to(&known)).await;
        assert_eq!(
            refused.problem(422, "invalid").faults(),
            ["/new_password reused"],
            "{known}"
        );
    }
    // The sixth from the end is free again.
    let sixth = to(&format!("{NEW}-1"));
    user.put("/api/v1/me/password", sixth).await.expect(204);
}

#[tokio::test]
async fn without_a_role_one_sees_oneself_alone() {
    let app = TestApp::new().await;
    diesel::update(users::table.filter(users::username.eq("party-minge")))
        .set((
            users::role.eq(None::<String>),
            users::organization_id.eq(None::<uuid::Uuid>),
            users::organization_kind.eq(None::<String>),
        ))
        .execute(&mut app.database.connect().await)
        .await
        .expect("an update");
    let login = app
        .anonymous()
        .post(LOGIN, credentials("party-minge", PASSWORD))
        .await
        .expect(200);
    let user = app.with_token(&text(&login.json["access_token"]));
    let me = user.get("/api/v1/me").await.expect(200);
    assert_eq!(
        (&me.json["role"], &me.json["organization"]),
        (&Value::Null, &Value::Null)
    );
    user.get("/api/v1/departments")
        .await
        .problem(403, "role_not_allowed");
}

#[tokio::test]
async fn a_log_in_with_faults_names_them() {
    let app = TestApp::new().await;
    let faults = app
        .anonymous()
        .post(LOGIN, json!({ "username": " ", "role": "admin" }))
        .await
        .problem(422, "invalid")
        .faults();
    assert_eq!(
        faults,
        ["/password required", "/role unknown_field", "/username blank"]
    );
}
