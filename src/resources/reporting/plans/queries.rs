use super::items::{self, Item};
use super::model::{Row, WorkPlanFilter, WorkPlanSort, WorkPlanState, WorkPlanView};
use super::policy::WorkPlan;
use crate::db::schema::{work_plan_item_parties, work_plans as plans};
use crate::directory::{Directory, Since};
use crate::http::listing::{Listing, Viewer, Views, in_order};
use crate::policy::{Caller, Permit, ops};
use crate::problem::Result;
use crate::resources::organizations::on_behalf::unattended;
use crate::resources::reporting::Seen;
use crate::resources::reporting::duties::model::ReportingDutyKind;
use crate::resources::reporting::duties::period::Period;
use crate::resources::reporting::duties::queries as duties;
use crate::work::Tx;
use chrono::NaiveDate;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// Which plans are asked for, as far as the caller reaches.
#[derive(Clone, Debug)]
pub struct Scope {
    pub seen: Seen,
    pub filter: WorkPlanFilter,
    pub departments: Option<Vec<Uuid>>,
    pub since: Option<Since>,
    pub parties: Option<Vec<Uuid>>,
}

/// With their items, and what was owed.
pub async fn whole(
    conn: &AsyncPgConnection,
    rows: Vec<Row>,
    directory: &Directory,
    today: NaiveDate,
) -> Result<Vec<WorkPlan>> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let mut departments: Vec<Uuid> = rows.iter().map(|row| row.department_id).collect();
    departments.sort_unstable();
    departments.dedup();
    let (mut items, owed) = futures_util::try_join!(
        items::of_plans(conn, &ids),
        duties::deadlines(conn, ReportingDutyKind::WorkPlan, &departments),
    )?;
    let mut plans: Vec<WorkPlan> = rows
        .into_iter()
        .map(|row| {
            let items = items.remove(&row.id).unwrap_or_default();
            let year = Period::year(row.year);
            let duty = year.and_then(|year| owed.get(&(row.department_id, year.from, year.to)));
            Ok(WorkPlan {
                items,
                duty: duty.cloned(),
                ..WorkPlan::new(row, directory, today)
            })
        })
        .collect::<Result<_>>()?;
    let recorded = plans.iter().filter(|plan| plan.row.recorded_on_behalf);
    let units: Vec<Uuid> = recorded.map(WorkPlan::unit).collect();
    let alone = unattended(conn, &units).await?;
    for plan in &mut plans {
        plan.attended = plan.row.recorded_on_behalf && !alone.contains(&plan.unit());
    }
    Ok(plans)
}

pub async fn one(
    conn: &AsyncPgConnection,
    row: Row,
    directory: &Directory,
    today: NaiveDate,
) -> Result<WorkPlan> {
    let mut whole = whole(conn, vec![row], directory, today).await?;
    whole.pop().ok_or_else(crate::problem::Problem::not_found)
}

pub async fn get(
    mut conn: &AsyncPgConnection,
    id: Uuid,
    directory: &Directory,
    today: NaiveDate,
) -> Result<WorkPlan> {
    let found = plans::table.find(id).select(Row::as_select());
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
) -> Result<WorkPlan> {
    let found = plans::table.find(id).select(Row::as_select());
    let row = found.first(&mut conn).await?;
    let seen = WorkPlan::new(row, directory, today).seen_by(caller)?;
    one(conn, seen.row, directory, today).await
}

/// The latest version of a department's plan of a year.
pub async fn latest(tx: &mut Tx<'_>, department: Uuid, year: i32) -> Result<Option<Uuid>> {
    Ok(plans::table
        .filter(plans::department_id.eq(department))
        .filter(plans::year.eq(year))
        .order(plans::number.desc())
        .select(plans::id)
        .first(tx.conn)
        .await
        .optional()?)
}

fn filtered(scope: &Scope) -> plans::BoxedQuery<'_, Pg> {
    let draft = WorkPlanState::Draft;
    let mut query = plans::table.into_boxed();
    query = match &scope.seen {
        Seen::Of(departments) => query.filter(plans::department_id.eq_any(departments)),
        Seen::Submitted { recorded: false } => query.filter(plans::state.ne(draft)),
        Seen::Submitted { recorded: true } => {
            query.filter(plans::state.ne(draft).or(plans::recorded_on_behalf))
        }
    };
    let filter = &scope.filter;
    if let Some(departments) = &scope.departments {
        query = query.filter(plans::department_id.eq_any(departments));
    }
    if let Some(year) = filter.year {
        query = query.filter(plans::year.eq(year));
    }
    if !filter.state.is_empty() {
        query = query.filter(plans::state.eq_any(&filter.state));
    }
    if let Some(parties) = &scope.parties {
        let with = work_plan_item_parties::table
            .filter(work_plan_item_parties::party_id.eq_any(parties))
            .select(work_plan_item_parties::work_plan_id);
        query = query.filter(plans::id.eq_any(with));
    }
    if !filter.include_ended {
        query = query.filter(plans::superseded_at.is_null());
    }
    if let Some(since) = &scope.since {
        let with = work_plan_item_parties::table
            .filter(work_plan_item_parties::party_id.eq_any(&since.renamed))
            .select(work_plan_item_parties::work_plan_id);
        let renamed = plans::department_id
            .eq_any(&since.renamed)
            .or(plans::id.eq_any(with));
        query = query.filter(plans::updated_at.ge(since.at).or(renamed));
    }
    query
}

impl Listing for Scope {
    type View = WorkPlanView;

    const BATCH: usize = 500;

    in_order! { |scope| plans as Row, filtered(scope), scope.filter.sort => {
        WorkPlanSort::Newest => desc created_at,
        WorkPlanSort::Oldest => asc created_at,
    }}

    async fn views(&self, conn: &AsyncPgConnection, viewer: &Viewer, rows: Vec<Row>) -> Views<Self> {
        let (directory, today) = (&viewer.directory, viewer.today());
        let found = whole(conn, rows, directory, today).await?;
        let views = found
            .iter()
            .map(|one| WorkPlanView::for_caller(&viewer.caller, one, directory, today));
        views.collect()
    }
}

/// How many of these departments' wait for 市委统战部, or were returned and not yet mended.
pub async fn open_of(tx: &mut Tx<'_>, departments: &[Uuid]) -> Result<i64> {
    let open = [WorkPlanState::Submitted, WorkPlanState::Returned].map(<&str>::from);
    Ok(plans::table
        .filter(plans::department_id.eq_any(departments))
        .filter(plans::state.eq_any(open))
        .filter(plans::superseded_at.is_null())
        .count()
        .get_result(tx.conn)
        .await?)
}

/// The first version, as a draft.
///
/// # Errors
/// 409 `work_plan_exists` where another was made at the same time.
pub async fn insert(
    tx: &mut Tx<'_>,
    _: &Permit<ops::CreateWorkPlan>,
    department: Uuid,
    (year, on_behalf): (i32, bool),
    given: &[Item],
) -> Result<Uuid> {
    draft(tx, department, year, 1, on_behalf, given).await
}

async fn draft(
    tx: &mut Tx<'_>,
    department: Uuid,
    year: i32,
    number: i32,
    on_behalf: bool,
    given: &[Item],
) -> Result<Uuid> {
    let id = Uuid::now_v7();
    diesel::insert_into(plans::table)
        .values((
            plans::id.eq(id),
            plans::department_id.eq(department),
            plans::year.eq(year),
            plans::number.eq(number),
            plans::state.eq(WorkPlanState::Draft),
            plans::recorded_on_behalf.eq(on_behalf),
            plans::created_at.eq(tx.now()),
            plans::updated_at.eq(tx.now()),
        ))
        .execute(tx.conn)
        .await?;
    items::replace(tx, id, department, year, given).await?;
    Ok(id)
}

/// The next version, as a draft with the same items.
pub async fn revise(
    tx: &mut Tx<'_>,
    _: &Permit<ops::ReviseWorkPlan>,
    plan: &WorkPlan,
    on_behalf: bool,
) -> Result<Uuid> {
    let row = &plan.row;
    let next = draft(
        tx,
        row.department_id,
        row.year,
        row.number + 1,
        on_behalf,
        &plan.items,
    )
    .await?;
    // What others see of this version does not change.
    diesel::update(plans::table.find(row.id))
        .set(plans::next_id.eq(next))
        .execute(tx.conn)
        .await?;
    Ok(next)
}

pub async fn update(
    tx: &mut Tx<'_>,
    _: &Permit<ops::UpdateWorkPlan>,
    row: &Row,
    given: Option<&[Item]>,
) -> Result<()> {
    if let Some(given) = given {
        items::replace(tx, row.id, row.department_id, row.year, given).await?;
    }
    diesel::update(plans::table.find(row.id))
        .set((
            plans::version.eq(plans::version + 1),
            plans::updated_at.eq(tx.now()),
        ))
        .execute(tx.conn)
        .await?;
    Ok(())
}

pub async fn delete(tx: &mut Tx<'_>, _: &Permit<ops::DeleteWorkPlan>, row: &Row) -> Result<()> {
    diesel::delete(plans::table.find(row.id)).execute(tx.conn).await?;
    items::forget_unused(tx, row.department_id, row.year).await
}

/// Submits a draft, which takes the place of the version before it; answers which that was.
pub async fn submit(tx: &mut Tx<'_>, _: &Permit<ops::SubmitWorkPlan>, id: Uuid) -> Result<Option<Uuid>> {
    let superseded = diesel::update(plans::table.filter(plans::next_id.eq(id)))
        .set((
            plans::superseded_at.eq(tx.now()),
            plans::version.eq(plans::version + 1),
            plans::updated_at.eq(tx.now()),
        ))
        .returning(plans::id)
        .get_result(tx.conn)
        .await
        .optional()?;
    diesel::update(plans::table.find(id))
        .set((
            plans::state.eq(WorkPlanState::Submitted),
            plans::submitted_at.eq(tx.now()),
            plans::version.eq(plans::version + 1),
            plans::updated_at.eq(tx.now()),
        ))
        .execute(tx.conn)
        .await?;
    Ok(superseded)
}

pub async fn acknowledge(tx: &mut Tx<'_>, _: &Permit<ops::AcknowledgeWorkPlan>, id: Uuid) -> Result<()> {
    decide(tx, id, WorkPlanState::Acknowledged, None).await
}

pub async fn send_back(
    tx: &mut Tx<'_>,
    _: &Permit<ops::ReturnWorkPlan>,
    id: Uuid,
    reason: &str,
) -> Result<()> {
    decide(tx, id, WorkPlanState::Returned, Some(reason)).await
}

async fn decide(tx: &mut Tx<'_>, id: Uuid, state: WorkPlanState, reason: Option<&str>) -> Result<()> {
    diesel::update(plans::table.find(id))
        .set((
            plans::state.eq(state),
            plans::decided_at.eq(tx.now()),
            plans::return_reason.eq(reason),
            plans::version.eq(plans::version + 1),
            plans::updated_at.eq(tx.now()),
        ))
        .execute(tx.conn)
        .await?;
    Ok(())
}
