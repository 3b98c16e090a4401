use super::model::{
    NewWorkReport, PatchWorkReport, ReturnWorkReport, SubmitWorkReport, WorkReportFilter, WorkReportView,
};
use super::policy::WorkReport;
use super::queries::{self, Scope};
use super::steps;
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
use crate::resources::meetings::links;
use crate::resources::organizations::on_behalf::is_on_behalf;
use crate::resources::reporting::Seen;
use crate::workflow::step::{Aggregate, leave};
use actix_web::{HttpResponse, delete, get, patch, post};

pub fn configure(registry: &mut Registry) {
    registry
        .service(list_work_reports)
        .service(create_work_report)
        .service(get_work_report)
        .service(update_work_report)
        .service(delete_work_report)
        .service(submit_work_report)
        .service(receive_work_report)
        .service(return_work_report)
        .service(acknowledge_work_report)
        .service(revise_work_report);
}

/// List work reports
///
/// The newest first, current versions and drafts; `include_ended` gives superseded versions, too. A department sees its own, the
/// two offices what was submitted.
#[utoipa::path(
    tag = "plans-and-reports",
    params(Paging, WorkReportFilter),
    responses((status = 200, body = Page<WorkReportView>))
)]
#[get("/api/v1/work-reports")]
async fn list_work_reports(
    call: Call,
    paging: Query<Paging>,
    filter: Query<WorkReportFilter>,
) -> Result<HttpResponse> {
    let directory = call.directory().await?;
    let scope = scope(&call, &directory, filter.0)?;
    call.listed(scope, &paging.0, directory).await
}

/// Which reports are asked for, as far as the caller reaches.
fn scope(call: &Call, directory: &Directory, filter: WorkReportFilter) -> Result<Scope> {
    let departments =
        directory.all_named("department", &filter.department, |one| one.is(Kind::Department))?;
    Ok(Scope {
        seen: Seen::by(&call.caller, directory, call.today()),
        since: directory.since(filter.updated_since, call.today()),
        filter,
        departments,
    })
}

fn view(call: &Call, report: &WorkReport, directory: &Directory) -> Result<WorkReportView> {
    WorkReportView::for_caller(&call.caller, report, directory, call.today())
}

/// Draft a work report
///
/// By the department, which alone sees it until it is submitted; 市委统战部 may record it for a department that has no account
/// able to act (代录). One report a department and year or half year: later ones are
/// its versions, by `revise`. Reports on one matter (`special`) are free.
#[utoipa::path(
    tag = "plans-and-reports",
    request_body = NewWorkReport,
    responses((status = 201, body = WorkReportView))
)]
#[post("/api/v1/work-reports")]
async fn create_work_report(call: Call, body: Json<NewWorkReport>) -> Result<HttpResponse> {
    call.write(async |tx| {
        // Locked: a department that ends has nothing begun for it meanwhile.
        let directory = directory::load_locked(tx.conn).await?;
        let (mut faults, around) = (Vec::new(), (&directory, tx.now()));
        let department = author(&call, &directory, &body.0, &mut faults);
        links::named(tx.conn, &call.caller, &body.0.meetings, around, &mut faults).await?;
        let department = department
            .filter(|_| faults.is_empty())
            .ok_or_else(|| Problem::invalid(faults))?;
        let permit = call.caller.permit::<ops::CreateWorkReport>(department)?;
        let on_behalf = is_on_behalf(tx, &call.caller, department.id).await?;
        if let Some(report) = queries::latest(tx, department.id, body.0.period).await? {
            return Err(Problem::new(Code::WorkReportExists).with("work_report", report.to_string()));
        }
        let id = queries::insert(tx, &permit, department.id, &body.0, on_behalf).await?;
        let after = queries::get(tx.conn, id, &directory, tx.today()).await?;
        WorkReport::record(
            tx,
            &permit,
            "work_report.created",
            &directory,
            (None, Some(&after)),
        )
        .await?;
        let location = format!("/api/v1/work-reports/{id}");
        Answer::created(location, after.row.version, &view(&call, &after, &directory)?)
    })
    .await
}

/// Whose report it is: a department that stands today.
fn author<'d>(
    call: &Call,
    directory: &'d Directory,
    new: &NewWorkReport,
    faults: &mut Vec<Fault>,
) -> Option<&'d Organization> {
    let found = match (&new.department, &call.caller.organization) {
        (Some(named), _) => directory.find_kind(Kind::Department, named),
        (None, Some(own)) => directory.get(own.id),
        (None, None) => None,
    };
    let missing = match &new.department {
        Some(_) => Fault::unknown_reference("/department"),
        None => Fault::at(
            "/department",
            "required",
            "代录须注明部门。",
            "Name the department that it is recorded for.",
        ),
    };
    let found = found.filter(|found| found.kind == Kind::Department && found.stands_on(call.today()));
    if found.is_none() {
        faults.push(missing);
    }
    found
}

/// Get a work report
///
/// Any version. A draft is there for its author alone.
#[utoipa::path(
    tag = "plans-and-reports",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = WorkReportView))
)]
#[get("/api/v1/work-reports/{id}")]
async fn get_work_report(call: Call, id: Path<Id>) -> Result<HttpResponse> {
    let directory = call.directory().await?;
    let report = queries::get_seen(
        &*call.reads().await?,
        id.0.0,
        &call.caller,
        &directory,
        call.today(),
    )
    .await?;
    call.one(report.row.version, &view(&call, &report, &directory)?)
}

/// Edit a draft
///
/// By its author. What was submitted is never edited: `revise` makes the next version.
#[utoipa::path(
    tag = "plans-and-reports",
    params(("id" = Uuid, Path)),
    request_body = PatchWorkReport,
    responses((status = 200, body = WorkReportView))
)]
#[patch("/api/v1/work-reports/{id}")]
async fn update_work_report(call: Call, id: Path<Id>, body: Json<PatchWorkReport>) -> Result<HttpResponse> {
    call.write_in(async |tx, context| {
        let directory = context.directory;
        let (mut faults, around) = (Vec::new(), (directory, tx.now()));
        let meetings = body.0.meetings.as_deref().unwrap_or_default();
        links::named(tx.conn, &call.caller, meetings, around, &mut faults).await?;
        if !faults.is_empty() {
            return Err(Problem::invalid(faults));
        }
        let before = WorkReport::hold(tx, &id.0.0, directory).await?;
        let permit = leave::<ops::UpdateWorkReport>(tx, &before)?;
        queries::update(tx, &permit, before.row.id, &body.0).await?;
        let after = before.reread(tx, directory).await?;
        let both = (Some(&before), Some(&after));
        WorkReport::record(tx, &permit, "work_report.updated", directory, both).await?;
        Answer::ok(after.row.version, &view(&call, &after, directory)?)
    })
    .await
}

/// Delete a draft
///
/// By its author. What was submitted stays.
#[utoipa::path(tag = "plans-and-reports", params(("id" = Uuid, Path)), responses((status = 204)))]
#[delete("/api/v1/work-reports/{id}")]
async fn delete_work_report(call: Call, id: Path<Id>) -> Result<HttpResponse> {
    let event = "work_report.deleted";
    call.delete::<ops::DeleteWorkReport, WorkReport>(id.0.0, event, async |tx, permit, step| {
        let row = &step.before.row;
        queries::delete(tx, permit, row.id).await?;
        remove_all_of(tx, permit, Carrier::WorkReport, row.id).await
    })
    .await
}

/// Submit a work report
///
/// By its author, to 市委统战部 with a copy to 市政府办公室. Its facts are kept as they are now; the version before it is superseded.
#[utoipa::path(
    tag = "plans-and-reports",
    params(("id" = Uuid, Path)),
    request_body = SubmitWorkReport,
    responses((status = 200, body = WorkReportView))
)]
#[post("/api/v1/work-reports/{id}/submit")]
async fn submit_work_report(call: Call, id: Path<Id>, _: Json<SubmitWorkReport>) -> Result<HttpResponse> {
    call.step::<ops::SubmitWorkReport, WorkReport>(id.0.0, "work_report.submitted", steps::submit)
        .await
}

/// Receive a work report
///
/// By 市委统战部; the department is told.
#[utoipa::path(
    tag = "plans-and-reports",
    params(("id" = Uuid, Path)),
    request_body = Empty,
    responses((status = 200, body = WorkReportView))
)]
#[post("/api/v1/work-reports/{id}/receive")]
async fn receive_work_report(call: Call, id: Path<Id>, _: Json<Empty>) -> Result<HttpResponse> {
    call.step::<ops::ReceiveWorkReport, WorkReport>(id.0.0, "work_report.received", steps::receive)
        .await
}

/// Return a work report
///
/// By 市委统战部, with the reason; the department revises it and submits it anew.
#[utoipa::path(
    tag = "plans-and-reports",
    params(("id" = Uuid, Path)),
    request_body = ReturnWorkReport,
    responses((status = 200, body = WorkReportView))
)]
#[post("/api/v1/work-reports/{id}/return")]
async fn return_work_report(call: Call, id: Path<Id>, body: Json<ReturnWorkReport>) -> Result<HttpResponse> {
    let event = "work_report.returned";
    call.step::<ops::ReturnWorkReport, WorkReport>(id.0.0, event, async |tx, permit, step| {
        steps::send_back(tx, permit, step, &body.0.reason).await
    })
    .await
}

/// Acknowledge the copy of a work report
///
/// 签收抄送件, by 市政府办公室: its own receipt, whatever 市委统战部 does with the original. The department is told.
#[utoipa::path(
    tag = "plans-and-reports",
    params(("id" = Uuid, Path)),
    request_body = Empty,
    responses((status = 200, body = WorkReportView))
)]
#[post("/api/v1/work-reports/{id}/acknowledge")]
async fn acknowledge_work_report(call: Call, id: Path<Id>, _: Json<Empty>) -> Result<HttpResponse> {
    call.step::<ops::AcknowledgeWorkReport, WorkReport>(
        id.0.0,
        "work_report.acknowledged",
        steps::acknowledge,
    )
    .await
}

/// Revise a work report
///
/// By its author: the answer is the next version, a draft with the same text and an address of its own. The version that was
/// submitted stays as it is, and current until the next is submitted.
#[utoipa::path(
    tag = "plans-and-reports",
    params(("id" = Uuid, Path)),
    request_body = Empty,
    responses((status = 200, body = WorkReportView))
)]
#[post("/api/v1/work-reports/{id}/revise")]
async fn revise_work_report(call: Call, id: Path<Id>, _: Json<Empty>) -> Result<HttpResponse> {
    call.write_in(async |tx, context| {
        let directory = context.directory;
        let before = WorkReport::hold(tx, &id.0.0, directory).await?;
        let permit = leave::<ops::ReviseWorkReport>(tx, &before)?;
        let on_behalf = is_on_behalf(tx, &call.caller, before.unit()).await?;
        let next = queries::revise(tx, &permit, &before.row, on_behalf).await?;
        let after = queries::get(tx.conn, next, directory, tx.today()).await?;
        WorkReport::record(
            tx,
            &permit,
            "work_report.revised",
            directory,
            (None, Some(&after)),
        )
        .await?;
        Answer::ok(after.row.version, &view(&call, &after, directory)?)
    })
    .await
}
