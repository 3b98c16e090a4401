//! The deadlines of a thing, explained: from when, by which rule, over which days, and why it was moved.

use super::calendar::{Skipped, Term, Unit};
use super::machine::Label;
use super::todos::TodoKind;
use super::{Timing, machine};
use crate::clock::shanghai_day;
use crate::db::schema::{deadline_moves, todos};
use crate::directory::Directory;
use crate::directory::model::OrganizationRef;
use crate::problem::{Problem, Result};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::Serialize;
use std::collections::HashSet;
use utoipa::ToSchema;
use uuid::Uuid;

/// 期限
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Deadline)]
pub struct DeadlineView {
    pub kind: TodoKind,
    pub label: Label,
    /// Who owes it.
    pub organization: OrganizationRef,
    /// The day that it is counted from, which itself is not counted; null where the due day was named, not counted.
    #[schema(required = true)]
    pub started_on: Option<NaiveDate>,
    #[schema(required = true)]
    pub rule: Option<DeadlineRule>,
    pub due_on: NaiveDate,
    /// The day that a correction of the calendar moves it to as soon as it is reached; null where none is on its way.
    #[schema(required = true, example = json!(null))]
    pub moving_to: Option<NaiveDate>,
    /// Days that were not counted, or could not be the last, and why.
    #[schema(max_items = 1000)]
    pub skipped: Vec<Skipped>,
    /// The arrangement of a year that it reaches into is not loaded yet: weekdays were counted.
    pub provisional: bool,
    /// When it was met; null while it runs, and where it ended otherwise.
    #[schema(required = true)]
    pub met_at: Option<DateTime<Utc>>,
    /// When it was met or ended otherwise; null while it runs.
    #[schema(required = true)]
    pub ended_at: Option<DateTime<Utc>>,
    /// The step that it began by; null where that is not on record.
    #[schema(required = true, example = "submit", max_length = 64)]
    pub started_by: Option<String>,
    /// The step that it ended by, which need not be the one that was owed, such as a reassignment.
    #[schema(required = true, example = json!(null), max_length = 64)]
    pub ended_by: Option<String>,
    /// Met or ended after its due day, or running and past it.
    pub overdue: bool,
    #[schema(max_items = 100)]
    pub moves: Vec<DeadlineMove>,
}

/// 期限规则
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DeadlineRule {
    #[schema(example = 5, minimum = 1)]
    pub amount: i32,
    pub unit: Unit,
}

/// 期限调整
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DeadlineMove {
    pub moved_at: DateTime<Utc>,
    pub due_before: NaiveDate,
    pub due_after: NaiveDate,
    #[schema(example = "国务院办公厅调整节假日安排", max_length = 500)]
    pub reason: String,
}

/// 期限列表
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Deadlines {
    #[schema(max_items = 1000)]
    pub items: Vec<DeadlineView>,
}

#[derive(Queryable)]
struct Row {
    id: Uuid,
    organization_id: Uuid,
    kind: TodoKind,
    started_on: Option<NaiveDate>,
    amount: Option<i32>,
    unit: Option<Unit>,
    due_on: Option<NaiveDate>,
    closed_at: Option<DateTime<Utc>>,
    opened_by: Option<String>,
    closed_by: Option<String>,
    opened_at: DateTime<Utc>,
    extended_at: Option<DateTime<Utc>>,
}

/// Those of one thing, the oldest first.
pub async fn of_subject(
    conn: &AsyncPgConnection,
    directory: &Directory,
    timing: &Timing,
    subject: Uuid,
    today: NaiveDate,
) -> Result<Deadlines> {
    as_seen(conn, directory, timing, subject, today, None).await
}

/// The same as they were at an instant, for who reads no further; `today` is its day then.
pub async fn as_seen(
    mut conn: &AsyncPgConnection,
    directory: &Directory,
    timing: &Timing,
    subject: Uuid,
    today: NaiveDate,
    until: Option<DateTime<Utc>>,
) -> Result<Deadlines> {
    let mut rows: Vec<Row> = todos::table
        .filter(todos::subject_id.eq(subject))
        .filter(todos::due_on.is_not_null())
        .order((todos::opened_at, todos::id))
        .select((
            todos::id,
            todos::organization_id,
            todos::kind,
            todos::started_on,
            todos::amount,
            todos::unit,
            todos::due_on,
            todos::closed_at,
            todos::opened_by,
            todos::closed_by,
            todos::opened_at,
            todos::extended_at,
        ))
        .load(&mut conn)
        .await?;
    let later = |at: DateTime<Utc>| until.is_some_and(|until| at > until);
    rows.retain(|row| !later(row.opened_at));
    let follows = |row: &Row| row.closed_at.is_none() && row.extended_at.is_none();
    let following: HashSet<Uuid> = rows.iter().filter(|row| follows(row)).map(|row| row.id).collect();
    for row in rows.iter_mut().filter(|row| row.closed_at.is_some_and(later)) {
        (row.closed_at, row.closed_by) = (None, None);
    }
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let moves: Vec<(Uuid, DateTime<Utc>, NaiveDate, NaiveDate, String)> = deadline_moves::table
        .filter(deadline_moves::todo_id.eq_any(ids))
        .order(deadline_moves::moved_at)
        .select((
            deadline_moves::todo_id,
            deadline_moves::moved_at,
            deadline_moves::due_before,
            deadline_moves::due_after,
            deadline_moves::reason,
        ))
        .load(&mut conn)
        .await?;
    let items = rows
        .into_iter()
        .map(|mut row| {
            let moved_later = moves
                .iter()
                .find(|(todo, moved_at, ..)| *todo == row.id && later(*moved_at));
            if let Some((_, _, due_before, ..)) = moved_later {
                row.due_on = Some(*due_before);
            }
            let moves = moves
                .iter()
                .filter(|(todo, moved_at, ..)| *todo == row.id && !later(*moved_at))
                .map(|(_, moved_at, due_before, due_after, reason)| DeadlineMove {
                    moved_at: *moved_at,
                    due_before: *due_before,
                    due_after: *due_after,
                    reason: reason.clone(),
                })
                .collect();
            let follows = following.contains(&row.id);
            view(row, directory, timing, today, (follows, moves))
        })
        .collect::<Result<_>>()?;
    Ok(Deadlines { items })
}

fn view(
    row: Row,
    directory: &Directory,
    timing: &Timing,
    today: NaiveDate,
    (follows, moves): (bool, Vec<DeadlineMove>),
) -> Result<DeadlineView> {
    let Row {
        id: _,
        organization_id,
        kind,
        started_on,
        amount,
        unit,
        due_on,
        closed_at,
        opened_by,
        closed_by,
        opened_at: _,
        extended_at: _,
    } = row;
    let due_on = due_on.ok_or_else(|| Problem::internal("a deadline without its day"))?;
    let rule = match (amount, unit) {
        (Some(amount), Some(unit)) => Some(DeadlineRule { amount, unit }),
        _ => None,
    };
    // Counted again for the explanation; the day itself is the one that was given.
    let counted = started_on.zip(rule.as_ref()).map(|(start, rule)| {
        let term = Term {
            amount: rule.amount,
            unit: rule.unit,
        };
        timing.calendar.due(start, term)
    });
    let moving_to = counted
        .as_ref()
        .map(|due| due.on)
        .filter(|on| follows && *on != due_on);
    let (skipped, provisional) = counted.map_or((Vec::new(), false), |due| (due.skipped, due.provisional));
    Ok(DeadlineView {
        kind,
        label: machine::Label::from(kind.label()),
        organization: directory.reference(organization_id, today)?,
        started_on,
        rule,
        due_on,
        moving_to,
        skipped,
        provisional,
        met_at: closed_at.filter(|_| kind.is_met_by(closed_by.as_deref())),
        ended_at: closed_at,
        started_by: opened_by,
        ended_by: closed_by,
        overdue: closed_at.map_or(today, shanghai_day) > due_on,
        moves,
    })
}
