//! What invitations and answers change, whom they tell, and what waits then.

use super::model::RespondToInvitation;
use crate::db::schema::meeting_invitations as invitations;
use crate::directory::Directory;
use crate::policy::{Permit, ops};
use crate::problem::{Problem, Result};
use crate::resources::meetings::draft::NewInvitation;
use crate::resources::meetings::policy::{Invitation, Meeting};
use crate::resources::meetings::steps::{announce, ask_for_answers, ask_for_opinions};
use crate::resources::meetings::{found, queries, tell, writes};
use crate::resources::organizations::on_behalf::{self, how, is_on_behalf};
use crate::vocabulary::meetings::{InvitationAnswer, MeetingState};
use crate::work::Tx;
use crate::workflow::Timing;
use crate::workflow::notices::NoticeKind;
use crate::workflow::todos::{self, Done, TodoKind};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

/// Invites further ones; those of a draft learn of it when it is convened. Answers the meeting as it is then.
pub async fn invite(
    tx: &mut Tx<'_>,
    permit: &Permit<ops::InviteToMeeting>,
    directory: &Directory,
    timing: &Timing,
    meeting: &Meeting,
    new: &[NewInvitation],
) -> Result<Meeting> {
    let id = meeting.row.id;
    let next = meeting.invitations.len();
    let ids = writes::insert_invitations(tx, id, next, new).await?;
    writes::touch(tx, id).await?;
    let after = queries::get(tx.conn, id, directory, tx.now()).await?;
    if meeting.row.state == MeetingState::Draft {
        return Ok(after);
    }
    found::follow(tx, directory, id).await?;
    let fresh: Vec<&Invitation> = after
        .invitations
        .iter()
        .filter(|one| ids.contains(&one.row.id))
        .collect();
    let subject = tell::subject(&after, directory)?;
    let caller = permit.caller();
    let mut told: Vec<Uuid> = fresh.iter().filter_map(|one| one.acting).collect();
    told.retain(|organization| !caller.is_of(*organization));
    announce(tx, timing, directory, &after, &subject, &told).await?;
    ask_for_answers(tx, timing, &after, &subject, &fresh).await?;
    ask_for_opinions(tx, timing, &after, &subject, &fresh).await?;
    Ok(after)
}

/// Takes an invitation back that nobody has been told of.
pub async fn withdraw(
    tx: &mut Tx<'_>,
    _: &Permit<ops::WithdrawInvitation>,
    invitation: &Invitation,
) -> Result<()> {
    diesel::delete(invitations::table.find(invitation.row.id))
        .execute(tx.conn)
        .await?;
    writes::touch(tx, invitation.row.meeting_id).await
}

/// Answers, or answers anew; the hosts are told.
pub async fn respond(
    tx: &mut Tx<'_>,
    permit: &Permit<ops::RespondToInvitation>,
    directory: &Directory,
    meeting: &Meeting,
    invitation: &Invitation,
    answer: &RespondToInvitation,
) -> Result<()> {
    let row = &invitation.row;
    let unit = invitation.acting.filter(|_| !invitation.is_of(permit.caller()));
    let on_behalf = match unit {
        Some(unit) => is_on_behalf(tx, permit.caller(), unit).await?,
        None => false,
    };
    let attendees = serde_json::to_value(&answer.attendees).map_err(Problem::internal)?;
    diesel::update(invitations::table.find(row.id))
        .set((
            invitations::answer.eq(answer.answer),
            invitations::attendees.eq(attendees),
            invitations::reason.eq(answer.reason.as_deref()),
            invitations::answered_at.eq(tx.now()),
            invitations::recorded_on_behalf.eq(on_behalf),
        ))
        .execute(tx.conn)
        .await?;
    writes::touch(tx, meeting.row.id).await?;
    let who = match row.organization_id {
        Some(organization) => {
            close_answering(tx, meeting, organization).await?;
            directory.reference(organization, meeting.named_on())?.name
        }
        None => {
            let waits = |one: &&Invitation| {
                one.row.id != row.id
                    && one.row.guest_kind.is_some()
                    && one.row.answer == InvitationAnswer::Pending
            };
            if !meeting.invitations.iter().any(|one| waits(&one)) {
                for host in &meeting.hosts {
                    close_answering(tx, meeting, host.id).await?;
                }
            }
            row.guest_name.clone().unwrap_or_default()
        }
    };
    let subject = tell::subject(meeting, directory)?;
    let title = format!("{who}答复{}：{}", answer.answer.label().zh, meeting.row.title);
    let told = tell::hosts_but(meeting, permit.caller());
    let text = said(&format!("{who}{}", how(on_behalf)), meeting, answer);
    if let Some(unit) = unit.filter(|_| on_behalf) {
        on_behalf::tell(tx, unit, &subject, &text).await?;
    }
    tell::send(tx, &told, NoticeKind::MeetingAnswered, &subject, title, &text).await
}

async fn close_answering(tx: &mut Tx<'_>, meeting: &Meeting, organization: Uuid) -> Result<()> {
    let done = Done {
        kinds: &[TodoKind::AnswerInvitation],
        organization: Some(organization),
    };
    todos::close(tx, meeting.row.id, done).await
}

fn said(who: &str, meeting: &Meeting, answer: &RespondToInvitation) -> String {
    let (what, how) = (tell::what(meeting), tell::when_and_where(meeting));
    let mut text = format!("{who}对{how}举行的{what}答复：{}。", answer.answer.label().zh);
    let people = answer.attendees.iter().map(|one| match &one.stands_in_for {
        Some(expected) => format!("{}（代{expected}）", one.name),
        None => one.name.clone(),
    });
    let people = people.collect::<Vec<_>>().join("、");
    if !people.is_empty() {
        text.push_str(&format!("参会人员：{people}。"));
    }
    if let Some(reason) = &answer.reason {
        text.push_str(&format!("说明：{}。", reason.trim_end_matches('。')));
    }
    text
}
