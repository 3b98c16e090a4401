use super::period::{Period, PeriodKind};
use super::queries::Current;
use crate::clock::shanghai_day;
use crate::db::schema::reporting_duties;
use crate::directory::Directory;
use crate::directory::model::OrganizationRef;
use crate::http::negotiate::table;
use crate::problem::{Problem, Result};
use crate::vocabulary::{enumeration, yes_or_no};
use crate::workflow::todos::TodoKind;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::{Queryable, Selectable};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// A duty; its to-dos say until when it runs and when it was met.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = reporting_duties)]
pub struct Row {
    pub id: Uuid,
    pub kind: ReportingDutyKind,
    pub department_id: Uuid,
    pub period_kind: PeriodKind,
    pub period_from: NaiveDate,
    pub period_to: NaiveDate,
    pub opened_late: bool,
    pub created_at: DateTime<Utc>,
}

/// How a duty stands, by its to-dos.
#[derive(Clone, Debug)]
pub struct Running {
    pub title: String,
    pub due_on: Option<NaiveDate>,
    /// When what is owed was sent; none while it is not, or was returned.
    pub closed_at: Option<DateTime<Utc>>,
    /// Sent late before it was returned: late stays late.
    pub missed: bool,
}

impl Running {
    /// Whether it was late at any time, by what has come to an end.
    pub fn was_missed(&self) -> bool {
        let sent_late = self
            .closed_at
            .zip(self.due_on)
            .is_some_and(|(at, due_on)| shanghai_day(at) > due_on);
        self.missed || sent_late
    }
}

enumeration! {
    /// 应报材料
    pub enum ReportingDutyKind {
        WorkPlan ["年度工作计划", "Work plan"],
        WorkReport ["工作情况报告", "Work report"],
    }
}

impl ReportingDutyKind {
    pub fn todo(self) -> TodoKind {
        match self {
            Self::WorkPlan => TodoKind::SubmitWorkPlan,
            Self::WorkReport => TodoKind::SubmitWorkReport,
        }
    }

    /// What waits where it was returned.
    pub fn revision(self) -> TodoKind {
        match self {
            Self::WorkPlan => TodoKind::ReviseWorkPlan,
            Self::WorkReport => TodoKind::ReviseWorkReport,
        }
    }

    /// 2026年度工作计划
    pub fn chinese(self, period: Period) -> String {
        let what = match self {
            Self::WorkPlan => "工作计划",
            Self::WorkReport => "工作情况报告",
        };
        format!("{}{what}", period.chinese())
    }
}

enumeration! {
    /// 报送状态
    pub enum ReportingDutyState {
        /// Nothing was sent, or what was sent was returned
        Awaited ["未报送", "Awaited"],
        Submitted ["已报送", "Submitted"],
    }
}

/// 报送期限: until when a plan or report is owed, and when it was sent.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct ReportingDeadline {
    pub due_on: NaiveDate,
    /// When it was submitted, which may be before the period's end; null while nothing is, or once what was sent is returned.
    #[schema(required = true)]
    pub met_at: Option<DateTime<Utc>>,
    /// Submitted after its due day, or not yet and past it; that it was once stays so.
    pub overdue: bool,
}

impl ReportingDeadline {
    /// None where no day was given.
    pub fn new(running: &Running, today: NaiveDate) -> Option<Self> {
        let due_on = running.due_on?;
        Some(Self {
            due_on,
            met_at: running.closed_at,
            overdue: running.missed || running.closed_at.map_or(today, shanghai_day) > due_on,
        })
    }
}

/// 应报事项
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ReportingDuty)]
pub struct ReportingDutyView {
    pub id: Uuid,
    pub kind: ReportingDutyKind,
    pub department: OrganizationRef,
    pub period: Period,
    pub state: ReportingDutyState,
    pub due_on: NaiveDate,
    /// When it was submitted, which may be before the period's end; null while nothing is, or once what was sent is returned.
    #[schema(required = true)]
    pub met_at: Option<DateTime<Utc>>,
    /// Submitted after its due day, or not yet and past it; that it was once stays so.
    pub overdue: bool,
    /// Id of the current version of the plan or report that was submitted; null while there is none.
    #[schema(required = true)]
    pub document: Option<Uuid>,
    /// 补开: asked for only after its own term, since the service was not running then; its term began with the day on which it was.
    pub opened_late: bool,
    pub created_at: DateTime<Utc>,
}

impl Row {
    pub fn period(&self) -> Period {
        Period {
            kind: self.period_kind,
            from: self.period_from,
            to: self.period_to,
        }
    }
}

impl ReportingDutyView {
    pub fn new(
        (row, running): &(Row, Running),
        current: &Current,
        directory: &Directory,
        today: NaiveDate,
    ) -> Result<Self> {
        let (kind, period) = (row.kind, row.period());
        let Row {
            id,
            kind: _,
            department_id,
            period_kind: _,
            period_from: _,
            period_to: _,
            opened_late,
            created_at,
        } = *row;
        let without_day = || Problem::internal("a duty without its day");
        let deadline = ReportingDeadline::new(running, today).ok_or_else(without_day)?;
        let version_of = |department| current.get(&(kind, department, period.from, period.to)).copied();
        let own = version_of(department_id);
        let successors = || version_of(directory.acting(department_id, today)?.id);
        Ok(Self {
            id,
            kind,
            department: directory.reference(department_id, today)?,
            period,
            state: match deadline.met_at {
                None => ReportingDutyState::Awaited,
                Some(_) => ReportingDutyState::Submitted,
            },
            due_on: deadline.due_on,
            met_at: deadline.met_at,
            overdue: deadline.overdue,
            document: own.or_else(successors),
            opened_late,
            created_at,
        })
    }
}

/// Filters of the list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ReportingDutyFilter {
    #[param(inline)]
    #[serde(default)]
    pub kind: Vec<ReportingDutyKind>,
    /// The year that the period is of.
    #[param(minimum = 1990, maximum = 2100)]
    pub year: Option<i32>,
    /// Code or id.
    #[param(max_length = 64)]
    #[serde(default)]
    pub department: Vec<String>,
    /// `awaited`: who has sent nothing.
    #[param(inline)]
    #[serde(default)]
    pub state: Vec<ReportingDutyState>,
    pub overdue: Option<bool>,
    /// Opened, met, given another day or overdue at or after that instant.
    pub updated_since: Option<DateTime<Utc>>,
}

table! { |view: ReportingDutyView, language| ("应报事项", "Plans and reports that are owed"):
    ("部门", "Department") => view.department.name.as_str(),
    ("材料", "What is owed") => view.kind.label().get(language),
    ("期间起", "From") => view.period.from,
    ("期间止", "To") => view.period.to,
    ("状态", "State") => view.state.label().get(language),
    ("期限", "Due on") => view.due_on,
    ("报送时间", "Submitted at") => view.met_at,
    ("是否逾期", "Overdue") => yes_or_no(view.overdue, language),
    ("是否补开", "Opened late") => yes_or_no(view.opened_late, language),
}
