use super::model::{PatchSetting, SettingKey, SettingView, Value};
use super::{queries, switching};
use crate::http::call::Call;
use crate::http::extract::{Json, Path, Query};
use crate::http::idempotency::Answer;
use crate::http::page::{ChangedSince, Page, Paging};
use crate::http::registry::Registry;
use crate::policy::{Permit, ops};
use crate::problem::{Problem, Result};
use crate::vocabulary::Enumeration;
use crate::work::Change;
use crate::work::Tx;
use crate::workflow::timing;
use actix_web::{HttpResponse, get, patch};
use uuid::Uuid;

pub fn configure(registry: &mut Registry) {
    registry
        .service(list_settings)
        .service(get_setting)
        .service(update_setting);
}

/// List settings
///
/// Every term and every switch: what holds, and its default.
#[utoipa::path(tag = "timing", params(Paging, ChangedSince), responses((status = 200, body = Page<SettingView>)))]
#[get("/api/v1/settings")]
async fn list_settings(
    call: Call,
    paging: Query<Paging>,
    since: Query<ChangedSince>,
) -> Result<HttpResponse> {
    let set = queries::load(&*call.reads().await?).await?;
    let views = SettingKey::values()
        .map(|key| SettingView::new(key, set.get(&key)))
        // A default has not changed since any instant.
        .filter(|view| since.0.takes(view.updated_at.unwrap_or_default()))
        .collect();
    let page = call.position(&paging.0)?.slice(views, |view| view.key)?;
    call.page(&page)
}

/// Get a setting
///
/// One term or switch; version 0 while the default holds.
#[utoipa::path(
    tag = "timing",
    params(("key" = String, Path, description = "`key` of the setting", example = "leader_acknowledgement", max_length = 64)),
    responses((status = 200, body = SettingView))
)]
#[get("/api/v1/settings/{key}")]
async fn get_setting(call: Call, key: Path<String>) -> Result<HttpResponse> {
    let key = of_path(&key.0)?;
    let set = queries::load(&*call.reads().await?).await?;
    let set = set.get(&key);
    call.one(set.map_or(0, |set| set.version), &SettingView::new(key, set))
}

fn of_path(key: &str) -> Result<SettingKey> {
    key.parse().map_err(|_| Problem::not_found())
}

/// Update a setting
///
/// By 市委统战部. A term holds for what begins later; deadlines that run keep theirs. A switch holds at once: what it asks for is
/// opened, and what it no longer asks for waits no longer; what was sent or confirmed stays on record.
#[utoipa::path(
    tag = "timing",
    params(("key" = String, Path, description = "`key` of the setting", example = "leader_acknowledgement", max_length = 64)),
    request_body = PatchSetting,
    responses((status = 200, body = SettingView))
)]
#[patch("/api/v1/settings/{key}")]
async fn update_setting(call: Call, key: Path<String>, body: Json<PatchSetting>) -> Result<HttpResponse> {
    let key = of_path(&key.0)?;
    body.0.check_against(key)?;
    let permit = call.caller.permit_any::<ops::UpdateSetting>()?;
    call.write(async |tx| {
        timing::lock(tx).await?;
        let before = queries::load(tx.conn).await?;
        let before = before.get(&key);
        tx.matches(before.map_or(0, |set| set.version))?;
        let value = body.0.apply(before.map_or(key.default_value(), |set| set.value));
        let id = set(tx, &permit, key, value).await?;
        let after = queries::load(tx.conn).await?;
        let after = after.get(&key).ok_or_else(Problem::not_found)?;
        let (was, is) = (SettingView::new(key, before), SettingView::new(key, Some(after)));
        tx.record(
            &permit,
            Change::new("setting.updated", id, Some(&was), Some(&is))?,
        )
        .await?;
        Answer::ok(after.version, &is)
    })
    .await
}

async fn set(
    tx: &mut Tx<'_>,
    permit: &Permit<ops::UpdateSetting>,
    key: SettingKey,
    value: Value,
) -> Result<Uuid> {
    match (key, value) {
        (SettingKey::Term(key), Value::Term(term)) => queries::set_term(tx, permit, key, term).await,
        (SettingKey::Switch(key), Value::Switch(enabled)) => {
            let id = queries::set_switch(tx, permit, key, enabled).await?;
            switching::follow(tx, key).await?;
            Ok(id)
        }
        _ => Err(Problem::internal("a term is no switch")),
    }
}
