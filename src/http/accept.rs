//! Lists of what a client would rather have: `text/csv;q=0.8, */*` (RFC 9110 §12.4.2).

use crate::language::Language;
use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{ACCEPT_ENCODING, ACCEPT_LANGUAGE, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;

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

/// The language of highest weight among the two; Chinese where neither is asked for (RFC 9110 §12.5.4).
pub fn language(headers: &HeaderMap) -> Language {
    let mut best = (0.0, Language::Chinese);
    for (tag, weight) in weighted(headers, ACCEPT_LANGUAGE) {
        let language = match tag.split('-').next() {
            Some("zh") => Language::Chinese,
            Some("en") => Language::English,
            _ => continue,
        };
        if weight > best.0 {
            best = (weight, language);
        }
    }
    best.1
}

/// Takes refusals out of `Accept-Encoding`: an answer that nobody may read helps nobody, so that who refuses every encoding is
/// served without one (RFC 9110 §12.5.3 leaves it to us).
pub async fn always_served<B: MessageBody>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let wanted: Vec<(String, f32)> = weighted(request.headers(), ACCEPT_ENCODING).collect();
    if wanted.iter().any(|(_, weight)| *weight <= 0.0) {
        let taken = wanted.iter().filter(|(_, weight)| *weight > 0.0);
        let taken: Vec<String> = taken
            .map(|(encoding, weight)| format!("{encoding};q={weight}"))
            .collect();
        request.headers_mut().remove(ACCEPT_ENCODING);
        if let Ok(value) = HeaderValue::from_str(&taken.join(", "))
            && !taken.is_empty()
        {
            request.headers_mut().insert(ACCEPT_ENCODING, value);
        }
    }
    next.call(request).await
}
