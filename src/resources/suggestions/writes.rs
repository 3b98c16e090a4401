//! Writing: each takes the permit of the step that it is part of.

use super::input::Contact;
use super::model::{Body, HandlingRole, Head};
use super::parts::{Handling, LastSeen};
use crate::db::schema::{
    suggestion_counters, suggestion_handlings, suggestion_signatures, suggestion_steps, suggestions,
};
use crate::policy::{Permit, ops};
use crate::problem::{Problem, Result};
use crate::resources::suggestions::model::Evaluation;
use crate::resources::suggestions::model::Extension;
use crate::resources::suggestions::model::Filing;
use crate::resources::suggestions::model::Mediation;
use crate::resources::suggestions::model::SuggestionResult;
use crate::resources::suggestions::model::SuggestionState;
use crate::resources::suggestions::timeline::Details;
use crate::work::Tx;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use futures_util::future::try_join_all;
use uuid::Uuid;

/// What a step changes of the suggestion itself; what is none stays.
#[derive(Debug, Default, AsChangeset)]
#[diesel(table_name = suggestions)]
pub struct Advance {
    pub state: Option<SuggestionState>,
    pub number: Option<String>,
    pub outside_assignment: Option<bool>,
    pub lead_department_id: Option<Uuid>,
    pub round: Option<i32>,
    pub communicated_round: Option<i32>,
    pub result: Option<SuggestionResult>,
    pub filing: Option<Filing>,
    pub filing_number: Option<String>,
    pub evaluation: Option<Evaluation>,
    pub mediation: Option<Mediation>,
    pub extension: Option<Extension>,
    pub extension_until: Option<Option<NaiveDate>>,
    pub extension_reason: Option<Option<String>>,
    pub submitted_at: Option<DateTime<Utc>>,
    pub accepted_at: Option<Option<DateTime<Utc>>>,
    pub replied_at: Option<DateTime<Utc>>,
    pub concluded_at: Option<DateTime<Utc>>,
    pub withdrawn_at: Option<DateTime<Utc>>,
}

/// Changes it, and raises its version in any case: every step shows in the suggestion.
pub async fn advance(tx: &mut Tx<'_>, id: Uuid, changes: Advance) -> Result<()> {
    diesel::update(suggestions::table.find(id))
        .set((
            changes,
            suggestions::version.eq(suggestions::version + 1),
            suggestions::updated_at.eq(tx.now()),
        ))
        .execute(tx.conn)
        .await?;
    Ok(())
}

/// A line of the timeline.
#[derive(Debug, Default)]
pub struct Line<'a> {
    pub step: &'static str,
    pub round: i32,
    pub state: SuggestionState,
    pub text: Option<&'a str>,
    pub details: Details,
    /// Time did it, or what somebody did by another step: nobody's own.
    pub by_nobody: bool,
}

#[derive(Insertable)]
#[diesel(table_name = suggestion_steps, treat_none_as_default_value = false)]
struct NewLine<'a> {
    id: Uuid,
    suggestion_id: Uuid,
    step: &'a str,
    round: i32,
    state: SuggestionState,
    occurred_at: DateTime<Utc>,
    organization_id: Option<Uuid>,
    actor: Option<String>,
    text: Option<&'a str>,
    details: Option<serde_json::Value>,
}

impl<'a> NewLine<'a> {
    fn new(tx: &Tx<'_>, person: String, suggestion: Uuid, line: &Line<'a>) -> Result<Self> {
        let caller = Some(&tx.origin.caller).filter(|_| !line.by_nobody);
        let details = serde_json::to_value(&line.details).map_err(Problem::internal)?;
        let said = details.as_object().is_some_and(|details| !details.is_empty());
        Ok(Self {
            id: Uuid::now_v7(),
            suggestion_id: suggestion,
            step: line.step,
            round: line.round,
            state: line.state,
            occurred_at: tx.now(),
            organization_id: caller.and_then(|caller| Some(caller.organization.as_ref()?.id)),
            actor: caller.map(|_| person),
            text: line.text,
            details: said.then_some(details),
        })
    }
}

pub async fn write_line(tx: &mut Tx<'_>, suggestion: Uuid, line: Line<'_>) -> Result<()> {
    let person = tx.person().await?;
    let new = NewLine::new(tx, person, suggestion, &line)?;
    let mut shared = &*tx.conn;
    diesel::insert_into(suggestion_steps::table)
        .values(new)
        .execute(&mut shared)
        .await?;
    Ok(())
}

/// Who takes part, as the directory knows them.
#[derive(Debug, Default)]
pub struct Named {
    pub lead: Uuid,
    pub joint: Vec<Uuid>,
    pub parties: Vec<Uuid>,
    /// The lead does not liaise with the party.
    pub outside_assignment: bool,
}

/// A draft's rows, sent together: the suggestion, its departments, the parties that are to sign, its first line.
pub async fn insert(
    tx: &mut Tx<'_>,
    _: &Permit<ops::CreateSuggestion>,
    head: &Head,
    body: &Body,
    (handlings, parties): (&[Handling], &[Uuid]),
) -> Result<()> {
    let person = tx.person().await?;
    let (mut c1, mut c2, mut c3) = (&*tx.conn, &*tx.conn, &*tx.conn);
    let suggestion = diesel::insert_into(suggestions::table)
        .values((
            suggestions::id.eq(head.id),
            suggestions::party_id.eq(head.party_id),
            suggestions::title.eq(&head.title),
            suggestions::background.eq(&body.background),
            suggestions::proposal.eq(&body.proposal),
            suggestions::category.eq(&head.category),
            suggestions::authors.eq(&body.authors),
            suggestions::contact.eq(&body.contact),
            suggestions::lead_department_id.eq(head.lead_department_id),
            suggestions::outside_assignment.eq(head.outside_assignment),
            suggestions::from_meeting_id.eq(head.from_meeting_id),
            suggestions::state.eq(head.state),
            suggestions::created_at.eq(head.created_at),
            suggestions::updated_at.eq(head.updated_at),
        ))
        .execute(&mut c1);
    let departments = insert_handlings(tx.conn, head.id, handlings);
    let first = Line {
        step: "create",
        round: 1,
        state: SuggestionState::Draft,
        ..Line::default()
    };
    let first = NewLine::new(tx, person, head.id, &first)?;
    let line = diesel::insert_into(suggestion_steps::table)
        .values(first)
        .execute(&mut c2);
    let signing = async {
        if parties.is_empty() {
            return Ok(0);
        }
        diesel::insert_into(suggestion_signatures::table)
            .values(signature_rows(head.id, parties, 0))
            .execute(&mut c3)
            .await
    };
    futures_util::try_join!(suggestion, departments, line, signing)?;
    Ok(())
}

/// A statement for each, sent together: the text of one with several rows has their number in it, and is planned every time.
async fn insert_handlings(
    conn: &AsyncPgConnection,
    suggestion: Uuid,
    handlings: &[Handling],
) -> QueryResult<()> {
    let inserts = handlings.iter().zip(0..).map(async |(handling, position)| {
        let mut shared = conn;
        diesel::insert_into(suggestion_handlings::table)
            .values((
                suggestion_handlings::id.eq(handling.id),
                suggestion_handlings::suggestion_id.eq(suggestion),
                suggestion_handlings::department_id.eq(handling.department_id),
                suggestion_handlings::role.eq(handling.role),
                suggestion_handlings::position.eq(position),
                suggestion_handlings::started_at.eq(handling.started_at),
                suggestion_handlings::outside_assignment.eq(handling.outside_assignment),
            ))
            .execute(&mut shared)
            .await
    });
    try_join_all(inserts).await?;
    Ok(())
}

type SignatureValues = (
    diesel::dsl::Eq<suggestion_signatures::suggestion_id, Uuid>,
    diesel::dsl::Eq<suggestion_signatures::party_id, Uuid>,
    diesel::dsl::Eq<suggestion_signatures::position, i32>,
);

fn signature_rows(suggestion: Uuid, parties: &[Uuid], first: i32) -> Vec<SignatureValues> {
    let rows = parties.iter().zip(first..);
    rows.map(|(party, position)| {
        (
            suggestion_signatures::suggestion_id.eq(suggestion),
            suggestion_signatures::party_id.eq(*party),
            suggestion_signatures::position.eq(position),
        )
    })
    .collect()
}

/// A part in the handling that begins now.
pub fn beginning(department: Uuid, role: HandlingRole, now: DateTime<Utc>) -> Handling {
    Handling {
        id: Uuid::now_v7(),
        department_id: department,
        role,
        started_at: now,
        accepted_at: None,
        handler: None,
        office: None,
        returned_at: None,
        return_reason: None,
        proposed_department_id: None,
        return_denied_at: None,
        outside_assignment: None,
        opinion: None,
        opinion_at: None,
        opinion_by: None,
        ended_at: None,
        last_seen: None,
    }
}

/// The lead, then those who join in.
pub fn beginnings(named: &Named, now: DateTime<Utc>) -> Vec<Handling> {
    let lead = Handling {
        outside_assignment: Some(named.outside_assignment),
        ..beginning(named.lead, HandlingRole::Lead, now)
    };
    let joint = named.joint.iter();
    std::iter::once(lead)
        .chain(joint.map(|department| beginning(*department, HandlingRole::Joint, now)))
        .collect()
}

/// What a draft says from now on.
#[derive(Clone, Debug, AsChangeset)]
#[diesel(table_name = suggestions, treat_none_as_null = true)]
pub struct Edited {
    pub title: String,
    pub background: String,
    pub proposal: String,
    pub category: Option<String>,
    pub authors: serde_json::Value,
    pub contact: Option<serde_json::Value>,
    pub lead_department_id: Uuid,
    pub outside_assignment: bool,
    pub from_meeting_id: Option<Uuid>,
}

pub async fn edit(
    tx: &mut Tx<'_>,
    _: &Permit<ops::UpdateSuggestion>,
    id: Uuid,
    edited: &Edited,
) -> Result<()> {
    diesel::update(suggestions::table.find(id))
        .set((
            edited,
            suggestions::version.eq(suggestions::version + 1),
            suggestions::updated_at.eq(tx.now()),
        ))
        .execute(tx.conn)
        .await?;
    Ok(())
}

/// Other departments than before, of a draft: nobody has begun anything yet.
pub async fn replace_departments(
    tx: &mut Tx<'_>,
    _: &Permit<ops::UpdateSuggestion>,
    id: Uuid,
    named: &Named,
) -> Result<()> {
    diesel::delete(suggestion_handlings::table.filter(suggestion_handlings::suggestion_id.eq(id)))
        .execute(tx.conn)
        .await?;
    start(tx, id, &beginnings(named, tx.now())).await
}

pub async fn start(tx: &mut Tx<'_>, id: Uuid, handlings: &[Handling]) -> Result<()> {
    Ok(insert_handlings(tx.conn, id, handlings).await?)
}

/// Takes parties out of those that sign, and others in.
pub async fn change_parties(
    tx: &mut Tx<'_>,
    _: &Permit<ops::UpdateSuggestion>,
    id: Uuid,
    (gone, new, first): (&[Uuid], &[Uuid], i32),
) -> Result<()> {
    diesel::delete(
        suggestion_signatures::table
            .filter(suggestion_signatures::suggestion_id.eq(id))
            .filter(suggestion_signatures::party_id.eq_any(gone)),
    )
    .execute(tx.conn)
    .await?;
    diesel::insert_into(suggestion_signatures::table)
        .values(signature_rows(id, new, first))
        .execute(tx.conn)
        .await?;
    Ok(())
}

/// Takes back what these parties have answered, since it was about something else, and asks them again.
pub async fn unsign(tx: &mut Tx<'_>, id: Uuid, parties: &[Uuid]) -> Result<()> {
    diesel::update(
        suggestion_signatures::table
            .filter(suggestion_signatures::suggestion_id.eq(id))
            .filter(suggestion_signatures::party_id.eq_any(parties)),
    )
    .set((
        suggestion_signatures::requested_at.eq(tx.now()),
        suggestion_signatures::signed_at.eq(None::<DateTime<Utc>>),
        suggestion_signatures::signed_digest.eq(None::<Vec<u8>>),
        suggestion_signatures::declined_at.eq(None::<DateTime<Utc>>),
        suggestion_signatures::answered_by.eq(None::<String>),
        suggestion_signatures::reason.eq(None::<String>),
    ))
    .execute(tx.conn)
    .await?;
    Ok(())
}

/// Asks those who were not asked yet: from now on they read the draft.
pub async fn ask_to_sign(
    tx: &mut Tx<'_>,
    _: &Permit<ops::RequestSuggestionSignatures>,
    id: Uuid,
) -> Result<()> {
    diesel::update(
        suggestion_signatures::table
            .filter(suggestion_signatures::suggestion_id.eq(id))
            .filter(suggestion_signatures::requested_at.is_null()),
    )
    .set(suggestion_signatures::requested_at.eq(tx.now()))
    .execute(tx.conn)
    .await?;
    Ok(())
}

/// Signs what the digest is of, or declines where there is none.
pub async fn answer_to_sign(
    tx: &mut Tx<'_>,
    id: Uuid,
    party: Uuid,
    (signed, reason): (Option<[u8; 32]>, Option<&str>),
) -> Result<()> {
    let (now, person) = (Some(tx.now()), tx.person().await?);
    diesel::update(suggestion_signatures::table.find((id, party)))
        .set((
            suggestion_signatures::signed_at.eq(now.filter(|_| signed.is_some())),
            suggestion_signatures::signed_digest.eq(signed.map(|digest| digest.to_vec())),
            suggestion_signatures::declined_at.eq(now.filter(|_| signed.is_none())),
            suggestion_signatures::answered_by.eq(person),
            suggestion_signatures::reason.eq(reason),
        ))
        .execute(tx.conn)
        .await?;
    Ok(())
}

/// A draft that nobody has submitted leaves nothing but its audit records.
pub async fn delete(tx: &mut Tx<'_>, _: &Permit<ops::DeleteSuggestion>, id: Uuid) -> Result<()> {
    diesel::delete(suggestion_steps::table.filter(suggestion_steps::suggestion_id.eq(id)))
        .execute(tx.conn)
        .await?;
    diesel::delete(suggestion_signatures::table.filter(suggestion_signatures::suggestion_id.eq(id)))
        .execute(tx.conn)
        .await?;
    diesel::delete(suggestion_handlings::table.filter(suggestion_handlings::suggestion_id.eq(id)))
        .execute(tx.conn)
        .await?;
    diesel::delete(suggestions::table.find(id))
        .execute(tx.conn)
        .await?;
    Ok(())
}

/// The next number of a series in a year; who asks at the same time waits, and gets the one after it.
pub async fn next_number(tx: &mut Tx<'_>, year: i32, series: &str) -> Result<i32> {
    Ok(diesel::insert_into(suggestion_counters::table)
        .values((
            suggestion_counters::year.eq(year),
            suggestion_counters::series.eq(series),
            suggestion_counters::last.eq(1),
        ))
        .on_conflict((suggestion_counters::year, suggestion_counters::series))
        .do_update()
        .set(suggestion_counters::last.eq(suggestion_counters::last + 1))
        .returning(suggestion_counters::last)
        .get_result(tx.conn)
        .await?)
}

/// The departments' parts begin with the submission; on its day it is settled whether the lead liaises with the party.
pub async fn begin(
    tx: &mut Tx<'_>,
    _: &Permit<ops::SubmitSuggestion>,
    id: Uuid,
    outside_assignment: bool,
) -> Result<()> {
    let parts = suggestion_handlings::table.filter(suggestion_handlings::suggestion_id.eq(id));
    diesel::update(parts)
        .set(suggestion_handlings::started_at.eq(tx.now()))
        .execute(tx.conn)
        .await?;
    diesel::update(parts.filter(suggestion_handlings::role.eq(HandlingRole::Lead)))
        .set(suggestion_handlings::outside_assignment.eq(outside_assignment))
        .execute(tx.conn)
        .await?;
    Ok(())
}

pub async fn accept(
    tx: &mut Tx<'_>,
    _: &Permit<ops::AcceptSuggestion>,
    handling: Uuid,
    (handler, office): (&str, &str),
) -> Result<()> {
    diesel::update(suggestion_handlings::table.find(handling))
        .set((
            suggestion_handlings::accepted_at.eq(tx.now()),
            suggestion_handlings::handler.eq(handler),
            suggestion_handlings::office.eq(office),
        ))
        .execute(tx.conn)
        .await?;
    Ok(())
}

pub async fn give_back(
    tx: &mut Tx<'_>,
    _: &Permit<ops::ReturnSuggestion>,
    handling: Uuid,
    (reason, proposed): (&str, Uuid),
) -> Result<()> {
    diesel::update(suggestion_handlings::table.find(handling))
        .set((
            suggestion_handlings::returned_at.eq(tx.now()),
            suggestion_handlings::return_reason.eq(reason),
            suggestion_handlings::proposed_department_id.eq(proposed),
        ))
        .execute(tx.conn)
        .await?;
    Ok(())
}

pub async fn deny_return(
    tx: &mut Tx<'_>,
    _: &Permit<ops::DenySuggestionReturn>,
    handling: Uuid,
) -> Result<()> {
    diesel::update(suggestion_handlings::table.find(handling))
        .set(suggestion_handlings::return_denied_at.eq(tx.now()))
        .execute(tx.conn)
        .await?;
    Ok(())
}

pub async fn give_opinion(
    tx: &mut Tx<'_>,
    _: &Permit<ops::GiveSuggestionOpinion>,
    handling: Uuid,
    text: &str,
) -> Result<()> {
    let person = tx.person().await?;
    diesel::update(suggestion_handlings::table.find(handling))
        .set((
            suggestion_handlings::opinion.eq(text),
            suggestion_handlings::opinion_at.eq(tx.now()),
            suggestion_handlings::opinion_by.eq(person),
        ))
        .execute(tx.conn)
        .await?;
    Ok(())
}

/// Ends parts in the handling; what the lead last saw stays with its part.
pub async fn end(
    tx: &mut Tx<'_>,
    _: &Permit<ops::ReassignSuggestion>,
    handlings: &[&Handling],
    last_seen: &LastSeen,
) -> Result<()> {
    for handling in handlings {
        let last_seen = match handling.role {
            HandlingRole::Lead => Some(serde_json::to_value(last_seen).map_err(Problem::internal)?),
            HandlingRole::Joint => None,
        };
        diesel::update(suggestion_handlings::table.find(handling.id))
            .set((
                suggestion_handlings::ended_at.eq(tx.now()),
                suggestion_handlings::last_seen.eq(last_seen),
            ))
            .execute(tx.conn)
            .await?;
    }
    Ok(())
}

/// As it is kept.
pub fn contact_json(contact: Option<&Contact>) -> Result<Option<serde_json::Value>> {
    contact
        .map(|contact| serde_json::to_value(contact).map_err(Problem::internal))
        .transpose()
}
