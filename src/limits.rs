//! What one request may cost: every bound on what a client sends and on what it makes us write stands here, with its reason.
//!
//! Beyond these a request costs what its bytes cost: nothing compares each with each, and what no schema knows is passed over
//! while it is read ([`super::shape`]). What is bounded elsewhere: the size of a JSON body and the time of a request by
//! settings (`body_limit`, `request_timeout_ms`), how often one may ask by `limits`, files by `attachment_limit`.

use std::borrow::Cow;
use std::time::Duration;

/// Bytes of a body that needs no token, such as a log-in: 1,000 characters of password, each escaped, and a name beside them.
pub const PUBLIC_BODY: usize = 8 * 1024;

/// Values that one body may be made of, each of which costs memory beyond its bytes. The longest list that the schemas let
/// through, a thousand rows of three members, needs half of it.
pub const VALUES: usize = 10_000;

/// How many times the length that its schema allows a text is looked at. What is longer is told to be too long all the
/// same, whatever is taken off its ends.
pub const LENGTHS: usize = 4;

/// How long a JSON body may take to arrive, as a part of the time that its request has, so that the answer is still told.
pub const BODY_PART_OF_TIME: f64 = 0.8;

/// References that are looked up for a body that is refused all the same.
pub const REFERENCES: usize = 200;

/// As far as the total of a list is counted; what is beyond is said to be more.
pub const TOTAL: usize = 10_000;

/// Faults that one answer names. Nobody reads on; the rest is counted.
pub const FAULTS: usize = 100;

/// Bytes of all faults of an answer: with the rest of it they stay below 64 KB.
pub const FAULTS_BYTES: usize = 56 * 1024;

/// Bytes of a place that a client has named: a pointer, a parameter.
pub const PLACE: usize = 300;

/// Bytes of a detail, which may quote what a client sent.
pub const DETAIL: usize = 2_000;

/// Bytes of a path in an answer.
pub const PATH: usize = 1_000;

/// Faults that the log names of one request.
pub const FAULTS_LOGGED: usize = 5;

/// Bytes of a path and of the reason in one line of the log, which has 4 KB at most.
pub const PATH_LOGGED: usize = 400;
pub const REASON_LOGGED: usize = 2_000;

/// Bytes of one text part of a form, and how many there may be.
pub const FORM_TEXT: usize = 4_096;
pub const FORM_TEXTS: usize = 20;

/// Bytes of a form beside its file: boundaries, headers, text parts.
pub const AROUND_FILE: u64 = 128 * 1024;

/// How long a body may take to arrive.
pub fn body_time(request: Duration) -> Duration {
    request.mul_f64(BODY_PART_OF_TIME)
}

/// The text, or as much of its beginning as has so many bytes when it is written as JSON, with `…` for what is left out.
pub fn clipped(text: &str, bytes: usize) -> Cow<'_, str> {
    let mut written = 0;
    for (at, c) in text.char_indices() {
        written += match c {
            '"' | '\\' | '\n' | '\r' | '\t' => 2,
            c if c < ' ' => 6,
            c => c.len_utf8(),
        };
        if written > bytes {
            return format!("{}…", &text[..at]).into();
        }
    }
    text.into()
}
