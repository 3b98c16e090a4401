//! Log-in, accounts, keys, the audit log and defaults, as somebody tries them who means no good.

mod defaults;
mod grants;
mod keys;
mod logins;
mod paths;
mod proxies;
mod records;

use crate::support::TestApp;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use liaison::db::schema::audit_log;
use serde_json::Value;
use std::time::{Duration, Instant};

const LOGIN: &str = "/api/v1/auth/login";

/// The rest of the refusals of an operation, as they are on record: their problem and what is told of them.
async fn refusals(app: &TestApp, operation: &str) -> Vec<(String, Option<Value>)> {
    let rows: Vec<(Option<String>, Option<Value>)> = audit_log::table
        .filter(audit_log::operation.eq(operation))
        .filter(audit_log::outcome.eq("refused"))
        .order(audit_log::id)
        .select((audit_log::problem, audit_log::after))
        .load(&mut app.database.connect().await)
        .await
        .expect("audit_log");
    let told = rows
        .into_iter()
        .map(|(problem, after)| (problem.unwrap_or_default(), after));
    told.collect()
}

/// Waits until something holds, for as long as it may take.
async fn within(limit: Duration, what: &str, holds: impl AsyncFn() -> bool) {
    let end = Instant::now() + limit;
    while !holds().await {
        assert!(Instant::now() < end, "{what}");
    }
}
