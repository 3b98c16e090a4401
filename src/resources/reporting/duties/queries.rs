use super::model::{ReportingDutyFilter, ReportingDutyKind, Row, Running};
use super::period::{Period, PeriodKind};
use crate::db::schema::{
    deadline_moves, organizations, reporting_duties as duties, todos, work_plans as plans,
    work_reports as reports,
};
use crate::directory::Since;
use crate::problem::Result;
use crate::work::Tx;
use crate::workflow::todos::{self as waiting, Done};
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::HashMap;
use uuid::Uuid;

/// Until when each of some duties runs and when it was met, by its to-dos: one more for each time that what was sent was returned.
async fn running(mut conn: &AsyncPgConnection, ids: &[Uuid]) -> Result<HashMap<Uuid, Running>> {
    type Found = (Uuid, String, Option<NaiveDate>, Option<DateTime<Utc>>);
    let rows: Vec<Found> = todos::table
        .filter(todos::subject_id.eq_any(ids))
        .order(todos::id)
        .select((todos::subject_id, todos::title, todos::due_on, todos::closed_at))
        .load(&mut conn)
        .await?;
    let mut found: HashMap<Uuid, Running> = HashMap::new();
    for (duty, title, due_on, closed_at) in rows {
        let missed = found.get(&duty).is_some_and(Running::was_missed);
        let last = Running {
            title,
            due_on,
            closed_at,
            missed,
        };
        found.insert(duty, last);
    }
    Ok(found)
}

async fn with_running(conn: &AsyncPgConnection, rows: Vec<Row>) -> Result<Vec<(Row, Running)>> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let mut found = running(conn, &ids).await?;
    let each = rows.into_iter();
    Ok(each
        .filter_map(|row| found.remove(&row.id).map(|running| (row, running)))
        .collect())
}

/// # Errors
/// 404.
pub async fn get(mut conn: &AsyncPgConnection, id: Uuid) -> Result<(Row, Running)> {
    let row = duties::table
        .find(id)
        .select(Row::as_select())
        .first(&mut conn)
        .await?;
    let found = with_running(conn, vec![row]).await?.pop();
    found.ok_or_else(crate::problem::Problem::not_found)
}

/// By what the database can filter; there are some seventy a year.
pub async fn list(
    mut conn: &AsyncPgConnection,
    filter: &ReportingDutyFilter,
    departments: Option<&[Uuid]>,
    since: Option<Since>,
) -> Result<Vec<(Row, Running)>> {
    let mut query = duties::table.into_boxed();
    if !filter.kind.is_empty() {
        query = query.filter(duties::kind.eq_any(&filter.kind));
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
        let touched = todos::table
            .filter(
                todos::opened_at
                    .ge(since.at)
                    .or(todos::closed_at.ge(since.at).assume_not_null())
                    .or(todos::id.eq_any(moved))
                    .or(todos::closed_at.is_null().and(overdue)),
            )
            .select(todos::subject_id);
        query = query.filter(
            duties::created_at
                .ge(since.at)
                .or(duties::department_id.eq_any(since.renamed))
                .or(duties::id.eq_any(touched)),
        );
    }
    with_running(conn, query.select(Row::as_select()).load(&mut conn).await?).await
}

/// The current versions of plans and reports for the periods of some duties, by kind, department and first and last day.
pub type Current = HashMap<(ReportingDutyKind, Uuid, NaiveDate, NaiveDate), Uuid>;

/// # Errors
/// `database_unavailable`.
pub async fn current_versions(mut conn: &AsyncPgConnection, duties: &[(Row, Running)]) -> Result<Current> {
    let days = || duties.iter().map(|(row, _)| row.period_from);
    let (Some(first), Some(last)) = (days().min(), days().max()) else {
        return Ok(Current::new());
    };
    let sent_plans: Vec<(Uuid, Uuid, i32)> = plans::table
        .filter(plans::year.between(first.year(), last.year()))
        .filter(plans::submitted_at.is_not_null())
        .filter(plans::superseded_at.is_null())
        .select((plans::id, plans::department_id, plans::year))
        .load(&mut conn)
        .await?;
    let sent_reports: Vec<(Uuid, Uuid, NaiveDate, NaiveDate)> = reports::table
        .filter(reports::period_kind.ne(PeriodKind::Special))
        .filter(reports::period_from.between(first, last))
        .filter(reports::submitted_at.is_not_null())
        .filter(reports::superseded_at.is_null())
        .select((
            reports::id,
            reports::department_id,
            reports::period_from,
            reports::period_to,
        ))
        .load(&mut conn)
        .await?;
    let of_plans = sent_plans.into_iter().filter_map(|(id, department, year)| {
        let year = Period::year(year)?;
        Some(((ReportingDutyKind::WorkPlan, department, year.from, year.to), id))
    });
    let of_reports = sent_reports
        .into_iter()
        .map(|(id, department, from, to)| ((ReportingDutyKind::WorkReport, department, from, to), id));
    Ok(of_plans.chain(of_reports).collect())
}

/// What departments send and what is opened for them are looked at one after the other: neither overlooks the other.
pub async fn lock_departments(tx: &mut Tx<'_>, departments: &[Uuid]) -> Result<()> {
    organizations::table
        .filter(organizations::id.eq_any(departments))
        .order(organizations::id)
        .select(organizations::id)
        .for_no_key_update()
        .load::<Uuid>(tx.conn)
        .await?;
    Ok(())
}

/// What some departments owe for a period, held against all who would settle it.
pub async fn of_period_locked(
    tx: &mut Tx<'_>,
    kind: ReportingDutyKind,
    departments: &[Uuid],
    period: Period,
) -> Result<Vec<(Row, Running)>> {
    let rows = duties::table
        .filter(duties::kind.eq(kind))
        .filter(duties::department_id.eq_any(departments))
        .filter(duties::period_from.eq(period.from))
        .filter(duties::period_to.eq(period.to))
        .order(duties::id)
        .select(Row::as_select())
        .for_update()
        .load(tx.conn)
        .await?;
    with_running(tx.conn, rows).await
}

/// All that is owed or was, for the runner.
pub async fn all_locked(tx: &mut Tx<'_>) -> Result<Vec<(Row, Running)>> {
    let rows = duties::table
        .order(duties::id)
        .select(Row::as_select())
        .for_update()
        .load(tx.conn)
        .await?;
    with_running(tx.conn, rows).await
}

/// Puts on record that a department owes something; none where it stands there already.
pub async fn insert(
    tx: &mut Tx<'_>,
    kind: ReportingDutyKind,
    department: Uuid,
    period: Period,
    opened_late: bool,
) -> Result<Option<Uuid>> {
    let id = Uuid::now_v7();
    let inserted = diesel::insert_into(duties::table)
        .values((
            duties::id.eq(id),
            duties::kind.eq(kind),
            duties::department_id.eq(department),
            duties::period_kind.eq(period.kind),
            duties::period_from.eq(period.from),
            duties::period_to.eq(period.to),
            duties::opened_late.eq(opened_late),
            duties::created_at.eq(tx.now()),
        ))
        .on_conflict_do_nothing()
        .execute(tx.conn)
        .await?;
    Ok((inserted == 1).then_some(id))
}

/// Half-yearly reports are asked for no longer: what was not sent waits no more; what was stays on record.
pub async fn drop_awaited_halves(tx: &mut Tx<'_>) -> Result<usize> {
    let rows = duties::table
        .filter(duties::period_kind.eq(PeriodKind::HalfYear))
        .order(duties::id)
        .select(Row::as_select())
        .for_update()
        .load(tx.conn)
        .await?;
    let halves = with_running(tx.conn, rows).await?;
    let awaited: Vec<Uuid> = halves
        .into_iter()
        .filter(|(_, running)| running.closed_at.is_none())
        .map(|(row, _)| row.id)
        .collect();
    for duty in &awaited {
        waiting::close(tx, *duty, Done::default()).await?;
    }
    diesel::delete(duties::table.filter(duties::id.eq_any(&awaited)))
        .execute(tx.conn)
        .await?;
    Ok(awaited.len())
}

/// The deadlines of what departments owe, by department and period.
pub async fn deadlines(
    mut conn: &AsyncPgConnection,
    kind: ReportingDutyKind,
    departments: &[Uuid],
) -> Result<HashMap<(Uuid, NaiveDate, NaiveDate), Running>> {
    let rows = duties::table
        .filter(duties::kind.eq(kind))
        .filter(duties::department_id.eq_any(departments))
        .select(Row::as_select())
        .load(&mut conn)
        .await?;
    let found = with_running(conn, rows).await?.into_iter();
    Ok(found
        .map(|(row, running)| ((row.department_id, row.period_from, row.period_to), running))
        .collect())
}
