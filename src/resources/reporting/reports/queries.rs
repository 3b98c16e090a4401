use super::facts::{self, Facts};
use super::links;
use super::model::{
    NewWorkReport, PatchWorkReport, Row, WorkReportFilter, WorkReportSort, WorkReportState, WorkReportView,
};
use super::policy::WorkReport;
use crate::db::pattern::{containing, matches};
use crate::db::schema::work_reports as reports;
use crate::directory::{Directory, Since};
use crate::http::listing::{Listing, Viewer, Views, in_order};
use crate::policy::{Caller, Permit, ops};
use crate::problem::{Problem, Result};
use crate::resources::organizations::on_behalf::unattended;
use crate::resources::reporting::Seen;
use crate::resources::reporting::duties::model::ReportingDutyKind;
use crate::resources::reporting::duties::period::{Period, PeriodKind};
use crate::resources::reporting::duties::queries as duties;
use crate::work::Tx;
use chrono::NaiveDate;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// Which reports are asked for, as far as the caller reaches.
#[derive(Clone, Debug)]
pub struct Scope {
    pub seen: Seen,
    pub filter: WorkReportFilter,
    pub departments: Option<Vec<Uuid>>,
    pub since: Option<Since>,
}

/// With the facts of drafts, and what was owed.
pub async fn whole(
    conn: &AsyncPgConnection,
    rows: Vec<Row>,
    directory: &Directory,
    today: NaiveDate,
) -> Result<Vec<WorkReport>> {
    let mut departments: Vec<Uuid> = rows.iter().map(|row| row.department_id).collect();
    departments.sort_unstable();
    departments.dedup();
    let owed = duties::deadlines(conn, ReportingDutyKind::WorkReport, &departments).await?;
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let mut told = links::meetings_of(conn, &ids).await?;
    let mut facts = facts::Gatherer::new(conn, directory, today);
    let mut whole = Vec::with_capacity(rows.len());
    for row in rows {
        let mut report = WorkReport::new(row, directory, today)?;
        report.meetings = told.remove(&report.row.id).unwrap_or_default();
        let row = &report.row;
        if row.period().kind != PeriodKind::Special {
            let key = (row.department_id, row.period_from, row.period_to);
            report.duty = owed.get(&key).cloned();
        }
        if row.submitted_at.is_none() {
            report.facts = facts.of(row).await?;
        }
        whole.push(report);
    }
    let recorded = whole.iter().filter(|report| report.row.recorded_on_behalf);
    let units: Vec<Uuid> = recorded.map(WorkReport::unit).collect();
    let alone = unattended(conn, &units).await?;
    for report in &mut whole {
        report.attended = report.row.recorded_on_behalf && !alone.contains(&report.unit());
    }
    Ok(whole)
}

pub async fn one(
    conn: &AsyncPgConnection,
    row: Row,
    directory: &Directory,
    today: NaiveDate,
) -> Result<WorkReport> {
    let mut whole = whole(conn, vec![row], directory, today).await?;
    whole.pop().ok_or_else(Problem::not_found)
}

pub async fn get(
    mut conn: &AsyncPgConnection,
    id: Uuid,
    directory: &Directory,
    today: NaiveDate,
) -> Result<WorkReport> {
    let found = reports::table.find(id).select(Row::as_select());
    let row = found.first(&mut conn).await?;
    one(conn, row, directory, today).await
}

/// The same, for who may see it: what belongs to it is read and computed only then, so that the time tells nobody else that
/// it exists.
///
/// # Errors
/// 404 where there is none, or none for the caller.
pub async fn get_seen(
    mut conn: &AsyncPgConnection,
    id: Uuid,
    caller: &Caller,
    directory: &Directory,
    today: NaiveDate,
) -> Result<WorkReport> {
    let found = reports::table.find(id).select(Row::as_select());
    let row = found.first(&mut conn).await?;
    let seen = WorkReport::new(row, directory, today)?.seen_by(caller)?;
    one(conn, seen.row, directory, today).await
}

/// The latest version of a department's report on a period; of reports on one matter there may be any number.
pub async fn latest(tx: &mut Tx<'_>, department: Uuid, period: Period) -> Result<Option<Uuid>> {
    if period.kind == PeriodKind::Special {
        return Ok(None);
    }
    Ok(reports::table
        .filter(reports::department_id.eq(department))
        .filter(reports::period_kind.eq(period.kind))
        .filter(reports::period_from.eq(period.from))
        .order(reports::number.desc())
        .select(reports::id)
        .first(tx.conn)
        .await
        .optional()?)
}

fn filtered(scope: &Scope) -> reports::BoxedQuery<'_, Pg> {
    let draft = WorkReportState::Draft;
    let mut query = reports::table.into_boxed();
    query = match &scope.seen {
        Seen::Of(departments) => query.filter(reports::department_id.eq_any(departments)),
        Seen::Submitted { recorded: false } => query.filter(reports::state.ne(draft)),
        Seen::Submitted { recorded: true } => {
            query.filter(reports::state.ne(draft).or(reports::recorded_on_behalf))
        }
    };
    let filter = &scope.filter;
    if let Some(departments) = &scope.departments {
        query = query.filter(reports::department_id.eq_any(departments));
    }
    if !filter.period_kind.is_empty() {
        query = query.filter(reports::period_kind.eq_any(&filter.period_kind));
    }
    if let Some(year) = filter.year.and_then(Period::year) {
        query = query.filter(reports::period_to.between(year.from, year.to));
    }
    if !filter.state.is_empty() {
        query = query.filter(reports::state.eq_any(&filter.state));
    }
    query = match filter.copy_acknowledged {
        None => query,
        Some(true) => query.filter(reports::copy_acknowledged_at.is_not_null()),
        Some(false) => query
            .filter(reports::copy_acknowledged_at.is_null())
            .filter(reports::state.ne(draft)),
    };
    if let Some(from) = filter.submitted_from {
        query = query.filter(reports::submitted_at.ge(from));
    }
    if let Some(until) = filter.submitted_until {
        query = query.filter(reports::submitted_at.lt(until));
    }
    if !filter.include_ended {
        query = query.filter(reports::superseded_at.is_null());
    }
    if let Some(since) = &scope.since {
        let renamed = reports::department_id.eq_any(&since.renamed);
        query = query.filter(reports::updated_at.ge(since.at).or(renamed));
    }
    if let Some(words) = &filter.q {
        query = query.filter(matches(reports::searched, &containing(words)));
    }
    query
}

impl Listing for Scope {
    type View = WorkReportView;

    const BATCH: usize = 500;

    in_order! { |scope| reports as Row, filtered(scope), scope.filter.sort => {
        WorkReportSort::Newest => desc created_at,
        WorkReportSort::Oldest => asc created_at,
    }}

    async fn views(&self, conn: &AsyncPgConnection, viewer: &Viewer, rows: Vec<Row>) -> Views<Self> {
        let (directory, today) = (&viewer.directory, viewer.today());
        let found = whole(conn, rows, directory, today).await?;
        let views = found
            .iter()
            .map(|one| WorkReportView::for_caller(&viewer.caller, one, directory, today));
        views.collect()
    }
}

/// How many of these departments' wait for 市委统战部, or were returned and not yet mended.
pub async fn open_of(tx: &mut Tx<'_>, departments: &[Uuid]) -> Result<i64> {
    let open = [WorkReportState::Submitted, WorkReportState::Returned].map(<&str>::from);
    Ok(reports::table
        .filter(reports::department_id.eq_any(departments))
        .filter(reports::state.eq_any(open))
        .filter(reports::superseded_at.is_null())
        .count()
        .get_result(tx.conn)
        .await?)
}

/// A draft that begins, or begins anew.
struct Draft<'a> {
    department: Uuid,
    period: Period,
    number: i32,
    title: &'a str,
    text: &'a str,
    on_behalf: bool,
}

async fn draft(tx: &mut Tx<'_>, draft: Draft<'_>) -> Result<Uuid> {
    let id = Uuid::now_v7();
    diesel::insert_into(reports::table)
        .values((
            reports::id.eq(id),
            reports::department_id.eq(draft.department),
            reports::period_kind.eq(draft.period.kind),
            reports::period_from.eq(draft.period.from),
            reports::period_to.eq(draft.period.to),
            reports::number.eq(draft.number),
            reports::title.eq(draft.title),
            reports::text.eq(draft.text),
            reports::state.eq(WorkReportState::Draft),
            reports::recorded_on_behalf.eq(draft.on_behalf),
            reports::created_at.eq(tx.now()),
            reports::updated_at.eq(tx.now()),
        ))
        .execute(tx.conn)
        .await?;
    Ok(id)
}

/// The first version, as a draft.
///
/// # Errors
/// 409 `work_report_exists` where another was made at the same time.
pub async fn insert(
    tx: &mut Tx<'_>,
    _: &Permit<ops::CreateWorkReport>,
    department: Uuid,
    new: &NewWorkReport,
    on_behalf: bool,
) -> Result<Uuid> {
    let first = Draft {
        department,
        period: new.period,
        number: 1,
        title: &new.title,
        text: &new.text,
        on_behalf,
    };
    let id = draft(tx, first).await?;
    links::insert(tx, id, &new.meetings).await?;
    Ok(id)
}

/// The next version, as a draft with the same text, that tells of the same meetings.
pub async fn revise(
    tx: &mut Tx<'_>,
    _: &Permit<ops::ReviseWorkReport>,
    row: &Row,
    on_behalf: bool,
) -> Result<Uuid> {
    let next = Draft {
        department: row.department_id,
        period: row.period(),
        number: row.number + 1,
        title: &row.title,
        text: &row.text,
        on_behalf,
    };
    let next = draft(tx, next).await?;
    links::keep(tx, row.id, next).await?;
    // What others see of this version does not change.
    diesel::update(reports::table.find(row.id))
        .set(reports::next_id.eq(next))
        .execute(tx.conn)
        .await?;
    Ok(next)
}

pub async fn update(
    tx: &mut Tx<'_>,
    _: &Permit<ops::UpdateWorkReport>,
    id: Uuid,
    patch: &PatchWorkReport,
) -> Result<()> {
    diesel::update(reports::table.find(id))
        .set((
            reports::version.eq(reports::version + 1),
            reports::updated_at.eq(tx.now()),
            patch.title.as_ref().map(|title| reports::title.eq(title)),
            patch.text.as_ref().map(|text| reports::text.eq(text)),
        ))
        .execute(tx.conn)
        .await?;
    let Some(meetings) = &patch.meetings else {
        return Ok(());
    };
    links::replace(tx, id, meetings).await
}

pub async fn delete(tx: &mut Tx<'_>, _: &Permit<ops::DeleteWorkReport>, id: Uuid) -> Result<()> {
    diesel::delete(reports::table.find(id)).execute(tx.conn).await?;
    Ok(())
}

/// Submits a draft with its facts, in the place of the version before it; answers which that was.
pub async fn submit(
    tx: &mut Tx<'_>,
    _: &Permit<ops::SubmitWorkReport>,
    id: Uuid,
    facts: &Facts,
) -> Result<Option<Uuid>> {
    let superseded = diesel::update(reports::table.filter(reports::next_id.eq(id)))
        .set((
            reports::superseded_at.eq(tx.now()),
            reports::version.eq(reports::version + 1),
            reports::updated_at.eq(tx.now()),
        ))
        .returning(reports::id)
        .get_result(tx.conn)
        .await
        .optional()?;
    let frozen = serde_json::to_value(facts).map_err(Problem::internal)?;
    diesel::update(reports::table.find(id))
        .set((
            reports::state.eq(WorkReportState::Submitted),
            reports::no_secrets.eq(true),
            reports::facts.eq(frozen),
            reports::submitted_at.eq(tx.now()),
            reports::version.eq(reports::version + 1),
            reports::updated_at.eq(tx.now()),
        ))
        .execute(tx.conn)
        .await?;
    Ok(superseded)
}

pub async fn receive(tx: &mut Tx<'_>, _: &Permit<ops::ReceiveWorkReport>, id: Uuid) -> Result<()> {
    decide(tx, id, WorkReportState::Received, None).await
}

pub async fn send_back(
    tx: &mut Tx<'_>,
    _: &Permit<ops::ReturnWorkReport>,
    id: Uuid,
    reason: &str,
) -> Result<()> {
    decide(tx, id, WorkReportState::Returned, Some(reason)).await
}

async fn decide(tx: &mut Tx<'_>, id: Uuid, state: WorkReportState, reason: Option<&str>) -> Result<()> {
    diesel::update(reports::table.find(id))
        .set((
            reports::state.eq(state),
            reports::decided_at.eq(tx.now()),
            reports::return_reason.eq(reason),
            reports::version.eq(reports::version + 1),
            reports::updated_at.eq(tx.now()),
        ))
        .execute(tx.conn)
        .await?;
    Ok(())
}

/// 市政府办公室's receipt of its copy.
pub async fn acknowledge(tx: &mut Tx<'_>, _: &Permit<ops::AcknowledgeWorkReport>, id: Uuid) -> Result<()> {
    diesel::update(reports::table.find(id))
        .set((
            reports::copy_acknowledged_at.eq(tx.now()),
            reports::version.eq(reports::version + 1),
            reports::updated_at.eq(tx.now()),
        ))
        .execute(tx.conn)
        .await?;
    Ok(())
}
