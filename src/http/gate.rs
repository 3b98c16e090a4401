//! The one gate: path → operation, token → caller, matrix → in or out, before a body is read.
//!
//! Unknown path 404, known path and other method 405 with `Allow`, no or bad token 401, role out of reach 403. An
//! operation that is not in the matrix has no path here, so that nothing is served by oversight.

use super::negotiate::refuse_unknown_form;
use super::query;
use super::request::RequestInfo;
use crate::directory::model::OrganizationRef;
use crate::policy::matrix::Access;
use crate::policy::{Caller, Op, Reach};
use crate::problem::{Code, Problem};
use crate::state::Worker;
use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, header};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpResponse, web};
use serde_json::json;
use std::rc::Rc;
use std::sync::Arc;

/// The middleware.
pub async fn gate<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    if let Err(problem) = admit(&request).await {
        // Not `into_response`, which would lose the error that `observe` renders.
        let response = HttpResponse::from_error(problem).map_into_right_body();
        return Ok(ServiceResponse::new(request.into_parts().0, response));
    }
    if request.method() == Method::HEAD {
        // Handlers know GET alone; the connection still knows that it was HEAD and sends no body.
        request.head_mut().method = Method::GET;
    }
    next.call(request).await.map(ServiceResponse::map_into_left_body)
}

async fn admit(request: &ServiceRequest) -> Result<(), Problem> {
    let outside = || Problem::internal("the gate before `observe`");
    let worker = request
        .app_data::<web::Data<Worker>>()
        .cloned()
        .ok_or_else(outside)?;
    let info = request
        .extensions()
        .get::<Rc<RequestInfo>>()
        .cloned()
        .ok_or_else(outside)?;
    query::decoded(request.uri().path())?;
    let op = match worker.paths.find(request.method(), request.path()) {
        Ok(op) => op,
        Err(problem) => {
            worker.limits.check_address(&info)?;
            return Err(problem);
        }
    };
    let _ = info.op.set(op);
    if op.is_public() {
        worker.limits.check_address(&info)?;
        refuse_unknown_form(op, request.headers())?;
        return worker
            .published
            .contract
            .refuse_unknown_query(op, request.query_string());
    }
    let caller = match authenticate(request, &worker).await {
        Ok(caller) => caller,
        Err(problem) => {
            // A database that is away is no fault of the address.
            if problem.code() == Code::Unauthenticated {
                worker.limits.check_address(&info)?;
            }
            return Err(problem);
        }
    };
    let limited = match caller.user_id() {
        Some(user) => worker.limits.check_caller(&info, user),
        None => Ok(()),
    };
    // Nothing is asked of the database for who asks too much.
    let caller = match &limited {
        Ok(()) => as_it_stands(&worker, &info, caller).await?,
        Err(_) => caller,
    };
    let _ = info.caller.set(caller.clone());
    limited?;
    if let Some(user) = caller.user_id() {
        worker.clients.seen(&info, user);
    }
    if caller.must_change_password && !matches!(op.row().access, Access::LoggedIn) {
        return Err(Problem::new(Code::PasswordChangeRequired));
    }
    match op.reach(&caller) {
        Reach::Never => Err(refusal(&worker, &caller, op).await?),
        _ => refuse_unknown_form(op, request.headers()),
    }
}

/// The caller, with the directory as it reads it. Where its organization has ended, what was its own stays readable to it.
async fn as_it_stands(
    worker: &Worker,
    info: &RequestInfo,
    caller: Arc<Caller>,
) -> Result<Arc<Caller>, Problem> {
    let Some(own) = &caller.organization else {
        return Ok(caller);
    };
    let directory = worker.directory().await?;
    let today = worker.clock.today();
    let ended = directory
        .get(own.id)
        .is_some_and(|organization| organization.ended_on.is_some_and(|end| end <= today));
    let (caller, directory) = match ended {
        true => (Arc::new(caller.ended()), Arc::new(directory.read_by(own.id))),
        false => (caller, directory),
    };
    let _ = info.directory.set(directory);
    Ok(caller)
}

/// Out of reach by role, or because the caller's organization has ended; then it says since when, and who acts for it.
async fn refusal(worker: &Worker, caller: &Caller, op: Op) -> Result<Problem, Problem> {
    let Some(own) = caller
        .organization
        .as_ref()
        .filter(|own| own.ended && op.is_for_role(caller))
    else {
        return Ok(Problem::new(Code::RoleNotAllowed));
    };
    let (directory, today) = (worker.directory().await?, worker.clock.today());
    let ended_on = directory
        .get(own.id)
        .and_then(|organization| organization.ended_on);
    let successor = directory.acting(own.id, today);
    let successor = successor.map(|acting| OrganizationRef::new(acting, today));
    Ok(Problem::new(Code::OrganizationEnded)
        .with("ended_on", json!(ended_on))
        .with("successor", json!(successor)))
}

/// One identical answer for every token that does not hold; why goes to the log alone.
async fn authenticate(request: &ServiceRequest, worker: &Worker) -> Result<Arc<Caller>, Problem> {
    let token = bearer(request).ok_or_else(|| Problem::new(Code::Unauthenticated))?;
    let refused = |reason: &str| {
        tracing::debug!(reason, "token refused");
        Problem::new(Code::Unauthenticated)
    };
    let now = worker.clock.now();
    let verified = worker.verified(token, now).await?;
    let verified = verified.map_err(|reason| refused(&reason))?;
    if worker.revocations.is_revoked(&worker.reads, &verified).await? {
        return Err(refused("revoked"));
    }
    Ok(verified.caller.clone())
}

fn bearer(request: &ServiceRequest) -> Option<&str> {
    let header = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
