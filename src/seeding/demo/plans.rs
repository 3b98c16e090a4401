//! Plans of the year and reports on its first half: some late, some returned, some mended, some silent.

use super::World;
use crate::directory::model::{Kind, Organization};
use crate::figures::counting;
use crate::policy::{Operation, Permit, ops};
use crate::problem::{Problem, Result};
use crate::resources::meetings;
use crate::resources::reporting::duties::model::ReportingDutyKind;
use crate::resources::reporting::duties::period::{Period, PeriodKind};
use crate::resources::reporting::duties::watch::{self, Owed};
use crate::resources::reporting::plans::policy::WorkPlan;
use crate::resources::reporting::plans::{self as work_plans, items, items::NewPlanItem};
use crate::resources::reporting::reports::policy::WorkReport;
use crate::resources::reporting::reports::{
    self as work_reports, model::NewWorkReport, model::PatchWorkReport,
};
use crate::work::Change;
use crate::work::{Origin, Tx};
use crate::workflow::machine::enter;
use crate::workflow::step::take;
use chrono::{Datelike, NaiveDate};
use serde::Deserialize;
use std::collections::HashSet;
use uuid::Uuid;

const DEMO: &str = include_str!("../../../seeds/demo/plans.json");

/// 01-15: a day of the demo's year.
type MonthAndDay = String;

#[derive(Deserialize)]
struct Demo {
    work_plans: Vec<Plan>,
    came_of_items: Vec<CameOf>,
    half_year_reports: Vec<Report>,
    special_reports: Vec<Special>,
}

#[derive(Deserialize)]
struct Plan {
    department: String,
    items: Vec<NewPlanItem>,
    /// A draft still, where not given.
    submitted: Option<MonthAndDay>,
    acknowledged: Option<MonthAndDay>,
    returned: Option<Returned>,
}

/// A meeting that a department held as it had planned, both by their titles.
#[derive(Deserialize)]
struct CameOf {
    department: String,
    item: String,
    meeting: String,
}

#[derive(Deserialize)]
struct Report {
    department: String,
    text: String,
    submitted: Option<MonthAndDay>,
    received: Option<MonthAndDay>,
    /// By 市政府办公室.
    acknowledged: Option<MonthAndDay>,
    returned: Option<Returned>,
}

#[derive(Deserialize)]
struct Special {
    title: String,
    from: MonthAndDay,
    to: MonthAndDay,
    #[serde(flatten)]
    report: Report,
}

#[derive(Deserialize)]
struct Returned {
    on: MonthAndDay,
    reason: String,
    resubmitted: Option<MonthAndDay>,
    /// What a plan has more, then.
    #[serde(default)]
    items: Vec<NewPlanItem>,
    /// What a report says, then.
    text: Option<String>,
}

pub async fn fill(tx: &mut Tx<'_>, world: &World<'_>) -> Result<()> {
    let demo: Demo = serde_json::from_str(DEMO).map_err(Problem::internal)?;
    let year = world.today().year();
    let (Some(whole), Some(half)) = (Period::year(year), Period::first_half(year)) else {
        return Err(Problem::internal(format!("no year {year}")));
    };
    owe(tx, world, ReportingDutyKind::WorkPlan, whole, whole.from).await?;
    for plan in &demo.work_plans {
        work_plan(tx, world, plan).await?;
    }
    for report in &demo.half_year_reports {
        let department = world.find(Kind::Department, &report.department)?;
        let name = &department.name_on(world.today()).name;
        let title = format!("{name}{}对口联系工作情况", half.chinese());
        work_report(tx, world, half, title, report).await?;
    }
    for special in &demo.special_reports {
        let period = Period {
            kind: PeriodKind::Special,
            from: world.day(&special.from)?,
            to: world.day(&special.to)?,
        };
        work_report(tx, world, period, special.title.clone(), &special.report).await?;
    }
    Ok(())
}

/// Links planned items to the meetings of the same year that came of them, once both are there.
pub async fn link(tx: &mut Tx<'_>, world: &World<'_>) -> Result<()> {
    let demo: Demo = serde_json::from_str(DEMO).map_err(Problem::internal)?;
    let year = world.today().year();
    let Some((from, until)) = meetings::queries::year(year) else {
        return Err(Problem::internal(format!("no year {year}")));
    };
    for came in &demo.came_of_items {
        let department = world.find(Kind::Department, &came.department)?;
        let Some(plan) = work_plans::queries::latest(tx, department.id, year).await? else {
            continue;
        };
        let held = counting::judged(tx.conn, from, until, Some(&[department.id])).await?;
        let held = held.iter().find(|one| one.title == came.meeting);
        let plan = work_plans::queries::get(tx.conn, plan, &world.directory, world.today()).await?;
        let item = plan.items.iter().find(|item| item.title == came.item);
        let (Some(item), Some(held)) = (item, held) else {
            continue;
        };
        let origin = world.as_of(department, 0);
        let permit = origin.caller.permit::<ops::ReplaceWorkPlanItemMeetings>(&plan)?;
        let mut then = tx.on_behalf(&origin);
        items::link(&mut then, &permit, plan.row.id, item.id, &[held.meeting_id]).await?;
        put_on_record(&mut then, &permit, "work_plan", plan.row.id).await?;
    }
    Ok(())
}

impl World<'_> {
    /// # Errors
    /// 500 for what is no day.
    fn day(&self, text: &str) -> Result<NaiveDate> {
        let day = format!("{}-{text}", self.today().year());
        day.parse().map_err(Problem::internal)
    }

    /// An organization at work on a day; none where that lies ahead.
    fn on(&self, organization: &Organization, day: NaiveDate) -> Option<Origin> {
        let days_ago = (self.today() - day).num_days();
        (days_ago >= 0).then(|| self.as_of(organization, days_ago))
    }

    /// The same by month and day, where one is given.
    fn at(&self, organization: &Organization, day: Option<&MonthAndDay>) -> Result<Option<Origin>> {
        let day = day.map(|day| self.day(day)).transpose()?;
        Ok(day.and_then(|day| self.on(organization, day)))
    }

    fn office(&self, kind: Kind) -> Result<&Organization> {
        self.directory.of_kind(kind).next().ok_or_else(Problem::not_found)
    }
}

/// What the runner would have opened when the term began.
async fn owe(
    tx: &mut Tx<'_>,
    world: &World<'_>,
    kind: ReportingDutyKind,
    period: Period,
    start: NaiveDate,
) -> Result<()> {
    let Some(origin) = world.on(world.office(Kind::Coordinator)?, start) else {
        return Ok(());
    };
    let owed = Owed { kind, period };
    for (department, start) in owed.by(&world.directory, start) {
        let mut then = tx.on_behalf(&origin);
        watch::open(
            &mut then,
            &world.directory,
            &world.timing,
            owed,
            department,
            start,
        )
        .await?;
    }
    Ok(())
}

async fn put_on_record<O: Operation>(
    then: &mut Tx<'_>,
    permit: &Permit<O>,
    kind: &'static str,
    id: Uuid,
) -> Result<()> {
    then.record(permit, Change::unannounced(kind, id)).await
}

/// Drafted some days before it was submitted, or ten days ago, if that is in the year.
fn drafted(
    world: &World<'_>,
    department: &Organization,
    submitted: Option<&MonthAndDay>,
) -> Result<Option<Origin>> {
    let day = match submitted {
        Some(day) => world.day(day)? - chrono::TimeDelta::days(3),
        None => world.today() - chrono::TimeDelta::days(10),
    };
    let in_year = day.year() == world.today().year();
    Ok(world.on(department, day).filter(|_| in_year))
}

async fn work_plan(tx: &mut Tx<'_>, world: &World<'_>, plan: &Plan) -> Result<()> {
    use work_plans::queries;
    let department = world.find(Kind::Department, &plan.department)?;
    let Some(origin) = drafted(world, department, plan.submitted.as_ref())? else {
        return Ok(());
    };
    let given = resolved(world, &plan.items, &[])?;
    let permit = origin.caller.permit::<ops::CreateWorkPlan>(department)?;
    let mut then = tx.on_behalf(&origin);
    let mut id = queries::insert(
        &mut then,
        &permit,
        department.id,
        (world.today().year(), false),
        &given,
    )
    .await?;
    put_on_record(&mut then, &permit, "work_plan", id).await?;
    submit_plan(tx, world, department, id, plan.submitted.as_ref()).await?;
    if let Some(returned) = &plan.returned {
        return_plan(tx, world, id, returned).await?;
        let Some(origin) = world.at(department, returned.resubmitted.as_ref())? else {
            return Ok(());
        };
        let mut then = tx.on_behalf(&origin);
        let before = queries::get(then.conn, id, &world.directory, then.today()).await?;
        let permit = enter::<ops::ReviseWorkPlan>(&mut then, &before)?;
        id = queries::revise(&mut then, &permit, &before, false).await?;
        let draft = queries::get(then.conn, id, &world.directory, then.today()).await?;
        let permit = origin.caller.permit::<ops::UpdateWorkPlan>(&draft)?;
        let given = resolved(world, &returned.items, &draft.items)?;
        queries::update(&mut then, &permit, &draft.row, Some(&given)).await?;
        put_on_record(&mut then, &permit, "work_plan", id).await?;
        submit_plan(tx, world, department, id, returned.resubmitted.as_ref()).await?;
    }
    let coordinator = world.office(Kind::Coordinator)?;
    let Some(origin) = world.at(coordinator, plan.acknowledged.as_ref())? else {
        return Ok(());
    };
    let mut then = tx.on_behalf(&origin);
    take::<ops::AcknowledgeWorkPlan, WorkPlan>(
        &mut then,
        world.context(),
        (&id, "work_plan.acknowledged"),
        work_plans::steps::acknowledge,
    )
    .await?;
    Ok(())
}

/// More items, behind those that are there.
fn resolved(world: &World<'_>, given: &[NewPlanItem], there: &[items::Item]) -> Result<Vec<items::Item>> {
    let mut faults = Vec::new();
    let more = items::resolve(
        &world.directory,
        given,
        &HashSet::new(),
        world.today(),
        &mut faults,
    );
    match faults.is_empty() {
        true => Ok(there.iter().cloned().chain(more).collect()),
        false => Err(Problem::internal(format!("seeds: {faults:?}"))),
    }
}

async fn submit_plan(
    tx: &mut Tx<'_>,
    world: &World<'_>,
    department: &Organization,
    id: Uuid,
    day: Option<&MonthAndDay>,
) -> Result<()> {
    let Some(origin) = world.at(department, day)? else {
        return Ok(());
    };
    let mut then = tx.on_behalf(&origin);
    take::<ops::SubmitWorkPlan, WorkPlan>(
        &mut then,
        world.context(),
        (&id, "work_plan.submitted"),
        work_plans::steps::submit,
    )
    .await?;
    Ok(())
}

async fn return_plan(tx: &mut Tx<'_>, world: &World<'_>, id: Uuid, returned: &Returned) -> Result<()> {
    let Some(origin) = world.at(world.office(Kind::Coordinator)?, Some(&returned.on))? else {
        return Ok(());
    };
    let mut then = tx.on_behalf(&origin);
    take::<ops::ReturnWorkPlan, WorkPlan>(
        &mut then,
        world.context(),
        (&id, "work_plan.returned"),
        async |tx, permit, step| work_plans::steps::send_back(tx, permit, step, &returned.reason).await,
    )
    .await?;
    Ok(())
}

async fn work_report(
    tx: &mut Tx<'_>,
    world: &World<'_>,
    period: Period,
    title: String,
    report: &Report,
) -> Result<()> {
    use work_reports::queries;
    let department = world.find(Kind::Department, &report.department)?;
    let begun = drafted(world, department, report.submitted.as_ref())?;
    let Some(origin) = begun.filter(|_| period.to < world.today()) else {
        return Ok(());
    };
    let new = NewWorkReport {
        department: None,
        period,
        title,
        text: report.text.clone(),
        meetings: Vec::new(),
    };
    let permit = origin.caller.permit::<ops::CreateWorkReport>(department)?;
    let mut then = tx.on_behalf(&origin);
    let mut id = queries::insert(&mut then, &permit, department.id, &new, false).await?;
    put_on_record(&mut then, &permit, "work_report", id).await?;
    submit_report(tx, world, department, id, report.submitted.as_ref()).await?;
    if let Some(returned) = &report.returned {
        return_report(tx, world, id, returned).await?;
        let Some(origin) = world.at(department, returned.resubmitted.as_ref())? else {
            return Ok(());
        };
        let mut then = tx.on_behalf(&origin);
        let before = queries::get(then.conn, id, &world.directory, then.today()).await?;
        let permit = enter::<ops::ReviseWorkReport>(&mut then, &before)?;
        id = queries::revise(&mut then, &permit, &before.row, false).await?;
        let draft = queries::get(then.conn, id, &world.directory, then.today()).await?;
        let permit = origin.caller.permit::<ops::UpdateWorkReport>(&draft)?;
        let patch = PatchWorkReport {
            title: None,
            text: returned.text.clone(),
            meetings: None,
        };
        queries::update(&mut then, &permit, id, &patch).await?;
        put_on_record(&mut then, &permit, "work_report", id).await?;
        submit_report(tx, world, department, id, returned.resubmitted.as_ref()).await?;
    }
    take_report(tx, world, id, report).await
}

async fn submit_report(
    tx: &mut Tx<'_>,
    world: &World<'_>,
    department: &Organization,
    id: Uuid,
    day: Option<&MonthAndDay>,
) -> Result<()> {
    let Some(origin) = world.at(department, day)? else {
        return Ok(());
    };
    let mut then = tx.on_behalf(&origin);
    take::<ops::SubmitWorkReport, WorkReport>(
        &mut then,
        world.context(),
        (&id, "work_report.submitted"),
        work_reports::steps::submit,
    )
    .await?;
    Ok(())
}

async fn return_report(tx: &mut Tx<'_>, world: &World<'_>, id: Uuid, returned: &Returned) -> Result<()> {
    let Some(origin) = world.at(world.office(Kind::Coordinator)?, Some(&returned.on))? else {
        return Ok(());
    };
    let mut then = tx.on_behalf(&origin);
    take::<ops::ReturnWorkReport, WorkReport>(
        &mut then,
        world.context(),
        (&id, "work_report.returned"),
        async |tx, permit, step| work_reports::steps::send_back(tx, permit, step, &returned.reason).await,
    )
    .await?;
    Ok(())
}

/// What the two offices have done with it.
async fn take_report(tx: &mut Tx<'_>, world: &World<'_>, id: Uuid, report: &Report) -> Result<()> {
    let coordinator = world.office(Kind::Coordinator)?;
    if let Some(origin) = world.at(coordinator, report.received.as_ref())? {
        let mut then = tx.on_behalf(&origin);
        take::<ops::ReceiveWorkReport, WorkReport>(
            &mut then,
            world.context(),
            (&id, "work_report.received"),
            work_reports::steps::receive,
        )
        .await?;
    }
    let office = world.office(Kind::GovernmentOffice)?;
    if let Some(origin) = world.at(office, report.acknowledged.as_ref())? {
        let mut then = tx.on_behalf(&origin);
        take::<ops::AcknowledgeWorkReport, WorkReport>(
            &mut then,
            world.context(),
            (&id, "work_report.acknowledged"),
            work_reports::steps::acknowledge,
        )
        .await?;
    }
    Ok(())
}
