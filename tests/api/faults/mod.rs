//! What happens when the database, the network to it, a clock, a disk or another instance fails: who is told what, how soon it is
//! over, and whom it does not concern.

mod clocks;
mod errors;
mod holders;
mod locks;
mod programs;
mod readiness;
mod silence;
mod store;

use crate::support::app::TestApp;
use crate::support::client::User;
use serde_json::json;
use std::time::{Duration, Instant};

/// A write that nothing but the database stands in the way of.
async fn make_department(user: &User, code: &str) -> crate::support::Answer {
    let body = json!({ "code": code, "name": format!("市{code}局"), "short_name": code.replace('-', "") });
    user.post("/api/v1/departments", body).await
}

async fn execute(app: &TestApp, sql: &str) {
    use diesel_async::SimpleAsyncConnection;
    app.database
        .connect()
        .await
        .batch_execute(sql)
        .await
        .unwrap_or_else(|error| panic!("{sql}: {error}"));
}

/// Asks again until it is so.
async fn eventually(limit: Duration, what: &str, is_so: impl AsyncFn() -> bool) {
    let began = Instant::now();
    while !is_so().await {
        assert!(began.elapsed() < limit, "{what}: not within {limit:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
