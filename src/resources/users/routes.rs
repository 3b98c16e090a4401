use super::changing::Changing;
use super::model::{
    DisableUser, NewUser, PatchUser, SetUserRole, UserFilter, UserView, UserWithPassword, password_fault,
};
use super::queries::{self, NewAccount, Replacement, Scope};
use crate::auth::{lockout, password_policy};
use crate::http::call::Call;
use crate::http::extract::{Empty, Json, Path, Query};
use crate::http::idempotency::Answer;
use crate::http::page::{Page, Paging};
use crate::http::registry::Registry;
use crate::policy::{Role, ops};
use crate::problem::{Problem, Result};
use crate::work::Change;
use actix_web::{HttpResponse, get, patch, post, put};
use serde_json::{Value, json};

pub fn configure(registry: &mut Registry) {
    registry
        .service(list_users)
        .service(create_user)
        .service(get_user)
        .service(update_user)
        .service(disable_user)
        .service(enable_user)
        .service(reset_user_password)
        .service(unlock_user)
        .service(set_user_role);
}

/// List accounts
///
/// By 系统管理员 and 安全管理员.
#[utoipa::path(tag = "accounts", params(Paging, UserFilter), responses((status = 200, body = Page<UserView>)))]
#[get("/api/v1/users")]
async fn list_users(call: Call, paging: Query<Paging>, filter: Query<UserFilter>) -> Result<HttpResponse> {
    let directory = call.directory().await?;
    let scope = Scope {
        organizations: directory.all_named("organization", &filter.0.organization, |_| true)?,
        since: directory.since(filter.0.updated_since, call.today()),
        filter: filter.0,
        now: call.now,
    };
    call.page(&call.page_of_list(&scope, &paging.0, directory).await?)
}

/// Make an account
///
/// By 系统管理员. It has no role until 安全管理员 gives it one, and must change its first password at the first log-in.
#[utoipa::path(tag = "accounts", request_body = NewUser, responses((status = 201, body = UserWithPassword)))]
#[post("/api/v1/users")]
async fn create_user(call: Call, body: Json<NewUser>) -> Result<HttpResponse> {
    let permit = call.caller.permit_any::<ops::CreateUser>()?;
    let NewUser {
        username,
        display_name,
        password,
    } = &body.0;
    let one_time_password = match password {
        Some(password) => check_password(&call, password, username).map(|()| None)?,
        None => Some(password_policy::generate(username)),
    };
    let chosen = one_time_password
        .as_ref()
        .or(password.as_ref())
        .map_or("", String::as_str);
    let account = NewAccount {
        username,
        display_name,
        role: None,
        organization: None,
        password_hash: &call.worker.passwords.hash(chosen).await?,
        must_change_password: true,
    };
    let directory = call.directory().await?;
    call.write(async |tx| {
        let row = queries::create(tx, &permit, &account).await?;
        let view = UserView::new(&row, false, &directory, tx.today())?;
        tx.record(&permit, Change::new("user.created", row.id, None, Some(&view))?)
            .await?;
        let at = format!("/api/v1/users/{}", row.id);
        let shown = UserWithPassword {
            user: view,
            one_time_password: one_time_password.clone(),
            former_password_set_by: None,
        };
        shown_once(shown, |view| Answer::created(at.clone(), row.version, view))
    })
    .await
}

fn check_password(call: &Call, password: &str, username: &str) -> Result<()> {
    let faults = call.worker.password_policy.check(password, username);
    if faults.is_empty() {
        return Ok(());
    }
    let faults = faults.into_iter().map(|fault| password_fault("/password", fault));
    Err(Problem::invalid(faults.collect()))
}

/// The answer with the password, and what is kept of it without.
fn shown_once(
    shown: UserWithPassword,
    answer: impl Fn(&UserWithPassword) -> Result<Answer>,
) -> Result<Answer> {
    let shown_to_asker = answer(&shown)?;
    let blanked = UserWithPassword {
        one_time_password: None,
        ..shown
    };
    shown_to_asker.keep_without(&blanked)
}

/// Get an account
///
/// By id or user name. By 系统管理员 and 安全管理员; everybody sees the own one at `GET /api/v1/me`.
#[utoipa::path(
    tag = "accounts",
    params(("id" = String, Path, description = "Id or user name", example = "department-education", max_length = 64)),
    responses((status = 200, body = UserView))
)]
#[get("/api/v1/users/{id}")]
async fn get_user(call: Call, id: Path<String>) -> Result<HttpResponse> {
    let directory = call.directory().await?;
    let connection = call.reads().await?;
    let (row, locked) = queries::find(&mut &*connection, &id.0, call.now).await?;
    call.one(
        row.version,
        &UserView::new(&row, locked, &directory, call.today())?,
    )
}

/// Mend an account's display name
///
/// By 系统管理员. The user name stays for ever.
#[utoipa::path(
    tag = "accounts",
    params(("id" = String, Path, description = "Id or user name", example = "department-education", max_length = 64)),
    request_body = PatchUser,
    responses((status = 200, body = UserView))
)]
#[patch("/api/v1/users/{id}")]
async fn update_user(call: Call, id: Path<String>, body: Json<PatchUser>) -> Result<HttpResponse> {
    let changing = Changing::<ops::UpdateUser>::new(&call, &id.0).await?;
    call.write(async |tx| {
        let before = changing.locked(tx).await?;
        let name = body.0.display_name.as_deref();
        queries::rename(tx, &changing.permit, before.row.id, name).await?;
        changing
            .finish(tx, "user.updated", &before, Value::Null, Answer::ok)
            .await
    })
    .await
}

/// Disable an account
///
/// By 系统管理员, not on the own account, and not on the last of one of the three administrators. It is out at once.
#[utoipa::path(
    tag = "accounts",
    params(("id" = String, Path, description = "Id or user name", example = "department-education", max_length = 64)),
    request_body = DisableUser,
    responses((status = 200, body = UserView))
)]
#[post("/api/v1/users/{id}/disable")]
async fn disable_user(call: Call, id: Path<String>, body: Json<DisableUser>) -> Result<HttpResponse> {
    let changing = Changing::<ops::DisableUser>::new(&call, &id.0).await?;
    let response = call
        .write(async |tx| {
            queries::lock_administrators(tx).await?;
            let before = changing.locked(tx).await?;
            changing.refuse_own(&before)?;
            if before.row.disabled_at.is_some() {
                tx.changes_nothing();
                return Answer::ok(before.row.version, &before.view);
            }
            queries::refuse_last_administrator(tx, &before.row).await?;
            let epoch = queries::disable(tx, &changing.permit, &before.row).await?;
            changing.withdrawn.set(Some((before.row.id, epoch)));
            let reason = json!({ "reason": body.0.reason });
            changing
                .finish(tx, "user.disabled", &before, reason, Answer::ok)
                .await
        })
        .await?;
    changing.withdraw();
    Ok(response)
}

/// Enable an account again
///
/// By 系统管理员. What it had open before stays closed.
#[utoipa::path(
    tag = "accounts",
    params(("id" = String, Path, description = "Id or user name", example = "department-education", max_length = 64)),
    request_body = Empty,
    responses((status = 200, body = UserView))
)]
#[post("/api/v1/users/{id}/enable")]
async fn enable_user(call: Call, id: Path<String>, _body: Json<Empty>) -> Result<HttpResponse> {
    let changing = Changing::<ops::EnableUser>::new(&call, &id.0).await?;
    call.write(async |tx| {
        let before = changing.locked(tx).await?;
        if before.row.disabled_at.is_none() {
            tx.changes_nothing();
            return Answer::ok(before.row.version, &before.view);
        }
        queries::enable(tx, &changing.permit, before.row.id).await?;
        changing
            .finish(tx, "user.enabled", &before, Value::Null, Answer::ok)
            .await
    })
    .await
}

/// Give an account a one-time password
///
/// By 系统管理员, not on the own account nor on 安全管理员's or 审计管理员's, whom it must not be able to become (三员分立):
/// theirs is `liaison user reset-password` on the server. Whoever has the account open is out at once.
#[utoipa::path(
    tag = "accounts",
    params(("id" = String, Path, description = "Id or user name", example = "department-education", max_length = 64)),
    request_body = Empty,
    responses((status = 200, body = UserWithPassword))
)]
#[post("/api/v1/users/{id}/reset-password")]
async fn reset_user_password(call: Call, id: Path<String>, _body: Json<Empty>) -> Result<HttpResponse> {
    let changing = Changing::<ops::ResetUserPassword>::new(&call, &id.0).await?;
    let OneTime { password, hash } = OneTime::new(&call, &changing.username).await?;
    let response = call
        .write(async |tx| {
            let before = changing.locked(tx).await?;
            changing.refuse_own(&before)?;
            changing.refuse_administrator(&before)?;
            let epoch =
                queries::replace_password(tx, &changing.permit, &before.row, &hash, Replacement::OneTime)
                    .await?;
            changing.withdrawn.set(Some((before.row.id, epoch)));
            let answer = |version, view: &UserView| {
                let shown = UserWithPassword {
                    user: view.clone(),
                    one_time_password: Some(password.clone()),
                    former_password_set_by: None,
                };
                shown_once(shown, |view| Answer::ok(version, view))
            };
            changing
                .finish(tx, "user.password_reset", &before, Value::Null, answer)
                .await
        })
        .await?;
    changing.withdraw();
    Ok(response)
}

/// Unlock an account
///
/// By 安全管理员. Failed log-ins under its user name are forgotten, from every address.
#[utoipa::path(
    tag = "accounts",
    params(("id" = String, Path, description = "Id or user name", example = "department-education", max_length = 64)),
    request_body = Empty,
    responses((status = 200, body = UserView))
)]
#[post("/api/v1/users/{id}/unlock")]
async fn unlock_user(call: Call, id: Path<String>, _body: Json<Empty>) -> Result<HttpResponse> {
    let changing = Changing::<ops::UnlockUser>::new(&call, &id.0).await?;
    call.write(async |tx| {
        let before = changing.locked(tx).await?;
        lockout::unlock(tx.conn, &before.row.username).await?;
        queries::touch(tx, &changing.permit, before.row.id).await?;
        changing
            .finish(tx, "user.unlocked", &before, Value::Null, Answer::ok)
            .await
    })
    .await
}

/// Give an account its role and its organization
///
/// By 安全管理员, not on the own account, and not on the last of one of the three administrators. The account is out at
/// once and logs in again with its new rights.
///
/// With the role of an administrator (三员) it gets a one-time password, shown once, here: `created_by` and
/// `former_password_set_by` name who may know the one from before, which no longer opens it. Its owner logs in with the
/// one-time password and sets another, showing both.
#[utoipa::path(
    tag = "accounts",
    params(("id" = String, Path, description = "Id or user name", example = "department-education", max_length = 64)),
    request_body = SetUserRole,
    responses((status = 200, body = UserWithPassword))
)]
#[put("/api/v1/users/{id}/role")]
async fn set_user_role(call: Call, id: Path<String>, body: Json<SetUserRole>) -> Result<HttpResponse> {
    let directory = call.directory().await?;
    let organization = body
        .0
        .organization(&directory, call.today())
        .map_err(|fault| Problem::invalid(vec![fault.at("/organization")]))?;
    let changing = Changing::<ops::SetUserRole>::new(&call, &id.0).await?;
    let one_time = match body.0.role.is_some_and(Role::is_administrator) {
        true => Some(OneTime::new(&call, &changing.username).await?),
        false => None,
    };
    let response = call
        .write(async |tx| {
            queries::lock_administrators(tx).await?;
            let before = changing.locked(tx).await?;
            changing.refuse_own(&before)?;
            let changes = before.view.role != body.0.role;
            if changes {
                queries::refuse_last_administrator(tx, &before.row).await?;
            }
            let (id, permit) = (before.row.id, &changing.permit);
            let mut epoch = queries::set_role(tx, permit, &before.row, body.0.role, organization).await?;
            let granted = one_time.as_ref().filter(|_| changes);
            if let Some(OneTime { hash, .. }) = granted {
                changing.refuse_known_password(&before)?;
                epoch =
                    queries::replace_password(tx, permit, &before.row, hash, Replacement::Granted).await?;
            }
            changing.withdrawn.set(Some((id, epoch)));
            let answer = |version, view: &UserView| {
                let shown = UserWithPassword {
                    user: view.clone(),
                    one_time_password: granted.map(|one| one.password.clone()),
                    former_password_set_by: granted.and(before.row.password_set_by.clone()),
                };
                shown_once(shown, |view| Answer::ok(version, view))
            };
            changing
                .finish(tx, "user.role_changed", &before, Value::Null, answer)
                .await
        })
        .await?;
    changing.withdraw();
    Ok(response)
}

/// A password that is made here and shown once.
struct OneTime {
    password: String,
    hash: String,
}

impl OneTime {
    async fn new(call: &Call, username: &str) -> Result<Self> {
        let password = password_policy::generate(username);
        let hash = call.worker.passwords.hash(&password).await?;
        Ok(Self { password, hash })
    }
}
