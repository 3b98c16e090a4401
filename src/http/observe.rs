//! The outermost layer of our own: request id, time limit, panics, problem documents, metrics, the record of refusals and
//! one log event a request. No personal data: the path without its query, the account's name, never a body.

use super::request::RequestInfo;
use super::response;
use crate::events::tally::Refused;
use crate::limits;
use crate::policy::Op;
use crate::problem::{self, Code, Problem};
use crate::state::Worker;
use crate::work::{Origin, Precondition, record};
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::http::{ConnectionType, Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpResponse, web};
use futures_util::FutureExt;
use std::panic::AssertUnwindSafe;
use std::rc::Rc;
use std::time::Instant;
use tokio::time::error::Elapsed;
use tokio::time::timeout;

/// What a browser may do with an answer that is data, or a page of text alone: show it, in no frame.
const DATA_POLICY: &str = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The interactive page: its own scripts and pictures, and calls of this service. It sets styles of single elements.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
     font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

pub async fn observe<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let Some(worker) = request.app_data::<web::Data<Worker>>().cloned() else {
        return Err(Problem::internal("no worker state").into());
    };
    let began = Instant::now();
    worker.metrics.began();
    let info = Rc::new(RequestInfo::of_service(&request, &worker.http.trusted_proxies));
    let method = request.method().clone();
    request.extensions_mut().insert(info.clone());

    let answer = AssertUnwindSafe(next.call(request)).catch_unwind();
    let outcome = match in_time(&worker, &info, answer).await {
        Ok(Ok(outcome)) => outcome.map(ServiceResponse::map_into_boxed_body),
        Ok(Err(panic)) => Err(Problem::internal(panic_text(&*panic)).into()),
        Err(_) => Err(Problem::new(Code::TimedOut).retry_after(5).into()),
    };
    let (status, problem, mut outcome) = finish(&info, outcome);
    if let (true, Ok(answer)) = (worker.is_stopping(), &mut outcome) {
        // The client's next request shall not meet a connection that is just being closed.
        answer
            .response_mut()
            .head_mut()
            .set_connection_type(ConnectionType::Close);
    }
    if let Some(problem) = &problem {
        record_refusal(&worker, &info, problem).await;
    }
    worker
        .metrics
        .ended(info.op.get().copied(), status.as_u16(), began.elapsed());
    log(&info, &method, status, problem.as_ref(), began);
    outcome
}

/// The answer, within the limit that its operation has: an upload takes as long as its file.
async fn in_time<A: Future>(worker: &Worker, info: &RequestInfo, answer: A) -> Result<A::Output, Elapsed> {
    let limit = worker.http.request_timeout();
    let mut answer = std::pin::pin!(answer);
    match timeout(limit, &mut answer).await {
        Err(_) if info.op.get().is_some_and(|op| op.is_upload()) => {
            let rest = worker.files.settings.transfer_timeout().saturating_sub(limit);
            timeout(rest, answer).await
        }
        outcome => outcome,
    }
}

/// What the log and the audit trail need of a problem that is on its way out.
struct Failure {
    code: Code,
    text: String,
}

/// Makes the document, once the request is known.
type Render<'e> = Box<dyn FnOnce(&RequestInfo) -> HttpResponse + 'e>;

type Finished = (
    StatusCode,
    Option<Failure>,
    Result<ServiceResponse<BoxBody>, Error>,
);

/// Gives the answer its headers, and a failure its document.
fn finish(info: &RequestInfo, outcome: Result<ServiceResponse<BoxBody>, Error>) -> Finished {
    match outcome {
        Ok(response) => {
            let (request, mut response) = response.into_parts();
            let failed = response
                .error()
                .map(problem_of)
                .or_else(|| is_bare_failure(&response).then(|| problem_of_status(response.status(), "")))
                .map(|(failure, render)| (failure, render(info)));
            let mut failure = None;
            if let Some((what, mut rendered)) = failed {
                // What inner layers have put there, CORS above all, stays.
                for (name, value) in response.headers() {
                    if !rendered.headers().contains_key(name) && name != header::CONTENT_LENGTH {
                        rendered.headers_mut().insert(name.clone(), value.clone());
                    }
                }
                failure = Some(what);
                response = rendered;
            }
            common_headers(info, &mut response);
            (
                response.status(),
                failure,
                Ok(ServiceResponse::new(request, response)),
            )
        }
        // A panic or the time limit: the request is gone, so the connection renders the error by itself.
        Err(error) => {
            let (failure, render) = problem_of(&error);
            let mut response = render(info);
            common_headers(info, &mut response);
            let status = response.status();
            (
                status,
                Some(failure),
                Err(InternalError::from_response(status, response).into()),
            )
        }
    }
}

/// The failure and how to render it; what is no `Problem` comes from the framework, and is told by its status.
fn problem_of(error: &Error) -> (Failure, Render<'_>) {
    if let Some(problem) = error.as_error::<Problem>() {
        let failure = Failure {
            code: problem.code(),
            text: problem.to_string(),
        };
        return (
            failure,
            Box::new(move |info| response::render(problem, info.language, &info.path, &info.id)),
        );
    }
    problem_of_status(error.as_response_error().status_code(), &error.to_string())
}

/// Whether an answer is a failure of the framework's parts that says so by its status alone.
fn is_bare_failure(response: &HttpResponse) -> bool {
    let status = response.status();
    let media_type = response.headers().get(header::CONTENT_TYPE);
    (status.is_client_error() || status.is_server_error())
        && media_type.is_none_or(|media_type| media_type != problem::MEDIA_TYPE)
}

fn problem_of_status(status: StatusCode, text: &str) -> (Failure, Render<'static>) {
    let code = match status {
        StatusCode::NOT_FOUND => Code::NotFound,
        StatusCode::METHOD_NOT_ALLOWED => Code::MethodNotAllowed,
        StatusCode::PAYLOAD_TOO_LARGE => Code::BodyTooLarge,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Code::UnsupportedMediaType,
        status if status.is_client_error() => Code::BadRequest,
        _ => Code::Internal,
    };
    let problem = Problem::new(code);
    let failure = Failure {
        code,
        text: text.to_owned(),
    };
    (
        failure,
        Box::new(move |info| response::render(&problem, info.language, &info.path, &info.id)),
    )
}

fn common_headers(info: &RequestInfo, response: &mut HttpResponse) {
    let headers = response.headers_mut();
    // Who has more to say of its own answer has said it.
    if !headers.contains_key(header::CONTENT_SECURITY_POLICY) {
        let policy = match info.path.starts_with("/docs") {
            true => PAGE_POLICY,
            false => DATA_POLICY,
        };
        headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    }
    let mut set = |name: &'static str, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    };
    set("x-request-id", &info.id);
    set("x-content-type-options", "nosniff");
    set("x-frame-options", "DENY");
    set("referrer-policy", "no-referrer");
    if let Some(rate) = info.rate.get() {
        set("ratelimit-policy", &format!("\"default\";q={};w=60", rate.limit));
        set("ratelimit", &format!("\"default\";r={}", rate.remaining));
    }
}

/// A write that was refused to somebody known is put on record, beside the request and never in its way. Not what came too
/// fast: that says nothing of what was asked for, and locks are on record by themselves.
async fn record_refusal(worker: &Worker, info: &RequestInfo, failure: &Failure) {
    let status = failure.code.status();
    let refused = status.is_client_error() && status != StatusCode::TOO_MANY_REQUESTS;
    let (Some(op), Some(caller)) = (
        info.op.get().copied().filter(|op| op.is_write()),
        info.caller.get(),
    ) else {
        return;
    };
    if !refused {
        return;
    }
    let origin = Origin {
        caller: caller.clone(),
        request_id: info.id.clone(),
        address: info.address.map(|address| address.to_string()),
        now: worker.clock.now(),
        clock: None,
        precondition: Precondition::default(),
    };
    let admitted = caller.user_id().is_none_or(|user| {
        let who = Refused::Account(user);
        worker.refusals.admits(who, &origin, op, failure.code)
    });
    if !admitted {
        return;
    }
    let written = async {
        let mut connection = worker.db.get().await?;
        record::record_refusal(&mut connection, &origin, op, failure.code.as_str()).await
    };
    if let Err(problem) = written.await {
        tracing::error!(request_id = info.id, %problem, "a refusal could not be put on record");
    }
}

fn log(info: &RequestInfo, method: &Method, status: StatusCode, failure: Option<&Failure>, began: Instant) {
    let operation = info.op.get().map(|op: &Op| op.id());
    let user = info.caller.get().map(|caller| caller.username.as_str());
    let took_ms = began.elapsed().as_micros() as f64 / 1000.0;
    let reason = failure.map(|failure| limits::clipped(&failure.text, limits::REASON_LOGGED));
    let reason = reason.as_deref();
    let path = &*limits::clipped(&info.path, limits::PATH_LOGGED);
    // That it is not ready yet, or is stopping, is no error: it is what the question is there for.
    let expected = info.op.get() == Some(&Op::GetReadiness);
    if status.is_server_error() && !expected {
        tracing::error!(
            request_id = info.id, trace_id = info.trace_id, %method, path, operation, user,
            status = status.as_u16(), took_ms, reason, "request"
        );
    } else {
        tracing::info!(
            request_id = info.id, trace_id = info.trace_id, %method, path, operation, user,
            status = status.as_u16(), took_ms, reason, "request"
        );
    }
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic
        .downcast_ref::<&str>()
        .map(ToString::to_string)
        .or_else(|| panic.downcast_ref::<String>().cloned());
    format!("panic: {}", text.unwrap_or_default())
}
