//! Strong ETags: version and a digest of the representation. `If-None-Match` compares all of it, `If-Match` the version
//! alone (RFC 9110 §13).

use crate::policy::Op;
use crate::work::Precondition;
use actix_web::HttpRequest;
use actix_web::http::{Method, header};
use xxhash_rust::xxh3::xxh3_64;

/// `"7-00c0ffee00c0ffee"`, or without the version for what has none, such as a list.
pub fn tag(version: Option<i64>, body: &[u8]) -> String {
    let digest = xxh3_64(body);
    match version {
        Some(version) => format!("\"{version}-{digest:016x}\""),
        None => format!("\"{digest:016x}\""),
    }
}

/// Whether the client has this very representation.
pub fn is_known(request: &HttpRequest, tag: &str) -> bool {
    listed(request, header::IF_NONE_MATCH).is_some_and(|tags| {
        // The weak comparison that §13.1.2 asks for.
        tags.iter()
            .any(|known| known == "*" || plain(known.strip_prefix("W/").unwrap_or(known)) == tag)
    })
}

/// Encodings that have tags of their own.
const ENCODINGS: [&str; 1] = ["gzip"];

/// The tag of the same representation under an encoding: `"7-00c0ffee00c0ffee-gzip"`.
pub fn encoded(tag: &str, encoding: &str) -> String {
    match tag.strip_suffix('"') {
        Some(tag) => format!("{tag}-{encoding}\""),
        None => tag.to_owned(),
    }
}

/// The tag without the encoding.
fn plain(tag: &str) -> String {
    let encoding = ENCODINGS
        .iter()
        .find_map(|encoding| tag.strip_suffix(&format!("-{encoding}\"")));
    encoding.map_or_else(|| tag.to_owned(), |tag| format!("{tag}\""))
}

/// The encoding of what the client says it has, for the 304 that says that it still holds.
pub fn encoding_of_known(request: &HttpRequest) -> Option<String> {
    let tags = listed(request, header::IF_NONE_MATCH)?;
    let encoding = ENCODINGS
        .iter()
        .find(|encoding| tags.iter().all(|tag| tag.ends_with(&format!("-{encoding}\""))));
    encoding.map(|encoding| (*encoding).to_owned())
}

/// How an operation takes `If-Match`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Match {
    /// It changes nothing that a client can know the version of: it reads, creates, or is about a session.
    Unused,
    /// A step on one thing, or what is made about one that the body names.
    Honoured,
    /// An edit.
    Required,
}

impl Match {
    pub fn of(op: Op) -> Self {
        let row = op.row();
        match row.method {
            Method::PATCH | Method::PUT | Method::DELETE if op != Op::ChangeMyPassword => Self::Required,
            Method::POST if row.path.contains('{') => Self::Honoured,
            _ if matches!(op, Op::CreateFeedbackReceipt | Op::CreateAttachment) => Self::Honoured,
            _ => Self::Unused,
        }
    }
}

/// `If-Match` of a request.
pub fn precondition(request: &HttpRequest, op: Op) -> Precondition {
    match Match::of(op) {
        Match::Unused => Precondition::default(),
        how => Precondition::new(listed(request, header::IF_MATCH), how == Match::Required),
    }
}

fn listed(request: &HttpRequest, name: header::HeaderName) -> Option<Vec<String>> {
    let mut tags = Vec::new();
    for value in request.headers().get_all(name) {
        tags.extend(
            value
                .to_str()
                .unwrap_or_default()
                .split(',')
                .map(|tag| tag.trim().to_owned()),
        );
    }
    (!tags.is_empty()).then_some(tags)
}
