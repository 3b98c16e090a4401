use super::model::{Minutes, ReplaceMinutes};
use super::steps;
use crate::directory::Directory;
use crate::http::call::Call;
use crate::http::extract::{Id, Json, Path};
use crate::http::idempotency::Answer;
use crate::http::registry::Registry;
use crate::policy::ops;
use crate::problem::{Code, Fault, Problem, Result};
use crate::resources::meetings::{queries, record};
use crate::vocabulary::meetings::MeetingState;
use crate::workflow::machine;
use actix_web::{HttpResponse, get, put};
use chrono::NaiveDate;
use uuid::Uuid;

pub fn configure(registry: &mut Registry) {
    registry.service(get_minutes).service(replace_minutes);
}

/// The minutes of a meeting
///
/// For its hosts; for all who see the meeting once it is concluded, and empty until then. The `ETag` is the meeting's.
#[utoipa::path(
    tag = "meetings",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = Minutes))
)]
#[get("/api/v1/meetings/{id}/minutes")]
async fn get_minutes(call: Call, id: Path<Id>) -> Result<HttpResponse> {
    let directory = call.directory().await?;
    let meeting = queries::get(&*call.reads().await?, id.0.0, &directory, call.now)
        .await?
        .seen_by(&call.caller)?;
    let minutes = Minutes::for_caller(&call.caller, &meeting, &directory)?;
    call.one(meeting.row.version, &minutes)
}

/// Write the minutes
///
/// By a host, once the meeting is convened and until it is concluded, which makes them final. The owner of a follow-up may be
/// any organization: it sees the meeting then, and has the follow-up among its to-dos.
#[utoipa::path(
    tag = "meetings",
    params(("id" = Uuid, Path)),
    request_body = ReplaceMinutes,
    responses((status = 200, body = Minutes))
)]
#[put("/api/v1/meetings/{id}/minutes")]
async fn replace_minutes(call: Call, id: Path<Id>, body: Json<ReplaceMinutes>) -> Result<HttpResponse> {
    call.write(async |tx| {
        let directory = call.worker.directory_in(tx).await?;
        let owners = owners(&directory, &body.0, tx.today())?;
        let before = queries::get_locked(tx, id.0.0, &directory)
            .await?
            .seen_by(&call.caller)?;
        let permit = call.caller.permit::<ops::ReplaceMinutes>(&before)?;
        tx.matches(before.row.version)?;
        if !matches!(before.row.state, MeetingState::Convened | MeetingState::Held) {
            return Err(machine::refusal(&before, &call.caller, Code::StepNotAllowed));
        }
        steps::replace(tx, &permit, before.row.id, &body.0, &owners).await?;
        let after = queries::get(tx.conn, before.row.id, &directory, tx.now()).await?;
        let (was, minutes) = (
            Minutes::new(&before, &directory)?,
            Minutes::new(&after, &directory)?,
        );
        let parts = (Some(&was), Some(&minutes));
        record::part_changed(tx, &permit, "meeting.minutes_written", &directory, &after, parts).await?;
        Answer::ok(after.row.version, &minutes)
    })
    .await
}

fn owners(directory: &Directory, minutes: &ReplaceMinutes, today: NaiveDate) -> Result<Vec<Uuid>> {
    let (mut owners, mut faults) = (Vec::new(), Vec::new());
    for (index, follow_up) in minutes.follow_ups.iter().enumerate() {
        match directory
            .find(&follow_up.owner)
            .filter(|owner| owner.stands_on(today))
        {
            Some(owner) => owners.push(owner.id),
            None => faults.push(Fault::unknown_reference(format!("/follow_ups/{index}/owner"))),
        }
    }
    if faults.is_empty() {
        Ok(owners)
    } else {
        Err(Problem::invalid(faults))
    }
}
