use super::model::{ReportingDutyFilter, ReportingDutyView, Row, Running};
use super::policy::is_visible;
use super::queries;
use crate::directory::{Directory, model::Kind, within};
use crate::http::call::Call;
use crate::http::extract::{Id, Path, Query};
use crate::http::page::{Page, Paging};
use crate::http::registry::Registry;
use crate::policy::Reach;
use crate::problem::{Problem, Result};
use crate::workflow::deadlines::{self, Deadlines};
use actix_web::{HttpResponse, get};
use chrono::Datelike;
use uuid::Uuid;

pub fn configure(registry: &mut Registry) {
    registry
        .service(list_reporting_duties)
        .service(get_reporting_duty)
        .service(list_reporting_duty_deadlines);
}

/// List plans and reports that are owed
///
/// Who owes which plan or report until when, who has sent it, late or in time, and who has sent nothing (`state=awaited`). The
/// latest period first. A department sees its own.
#[utoipa::path(
    tag = "plans-and-reports",
    params(Paging, ReportingDutyFilter),
    responses((status = 200, body = Page<ReportingDutyView>))
)]
#[get("/api/v1/reporting-duties")]
async fn list_reporting_duties(
    call: Call,
    paging: Query<Paging>,
    filter: Query<ReportingDutyFilter>,
) -> Result<HttpResponse> {
    let directory = call.directory().await?;
    let filter = filter.0;
    let departments = departments(&call, &directory, &filter.department)?;
    let since = directory.since(filter.updated_since, call.today());
    let reads = call.reads().await?;
    let rows = queries::list(&reads, &filter, departments.as_deref(), since).await?;
    let current = queries::current_versions(&reads, &rows).await?;
    let views = rows
        .iter()
        .map(|row| ReportingDutyView::new(row, &current, &directory, call.today()))
        .collect::<Result<Vec<_>>>()?;
    let wanted = |view: &ReportingDutyView| {
        filter.overdue.is_none_or(|overdue| view.overdue == overdue)
            && (filter.state.is_empty() || filter.state.contains(&view.state))
    };
    let position = |id| directory.get(id).map_or(0, |department| department.position);
    let page = call
        .position(&paging.0)?
        .slice(views.into_iter().filter(wanted).collect(), |view| {
            let period = (
                -view.period.to.num_days_from_ce(),
                -view.period.from.num_days_from_ce(),
            );
            let kind: &str = view.kind.into();
            (period, kind.to_owned(), position(view.department.id), view.id)
        })?;
    call.list(&page).await
}

/// Whose are asked for, as far as the caller reaches; none: everybody's.
///
/// # Errors
/// 422 for what is no department.
fn departments(call: &Call, directory: &Directory, named: &[String]) -> Result<Option<Vec<Uuid>>> {
    let named = directory.all_named("department", named, |one| one.is(Kind::Department))?;
    let own = (call.reach() != Reach::Any).then(|| directory.own(&call.caller, call.today()));
    Ok(within(named, own))
}

async fn visible(call: &Call, directory: &Directory, id: Uuid) -> Result<(Row, Running)> {
    let duty = queries::get(&*call.reads().await?, id).await?;
    match is_visible(&duty.0, &call.caller, call.reach(), directory, call.today()) {
        true => Ok(duty),
        false => Err(Problem::not_found()),
    }
}

/// Get what is owed
///
/// A department gets its own.
#[utoipa::path(
    tag = "plans-and-reports",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = ReportingDutyView))
)]
#[get("/api/v1/reporting-duties/{id}")]
async fn get_reporting_duty(call: Call, id: Path<Id>) -> Result<HttpResponse> {
    let directory = call.directory().await?;
    let duty = visible(&call, &directory, id.0.0).await?;
    let duty = [duty];
    let current = queries::current_versions(&*call.reads().await?, &duty).await?;
    call.unversioned(&ReportingDutyView::new(
        &duty[0],
        &current,
        &directory,
        call.today(),
    )?)
}

/// The deadline of what is owed, explained
///
/// Start, rule, days that were skipped and why, and why the day was moved.
#[utoipa::path(
    tag = "plans-and-reports",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = Deadlines))
)]
#[get("/api/v1/reporting-duties/{id}/deadlines")]
async fn list_reporting_duty_deadlines(call: Call, id: Path<Id>) -> Result<HttpResponse> {
    let (directory, timing) = (call.directory().await?, call.worker.timing().await?);
    let (row, _) = visible(&call, &directory, id.0.0).await?;
    let reads = call.reads().await?;
    let deadlines = deadlines::of_subject(&reads, &directory, &timing, row.id, call.today()).await?;
    call.unversioned(&deadlines)
}
