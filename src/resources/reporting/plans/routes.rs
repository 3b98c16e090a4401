use super::model::{NewWorkPlan, PatchWorkPlan, ReturnWorkPlan, WorkPlanFilter, WorkPlanView};
use super::policy::WorkPlan;
use super::queries::{self, Scope};
use super::{items, links, steps};
use crate::directory::model::{Kind, Organization};
use crate::directory::{self, Directory};
use crate::http::call::Call;
use crate::http::extract::{Empty, Id, Json, Path, Query};
use crate::http::idempotency::Answer;
use crate::http::page::{Page, Paging};
use crate::http::registry::Registry;
use crate::policy::ops;
use crate::problem::{Code, Fault, Problem, Result};
use crate::resources::attachments::carriers::Carrier;
use crate::resources::attachments::queries::remove_all_of;
use crate::resources::organizations::on_behalf::is_on_behalf;
use crate::resources::reporting::Seen;
use crate::workflow::step::{Aggregate, leave};
use actix_web::{HttpResponse, delete, get, patch, post};
use std::collections::HashSet;

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

/// Which plans are asked for, as far as the caller reaches.
fn scope(call: &Call, directory: &Directory, filter: WorkPlanFilter) -> Result<Scope> {
    let [departments, parties] = directory.sets_named([
        ("department", &filter.department, Some(Kind::Department)),
        ("party", &filter.party, Some(Kind::Party)),
    ])?;
    Ok(Scope {
        seen: Seen::by(&call.caller, directory, call.today()),
        since: directory.since(filter.updated_since, call.today()),
        filter,
        departments,
        parties,
    })
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
        WorkPlan::record(tx, &permit, "work_plan.created", &directory, (None, Some(&after))).await?;
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
    call.write_in(async |tx, context| {
        let directory = context.directory;
        // Faults of the body are named first; of the items of a plan that the caller does not see none is known.
        let found = match WorkPlan::hold(tx, &id.0.0, directory).await {
            Err(problem) if problem.code() == Code::NotFound => None,
            found => Some(found?),
        };
        let known = match &found {
            Some(plan) => items::known(tx.conn, plan.row.department_id, plan.row.year).await?,
            None => HashSet::new(),
        };
        let (given, mut faults) = (body.0.items.as_deref(), Vec::new());
        let given = given.map(|given| items::resolve(directory, given, &known, tx.today(), &mut faults));
        if !faults.is_empty() {
            return Err(Problem::invalid(faults));
        }
        let before = found.ok_or_else(Problem::not_found)?;
        let permit = leave::<ops::UpdateWorkPlan>(tx, &before)?;
        queries::update(tx, &permit, &before.row, given.as_deref()).await?;
        let after = before.reread(tx, directory).await?;
        let both = (Some(&before), Some(&after));
        WorkPlan::record(tx, &permit, "work_plan.updated", directory, both).await?;
        Answer::ok(after.row.version, &view(&call, &after, directory)?)
    })
    .await
}

/// Delete a draft
///
/// By its author. What was submitted stays.
#[utoipa::path(tag = "plans-and-reports", params(("id" = Uuid, Path)), responses((status = 204)))]
#[delete("/api/v1/work-plans/{id}")]
async fn delete_work_plan(call: Call, id: Path<Id>) -> Result<HttpResponse> {
    let event = "work_plan.deleted";
    call.delete::<ops::DeleteWorkPlan, WorkPlan>(id.0.0, event, async |tx, permit, step| {
        let row = &step.before.row;
        queries::delete(tx, permit, row).await?;
        remove_all_of(tx, permit, Carrier::WorkPlan, row.id).await
    })
    .await
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
    call.step::<ops::SubmitWorkPlan, WorkPlan>(id.0.0, "work_plan.submitted", steps::submit)
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
    call.step::<ops::AcknowledgeWorkPlan, WorkPlan>(id.0.0, "work_plan.acknowledged", steps::acknowledge)
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
    let event = "work_plan.returned";
    call.step::<ops::ReturnWorkPlan, WorkPlan>(id.0.0, event, async |tx, permit, step| {
        steps::send_back(tx, permit, step, &body.0.reason).await
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
    call.write_in(async |tx, context| {
        let directory = context.directory;
        let before = WorkPlan::hold(tx, &id.0.0, directory).await?;
        let permit = leave::<ops::ReviseWorkPlan>(tx, &before)?;
        let on_behalf = is_on_behalf(tx, &call.caller, before.unit()).await?;
        let next = queries::revise(tx, &permit, &before, on_behalf).await?;
        let after = queries::get(tx.conn, next, directory, tx.today()).await?;
        WorkPlan::record(tx, &permit, "work_plan.revised", directory, (None, Some(&after))).await?;
        Answer::ok(after.row.version, &view(&call, &after, directory)?)
    })
    .await
}
