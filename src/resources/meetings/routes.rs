use super::content::{CancelMeeting, NewMeeting, PatchMeeting, PostponeMeeting};
use super::draft::{self, Known};
use super::model::{MeetingFilter, MeetingView};
use super::policy::Meeting;
use super::queries::{self, Scope, Sight};
use super::{links, record, steps, writes};
use crate::directory::model::{Kind, Organization};
use crate::directory::{self, Directory};
use crate::http::call::Call;
use crate::http::extract::{Empty, Id, Input, Json, Path, Query};
use crate::http::idempotency::Answer;
use crate::http::page::{Page, Paging};
use crate::http::registry::Registry;
use crate::policy::ops;
use crate::problem::{Code, Fault, Problem, Result};
use crate::resources::attachments::carriers::Carrier;
use crate::resources::attachments::queries::remove_all_of;
use crate::workflow::deadlines::{self, Deadlines};
use crate::workflow::machine::Related;
use actix_web::{HttpResponse, delete, get, patch, post};

pub fn configure(registry: &mut Registry) {
    registry
        .service(list_meetings)
        .service(create_meeting)
        .service(get_meeting)
        .service(update_meeting)
        .service(delete_meeting)
        .service(convene_meeting)
        .service(postpone_meeting)
        .service(cancel_meeting)
        .service(hold_meeting)
        .service(conclude_meeting)
        .service(list_meeting_deadlines);
}

/// List meetings
///
/// The latest first. A department or party sees what it hosts, is invited to, or has a follow-up of; 市委统战部 and
/// 市政府办公室 see all that are convened; drafts are their hosts' alone. `from` and `to` ask for a range of days.
#[utoipa::path(
    tag = "meetings",
    params(Paging, MeetingFilter),
    responses((status = 200, body = Page<MeetingView>))
)]
#[get("/api/v1/meetings")]
async fn list_meetings(
    call: Call,
    paging: Query<Paging>,
    filter: Query<MeetingFilter>,
) -> Result<HttpResponse> {
    let directory = call.directory().await?;
    let scope = scope(&call, &directory, filter.0)?;
    call.listed(scope, &paging.0, directory).await
}

fn scope(call: &Call, directory: &Directory, filter: MeetingFilter) -> Result<Scope> {
    let [hosts, parties, attended_by] = directory.sets_named([
        ("host", &filter.host, None),
        ("party", &filter.party, None),
        ("attended_by", &filter.attended_by, None),
    ])?;
    Ok(Scope {
        sight: Sight::of(&call.caller, directory, call.today()),
        since: directory.since(filter.updated_since, call.today()),
        filter,
        hosts,
        parties,
        attended_by,
    })
}

/// Draft a meeting
///
/// By a department that is among the hosts, or by 市委统战部. It may lie in the past, since activities are often recorded
/// afterwards. Until it is convened it exists for its hosts alone, and nobody is told. Parties outside the assignment are
/// marked, never refused; a time at which somebody has something else is pointed out in `conflicts`.
#[utoipa::path(
    tag = "meetings",
    request_body = NewMeeting,
    responses((status = 201, body = MeetingView))
)]
#[post("/api/v1/meetings")]
async fn create_meeting(call: Call, body: Json<NewMeeting>) -> Result<HttpResponse> {
    call.write(async |tx| {
        // Locked: a department that ends without a successor holds nothing, and nothing is made for it meanwhile.
        let directory = directory::load_locked(tx.conn).await?;
        let own = own(&call, &directory)?;
        let around = (&[][..], &directory, tx.now());
        let faults = links::faults(tx.conn, &call.caller, &body.0.agenda, around).await?;
        let people = draft::people(&directory, tx.today(), &body.0, (own.id, own.kind), faults)?;
        let among = Related(people.hosts.contains(&(own.id, own.kind)));
        let permit = call.caller.permit::<ops::CreateMeeting>(&among)?;
        let timing = call.worker.timing.in_transaction(tx).await?;
        let due_on = body
            .0
            .decision
            .as_ref()
            .map(|one| draft::opinions_due_on(&timing, one));
        let id = writes::insert(tx, &permit, &body.0, due_on, &people).await?;
        let after = queries::get(tx.conn, id, &directory, tx.now()).await?;
        record::changed(tx, &permit, "meeting.created", &directory, None, &after).await?;
        let view = record::view(tx.conn, &call.caller, &after, &directory).await?;
        Answer::created(format!("/api/v1/meetings/{id}"), after.row.version, &view)
    })
    .await
}

/// The caller's organization, which is to be among the hosts.
fn own<'d>(call: &Call, directory: &'d Directory) -> Result<&'d Organization> {
    let own = call
        .caller
        .organization
        .as_ref()
        .and_then(|own| directory.get(own.id));
    own.filter(|own| matches!(own.kind, Kind::Department | Kind::Coordinator))
        .ok_or_else(|| Problem::new(Code::NotYours))
}

/// Get a meeting
///
/// For its hosts; once it is convened for whoever is invited, and for the two offices; once it is concluded also for who has
/// a follow-up of it to do.
#[utoipa::path(
    tag = "meetings",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = MeetingView))
)]
#[get("/api/v1/meetings/{id}")]
async fn get_meeting(call: Call, id: Path<Id>) -> Result<HttpResponse> {
    let directory = call.directory().await?;
    let reads = call.reads().await?;
    let meeting = queries::get(&reads, id.0.0, &directory, call.now)
        .await?
        .seen_by(&call.caller)?;
    let view = record::view(&reads, &call.caller, &meeting, &directory).await?;
    call.one(meeting.row.version, &view)
}

/// Change a draft
///
/// By a host that stays among the hosts (RFC 7396). What is convened is changed by its steps alone.
#[utoipa::path(
    tag = "meetings",
    params(("id" = Uuid, Path)),
    request_body = PatchMeeting,
    responses((status = 200, body = MeetingView))
)]
#[patch("/api/v1/meetings/{id}")]
async fn update_meeting(call: Call, id: Path<Id>, body: Json<PatchMeeting>) -> Result<HttpResponse> {
    call.step::<ops::UpdateMeeting, Meeting>(id.0.0, "meeting.updated", async |tx, permit, step| {
        let (before, directory) = (&step.before, step.directory);
        let mut faults = Vec::new();
        let new = body.0.onto(draft::content_of(before), &mut faults);
        new.check(&mut faults);
        if !faults.is_empty() {
            return Err(Problem::invalid(faults));
        }
        let own = own(&call, directory)?;
        let around = (&before.agenda[..], directory, tx.now());
        let faults = links::faults(tx.conn, &call.caller, &new.agenda, around).await?;
        let people = draft::people(directory, tx.today(), &new, (own.id, own.kind), faults)?;
        call.caller
            .permit::<ops::UpdateMeeting>(&Related(is_among(&people.hosts, &call, directory)))?;
        let due_on = new
            .decision
            .as_ref()
            .map(|one| draft::opinions_due_on(step.timing, one));
        writes::replace(tx, permit, before.row.id, &new, due_on, &people).await
    })
    .await
}

fn is_among(hosts: &[Known], call: &Call, directory: &Directory) -> bool {
    let mut acting = hosts
        .iter()
        .filter_map(|(host, _)| directory.acting(*host, call.today()));
    acting.any(|host| call.caller.is_of(host.id))
}

/// Delete a draft
///
/// By a host. What is convened is cancelled instead.
#[utoipa::path(tag = "meetings", params(("id" = Uuid, Path)), responses((status = 204)))]
#[delete("/api/v1/meetings/{id}")]
async fn delete_meeting(call: Call, id: Path<Id>) -> Result<HttpResponse> {
    call.delete::<ops::DeleteMeeting, Meeting>(id.0.0, "meeting.deleted", async |tx, permit, step| {
        let id = step.before.row.id;
        writes::delete(tx, permit, id).await?;
        remove_all_of(tx, permit, Carrier::Meeting, id).await
    })
    .await
}

/// Convene a meeting
///
/// By a host. Everybody who is invited is told and asked for an answer; parties among the co-hosts have accepted. Where
/// something is to be decided, parties are asked for their opinions.
#[utoipa::path(
    tag = "meetings",
    params(("id" = Uuid, Path)),
    request_body = Empty,
    responses((status = 200, body = MeetingView))
)]
#[post("/api/v1/meetings/{id}/convene")]
async fn convene_meeting(call: Call, id: Path<Id>, _: Json<Empty>) -> Result<HttpResponse> {
    call.step::<ops::ConveneMeeting, Meeting>(id.0.0, "meeting.convened", steps::convene)
        .await
}

/// Postpone a meeting, or bring it forward
///
/// By a host, to any other time. Everybody who is invited is told, and all answers are pending again.
#[utoipa::path(
    tag = "meetings",
    params(("id" = Uuid, Path)),
    request_body = PostponeMeeting,
    responses((status = 200, body = MeetingView))
)]
#[post("/api/v1/meetings/{id}/postpone")]
async fn postpone_meeting(call: Call, id: Path<Id>, body: Json<PostponeMeeting>) -> Result<HttpResponse> {
    call.step::<ops::PostponeMeeting, Meeting>(id.0.0, "meeting.postponed", async |tx, permit, step| {
        refuse_place_in_writing(&step.before, &body.0)?;
        steps::postpone(tx, permit, step, &body.0).await
    })
    .await
}

fn refuse_place_in_writing(meeting: &Meeting, to: &PostponeMeeting) -> Result<()> {
    use crate::vocabulary::meetings::MeetingForm;
    let given = [
        ("/place", to.place.is_some()),
        ("/online_address", to.online_address.is_some()),
    ];
    let faults: Vec<Fault> = given
        .into_iter()
        .filter(|(_, given)| *given && meeting.row.form == MeetingForm::Written)
        .map(|(pointer, _)| {
            Fault::at(
                pointer,
                "not_allowed",
                "书面形式没有地点。",
                "What is in writing has no place.",
            )
        })
        .collect();
    if faults.is_empty() {
        Ok(())
    } else {
        Err(Problem::invalid(faults))
    }
}

/// Cancel a meeting
///
/// By a host, before it is held; everybody who is invited is told why.
#[utoipa::path(
    tag = "meetings",
    params(("id" = Uuid, Path)),
    request_body = CancelMeeting,
    responses((status = 200, body = MeetingView))
)]
#[post("/api/v1/meetings/{id}/cancel")]
async fn cancel_meeting(call: Call, id: Path<Id>, body: Json<CancelMeeting>) -> Result<HttpResponse> {
    call.step::<ops::CancelMeeting, Meeting>(id.0.0, "meeting.cancelled", async |tx, permit, step| {
        steps::cancel(tx, permit, step, &body.0.reason).await
    })
    .await
}

/// Record that a meeting was held
///
/// By a host, not before it begins. Attendance is recorded then. What is in writing is not held.
#[utoipa::path(
    tag = "meetings",
    params(("id" = Uuid, Path)),
    request_body = Empty,
    responses((status = 200, body = MeetingView))
)]
#[post("/api/v1/meetings/{id}/hold")]
async fn hold_meeting(call: Call, id: Path<Id>, _: Json<Empty>) -> Result<HttpResponse> {
    call.step::<ops::HoldMeeting, Meeting>(id.0.0, "meeting.held", steps::hold)
        .await
}

/// Conclude a meeting
///
/// By a host, once it is held and its minutes are written; in writing, once it is convened. Who is not on record as present
/// was absent; follow-ups become their owners' to-dos; whether it counts is in `counts`.
#[utoipa::path(
    tag = "meetings",
    params(("id" = Uuid, Path)),
    request_body = Empty,
    responses((status = 200, body = MeetingView))
)]
#[post("/api/v1/meetings/{id}/conclude")]
async fn conclude_meeting(call: Call, id: Path<Id>, _: Json<Empty>) -> Result<HttpResponse> {
    call.step::<ops::ConcludeMeeting, Meeting>(id.0.0, "meeting.concluded", steps::conclude)
        .await
}

/// The deadlines of a meeting, explained
///
/// Who has to answer or give an opinion by when. Whoever is invited sees its own, hosts and the two offices all.
#[utoipa::path(
    tag = "meetings",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = Deadlines))
)]
#[get("/api/v1/meetings/{id}/deadlines")]
async fn list_meeting_deadlines(call: Call, id: Path<Id>) -> Result<HttpResponse> {
    let (directory, timing) = (call.directory().await?, call.worker.timing().await?);
    let reads = call.reads().await?;
    let meeting = queries::get(&reads, id.0.0, &directory, call.now)
        .await?
        .seen_by(&call.caller)?;
    let mut deadlines =
        deadlines::of_subject(&reads, &directory, &timing, meeting.row.id, call.today()).await?;
    if !meeting.oversees(&call.caller) {
        let own = Sight::of(&call.caller, &directory, call.today()).own;
        deadlines.items.retain(|one| own.contains(&one.organization.id));
    }
    call.unversioned(&deadlines)
}
