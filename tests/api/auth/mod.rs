//! Proof of who calls, without a database: vectors of the RFCs, other implementations, and attacks.

use chrono::{DateTime, Utc};

mod keys;
mod password;
mod password_policy;
mod refresh;
mod secret;
mod token;
mod token_cache;
mod token_forgery;

/// 2026-03-02 09:00 in Shaoguan.
fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_772_413_200, 0).expect("a date of this century")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).expect("hex digits"))
        .collect()
}
