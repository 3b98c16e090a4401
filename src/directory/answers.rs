//! Answers as they were written out, kept with the revision of the directory that they were made from: a hit costs the
//! query for the revision alone, and what has changed anywhere is never given out again.

use actix_web::http::header::HeaderValue;
use actix_web::web::Bytes;
use std::collections::HashMap;
use std::sync::RwLock;

/// Bytes of bodies and keys that are kept for one revision; what comes later is made anew each time.
const KEPT_BYTES: usize = 4 * 1024 * 1024;

/// One answer: all that a client gets of it.
#[derive(Clone, Debug)]
pub struct Kept {
    pub body: Bytes,
    pub etag: HeaderValue,
    pub link: Option<HeaderValue>,
}

#[derive(Debug, Default)]
pub struct Answers(RwLock<State>);

#[derive(Debug, Default)]
struct State {
    by_query: HashMap<String, Kept>,
    bytes: usize,
}

impl Answers {
    pub fn get(&self, query: &str) -> Option<Kept> {
        self.0.read().ok()?.by_query.get(query).cloned()
    }

    pub fn keep(&self, query: String, answer: Kept) {
        let Ok(mut state) = self.0.write() else { return };
        let bytes = query.len() + answer.body.len();
        if state.bytes + bytes > KEPT_BYTES || state.by_query.contains_key(&query) {
            return;
        }
        state.bytes += bytes;
        state.by_query.insert(query, answer);
    }
}

/// Whose answers may be shared: those of callers who see the same. `reach` is part of it, since drafts are in one and
/// not in the other; of the day, since states and names are computed by it.
pub fn key(operation: &str, reach: impl std::fmt::Display, day: chrono::NaiveDate, query: &str) -> String {
    format!("{operation}\n{reach}\n{day}\n{query}")
}
