//! A correction of the calendar and the deadlines that run. The correction holds at once; the runner then moves the deadlines
//! batch by batch, and remembers how far it has come, so that nobody waits for it and a killed instance's work is taken up.
//! Whoever acts on a thing meanwhile moves that thing's deadlines first (`settle`).

mod shift;

use super::timing;
use crate::clock::Clock;
use crate::db::Db;
use crate::db::schema::{calendar_corrections as corrections, todos as table};
use crate::problem::{Problem, Result};
use crate::work::{Origin, Tx};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::Serialize;
use shift::{Running, shift, shift_many};
use std::time::{Duration, Instant};
use utoipa::ToSchema;
use uuid::Uuid;

/// Deadlines a transaction: a step on one of them waits a fraction of a second.
const BATCH: i64 = 500;

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

/// How long one turn of the runner goes on; the next takes up what is left.
const TURN: Duration = Duration::from_secs(30);

/// Moves deadlines until nothing is left to be moved, or the turn is over; answers how many were looked at, and tells at each
/// batch how many are left.
///
/// # Errors
/// `database_unavailable`.
pub async fn carry_on(db: &Db, clock: &Clock, timing: &timing::Cache, told: impl Fn(i64)) -> Result<usize> {
    let (began, mut examined) = (Instant::now(), 0);
    loop {
        let left = left(db).await?;
        told(left.unwrap_or(0));
        if left.is_none() || began.elapsed() > TURN {
            return Ok(examined);
        }
        let origin = Origin::runner(clock.now());
        let batch = db
            .transaction(&origin, async |tx| {
                tx.changes_nothing();
                batch(timing, tx).await
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
async fn left(db: &Db) -> Result<Option<i64>> {
    let mut connection = db.get().await?;
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
async fn batch(timing: &timing::Cache, tx: &mut Tx<'_>) -> Result<Option<usize>> {
    let Some(pending) = claim(tx).await? else {
        return Ok(None);
    };
    // Held as by a step: no further correction comes between the calendar and what is moved by it.
    let timing = timing.in_transaction(tx).await?;
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
    let moved = shift_many(tx, &timing, &pending, &deadlines).await?;
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
