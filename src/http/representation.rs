//! What is said of a representation when it is finished: its tag, its encoding, and what it varies by.

use super::etag;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, HttpResponse};

/// Gives what may be kept a tag by its bytes, where it has none yet, and 304 to whom has it: documents, keys, pages.
pub async fn tagged<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let read = [Method::GET, Method::HEAD].contains(request.method());
    let response = next.call(request).await?;
    let headers = response.headers();
    let kept = headers
        .get(header::CACHE_CONTROL)
        .is_some_and(|control| control != "no-store");
    let wanting = read && kept && response.status() == StatusCode::OK && !headers.contains_key(header::ETAG);
    if !wanting {
        return Ok(response.map_into_boxed_body());
    }
    let (request, response) = response.into_parts();
    let (mut head, body) = response.into_parts();
    let bytes = match body.try_into_bytes() {
        Ok(bytes) => bytes,
        // It comes as it is made.
        Err(body) => return Ok(ServiceResponse::new(request, head.set_body(body)).map_into_boxed_body()),
    };
    let tag = etag::tag(None, &bytes);
    let known = etag::is_known(&request, &tag);
    head.headers_mut()
        .insert(header::ETAG, HeaderValue::try_from(tag)?);
    let response = match known {
        false => head.set_body(BoxBody::new(bytes)),
        true => not_modified(head.headers()),
    };
    Ok(ServiceResponse::new(request, response))
}

fn not_modified(of: &HeaderMap) -> HttpResponse {
    let mut response = HttpResponse::NotModified().finish();
    for name in [header::ETAG, header::CACHE_CONTROL, header::VARY] {
        if let Some(value) = of.get(&name) {
            response.headers_mut().insert(name, value.clone());
        }
    }
    response
}

/// Outermost, around the compression. A compressed representation has a tag of its own: a strong one promises the same bytes.
/// `Vary` names the encoding whether it was compressed or not, since a cache keeps the first that it sees.
pub async fn encoded<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let mut response = next.call(request).await?;
    let known = etag::encoding_of_known(response.request());
    let status = response.status();
    let headers = response.headers_mut();
    let encoding = match headers.get(header::CONTENT_ENCODING) {
        // Says that it is not to be compressed; to clients it says nothing.
        Some(encoding) if encoding == "identity" => {
            headers.remove(header::CONTENT_ENCODING);
            None
        }
        Some(encoding) => encoding.to_str().ok().map(str::to_owned),
        None if status == StatusCode::NOT_MODIFIED => known,
        None => None,
    };
    let tag = headers.get(header::ETAG).and_then(|tag| tag.to_str().ok());
    if let Some(tag) = tag
        .zip(encoding)
        .map(|(tag, encoding)| etag::encoded(tag, &encoding))
    {
        headers.insert(header::ETAG, HeaderValue::try_from(tag)?);
    }
    vary_by_encoding(headers)?;
    Ok(response)
}

/// One `Vary` with what there is, each once, and the encoding.
fn vary_by_encoding(headers: &mut HeaderMap) -> Result<(), Error> {
    const ENCODING: &str = "Accept-Encoding";
    let mut names: Vec<String> = Vec::new();
    for listed in headers.get_all(header::VARY) {
        let listed = listed.to_str().unwrap_or_default().split(',').map(str::trim);
        for one in listed.filter(|one| !one.is_empty() && !one.eq_ignore_ascii_case(ENCODING)) {
            if !names.iter().any(|known| known.eq_ignore_ascii_case(one)) {
                names.push(one.to_owned());
            }
        }
    }
    names.push(ENCODING.to_owned());
    headers.insert(header::VARY, HeaderValue::try_from(names.join(", "))?);
    Ok(())
}
