//! A correction of the calendar and the deadlines that run. The correction holds at once; the runner then moves the deadlines
//! batch by batch, and remembers how far it has come, so that nobody waits for it and a killed instance's work is taken up.
//! Whoever acts on a thing meanwhile moves that thing's deadlines first (`settle`).

use super::subjects::{Subject, SubjectType, chinese_day};
use super::todos::{self, TodoKind};
use super::{Term, Timing, timing};
use crate::app::Instance;
use crate::db::schema::{
    calendar_corrections as corrections, deadline_moves, reminders, suggestions, todos as table,
};
use crate::db::transaction::{Origin, Tx};
use crate::events::Change;
use crate::events::notices::{self, Notice, NoticeKind};
use crate::http::problem::{Problem, Result};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Date, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::Serialize;
use std::collections::{HashMap, HashSet};
use utoipa::ToSchema;
use uuid::Uuid;

/// Deadlines a transaction: a step on one of them waits a fraction of a second.
const BATCH: i64 = 500;

/// What a move's record has room for.
const REASON_LENGTH: usize = 500;

/// 工作日更正进度
#[derive(Clone, Debug, Serialize, ToSchema, Queryable, Selectable)]
#[schema(as = CalendarCorrection)]
#[diesel(table_name = corrections)]
pub struct CorrectionView {
    #[schema(example = "国务院办公厅调整节假日安排", max_length = 500)]
    pub reason: String,
    pub made_at: DateTime<Utc>,
    /// Running deadlines that reach into the years corrected; null until they are counted.
    #[schema(required = true, minimum = 0, example = 120)]
    pub total: Option<i64>,
    /// Of these, how many have been looked at.
    #[schema(minimum = 0, example = 120)]
    pub examined: i64,
    /// How many of these ended on another day than before.
    #[schema(minimum = 0, example = 17)]
    pub moved: i64,
    /// Null while deadlines are still being moved.
    #[schema(required = true)]
    pub finished_at: Option<DateTime<Utc>>,
}

/// The last correction that a year was part of.
pub async fn latest(mut conn: &AsyncPgConnection, year: i32) -> Result<Option<CorrectionView>> {
    Ok(corrections::table
        .filter(corrections::years.contains(vec![year]))
        .order(corrections::seq.desc())
        .select(CorrectionView::as_select())
        .first(&mut conn)
        .await
        .optional()?)
}

/// Deadlines that are to be moved after these years have changed, in the transaction that changes them.
pub async fn begin(tx: &mut Tx<'_>, years: &[i32], reason: &str) -> Result<()> {
    let any: bool = diesel::select(diesel::dsl::exists(running(years)))
        .get_result(tx.conn)
        .await?;
    let nothing_to_do = (!any).then_some(0_i64);
    diesel::insert_into(corrections::table)
        .values((
            corrections::years.eq(years),
            corrections::reason.eq(reason),
            corrections::made_at.eq(tx.now()),
            corrections::total.eq(nothing_to_do),
            corrections::finished_at.eq(nothing_to_do.map(|_| tx.now())),
        ))
        .execute(tx.conn)
        .await?;
    Ok(())
}

type OfTodos = table::BoxedQuery<'static, diesel::pg::Pg>;

/// Deadlines that follow the calendar and reach into these years, or between them.
fn running(years: &[i32]) -> OfTodos {
    let first = years
        .iter()
        .min()
        .and_then(|year| NaiveDate::from_ymd_opt(*year, 1, 1));
    let last = years
        .iter()
        .max()
        .and_then(|year| NaiveDate::from_ymd_opt(*year, 12, 31));
    following()
        .filter(table::due_on.ge(first))
        .filter(table::started_on.lt(last))
}

fn following() -> OfTodos {
    table::table
        .filter(table::closed_at.is_null())
        .filter(table::started_on.is_not_null())
        .filter(table::extended_at.is_null())
        .into_boxed()
}

/// Whether some deadlines still run by a calendar that has been corrected.
#[diesel::dsl::auto_type(no_type_alias)]
pub fn pending() -> _ {
    diesel::dsl::exists(corrections::table.filter(corrections::finished_at.is_null()))
}

/// A correction that is not finished.
#[derive(Queryable, Selectable)]
#[diesel(table_name = corrections)]
struct Pending {
    seq: i64,
    years: Vec<i32>,
    reason: String,
    position: Uuid,
    total: Option<i64>,
}

/// Moves deadlines until nothing is left to be moved; answers how many were looked at.
///
/// # Errors
/// `database_unavailable`.
pub async fn carry_on(instance: &Instance) -> Result<usize> {
    let mut examined = 0;
    loop {
        let left = left(instance).await?;
        instance.metrics.deadlines_to_move.set(left.unwrap_or(0));
        if left.is_none() {
            return Ok(examined);
        }
        let origin = Origin::runner(instance.clock.now());
        let batch = instance
            .db
            .transaction(&origin, async |tx| {
                tx.changes_nothing();
                batch(instance, tx).await
            })
            .await?;
        match batch {
            Some(count) => examined += count,
            // Another instance is at it.
            None => return Ok(examined),
        }
    }
}

/// How many deadlines wait to be looked at; none where no correction is unfinished.
async fn left(instance: &Instance) -> Result<Option<i64>> {
    let mut connection = instance.db.get().await?;
    let unfinished: Vec<(Option<i64>, i64)> = corrections::table
        .filter(corrections::finished_at.is_null())
        .select((corrections::total, corrections::examined))
        .load(&mut connection)
        .await?;
    let left = unfinished
        .iter()
        .map(|(total, examined)| (total.unwrap_or(0) - examined).max(0));
    Ok((!unfinished.is_empty()).then(|| left.sum()))
}

/// The next deadlines of the oldest correction that is not finished; none where there is none, or another instance holds it.
async fn batch(instance: &Instance, tx: &mut Tx<'_>) -> Result<Option<usize>> {
    let Some(pending) = claim(tx).await? else {
        return Ok(None);
    };
    // Held as by a step: no further correction comes between the calendar and what is moved by it.
    let timing = instance.timing.in_transaction(tx).await?;
    let [current, ..] = pending.as_slice() else {
        return Ok(None);
    };
    let total = match current.total {
        Some(total) => total,
        None => running(&current.years).count().get_result(tx.conn).await?,
    };
    let deadlines: Vec<Running> = running(&current.years)
        .filter(table::id.gt(current.position))
        .order(table::id)
        .limit(BATCH)
        .select(Running::as_select())
        .load(tx.conn)
        .await?;
    let moved = shift(tx, &timing, &pending, &deadlines).await?;
    let last = deadlines.last().map_or(current.position, |one| one.id);
    let count = |count: usize| i64::try_from(count).map_err(Problem::internal);
    diesel::update(corrections::table.find(current.seq))
        .set((
            corrections::position.eq(last),
            corrections::total.eq(total),
            corrections::examined.eq(corrections::examined + count(deadlines.len())?),
            corrections::moved.eq(corrections::moved + count(moved)?),
            corrections::finished_at.eq(deadlines.is_empty().then(|| tx.now())),
        ))
        .execute(tx.conn)
        .await?;
    Ok(Some(deadlines.len()))
}

/// The unfinished corrections, the oldest held against all other instances. One after the other: the later ones find what
/// the earlier ones have left.
async fn claim(tx: &mut Tx<'_>) -> Result<Option<Vec<Pending>>> {
    let oldest: Option<i64> = unfinished()
        .select(corrections::seq)
        .first(tx.conn)
        .await
        .optional()?;
    let held: Option<i64> = corrections::table
        .filter(corrections::seq.nullable().eq(oldest))
        .filter(corrections::finished_at.is_null())
        .select(corrections::seq)
        .for_update()
        .skip_locked()
        .first(tx.conn)
        .await
        .optional()?;
    if held.is_none() {
        return Ok(None);
    }
    Ok(Some(load_pending(tx).await?))
}

#[diesel::dsl::auto_type(no_type_alias)]
fn unfinished() -> _ {
    corrections::table
        .filter(corrections::finished_at.is_null())
        .order(corrections::seq)
}

async fn load_pending(tx: &mut Tx<'_>) -> Result<Vec<Pending>> {
    Ok(unfinished().select(Pending::as_select()).load(tx.conn).await?)
}

/// Moves the deadlines of one thing ahead of the runner, for whoever is about to judge or end them.
pub async fn settle(tx: &mut Tx<'_>, subject: Uuid) -> Result<()> {
    let pending = load_pending(tx).await?;
    if pending.is_empty() {
        return Ok(());
    }
    let timing = timing::load(tx.conn).await?;
    let deadlines: Vec<Running> = following()
        .filter(table::subject_id.eq(subject))
        .order(table::id)
        .select(Running::as_select())
        .load(tx.conn)
        .await?;
    shift(tx, &timing, &pending, &deadlines).await?;
    Ok(())
}

/// A deadline that follows the calendar.
#[derive(Queryable, Selectable)]
#[diesel(table_name = table)]
struct Running {
    id: Uuid,
    organization_id: Uuid,
    kind: String,
    subject_type: String,
    subject_id: Uuid,
    title: String,
    started_on: Option<NaiveDate>,
    amount: Option<i32>,
    unit: Option<String>,
    due_on: Option<NaiveDate>,
}

/// A deadline that ends on another day.
struct Move<'a> {
    todo: &'a Running,
    before: NaiveDate,
    after: NaiveDate,
    reason: String,
}

/// Moves those that the calendar of today lets end on another day: the day, the reason on record, reminders by the new day, a
/// notice to who owes. Answers how many were moved.
async fn shift(
    tx: &mut Tx<'_>,
    timing: &Timing,
    pending: &[Pending],
    deadlines: &[Running],
) -> Result<usize> {
    let mut moves = Vec::new();
    for todo in deadlines {
        moves.extend(moved(timing, pending, todo)?);
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
    raise_versions(tx, &moves).await?;
    write_moves(tx, &moves).await?;
    plan_reminders(tx, timing, &moves).await?;
    tell(tx, &moves).await?;
    record(tx, &moves).await?;
    Ok(moves.len())
}

fn moved<'a>(timing: &Timing, pending: &[Pending], todo: &'a Running) -> Result<Option<Move<'a>>> {
    let (Some(start), Some(amount), Some(unit), Some(before)) =
        (todo.started_on, todo.amount, todo.unit.as_deref(), todo.due_on)
    else {
        return Ok(None);
    };
    let unit = unit.parse().map_err(Problem::internal)?;
    let after = timing.calendar.due(start, Term { amount, unit }).on;
    let reasons = pending.iter().filter(|one| one.position < todo.id);
    let reason = join(reasons.map(|one| one.reason.as_str()));
    Ok((after != before && !reason.is_empty()).then_some(Move {
        todo,
        before,
        after,
        reason,
    }))
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

/// Suggestions are held before their to-dos, as steps do it.
async fn hold_suggestions(tx: &mut Tx<'_>, moves: &[Move<'_>]) -> Result<()> {
    suggestions::table
        .filter(suggestions::id.eq_any(suggestions_of(moves)))
        .order(suggestions::id)
        .select(suggestions::id)
        .for_no_key_update()
        .load::<Uuid>(tx.conn)
        .await?;
    Ok(())
}

fn suggestions_of(moves: &[Move<'_>]) -> Vec<Uuid> {
    let kind = <&str>::from(SubjectType::Suggestion);
    let of = moves.iter().filter(|one| one.todo.subject_type == kind);
    of.map(|one| one.todo.subject_id).collect()
}

#[derive(QueryableByName)]
struct Done {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

/// Those that were done, extended or moved since they were read stay as they are.
async fn set_days(tx: &mut Tx<'_>, moves: &[Move<'_>]) -> Result<HashSet<Uuid>> {
    let ids: Vec<Uuid> = moves.iter().map(|one| one.todo.id).collect();
    let before: Vec<NaiveDate> = moves.iter().map(|one| one.before).collect();
    let after: Vec<NaiveDate> = moves.iter().map(|one| one.after).collect();
    let done: Vec<Done> = diesel::sql_query(
        "WITH held AS MATERIALIZED (SELECT id FROM todos WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE)
         UPDATE todos SET due_on = moves.after
         FROM unnest($1, $2, $3) AS moves (id, before, after), held
         WHERE todos.id = moves.id AND held.id = moves.id AND todos.due_on = moves.before
            AND todos.closed_at IS NULL AND todos.extended_at IS NULL
         RETURNING todos.id",
    )
    .bind::<Array<SqlUuid>, _>(ids)
    .bind::<Array<Date>, _>(before)
    .bind::<Array<Date>, _>(after)
    .load(tx.conn)
    .await?;
    Ok(done.into_iter().map(|one| one.id).collect())
}

/// What a suggestion answers has changed with its deadlines.
async fn raise_versions(tx: &mut Tx<'_>, moves: &[Move<'_>]) -> Result<()> {
    diesel::update(suggestions::table.filter(suggestions::id.eq_any(suggestions_of(moves))))
        .set((
            suggestions::version.eq(suggestions::version + 1),
            suggestions::updated_at.eq(tx.now()),
        ))
        .execute(tx.conn)
        .await?;
    Ok(())
}

async fn write_moves(tx: &mut Tx<'_>, moves: &[Move<'_>]) -> Result<()> {
    let rows: Vec<_> = moves
        .iter()
        .map(|one| {
            (
                deadline_moves::id.eq(Uuid::now_v7()),
                deadline_moves::todo_id.eq(one.todo.id),
                deadline_moves::moved_at.eq(tx.now()),
                deadline_moves::due_before.eq(one.before),
                deadline_moves::due_after.eq(one.after),
                deadline_moves::reason.eq(&one.reason),
            )
        })
        .collect();
    diesel::insert_into(deadline_moves::table)
        .values(rows)
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
        .map(|one| {
            let kind: SubjectType = one.todo.subject_type.parse().map_err(Problem::internal)?;
            Ok(Subject::new(kind, one.todo.subject_id, &one.todo.title))
        })
        .collect::<Result<Vec<_>>>()?;
    let told = moves
        .iter()
        .zip(&subjects)
        .map(|(one, subject)| Ok((one.todo.organization_id, notice(one, subject)?)))
        .collect::<Result<Vec<_>>>()?;
    notices::send_each(tx, &told).await
}

fn notice<'a>(one: &Move<'_>, subject: &'a Subject) -> Result<Notice<'a>> {
    let what: TodoKind = one.todo.kind.parse().map_err(Problem::internal)?;
    let (was, is) = (chinese_day(one.before), chinese_day(one.after));
    let (title, reason) = (&subject.title, &one.reason);
    Ok(Notice {
        kind: NoticeKind::DeadlineMoved,
        level: None,
        subject,
        title: format!("期限调整：{title}"),
        text: format!(
            "待办“{}”：《{title}》的办理期限因工作日安排更正，由{was}调整为{is}。更正原因：{reason}。事项地址：{}",
            what.label().zh,
            subject.kind.path(subject.id)
        ),
    })
}

/// For the audit log alone: other systems were told of the calendar, and find the things that it moves by `updated_since`.
async fn record(tx: &mut Tx<'_>, moves: &[Move<'_>]) -> Result<()> {
    let changes = moves
        .iter()
        .map(|one| {
            let kind: SubjectType = one.todo.subject_type.parse().map_err(Problem::internal)?;
            let mut change = Change::unannounced(kind.into(), one.todo.subject_id);
            let day = |on: NaiveDate| serde_json::json!({ "todo": one.todo.id, "kind": one.todo.kind, "due_on": on });
            change.before = Some(day(one.before));
            let mut after = day(one.after);
            after["reason"] = one.reason.as_str().into();
            change.after = Some(after);
            Ok(change)
        })
        .collect::<Result<Vec<_>>>()?;
    tx.record_all_of_time("move_deadline", &changes).await
}
