use super::model::{NewWorkPlan, PatchWorkPlan, ReturnWorkPlan, WorkPlanFilter, WorkPlanView};
use super::policy::WorkPlan;
use super::queries;
use super::scope::scope;
use super::{items, links, steps};
use crate::directory::model::{Kind, Organization};
use crate::directory::{self, Directory};
use crate::http::call::Call;
use crate::http::extract::{Empty, Id, Json, Path, Query};
use crate::http::idempotency::Answer;
use crate::http::page::{Page, Paging};
use crate::http::registry::Registry;
use crate::policy::{Operation, Permit, ops};
use crate::problem::{Code, Fault, Problem, Result};
use crate::resources::attachments::carriers::Carrier;
use crate::resources::attachments::queries::remove_all_of;
use crate::resources::organizations::on_behalf::is_on_behalf;
use crate::work::{Change, Tx};
use crate::workflow::machine::{Flow, enter};
use actix_web::{HttpResponse, delete, get, patch, post};
use std::collections::HashSet;
use uuid::Uuid;

pub fn configure(registry: &mut Registry) {
    registry
        .service(list_work_plans)
        .service(create_work_plan)
        .service(get_work_plan)
        .service(update_work_plan)
        .service(delete_work_plan)
        .service(submit_work_plan)
        .service(acknowledge_work_plan)
        .service(return_work_plan)
        .service(revise_work_plan)
        .service(links::replace_work_plan_item_meetings);
}

/// List work plans
///
/// The newest first, current versions and drafts; `include_ended` gives superseded versions, too. A department sees its own, the
/// two offices what was submitted.
#[utoipa::path(
    tag = "plans-and-reports",
    params(Paging, WorkPlanFilter),
    responses((status = 200, body = Page<WorkPlanView>))
)]
#[get("/api/v1/work-plans")]
async fn list_work_plans(
    call: Call,
    paging: Query<Paging>,
    filter: Query<WorkPlanFilter>,
) -> Result<HttpResponse> {
    let directory = call.directory().await?;
    let scope = scope(&call, &directory, filter.0)?;
    call.listed(scope, &paging.0, directory).await
}

fn view(call: &Call, plan: &WorkPlan, directory: &Directory) -> Result<WorkPlanView> {
    WorkPlanView::for_caller(&call.caller, plan, directory, call.today())
}

/// Draft a work plan
///
/// By the department, which alone sees it until it is submitted; 市委统战部 may record it for a department that has no account
/// able to act (代录). One plan a department and year: later ones are its versions, by `revise`.
#[utoipa::path(
    tag = "plans-and-reports",
    request_body = NewWorkPlan,
    responses((status = 201, body = WorkPlanView))
)]
#[post("/api/v1/work-plans")]
async fn create_work_plan(call: Call, body: Json<NewWorkPlan>) -> Result<HttpResponse> {
    call.write(async |tx| {
        // Locked: a department that ends has nothing begun for it meanwhile.
        let directory = directory::load_locked(tx.conn).await?;
        let mut faults = Vec::new();
        let department = author(&call, &directory, &body.0, &mut faults);
        let known = HashSet::new();
        let given = items::resolve(&directory, &body.0.items, &known, tx.today(), &mut faults);
        let (Some(department), true) = (department, faults.is_empty()) else {
            return Err(Problem::invalid(faults));
        };
        let permit = call.caller.permit::<ops::CreateWorkPlan>(department)?;
        let on_behalf = is_on_behalf(tx, &call.caller, department.id).await?;
        if let Some(plan) = queries::latest(tx, department.id, body.0.year).await? {
            return Err(Problem::new(Code::WorkPlanExists).with("work_plan", plan.to_string()));
        }
        let id = queries::insert(tx, &permit, department.id, (body.0.year, on_behalf), &given).await?;
        let after = queries::get(tx.conn, id, &directory, tx.today()).await?;
        quietly(tx, &permit, "work_plan.created", &directory, None, Some(&after)).await?;
        let location = format!("/api/v1/work-plans/{id}");
        Answer::created(location, after.row.version, &view(&call, &after, &directory)?)
    })
    .await
}

/// Whose plan it is: a department that stands today.
fn author<'d>(
    call: &Call,
    directory: &'d Directory,
    new: &NewWorkPlan,
    faults: &mut Vec<Fault>,
) -> Option<&'d Organization> {
    let found = match (&new.department, &call.caller.organization) {
        (Some(named), _) => directory.find_kind(Kind::Department, named),
        (None, Some(own)) => directory.get(own.id),
        (None, None) => None,
    };
    let found = found.filter(|found| found.kind == Kind::Department && found.stands_on(call.today()));
    if found.is_none() && new.department.is_some() {
        faults.push(Fault::unknown_reference("/department"));
    } else if found.is_none() {
        faults.push(Fault::at(
            "/department",
            "required",
            "代录须注明部门。",
            "Name the department that it is recorded for.",
        ));
    }
    found
}

/// Get a work plan
///
/// Any version. A draft is there for its author alone.
#[utoipa::path(
    tag = "plans-and-reports",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = WorkPlanView))
)]
#[get("/api/v1/work-plans/{id}")]
async fn get_work_plan(call: Call, id: Path<Id>) -> Result<HttpResponse> {
    let directory = call.directory().await?;
    let plan = queries::get_seen(
        &*call.reads().await?,
        id.0.0,
        &call.caller,
        &directory,
        call.today(),
    )
    .await?;
    call.one(plan.row.version, &view(&call, &plan, &directory)?)
}

/// Edit a draft
///
/// By its author. What was submitted is never edited: `revise` makes the next version.
#[utoipa::path(
    tag = "plans-and-reports",
    params(("id" = Uuid, Path)),
    request_body = PatchWorkPlan,
    responses((status = 200, body = WorkPlanView))
)]
#[patch("/api/v1/work-plans/{id}")]
async fn update_work_plan(call: Call, id: Path<Id>, body: Json<PatchWorkPlan>) -> Result<HttpResponse> {
    call.write(async |tx| {
        let directory = directory::load(tx.conn).await?;
        // Faults of the body are named first; of the items of a plan that the caller does not see none is known.
        let found = match queries::get_locked(tx, id.0.0, &call.caller, &directory).await {
            Err(problem) if problem.code() == Code::NotFound => None,
            found => Some(found?),
        };
        let known = match &found {
            Some(plan) => items::known(tx.conn, plan.row.department_id, plan.row.year).await?,
            None => HashSet::new(),
        };
        let (given, mut faults) = (body.0.items.as_deref(), Vec::new());
        let given = given.map(|given| items::resolve(&directory, given, &known, tx.today(), &mut faults));
        if !faults.is_empty() {
            return Err(Problem::invalid(faults));
        }
        let before = found.ok_or_else(Problem::not_found)?;
        let permit = editing::<ops::UpdateWorkPlan>(&call, tx, &before)?;
        queries::update(tx, &permit, &before.row, given.as_deref()).await?;
        let after = queries::get(tx.conn, id.0.0, &directory, tx.today()).await?;
        let both = (Some(&before), Some(&after));
        quietly(tx, &permit, "work_plan.updated", &directory, both.0, both.1).await?;
        Answer::ok(after.row.version, &view(&call, &after, &directory)?)
    })
    .await
}

/// Leave to edit a draft: 403 by relation, then 428 and 412, and 409 for what is no draft any more.
fn editing<O: Operation>(call: &Call, tx: &mut Tx<'_>, plan: &WorkPlan) -> Result<Permit<O>> {
    let permit = call.caller.permit::<O>(plan)?;
    if !plan.is_author(&call.caller) {
        return Err(Problem::new(Code::NotYours));
    }
    tx.matches(plan.row.version)?;
    match plan.row.submitted_at {
        None => Ok(permit),
        Some(_) => Err(Problem::new(Code::AlreadySubmitted).with("state", plan.state())),
    }
}

/// Delete a draft
///
/// By its author. What was submitted stays.
#[utoipa::path(tag = "plans-and-reports", params(("id" = Uuid, Path)), responses((status = 204)))]
#[delete("/api/v1/work-plans/{id}")]
async fn delete_work_plan(call: Call, id: Path<Id>) -> Result<HttpResponse> {
    call.write(async |tx| {
        let directory = directory::load(tx.conn).await?;
        let before = queries::get_locked(tx, id.0.0, &call.caller, &directory).await?;
        let permit = editing::<ops::DeleteWorkPlan>(&call, tx, &before)?;
        queries::delete(tx, &permit, &before.row).await?;
        remove_all_of(tx, &permit, Carrier::WorkPlan, before.row.id).await?;
        quietly(tx, &permit, "work_plan.deleted", &directory, Some(&before), None).await?;
        Ok(Answer::nothing())
    })
    .await
}

/// For the audit log alone: drafts are nobody else's.
async fn quietly<O: Operation>(
    tx: &mut Tx<'_>,
    permit: &Permit<O>,
    event: &'static str,
    directory: &Directory,
    before: Option<&WorkPlan>,
    after: Option<&WorkPlan>,
) -> Result<()> {
    let change = change(tx, event, directory, before, after)?;
    tx.record(permit, change.kept_quiet()).await
}

fn change(
    tx: &Tx<'_>,
    event: &'static str,
    directory: &Directory,
    before: Option<&WorkPlan>,
    after: Option<&WorkPlan>,
) -> Result<Change> {
    let shown = |one: &WorkPlan| WorkPlanView::new(one, directory, tx.today());
    let (before, after) = (before.map(shown).transpose()?, after.map(shown).transpose()?);
    let view = after.as_ref().or(before.as_ref());
    let id = view.map_or(Uuid::nil(), |view| view.id);
    Change::new(event, id, before.as_ref(), after.as_ref())
}

/// Submit a work plan
///
/// By its author; 市委统战部 is told. The version before it is superseded.
#[utoipa::path(
    tag = "plans-and-reports",
    params(("id" = Uuid, Path)),
    request_body = Empty,
    responses((status = 200, body = WorkPlanView))
)]
#[post("/api/v1/work-plans/{id}/submit")]
async fn submit_work_plan(call: Call, id: Path<Id>, _: Json<Empty>) -> Result<HttpResponse> {
    call.write(async |tx| {
        let (directory, before) = locked(&call, tx, id.0.0).await?;
        let permit = enter::<ops::SubmitWorkPlan>(tx, &before)?;
        let timing = call.worker.timing.in_transaction(tx).await?;
        steps::submit(tx, &permit, &directory, &timing, &before).await?;
        finish(&call, tx, &permit, "work_plan.submitted", &directory, &before).await
    })
    .await
}

/// Acknowledge a work plan
///
/// 签收, by 市委统战部; the department is told.
#[utoipa::path(
    tag = "plans-and-reports",
    params(("id" = Uuid, Path)),
    request_body = Empty,
    responses((status = 200, body = WorkPlanView))
)]
#[post("/api/v1/work-plans/{id}/acknowledge")]
async fn acknowledge_work_plan(call: Call, id: Path<Id>, _: Json<Empty>) -> Result<HttpResponse> {
    call.write(async |tx| {
        let (directory, before) = locked(&call, tx, id.0.0).await?;
        let permit = enter::<ops::AcknowledgeWorkPlan>(tx, &before)?;
        steps::acknowledge(tx, &permit, &directory, &before).await?;
        finish(&call, tx, &permit, "work_plan.acknowledged", &directory, &before).await
    })
    .await
}

/// Return a work plan
///
/// By 市委统战部, with the reason; the department revises it and submits it anew.
#[utoipa::path(
    tag = "plans-and-reports",
    params(("id" = Uuid, Path)),
    request_body = ReturnWorkPlan,
    responses((status = 200, body = WorkPlanView))
)]
#[post("/api/v1/work-plans/{id}/return")]
async fn return_work_plan(call: Call, id: Path<Id>, body: Json<ReturnWorkPlan>) -> Result<HttpResponse> {
    call.write(async |tx| {
        let (directory, before) = locked(&call, tx, id.0.0).await?;
        let permit = enter::<ops::ReturnWorkPlan>(tx, &before)?;
        let timing = call.worker.timing.in_transaction(tx).await?;
        steps::send_back(tx, &permit, &directory, &timing, &before, &body.0.reason).await?;
        finish(&call, tx, &permit, "work_plan.returned", &directory, &before).await
    })
    .await
}

/// Revise a work plan
///
/// By its author: the answer is the next version, a draft with the same items and an address of its own. The version that was
/// submitted stays as it is, and current until the next is submitted.
#[utoipa::path(
    tag = "plans-and-reports",
    params(("id" = Uuid, Path)),
    request_body = Empty,
    responses((status = 200, body = WorkPlanView))
)]
#[post("/api/v1/work-plans/{id}/revise")]
async fn revise_work_plan(call: Call, id: Path<Id>, _: Json<Empty>) -> Result<HttpResponse> {
    call.write(async |tx| {
        let (directory, before) = locked(&call, tx, id.0.0).await?;
        let permit = enter::<ops::ReviseWorkPlan>(tx, &before)?;
        let on_behalf = is_on_behalf(tx, &call.caller, before.unit()).await?;
        let next = queries::revise(tx, &permit, &before, on_behalf).await?;
        let after = queries::get(tx.conn, next, &directory, tx.today()).await?;
        quietly(tx, &permit, "work_plan.revised", &directory, None, Some(&after)).await?;
        Answer::ok(after.row.version, &view(&call, &after, &directory)?)
    })
    .await
}

/// A plan that the caller sees, held against all who would take a step on it.
async fn locked(call: &Call, tx: &mut Tx<'_>, id: Uuid) -> Result<(Directory, WorkPlan)> {
    let directory = directory::load(tx.conn).await?;
    let plan = queries::get_locked(tx, id, &call.caller, &directory).await?;
    Ok((directory, plan))
}

async fn finish<O: Operation>(
    call: &Call,
    tx: &mut Tx<'_>,
    permit: &Permit<O>,
    event: &'static str,
    directory: &Directory,
    before: &WorkPlan,
) -> Result<Answer> {
    let after = queries::get(tx.conn, before.row.id, directory, tx.today()).await?;
    let change = change(tx, event, directory, Some(before), Some(&after))?;
    tx.record(permit, change).await?;
    Answer::ok(after.row.version, &view(call, &after, directory)?)
}
