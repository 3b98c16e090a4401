//! What an account was given yesterday is judged by what it may do today: kept answers, and addresses that it knows.

use crate::support::suggestions::{Table, raised};
use crate::support::{Answer, TestApp, User};
use serde_json::{Value, json};

const SUGGESTIONS: &str = "/api/v1/suggestions";
const FEEDS: &str = "/api/v1/calendar-feeds";

async fn assign(app: &TestApp, username: &str, role: &str, organization: &str) {
    let path = format!("/api/v1/users/{username}/role");
    let body = json!({ "role": role, "organization": organization });
    app.security_admin()
        .await
        .with("If-Match", "*")
        .put(&path, body)
        .await
        .expect(200);
}

fn keyed(user: &User) -> User {
    user.with("Idempotency-Key", "draft-once")
}

#[tokio::test]
async fn a_kept_answer_is_not_shown_to_an_account_that_acts_for_another() {
    let app = TestApp::new().await;
    let body = raised("关于午餐午休的建议", "education");
    let party = app.party("minge").await;
    let made = keyed(&party).post(SUGGESTIONS, body.clone()).await.expect(201);
    let again = keyed(&party).post(SUGGESTIONS, body.clone()).await.expect(201);
    assert_eq!(again.header("idempotent-replayed"), Some("true"));

    assign(&app, "party-minge", "party", "jiusan").await;
    let moved = app.party("minge").await;
    let path = format!("{SUGGESTIONS}/{}", made.json["id"].as_str().expect("an id"));
    moved.get(&path).await.problem(404, "not_found");
    let refused = keyed(&moved).post(SUGGESTIONS, body.clone()).await;
    let refused = refused.problem(422, "idempotency_key_reused");
    assert!(!refused.text().contains("午餐"), "{}", refused.text());

    // In another role it is another caller, too; back where it was, the answer is its own again.
    assign(&app, "party-minge", "department", "education").await;
    let other = app.party("minge").await;
    keyed(&other)
        .post(SUGGESTIONS, body.clone())
        .await
        .problem(403, "role_not_allowed");
    assign(&app, "party-minge", "party", "minge").await;
    let back = app.party("minge").await;
    let again = keyed(&back).post(SUGGESTIONS, body).await.expect(201);
    assert_eq!(again.json, made.json);
}

async fn feed(user: &User, scope: &str) -> (Answer, String) {
    let made = user.post(FEEDS, json!({ "scope": scope })).await.expect(201);
    let address = made.json["address"].as_str().expect("an address");
    let path = address.find("/api/").map(|at| address[at..].to_owned());
    (made, path.expect("a path"))
}

/// A second account of an organization, which knows what is known there.
async fn colleague(app: &TestApp, username: &str, organization: &str) -> User {
    let body = json!({ "username": username, "display_name": "李秋霞" });
    app.admin().await.post("/api/v1/users", body).await.expect(201);
    assign(app, username, "department", organization).await;
    let activate = "UPDATE users SET must_change_password = false";
    use diesel_async::SimpleAsyncConnection;
    let mut conn = app.database.connect().await;
    conn.batch_execute(activate).await.expect("an update");
    app.user(username).await
}

async fn notices(user: &User) -> Vec<Value> {
    let list = user
        .get("/api/v1/notifications?kind=calendar_address_closed")
        .await;
    list.expect(200).items().to_vec()
}

#[tokio::test]
async fn an_organizations_calendar_closes_to_who_leaves_it() {
    let app = TestApp::new().await;
    let (stays, leaves) = (
        app.department("education").await,
        colleague(&app, "education-li", "education").await,
    );
    let (made, address) = feed(&leaves, "organization").await;
    let anybody = app.anonymous();
    anybody.get(&address).await.expect(200);
    // Another role in the same organization would change nothing; another organization does.
    assign(&app, "education-li", "department", "education").await;
    anybody.get(&address).await.expect(200);
    assign(&app, "education-li", "department", "justice").await;
    anybody.get(&address).await.problem(404, "not_found");
    let told = notices(&stays).await;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0]["subject"]["id"], made.json["id"]);
    assert!(notices(&app.user("education-li").await).await.is_empty());

    // The organization makes another address, which is closed when an account of it is disabled.
    let rotate = format!("{FEEDS}/{}/rotate", made.json["id"].as_str().expect("an id"));
    let rotated = stays.post(&rotate, json!({})).await.expect(200);
    let address = rotated.json["address"].as_str().expect("an address");
    let address = &address[address.find("/api/").expect("a path")..];
    anybody.get(address).await.expect(200);
    let third = colleague(&app, "education-wang", "education").await;
    third.get(FEEDS).await.expect(200);
    let disable = "/api/v1/users/education-wang/disable";
    app.admin().await.post(disable, json!({})).await.expect(200);
    anybody.get(address).await.problem(404, "not_found");
    assert_eq!(notices(&stays).await.len(), 2);
}

#[tokio::test]
async fn a_personal_calendar_ends_with_its_account() {
    let app = TestApp::new().await;
    let user = app.department("education").await;
    let (_, address) = feed(&user, "user").await;
    let anybody = app.anonymous();
    anybody.get(&address).await.expect(200);
    let admin = app.admin().await;
    let post = async |step: &str| {
        let path = format!("/api/v1/users/department-education/{step}");
        admin.post(&path, json!({})).await.expect(200);
    };
    post("disable").await;
    anybody.get(&address).await.problem(404, "not_found");
    // Enabled again, it makes a new one.
    post("enable").await;
    anybody.get(&address).await.problem(404, "not_found");
    let user = app.department("education").await;
    let (_, fresh) = feed(&user, "user").await;
    assert_ne!(fresh, address);
    anybody.get(&fresh).await.expect(200);
}

#[tokio::test]
async fn a_former_colleague_reads_no_draft_by_an_old_key_of_a_step() {
    let app = TestApp::new().await;
    let table = Table::new(&app).await;
    let id = table.drafted(raised("关于校车线路的建议", "education")).await;
    let path = format!("{SUGGESTIONS}/{id}/submit");
    let body = json!({ "no_secrets": true });
    keyed(&table.party).post(&path, body.clone()).await.expect(200);
    assign(&app, "party-minmeng", "party", "zhilianhui").await;
    let moved = app.party("minmeng").await;
    let refused = keyed(&moved).post(&path, body).await;
    let refused = refused.problem(422, "idempotency_key_reused");
    assert!(!refused.text().contains("校车"), "{}", refused.text());
}
