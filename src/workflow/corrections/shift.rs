//! Deadlines that end on another day than before, moved together: a statement for all of them, not one for each.

use super::Pending;
use crate::db::schema::{reminders, suggestions, todos as table};
use crate::problem::Result;
use crate::work::Change;
use crate::work::{Origin, Tx};
use crate::workflow::calendar::Unit;
use crate::workflow::notices::{self, Notice, NoticeKind};
use crate::workflow::subjects::{Subject, SubjectType, chinese_day};
use crate::workflow::todos::{self, TodoKind};
use crate::workflow::{Term, Timing};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Date, Text as SqlText, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// What a move's record has room for.
const REASON_LENGTH: usize = 500;

/// A deadline that follows the calendar.
#[derive(Queryable, Selectable)]
#[diesel(table_name = table)]
pub(super) struct Running {
    pub id: Uuid,
    organization_id: Uuid,
    kind: TodoKind,
    subject_type: SubjectType,
    subject_id: Uuid,
    title: String,
    started_on: Option<NaiveDate>,
    amount: Option<i32>,
    unit: Option<Unit>,
    due_on: Option<NaiveDate>,
}

impl Running {
    fn is_of_suggestion(&self) -> bool {
        self.subject_type == SubjectType::Suggestion
    }
}

/// A deadline that ends on another day.
struct Move<'a> {
    todo: &'a Running,
    before: NaiveDate,
    after: NaiveDate,
    reason: String,
}

/// A list of something of each.
fn of_each<'m, 'a, T>(moves: &'m [Move<'a>], get: impl Fn(&'m Move<'a>) -> T) -> Vec<T> {
    moves.iter().map(get).collect()
}

/// Moves those that the calendar of today lets end on another day: the day, the reason on record, reminders by the new day, a
/// notice to who owes. Answers how many were moved.
pub(super) async fn shift(
    tx: &mut Tx<'_>,
    timing: &Timing,
    pending: &[Pending],
    deadlines: &[Running],
) -> Result<usize> {
    // Most have begun on few days.
    let mut days = HashMap::new();
    let mut moves = Vec::new();
    for todo in deadlines {
        moves.extend(moved(timing, &mut days, pending, todo));
    }
    if moves.is_empty() {
        return Ok(0);
    }
    hold_suggestions(tx, &moves).await?;
    let done = set_days(tx, &moves).await?;
    moves.retain(|one| done.contains(&one.todo.id));
    // Nobody's step, also where one has asked for it.
    let origin = Origin::runner(tx.now());
    let tx = &mut tx.on_behalf(&origin);
    write_moves(tx, &moves).await?;
    plan_reminders(tx, timing, &moves).await?;
    tell(tx, &moves).await?;
    record(tx, &moves).await?;
    Ok(moves.len())
}

/// The last day of each term that begins on a day.
type Days = HashMap<(NaiveDate, Term), NaiveDate>;

fn moved<'a>(timing: &Timing, days: &mut Days, pending: &[Pending], todo: &'a Running) -> Option<Move<'a>> {
    let (Some(start), Some(amount), Some(unit), Some(before)) =
        (todo.started_on, todo.amount, todo.unit, todo.due_on)
    else {
        return None;
    };
    let term = Term { amount, unit };
    let after = *days
        .entry((start, term))
        .or_insert_with(|| timing.calendar.due(start, term).on);
    if after == before {
        return None;
    }
    let reasons = pending.iter().filter(|one| one.position < todo.id);
    let reason = join(reasons.map(|one| one.reason.as_str()));
    (!reason.is_empty()).then_some(Move {
        todo,
        before,
        after,
        reason,
    })
}

/// Each reason once, as far as there is room.
fn join<'a>(reasons: impl Iterator<Item = &'a str>) -> String {
    let mut distinct: Vec<&str> = Vec::new();
    for reason in reasons {
        let reason = reason.trim_end_matches('。');
        if !distinct.contains(&reason) {
            distinct.push(reason);
        }
    }
    distinct.join("；").chars().take(REASON_LENGTH).collect()
}

/// The marks of all suggestions that were moved, at once; the trigger would look at one after the other.
pub(super) async fn shift_many(
    tx: &mut Tx<'_>,
    timing: &Timing,
    pending: &[Pending],
    deadlines: &[Running],
) -> Result<usize> {
    diesel::sql_query("SET LOCAL liaison.marks_kept_together = 'on'")
        .execute(tx.conn)
        .await?;
    let moved = shift(tx, timing, pending, deadlines).await?;
    let suggestions: Vec<Uuid> = deadlines
        .iter()
        .filter(|todo| todo.is_of_suggestion())
        .map(|todo| todo.subject_id)
        .collect();
    if moved > 0 {
        diesel::sql_query("SELECT keep_marks_of_suggestions($1)")
            .bind::<Array<SqlUuid>, _>(suggestions)
            .execute(tx.conn)
            .await?;
    }
    Ok(moved)
}

/// Suggestions are held before their to-dos, as steps do it; what is done to them happens after what was done before.
async fn hold_suggestions(tx: &mut Tx<'_>, moves: &[Move<'_>]) -> Result<()> {
    let changed_at: Vec<DateTime<Utc>> = suggestions::table
        .filter(suggestions::id.eq_any(suggestions_of(moves)))
        .order(suggestions::id)
        .select(suggestions::updated_at)
        .for_no_key_update()
        .load(tx.conn)
        .await?;
    if let Some(last) = changed_at.into_iter().max() {
        tx.holds(last);
    }
    Ok(())
}

fn suggestions_of(moves: &[Move<'_>]) -> Vec<Uuid> {
    let of = moves.iter().filter(|one| one.todo.is_of_suggestion());
    of.map(|one| one.todo.subject_id).collect()
}

#[derive(QueryableByName)]
struct Done {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

/// Those that were done, extended or moved since they were read stay as they are.
async fn set_days(tx: &mut Tx<'_>, moves: &[Move<'_>]) -> Result<HashSet<Uuid>> {
    let done: Vec<Done> = diesel::sql_query(
        "WITH held AS MATERIALIZED (SELECT id FROM todos WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE)
         UPDATE todos SET due_on = moves.after
         FROM unnest($1, $2, $3) AS moves (id, before, after), held
         WHERE todos.id = moves.id AND held.id = moves.id AND todos.due_on = moves.before
            AND todos.closed_at IS NULL AND todos.extended_at IS NULL
         RETURNING todos.id",
    )
    .bind::<Array<SqlUuid>, _>(of_each(moves, |one| one.todo.id))
    .bind::<Array<Date>, _>(of_each(moves, |one| one.before))
    .bind::<Array<Date>, _>(of_each(moves, |one| one.after))
    .load(tx.conn)
    .await?;
    Ok(done.into_iter().map(|one| one.id).collect())
}

/// The record raises the versions of the things that show the deadlines, by a trigger.
async fn write_moves(tx: &mut Tx<'_>, moves: &[Move<'_>]) -> Result<()> {
    // Five lists, however many there are: to parse thousands of values takes longer than to insert them.
    diesel::sql_query(
        "INSERT INTO deadline_moves (id, todo_id, moved_at, due_before, due_after, reason)
         SELECT id, todo_id, $1, due_before, due_after, reason
         FROM unnest($2, $3, $4, $5, $6) AS moved (id, todo_id, due_before, due_after, reason)",
    )
    .bind::<Timestamptz, _>(tx.now())
    .bind::<Array<SqlUuid>, _>(of_each(moves, |_| Uuid::now_v7()))
    .bind::<Array<SqlUuid>, _>(of_each(moves, |one| one.todo.id))
    .bind::<Array<Date>, _>(of_each(moves, |one| one.before))
    .bind::<Array<Date>, _>(of_each(moves, |one| one.after))
    .bind::<Array<SqlText>, _>(of_each(moves, |one| one.reason.as_str()))
    .execute(tx.conn)
    .await?;
    Ok(())
}

async fn plan_reminders(tx: &mut Tx<'_>, timing: &Timing, moves: &[Move<'_>]) -> Result<()> {
    let ids = moves.iter().map(|one| one.todo.id);
    diesel::delete(
        reminders::table
            .filter(reminders::todo_id.eq_any(ids))
            .filter(reminders::sent_at.is_null()),
    )
    .execute(tx.conn)
    .await?;
    // Most end on few days.
    let mut days: HashMap<NaiveDate, Vec<_>> = HashMap::new();
    let today = tx.today();
    let mut rows = Vec::new();
    for one in moves {
        let steps = days
            .entry(one.after)
            .or_insert_with(|| todos::reminder_days(timing, one.after, today));
        rows.extend(steps.iter().map(|step| (one.todo.id, *step)));
    }
    todos::insert_reminders(tx, &rows).await
}

async fn tell(tx: &mut Tx<'_>, moves: &[Move<'_>]) -> Result<()> {
    let subjects = moves
        .iter()
        .map(|one| Subject::new(one.todo.subject_type, one.todo.subject_id, &one.todo.title))
        .collect::<Vec<_>>();
    let told = moves
        .iter()
        .zip(&subjects)
        .map(|(one, subject)| (one.todo.organization_id, notice(one, subject)))
        .collect::<Vec<_>>();
    notices::send_each(tx, &told).await
}

fn notice<'a>(one: &Move<'_>, subject: &'a Subject) -> Notice<'a> {
    let (was, is) = (chinese_day(one.before), chinese_day(one.after));
    let (title, reason) = (&subject.title, &one.reason);
    Notice {
        kind: NoticeKind::DeadlineMoved,
        level: None,
        subject,
        title: format!("期限调整：{title}"),
        text: format!(
            "待办“{}”：《{title}》的办理期限因工作日安排更正，由{was}调整为{is}。更正原因：{reason}。事项地址：{}",
            one.todo.kind.label().zh,
            subject.kind.path(subject.id)
        ),
    }
}

/// For the audit log alone: other systems were told of the calendar, and find the things that it moves by `updated_since`.
async fn record(tx: &mut Tx<'_>, moves: &[Move<'_>]) -> Result<()> {
    let changes = moves
        .iter()
        .map(|one| {
            let mut change = Change::unannounced(one.todo.subject_type.into(), one.todo.subject_id);
            let day = |on: NaiveDate| serde_json::json!({ "todo": one.todo.id, "kind": one.todo.kind, "due_on": on });
            change.before = Some(day(one.before));
            let mut after = day(one.after);
            after["reason"] = one.reason.as_str().into();
            change.after = Some(after);
            change
        })
        .collect::<Vec<_>>();
    tx.record_all_of_time("move_deadline", &changes).await
}
