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

use serde_json::Value;

/// An instant without what makes it later than the one before on the same record.
pub fn to_the_second(instant: &Value) -> &str {
    instant
        .as_str()
        .and_then(|text| text.get(..19))
        .unwrap_or_default()
}
