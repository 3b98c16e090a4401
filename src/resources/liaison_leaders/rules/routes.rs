use super::model::{LiaisonRuleFilter, LiaisonRuleView, NewLiaisonRule, PatchLiaisonRule};
use super::policy::OfDepartment;
use super::queries;
use crate::directory::Directory;
use crate::directory::model::{Kind, Organization};
use crate::http::call::Call;
use crate::http::extract::{Id, Json, Path, Query};
use crate::http::idempotency::Answer;
use crate::http::page::{Page, Paging};
use crate::http::registry::Registry;
use crate::policy::ops;
use crate::problem::{Problem, Result};
use crate::resources::organizations::on_behalf::{self, is_on_behalf};
use crate::work::Change;
use crate::work::Tx;
use crate::workflow::subjects::{Subject, SubjectType, chinese_day};
use actix_web::{HttpResponse, get, patch, post};
use chrono::Datelike;
use uuid::Uuid;

pub fn configure(registry: &mut Registry) {
    registry
        .service(list_department_rules)
        .service(create_department_rule)
        .service(get_department_rule)
        .service(update_department_rule);
}

fn find<'d>(directory: &'d Directory, id_or_code: &str) -> Result<&'d Organization> {
    directory
        .find_kind(Kind::Department, id_or_code)
        .ok_or_else(Problem::not_found)
}

/// List a department's rules for the liaison
///
/// Those that hold today, the newest first.
#[utoipa::path(
    tag = "liaison-leaders",
    params(
        ("id" = String, Path, description = "Id or code", example = "education", max_length = 64),
        Paging,
        LiaisonRuleFilter
    ),
    responses((status = 200, body = Page<LiaisonRuleView>))
)]
#[get("/api/v1/departments/{id}/rules")]
async fn list_department_rules(
    call: Call,
    id: Path<String>,
    paging: Query<Paging>,
    filter: Query<LiaisonRuleFilter>,
) -> Result<HttpResponse> {
    let directory = call.directory().await?;
    let department = find(&directory, &id.0)?;
    let day = filter.0.as_of.unwrap_or(call.today());
    let rows = queries::list(&*call.reads().await?, department.id, &filter.0, day).await?;
    let views = rows
        .iter()
        .map(|row| LiaisonRuleView::new(row, &directory, call.today()))
        .collect::<Result<Vec<_>>>()?;
    let changed = |view: &LiaisonRuleView| {
        filter
            .0
            .updated_since
            .is_none_or(|since| view.updated_at >= since)
    };
    let views = views.into_iter().filter(changed).collect();
    let newest = |view: &LiaisonRuleView| (-view.issued_on.num_days_from_ce(), view.id);
    call.list(&call.position(&paging.0)?.slice(views, newest)?).await
}

/// Record a rule
///
/// By the department, or 市委统战部 where nobody can act for it (代录), of which it is told.
#[utoipa::path(
    tag = "liaison-leaders",
    params(("id" = String, Path, description = "Id or code", example = "education", max_length = 64)),
    request_body = NewLiaisonRule,
    responses((status = 201, body = LiaisonRuleView))
)]
#[post("/api/v1/departments/{id}/rules")]
async fn create_department_rule(
    call: Call,
    id: Path<String>,
    body: Json<NewLiaisonRule>,
) -> Result<HttpResponse> {
    call.write(async |tx| {
        let directory = call.worker.directory_in(tx).await?;
        let department = find(&directory, &id.0)?;
        let whose = OfDepartment::new(department.id, &directory, tx.today());
        let permit = call.caller.permit::<ops::CreateDepartmentRule>(&whose)?;
        tx.matches(department.version)?;
        let unit = whose.0.unwrap_or(department.id);
        let on_behalf = is_on_behalf(tx, &call.caller, unit).await?;
        let rule = queries::insert(tx, &permit, department.id, &body.0, on_behalf).await?;
        let row = queries::get(tx.conn, department.id, rule).await?;
        let view = LiaisonRuleView::new(&row, &directory, tx.today())?;
        if on_behalf {
            tell(tx, unit, department, &view).await?;
        }
        tx.record(
            &permit,
            Change::new("liaison_rule.recorded", rule, None, Some(&view))?,
        )
        .await?;
        let location = format!("/api/v1/departments/{}/rules/{rule}", department.id);
        Answer::created(location, row.version, &view)
    })
    .await
}

/// Tells who acts for a department of a rule that 市委统战部 has recorded for it.
async fn tell(tx: &mut Tx<'_>, unit: Uuid, department: &Organization, rule: &LiaisonRuleView) -> Result<()> {
    let title = format!("{}相关制度", rule.department.name);
    let subject = Subject::new(SubjectType::Department, department.id, title);
    let ended = rule
        .ended_on
        .map_or_else(String::new, |day| format!("，自{}起失效", chinese_day(day)));
    let what = format!("《{}》，{}印发{ended}。", rule.title, chinese_day(rule.issued_on));
    on_behalf::tell(tx, unit, &subject, &what).await
}

/// Get a rule
///
/// Of one department, whether it still holds or not.
#[utoipa::path(
    tag = "liaison-leaders",
    params(
        ("id" = String, Path, description = "Id or code", example = "education", max_length = 64),
        ("rule" = uuid::Uuid, Path)
    ),
    responses((status = 200, body = LiaisonRuleView))
)]
#[get("/api/v1/departments/{id}/rules/{rule}")]
async fn get_department_rule(call: Call, path: Path<(String, Id)>) -> Result<HttpResponse> {
    let directory = call.directory().await?;
    let department = find(&directory, &path.0.0)?;
    let row = queries::get(&*call.reads().await?, department.id, path.0.1.0).await?;
    call.one(
        row.version,
        &LiaisonRuleView::new(&row, &directory, call.today())?,
    )
}

/// Mend a rule, or end it
///
/// By the department, or 市委统战部 where nobody can act for it; `ended_on` is the first day on which it no longer holds.
#[utoipa::path(
    tag = "liaison-leaders",
    params(
        ("id" = String, Path, description = "Id or code", example = "education", max_length = 64),
        ("rule" = uuid::Uuid, Path)
    ),
    request_body = PatchLiaisonRule,
    responses((status = 200, body = LiaisonRuleView))
)]
#[patch("/api/v1/departments/{id}/rules/{rule}")]
async fn update_department_rule(
    call: Call,
    path: Path<(String, Id)>,
    body: Json<PatchLiaisonRule>,
) -> Result<HttpResponse> {
    call.write(async |tx| {
        let directory = call.worker.directory_in(tx).await?;
        let department = find(&directory, &path.0.0)?;
        let before = queries::get_locked(tx, department.id, path.0.1.0).await?;
        let whose = OfDepartment::new(department.id, &directory, tx.today());
        let permit = call.caller.permit::<ops::UpdateDepartmentRule>(&whose)?;
        let unit = whose.0.unwrap_or(department.id);
        let on_behalf = is_on_behalf(tx, &call.caller, unit).await?;
        tx.matches(before.version)?;
        body.0.check_against(&before)?;
        queries::update(tx, &permit, before.id, &body.0, on_behalf).await?;
        let after = queries::get(tx.conn, department.id, before.id).await?;
        let view = |row| LiaisonRuleView::new(row, &directory, tx.today());
        let (was, is) = (view(&before)?, view(&after)?);
        if on_behalf {
            tell(tx, unit, department, &is).await?;
        }
        tx.record(
            &permit,
            Change::new("liaison_rule.updated", before.id, Some(&was), Some(&is))?,
        )
        .await?;
        Answer::ok(after.version, &is)
    })
    .await
}
