use crate::db::schema::todos;
use crate::directory::Directory;
use crate::directory::model::OrganizationRef;
use crate::problem::Result;
use crate::workflow::Calendar;
use crate::workflow::machine::Label;
use crate::workflow::subjects::SubjectType;
use crate::workflow::todos::TodoKind;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::{Queryable, Selectable};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = todos)]
pub struct Row {
    pub id: Uuid,
    pub organization_id: Uuid,
    pub kind: TodoKind,
    pub subject_type: SubjectType,
    pub subject_id: Uuid,
    pub title: String,
    pub opened_at: DateTime<Utc>,
    pub due_on: Option<NaiveDate>,
}

/// 待办
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Todo)]
pub struct TodoView {
    pub id: Uuid,
    pub kind: TodoKind,
    pub label: Label,
    /// Who owes it: the caller's organization, or one that it acts for.
    pub organization: OrganizationRef,
    pub subject: SubjectView,
    /// Where the business record is.
    #[schema(
        example = "/api/v1/problem-reports/0193d2a4-5c00-7000-8000-000000000001",
        max_length = 200
    )]
    pub link: String,
    /// Null where it has no deadline.
    #[schema(required = true)]
    pub due_on: Option<NaiveDate>,
    pub overdue: bool,
    /// Working days until the due day; negative once it has passed, null where there is none.
    #[schema(required = true, example = 3)]
    pub working_days_left: Option<i64>,
    pub opened_at: DateTime<Utc>,
}

/// 事项
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Subject)]
pub struct SubjectView {
    #[serde(rename = "type")]
    pub kind: SubjectType,
    pub id: Uuid,
    #[schema(example = "市教育局联络负责人（自2026年3月2日起）", max_length = 500)]
    pub title: String,
}

impl TodoView {
    pub fn new(row: Row, directory: &Directory, calendar: &Calendar, today: NaiveDate) -> Result<Self> {
        let Row {
            id,
            organization_id,
            kind,
            subject_type,
            subject_id,
            title,
            opened_at,
            due_on,
        } = row;
        Ok(Self {
            id,
            kind,
            label: Label::from(kind.label()),
            organization: directory.reference(organization_id, today)?,
            link: subject_type.path(subject_id),
            subject: SubjectView {
                kind: subject_type,
                id: subject_id,
                title,
            },
            due_on,
            overdue: due_on.is_some_and(|due| due < today),
            working_days_left: due_on.map(|due| days_left(calendar, today, due)),
            opened_at,
        })
    }
}

fn days_left(calendar: &Calendar, today: NaiveDate, due: NaiveDate) -> i64 {
    let days = i64::try_from(calendar.working_days_between(today, due)).unwrap_or(i64::MAX);
    if due < today { -days } else { days }
}

/// 待办数量
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct TodoCount {
    pub kind: TodoKind,
    #[schema(example = 3, minimum = 1)]
    pub count: i64,
    #[schema(example = 1, minimum = 0)]
    pub overdue: i64,
}

/// 待办列表: one page, and how many there are of each kind.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TodoPage {
    #[schema(max_items = 200)]
    pub items: Vec<TodoView>,
    /// For `cursor` of the next page; null on the last.
    #[schema(required = true, max_length = 1000)]
    pub next_cursor: Option<String>,
    #[schema(nullable = false, minimum = 0, maximum = 10_000)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<usize>,
    #[schema(nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_is_capped: Option<bool>,
    /// Over all that waits, whatever the filters leave.
    #[schema(max_items = 100)]
    pub counts: Vec<TodoCount>,
}

/// Filters of the list.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TodoFilter {
    #[param(inline)]
    #[serde(default)]
    pub kind: Vec<TodoKind>,
    #[param(inline)]
    #[serde(default)]
    pub subject_type: Vec<SubjectType>,
    /// Past the due day.
    pub overdue: Option<bool>,
    /// Due before that day.
    pub due_before: Option<NaiveDate>,
    /// Opened, given another day or overdue at or after that instant; what is done is not in the list any more.
    pub updated_since: Option<DateTime<Utc>>,
}
