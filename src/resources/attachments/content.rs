//! The bytes of an attachment as an answer. They are never shown by a browser as part of this site: always a download, of
//! the type that was found in them, in a sandbox.

use super::model::AttachmentRow;
use crate::files::name;
use crate::http::call::Call;
use crate::http::etag;
use crate::http::ranges::{self, Wanted};
use crate::problem::{Code, Problem, Result};
use actix_web::body::SizedStream;
use actix_web::http::header::{self, HeaderName};
use actix_web::web::Bytes;
use actix_web::{HttpResponse, HttpResponseBuilder};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::{Stream, StreamExt};
use std::io;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// 200, 206 or 304.
///
/// # Errors
/// 416; 503 where the store cannot be reached.
pub async fn answer(call: &Call, row: &AttachmentRow) -> Result<HttpResponse> {
    let size = u64::try_from(row.size).map_err(Problem::internal)?;
    let tag = row.content_etag();
    if etag::is_known(&call.request, &tag) {
        return Ok(headed(HttpResponse::NotModified(), row, &tag).finish());
    }
    let (mut response, range) = match ranges::wanted(&call.request, &tag, size) {
        Wanted::Whole => (headed(HttpResponse::Ok(), row, &tag), 0..size),
        Wanted::Part(range) => {
            let mut response = headed(HttpResponse::PartialContent(), row, &tag);
            let place = format!("bytes {}-{}/{size}", range.start, range.end - 1);
            response.insert_header((header::CONTENT_RANGE, place));
            (response, range)
        }
        Wanted::Nothing => {
            let length = format!("bytes */{size}");
            return Err(Problem::new(Code::RangeNotSatisfiable).header(header::CONTENT_RANGE, &length));
        }
    };
    let length = range.end - range.start;
    let files = &call.worker.files;
    files.prove(&call.worker.db).await?;
    let bytes = files.store.get(row.object_key, range).await?;
    let bytes = in_time(Box::pin(bytes), files.settings.transfer_timeout());
    Ok(response
        .content_type(row.media_type.as_str())
        .body(SizedStream::new(length, Box::pin(bytes))))
}

fn headed(mut response: HttpResponseBuilder, row: &AttachmentRow, tag: &str) -> HttpResponseBuilder {
    // RFC 9530: of the whole file, whatever part of it goes out.
    let digest = format!("sha-256=:{}:", STANDARD.encode(&row.sha256));
    response
        .insert_header((header::ETAG, tag))
        .insert_header((header::CACHE_CONTROL, "private, no-cache"))
        .insert_header((header::VARY, "Authorization"))
        .insert_header((header::ACCEPT_RANGES, "bytes"))
        .insert_header((HeaderName::from_static("repr-digest"), digest))
        .insert_header((header::CONTENT_DISPOSITION, name::disposition(&row.file_name)))
        .insert_header((header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'"))
        // As it is: the tag, the digest and the ranges are of these bytes, not of compressed ones.
        .insert_header((header::CONTENT_ENCODING, "identity"));
    response
}

/// The bytes, broken off where they have not been fetched in time: no client holds a file or a connection to the store for
/// ever.
fn in_time(
    mut bytes: impl Stream<Item = io::Result<Bytes>> + Unpin + 'static,
    limit: Duration,
) -> impl Stream<Item = io::Result<Bytes>> + 'static {
    async_stream::stream! {
        let end = Instant::now() + limit;
        loop {
            match timeout_at(end, bytes.next()).await {
                Ok(Some(chunk)) => yield chunk,
                Ok(None) => return,
                Err(_) => {
                    yield Err(io::ErrorKind::TimedOut.into());
                    return;
                }
            }
        }
    }
}
