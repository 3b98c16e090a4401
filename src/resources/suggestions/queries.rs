//! Reading one suggestion: a single select brings along whatever belongs to it.

use super::model::{Body, Communication, FromMeeting, Handling, Head, Parts, Reply, Running, Signature};
use super::policy::{Dossier, Suggestion};
use crate::db::fragment::{Fragment, fragment};
use crate::db::schema::{suggestion_handlings, suggestion_replies, suggestions};
use crate::db::transaction::Tx;
use crate::directory::Directory;
use crate::http::problem::{Problem, Result};
use crate::resources::commitments::model::Row as Commitment;
use crate::resources::feedback_receipts::model::Row as Receipt;
use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{Json, Nullable};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::BTreeMap;
use uuid::Uuid;

pub type Part = Fragment<Nullable<Json>>;
pub type Loaded<T> = Option<Parts<T>>;

/// Who handles and has handled it, in lists without what joint departments say.
pub const fn handlings() -> Part {
    fragment(
        "(SELECT json_agg(h ORDER BY h.position, h.started_at) FROM (
            SELECT id, department_id, role, position, started_at, accepted_at, handler, office, returned_at, return_reason,
                proposed_department_id, opinion_at, opinion_by, ended_at, last_seen
            FROM suggestion_handlings WHERE suggestion_id = suggestions.id) AS h)",
    )
}

const fn handlings_whole() -> Part {
    fragment(
        "(SELECT json_agg(h ORDER BY h.position, h.started_at) FROM suggestion_handlings AS h
          WHERE h.suggestion_id = suggestions.id)",
    )
}

pub const fn signatures() -> Part {
    fragment(
        "(SELECT json_agg(s ORDER BY s.position) FROM suggestion_signatures AS s WHERE s.suggestion_id = suggestions.id)",
    )
}

/// Deadlines, running and over; a draft has none.
pub const fn deadlines() -> Part {
    fragment(
        "(SELECT json_agg(t ORDER BY t.opened_at, t.id) FROM (
            SELECT id, organization_id, kind, due_on, opened_at, closed_at FROM todos
            WHERE subject_id = suggestions.id AND due_on IS NOT NULL AND suggestions.state <> 'draft') AS t)",
    )
}

const fn communications() -> Part {
    fragment(
        "(SELECT json_agg(c ORDER BY c.created_at, c.id) FROM suggestion_communications AS c
          WHERE c.suggestion_id = suggestions.id AND suggestions.state <> 'draft')",
    )
}

/// The same of what comes with the first reply and after it.
const fn replies() -> Part {
    fragment(
        "(SELECT json_agg(r ORDER BY r.round, r.version_number) FROM suggestion_replies AS r
          WHERE r.suggestion_id = suggestions.id AND suggestions.replied_at IS NOT NULL)",
    )
}

const fn receipts() -> Part {
    fragment(
        "(SELECT json_agg(f ORDER BY f.round) FROM feedback_receipts AS f
          WHERE f.suggestion_id = suggestions.id AND suggestions.replied_at IS NOT NULL)",
    )
}

const fn commitments() -> Part {
    fragment(
        "(SELECT json_agg(m ORDER BY m.created_at, m.position) FROM commitments AS m
          WHERE m.suggestion_id = suggestions.id AND suggestions.replied_at IS NOT NULL)",
    )
}

/// The meeting that it came of.
const fn from_meeting() -> Part {
    fragment(
        "(SELECT json_agg(m) FROM (
            SELECT id, title, state, starts_at,
                ARRAY(SELECT organization_id FROM meeting_hosts WHERE meeting_id = meetings.id ORDER BY position) AS hosts,
                ARRAY(SELECT organization_id FROM meeting_invitations
                      WHERE meeting_id = meetings.id AND organization_id IS NOT NULL ORDER BY position) AS invited,
                ARRAY(SELECT owner_id FROM meeting_follow_ups
                      WHERE meeting_id = meetings.id AND meetings.concluded_at IS NOT NULL ORDER BY position) AS owners
            FROM meetings WHERE id = suggestions.from_meeting_id) AS m)",
    )
}

type Everything = (
    Head,
    Body,
    (
        Loaded<Handling>,
        Loaded<Signature>,
        Loaded<Running>,
        Loaded<FromMeeting>,
    ),
    (
        Loaded<Communication>,
        Loaded<Reply>,
        Loaded<Receipt>,
        Loaded<Commitment>,
    ),
);

pub fn list_of<T>(loaded: Loaded<T>) -> Vec<T> {
    loaded.map_or_else(Vec::new, |parts| parts.0)
}

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
            (handlings_whole(), signatures(), deadlines(), from_meeting()),
            (communications(), replies(), receipts(), commitments()),
        ))
        .first(&mut conn)
        .await
        .optional()?;
    let Some((head, body, (handlings, signatures, deadlines, from), said)) = found else {
        return Ok(None);
    };
    let (handlings, signatures) = (list_of(handlings), list_of(signatures));
    let suggestion = Suggestion::new(head, handlings, signatures, list_of(deadlines), directory, today)?;
    let (communications, replies, receipts, commitments) = said;
    Ok(Some(Dossier {
        suggestion,
        body,
        replies: list_of(replies),
        communications: list_of(communications),
        receipts: list_of(receipts),
        commitments: list_of(commitments),
        from_meeting: list_of(from).pop(),
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
    let (conn, today) = (&*tx.conn, tx.origin.now);
    let mut shared = conn;
    let lock = async {
        let held: Option<Uuid> = suggestions::table
            .find(id)
            .select(suggestions::id)
            .for_update()
            .first(&mut shared)
            .await
            .optional()?;
        held.ok_or_else(Problem::not_found)
    };
    let read = find(conn, id, directory, crate::clock::shanghai_day(today));
    let (_, dossier) = futures_util::try_join!(lock, read)?;
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
