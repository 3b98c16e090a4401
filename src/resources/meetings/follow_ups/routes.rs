use super::model::{CompleteFollowUp, FollowUpFilter, FollowUpView};
use super::policy::FollowUp;
use super::queries::{self, Scope};
use super::steps;
use crate::directory::Directory;
use crate::http::call::Call;
use crate::http::extract::{Id, Json, Path, Query};
use crate::http::page::{Page, Paging};
use crate::http::registry::Registry;
use crate::policy::ops;
use crate::problem::Result;
use crate::resources::meetings::queries::Sight;
use actix_web::{HttpResponse, get, post};

pub fn configure(registry: &mut Registry) {
    registry
        .service(list_meeting_follow_ups)
        .service(get_meeting_follow_up)
        .service(complete_meeting_follow_up);
}

/// List follow-ups of meetings
///
/// Of concluded meetings that the caller sees, by due day.
#[utoipa::path(
    tag = "meetings",
    params(Paging, FollowUpFilter),
    responses((status = 200, body = Page<FollowUpView>))
)]
#[get("/api/v1/meeting-follow-ups")]
async fn list_meeting_follow_ups(
    call: Call,
    paging: Query<Paging>,
    filter: Query<FollowUpFilter>,
) -> Result<HttpResponse> {
    let directory = call.directory().await?;
    let scope = scope(&call, &directory, filter.0)?;
    call.listed(scope, &paging.0, directory).await
}

fn scope(call: &Call, directory: &Directory, filter: FollowUpFilter) -> Result<Scope> {
    Ok(Scope {
        sight: sight(call, directory),
        since: directory.since(filter.updated_since, call.today()),
        owners: directory.all_named("owner", &filter.owner, |_| true)?,
        filter,
        today: call.today(),
    })
}

fn sight(call: &Call, directory: &Directory) -> Sight {
    Sight::of(&call.caller, directory, call.today())
}

fn view(call: &Call, follow_up: &FollowUp, directory: &Directory) -> Result<FollowUpView> {
    FollowUpView::for_caller(&call.caller, follow_up, directory, call.today())
}

/// Get a follow-up of a meeting
///
/// For all who see the meeting, which its owner does.
#[utoipa::path(
    tag = "meetings",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = FollowUpView))
)]
#[get("/api/v1/meeting-follow-ups/{id}")]
async fn get_meeting_follow_up(call: Call, id: Path<Id>) -> Result<HttpResponse> {
    let directory = call.directory().await?;
    let (reads, sight) = (call.reads().await?, sight(&call, &directory));
    let found = queries::get(&reads, id.0.0, &sight, &directory, call.today()).await?;
    call.one(found.row.version, &view(&call, &found, &directory)?)
}

/// Report a follow-up as done
///
/// By its owner, also after its due day, which stays on record; the hosts of the meeting are told.
#[utoipa::path(
    tag = "meetings",
    params(("id" = Uuid, Path)),
    request_body = CompleteFollowUp,
    responses((status = 200, body = FollowUpView))
)]
#[post("/api/v1/meeting-follow-ups/{id}/complete")]
async fn complete_meeting_follow_up(
    call: Call,
    id: Path<Id>,
    body: Json<CompleteFollowUp>,
) -> Result<HttpResponse> {
    let event = "meeting_follow_up.completed";
    call.step::<ops::CompleteMeetingFollowUp, FollowUp>(id.0.0, event, async |tx, permit, step| {
        steps::complete(tx, permit, step, &body.0.text).await
    })
    .await
}
