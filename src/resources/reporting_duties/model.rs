use super::period::{Period, PeriodKind};
use crate::clock::shanghai_day;
use crate::db::schema::{reporting_duties, todos};
use crate::directory::Directory;
use crate::directory::model::OrganizationRef;
use crate::http::language::{Language, Text};
use crate::http::negotiate::{Cell, Table, Tabular};
use crate::http::problem::{Problem, Result};
use crate::resources::meta::labels;
use crate::workflow::todos::TodoKind;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::{Queryable, Selectable};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// A duty with its to-do, which says until when it runs and when it was met.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = reporting_duties)]
pub struct Row {
    pub id: Uuid,
    pub kind: String,
    pub department_id: Uuid,
    pub period_kind: String,
    pub period_from: NaiveDate,
    pub period_to: NaiveDate,
    pub created_at: DateTime<Utc>,
    #[diesel(embed)]
    pub running: Running,
}

#[derive(Clone, Copy, Debug, Queryable, Selectable)]
#[diesel(table_name = todos)]
pub struct Running {
    pub due_on: Option<NaiveDate>,
    pub closed_at: Option<DateTime<Utc>>,
}

/// 应报材料
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    ToSchema,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::EnumIter,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ReportingDutyKind {
    /// 年度工作计划
    WorkPlan,
    /// 工作情况报告
    WorkReport,
}

impl ReportingDutyKind {
    pub fn todo(self) -> TodoKind {
        match self {
            Self::WorkPlan => TodoKind::SubmitWorkPlan,
            Self::WorkReport => TodoKind::SubmitWorkReport,
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

/// 报送状态
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    ToSchema,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::EnumIter,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ReportingDutyState {
    /// Nothing was sent
    Awaited,
    Submitted,
}

/// 报送期限: until when a plan or report is owed, and when it was sent.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct ReportingDeadline {
    pub due_on: NaiveDate,
    /// When the first version was submitted; null while nothing is.
    #[schema(required = true)]
    pub met_at: Option<DateTime<Utc>>,
    /// Submitted after its due day, or not yet and past it.
    pub overdue: bool,
}

impl ReportingDeadline {
    /// None where no day was given.
    pub fn new(running: Running, today: NaiveDate) -> Option<Self> {
        let due_on = running.due_on?;
        Some(Self {
            due_on,
            met_at: running.closed_at,
            overdue: running.closed_at.map_or(today, shanghai_day) > due_on,
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
    /// When it was first submitted; null while nothing is.
    #[schema(required = true)]
    pub met_at: Option<DateTime<Utc>>,
    /// Submitted after its due day, or not yet and past it.
    pub overdue: bool,
    pub created_at: DateTime<Utc>,
}

impl Row {
    /// # Errors
    /// 500 for a kind that the CHECK constraint does not let be.
    pub fn period(&self) -> Result<Period> {
        let kind: PeriodKind = self.period_kind.parse().map_err(Problem::internal)?;
        Ok(Period {
            kind,
            from: self.period_from,
            to: self.period_to,
        })
    }
}

impl ReportingDutyView {
    pub fn new(row: &Row, directory: &Directory, today: NaiveDate) -> Result<Self> {
        let period = row.period()?;
        let Row {
            id,
            ref kind,
            department_id,
            period_kind: _,
            period_from: _,
            period_to: _,
            created_at,
            running,
        } = *row;
        let without_day = || Problem::internal("a duty without its day");
        let deadline = ReportingDeadline::new(running, today).ok_or_else(without_day)?;
        Ok(Self {
            id,
            kind: kind.parse().map_err(Problem::internal)?,
            department: directory.reference(department_id, today)?,
            period,
            state: match deadline.met_at {
                None => ReportingDutyState::Awaited,
                Some(_) => ReportingDutyState::Submitted,
            },
            due_on: deadline.due_on,
            met_at: deadline.met_at,
            overdue: deadline.overdue,
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

impl Tabular for ReportingDutyView {
    fn table() -> Table {
        Table::new(
            Text::fixed("应报事项", "Plans and reports that are owed"),
            &[
                ("部门", "Department"),
                ("材料", "What is owed"),
                ("期间起", "From"),
                ("期间止", "To"),
                ("状态", "State"),
                ("期限", "Due on"),
                ("报送时间", "Submitted at"),
                ("是否逾期", "Overdue"),
            ],
        )
    }

    fn cells(&self, language: Language) -> Vec<Cell> {
        vec![
            self.department.name.as_str().into(),
            labels::label("reporting_duty_kind", self.kind.into(), language).into(),
            self.period.from.into(),
            self.period.to.into(),
            labels::label("reporting_duty_state", self.state.into(), language).into(),
            self.due_on.into(),
            self.met_at.into(),
            labels::yes_or_no(self.overdue, language).into(),
        ]
    }
}
