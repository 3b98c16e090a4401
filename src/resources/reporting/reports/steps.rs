//! What each step changes, whom it tells, and what waits then.

use super::found;
use crate::clock::shanghai_day;
use crate::db::schema::work_reports as reports;
use crate::directory::Directory;
use crate::directory::model::Kind;
use crate::policy::{Caller, Permit, ops};
use crate::problem::{Problem, Result};
use crate::resources::organizations::on_behalf::{self, how};
use crate::resources::reporting::duties::model::ReportingDutyKind;
use crate::resources::reporting::duties::period::PeriodKind;
use crate::resources::reporting::duties::standing::settle_period;
use crate::resources::reporting::reports::model::{Row, WorkReportView};
use crate::resources::reporting::reports::policy::WorkReport;
use crate::resources::reporting::reports::queries;
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

/// By its title, and the name that the department had when it was submitted.
fn subject_of(report: &WorkReport, directory: &Directory, tx: &Tx<'_>) -> Result<Subject> {
    let row = &report.row;
    let day = row.submitted_at.map_or(tx.today(), shanghai_day).min(tx.today());
    let name = directory.reference(row.department_id, day)?.name;
    let version = match row.number {
        1 => String::new(),
        number => format!("（第{number}版）"),
    };
    let title = format!("{name}报送的工作情况报告：{}{version}", row.title);
    Ok(Subject::new(SubjectType::WorkReport, row.id, title))
}

fn office(directory: &Directory, kind: Kind) -> Result<Uuid> {
    let office = directory.of_kind(kind).next();
    office
        .map(|office| office.id)
        .ok_or_else(|| Problem::internal(format!("there is no {kind:?} in the directory")))
}

/// Puts the report to 市委统战部, with a copy to 市政府办公室, and for each it waits; what was owed for the period is met, and the
/// version before is over.
pub async fn submit(
    tx: &mut Tx<'_>,
    permit: &Permit<ops::SubmitWorkReport>,
    step: &Step<'_, WorkReport>,
) -> Result<()> {
    let (directory, timing, report) = (step.directory, step.timing, &step.before);
    let (row, today) = (&report.row, tx.today());
    let superseded = queries::submit(tx, permit, row.id, &report.facts).await?;
    found::follow(tx, row, superseded).await?;
    if let Some(superseded) = superseded {
        todos::close(tx, superseded, Done::default()).await?;
    }
    let period = row.period();
    settle(tx, directory, timing, report).await?;
    let subject = subject_of(report, directory, tx)?;
    let coordinator = office(directory, Kind::Coordinator)?;
    let government_office = office(directory, Kind::GovernmentOffice)?;
    let waiting = [
        (coordinator, TodoKind::ReceiveWorkReport),
        (government_office, TodoKind::AcknowledgeWorkReport),
    ];
    let waiting = waiting.map(|(organization, kind)| NewTodo {
        organization,
        kind,
        subject: &subject,
        until: Until::TermFrom(today),
    });
    todos::open(tx, timing, &waiting).await?;
    let name = directory.reference(row.department_id, today)?.name;
    let how = how(row.recorded_on_behalf);
    let notice = Notice {
        kind: NoticeKind::WorkReportSubmitted,
        level: None,
        subject: &subject,
        title: format!("{name}报送工作情况：{}", row.title),
        text: format!(
            "{name}于{}向市委统战部报送{}对口联系工作情况《{}》{how}，抄送市政府办公室。请市委统战部接收或退回，请市政府办公室签收。事项地址：{}",
            chinese_day(today),
            period.chinese(),
            row.title,
            subject.kind.path(row.id)
        ),
    };
    notices::send(tx, &[coordinator, government_office], &notice).await?;
    if let Some(unit) = report.acting.filter(|_| row.recorded_on_behalf) {
        let what = format!("《{}》，已报送市委统战部，抄送市政府办公室。", row.title);
        on_behalf::tell(tx, unit, &subject, &what).await?;
    }
    Ok(())
}

/// What is owed for the period is met or waits again; answers whether anything has changed.
async fn settle(
    tx: &mut Tx<'_>,
    directory: &Directory,
    timing: &Timing,
    report: &WorkReport,
) -> Result<bool> {
    let period = report.row.period();
    if period.kind == PeriodKind::Special {
        return Ok(false);
    }
    let acting = report
        .acting
        .map(|acting| directory.represented_by(acting, tx.today()));
    let owing = acting.unwrap_or_else(|| vec![report.row.department_id]);
    let what = (ReportingDutyKind::WorkReport, period);
    Ok(settle_period(tx, directory, timing, what, &owing).await? > 0)
}

/// 市委统战部 has it.
pub async fn receive(
    tx: &mut Tx<'_>,
    permit: &Permit<ops::ReceiveWorkReport>,
    step: &Step<'_, WorkReport>,
) -> Result<()> {
    let (directory, report) = (step.directory, &step.before);
    queries::receive(tx, permit, report.row.id).await?;
    done(tx, report, TodoKind::ReceiveWorkReport).await?;
    let what = format!("市委统战部于{}接收", chinese_day(tx.today()));
    tell(
        tx,
        directory,
        report,
        NoticeKind::WorkReportReceived,
        "市委统战部已接收",
        &what,
        "",
    )
    .await
}

/// Sends it back; the department revises it.
pub async fn send_back(
    tx: &mut Tx<'_>,
    permit: &Permit<ops::ReturnWorkReport>,
    step: &Step<'_, WorkReport>,
    reason: &str,
) -> Result<()> {
    let (directory, timing, report) = (step.directory, step.timing, &step.before);
    queries::send_back(tx, permit, report.row.id, reason).await?;
    done(tx, report, TodoKind::ReceiveWorkReport).await?;
    let (today, subject) = (tx.today(), subject_of(report, directory, tx)?);
    let todo = NewTodo {
        organization: report.row.department_id,
        kind: TodoKind::ReviseWorkReport,
        subject: &subject,
        until: Until::TermFrom(today),
    };
    // What is owed waits instead, where something is.
    if !settle(tx, directory, timing, report).await? {
        todos::open(tx, timing, &[todo]).await?;
    }
    let what = format!("市委统战部于{}退回", chinese_day(today));
    let more = format!("退回原因：{reason}请修订后重新报送。");
    tell(
        tx,
        directory,
        report,
        NoticeKind::WorkReportReturned,
        "市委统战部退回",
        &what,
        &more,
    )
    .await
}

/// 市政府办公室 has its copy.
pub async fn acknowledge(
    tx: &mut Tx<'_>,
    permit: &Permit<ops::AcknowledgeWorkReport>,
    step: &Step<'_, WorkReport>,
) -> Result<()> {
    let (directory, report) = (step.directory, &step.before);
    queries::acknowledge(tx, permit, report.row.id).await?;
    done(tx, report, TodoKind::AcknowledgeWorkReport).await?;
    let what = format!("市政府办公室于{}签收抄送的", chinese_day(tx.today()));
    tell(
        tx,
        directory,
        report,
        NoticeKind::WorkReportAcknowledged,
        "市政府办公室已签收",
        &what,
        "",
    )
    .await
}

async fn done(tx: &mut Tx<'_>, report: &WorkReport, kind: TodoKind) -> Result<()> {
    let done = Done {
        kinds: &[kind],
        organization: None,
    };
    todos::close(tx, report.row.id, done).await
}

/// Tells the department what became of its report.
async fn tell(
    tx: &mut Tx<'_>,
    directory: &Directory,
    report: &WorkReport,
    kind: NoticeKind,
    title: &str,
    what: &str,
    more: &str,
) -> Result<()> {
    let subject = subject_of(report, directory, tx)?;
    let notice = Notice {
        kind,
        level: None,
        subject: &subject,
        title: format!("{title}：{}", report.row.title),
        text: format!(
            "{what}《{}》。{more}事项地址：{}",
            report.row.title,
            subject.kind.path(report.row.id)
        ),
    };
    notices::send(tx, report.acting.as_slice(), &notice).await
}

impl Aggregate for WorkReport {
    type Id = Uuid;
    type Recorded = WorkReportView;
    type View = WorkReportView;

    fn subject_id(&self) -> Uuid {
        self.row.id
    }

    async fn hold(tx: &mut Tx<'_>, id: &Uuid, directory: &Directory) -> Result<Self> {
        let found = reports::table.find(id).select(Row::as_select());
        let row: Row = found.for_update().first(tx.conn).await?;
        tx.holds(row.updated_at);
        let today = tx.today();
        let seen = Self::new(row, directory, today)?.seen_by(&tx.origin.caller)?;
        queries::one(tx.conn, seen.row, directory, today).await
    }

    async fn reread(&self, tx: &mut Tx<'_>, directory: &Directory) -> Result<Self> {
        let today = tx.today();
        queries::get(tx.conn, self.row.id, directory, today).await
    }

    fn recorded(&self, tx: &Tx<'_>, directory: &Directory) -> Result<WorkReportView> {
        WorkReportView::new(self, directory, tx.today())
    }

    async fn shown(
        &self,
        _: &AsyncPgConnection,
        caller: &Caller,
        directory: &Directory,
        today: NaiveDate,
    ) -> Result<WorkReportView> {
        WorkReportView::for_caller(caller, self, directory, today)
    }

    fn is_draft(&self) -> bool {
        self.row.submitted_at.is_none()
    }

    fn is_author(&self, caller: &Caller) -> bool {
        WorkReport::is_author(self, caller)
    }
}
