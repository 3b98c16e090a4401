//! What is shown to the caller, put on record and announced after a change.

use super::conflicts;
use super::links;
use super::model::MeetingView;
use super::policy::Meeting;
use super::queries::Sight;
use crate::clock::shanghai_day;
use crate::directory::Directory;
use crate::policy::{Caller, Operation, Permit};
use crate::problem::{Problem, Result};
use crate::work::Change;
use crate::work::Tx;
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
    let (mut conflicts, links) = futures_util::try_join!(
        conflicts::of(conn, caller, &sight, meetings, directory),
        links::of(conn, caller, meetings, directory),
    )?;
    let view = |meeting: &Meeting| {
        let conflicts = conflicts.remove(&meeting.row.id).unwrap_or_default();
        MeetingView::for_caller(caller, meeting, directory, conflicts, &links)
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
    let is_draft = after.is_draft();
    let mut views = Vec::with_capacity(2);
    for meeting in before.into_iter().chain([after]) {
        // What is announced is read by others than who may follow a link; a draft's record has what its host sees.
        views.push(match is_draft {
            true => {
                let one = std::slice::from_ref(meeting);
                let links = links::of(tx.conn, permit.caller(), one, directory).await?;
                MeetingView::linked(meeting, directory, &links)?
            }
            false => MeetingView::new(meeting, directory)?,
        });
    }
    let (after_view, before_view) = (views.pop(), views.pop());
    let change = Change::new(event, after.row.id, before_view.as_ref(), after_view.as_ref())?;
    let change = if is_draft { change.kept_quiet() } else { change };
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
