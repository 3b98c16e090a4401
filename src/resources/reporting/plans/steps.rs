//! What each step changes, whom it tells, and what waits then.

use crate::clock::shanghai_day;
use crate::db::schema::work_plans as plans;
use crate::directory::Directory;
use crate::directory::model::Kind;
use crate::policy::{Caller, Permit, ops};
use crate::problem::{Problem, Result};
use crate::resources::organizations::on_behalf::{self, how};
use crate::resources::reporting::duties::model::ReportingDutyKind;
use crate::resources::reporting::duties::period::Period;
use crate::resources::reporting::duties::standing::settle_period;
use crate::resources::reporting::plans::model::{Row, WorkPlanView};
use crate::resources::reporting::plans::policy::WorkPlan;
use crate::resources::reporting::plans::queries;
use crate::work::Tx;
use crate::workflow::Timing;
use crate::workflow::notices::{self, Notice, NoticeKind};
use crate::workflow::step::{Aggregate, Step};
use crate::workflow::subjects::{Subject, SubjectType, chinese_day};
use crate::workflow::todos::{self, Done, NewTodo, TodoKind, Until};
use chrono::NaiveDate;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// By the name that the department had when it was submitted.
fn subject_of(plan: &WorkPlan, directory: &Directory, tx: &Tx<'_>) -> Result<Subject> {
    let row = &plan.row;
    let day = row.submitted_at.map_or(tx.today(), shanghai_day).min(tx.today());
    let name = directory.reference(row.department_id, day)?.name;
    let version = match row.number {
        1 => String::new(),
        number => format!("（第{number}版）"),
    };
    let title = format!("{name}{}年度工作计划{version}", row.year);
    Ok(Subject::new(SubjectType::WorkPlan, row.id, title))
}

fn coordinator(directory: &Directory) -> Result<Uuid> {
    let office = directory.of_kind(Kind::Coordinator).next();
    office
        .map(|office| office.id)
        .ok_or_else(|| Problem::internal("there is no coordinator in the directory"))
}

/// Puts the plan to 市委统战部, for which it waits; what was owed for the year is met, and the version before is over.
pub async fn submit(
    tx: &mut Tx<'_>,
    permit: &Permit<ops::SubmitWorkPlan>,
    step: &Step<'_, WorkPlan>,
) -> Result<()> {
    let (directory, timing, plan) = (step.directory, step.timing, &step.before);
    let row = &plan.row;
    let superseded = queries::submit(tx, permit, row.id).await?;
    if let Some(superseded) = superseded {
        todos::close(tx, superseded, Done::default()).await?;
    }
    let today = tx.today();
    settle(tx, directory, timing, plan).await?;
    let subject = subject_of(plan, directory, tx)?;
    let coordinator = coordinator(directory)?;
    let todo = NewTodo {
        organization: coordinator,
        kind: TodoKind::AcknowledgeWorkPlan,
        subject: &subject,
        until: Until::TermFrom(today),
    };
    todos::open(tx, timing, &[todo]).await?;
    let name = directory.reference(row.department_id, today)?.name;
    let how = how(row.recorded_on_behalf);
    let notice = Notice {
        kind: NoticeKind::WorkPlanSubmitted,
        level: None,
        subject: &subject,
        title: format!("{name}报送{}年度工作计划", row.year),
        text: format!(
            "{name}于{}向市委统战部报送《{}》{how}，共{}项。请市委统战部签收或退回。事项地址：{}",
            chinese_day(today),
            subject.title,
            plan.items.len(),
            subject.kind.path(row.id)
        ),
    };
    notices::send(tx, &[coordinator], &notice).await?;
    if let Some(unit) = plan.acting.filter(|_| row.recorded_on_behalf) {
        let what = format!("《{}》，已报送市委统战部。", subject.title);
        on_behalf::tell(tx, unit, &subject, &what).await?;
    }
    Ok(())
}

/// What is owed for the year is met or waits again; answers whether anything has changed.
async fn settle(tx: &mut Tx<'_>, directory: &Directory, timing: &Timing, plan: &WorkPlan) -> Result<bool> {
    let Some(year) = Period::year(plan.row.year) else {
        return Ok(false);
    };
    let acting = plan
        .acting
        .map(|acting| directory.represented_by(acting, tx.today()));
    let owing = acting.unwrap_or_else(|| vec![plan.row.department_id]);
    let what = (ReportingDutyKind::WorkPlan, year);
    Ok(settle_period(tx, directory, timing, what, &owing).await? > 0)
}

/// Receives it; nothing waits any longer.
pub async fn acknowledge(
    tx: &mut Tx<'_>,
    permit: &Permit<ops::AcknowledgeWorkPlan>,
    step: &Step<'_, WorkPlan>,
) -> Result<()> {
    let (directory, plan) = (step.directory, &step.before);
    queries::acknowledge(tx, permit, plan.row.id).await?;
    todos::close(tx, plan.row.id, Done::default()).await?;
    let subject = subject_of(plan, directory, tx)?;
    let notice = Notice {
        kind: NoticeKind::WorkPlanAcknowledged,
        level: None,
        subject: &subject,
        title: format!("市委统战部已签收：{}", subject.title),
        text: format!(
            "市委统战部于{}签收《{}》。事项地址：{}",
            chinese_day(tx.today()),
            subject.title,
            subject.kind.path(plan.row.id)
        ),
    };
    notices::send(tx, plan.acting.as_slice(), &notice).await
}

/// Sends it back; the department revises it.
pub async fn send_back(
    tx: &mut Tx<'_>,
    permit: &Permit<ops::ReturnWorkPlan>,
    step: &Step<'_, WorkPlan>,
    reason: &str,
) -> Result<()> {
    let (directory, timing, plan) = (step.directory, step.timing, &step.before);
    queries::send_back(tx, permit, plan.row.id, reason).await?;
    todos::close(tx, plan.row.id, Done::default()).await?;
    let (today, subject) = (tx.today(), subject_of(plan, directory, tx)?);
    let todo = NewTodo {
        organization: plan.row.department_id,
        kind: TodoKind::ReviseWorkPlan,
        subject: &subject,
        until: Until::TermFrom(today),
    };
    // What is owed waits instead, where something is.
    if !settle(tx, directory, timing, plan).await? {
        todos::open(tx, timing, &[todo]).await?;
    }
    let notice = Notice {
        kind: NoticeKind::WorkPlanReturned,
        level: None,
        subject: &subject,
        title: format!("市委统战部退回：{}", subject.title),
        text: format!(
            "市委统战部于{}退回《{}》。退回原因：{reason}请修订后重新报送。事项地址：{}",
            chinese_day(today),
            subject.title,
            subject.kind.path(plan.row.id)
        ),
    };
    notices::send(tx, plan.acting.as_slice(), &notice).await
}

impl Aggregate for WorkPlan {
    type Id = Uuid;
    type Recorded = WorkPlanView;
    type View = WorkPlanView;

    fn subject_id(&self) -> Uuid {
        self.row.id
    }

    async fn hold(tx: &mut Tx<'_>, id: &Uuid, directory: &Directory) -> Result<Self> {
        let found = plans::table.find(id).select(Row::as_select());
        let row: Row = found.for_update().first(tx.conn).await?;
        tx.holds(row.updated_at);
        let today = tx.today();
        let seen = Self::new(row, directory, today).seen_by(&tx.origin.caller)?;
        queries::one(tx.conn, seen.row, directory, today).await
    }

    async fn reread(&self, tx: &mut Tx<'_>, directory: &Directory) -> Result<Self> {
        let today = tx.today();
        queries::get(tx.conn, self.row.id, directory, today).await
    }

    fn recorded(&self, tx: &Tx<'_>, directory: &Directory) -> Result<WorkPlanView> {
        WorkPlanView::new(self, directory, tx.today())
    }

    async fn shown(
        &self,
        _: &AsyncPgConnection,
        caller: &Caller,
        directory: &Directory,
        today: NaiveDate,
    ) -> Result<WorkPlanView> {
        WorkPlanView::for_caller(caller, self, directory, today)
    }

    fn is_draft(&self) -> bool {
        self.row.submitted_at.is_none()
    }

    fn is_author(&self, caller: &Caller) -> bool {
        WorkPlan::is_author(self, caller)
    }
}
