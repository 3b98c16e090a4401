use crate::clock::overdue_from;
use crate::db::schema::liaison_confirmations;
use crate::directory::Directory;
use crate::directory::model::OrganizationRef;
use crate::http::negotiate::table;
use crate::problem::{Problem, Result};
use crate::vocabulary::{enumeration, yes_or_no};
use crate::workflow::machine::AllowedAction;
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use diesel::{Queryable, Selectable};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = liaison_confirmations)]
pub struct Row {
    pub id: Uuid,
    pub department_id: Uuid,
    pub year: i32,
    pub quarter: i32,
    pub due_on: NaiveDate,
    pub outcome: Option<ConfirmationState>,
    pub settled_at: Option<DateTime<Utc>>,
    pub liaison_leader_id: Option<Uuid>,
    pub recorded_on_behalf: bool,
    pub opened_late: bool,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

enumeration! {
    /// 零报告状态
    pub enum ConfirmationState {
        /// Neither confirmed nor changed
        Awaited ["待确认", "Awaited"],
        Unchanged ["无变动", "Unchanged"],
        Changed ["已报变动", "Changed"],
    }
}

impl Row {
    pub fn state(&self) -> ConfirmationState {
        self.outcome.unwrap_or(ConfirmationState::Awaited)
    }
}

/// A calendar quarter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Quarter {
    pub year: i32,
    /// 1 to 4.
    pub number: i32,
}

impl Quarter {
    pub fn of(day: NaiveDate) -> Self {
        Self {
            year: day.year(),
            number: i32::try_from(day.month0() / 3).unwrap_or(0) + 1,
        }
    }

    pub fn next(self) -> Self {
        match self.number {
            4 => Self {
                year: self.year + 1,
                number: 1,
            },
            number => Self {
                number: number + 1,
                ..self
            },
        }
    }

    /// The one before it.
    pub fn previous(self) -> Self {
        match self.number {
            1 => Self {
                year: self.year - 1,
                number: 4,
            },
            number => Self {
                number: number - 1,
                ..self
            },
        }
    }

    /// # Errors
    /// 500 for a quarter that no calendar has.
    pub fn last_day(self) -> Result<NaiveDate> {
        let (year, month) = match self.number {
            4 => (self.year + 1, 1),
            number => (self.year, u32::try_from(number * 3 + 1).unwrap_or(1)),
        };
        NaiveDate::from_ymd_opt(year, month, 1)
            .and_then(|day| day.pred_opt())
            .ok_or_else(|| Problem::internal(format!("no quarter {self:?}")))
    }

    /// 2026年第三季度
    pub fn chinese(self) -> String {
        let number = ["一", "二", "三", "四"];
        let index = usize::try_from(self.number - 1).unwrap_or(0);
        format!(
            "{}年第{}季度",
            self.year,
            number.get(index).copied().unwrap_or_default()
        )
    }
}

/// 季度确认
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = LiaisonConfirmation)]
pub struct ConfirmationView {
    pub id: Uuid,
    pub department: OrganizationRef,
    #[schema(example = 2026, minimum = 1990, maximum = 2100)]
    pub year: i32,
    #[schema(example = 3, minimum = 1, maximum = 4)]
    pub quarter: i32,
    pub state: ConfirmationState,
    pub due_on: NaiveDate,
    /// Settled after its due day, or silent and past it.
    pub overdue: bool,
    #[schema(required = true)]
    pub settled_at: Option<DateTime<Utc>>,
    /// Id of the appointment that was confirmed, or reported in the quarter.
    #[schema(required = true)]
    pub liaison_leader: Option<Uuid>,
    /// 代录: recorded by 市委统战部 for the department.
    pub recorded_on_behalf: bool,
    /// 补开: asked for only after its own term, since the service was not running then; its term began with the day on which it was.
    pub opened_late: bool,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    #[schema(max_items = 20)]
    pub allowed_actions: Vec<AllowedAction>,
}

impl ConfirmationView {
    pub fn new(row: &Row, directory: &Directory, today: NaiveDate) -> Result<Self> {
        let state = row.state();
        let Row {
            id,
            department_id,
            year,
            quarter,
            due_on,
            outcome: _,
            settled_at,
            liaison_leader_id,
            recorded_on_behalf,
            opened_late,
            version: _,
            created_at,
            updated_at,
        } = row.clone();
        let overdue_at = match settled_at {
            None => overdue_from(due_on, today).unwrap_or(updated_at),
            Some(_) => updated_at,
        };
        Ok(Self {
            id,
            department: directory.reference(department_id, today)?,
            year,
            quarter,
            state,
            due_on,
            overdue: settled_at.map_or(today, crate::clock::shanghai_day) > due_on,
            settled_at,
            liaison_leader: liaison_leader_id,
            recorded_on_behalf,
            opened_late,
            created_at,
            updated_at: directory
                .changed_at(updated_at, [department_id], today)
                .max(overdue_at),
            allowed_actions: Vec::new(),
        })
    }
}

/// Filters of the list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ConfirmationFilter {
    #[param(minimum = 1990, maximum = 2100)]
    pub year: Option<i32>,
    #[param(minimum = 1, maximum = 4)]
    pub quarter: Option<i32>,
    /// Code or id.
    #[param(max_length = 64)]
    #[serde(default)]
    pub department: Vec<String>,
    /// `awaited`: who is silent.
    #[param(inline)]
    #[serde(default)]
    pub state: Vec<ConfirmationState>,
    pub overdue: Option<bool>,
    /// Changed at or after that instant.
    pub updated_since: Option<DateTime<Utc>>,
}

table! { |view: ConfirmationView, language| ("联络负责人季度确认", "Quarterly confirmations"):
    ("年度", "Year") => view.year,
    ("季度", "Quarter") => view.quarter,
    ("部门", "Department") => view.department.name.as_str(),
    ("状态", "State") => view.state.label().get(language),
    ("期限", "Due on") => view.due_on,
    ("是否逾期", "Overdue") => yes_or_no(view.overdue, language),
    ("办理时间", "Settled at") => view.settled_at,
}
