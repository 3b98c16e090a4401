//! Lists of what a client would rather have: `text/csv;q=0.8, */*` (RFC 9110 §12.4.2).

use actix_web::http::header::{HeaderMap, HeaderName};

/// The items of a header in lower case, each with its weight: 1 where none is given, 0 where it is no number.
pub fn weighted(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = (String, f32)> + '_ {
    headers
        .get_all(name)
        .flat_map(|value| value.to_str().unwrap_or_default().split(','))
        .map(|item| {
            let mut parts = item.split(';').map(str::trim);
            let wanted = parts.next().unwrap_or_default().to_ascii_lowercase();
            let weight = parts.find_map(|part| part.strip_prefix("q="));
            (wanted, weight.map_or(1.0, |weight| weight.parse().unwrap_or(0.0)))
        })
}
