//! 三员分立: neither who makes an account nor who grants its role becomes a second administrator by it.

use super::LOGIN;
use crate::support::app::PASSWORD;
use crate::support::{Answer, TestApp, User, credentials};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use liaison::accounts::Accounts;
use liaison::db::schema::{audit_log, events, users};
use liaison::policy::Role;
use serde_json::{Value, json};

const USERS: &str = "/api/v1/users";
const KNOWN: &str = "Blue-kettle-sings-4-tea";
const NEW: &str = "River-lantern-7-copper";

async fn log_in(app: &TestApp, password: &str) -> Answer {
    app.anonymous()
        .post(LOGIN, credentials("someone", password))
        .await
}

async fn with(app: &TestApp, password: &str) -> User {
    let login = log_in(app, password).await.expect(200);
    app.with_token(login.json["access_token"].as_str().expect("a token"))
}

async fn grant(app: &TestApp, role: &str) -> Answer {
    app.security_admin()
        .await
        .matching(&format!("{USERS}/someone"))
        .await
        .put(&format!("{USERS}/someone/role"), json!({ "role": role }))
        .await
}

/// An account whose first password 系统管理员 has chosen.
async fn app_with_account() -> TestApp {
    let app = TestApp::new().await;
    let body = json!({ "username": "someone", "display_name": "某人", "password": KNOWN });
    app.admin().await.post(USERS, body).await.expect(201);
    app
}

fn change(current: &Value, former: Option<&str>) -> Value {
    let mut body = json!({ "current_password": current, "new_password": NEW });
    if let Some(former) = former {
        body["former_password"] = json!(former);
    }
    body
}

#[tokio::test]
async fn who_made_the_account_does_not_become_the_administrator() {
    for role in ["auditor", "security_admin", "admin"] {
        let app = app_with_account().await;
        let open = with(&app, KNOWN).await;
        let granted = grant(&app, role).await.expect(200);
        assert_eq!(granted.json["role"], role);
        assert_eq!(granted.json["created_by"], "admin");
        assert_eq!(granted.json["former_password_set_by"], "admin");
        let given = granted.json["one_time_password"].clone();
        // What the maker has had open, or can open, is shut.
        open.get("/api/v1/me").await.problem(401, "unauthenticated");
        log_in(&app, KNOWN).await.problem(401, "login_failed");

        let owner = with(&app, given.as_str().expect("a password")).await;
        let me = owner.get("/api/v1/me").await.expect(200);
        assert_eq!(me.json["must_change_password"], true);
        assert_eq!(me.json["must_show_former_password"], true);
        owner
            .get("/api/v1/departments")
            .await
            .problem(403, "password_change_required");
        owner
            .put("/api/v1/me/password", change(&given, Some(KNOWN)))
            .await
            .expect(204);
        let owner = with(&app, NEW).await;
        let me = owner.get("/api/v1/me").await.expect(200);
        assert_eq!(
            (&me.json["role"], &me.json["must_show_former_password"]),
            (&json!(role), &json!(false))
        );
        owner.get("/api/v1/departments").await.expect(200);
        app.admin()
            .await
            .post(&format!("{USERS}/someone/reset-password"), json!({}))
            .await
            .problem(403, "not_yours");
    }
}

#[tokio::test]
async fn who_grants_does_not_become_the_administrator() {
    let app = app_with_account().await;
    let given = grant(&app, "auditor").await.expect(200).json["one_time_password"].clone();
    let granter = with(&app, given.as_str().expect("a password")).await;
    let alone = granter.put("/api/v1/me/password", change(&given, None)).await;
    assert_eq!(
        alone.problem(422, "invalid").faults(),
        ["/former_password required"]
    );
    // Five guesses, as at the log-in.
    for n in 0..4 {
        let guess = change(&given, Some(&format!("guess-{n}")));
        granter
            .put("/api/v1/me/password", guess)
            .await
            .problem(409, "password_wrong");
    }
    let other = change(&given, given.as_str());
    granter
        .put("/api/v1/me/password", other)
        .await
        .problem(409, "password_wrong");
    granter
        .put("/api/v1/me/password", change(&given, Some(KNOWN)))
        .await
        .problem(429, "login_locked");
}

/// Of several grants in a row the password from before the first is asked for: the granter knows those in between.
#[tokio::test]
async fn a_second_grant_does_not_make_the_first_ones_password_the_proof() {
    let app = app_with_account().await;
    let first = grant(&app, "auditor").await.expect(200).json["one_time_password"].clone();
    let second = grant(&app, "admin").await.expect(200).json["one_time_password"].clone();
    let owner = with(&app, second.as_str().expect("a password")).await;
    owner
        .put("/api/v1/me/password", change(&second, first.as_str()))
        .await
        .problem(409, "password_wrong");
    owner
        .put("/api/v1/me/password", change(&second, Some(KNOWN)))
        .await
        .expect(204);
}

#[tokio::test]
async fn who_has_set_the_password_leaves_the_grant_to_another() {
    let app = app_with_account().await;
    diesel::update(users::table.filter(users::username.eq("someone")))
        .set(users::password_set_by.eq("security-admin"))
        .execute(&mut app.database.connect().await)
        .await
        .expect("an update");
    grant(&app, "auditor").await.problem(403, "not_yours");
    let seen = app
        .admin()
        .await
        .get(&format!("{USERS}/someone"))
        .await
        .expect(200);
    assert_eq!(seen.json["role"], Value::Null);
    // Once the owner has changed it, nobody else knows it.
    let body = json!({ "current_password": KNOWN, "new_password": NEW });
    let owner = with(&app, KNOWN).await;
    owner.put("/api/v1/me/password", body).await.expect(204);
    let granted = grant(&app, "auditor").await.expect(200);
    assert_eq!(granted.json["former_password_set_by"], "someone");
}

#[tokio::test]
async fn other_roles_leave_the_password_alone() {
    let app = TestApp::new().await;
    let set = async |role: Value| {
        let user = app
            .security_admin()
            .await
            .matching(&format!("{USERS}/coordinator"))
            .await;
        user.put(&format!("{USERS}/coordinator/role"), json!({ "role": role }))
            .await
            .expect(200)
            .json["one_time_password"]
            .clone()
    };
    assert_eq!(set(json!("government_office")).await, Value::Null);
    assert_eq!(set(Value::Null).await, Value::Null);
    app.anonymous()
        .post(LOGIN, credentials("coordinator", PASSWORD))
        .await
        .expect(200);
    assert!(set(json!("auditor")).await.is_string());
    // What the account is already is not granted.
    assert_eq!(set(json!("auditor")).await, Value::Null);
}

#[tokio::test]
async fn a_grant_by_the_command_line_makes_a_password_too() {
    let app = app_with_account().await;
    let accounts = Accounts {
        db: &app.instance.db,
        passwords: &app.instance.passwords,
        now: app.clock.now(),
    };
    let given = accounts
        .set_role("someone", Some(Role::Auditor), None)
        .await
        .expect("a grant");
    log_in(&app, KNOWN).await.problem(401, "login_failed");
    let (name, password) = given.expect("a one-time password");
    assert_eq!(name, "someone");
    let owner = with(&app, &password).await;
    let body = json!({ "current_password": password, "new_password": NEW });
    owner.put("/api/v1/me/password", body).await.expect(204);
    let taken = accounts.set_role("someone", None, None).await.expect("no role");
    assert_eq!(taken, None);
}

#[tokio::test]
async fn the_password_of_a_grant_is_nowhere_but_in_its_answer() {
    let app = app_with_account().await;
    let given = grant(&app, "auditor").await.expect(200).json["one_time_password"].clone();
    let mut conn = app.database.connect().await;
    let told: Vec<(Option<Value>, Option<Value>)> = audit_log::table
        .select((audit_log::before, audit_log::after))
        .load(&mut conn)
        .await
        .expect("audit_log");
    let sent: Vec<Value> = events::table
        .select(events::data)
        .load(&mut conn)
        .await
        .expect("events");
    let all = format!("{told:?}{sent:?}");
    assert!(all.contains("user.role_changed") || all.contains("someone"));
    assert!(!all.contains(given.as_str().expect("a password")) && !all.contains("argon2"));
}
