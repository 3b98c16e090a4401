//! Typed input: what a handler receives has passed the contract, and what has not is answered with every fault.

use super::catalogue::Code;
use super::contract::Contract;
use super::openapi::MERGE_PATCH;
use super::problem::{Fault, Place, Problem, Result};
use super::request::RequestInfo;
use super::text;
use crate::app::Worker;
use crate::policy::Op;
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use futures_util::StreamExt;
use futures_util::future::LocalBoxFuture;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::future::{Ready, ready};
use std::rc::Rc;
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
            let bytes = read(&request, payload, worker.http.body_limit as usize).await?;
            set_digest(&worker, &request, &bytes);
            let value = parse(&request, &bytes)?;
            typed(&worker.published.contract, op, value, Vec::new()).map(Self)
        })
    }
}

/// The body, up to the limit.
async fn read(request: &HttpRequest, mut payload: Payload, limit: usize) -> Result<Vec<u8>> {
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
    let mut bytes = Vec::with_capacity(declared.unwrap_or(0) as usize);
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|error| Problem::new(Code::BadRequest).source(error.to_string()))?;
        if bytes.len() + chunk.len() > limit {
            return Err(too_large());
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
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

/// A body that is not there says the same as `{}`.
fn parse(request: &HttpRequest, bytes: &[u8]) -> Result<Value> {
    let media_type = request.content_type();
    if bytes.is_empty() && media_type.is_empty() {
        return Ok(Value::Object(Map::new()));
    }
    let patch = request.method() == actix_web::http::Method::PATCH;
    if media_type != "application/json" && !(patch && media_type == MERGE_PATCH) {
        return Err(Problem::new(Code::UnsupportedMediaType));
    }
    serde_json::from_slice(bytes).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        Problem::new(Code::MalformedJson)
            .detail(
                format!("第 {line} 行第 {column} 列有误。"),
                format!("At line {line}, column {column}."),
            )
            .source(error)
    })
}

/// The body as its type, or every fault: those known before, of the schema, and of the type's own rules.
pub(super) fn typed<T: Input>(
    contract: &Contract,
    op: Op,
    mut value: Value,
    mut faults: Vec<Fault>,
) -> Result<T> {
    text::check(&value, &mut String::new(), &mut faults);
    for fault in contract.check_body(op, &value) {
        // A blank text may also be too short or malformed; once is enough.
        if !faults.iter().any(|known| known.place == fault.place) {
            faults.push(fault);
        }
    }
    // A field that is unknown is named, and then out of the way of what else there is to name.
    for fault in faults.iter().filter(|fault| fault.code == "unknown_field") {
        if let Place::Pointer(pointer) = &fault.place {
            remove(&mut value, pointer);
        }
    }
    let body: std::result::Result<T, _> = serde_path_to_error::deserialize(&value);
    let body = match body {
        Ok(body) => body,
        Err(_) if !faults.is_empty() => return Err(Problem::invalid(faults)),
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
    };
    body.check(&mut faults);
    if faults.is_empty() {
        Ok(body)
    } else {
        Err(Problem::invalid(faults))
    }
}

/// Takes the member that a JSON Pointer names out of its object.
fn remove(value: &mut Value, pointer: &str) {
    if let Some((parent, name)) = pointer.rsplit_once('/')
        && let Some(object) = value.pointer_mut(parent).and_then(Value::as_object_mut)
    {
        object.remove(&name.replace("~1", "/").replace("~0", "~"));
    }
}

/// The query once checked, so that several extractors of one request share the work.
#[derive(Clone)]
struct CheckedQuery(Rc<Map<String, Value>>);

fn checked_query(request: &HttpRequest) -> Result<Rc<Map<String, Value>>> {
    if let Some(CheckedQuery(values)) = request.extensions().get::<CheckedQuery>() {
        return Ok(values.clone());
    }
    let (worker, op) = contract(request)?;
    let pairs = serde_urlencoded::from_str(request.query_string())
        .map_err(|error| Problem::new(Code::BadRequest).source(error))?;
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
                        super::language::Text::fixed("查询参数格式有误。", "A parameter is malformed.");
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
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    pairs.sort_unstable();
    Ok(pairs.join("&"))
}

impl<T: DeserializeOwned + 'static> FromRequest for Path<T> {
    type Error = Problem;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(
            request
                .match_info()
                .load::<T>()
                .map(Self)
                .map_err(|_| Problem::not_found()),
        )
    }
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
