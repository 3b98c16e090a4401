//! What each step changes, whom it tells, and what waits then.

use super::model::{AnswerProblemReport, NewProblemReport};
use crate::db::schema::problem_reports as reports;
use crate::directory::Directory;
use crate::directory::model::{Kind, Organization};
use crate::policy::{Caller, Permit, ops};
use crate::problem::{Problem, Result};
use crate::resources::organizations::on_behalf::{self, how, is_on_behalf};
use crate::resources::problem_reports::model::{ProblemReportView, Row};
use crate::resources::problem_reports::policy::ProblemReport;
use crate::resources::problem_reports::queries;
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

fn subject(id: Uuid, organization: &str, title: &str) -> Subject {
    Subject::new(
        SubjectType::ProblemReport,
        id,
        format!("{organization}反映的问题：{title}"),
    )
}

fn coordinator(directory: &Directory) -> Result<Uuid> {
    let office = directory.of_kind(Kind::Coordinator).next();
    office
        .map(|office| office.id)
        .ok_or_else(|| Problem::internal("there is no coordinator in the directory"))
}

/// Puts the problem to 市委统战部, for which it waits; who did not write it itself is told that it stands in its name.
///
/// # Errors
/// 403 for 市委统战部 where somebody can act for the organization.
pub async fn raise(
    tx: &mut Tx<'_>,
    permit: &Permit<ops::CreateProblemReport>,
    directory: &Directory,
    timing: &Timing,
    organization: &Organization,
    new: &NewProblemReport,
) -> Result<Uuid> {
    let on_behalf = is_on_behalf(tx, permit.caller(), organization.id).await?;
    let id = queries::insert(tx, permit, organization, new, on_behalf).await?;
    let today = tx.today();
    let (name, day) = (&organization.name_on(today).name, chinese_day(today));
    let subject = subject(id, name, &new.title);
    let coordinator = coordinator(directory)?;
    let todo = NewTodo {
        organization: coordinator,
        kind: TodoKind::AnswerProblemReport,
        subject: &subject,
        until: Until::TermFrom(today),
    };
    todos::open(tx, timing, &[todo]).await?;
    let how = how(on_behalf);
    let notice = Notice {
        kind: NoticeKind::ProblemReportRaised,
        level: None,
        subject: &subject,
        title: format!("{name}反映问题：{}", new.title),
        text: format!(
            "{name}于{day}向市委统战部反映执行对口联系方案中遇到的问题{how}：《{}》。{}请市委统战部答复。事项地址：{}",
            new.title,
            new.text,
            subject.kind.path(id)
        ),
    };
    notices::send(tx, &[coordinator], &notice).await?;
    if on_behalf {
        let what = format!("《{}》。{}", new.title, new.text);
        on_behalf::tell(tx, organization.id, &subject, &what).await?;
    }
    Ok(id)
}

/// Answers; what is left is to close it.
pub async fn answer(
    tx: &mut Tx<'_>,
    permit: &Permit<ops::AnswerProblemReport>,
    step: &Step<'_, ProblemReport>,
    answer: &AnswerProblemReport,
) -> Result<()> {
    let (directory, timing, report) = (step.directory, step.timing, &step.before);
    queries::answer(tx, permit, report.row.id, &answer.text).await?;
    let today = tx.today();
    let subject = subject_of(report, directory, tx)?;
    let done = Done {
        kinds: &[TodoKind::AnswerProblemReport],
        organization: None,
    };
    todos::close(tx, report.row.id, done).await?;
    let todo = NewTodo {
        organization: coordinator(directory)?,
        kind: TodoKind::CloseProblemReport,
        subject: &subject,
        until: Until::TermFrom(today),
    };
    todos::open(tx, timing, &[todo]).await?;
    let notice = Notice {
        kind: NoticeKind::ProblemReportAnswered,
        level: None,
        subject: &subject,
        title: format!("市委统战部答复：{}", report.row.title),
        text: format!(
            "市委统战部于{}答复《{}》：{}事项地址：{}",
            chinese_day(today),
            subject.title,
            answer.text,
            subject.kind.path(report.row.id)
        ),
    };
    notices::send(tx, report.acting.as_slice(), &notice).await
}

/// Closes; nothing waits any longer.
pub async fn close(
    tx: &mut Tx<'_>,
    permit: &Permit<ops::CloseProblemReport>,
    step: &Step<'_, ProblemReport>,
) -> Result<()> {
    let (directory, report) = (step.directory, &step.before);
    queries::close(tx, permit, report.row.id).await?;
    todos::close(tx, report.row.id, Done::default()).await?;
    let subject = subject_of(report, directory, tx)?;
    let notice = Notice {
        kind: NoticeKind::ProblemReportClosed,
        level: None,
        subject: &subject,
        title: format!("问题反映已办结：{}", report.row.title),
        text: format!(
            "市委统战部于{}办结《{}》。事项地址：{}",
            chinese_day(tx.today()),
            subject.title,
            subject.kind.path(report.row.id)
        ),
    };
    notices::send(tx, report.acting.as_slice(), &notice).await
}

/// By the name that the organization had when it raised it.
fn subject_of(report: &ProblemReport, directory: &Directory, tx: &Tx<'_>) -> Result<Subject> {
    let row = &report.row;
    let raised_on = crate::clock::shanghai_day(row.created_at).min(tx.today());
    let organization = directory.reference(row.organization_id, raised_on)?;
    Ok(subject(row.id, &organization.name, &row.title))
}

impl Aggregate for ProblemReport {
    type Id = Uuid;
    type Recorded = ProblemReportView;
    type View = ProblemReportView;

    fn subject_id(&self) -> Uuid {
        self.row.id
    }

    async fn hold(tx: &mut Tx<'_>, id: &Uuid, directory: &Directory) -> Result<Self> {
        let row: Row = reports::table
            .find(id)
            .select(Row::as_select())
            .for_update()
            .first(tx.conn)
            .await?;
        tx.holds(row.updated_at);
        Ok(Self::new(row, directory, tx.today()))
    }

    async fn reread(&self, tx: &mut Tx<'_>, directory: &Directory) -> Result<Self> {
        let today = tx.today();
        queries::get(tx.conn, self.row.id, directory, today).await
    }

    fn recorded(&self, tx: &Tx<'_>, directory: &Directory) -> Result<ProblemReportView> {
        ProblemReportView::new(self, directory, tx.today())
    }

    async fn shown(
        &self,
        _: &AsyncPgConnection,
        caller: &Caller,
        directory: &Directory,
        today: NaiveDate,
    ) -> Result<ProblemReportView> {
        ProblemReportView::for_caller(caller, self, directory, today)
    }
}
