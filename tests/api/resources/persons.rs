//! Where a person is meant, it is the account's display name that records show, not what it logs in with.

use crate::support::TestApp;
use crate::support::suggestions::{Table, id, path, raised, step};
use serde_json::{Value, json};

/// Every text under these names anywhere in an answer.
fn named(value: &Value, keys: &[&str], found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                match member.as_str().filter(|_| keys.contains(&key.as_str())) {
                    Some(text) => found.push(text.to_owned()),
                    None => named(member, keys, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| named(item, keys, found)),
        _ => {}
    }
}

#[tokio::test]
async fn records_name_persons_as_they_are_called() {
    let app = TestApp::new().await;
    for (username, name) in [
        ("party-minmeng", "周文博"),
        ("department-education", "李秋霞"),
        ("department-health", "陈雅琴"),
    ] {
        let rename = json!({ "display_name": name });
        app.admin()
            .await
            .patch(&format!("/api/v1/users/{username}"), rename)
            .await
            .expect(200);
    }
    let table = Table::new(&app).await;
    let mut body = raised("中心配餐", "education");
    body["joint_departments"] = json!(["health"]);
    let suggestion = table.replied_with_opinion(body, "同意。").await;
    let steps = table
        .coordinator
        .get(&format!("{}/timeline", path(&suggestion)))
        .await
        .expect(200);
    let mut actors = Vec::new();
    named(&steps.json, &["actor"], &mut actors);
    actors.sort();
    actors.dedup();
    let mut expected = ["周文博", "李秋霞", "陈雅琴"];
    expected.sort_unstable();
    assert_eq!(actors, expected);
    let correction = json!({ "text": "补充说明。", "reason": "遗漏" });
    step(&table.lead, &suggestion, "correct", correction).await;
    let whole = table.coordinator.get(&path(&suggestion)).await.expect(200);
    let replies = table
        .coordinator
        .get(&format!("{}/replies", path(&suggestion)))
        .await
        .expect(200);
    let mut by = Vec::new();
    for answer in [&whole.json, &replies.json] {
        named(answer, &["by", "replied_by", "opinion_by", "actor"], &mut by);
    }
    assert!(!by.is_empty(), "{}", whole.json);
    assert!(by.iter().all(|name| !name.contains('-')), "{by:?}");
}

#[tokio::test]
async fn receipts_and_versions_name_them_too() {
    let app = TestApp::new().await;
    let rename = json!({ "display_name": "周文博" });
    app.admin()
        .await
        .patch("/api/v1/users/party-minmeng", rename)
        .await
        .expect(200);
    let appointment = json!({
        "effective_from": "2026-03-02", "leader": { "name": "王建平" }, "office": { "name": "办公室" },
        "contacts": [{ "name": "李秋霞" }],
    });
    let education = app.department("education").await;
    let leader = education
        .post("/api/v1/liaison-leaders", appointment.clone())
        .await
        .expect(201);
    let leader = format!("/api/v1/liaison-leaders/{}", id(&leader.json));
    let minmeng = app.party("minmeng").await;
    minmeng
        .post(&format!("{leader}/acknowledge"), json!({}))
        .await
        .expect(200);
    let seen = app
        .coordinator()
        .await
        .get(&format!("{leader}/receipts"))
        .await
        .expect(200);
    let mut by = Vec::new();
    named(&seen.json, &["acknowledged_by"], &mut by);
    assert_eq!(by, ["周文博"], "{}", seen.json);
    // It is the name of that day: another one later changes no record.
    let rename = json!({ "display_name": "何家豪" });
    app.admin()
        .await
        .patch("/api/v1/users/party-minmeng", rename)
        .await
        .expect(200);
    let correction = json!({ "reason": "职务有误", "leader": { "name": "王建平", "title": "副局长" } });
    education
        .post(&format!("{leader}/correct"), correction)
        .await
        .expect(200);
    let versions = education.get(&format!("{leader}/versions")).await.expect(200);
    let mut by = Vec::new();
    named(&versions.json, &["replaced_by"], &mut by);
    assert_eq!(by, ["市教育局联络员"], "{}", versions.json);
    let again = education.get(&format!("{leader}/receipts")).await.expect(200);
    let mut by = Vec::new();
    named(&again.json, &["acknowledged_by"], &mut by);
    assert_eq!(by, ["周文博"]);
}
