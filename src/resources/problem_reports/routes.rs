use super::model::{AnswerProblemReport, NewProblemReport, ProblemReportFilter, ProblemReportView};
use super::policy::ProblemReport;
use super::queries::{self, Scope};
use super::steps;
use crate::directory::model::{Kind, Organization};
use crate::directory::{self, Directory, within};
use crate::http::call::Call;
use crate::http::extract::{Empty, Id, Json, Path, Query};
use crate::http::idempotency::Answer;
use crate::http::page::{Page, Paging};
use crate::http::registry::Registry;
use crate::policy::{Reach, Role, ops};
use crate::problem::{Fault, Problem, Result};
use crate::workflow::deadlines::{self, Deadlines};
use crate::workflow::step::Aggregate;
use actix_web::{HttpResponse, get, post};

pub fn configure(registry: &mut Registry) {
    registry
        .service(list_problem_reports)
        .service(create_problem_report)
        .service(get_problem_report)
        .service(answer_problem_report)
        .service(close_problem_report)
        .service(list_problem_report_deadlines);
}

/// List problem reports
///
/// The newest first. A department or party sees its own, 市委统战部 all.
#[utoipa::path(
    tag = "problem-reports",
    params(Paging, ProblemReportFilter),
    responses((status = 200, body = Page<ProblemReportView>))
)]
#[get("/api/v1/problem-reports")]
async fn list_problem_reports(
    call: Call,
    paging: Query<Paging>,
    filter: Query<ProblemReportFilter>,
) -> Result<HttpResponse> {
    let directory = call.directory().await?;
    let scope = scope(&call, &directory, filter.0)?;
    call.listed(scope, &paging.0, directory).await
}

fn view(call: &Call, report: &ProblemReport, directory: &Directory) -> Result<ProblemReportView> {
    ProblemReportView::for_caller(&call.caller, report, directory, call.today())
}

/// Whose are asked for, as far as the caller reaches.
fn scope(call: &Call, directory: &Directory, filter: ProblemReportFilter) -> Result<Scope> {
    let named = directory.all_named("organization", &filter.organization, can_raise)?;
    let own = (call.reach() != Reach::Any).then(|| directory.own(&call.caller, call.today()));
    Ok(Scope {
        since: directory.since(filter.updated_since, call.today()),
        filter,
        organizations: within(named, own),
    })
}

fn can_raise(organization: &Organization) -> bool {
    matches!(organization.kind, Kind::Department | Kind::Party)
}

/// Raise a problem
///
/// By a department or party: a difficulty in carrying out the scheme, put to 市委统战部, which also records it for an
/// organization that nobody can act for (代录).
#[utoipa::path(
    tag = "problem-reports",
    request_body = NewProblemReport,
    responses((status = 201, body = ProblemReportView))
)]
#[post("/api/v1/problem-reports")]
async fn create_problem_report(call: Call, body: Json<NewProblemReport>) -> Result<HttpResponse> {
    call.write(async |tx| {
        // Locked: a department that ends without a successor has nothing open, and nothing is raised for it meanwhile.
        let directory = directory::load_locked(tx.conn).await?;
        let organization = raiser(&call, &directory, &body.0)?;
        let permit = call.caller.permit::<ops::CreateProblemReport>(organization)?;
        let timing = call.worker.timing.in_transaction(tx).await?;
        let id = steps::raise(tx, &permit, &directory, &timing, organization, &body.0).await?;
        let after = queries::get(tx.conn, id, &directory, tx.today()).await?;
        ProblemReport::record(
            tx,
            &permit,
            "problem_report.raised",
            &directory,
            (None, Some(&after)),
        )
        .await?;
        let location = format!("/api/v1/problem-reports/{id}");
        Answer::created(location, after.row.version, &view(&call, &after, &directory)?)
    })
    .await
}

/// Whose problem it is: one that stands today.
fn raiser<'d>(call: &Call, directory: &'d Directory, new: &NewProblemReport) -> Result<&'d Organization> {
    let found = match (&new.organization, &call.caller.organization) {
        (Some(named), _) => directory.find(named),
        (None, Some(_)) if call.caller.role == Some(Role::Coordinator) => {
            return Err(Problem::invalid(vec![Fault::at(
                "/organization",
                "required",
                "代录须注明反映单位。",
                "Name the organization that it is recorded for.",
            )]));
        }
        (None, Some(own)) => directory.get(own.id),
        (None, None) => None,
    };
    found
        .filter(|found| can_raise(found) && found.stands_on(call.today()))
        .ok_or_else(|| Problem::invalid(vec![Fault::unknown_reference("/organization")]))
}

/// Get a problem report
///
/// For who raised it, or acts for who did, and 市委统战部; for all others it does not exist.
#[utoipa::path(
    tag = "problem-reports",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = ProblemReportView))
)]
#[get("/api/v1/problem-reports/{id}")]
async fn get_problem_report(call: Call, id: Path<Id>) -> Result<HttpResponse> {
    let directory = call.directory().await?;
    let report = queries::get(&*call.reads().await?, id.0.0, &directory, call.today())
        .await?
        .seen_by(&call.caller, call.reach())?;
    call.one(report.row.version, &view(&call, &report, &directory)?)
}

/// Answer a problem report
///
/// By 市委统战部; who raised it is told.
#[utoipa::path(
    tag = "problem-reports",
    params(("id" = Uuid, Path)),
    request_body = AnswerProblemReport,
    responses((status = 200, body = ProblemReportView))
)]
#[post("/api/v1/problem-reports/{id}/answer")]
async fn answer_problem_report(
    call: Call,
    id: Path<Id>,
    body: Json<AnswerProblemReport>,
) -> Result<HttpResponse> {
    let event = "problem_report.answered";
    call.step::<ops::AnswerProblemReport, ProblemReport>(id.0.0, event, async |tx, permit, step| {
        steps::answer(tx, permit, step, &body.0).await
    })
    .await
}

/// Close a problem report
///
/// By 市委统战部, once it is answered; who raised it is told.
#[utoipa::path(
    tag = "problem-reports",
    params(("id" = Uuid, Path)),
    request_body = Empty,
    responses((status = 200, body = ProblemReportView))
)]
#[post("/api/v1/problem-reports/{id}/close")]
async fn close_problem_report(call: Call, id: Path<Id>, _: Json<Empty>) -> Result<HttpResponse> {
    call.step::<ops::CloseProblemReport, ProblemReport>(id.0.0, "problem_report.closed", steps::close)
        .await
}

/// The deadlines of a problem report, explained
///
/// Who has to do what by when: start, rule, days that were skipped and why, and why a day was moved.
#[utoipa::path(
    tag = "problem-reports",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = Deadlines))
)]
#[get("/api/v1/problem-reports/{id}/deadlines")]
async fn list_problem_report_deadlines(call: Call, id: Path<Id>) -> Result<HttpResponse> {
    let (directory, timing) = (call.directory().await?, call.worker.timing().await?);
    let reads = call.reads().await?;
    let report = queries::get(&reads, id.0.0, &directory, call.today())
        .await?
        .seen_by(&call.caller, call.reach())?;
    let deadlines = deadlines::of_subject(&reads, &directory, &timing, report.row.id, call.today()).await?;
    call.unversioned(&deadlines)
}
