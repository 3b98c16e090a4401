//! Parts of a file: one range a request (RFC 9110 §14).

use actix_web::HttpRequest;
use actix_web::http::header;
use std::ops::Range;

/// What of a file the client wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    Whole,
    Part(Range<u64>),
    /// A range that the file does not have, or that cannot be read as one.
    Nothing,
}

/// By `Range`, unless `If-Range` names another representation. Several ranges, and other units than bytes, get the whole
/// file, as §14.2 allows.
pub fn wanted(request: &HttpRequest, etag: &str, size: u64) -> Wanted {
    let Some(range) = text(request, header::RANGE) else {
        return Wanted::Whole;
    };
    // A strong comparison (§13.1.5); a date cannot match, since none is given out.
    if text(request, header::IF_RANGE).is_some_and(|known| known != etag) {
        return Wanted::Whole;
    }
    match range.split_once('=') {
        Some((unit, set)) if unit.trim().eq_ignore_ascii_case("bytes") && !set.contains(',') => {
            parse(set.trim(), size).map_or(Wanted::Nothing, Wanted::Part)
        }
        _ => Wanted::Whole,
    }
}

fn text(request: &HttpRequest, name: header::HeaderName) -> Option<&str> {
    request
        .headers()
        .get(name)
        .map(|value| value.to_str().unwrap_or_default().trim())
}

/// `0-99`, `100-`, `-50`.
fn parse(spec: &str, size: u64) -> Option<Range<u64>> {
    let (first, last) = spec.split_once('-')?;
    let number = |text: &str| {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        // More digits than fit are a number beyond any file.
        digits.then(|| text.parse().unwrap_or(u64::MAX))
    };
    let range = match (first, last) {
        ("", "") => return None,
        ("", suffix) => size.saturating_sub(number(suffix)?)..size,
        (first, "") => number(first)?..size,
        (first, last) => {
            let (first, last) = (number(first)?, number(last)?);
            if first > last {
                return None;
            }
            first..last.saturating_add(1).min(size)
        }
    };
    (range.start < range.end).then_some(range)
}
