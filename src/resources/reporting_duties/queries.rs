use super::model::{ReportingDutyFilter, ReportingDutyKind, ReportingDutyState, Row, Running};
use super::period::Period;
use crate::db::schema::{deadline_moves, reporting_duties as duties, todos};
use crate::db::transaction::Tx;
use crate::directory::Since;
use crate::http::problem::Result;
use crate::http::several::Several;
use crate::workflow::todos::{self as waiting, Done};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::HashMap;
use uuid::Uuid;

#[diesel::dsl::auto_type]
fn with_todo() -> _ {
    duties::table.inner_join(todos::table.on(todos::subject_id.eq(duties::id)))
}

pub async fn get(mut conn: &AsyncPgConnection, id: Uuid) -> Result<Row> {
    Ok(with_todo()
        .filter(duties::id.eq(id))
        .select(Row::as_select())
        .first(&mut conn)
        .await?)
}

/// By what the database can filter; there are some seventy a year.
pub async fn list(
    mut conn: &AsyncPgConnection,
    filter: &ReportingDutyFilter,
    departments: Option<&[Uuid]>,
    since: Option<Since>,
) -> Result<Vec<Row>> {
    let mut query = with_todo().into_boxed();
    if !filter.kind.is_empty() {
        query = query.filter(duties::kind.eq_any(filter.kind.names()));
    }
    if let Some(year) = filter.year.and_then(Period::year) {
        query = query.filter(duties::period_to.between(year.from, year.to));
    }
    if let Some(departments) = departments {
        query = query.filter(duties::department_id.eq_any(departments.to_vec()));
    }
    if let Some(since) = since {
        let moved = deadline_moves::table
            .filter(deadline_moves::moved_at.ge(since.at))
            .select(deadline_moves::todo_id);
        let overdue = todos::due_on
            .between(since.due_from, since.today.pred_opt().unwrap_or(since.today))
            .assume_not_null();
        query = query.filter(
            duties::created_at
                .ge(since.at)
                .or(todos::closed_at.ge(since.at).assume_not_null())
                .or(duties::department_id.eq_any(since.renamed))
                .or(todos::id.eq_any(moved))
                .or(todos::closed_at.is_null().and(overdue)),
        );
    }
    query = match filter.state[..] {
        [ReportingDutyState::Awaited] => query.filter(todos::closed_at.is_null()),
        [ReportingDutyState::Submitted] => query.filter(todos::closed_at.is_not_null()),
        _ => query,
    };
    Ok(query.select(Row::as_select()).load(&mut conn).await?)
}

/// Puts on record that a department owes something; none where it stands there already.
pub async fn insert(
    tx: &mut Tx<'_>,
    kind: ReportingDutyKind,
    department: Uuid,
    period: Period,
) -> Result<Option<Uuid>> {
    let id = Uuid::now_v7();
    let inserted = diesel::insert_into(duties::table)
        .values((
            duties::id.eq(id),
            duties::kind.eq(<&str>::from(kind)),
            duties::department_id.eq(department),
            duties::period_kind.eq(<&str>::from(period.kind)),
            duties::period_from.eq(period.from),
            duties::period_to.eq(period.to),
            duties::created_at.eq(tx.now()),
        ))
        .on_conflict_do_nothing()
        .execute(tx.conn)
        .await?;
    Ok((inserted == 1).then_some(id))
}

/// What departments owed for a period is sent: their to-dos close, and keep when.
pub async fn meet(
    tx: &mut Tx<'_>,
    kind: ReportingDutyKind,
    departments: &[Uuid],
    period: Period,
) -> Result<()> {
    let met: Vec<Uuid> = duties::table
        .filter(duties::kind.eq(<&str>::from(kind)))
        .filter(duties::department_id.eq_any(departments))
        .filter(duties::period_kind.eq(<&str>::from(period.kind)))
        .filter(duties::period_from.eq(period.from))
        .filter(duties::period_to.eq(period.to))
        .order(duties::id)
        .select(duties::id)
        .load(tx.conn)
        .await?;
    for duty in met {
        waiting::close(tx, duty, Done::default()).await?;
    }
    Ok(())
}

/// The deadlines of what departments owe, by department and period.
pub async fn deadlines(
    mut conn: &AsyncPgConnection,
    kind: ReportingDutyKind,
    departments: &[Uuid],
) -> Result<HashMap<(Uuid, NaiveDate, NaiveDate), Running>> {
    type Found = (
        Uuid,
        NaiveDate,
        NaiveDate,
        Option<NaiveDate>,
        Option<DateTime<Utc>>,
    );
    let found: Vec<Found> = with_todo()
        .filter(duties::kind.eq(<&str>::from(kind)))
        .filter(duties::department_id.eq_any(departments))
        .select((
            duties::department_id,
            duties::period_from,
            duties::period_to,
            todos::due_on,
            todos::closed_at,
        ))
        .load(&mut conn)
        .await?;
    let keyed = found
        .into_iter()
        .map(|(department, from, to, due_on, closed_at)| {
            ((department, from, to), Running { due_on, closed_at })
        });
    Ok(keyed.collect())
}
