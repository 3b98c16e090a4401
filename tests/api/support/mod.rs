//! What the tests share: a service of their own on a database of their own, users as values, and a client that holds
//! every answer against the OpenAPI document.

pub mod app;
pub mod client;
pub mod conformance;
pub mod database;
pub mod form;
pub mod golden;
pub mod proxy;
pub mod samples;
pub mod suggestions;

pub use app::TestApp;
pub use client::{Answer, User};
pub use form::Form;

use chrono::{DateTime, Utc};
use liaison::policy::Op;
use reqwest::Method;
use serde_json::{Value, json};

/// An instant as it is written.
pub fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

/// A Monday morning in Shaoguan with nothing special about it: 2 March 2026, 9:30.
pub async fn on_a_monday() -> TestApp {
    TestApp::at("2026-03-02T01:30:00Z").await
}

/// What the caller may do with it now.
pub fn actions(answer: &Answer) -> Vec<&str> {
    actions_of(&answer.json)
}

pub fn actions_of(record: &Value) -> Vec<&str> {
    let actions = record["allowed_actions"].as_array().expect("actions");
    actions
        .iter()
        .filter_map(|action| action["code"].as_str())
        .collect()
}

pub async fn newest_notice(user: &User) -> Value {
    let list = user.get("/api/v1/notifications").await.expect(200);
    list.items().first().cloned().unwrap_or_default()
}

/// What waits for a user and has to do with records of one type.
pub async fn kinds_of_todos(user: &User, subject_type: &str) -> Vec<String> {
    let path = format!("/api/v1/me/todos?subject_type={subject_type}");
    let list = user.get(&path).await.expect(200);
    let kinds = list.items().iter().map(|item| item["kind"].as_str());
    kinds.map(|kind| kind.expect("a kind").to_owned()).collect()
}

/// The body of a log-in.
pub fn credentials(username: &str, password: &str) -> Value {
    json!({ "username": username, "password": password })
}

pub fn method(op: Op) -> Method {
    Method::from_bytes(op.row().method.as_str().as_bytes()).expect("a method")
}

/// The last part of a path: an id.
pub fn last(path: &str) -> &str {
    path.rsplit('/').next().expect("an id")
}

/// An instant without what makes it later than the one before on the same record.
pub fn to_the_second(instant: &Value) -> &str {
    instant
        .as_str()
        .and_then(|text| text.get(..19))
        .unwrap_or_default()
}
