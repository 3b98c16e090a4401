use super::attempts::Attempt;
use super::model::{ChangePassword, LogIn, MeView, RefreshSession, Session, Tokens};
use super::queries;
use crate::auth::password_policy::PasswordFault;
use crate::auth::refresh::{Decision, RefreshToken};
use crate::clock::shanghai_day;
use crate::directory::Directory;
use crate::http::call::{Call, origin_of_public};
use crate::http::extract::{Empty, Json};
use crate::http::idempotency::Answer;
use crate::http::registry::Registry;
use crate::policy::matrix::Access;
use crate::policy::{Caller, Op, Reach, ops};
use crate::problem::{Code, Fault, Problem, Result};
use crate::resources::users::model::{UserRow, password_fault};
use crate::resources::users::queries::{self as users, Replacement};
use crate::state::Worker;
use crate::work::{Change, Origin, Tx};
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, get, post, put, web};
use chrono::{DateTime, TimeDelta, Utc};
use std::cell::Cell;
use uuid::Uuid;

pub fn configure(registry: &mut Registry) {
    registry
        .service(log_in)
        .service(refresh_session)
        .service(log_out)
        .service(get_me)
        .service(change_my_password);
}

/// Log in
///
/// Failures are answered alike for unknown users, wrong passwords and disabled accounts; several in a row lock the pair
/// of account and address for a while (429).
#[utoipa::path(tag = "session", request_body = LogIn, responses((status = 200, body = Tokens)))]
#[post("/api/v1/auth/login")]
async fn log_in(worker: web::Data<Worker>, request: HttpRequest, body: Json<LogIn>) -> Result<HttpResponse> {
    let LogIn { username, password } = &body.0;
    let origin = origin_of_public(&request, Caller::nobody(username), worker.clock.now())?;
    let attempt = Attempt::new(&worker, &origin, Op::LogIn, username).await?;
    let connection = worker.reads.get().await?;
    let user = users::by_name(&mut &*connection, attempt.username()).await?;
    let hash = user.as_ref().map(|user| user.password_hash.as_str());
    let right = attempt.is_right(password, hash).await?;
    match user.filter(|user| right && user.disabled_at.is_none()) {
        Some(user) => begin(&worker, &attempt, &origin, user, password).await,
        None => {
            attempt.fail().await?;
            Err(Problem::new(Code::LoginFailed))
        }
    }
}

/// The right password: a session begins, unless the account has changed since it was read.
async fn begin(
    worker: &Worker,
    attempt: &Attempt<'_>,
    nobody: &Origin,
    user: UserRow,
    password: &str,
) -> Result<HttpResponse> {
    let directory = worker.directory().await?;
    let first = worker.refresh_tokens.first(Uuid::now_v7());
    let session = session_of(worker, &directory, &user, first.family(), nobody.now);
    let origin = Origin {
        caller: session.caller()?,
        ..nobody.clone()
    };
    let rehashed = match worker.passwords.needs_rehash(&user.password_hash) {
        true => Some(worker.passwords.hash(password).await?),
        false => None,
    };
    let life = TimeDelta::hours(worker.security.refresh_token_hours.into());
    let begun = async |tx: &mut Tx<'_>| {
        let permit = origin.caller.permit_any::<ops::LogIn>()?;
        let current = users::lock(tx, user.id).await?;
        if current.token_epoch != user.token_epoch || current.password_hash != user.password_hash {
            return Err(Problem::new(Code::LoginFailed));
        }
        attempt.succeed(tx.conn).await?;
        if let Some(hash) = &rehashed {
            queries::rehash(tx, &permit, user.id, hash).await?;
        }
        queries::begin(tx, &permit, user.id, &first, life).await?;
        tx.record(&permit, Change::unannounced("session", first.family()))
            .await
    };
    worker.db.for_log_ins().transaction(&origin, begun).await?;
    tokens(worker, &session, &first, origin.now).await
}

fn session_of<'a>(
    worker: &Worker,
    directory: &'a Directory,
    user: &'a UserRow,
    id: Uuid,
    now: DateTime<Utc>,
) -> Session<'a> {
    let expired = worker.password_policy.is_expired(user.password_changed_at, now);
    Session {
        id,
        user,
        directory,
        today: crate::clock::shanghai_day(now),
        must_change_password: user.must_change_password || expired,
    }
}

/// Both tokens, for nobody to keep on the way.
async fn tokens(
    worker: &Worker,
    session: &Session<'_>,
    refresh_token: &RefreshToken,
    now: DateTime<Utc>,
) -> Result<HttpResponse> {
    let ring = worker.keys.ring(&worker.reads, now).await?;
    let issuer = &worker.identity()?.issuer;
    let access_token = issuer
        .issue(&ring, session.subject(), now)
        .map_err(Problem::internal)?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .json(Tokens::new(access_token, issuer, refresh_token)))
}

/// Exchange a refresh token
///
/// For a new pair of tokens, with the account's rights as they are now. Each is good for one use; the same one again
/// within 10 seconds gets the same successor, later it ends the session.
#[utoipa::path(tag = "session", request_body = RefreshSession, responses((status = 200, body = Tokens)))]
#[post("/api/v1/auth/refresh")]
async fn refresh_session(
    worker: web::Data<Worker>,
    request: HttpRequest,
    body: Json<RefreshSession>,
) -> Result<HttpResponse> {
    let invalid = || Problem::new(Code::RefreshTokenInvalid);
    let now = worker.clock.now();
    let used = worker
        .refresh_tokens
        .parse(&body.0.refresh_token)
        .ok_or_else(invalid)?;
    let connection = worker.reads.get().await?;
    let user = queries::user_of(&mut &*connection, used.family())
        .await?
        .ok_or_else(invalid)?;
    let directory = worker.directory().await?;
    let session = session_of(&worker, &directory, &user, used.family(), now);
    let origin = origin_of_public(&request, session.caller()?, now)?;
    let successor = worker.refresh_tokens.successor(&used);
    let decision = worker
        .db
        .for_log_ins()
        .transaction(&origin, async |tx| exchange(tx, &user, &used, &successor).await)
        .await?;
    match decision {
        Decision::Rotate | Decision::RepeatSuccessor => tokens(&worker, &session, &successor, now).await,
        Decision::Replay => {
            worker.revocations.end_session(used.family());
            Err(invalid())
        }
        Decision::Expired | Decision::Revoked => Err(invalid()),
    }
}

/// Judges a token and acts on it; a replay ends the session, committed although the answer is an error.
async fn exchange(
    tx: &mut Tx<'_>,
    user: &UserRow,
    used: &RefreshToken,
    successor: &RefreshToken,
) -> Result<Decision> {
    let permit = tx.origin.caller.permit_any::<ops::RefreshSession>()?;
    let family = queries::lock_family(tx, used.family()).await?;
    let decision = match family.decide(used, tx.now()) {
        // Whatever disables an account or changes its rights ends its sessions too; this holds even if it did not.
        Decision::Rotate | Decision::RepeatSuccessor if user.disabled_at.is_some() => Decision::Revoked,
        decision => decision,
    };
    match decision {
        Decision::Rotate => {
            queries::rotate(tx, &permit, used, successor).await?;
            tx.record(&permit, Change::unannounced("session", used.family()))
                .await?;
        }
        Decision::Replay => {
            queries::end(tx, &permit, used.family()).await?;
            tx.record_refusal(Op::RefreshSession, Code::RefreshTokenInvalid)
                .await?;
        }
        Decision::RepeatSuccessor | Decision::Expired | Decision::Revoked => tx.changes_nothing(),
    }
    Ok(decision)
}

/// Log out
///
/// Ends the session that the access token belongs to, its refresh token included.
#[utoipa::path(
    tag = "session",
    request_body = Empty,
    responses((status = 204, description = "Logged out"))
)]
#[post("/api/v1/auth/logout")]
async fn log_out(call: Call, _body: Json<Empty>) -> Result<HttpResponse> {
    let permit = call.caller.permit_any::<ops::LogOut>()?;
    let session = own_session(&call)?;
    let ended = async |tx: &mut Tx<'_>| {
        queries::end(tx, &permit, session).await?;
        tx.record(&permit, Change::unannounced("session", session)).await
    };
    // Not `call.write`: nothing under `auth/` takes an `Idempotency-Key`.
    call.worker.db.transaction(&call.origin(), ended).await?;
    call.worker.revocations.end_session(session);
    Ok(Answer::nothing().into_response())
}

fn own_session(call: &Call) -> Result<Uuid> {
    let session = call.caller.session_id();
    session.ok_or_else(|| Problem::new(Code::Unauthenticated))
}

async fn own_account(call: &Call) -> Result<UserRow> {
    let id = call
        .caller
        .user_id()
        .ok_or_else(|| Problem::new(Code::Unauthenticated))?;
    let connection = call.reads().await?;
    let (user, _) = users::find(&mut &*connection, &id.to_string(), call.now).await?;
    Ok(user)
}

/// Who am I
///
/// The account, its role and organization, and the operations that it may call now.
#[utoipa::path(tag = "session", responses((status = 200, body = MeView)))]
#[get("/api/v1/me")]
async fn get_me(call: Call) -> Result<HttpResponse> {
    let user = own_account(&call).await?;
    let directory = call.directory().await?;
    let organization = user
        .organization_id
        .map(|id| directory.reference(id, call.today()))
        .transpose()?;
    let me = MeView {
        id: user.id,
        role: user.role,
        organization,
        must_change_password: call.caller.must_change_password,
        must_show_former_password: user.grant_proof.is_some(),
        password_expires_on: call
            .worker
            .password_policy
            .expires_at(user.password_changed_at)
            .map(shanghai_day),
        operations: operations_of(&call.caller),
        username: user.username,
        display_name: user.display_name,
    };
    call.one(user.version, &me)
}

/// As the gate decides.
fn operations_of(caller: &Caller) -> Vec<String> {
    let is_open = |op: &&Op| {
        let by_role = matches!(op.row().access, Access::ByRole(_));
        !op.is_page() && op.reach(caller) != Reach::Never && !(by_role && caller.must_change_password)
    };
    let ids = Op::ALL.iter().filter(is_open).map(|op| op.id().to_owned());
    ids.collect()
}

/// Change the own password
///
/// Ends all sessions of the account, this one too: log in again with the new password. Wrong current passwords count as
/// failed log-ins.
#[utoipa::path(
    tag = "session",
    request_body = ChangePassword,
    responses((status = 204, description = "Changed"))
)]
#[put("/api/v1/me/password")]
async fn change_my_password(call: Call, body: Json<ChangePassword>) -> Result<HttpResponse> {
    let permit = call.caller.permit_any::<ops::ChangeMyPassword>()?;
    let user = own_account(&call).await?;
    if user.grant_proof.is_some() && body.0.former_password.is_none() {
        return Err(Problem::invalid(vec![former_password_needed()]));
    }
    let origin = call.origin();
    let attempt = Attempt::new(&call.worker, &origin, call.op, &user.username).await?;
    let hash = checked(&call, &attempt, &user, &body.0).await?;
    let epoch = Cell::new(0);
    let response = call
        .write(async |tx| {
            let current = users::lock(tx, user.id).await?;
            if current.password_hash != user.password_hash {
                return Err(Problem::new(Code::PasswordWrong));
            }
            epoch.set(users::replace_password(tx, &permit, &current, &hash, Replacement::ByOwner).await?);
            attempt.succeed(tx.conn).await?;
            tx.record(&permit, Change::unannounced("user", user.id)).await?;
            Ok(Answer::nothing())
        })
        .await?;
    call.worker.revocations.withdraw_account(user.id, epoch.get());
    Ok(response)
}

fn former_password_needed() -> Fault {
    Fault::at(
        "/former_password",
        "required",
        "授予管理员角色后首次修改密码，须同时提供授予前的密码。",
        "The first change after an administrator's role was granted needs the password from before the grant, too.",
    )
}

/// The hash of the new password, once the current one is proven and nothing is wrong with the new.
async fn checked(
    call: &Call,
    attempt: &Attempt<'_>,
    user: &UserRow,
    body: &ChangePassword,
) -> Result<String> {
    let worker = &call.worker;
    let (current, new) = (&body.current_password, &body.new_password);
    let mut right = attempt.is_right(current, Some(&user.password_hash)).await?;
    if let (Some(proof), Some(former)) = (&user.grant_proof, &body.former_password) {
        right &= attempt.is_right(former, Some(proof)).await?;
    }
    let mut faults = worker.password_policy.check(new, &user.username);
    if right {
        faults.extend(used_before(call, user, new).await?);
    } else {
        attempt.fail().await?;
    }
    let faults: Vec<Fault> = faults
        .into_iter()
        .map(|fault| password_fault("/new_password", fault))
        .collect();
    match (faults.is_empty(), right) {
        (true, true) => Ok(worker.passwords.hash(new).await?),
        (true, false) => Err(Problem::new(Code::PasswordWrong)),
        (false, false) => Err(Problem::invalid(faults)),
        (false, true) => {
            attempt.succeed(&mut *worker.db.get().await?).await?;
            Err(Problem::invalid(faults))
        }
    }
}

async fn used_before(call: &Call, user: &UserRow, password: &str) -> Result<Option<PasswordFault>> {
    let connection = call.reads().await?;
    let mut hashes = vec![user.password_hash.clone()];
    hashes.extend(users::former_passwords(&mut &*connection, user.id).await?);
    let (policy, hasher) = (&call.worker.password_policy, &call.worker.passwords);
    Ok(policy.check_history(hasher, password, &hashes).await?)
}
