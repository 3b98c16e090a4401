//! Strong ETags: version and a digest of the representation. `If-None-Match` compares all of it, `If-Match` the version
//! alone (RFC 9110 §13).

use super::catalogue::Code;
use super::problem::{Problem, Result};
use actix_web::HttpRequest;
use actix_web::http::header;
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
            .any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag)
    })
}

/// 428 without `If-Match`, 412 where it names another version.
pub fn require_match(request: &HttpRequest, version: i64) -> Result<()> {
    let tags = listed(request, header::IF_MATCH).ok_or_else(|| Problem::new(Code::PreconditionRequired))?;
    let wanted = version.to_string();
    let fits = |tag: &String| {
        tag == "*"
            || tag
                .strip_prefix('"')
                .and_then(|tag| tag.split_once('-'))
                .is_some_and(|(version, _)| version == wanted)
    };
    if tags.iter().any(fits) {
        Ok(())
    } else {
        Err(Problem::new(Code::PreconditionFailed))
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
