use super::model::{ConfirmationFilter, ConfirmationView};
use super::policy::Confirmation;
use super::queries;
use crate::directory::{Directory, model::Kind, within};
use crate::http::call::Call;
use crate::http::extract::{Empty, Id, Json, Path, Query};
use crate::http::page::{Page, Paging};
use crate::http::registry::Registry;
use crate::policy::{Reach, ops};
use crate::problem::{Problem, Result};
use crate::resources::organizations::on_behalf::{self, is_on_behalf};
use crate::workflow::machine::allowed_actions;
use crate::workflow::subjects::{Subject, SubjectType};
use actix_web::{HttpResponse, get, post};
use uuid::Uuid;

pub fn configure(registry: &mut Registry) {
    registry
        .service(list_liaison_confirmations)
        .service(get_liaison_confirmation)
        .service(confirm_liaison_leader);
}

fn view(call: &Call, confirmation: &Confirmation, directory: &Directory) -> Result<ConfirmationView> {
    let mut view = ConfirmationView::new(&confirmation.row, directory, call.today())?;
    view.allowed_actions = allowed_actions(&call.caller, confirmation);
    Ok(view)
}

/// List quarterly confirmations
///
/// Who has said for which quarter that nothing changed, who has reported a change, and who is silent (`state=awaited`).
/// The latest quarter first. A department sees its own.
#[utoipa::path(
    tag = "liaison-leaders",
    params(Paging, ConfirmationFilter),
    responses((status = 200, body = Page<ConfirmationView>))
)]
#[get("/api/v1/liaison-confirmations")]
async fn list_liaison_confirmations(
    call: Call,
    paging: Query<Paging>,
    filter: Query<ConfirmationFilter>,
) -> Result<HttpResponse> {
    let directory = call.directory().await?;
    let departments = departments(&call, &directory, &filter.0)?;
    let reads = call.reads().await?;
    let since = directory.since(filter.0.updated_since, call.today());
    let rows = queries::list(&reads, &filter.0, departments.as_deref(), since).await?;
    let all = Confirmation::all(&reads, rows, &directory, call.today()).await?;
    let views = all.iter().map(|one| view(&call, one, &directory));
    let views = views.collect::<Result<Vec<_>>>()?;
    let wanted = |view: &ConfirmationView| filter.0.overdue.is_none_or(|overdue| view.overdue == overdue);
    let position = |id| directory.get(id).map_or(0, |department| department.position);
    let page = call
        .position(&paging.0)?
        .slice(views.into_iter().filter(wanted).collect(), |view| {
            (-view.year, -view.quarter, position(view.department.id), view.id)
        })?;
    call.list(&page).await
}

/// Whose are asked for, as far as the caller reaches; none: everybody's.
fn departments(call: &Call, directory: &Directory, filter: &ConfirmationFilter) -> Result<Option<Vec<Uuid>>> {
    let named = directory.all_named("department", &filter.department, |one| one.is(Kind::Department))?;
    let own = (call.reach() != Reach::Any).then(|| directory.own(&call.caller, call.today()));
    Ok(within(named, own))
}

/// Get a quarterly confirmation
///
/// A department gets its own.
#[utoipa::path(
    tag = "liaison-leaders",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = ConfirmationView))
)]
#[get("/api/v1/liaison-confirmations/{id}")]
async fn get_liaison_confirmation(call: Call, id: Path<Id>) -> Result<HttpResponse> {
    let directory = call.directory().await?;
    let confirmation = queries::get(&*call.reads().await?, id.0.0, &directory, call.today()).await?;
    if !confirmation.is_visible(&call.caller, call.reach()) {
        return Err(Problem::not_found());
    }
    call.one(confirmation.row.version, &view(&call, &confirmation, &directory)?)
}

/// Confirm that nothing has changed
///
/// 零报告, by the department, or 市委统战部 where nobody can act for it: leader, office and contacts are what they were in the quarter.
#[utoipa::path(
    tag = "liaison-leaders",
    params(("id" = Uuid, Path)),
    request_body = Empty,
    responses((status = 200, body = ConfirmationView))
)]
#[post("/api/v1/liaison-confirmations/{id}/confirm")]
async fn confirm_liaison_leader(call: Call, id: Path<Id>, _: Json<Empty>) -> Result<HttpResponse> {
    let event = "liaison_confirmation.confirmed";
    call.step::<ops::ConfirmLiaisonLeader, Confirmation>(id.0.0, event, async |tx, permit, step| {
        let row = &step.before.row;
        queries::confirm(tx, permit, row).await?;
        let unit = step.before.acting.unwrap_or(row.department_id);
        if is_on_behalf(tx, &call.caller, unit).await? {
            let title = format!("{}年第{}季度联络负责人确认", row.year, row.quarter);
            let subject = Subject::new(SubjectType::LiaisonConfirmation, row.id, title);
            on_behalf::tell(tx, unit, &subject, "该季度联络负责人情况无变动。").await?;
        }
        Ok(())
    })
    .await
}
