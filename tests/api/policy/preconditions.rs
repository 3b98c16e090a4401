//! `If-Match`: edits need it, steps honour it, and what is stale changes nothing.

use super::world::{World, signed};
use super::{call_with, tested};
use crate::support::suggestions::{self as life, Table, raised};
use crate::support::{TestApp, User};
use liaison::policy::Op;
use reqwest::Method;
use serde_json::json;

/// A version that nothing has.
const STALE: &str = "\"999999-00000000deadbeef\"";

/// Everything that changes one thing, and what is made about one that the body names.
fn about_one_thing(op: Op) -> bool {
    op.is_write()
        && (op.row().path.contains('{') || matches!(op, Op::CreateFeedbackReceipt | Op::CreateAttachment))
}

#[tokio::test]
async fn every_write_with_a_stale_precondition_is_refused_and_changes_nothing() {
    let app = TestApp::new().await;
    let world = World::new(&app).await;
    let users = app.one_of_each_role().await;
    let before = app.counts().await;
    let mut refusals = 0;
    for op in tested().filter(|op| about_one_thing(*op)) {
        // 市委统战部 first: it alone attaches to a scheme.
        let roles = op.roles();
        let mut able = users
            .iter()
            .filter(|(role, _)| roles.iter().any(|allowed| allowed.as_str() == *role));
        let (role, user) = able.next().expect("a role that may");
        let answer = call_with(user, STALE, &world, op, role).await;
        assert_eq!(
            answer.json["code"],
            "precondition_failed",
            "{} by {role}: {}",
            op.id(),
            answer.text()
        );
        refusals += 1;
    }
    assert!(refusals > 80, "{refusals} refusals");
    assert_eq!(app.counts().await, before);
}

/// Whoever co-signs signs the text that it has read.
#[tokio::test]
async fn a_step_is_taken_on_the_version_that_was_read_alone() {
    let app = TestApp::new().await;
    let table = Table::new(&app).await;
    let id = table.submitted(raised("午餐午休", "education")).await;
    let path = life::path(&id);
    let read = table.lead.get(&path).await.expect(200).etag();
    life::step(&table.coordinator, &id, "urge", json!({ "text": "请尽快签收。" })).await;
    let accept = format!("{path}/accept");
    let take = async |tag: &str| {
        let user = table.lead.with("If-Match", tag);
        user.post(&accept, life::acceptance()).await
    };
    take(&read).await.problem(412, "precondition_failed");
    // A weak tag is never good enough (RFC 9110 §13.1.1), and 403 by relation comes before.
    let now = table.lead.get(&path).await.expect(200).etag();
    take(&format!("W/{now}"))
        .await
        .problem(412, "precondition_failed");
    let stranger = table.coordinator.with("If-Match", &read);
    let correct = json!({ "text": "更正。", "reason": "笔误。" });
    stranger
        .post(&format!("{path}/correct"), correct)
        .await
        .problem(403, "role_not_allowed");
    // One of several, and another representation of the same version, will do.
    take(&format!("{read}, {now}")).await.expect(200);
    let again = table.lead.get(&path).await.expect(200).etag();
    // 412 comes before 409.
    take(&now).await.problem(412, "precondition_failed");
    take(&again).await.problem(409, "step_not_allowed");
}

#[tokio::test]
async fn a_repeated_call_is_answered_again_although_its_precondition_no_longer_holds() {
    let app = TestApp::new().await;
    let table = Table::new(&app).await;
    let id = table.submitted(raised("午餐午休", "education")).await;
    let read = table.lead.get(&life::path(&id)).await.expect(200).etag();
    let lead = table
        .lead
        .with("If-Match", &read)
        .with("Idempotency-Key", "accept-once");
    let accept = async |user: &User| {
        user.send(
            Method::POST,
            &format!("{}/accept", life::path(&id)),
            Some(life::acceptance()),
        )
        .await
        .expect(200)
    };
    let first = accept(&lead).await;
    let again = accept(&lead).await;
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(first.json, again.json);
}

/// An evaluation is of the suggestion as it was read, a paper is for the record as it was read.
#[tokio::test]
async fn what_is_made_about_another_thing_honours_the_version_of_that() {
    let app = TestApp::new().await;
    let table = Table::new(&app).await;
    let id = table.replied(raised("午餐午休", "education")).await;
    let path = life::path(&id);
    let read = table.party.get(&path).await.expect(200).etag();
    let correct = json!({ "text": "更正后的答复。", "reason": "笔误。" });
    life::step(&table.lead, &id, "correct", correct).await;
    let evaluate = async |tag: &str| {
        let party = table.party.with("If-Match", tag);
        party
            .post("/api/v1/feedback-receipts", life::receipt(&id, "satisfied"))
            .await
    };
    evaluate(&read).await.problem(412, "precondition_failed");
    let now = table.party.get(&path).await.expect(200).etag();
    evaluate(&now).await.expect(201);

    let coordinator = app.coordinator().await;
    let scheme = coordinator.get("/api/v1/schemes").await.expect(200).items()[0]["id"].clone();
    let of_scheme = format!("/api/v1/schemes/{}", scheme.as_str().expect("an id"));
    let attach = async |tag: &str| {
        let user = coordinator.with("If-Match", tag);
        user.send_raw(Method::POST, "/api/v1/attachments", Some(signed(&scheme)))
            .await
    };
    let read = coordinator.get(&of_scheme).await.expect(200).etag();
    attach(&read).await.expect(201);
    attach(&read).await.problem(412, "precondition_failed");
}
