//! What is shown to the caller, put on record and announced after a change.

use super::conflicts;
use super::model::MeetingView;
use super::policy::Meeting;
use super::queries::Sight;
use crate::clock::shanghai_day;
use crate::db::transaction::Tx;
use crate::directory::Directory;
use crate::events::Change;
use crate::http::problem::{Problem, Result};
use crate::policy::{Caller, Operation, Permit};
use diesel_async::AsyncPgConnection;
use serde::Serialize;

/// Meetings as the caller sees them.
pub async fn views(
    conn: &AsyncPgConnection,
    caller: &Caller,
    meetings: &[Meeting],
    directory: &Directory,
) -> Result<Vec<MeetingView>> {
    let Some(first) = meetings.first() else {
        return Ok(Vec::new());
    };
    let sight = Sight::of(caller, directory, shanghai_day(first.now));
    let mut conflicts = conflicts::of(conn, caller, &sight, meetings, directory).await?;
    let view = |meeting: &Meeting| {
        let conflicts = conflicts.remove(&meeting.row.id).unwrap_or_default();
        MeetingView::for_caller(caller, meeting, directory, conflicts)
    };
    meetings.iter().map(view).collect()
}

/// One meeting as the caller sees it.
pub async fn view(
    conn: &AsyncPgConnection,
    caller: &Caller,
    meeting: &Meeting,
    directory: &Directory,
) -> Result<MeetingView> {
    let mut views = views(conn, caller, std::slice::from_ref(meeting), directory).await?;
    views.pop().ok_or_else(Problem::not_found)
}

/// A change of the meeting itself; of a draft only the audit log learns.
pub async fn changed<O: Operation>(
    tx: &mut Tx<'_>,
    permit: &Permit<O>,
    event: &'static str,
    directory: &Directory,
    before: Option<&Meeting>,
    after: &Meeting,
) -> Result<()> {
    let before = before
        .map(|before| MeetingView::new(before, directory))
        .transpose()?;
    let change = Change::new(
        event,
        after.row.id,
        before.as_ref(),
        Some(&MeetingView::new(after, directory)?),
    )?;
    let change = if after.is_draft() {
        change.kept_quiet()
    } else {
        change
    };
    tx.record(permit, change).await
}

/// A change of a part: the audit log has the part, others hear of the meeting, since not all may read the part.
pub async fn part_changed<O: Operation, V: Serialize>(
    tx: &mut Tx<'_>,
    permit: &Permit<O>,
    event: &'static str,
    directory: &Directory,
    meeting: &Meeting,
    (before, after): (Option<&V>, Option<&V>),
) -> Result<()> {
    let change = Change::new(event, meeting.row.id, before, after)?;
    let change = if meeting.is_draft() {
        change.kept_quiet()
    } else {
        change.announced_as(&MeetingView::new(meeting, directory)?)?
    };
    tx.record(permit, change).await
}
