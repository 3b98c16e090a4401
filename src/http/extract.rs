//! Typed input: what a handler receives has passed the contract, and what has not is answered with every fault.

use super::contract::Contract;
use super::contract::MERGE_PATCH;
use super::request::RequestInfo;
use super::shape::{Body, Refusal, Unreadable};
use super::{query, references, text};
use crate::limits;
use crate::policy::Op;
use crate::problem::{Code, Fault, Place, Problem, Result};
use crate::state::Worker;
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use futures_util::StreamExt;
use futures_util::future::LocalBoxFuture;
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::collections::HashSet;
use std::future::{Ready, ready};
use std::rc::Rc;
use tokio::time::{Instant, timeout_at};
use utoipa::ToSchema;
use uuid::Uuid;

/// A body that has rules beyond its schema.
pub trait Input: DeserializeOwned + 'static {
    fn check(&self, _faults: &mut Vec<Fault>) {}
}

/// A JSON body.
pub struct Json<T>(pub T);

/// 无内容: the body of a call that needs none; left out or `{}`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Empty {}

impl Input for Empty {}

/// The query string.
pub struct Query<T>(pub T);

/// The path's parameter.
pub struct Path<T>(pub T);

/// Keyed digest of path and body: what an `Idempotency-Key` stands for.
#[derive(Clone, Copy)]
pub struct RequestDigest(pub [u8; 32]);

pub(super) fn contract(request: &HttpRequest) -> Result<(web::Data<Worker>, Op)> {
    let worker = request.app_data::<web::Data<Worker>>().cloned();
    let op = RequestInfo::of(request).and_then(|info| info.op.get().copied());
    worker
        .zip(op)
        .ok_or_else(|| Problem::internal("an extractor outside the gate"))
}

impl<T: Input> FromRequest for Json<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let payload = payload.take();
        Box::pin(async move {
            let (worker, op) = contract(&request)?;
            let bytes = read(&request, payload, &worker, op).await?;
            set_digest(&worker, &request, &bytes);
            let body = parse(&request, &worker.published.contract, op, &bytes)?;
            typed(&request, &worker, op, body).await.map(Self)
        })
    }
}

fn body_limit(worker: &Worker, op: Op) -> usize {
    let limit = worker.http.body_limit as usize;
    match op.is_public() {
        true => limit.min(limits::PUBLIC_BODY),
        false => limit,
    }
}

/// The body, up to the limit of its size and its time.
async fn read(request: &HttpRequest, mut payload: Payload, worker: &Worker, op: Op) -> Result<Vec<u8>> {
    let limit = body_limit(worker, op);
    let too_large = || {
        Problem::new(Code::BodyTooLarge)
            .detail(
                format!("请求体不得超过 {limit} 字节。"),
                format!("The body may have {limit} bytes at most."),
            )
            .header(header::CONNECTION, "close")
    };
    let declared = declared_length(request);
    if declared.is_some_and(|length| length > limit as u64) {
        return Err(too_large());
    }
    let until = Instant::now() + limits::body_time(worker.http.request_timeout());
    let mut bytes = Vec::with_capacity(declared.unwrap_or(0) as usize);
    loop {
        let Ok(chunk) = timeout_at(until, payload.next()).await else {
            return Err(Problem::new(Code::BodyTooSlow).header(header::CONNECTION, "close"));
        };
        let Some(chunk) = chunk else { return Ok(bytes) };
        let chunk = chunk.map_err(|error| Problem::new(Code::BadRequest).source(error.to_string()))?;
        if bytes.len() + chunk.len() > limit {
            return Err(too_large());
        }
        bytes.extend_from_slice(&chunk);
    }
}

/// What `Content-Length` says.
pub(super) fn declared_length(request: &HttpRequest) -> Option<u64> {
    let value = request.headers().get(header::CONTENT_LENGTH)?;
    value.to_str().ok()?.parse().ok()
}

/// Says what the request is apart from its key, where that is not its body byte by byte.
pub fn set_digest(worker: &Worker, request: &HttpRequest, content: &[u8]) {
    let digest = digest_of(worker, request, content);
    request.extensions_mut().insert(digest);
}

fn digest_of(worker: &Worker, request: &HttpRequest, bytes: &[u8]) -> RequestDigest {
    let path = request.path().as_bytes();
    RequestDigest(worker.request_digests.mac(&[path, &[0], bytes].concat()))
}

/// A body that is not there says the same as `{}` where that says all that is needed.
fn parse(request: &HttpRequest, contract: &Contract, op: Op, bytes: &[u8]) -> Result<Body> {
    uncompressed(request)?;
    // RFC 8259 §8.1 lets us skip it.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return nothing(contract, op);
    }
    let wanted: &[&str] = match *request.method() {
        actix_web::http::Method::PATCH => &["application/json", MERGE_PATCH],
        _ => &["application/json"],
    };
    is_of(request, wanted)?;
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to() + 1;
        Problem::new(Code::MalformedJson)
            .detail(
                format!("请求体不是 UTF-8 编码（第 {at} 字节起）。"),
                format!("The body is not in UTF-8, from byte {at} on."),
            )
            .source(error)
    })?;
    contract.read_body(op, text).map_err(unreadable)
}

fn nothing(contract: &Contract, op: Op) -> Result<Body> {
    let body = Body {
        value: Value::Object(Map::new()),
        faults: Vec::new(),
        omitted: 0,
        references: Vec::new(),
    };
    if contract.check_body(op, &body.value).is_empty() {
        return Ok(body);
    }
    let missing = Fault::at("", "required", "缺少请求体。", "The body is missing.");
    Err(Problem::invalid(vec![missing]))
}

fn unreadable(Unreadable { refusal, error }: Unreadable) -> Problem {
    let (line, column) = (error.line(), error.column());
    match refusal {
        Refusal::Malformed => Problem::new(Code::MalformedJson).detail(
            format!("第 {line} 行第 {column} 列有误。"),
            format!("At line {line}, column {column}."),
        ),
        Refusal::Repeated(at) => {
            let at = limits::clipped(&at, limits::PLACE);
            Problem::new(Code::MalformedJson).detail(
                format!("第 {line} 行第 {column} 列：{at} 重复出现。"),
                format!("At line {line}, column {column}: {at} stands there twice."),
            )
        }
        Refusal::TooManyValues => Problem::new(Code::BodyTooLarge).detail(
            format!("请求体不得超过 {} 个值。", limits::VALUES),
            format!("The body may be made of {} values at most.", limits::VALUES),
        ),
    }
    .source(error)
}

/// # Errors
/// 415 for a body that is compressed: none is taken apart, so that none becomes larger than it is.
pub(super) fn uncompressed(request: &HttpRequest) -> Result<()> {
    let encodings = request.headers().get_all(header::CONTENT_ENCODING);
    let mut encodings = encodings.flat_map(|value| value.to_str().unwrap_or("?").split(','));
    let Some(encoding) = encodings.find(|encoding| !encoding.trim().eq_ignore_ascii_case("identity")) else {
        return Ok(());
    };
    let encoding = encoding.trim();
    Err(Problem::new(Code::UnsupportedMediaType)
        .detail(
            format!("不支持 Content-Encoding: {encoding}，请发送未压缩的请求体。"),
            format!("Content-Encoding: {encoding} is not taken: send the body uncompressed."),
        )
        .header(header::ACCEPT_ENCODING, "identity"))
}

/// # Errors
/// 415 for another media type than the wanted, and for another encoding than UTF-8.
pub(super) fn is_of(request: &HttpRequest, wanted: &[&str]) -> Result<()> {
    let media_type = request.content_type();
    if !wanted
        .iter()
        .any(|wanted| media_type.eq_ignore_ascii_case(wanted))
    {
        let wanted = wanted.join(", ");
        return Err(Problem::new(Code::UnsupportedMediaType).detail(
            format!("请求体的 Content-Type 应为 {wanted}。"),
            format!("The Content-Type of the body has to be {wanted}."),
        ));
    }
    let stated = request.mime_type().ok().flatten();
    let charset = stated.as_ref().and_then(|stated| stated.get_param("charset"));
    match charset.filter(|charset| {
        !["utf-8", "utf8", "us-ascii"].contains(&charset.as_str().to_ascii_lowercase().as_str())
    }) {
        None => Ok(()),
        Some(charset) => Err(Problem::new(Code::UnsupportedMediaType).detail(
            format!("不支持 charset={charset}，请以 UTF-8 编码发送。"),
            format!("charset={charset} is not taken: send the body in UTF-8."),
        )),
    }
}

/// The body as its type, or every fault: those known before, of the schema, of the type's own rules, and of what is named
/// and not there.
pub(super) async fn typed<T: Input>(
    request: &HttpRequest,
    worker: &web::Data<Worker>,
    op: Op,
    body: Body,
) -> Result<T> {
    let Body {
        mut value,
        mut faults,
        omitted,
        references,
    } = body;
    text::read(&mut value, &mut faults);
    let mut places: HashSet<Place> = faults.iter().map(|fault| fault.place.clone()).collect();
    // A blank text may also be too short or malformed; once is enough. What said something that is not known said something.
    let of_schema = worker.published.contract.check_body(op, &value).into_iter();
    let said = !faults.is_empty();
    let is_second =
        |fault: &Fault| places.contains(&fault.place) || said && fault.place == Place::Pointer(String::new());
    faults.extend(of_schema.filter(|fault| !is_second(fault)));
    places.extend(faults.iter().map(|fault| fault.place.clone()));
    let read: std::result::Result<T, _> = serde_path_to_error::deserialize(&value);
    match read {
        Ok(read) => {
            let mut further = Vec::new();
            read.check(&mut further);
            faults.extend(further.into_iter().filter(|fault| !places.contains(&fault.place)));
            if faults.is_empty() {
                // What it refers to is looked up by who acts on it, in the same transaction.
                return Ok(read);
            }
        }
        Err(_) if !faults.is_empty() => {}
        // The contract let through what the type refuses.
        Err(error) => {
            let path = error
                .path()
                .iter()
                .fold(String::new(), |path, segment| match segment {
                    serde_path_to_error::Segment::Seq { index } => format!("{path}/{index}"),
                    serde_path_to_error::Segment::Map { key } => format!("{path}/{key}"),
                    _ => path,
                });
            let fault = Fault::at(path, "malformed", "格式有误。", "Malformed.");
            return Err(Problem::invalid(vec![fault]).source(error.into_inner()));
        }
    }
    places.extend(faults.iter().map(|fault| fault.place.clone()));
    let dangling = references::dangling(request, worker, references).await?;
    faults.extend(
        dangling
            .into_iter()
            .filter(|fault| !places.contains(&fault.place)),
    );
    Err(Problem::invalid(faults).omitting(omitted))
}

/// The query once checked, so that several extractors of one request share the work.
#[derive(Clone)]
struct CheckedQuery(Rc<Map<String, Value>>);

fn checked_query(request: &HttpRequest) -> Result<Rc<Map<String, Value>>> {
    if let Some(CheckedQuery(values)) = request.extensions().get::<CheckedQuery>() {
        return Ok(values.clone());
    }
    let (worker, op) = contract(request)?;
    let pairs = query::pairs(request.query_string())?;
    let values = Rc::new(
        worker
            .published
            .contract
            .check_query(op, pairs)
            .map_err(Problem::invalid)?,
    );
    request.extensions_mut().insert(CheckedQuery(values.clone()));
    Ok(values)
}

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = Problem;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(checked_query(request).and_then(|values| {
            T::deserialize(&Value::Object((*values).clone()))
                .map(Self)
                .map_err(|error| {
                    let place = Place::Parameter(request.query_string().chars().take(100).collect());
                    let detail =
                        crate::language::Text::fixed("查询参数格式有误。", "A parameter is malformed.");
                    Problem::invalid(vec![Fault {
                        place,
                        code: "malformed",
                        detail,
                    }])
                    .source(error)
                })
        }))
    }
}

/// Refuses a query where the operation takes none; part of `Call`, so that no handler can forget it.
pub fn refuse_unknown_query(request: &HttpRequest) -> Result<()> {
    if request.query_string().is_empty() {
        Ok(())
    } else {
        checked_query(request).map(|_| ())
    }
}

/// What makes the current query, apart from where in the list it stands; cursors are bound to it.
pub fn query_without(request: &HttpRequest, left_out: &[&str]) -> Result<String> {
    let values = checked_query(request)?;
    let mut pairs: Vec<String> = values
        .iter()
        .filter(|(name, _)| !left_out.contains(&name.as_str()))
        .map(|(name, value)| match value.as_array() {
            // The same set in whatever order.
            Some(several) => {
                let mut several: Vec<String> = several.iter().map(Value::to_string).collect();
                several.sort_unstable();
                format!("{name}=[{}]", several.join(","))
            }
            None => format!("{name}={value}"),
        })
        .collect();
    pairs.sort_unstable();
    Ok(pairs.join("&"))
}

impl<T: DeserializeOwned + 'static> FromRequest for Path<T> {
    type Error = Problem;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let path = request.match_info();
        let found = match path.iter().all(|(_, value)| can_name(value)) {
            true => path.load::<T>().map(Self).map_err(|_| Problem::not_found()),
            false => Err(Problem::not_found()),
        };
        ready(found)
    }
}

/// Whether a part of a path, as it came, can be the name of anything: text, and none that the database cannot hold.
fn can_name(part: &str) -> bool {
    let decoded = percent_decode_str(part).decode_utf8();
    decoded.is_ok_and(|text| crate::text::fault_of(&text).is_none())
}

/// An identifier in a path. What is no UUID names nothing, and is answered as such in the order of API.md: after the
/// faults of the body.
#[derive(Clone, Copy, Debug)]
pub struct Id(pub Uuid);

impl<'de> serde::Deserialize<'de> for Id {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Ok(Self(Uuid::try_parse(&text).unwrap_or(Uuid::nil())))
    }
}
