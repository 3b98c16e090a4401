//! What attendance and disputes change, whom they tell, and what waits then.

use super::model::{DecideAttendanceDispute, DisputeAttendance, ReplaceAttendance};
use crate::db::schema::meeting_invitations as invitations;
use crate::directory::{Directory, model::Kind};
use crate::policy::{Permit, ops};
use crate::problem::{Problem, Result};
use crate::resources::meetings::parts::Attendee;
use crate::resources::meetings::policy::{Invitation, Meeting};
use crate::resources::meetings::{tell, writes};
use crate::vocabulary::meetings::InvitationAnswer;
use crate::work::Tx;
use crate::workflow::notices::NoticeKind;
use crate::workflow::subjects::chinese_day;
use crate::workflow::todos::{self, Done, NewTodo, TodoKind, Until};
use crate::workflow::{TermKey, Timing};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::json;

/// Records who came. What was decided upon a dispute stays; whose record changes has the term anew, and is told.
pub async fn replace(
    tx: &mut Tx<'_>,
    permit: &Permit<ops::ReplaceAttendance>,
    directory: &Directory,
    timing: &Timing,
    meeting: &Meeting,
    sheet: &ReplaceAttendance,
) -> Result<()> {
    let due = timing
        .calendar
        .due(tx.today(), timing.term(TermKey::AttendanceDispute));
    let mut told = Vec::new();
    for invitation in &meeting.invitations {
        let row = &invitation.row;
        let item = sheet.items.iter().find(|item| item.invitation == row.id);
        let present = item.is_some_and(|item| item.present);
        let online = item.is_some_and(|item| item.online);
        let persons = json!(item.map_or(&[][..], |item| item.persons.as_slice()));
        let same = (row.present, row.online) == (Some(present), Some(online)) && row.persons == persons;
        if same || row.dispute_granted == Some(true) {
            continue;
        }
        diesel::update(invitations::table.find(row.id))
            .set((
                invitations::present.eq(present),
                invitations::online.eq(online),
                invitations::persons.eq(persons),
                invitations::dispute_until.eq(due.on),
            ))
            .execute(tx.conn)
            .await?;
        told.extend(invitation.acting);
    }
    writes::touch(tx, meeting.row.id).await?;
    told.sort_unstable();
    told.dedup();
    told.retain(|organization| !permit.caller().is_of(*organization));
    let subject = tell::subject(meeting, directory)?;
    let (hosts, what) = (tell::hosts(meeting, directory)?, tell::what(meeting));
    let until = chinese_day(due.on);
    let text = format!("{hosts}已登记{what}的到会情况，请核对；党派团体如有异议，可于{until}前提出。");
    let title = format!("到会情况登记：{}", meeting.row.title);
    tell::send(
        tx,
        &told,
        NoticeKind::MeetingAttendanceRecorded,
        &subject,
        title,
        &text,
    )
    .await
}

/// Puts it to 市委统战部 that the record is wrong.
pub async fn dispute(
    tx: &mut Tx<'_>,
    permit: &Permit<ops::DisputeAttendance>,
    directory: &Directory,
    timing: &Timing,
    meeting: &Meeting,
    (invitation, said): (&Invitation, &DisputeAttendance),
) -> Result<()> {
    let row = &invitation.row;
    let present = said.present.unwrap_or(row.present != Some(true));
    let persons = match said.persons.is_empty() && present {
        true => named_in_answer(invitation)?,
        false => said.persons.clone(),
    };
    diesel::update(invitations::table.find(row.id))
        .set((
            invitations::disputed_at.eq(tx.now()),
            invitations::dispute_reason.eq(&said.reason),
            invitations::dispute_present.eq(present),
            invitations::dispute_persons.eq(json!(persons)),
        ))
        .execute(tx.conn)
        .await?;
    writes::touch(tx, meeting.row.id).await?;
    let subject = tell::subject(meeting, directory)?;
    let mut told = tell::hosts_but(meeting, permit.caller());
    if let Some(coordinator) = directory.of_kind(Kind::Coordinator).next() {
        let todo = NewTodo {
            organization: coordinator.id,
            kind: TodoKind::DecideAttendanceDispute,
            subject: &subject,
            until: Until::TermFrom(tx.today()),
        };
        todos::open(tx, timing, &[todo]).await?;
        told.push(coordinator.id);
    }
    told.sort_unstable();
    told.dedup();
    let (who, what) = (name(invitation, meeting, directory)?, tell::what(meeting));
    let reason = said.reason.trim_end_matches('。');
    let text = format!("{who}对{what}的到会情况登记提出异议：{reason}。请市委统战部裁定。");
    let title = format!("{who}对到会情况提出异议：{}", meeting.row.title);
    tell::send(
        tx,
        &told,
        NoticeKind::MeetingAttendanceDisputed,
        &subject,
        title,
        &text,
    )
    .await
}

fn named_in_answer(invitation: &Invitation) -> Result<Vec<String>> {
    if invitation.row.answer == InvitationAnswer::Declined {
        return Ok(Vec::new());
    }
    let attendees = serde_json::from_value::<Vec<Attendee>>(invitation.row.attendees.clone());
    let attendees = attendees.map_err(Problem::internal)?;
    Ok(attendees.into_iter().map(|one| one.name).collect())
}

fn name(invitation: &Invitation, meeting: &Meeting, directory: &Directory) -> Result<String> {
    let organization = invitation.row.organization_id.ok_or_else(Problem::not_found)?;
    Ok(directory.reference(organization, meeting.named_on())?.name)
}

/// Decides; where the party is right, the record becomes what it says.
pub async fn decide(
    tx: &mut Tx<'_>,
    permit: &Permit<ops::DecideAttendanceDispute>,
    directory: &Directory,
    meeting: &Meeting,
    (invitation, decision): (&Invitation, &DecideAttendanceDispute),
) -> Result<()> {
    let row = &invitation.row;
    diesel::update(invitations::table.find(row.id))
        .set((
            invitations::dispute_decided_at.eq(tx.now()),
            invitations::dispute_granted.eq(decision.granted),
            invitations::dispute_decision.eq(&decision.reason),
        ))
        .execute(tx.conn)
        .await?;
    if decision.granted {
        let present = row.dispute_present == Some(true);
        diesel::update(invitations::table.find(row.id))
            .set((
                invitations::present.eq(present),
                invitations::persons.eq(row.dispute_persons.clone().unwrap_or_else(|| json!([]))),
            ))
            .execute(tx.conn)
            .await?;
    }
    writes::touch(tx, meeting.row.id).await?;
    let undecided = |one: &&Invitation| {
        one.row.id != row.id && one.row.disputed_at.is_some() && one.row.dispute_granted.is_none()
    };
    if !meeting.invitations.iter().any(|one| undecided(&one)) {
        let decided = Done {
            kinds: &[TodoKind::DecideAttendanceDispute],
            organization: None,
        };
        todos::close(tx, meeting.row.id, decided).await?;
    }
    let subject = tell::subject(meeting, directory)?;
    let mut told = tell::hosts_but(meeting, permit.caller());
    told.extend(invitation.acting);
    told.sort_unstable();
    told.dedup();
    let (who, what) = (name(invitation, meeting, directory)?, tell::what(meeting));
    let outcome = match decision.granted {
        true => "异议成立，到会情况已更正",
        false => "异议不成立，到会情况维持原登记",
    };
    let reason = decision.reason.trim_end_matches('。');
    let text = format!("市委统战部对{who}就{what}到会情况提出的异议作出裁定：{outcome}。理由：{reason}。");
    let title = format!("到会情况异议裁定：{}", meeting.row.title);
    tell::send(
        tx,
        &told,
        NoticeKind::MeetingDisputeDecided,
        &subject,
        title,
        &text,
    )
    .await
}
