//! Reading one suggestion: a single select brings along whatever belongs to it.

use super::model::{Body, FromMeeting, Head};
use super::parts::{
    Communication, Handling, Reply, Running, Signature, communications, deadlines, handlings, replies,
    signatures,
};
use super::policy::{Dossier, Suggestion};
use crate::db::fragment::{Fragment, fragment};
use crate::db::schema::{meetings, suggestion_handlings, suggestion_replies, suggestions};
use crate::directory::Directory;
use crate::problem::{Problem, Result};
use crate::resources::suggestions::commitments;
use crate::resources::suggestions::commitments::model::Row as Commitment;
use crate::resources::suggestions::receipts as feedback_receipts;
use crate::resources::suggestions::receipts::model::Row as Receipt;
use crate::vocabulary::meetings::MeetingState;
use crate::work::Tx;
use crate::workflow::corrections;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::BTreeMap;
use uuid::Uuid;

type Everything = (
    Head,
    Body,
    (Vec<Handling>, Vec<Signature>, Vec<Running>),
    (Vec<Communication>, Vec<Reply>, Vec<Receipt>, Vec<Commitment>),
);

/// # Errors
/// `database_unavailable`.
pub async fn find(
    mut conn: &AsyncPgConnection,
    id: Uuid,
    directory: &Directory,
    today: NaiveDate,
) -> Result<Option<Dossier>> {
    let found: Option<Everything> = suggestions::table
        .find(id)
        .select((
            Head::as_select(),
            Body::as_select(),
            (handlings(), signatures(), deadlines()),
            (
                communications(),
                replies(),
                feedback_receipts::model::of_suggestion(),
                commitments::model::of_suggestion(),
            ),
        ))
        .first(&mut conn)
        .await
        .optional()?;
    let Some((head, body, (handlings, signatures, deadlines), said)) = found else {
        return Ok(None);
    };
    let from_meeting = match head.from_meeting_id {
        Some(meeting) => from_meeting(conn, meeting).await?,
        None => None,
    };
    let suggestion = Suggestion::new(head, handlings, signatures, deadlines, directory, today);
    let (communications, replies, receipts, commitments) = said;
    Ok(Some(Dossier {
        suggestion,
        body,
        replies,
        communications,
        receipts,
        commitments,
        from_meeting,
    }))
}

/// The meeting that a suggestion came of.
async fn from_meeting(mut conn: &AsyncPgConnection, id: Uuid) -> Result<Option<FromMeeting>> {
    type Found = (
        Uuid,
        String,
        MeetingState,
        DateTime<Utc>,
        (Vec<Uuid>, Vec<Uuid>, Vec<Uuid>),
    );
    const fn ids(text: &'static str) -> Fragment<Array<SqlUuid>> {
        fragment(text)
    }
    let found: Option<Found> = meetings::table
        .find(id)
        .select((
            meetings::id,
            meetings::title,
            meetings::state,
            meetings::starts_at,
            (
                ids("ARRAY(SELECT organization_id FROM meeting_hosts WHERE meeting_id = meetings.id ORDER BY position)"),
                ids("ARRAY(SELECT organization_id FROM meeting_invitations
                     WHERE meeting_id = meetings.id AND organization_id IS NOT NULL ORDER BY position)"),
                ids("ARRAY(SELECT owner_id FROM meeting_follow_ups
                     WHERE meeting_id = meetings.id AND meetings.concluded_at IS NOT NULL ORDER BY position)"),
            ),
        ))
        .first(&mut conn)
        .await
        .optional()?;
    let Some((id, title, state, starts_at, (hosts, invited, owners))) = found else {
        return Ok(None);
    };
    Ok(Some(FromMeeting {
        id,
        title,
        state,
        starts_at,
        hosts,
        invited,
        owners,
    }))
}

/// # Errors
/// 404 where there is none.
pub async fn get(
    conn: &AsyncPgConnection,
    id: Uuid,
    directory: &Directory,
    today: NaiveDate,
) -> Result<Dossier> {
    find(conn, id, directory, today)
        .await?
        .ok_or_else(Problem::not_found)
}

/// The same, held against all who would take a step on it. The lock comes by a statement of its own, sent along with the
/// select: what belongs to the suggestion is read as whoever held it before has left it.
pub async fn get_locked(tx: &mut Tx<'_>, id: Uuid, directory: &Directory) -> Result<Dossier> {
    let (conn, today) = (&*tx.conn, tx.today());
    let mut shared = conn;
    let lock = async {
        let held: Option<(DateTime<Utc>, bool)> = suggestions::table
            .find(id)
            .select((suggestions::updated_at, corrections::pending()))
            .for_update()
            .first(&mut shared)
            .await
            .optional()?;
        held.ok_or_else(Problem::not_found)
    };
    let ((changed_at, pending), dossier) = futures_util::try_join!(lock, find(conn, id, directory, today))?;
    tx.holds(changed_at);
    if pending {
        corrections::settle(tx, id).await?;
        return get(tx.conn, id, directory, tx.today()).await;
    }
    dossier.ok_or_else(Problem::not_found)
}

/// Its title and number, for things that hang on it.
pub async fn titles(
    mut conn: &AsyncPgConnection,
    ids: &[Uuid],
) -> Result<BTreeMap<Uuid, (String, Option<String>)>> {
    let rows: Vec<(Uuid, String, Option<String>)> = suggestions::table
        .filter(suggestions::id.eq_any(ids))
        .select((suggestions::id, suggestions::title, suggestions::number))
        .load(&mut conn)
        .await?;
    let named = rows.into_iter().map(|(id, title, number)| (id, (title, number)));
    Ok(named.collect())
}

/// How many that these departments lead or join in are open.
pub async fn open_of(tx: &mut Tx<'_>, departments: &[Uuid]) -> Result<i64> {
    let theirs = suggestion_handlings::table
        .filter(suggestion_handlings::department_id.eq_any(departments))
        .filter(suggestion_handlings::ended_at.is_null())
        .select(suggestion_handlings::suggestion_id);
    Ok(suggestions::table
        .filter(suggestions::state.eq_any(["submitted", "returned", "accepted", "replied"]))
        .filter(suggestions::id.eq_any(theirs))
        .count()
        .get_result(tx.conn)
        .await?)
}

/// Open ones of pairs of a party and a lead department, for a scheme that would end such pairs.
pub async fn open_by_pair(mut conn: &AsyncPgConnection) -> Result<Vec<(Uuid, Uuid, i64)>> {
    Ok(suggestions::table
        .filter(suggestions::state.eq_any(["submitted", "returned", "accepted", "replied"]))
        .group_by((suggestions::lead_department_id, suggestions::party_id))
        .select((
            suggestions::lead_department_id,
            suggestions::party_id,
            diesel::dsl::count_star(),
        ))
        .load(&mut conn)
        .await?)
}

/// The newest reply of a suggestion.
pub async fn newest_reply(tx: &mut Tx<'_>, suggestion: Uuid) -> Result<Option<Uuid>> {
    Ok(suggestion_replies::table
        .filter(suggestion_replies::suggestion_id.eq(suggestion))
        .order((
            suggestion_replies::round.desc(),
            suggestion_replies::version_number.desc(),
        ))
        .select(suggestion_replies::id)
        .first(tx.conn)
        .await
        .optional()?)
}
