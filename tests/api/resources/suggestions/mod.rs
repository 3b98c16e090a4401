//! 三(四)4: what a party raises is handled, answered in time, evaluated and filed.

mod drafts;
mod ended;
mod lists;
mod needs;
mod races;
mod returns;
mod rules;
mod sight;
mod signatures;
mod story;

use crate::support::suggestions::{Table, path};
use crate::support::{TestApp, User, at};
use serde_json::Value;

/// A day's morning in Shaoguan.
fn on(app: &TestApp, day: &str) {
    app.clock.set(at(&format!("{day}T01:30:00Z")));
}

/// All at the table on a day.
pub(super) async fn day(app: &TestApp, day: &str) -> Table {
    on(app, day);
    Table::new(app).await
}

pub(super) async fn get(user: &User, id: &str) -> Value {
    user.get(&path(id)).await.expect(200).json
}

/// What waits for a user, of suggestions and commitments: kinds with their days.
async fn todos(user: &User) -> Vec<String> {
    let list = user.get("/api/v1/me/todos").await.expect(200);
    let ours = list
        .items()
        .iter()
        .filter(|item| item["subject"]["type"] == "suggestion" || item["subject"]["type"] == "commitment");
    ours.map(|item| {
        let kind = item["kind"].as_str().expect("a kind");
        match item["due_on"].as_str() {
            Some(day) => format!("{kind} {day}"),
            None => kind.to_owned(),
        }
    })
    .collect()
}

/// Titles of notices about suggestions and commitments, the newest first.
async fn notices(user: &User) -> Vec<String> {
    let list = user.get("/api/v1/notifications").await.expect(200);
    let titles = list.items().iter().filter_map(|item| item["title"].as_str());
    titles.map(str::to_owned).collect()
}

async fn timeline(user: &User, id: &str) -> Vec<Value> {
    let timeline = user.get(&format!("{}/timeline", path(id))).await.expect(200);
    timeline.items().to_vec()
}

fn steps(timeline: &[Value]) -> Vec<&str> {
    timeline.iter().filter_map(|step| step["step"].as_str()).collect()
}
