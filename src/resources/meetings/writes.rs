//! What is written of a meeting; each with the leave for it.

use super::content::{NewMeeting, PostponeMeeting};
use super::draft::{NewInvitation, People, Whom};
use super::policy::Meeting;
use crate::db::schema::{
    meeting_agenda_items as agenda, meeting_follow_ups as follow_ups, meeting_hosts as hosts,
    meeting_invitations as invitations, meeting_postponements as postponements, meetings,
};
use crate::policy::{Operation, Permit, ops};
use crate::problem::Result;
use crate::vocabulary::meetings::{FollowUpState, InvitationAnswer, MeetingState};
use crate::work::Tx;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::json;
use uuid::Uuid;

/// The row's own fields that a draft says.
macro_rules! content {
    ($new:expr, $opinions_due_on:expr) => {
        (
            meetings::kind.eq($new.kind),
            meetings::social_service_kind.eq($new.social_service_kind),
            meetings::title.eq(&$new.title),
            meetings::description.eq(&$new.description),
            meetings::form.eq($new.form),
            meetings::starts_at.eq($new.starts_at),
            meetings::ends_at.eq($new.ends_at),
            meetings::place.eq(&$new.place),
            meetings::online_address.eq(&$new.online_address),
            meetings::decision_matter.eq($new.decision.as_ref().map(|decision| &decision.matter)),
            meetings::decision_planned_on.eq($new.decision.as_ref().map(|decision| decision.planned_on)),
            meetings::opinions_due_on.eq($opinions_due_on),
        )
    };
}

pub async fn insert(
    tx: &mut Tx<'_>,
    _: &Permit<ops::CreateMeeting>,
    new: &NewMeeting,
    opinions_due_on: Option<NaiveDate>,
    people: &People,
) -> Result<Uuid> {
    let id = Uuid::now_v7();
    diesel::insert_into(meetings::table)
        .values((
            meetings::id.eq(id),
            content!(new, opinions_due_on),
            meetings::state.eq(MeetingState::Draft),
            meetings::created_at.eq(tx.now()),
            meetings::updated_at.eq(tx.now()),
        ))
        .execute(tx.conn)
        .await?;
    insert_people(tx, id, people).await?;
    insert_agenda(tx, id, new).await?;
    Ok(id)
}

/// A draft as it is to be then, as a whole.
pub async fn replace(
    tx: &mut Tx<'_>,
    _: &Permit<ops::UpdateMeeting>,
    id: Uuid,
    new: &NewMeeting,
    opinions_due_on: Option<NaiveDate>,
    people: &People,
) -> Result<()> {
    diesel::update(meetings::table.find(id))
        .set(content!(new, opinions_due_on))
        .execute(tx.conn)
        .await?;
    diesel::delete(hosts::table.filter(hosts::meeting_id.eq(id)))
        .execute(tx.conn)
        .await?;
    diesel::delete(invitations::table.filter(invitations::meeting_id.eq(id)))
        .execute(tx.conn)
        .await?;
    diesel::delete(agenda::table.filter(agenda::meeting_id.eq(id)))
        .execute(tx.conn)
        .await?;
    insert_people(tx, id, people).await?;
    insert_agenda(tx, id, new).await?;
    touch(tx, id).await
}

async fn insert_people(tx: &mut Tx<'_>, id: Uuid, people: &People) -> Result<()> {
    let rows: Vec<_> = (0..)
        .zip(&people.hosts)
        .map(|(position, (host, kind)): (i32, _)| {
            (
                hosts::meeting_id.eq(id),
                hosts::organization_id.eq(*host),
                hosts::organization_kind.eq(*kind),
                hosts::position.eq(position),
            )
        })
        .collect();
    diesel::insert_into(hosts::table)
        .values(rows)
        .execute(tx.conn)
        .await?;
    insert_invitations(tx, id, 0, &people.invitations).await?;
    Ok(())
}

/// Behind `from` that are there; answers their ids.
pub async fn insert_invitations(
    tx: &mut Tx<'_>,
    id: Uuid,
    from: usize,
    new: &[NewInvitation],
) -> Result<Vec<Uuid>> {
    let mut ids = Vec::with_capacity(new.len());
    let mut rows = Vec::with_capacity(new.len());
    for (position, one) in (i32::try_from(from).unwrap_or(i32::MAX)..).zip(new) {
        let invitation = Uuid::now_v7();
        let (organization, guest) = match &one.whom {
            Whom::Organization(known) => (Some(*known), None),
            Whom::Guest(guest) => (None, Some(guest)),
        };
        rows.push((
            invitations::id.eq(invitation),
            invitations::meeting_id.eq(id),
            invitations::position.eq(position),
            invitations::organization_id.eq(organization.map(|(id, _)| id)),
            invitations::organization_kind.eq(organization.map(|(_, kind)| kind)),
            invitations::guest_kind.eq(guest.map(|guest| guest.kind)),
            invitations::guest_name.eq(guest.map(|guest| guest.name.as_str())),
            invitations::guest_organization.eq(guest.and_then(|guest| guest.organization.as_deref())),
            invitations::co_host.eq(one.co_host),
            invitations::quota.eq(one.quota),
            invitations::created_at.eq(tx.now()),
        ));
        ids.push(invitation);
    }
    if !rows.is_empty() {
        diesel::insert_into(invitations::table)
            .values(rows)
            .execute(tx.conn)
            .await?;
    }
    Ok(ids)
}

async fn insert_agenda(tx: &mut Tx<'_>, id: Uuid, new: &NewMeeting) -> Result<()> {
    let rows: Vec<_> = (0..)
        .zip(&new.agenda)
        .map(|(position, item): (i32, _)| {
            (
                agenda::id.eq(Uuid::now_v7()),
                agenda::meeting_id.eq(id),
                agenda::position.eq(position),
                agenda::title.eq(&item.title),
                agenda::presenter.eq(item.presenter.as_deref()),
                agenda::suggestion_id.eq(item.suggestion),
                agenda::work_report_id.eq(item.work_report),
            )
        })
        .collect();
    if !rows.is_empty() {
        diesel::insert_into(agenda::table)
            .values(rows)
            .execute(tx.conn)
            .await?;
    }
    Ok(())
}

/// A draft, with all that belongs to it.
pub async fn delete(tx: &mut Tx<'_>, _: &Permit<ops::DeleteMeeting>, id: Uuid) -> Result<()> {
    diesel::delete(meetings::table.find(id)).execute(tx.conn).await?;
    Ok(())
}

/// Something of the meeting has changed: its version is that of all its parts.
pub async fn touch(tx: &mut Tx<'_>, id: Uuid) -> Result<()> {
    diesel::update(meetings::table.find(id))
        .set((
            meetings::version.eq(meetings::version + 1),
            meetings::updated_at.eq(tx.now()),
        ))
        .execute(tx.conn)
        .await?;
    Ok(())
}

/// Convened; parties that organize it, too, have accepted.
pub async fn convene(tx: &mut Tx<'_>, _: &Permit<ops::ConveneMeeting>, id: Uuid) -> Result<()> {
    diesel::update(meetings::table.find(id))
        .set((
            meetings::state.eq(MeetingState::Convened),
            meetings::convened_at.eq(tx.now()),
        ))
        .execute(tx.conn)
        .await?;
    let co_hosts = invitations::table
        .filter(invitations::meeting_id.eq(id))
        .filter(invitations::co_host.eq(true));
    diesel::update(co_hosts)
        .set((
            invitations::answer.eq(InvitationAnswer::Accepted),
            invitations::answered_at.eq(tx.now()),
        ))
        .execute(tx.conn)
        .await?;
    touch(tx, id).await
}

/// The end that goes with another start: as long after it as before where none is given.
fn end_of(meeting: &Meeting, to: &PostponeMeeting) -> Option<DateTime<Utc>> {
    let row = &meeting.row;
    to.ends_at
        .or_else(|| row.ends_at.map(|end| to.starts_at + (end - row.starts_at)))
}

/// Another time; all answers are pending again.
pub async fn postpone(
    tx: &mut Tx<'_>,
    _: &Permit<ops::PostponeMeeting>,
    meeting: &Meeting,
    to: &PostponeMeeting,
) -> Result<()> {
    let row = &meeting.row;
    let place = to.place.as_ref().or(row.place.as_ref());
    diesel::update(meetings::table.find(row.id))
        .set((
            meetings::starts_at.eq(to.starts_at),
            meetings::ends_at.eq(end_of(meeting, to)),
            meetings::place.eq(place),
            meetings::online_address.eq(to.online_address.as_ref().or(row.online_address.as_ref())),
            meetings::sequence.eq(meetings::sequence + 1),
        ))
        .execute(tx.conn)
        .await?;
    diesel::insert_into(postponements::table)
        .values((
            postponements::id.eq(Uuid::now_v7()),
            postponements::meeting_id.eq(row.id),
            postponements::postponed_at.eq(tx.now()),
            postponements::starts_before.eq(row.starts_at),
            postponements::starts_after.eq(to.starts_at),
            postponements::place_before.eq(row.place.as_deref()),
            postponements::place_after.eq(place),
            postponements::reason.eq(to.reason.as_deref()),
        ))
        .execute(tx.conn)
        .await?;
    diesel::update(invitations::table.filter(invitations::meeting_id.eq(row.id)))
        .set((
            invitations::answer.eq(InvitationAnswer::Pending),
            invitations::attendees.eq(json!([])),
            invitations::reason.eq(None::<&str>),
            invitations::answered_at.eq(None::<DateTime<Utc>>),
            invitations::answer_until.eq(None::<DateTime<Utc>>),
            invitations::recorded_on_behalf.eq(false),
        ))
        .execute(tx.conn)
        .await?;
    touch(tx, row.id).await
}

/// Says until when invitations are to be answered.
pub async fn ask_until(tx: &mut Tx<'_>, asked: &[Uuid], until: DateTime<Utc>) -> Result<()> {
    diesel::update(invitations::table.filter(invitations::id.eq_any(asked)))
        .set(invitations::answer_until.eq(until))
        .execute(tx.conn)
        .await?;
    Ok(())
}

pub async fn cancel(tx: &mut Tx<'_>, _: &Permit<ops::CancelMeeting>, id: Uuid, reason: &str) -> Result<()> {
    diesel::update(meetings::table.find(id))
        .set((
            meetings::state.eq(MeetingState::Cancelled),
            meetings::cancelled_at.eq(tx.now()),
            meetings::cancel_reason.eq(reason),
            meetings::sequence.eq(meetings::sequence + 1),
        ))
        .execute(tx.conn)
        .await?;
    touch(tx, id).await
}

pub async fn hold(tx: &mut Tx<'_>, _: &Permit<ops::HoldMeeting>, id: Uuid) -> Result<()> {
    diesel::update(meetings::table.find(id))
        .set((
            meetings::state.eq(MeetingState::Held),
            meetings::held_at.eq(tx.now()),
        ))
        .execute(tx.conn)
        .await?;
    touch(tx, id).await
}

/// Concluded; its follow-ups are to be done from now on.
pub async fn conclude(tx: &mut Tx<'_>, _: &Permit<ops::ConcludeMeeting>, id: Uuid) -> Result<()> {
    diesel::update(meetings::table.find(id))
        .set((
            meetings::state.eq(MeetingState::Concluded),
            meetings::concluded_at.eq(tx.now()),
        ))
        .execute(tx.conn)
        .await?;
    diesel::update(follow_ups::table.filter(follow_ups::meeting_id.eq(id)))
        .set((
            follow_ups::state.eq(FollowUpState::Open),
            follow_ups::updated_at.eq(tx.now()),
        ))
        .execute(tx.conn)
        .await?;
    touch(tx, id).await
}

/// Whoever has no attendance on record was absent, and may dispute that until a day.
pub async fn record_absent<O: Operation>(
    tx: &mut Tx<'_>,
    _: &Permit<O>,
    id: Uuid,
    dispute_until: NaiveDate,
) -> Result<()> {
    let unrecorded = invitations::table
        .filter(invitations::meeting_id.eq(id))
        .filter(invitations::present.is_null());
    diesel::update(unrecorded)
        .set((
            invitations::present.eq(false),
            invitations::online.eq(false),
            invitations::dispute_until.eq(dispute_until),
        ))
        .execute(tx.conn)
        .await?;
    Ok(())
}
