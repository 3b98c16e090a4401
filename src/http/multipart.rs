//! `multipart/form-data`: text parts, which are checked like the members of a JSON body, and last of all one file, which
//! is streamed and never in memory whole.

use super::extract::{self, Input};
use crate::config::Files as Settings;
use crate::files::spool::{Received, Spool};
use crate::language::Text;
use crate::limits;
use crate::problem::{Code, Fault, Place, Problem, Result};
use actix_multipart::{Field, Multipart};
use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::header::{self, Charset};
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpRequest};
use encoding_rs::Encoding;
use futures_util::future::LocalBoxFuture;
use futures_util::{Stream, StreamExt};
use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// The part that is the file.
const FILE: &str = "file";

/// A form that has been read up to its file. The handler decides who may upload what before it receives the file.
pub struct Upload<T> {
    /// The text parts; its member `file` is the file's name.
    pub form: T,
    pub file: FilePart,
}

/// A file that the client is about to send.
pub struct FilePart {
    field: Field,
    parts: Multipart,
    broken_off: BrokenOff,
    limit: u64,
}

/// Why our side stopped reading, where it did.
type BrokenOff = Rc<Cell<Option<Code>>>;

impl<T: Input> FromRequest for Upload<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let payload = payload.take();
        Box::pin(async move {
            let (worker, op) = extract::contract(&request)?;
            let settings = &worker.files.settings;
            let limit = settings.attachment_limit;
            extract::uncompressed(&request)?;
            extract::is_of(&request, &["multipart/form-data"])?;
            if extract::declared_length(&request).is_some_and(|length| length > limit + limits::AROUND_FILE) {
                return Err(too_large(limit));
            }
            let broken_off = BrokenOff::default();
            let stream = paced(payload, settings, broken_off.clone());
            let mut parts = Multipart::new(request.headers(), Box::pin(stream));
            let (mut pairs, faults, field) = match read_texts(&mut parts).await {
                Ok(read) => read,
                Err(error) => return Err(broken(error, &broken_off, limit)),
            };
            let contract = &worker.published.contract;
            if field.is_some() && pairs.is_empty() && faults.is_empty() {
                // What stands behind the file is not read before it is known who sends it, and for what.
                let fault = Fault::at(
                    format!("/{FILE}"),
                    "misplaced",
                    "文件须是最后一部分，其他部分在它之前。",
                    "The file is the last part, behind all others.",
                );
                return Err(Problem::invalid(vec![fault]));
            }
            if let Some(field) = &field {
                pairs.push((FILE.to_owned(), file_name(field)));
            }
            let mut body = contract.form(op, pairs);
            body.faults.extend(faults);
            let form = extract::typed(&request, &worker, op, body).await?;
            // The schema asks for the file: a form without it has been refused.
            let field = field.ok_or_else(|| Problem::internal("a form without its file"))?;
            Ok(Self {
                form,
                file: FilePart {
                    field,
                    parts,
                    broken_off,
                    limit,
                },
            })
        })
    }
}

impl FilePart {
    /// The file, whole, and nothing after it.
    ///
    /// # Errors
    /// 400 for a body that is no form or ends too early, 408 for one that comes too slowly, 413 for a file that is too
    /// large, 422 for parts behind it.
    pub async fn receive(mut self, spool: &Spool) -> Result<Received> {
        let mut incoming = spool.open().await?;
        while let Some(chunk) = self.field.next().await {
            let chunk = chunk.map_err(|error| broken(error, &self.broken_off, self.limit))?;
            if incoming.size() + chunk.len() as u64 > self.limit {
                return Err(too_large(self.limit));
            }
            incoming.write(&chunk).await?;
        }
        // The next part is not read while this one is held.
        drop(self.field);
        let mut faults = Vec::new();
        while let Some(part) = self.parts.next().await {
            let part = part.map_err(|error| broken(error, &self.broken_off, self.limit))?;
            let name = part.name().unwrap_or_default();
            faults.push(match name {
                FILE => repeated(name),
                _ => Fault::at(
                    super::contract::pointer(&[&name]),
                    "misplaced",
                    "文件须是最后一部分。",
                    "The file is the last part.",
                ),
            });
            if faults.len() == limits::FORM_TEXTS {
                break;
            }
        }
        if !faults.is_empty() {
            return Err(Problem::invalid(faults));
        }
        incoming.finish().await
    }
}

type Texts = (Vec<(String, String)>, Vec<Fault>, Option<Field>);

/// The parts up to the file, or to the end where there is none.
async fn read_texts(parts: &mut Multipart) -> std::result::Result<Texts, actix_multipart::MultipartError> {
    let mut texts: Vec<(String, String)> = Vec::new();
    let mut faults = Vec::new();
    while let Some(part) = parts.next().await {
        let mut part = part?;
        let name = part.name().unwrap_or_default().to_owned();
        if name == FILE {
            return Ok((texts, faults, Some(part)));
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = part.next().await {
            let chunk = chunk?;
            let room = (limits::FORM_TEXT + 1).saturating_sub(bytes.len());
            bytes.extend_from_slice(&chunk[..chunk.len().min(room)]);
        }
        let at = super::contract::pointer(&[&name]);
        if texts.iter().any(|(known, _)| *known == name) {
            faults.push(repeated(&name));
        } else if bytes.len() > limits::FORM_TEXT || texts.len() == limits::FORM_TEXTS {
            faults.push(Fault::at(at, "too_long", "内容过长。", "Too long."));
        } else {
            match String::from_utf8(bytes) {
                Ok(text) => texts.push((name, text)),
                Err(_) => {
                    faults.push(Fault::at(
                        at,
                        "malformed",
                        "不是 UTF-8 文本。",
                        "Not text in UTF-8.",
                    ));
                    // Known, so that it is not told to be missing as well.
                    texts.push((name, String::new()));
                }
            }
        }
        if faults.len() == limits::FORM_TEXTS {
            break;
        }
    }
    Ok((texts, faults, None))
}

fn repeated(name: &str) -> Fault {
    Fault {
        place: Place::Pointer(super::contract::pointer(&[&name])),
        code: "repeated",
        detail: Text::fixed("这一部分重复出现。", "The part stands more than once."),
    }
}

/// The name that the client gives the file; empty where it gives none, or one in an encoding that is not what it says.
///
/// `filename*` (RFC 8187) is heard first, in whatever encoding it names. What browsers send as `filename` is UTF-8 with no
/// escape but for the quote, so that a backslash is a backslash, and parts the folders of a path.
fn file_name(field: &Field) -> String {
    let name = given_name(field);
    // Some programs send where the file lies on the client's disk.
    name.rsplit(['/', '\\']).next().unwrap_or_default().to_owned()
}

fn given_name(field: &Field) -> String {
    let Some(disposition) = field.content_disposition() else {
        return String::new();
    };
    if let Some(extended) = disposition.get_filename_ext() {
        let label = match &extended.charset {
            Charset::Ext(name) => name.clone(),
            known => known.to_string(),
        };
        let decoded = Encoding::for_label(label.as_bytes()).and_then(|encoding| {
            encoding.decode_without_bom_handling_and_without_replacement(&extended.value)
        });
        return decoded.map(std::borrow::Cow::into_owned).unwrap_or_default();
    }
    let raw = field
        .headers()
        .get(header::CONTENT_DISPOSITION)
        .and_then(|value| std::str::from_utf8(value.as_bytes()).ok());
    raw.and_then(quoted_name)
        .or_else(|| disposition.get_filename().map(str::to_owned))
        .unwrap_or_default()
}

/// The value of `filename="…"`, in which `\"` stands for a quote and nothing else is escaped.
fn quoted_name(header: &str) -> Option<String> {
    let start = header.to_ascii_lowercase().find("filename=\"")? + "filename=\"".len();
    let mut rest = header.get(start..)?.chars().peekable();
    let mut name = String::new();
    while let Some(c) = rest.next() {
        match c {
            '"' => return Some(name),
            '\\' if rest.peek() == Some(&'"') => name.extend(rest.next()),
            _ => name.push(c),
        }
    }
    None
}

/// The body as it comes, unless it is too much or too slow: a client that sends a byte now and then would hold a place, a
/// file and a connection for as long as it likes.
fn paced(
    mut payload: Payload,
    settings: &Settings,
    broken_off: BrokenOff,
) -> impl Stream<Item = std::result::Result<Bytes, PayloadError>> + 'static {
    let patience = settings.upload_patience();
    let limit = settings.attachment_limit + limits::AROUND_FILE;
    let rate = f64::from(settings.upload_minimum_rate);
    async_stream::stream! {
        let began = Instant::now();
        let mut received = 0;
        loop {
            let chunk = match timeout(patience, payload.next()).await {
                Ok(None) => return,
                Ok(Some(chunk)) => chunk,
                Err(_) => {
                    broken_off.set(Some(Code::UploadTooSlow));
                    yield Err(PayloadError::Incomplete(None));
                    return;
                }
            };
            received += chunk.as_ref().map_or(0, |bytes| bytes.len() as u64);
            if received > limit {
                broken_off.set(Some(Code::BodyTooLarge));
                yield Err(PayloadError::Overflow);
                return;
            }
            if is_too_slow(began.elapsed(), received, patience, rate) {
                broken_off.set(Some(Code::UploadTooSlow));
                yield Err(PayloadError::Incomplete(None));
                return;
            }
            yield chunk;
        }
    }
}

fn is_too_slow(took: Duration, received: u64, patience: Duration, rate: f64) -> bool {
    took > patience && (received as f64) < took.as_secs_f64() * rate
}

fn too_large(limit: u64) -> Problem {
    Problem::new(Code::BodyTooLarge)
        .detail(
            format!("附件不得超过 {limit} 字节。"),
            format!("An attached file may have {limit} bytes at most."),
        )
        .header(header::CONNECTION, "close")
}

/// A body that could not be read on: by our decision, or because it is no form.
fn broken(error: actix_multipart::MultipartError, broken_off: &BrokenOff, limit: u64) -> Problem {
    match broken_off.get() {
        Some(Code::BodyTooLarge) => too_large(limit),
        Some(code) => Problem::new(code).header(header::CONNECTION, "close"),
        None => Problem::new(Code::BadRequest)
            .detail(
                "请求体不是完整的 multipart/form-data：请检查边界、各部分的 Content-Disposition（UTF-8）以及是否传完。",
                "The body is no complete multipart/form-data: check the boundary, the parts' Content-Disposition (UTF-8), and whether \
                 all of it was sent.",
            )
            .source(error.to_string()),
    }
}
