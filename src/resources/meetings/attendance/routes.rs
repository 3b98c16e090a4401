use super::model::{AttendanceSheet, DecideAttendanceDispute, DisputeAttendance, ReplaceAttendance};
use super::steps;
use crate::directory::Directory;
use crate::http::call::Call;
use crate::http::extract::{Id, Json, Path};
use crate::http::idempotency::Answer;
use crate::http::registry::Registry;
use crate::policy::{Operation, Permit, ops};
use crate::problem::{Code, Fault, Problem, Result};
use crate::resources::meetings::invitations::model::{InvitationView, is_disputable};
use crate::resources::meetings::policy::Meeting;
use crate::resources::meetings::{queries, record};
use crate::vocabulary::meetings::{MeetingForm, MeetingState};
use crate::work::Tx;
use crate::workflow::machine;
use crate::workflow::machine::Related;
use actix_web::{HttpResponse, get, post, put};
use uuid::Uuid;

pub fn configure(registry: &mut Registry) {
    registry
        .service(get_attendance)
        .service(replace_attendance)
        .service(dispute_attendance)
        .service(decide_attendance_dispute);
}

/// Who came
///
/// For all who see the meeting, by invitation. The `ETag` is the meeting's.
#[utoipa::path(
    tag = "meetings",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = AttendanceSheet))
)]
#[get("/api/v1/meetings/{id}/attendance")]
async fn get_attendance(call: Call, id: Path<Id>) -> Result<HttpResponse> {
    let directory = call.directory().await?;
    let meeting = queries::get(&*call.reads().await?, id.0.0, &directory, call.now)
        .await?
        .seen_by(&call.caller)?;
    let sheet = AttendanceSheet::for_caller(&call.caller, &meeting, &directory)?;
    call.one(meeting.row.version, &sheet)
}

/// Record who came
///
/// By a host, once the meeting is held and until it is concluded; whoever is left out was absent. `present` means in person.
/// All whose record changes are told, and a party may dispute it. What 市委统战部 has decided upon a dispute stays.
#[utoipa::path(
    tag = "meetings",
    params(("id" = Uuid, Path)),
    request_body = ReplaceAttendance,
    responses((status = 200, body = AttendanceSheet))
)]
#[put("/api/v1/meetings/{id}/attendance")]
async fn replace_attendance(call: Call, id: Path<Id>, body: Json<ReplaceAttendance>) -> Result<HttpResponse> {
    call.write(async |tx| {
        let directory = call.worker.directory_in(tx).await?;
        let before = queries::get_locked(tx, id.0.0, &directory)
            .await?
            .seen_by(&call.caller)?;
        let permit = call.caller.permit::<ops::ReplaceAttendance>(&before)?;
        refuse_strangers(&before, &body.0)?;
        tx.matches(before.row.version)?;
        if before.row.state != MeetingState::Held || before.row.form == MeetingForm::Written {
            return Err(machine::refusal(&before, &call.caller, Code::StepNotAllowed));
        }
        let timing = call.worker.timing.in_transaction(tx).await?;
        steps::replace(tx, &permit, &directory, &timing, &before, &body.0).await?;
        let after = queries::get(tx.conn, before.row.id, &directory, tx.now()).await?;
        let sheet = AttendanceSheet::for_caller(&call.caller, &after, &directory)?;
        let was = AttendanceSheet::for_caller(&call.caller, &before, &directory)?;
        let parts = (Some(&was), Some(&sheet));
        record::part_changed(
            tx,
            &permit,
            "meeting.attendance_recorded",
            &directory,
            &after,
            parts,
        )
        .await?;
        Answer::ok(after.row.version, &sheet)
    })
    .await
}

fn refuse_strangers(meeting: &Meeting, sheet: &ReplaceAttendance) -> Result<()> {
    let items = sheet.items.iter().enumerate();
    let strangers = items.filter(|(_, item)| meeting.invitation(item.invitation).is_err());
    let faults: Vec<Fault> = strangers
        .map(|(index, _)| Fault::unknown_reference(format!("/items/{index}/invitation")))
        .collect();
    if faults.is_empty() {
        Ok(())
    } else {
        Err(Problem::invalid(faults))
    }
}

async fn seen(call: &Call, tx: &mut Tx<'_>, id: Uuid, directory: &Directory) -> Result<Meeting> {
    queries::get_locked(tx, id, directory)
        .await?
        .seen_by(&call.caller)
}

/// The invitation afterwards, put on record.
async fn finish<O: Operation>(
    call: &Call,
    tx: &mut Tx<'_>,
    permit: &Permit<O>,
    event: &'static str,
    directory: &Directory,
    (before, invitation): (&Meeting, Uuid),
) -> Result<Answer> {
    let after = queries::get(tx.conn, before.row.id, directory, tx.now()).await?;
    let now = after.invitation(invitation)?;
    let parts = (
        Some(&InvitationView::new(
            before.invitation(invitation)?,
            before,
            directory,
        )?),
        Some(&InvitationView::new(now, &after, directory)?),
    );
    record::part_changed(tx, permit, event, directory, &after, parts).await?;
    let view = InvitationView::for_caller(&call.caller, now, &after, directory)?;
    Answer::ok(after.row.version, &view)
}

/// Dispute what is recorded of one's attendance
///
/// By a party that is invited, once, within the term that began when it was recorded; 市委统战部 and the hosts are told.
#[utoipa::path(
    tag = "meetings",
    params(("id" = Uuid, Path), ("invitation" = Uuid, Path)),
    request_body = DisputeAttendance,
    responses((status = 200, body = InvitationView))
)]
#[post("/api/v1/meetings/{id}/invitations/{invitation}/dispute")]
async fn dispute_attendance(
    call: Call,
    path: Path<(Id, Id)>,
    body: Json<DisputeAttendance>,
) -> Result<HttpResponse> {
    let (id, invitation) = path.0;
    call.write(async |tx| {
        let directory = call.worker.directory_in(tx).await?;
        let meeting = seen(&call, tx, id.0, &directory).await?;
        let disputed = meeting.invitation(invitation.0)?;
        let permit = call
            .caller
            .permit::<ops::DisputeAttendance>(&Related(disputed.is_of(&call.caller)))?;
        tx.matches(meeting.row.version)?;
        let row = &disputed.row;
        match () {
            () if row.dispute_until.is_none() => return Err(Problem::new(Code::AttendanceNotRecorded)),
            () if row.disputed_at.is_some() => return Err(Problem::new(Code::AlreadyDisputed)),
            () if !is_disputable(disputed, &meeting, tx.today()) => {
                return Err(Problem::new(Code::DisputeTooLate));
            }
            () => {}
        }
        let timing = call.worker.timing.in_transaction(tx).await?;
        let what = (disputed, &body.0);
        steps::dispute(tx, &permit, &directory, &timing, &meeting, what).await?;
        let of = (&meeting, invitation.0);
        finish(&call, tx, &permit, "meeting.attendance_disputed", &directory, of).await
    })
    .await
}

/// Decide a dispute of attendance
///
/// By 市委统战部, once. Where the party is right, the attendance becomes what it says, and `counts` follows it.
#[utoipa::path(
    tag = "meetings",
    params(("id" = Uuid, Path), ("invitation" = Uuid, Path)),
    request_body = DecideAttendanceDispute,
    responses((status = 200, body = InvitationView))
)]
#[post("/api/v1/meetings/{id}/invitations/{invitation}/decide-dispute")]
async fn decide_attendance_dispute(
    call: Call,
    path: Path<(Id, Id)>,
    body: Json<DecideAttendanceDispute>,
) -> Result<HttpResponse> {
    let (id, invitation) = path.0;
    call.write(async |tx| {
        let directory = call.worker.directory_in(tx).await?;
        let meeting = seen(&call, tx, id.0, &directory).await?;
        let disputed = meeting.invitation(invitation.0)?;
        let permit = call.caller.permit_any::<ops::DecideAttendanceDispute>()?;
        tx.matches(meeting.row.version)?;
        if disputed.row.disputed_at.is_none() || disputed.row.dispute_granted.is_some() {
            return Err(Problem::new(Code::NoOpenDispute));
        }
        steps::decide(tx, &permit, &directory, &meeting, (disputed, &body.0)).await?;
        let of = (&meeting, invitation.0);
        finish(
            &call,
            tx,
            &permit,
            "meeting.attendance_dispute_decided",
            &directory,
            of,
        )
        .await
    })
    .await
}
