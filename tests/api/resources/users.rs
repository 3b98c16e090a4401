use crate::support::TestApp;
use crate::support::app::PASSWORD;
use crate::support::client::Answer;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use liaison::db::schema::{audit_log, events, idempotency_keys};
use serde_json::{Value, json};

const USERS: &str = "/api/v1/users";
const LOGIN: &str = "/api/v1/auth/login";

fn names(answer: &Answer) -> Vec<String> {
    let name = |item: &Value| item["username"].as_str().unwrap_or_default().to_owned();
    answer.items().iter().map(name).collect()
}

fn credentials(username: &str, password: &Value) -> Value {
    json!({ "username": username, "password": password })
}

#[tokio::test]
async fn an_account_from_its_making_to_its_first_day_at_work() {
    let app = TestApp::new().await;
    let (admin, security_admin) = (app.admin().await, app.security_admin().await);
    let body = json!({ "username": "education-2", "display_name": "市教育局 䶮" });
    let made = admin.post(USERS, body.clone()).await.expect(201);
    assert_eq!(made.json["display_name"], "市教育局 䶮");
    assert_eq!(
        (
            &made.json["role"],
            &made.json["state"],
            &made.json["must_change_password"]
        ),
        (&Value::Null, &json!("active"), &json!(true))
    );
    let path = made.header("location").expect("a location").to_owned();
    assert_eq!(admin.get(&path).await.expect(200).json["id"], made.json["id"]);
    admin.post(USERS, body).await.problem(409, "username_taken");

    let first = made.json["one_time_password"].clone();
    let login = app
        .anonymous()
        .post(LOGIN, credentials("education-2", &first))
        .await
        .expect(200);
    let user = app.with_token(login.json["access_token"].as_str().expect("a token"));
    let change = json!({ "current_password": first, "new_password": "Blue-kettle-sings-4-tea" });
    user.put("/api/v1/me/password", change).await.expect(204);
    let user = app.user("education-2").await;
    user.get("/api/v1/departments")
        .await
        .problem(403, "role_not_allowed");

    let role = json!({ "role": "department", "organization": "education" });
    let path = format!("{USERS}/education-2/role");
    security_admin
        .put(&path, role.clone())
        .await
        .problem(428, "precondition_required");
    let given = security_admin
        .matching(&format!("{USERS}/education-2"))
        .await
        .put(&path, role)
        .await
        .expect(200);
    assert_eq!(given.json["organization"]["code"], "education");
    // The old token is out at once; the next one has the new rights.
    user.get("/api/v1/me").await.problem(401, "unauthenticated");
    app.user("education-2")
        .await
        .get("/api/v1/departments")
        .await
        .expect(200);
}

#[tokio::test]
async fn a_change_of_role_is_out_at_once_here_and_soon_elsewhere() {
    let app = TestApp::new().await;
    let other = app.another_instance().await;
    let token = app.token("party-minge").await;
    app.with_token(&token)
        .get("/api/v1/departments")
        .await
        .expect(200);
    other
        .with_token(&token)
        .get("/api/v1/departments")
        .await
        .expect(200);
    app.security_admin()
        .await
        .matching(&format!("{USERS}/party-minge"))
        .await
        .put(
            &format!("{USERS}/party-minge/role"),
            json!({ "role": null, "organization": null }),
        )
        .await
        .expect(200);
    app.with_token(&token)
        .get("/api/v1/departments")
        .await
        .expect(401);
    let limit = std::time::Instant::now() + std::time::Duration::from_secs(1);
    while other
        .with_token(&token)
        .get("/api/v1/departments")
        .await
        .status
        .as_u16()
        != 401
    {
        assert!(
            std::time::Instant::now() < limit,
            "still in after a second on the other instance"
        );
    }
}

#[tokio::test]
async fn a_repeated_creation_makes_one_account_and_shows_its_password_once() {
    let app = TestApp::new().await;
    let admin = app.admin().await.with("Idempotency-Key", "k-1");
    let body = json!({ "username": "someone", "display_name": "某人" });
    let first = admin.post(USERS, body.clone()).await.expect(201);
    let again = admin.post(USERS, body).await.expect(201);
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(again.json["id"], first.json["id"]);
    assert_eq!(again.json["one_time_password"], Value::Null);
    let password = first.json["one_time_password"]
        .as_str()
        .expect("a password")
        .to_owned();
    let mut conn = app.database.connect().await;
    let kept: Vec<Vec<u8>> = idempotency_keys::table
        .select(idempotency_keys::body)
        .load(&mut conn)
        .await
        .expect("kept answers");
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
    let all = format!("{}{told:?}{sent:?}", String::from_utf8_lossy(&kept.concat()));
    assert!(all.contains("someone") && !all.contains(&password) && !all.contains("argon2"));
}

#[tokio::test]
async fn one_key_for_two_accounts_is_refused() {
    let app = TestApp::new().await;
    let admin = app.admin().await.with("Idempotency-Key", "k-1");
    let reset = |name: &str| format!("{USERS}/{name}/reset-password");
    admin.post(&reset("party-minge"), json!({})).await.expect(200);
    admin
        .post(&reset("party-minmeng"), json!({}))
        .await
        .problem(422, "idempotency_key_reused");
}

#[tokio::test]
async fn every_fault_of_a_new_account_at_once() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    let body = json!({
        "username": "No Capitals", "display_name": " ", "role": "admin", "organization": "education",
        "must_change_password": false, "token_epoch": 0,
    });
    assert_eq!(
        admin.post(USERS, body).await.problem(422, "invalid").faults(),
        [
            "/display_name blank",
            "/must_change_password unknown_field",
            "/organization unknown_field",
            "/role unknown_field",
            "/token_epoch unknown_field",
            "/username malformed",
        ]
    );
    let weak = json!({ "username": "someone", "display_name": "某人", "password": "someone1" });
    assert_eq!(
        admin.post(USERS, weak).await.problem(422, "invalid").faults(),
        [
            "/password contains_username",
            "/password too_few_classes",
            "/password too_short"
        ]
    );
    let patch = json!({ "role": "admin", "username": "other" });
    assert_eq!(
        admin
            .patch(&format!("{USERS}/party-minge"), patch)
            .await
            .problem(422, "invalid")
            .faults(),
        ["/role unknown_field", "/username unknown_field"]
    );
}

#[tokio::test]
async fn a_chosen_password_is_not_shown_and_must_be_changed() {
    let app = TestApp::new().await;
    let password = json!("Blue-kettle-sings-4-tea");
    let body = json!({ "username": "someone", "display_name": "某人", "password": password });
    let made = app.admin().await.post(USERS, body).await.expect(201);
    assert_eq!(made.json["one_time_password"], Value::Null);
    assert_eq!(made.json["must_change_password"], true);
    app.anonymous()
        .post(LOGIN, credentials("someone", &password))
        .await
        .expect(200);
}

#[tokio::test]
async fn roles_go_with_their_organizations() {
    let app = TestApp::new().await;
    let security_admin = app.security_admin().await;
    let set = async |role: Value, organization: Value| {
        security_admin
            .matching(&format!("{USERS}/party-minge"))
            .await
            .put(
                &format!("{USERS}/party-minge/role"),
                json!({ "role": role, "organization": organization }),
            )
            .await
    };
    for (role, organization, fault) in [
        (
            json!("department"),
            json!("minge"),
            "/organization unknown_reference",
        ),
        (
            json!("department"),
            json!("nobody"),
            "/organization unknown_reference",
        ),
        (json!("party"), Value::Null, "/organization required"),
        (
            json!("coordinator"),
            json!("government-office"),
            "/organization unknown_reference",
        ),
        (json!("auditor"), json!("minge"), "/organization not_allowed"),
        (Value::Null, json!("minge"), "/organization not_allowed"),
        (json!("root"), Value::Null, "/role not_allowed"),
    ] {
        let refused = set(role.clone(), organization).await.problem(422, "invalid");
        assert_eq!(refused.faults(), [fault], "{role}");
    }
    let office = set(json!("government_office"), Value::Null).await.expect(200);
    assert_eq!(office.json["organization"]["code"], "government-office");
    let auditor = set(json!("auditor"), Value::Null).await.expect(200);
    assert_eq!(
        (&auditor.json["role"], &auditor.json["organization"]),
        (&json!("auditor"), &Value::Null)
    );
    let missing = security_admin
        .with("If-Match", "*")
        .put(&format!("{USERS}/party-minge/role"), json!({}))
        .await
        .problem(422, "invalid");
    assert_eq!(missing.faults(), ["/role required"]);
}

#[tokio::test]
async fn nobody_acts_on_the_own_account() {
    let app = TestApp::new().await;
    let (admin, security_admin) = (app.admin().await, app.security_admin().await);
    for step in ["disable", "reset-password"] {
        admin
            .post(&format!("{USERS}/admin/{step}"), json!({}))
            .await
            .problem(409, "own_account");
    }
    security_admin
        .matching(&format!("{USERS}/security-admin"))
        .await
        .put(&format!("{USERS}/security-admin/role"), json!({ "role": null }))
        .await
        .problem(409, "own_account");
}

#[tokio::test]
async fn the_last_of_each_administrator_stays() {
    let app = TestApp::new().await;
    let (admin, security_admin) = (app.admin().await, app.security_admin().await);
    for username in ["security-admin", "auditor"] {
        admin
            .post(&format!("{USERS}/{username}/disable"), json!({}))
            .await
            .problem(409, "last_administrator");
    }
    for username in ["admin", "auditor"] {
        security_admin
            .matching(&format!("{USERS}/{username}"))
            .await
            .put(&format!("{USERS}/{username}/role"), json!({ "role": null }))
            .await
            .problem(409, "last_administrator");
    }
}

#[tokio::test]
async fn two_administrators_cannot_take_each_other_away_at_once() {
    for _ in 0..5 {
        let app = TestApp::new().await;
        let admin = app.admin().await;
        app.security_admin()
            .await
            .with("If-Match", "*")
            .put(&format!("{USERS}/party-minge/role"), json!({ "role": "admin" }))
            .await
            .expect(200);
        let second = app.user("party-minge").await;
        let other = app.another_instance().await;
        let second = other.with_token(second.token.as_deref().expect("a token"));
        let (first_path, second_path) = (
            format!("{USERS}/party-minge/disable"),
            format!("{USERS}/admin/disable"),
        );
        let (one, two) = tokio::join!(
            admin.post(&first_path, json!({})),
            second.post(&second_path, json!({})),
        );
        let mut statuses = [one.status.as_u16(), two.status.as_u16()];
        statuses.sort_unstable();
        // The loser finds itself the last, or is out already.
        assert!(statuses == [200, 409] || statuses == [200, 401], "{statuses:?}");
    }
}

#[tokio::test]
async fn disabled_and_enabled_again() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    let user = app.party("minge").await;
    let path = |step: &str| format!("{USERS}/party-minge{step}");
    let disabled = admin
        .post(&path("/disable"), json!({ "reason": "调离" }))
        .await
        .expect(200);
    assert_eq!(disabled.json["state"], "disabled");
    user.get("/api/v1/me").await.problem(401, "unauthenticated");
    let again = admin.post(&path("/disable"), json!({})).await.expect(200);
    assert_eq!(again.etag(), disabled.etag());
    let enabled = admin.post(&path("/enable"), json!({})).await.expect(200);
    assert_eq!(enabled.json["state"], "active");
    user.get("/api/v1/me").await.problem(401, "unauthenticated");
    app.party("minge").await.get("/api/v1/me").await.expect(200);
    let reasons: Vec<Option<Value>> = audit_log::table
        .filter(audit_log::operation.eq("disable_user"))
        .select(audit_log::after)
        .load(&mut app.database.connect().await)
        .await
        .expect("audit_log");
    assert_eq!(reasons.len(), 1);
    assert_eq!(reasons[0].as_ref().expect("an after")["reason"], "调离");
}

#[tokio::test]
async fn the_list_is_filtered_sorted_and_paged_in_the_database() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    let list = async |query: &str| admin.get(&format!("{USERS}?{query}")).await.expect(200);
    let all = list("limit=200&with_total=true").await;
    assert_eq!(all.json["total"], 36);
    let mut sorted = names(&all);
    sorted.sort();
    assert_eq!(sorted, names(&all));
    for sort in ["username", "-created_at"] {
        let whole = names(&list(&format!("limit=200&sort={sort}")).await);
        let mut paged = Vec::new();
        let mut query = format!("limit=7&sort={sort}");
        loop {
            let page = list(&query).await;
            paged.extend(names(&page));
            let Some(cursor) = page.json["next_cursor"].as_str() else {
                break;
            };
            query = format!("limit=7&sort={sort}&cursor={cursor}");
        }
        assert_eq!(paged, whole, "{sort}");
    }
    assert_eq!(names(&list("role=party&limit=200").await).len(), 8);
    assert_eq!(
        names(&list("organization=education").await),
        ["department-education"]
    );
    assert_eq!(names(&list("q=minmeng").await), ["party-minmeng"]);
    assert_eq!(
        names(&list("q=%E6%95%99%E8%82%B2").await),
        ["department-education"]
    );
    assert!(names(&list("q=%25").await).is_empty());
    assert!(names(&list("disabled=true").await).is_empty());
    assert!(names(&list("without_role=true").await).is_empty());
    let refused = admin
        .get(&format!("{USERS}?organization=nobody"))
        .await
        .problem(422, "invalid");
    assert_eq!(refused.faults(), ["organization unknown_reference"]);
}

#[tokio::test]
async fn who_manages_accounts_and_who_sees_them() {
    let app = TestApp::new().await;
    for (role, user) in app.one_of_each_role().await {
        let (sees, manages) = (
            matches!(role, "admin" | "security_admin"),
            matches!(role, "admin"),
        );
        let listed = user.get(USERS).await.status.as_u16();
        assert_eq!(listed, if sees { 200 } else { 403 }, "{role}");
        let one = user.get(&format!("{USERS}/party-minjin")).await.status.as_u16();
        assert_eq!(one, if sees { 200 } else { 403 }, "{role}");
        let made = user
            .post(
                USERS,
                json!({ "username": format!("of-{}", role.replace('_', "-")), "display_name": "某人" }),
            )
            .await
            .status
            .as_u16();
        assert_eq!(made, if manages { 201 } else { 403 }, "{role}");
        let unlocked = user
            .post(&format!("{USERS}/party-minjin/unlock"), json!({}))
            .await
            .status
            .as_u16();
        assert_eq!(
            unlocked,
            if role == "security_admin" { 200 } else { 403 },
            "{role}"
        );
    }
    let admin = app.admin().await;
    admin
        .get(&format!("{USERS}/nobody"))
        .await
        .problem(404, "not_found");
    admin
        .post(&format!("{USERS}/nobody/enable"), json!({}))
        .await
        .problem(404, "not_found");
}

#[tokio::test]
async fn no_answer_holds_a_hash() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    for path in [USERS, "/api/v1/users/party-minge", "/api/v1/me"] {
        let text = admin.get(path).await.expect(200).text();
        assert!(
            !text.contains("argon2") && !text.contains("hash") && !text.contains(PASSWORD),
            "{text}"
        );
    }
}

/// 三员分立: whoever resets a password can log in with the new one.
#[tokio::test]
async fn no_administrator_becomes_another_by_a_reset() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    for other in ["security-admin", "auditor"] {
        let path = format!("{USERS}/{other}/reset-password");
        admin.post(&path, json!({})).await.problem(403, "not_yours");
    }
    let path = format!("{USERS}/party-minge/reset-password");
    admin.post(&path, json!({})).await.expect(200);
}
