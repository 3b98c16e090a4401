use super::model::{InvitationView, RespondToInvitation, is_answerable};
use super::steps;
use crate::directory::Directory;
use crate::http::call::Call;
use crate::http::extract::{Id, Json, Path};
use crate::http::idempotency::Answer;
use crate::http::page::Page;
use crate::http::registry::Registry;
use crate::policy::ops;
use crate::problem::{Code, Fault, Problem, Result};
use crate::resources::meetings::content::Invite;
use crate::resources::meetings::draft::{self, Known, Whom};
use crate::resources::meetings::policy::Meeting;
use crate::resources::meetings::{queries, record};
use crate::vocabulary::meetings::MeetingState;
use crate::work::Tx;
use crate::workflow::machine;
use crate::workflow::machine::Related;
use actix_web::{HttpResponse, delete, get, post};
use uuid::Uuid;

pub fn configure(registry: &mut Registry) {
    registry
        .service(list_invitations)
        .service(invite_to_meeting)
        .service(withdraw_invitation)
        .service(respond_to_invitation);
}

/// List a meeting's invitations
///
/// For all who see the meeting: who is invited, what they say, who came. Why somebody declined, and disputes, are for itself,
/// the hosts and the two offices. The `ETag` is the meeting's.
#[utoipa::path(
    tag = "meetings",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = Page<InvitationView>))
)]
#[get("/api/v1/meetings/{id}/invitations")]
async fn list_invitations(call: Call, id: Path<Id>) -> Result<HttpResponse> {
    let directory = call.directory().await?;
    let meeting = queries::get(&*call.reads().await?, id.0.0, &directory, call.now)
        .await?
        .seen_by(&call.caller)?;
    let page = InvitationView::all(&call.caller, &meeting, &directory)?;
    call.page_of(meeting.row.version, &page)
}

/// A meeting that is there for the caller, held until the end of the transaction.
async fn seen(call: &Call, tx: &mut Tx<'_>, id: Uuid, directory: &Directory) -> Result<Meeting> {
    queries::get_locked(tx, id, directory)
        .await?
        .seen_by(&call.caller)
}

/// Invite further ones
///
/// By a host, until the meeting is concluded; also after it was held, for who came without having been invited. Who is invited
/// to what is convened is told and asked at once. Answers all invitations as they are then.
#[utoipa::path(
    tag = "meetings",
    params(("id" = Uuid, Path)),
    request_body = Invite,
    responses((status = 201, body = Page<InvitationView>))
)]
#[post("/api/v1/meetings/{id}/invitations")]
async fn invite_to_meeting(call: Call, id: Path<Id>, body: Json<Invite>) -> Result<HttpResponse> {
    call.write(async |tx| {
        let directory = call.worker.directory_in(tx).await?;
        let meeting = seen(&call, tx, id.0.0, &directory).await?;
        let permit = call.caller.permit::<ops::InviteToMeeting>(&meeting)?;
        tx.matches(meeting.row.version)?;
        let hosts: Vec<Known> = meeting.hosts.iter().map(|host| (host.id, host.kind)).collect();
        let new = draft::further(&directory, tx.today(), &body.0, &hosts)?;
        if matches!(
            meeting.row.state,
            MeetingState::Concluded | MeetingState::Cancelled
        ) {
            return Err(machine::refusal(&meeting, &call.caller, Code::StepNotAllowed));
        }
        let invited = |id| {
            meeting
                .invitations
                .iter()
                .any(|one| one.row.organization_id == Some(id))
        };
        if new
            .iter()
            .any(|one| matches!(one.whom, Whom::Organization((id, _)) if invited(id)))
        {
            return Err(Problem::new(Code::AlreadyInvited));
        }
        let timing = call.worker.timing.in_transaction(tx).await?;
        let after = steps::invite(tx, &permit, &directory, &timing, &meeting, &new).await?;
        let before = InvitationView::all(&call.caller, &meeting, &directory)?.items;
        let page = InvitationView::all(&call.caller, &after, &directory)?;
        let parts = (Some(&before), Some(&page.items));
        record::part_changed(tx, &permit, "meeting.invited", &directory, &after, parts).await?;
        let location = format!("/api/v1/meetings/{}/invitations", after.row.id);
        Answer::created(location, after.row.version, &page)
    })
    .await
}

/// Take an invitation back
///
/// By a host, before the meeting is convened; whoever has been told stays invited.
#[utoipa::path(
    tag = "meetings",
    params(("id" = Uuid, Path), ("invitation" = Uuid, Path)),
    responses((status = 204))
)]
#[delete("/api/v1/meetings/{id}/invitations/{invitation}")]
async fn withdraw_invitation(call: Call, path: Path<(Id, Id)>) -> Result<HttpResponse> {
    let (id, invitation) = path.0;
    call.write(async |tx| {
        let directory = call.worker.directory_in(tx).await?;
        let meeting = seen(&call, tx, id.0, &directory).await?;
        let invitation = meeting.invitation(invitation.0)?;
        let permit = call.caller.permit::<ops::WithdrawInvitation>(&meeting)?;
        tx.matches(meeting.row.version)?;
        if !meeting.is_draft() {
            return Err(machine::refusal(&meeting, &call.caller, Code::StepNotAllowed));
        }
        steps::withdraw(tx, &permit, invitation).await?;
        let before = InvitationView::new(invitation, &meeting, &directory)?;
        let parts = (Some(&before), None);
        record::part_changed(
            tx,
            &permit,
            "meeting.invitation_withdrawn",
            &directory,
            &meeting,
            parts,
        )
        .await?;
        Ok(Answer::nothing())
    })
    .await
}

/// Answer an invitation
///
/// By the organization that is invited, for a guest by a host, for an organization that nobody can act for by 市委统战部 (代录), until the meeting begins; the last answer holds. It names who
/// comes, and who stands in for whom; the hosts are told.
#[utoipa::path(
    tag = "meetings",
    params(("id" = Uuid, Path), ("invitation" = Uuid, Path)),
    request_body = RespondToInvitation,
    responses((status = 200, body = InvitationView))
)]
#[post("/api/v1/meetings/{id}/invitations/{invitation}/respond")]
async fn respond_to_invitation(
    call: Call,
    path: Path<(Id, Id)>,
    body: Json<RespondToInvitation>,
) -> Result<HttpResponse> {
    let (id, invitation) = path.0;
    call.write(async |tx| {
        let directory = call.worker.directory_in(tx).await?;
        let meeting = seen(&call, tx, id.0, &directory).await?;
        let before = meeting.invitation(invitation.0)?;
        let answers = Related(meeting.answers(&call.caller, before));
        let permit = call.caller.permit::<ops::RespondToInvitation>(&answers)?;
        within_quota(before.row.quota, body.0.attendees.len())?;
        tx.matches(meeting.row.version)?;
        if meeting.row.state != MeetingState::Convened {
            return Err(machine::refusal(&meeting, &call.caller, Code::StepNotAllowed));
        }
        if !is_answerable(&meeting) {
            return Err(Problem::new(Code::MeetingBegun));
        }
        steps::respond(tx, &permit, &directory, &meeting, before, &body.0).await?;
        let after = queries::get(tx.conn, meeting.row.id, &directory, tx.now()).await?;
        let now = after.invitation(invitation.0)?;
        let parts = (
            Some(&InvitationView::new(before, &meeting, &directory)?),
            Some(&InvitationView::new(now, &after, &directory)?),
        );
        record::part_changed(
            tx,
            &permit,
            "meeting.invitation_answered",
            &directory,
            &after,
            parts,
        )
        .await?;
        let view = InvitationView::for_caller(&call.caller, now, &after, &directory)?;
        Answer::ok(after.row.version, &view)
    })
    .await
}

fn within_quota(quota: Option<i32>, attendees: usize) -> Result<()> {
    match quota.and_then(|quota| usize::try_from(quota).ok()) {
        Some(quota) if attendees > quota => Err(Problem::invalid(vec![Fault::at(
            "/attendees",
            "too_many",
            "参会人员超过名额。",
            "More than may come.",
        )])),
        _ => Ok(()),
    }
}
