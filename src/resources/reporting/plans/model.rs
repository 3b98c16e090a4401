use super::items::{NewPlanItem, PlanItemView};
use super::policy::WorkPlan;
use crate::clock::shanghai_day;
use crate::db::schema::work_plans;
use crate::directory::Directory;
use crate::directory::model::OrganizationRef;
use crate::http::extract::Input;
use crate::policy::Caller;
use crate::problem::Result;
use crate::resources::reporting::duties::model::ReportingDeadline;
use crate::vocabulary::enumeration;
use crate::workflow::machine::{AllowedAction, allowed_actions};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::{Queryable, Selectable};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = work_plans)]
pub struct Row {
    pub id: Uuid,
    pub department_id: Uuid,
    pub year: i32,
    pub number: i32,
    pub state: WorkPlanState,
    pub recorded_on_behalf: bool,
    pub submitted_at: Option<DateTime<Utc>>,
    pub decided_at: Option<DateTime<Utc>>,
    pub return_reason: Option<String>,
    pub next_id: Option<Uuid>,
    pub superseded_at: Option<DateTime<Utc>>,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

enumeration! {
    /// 工作计划状态
    pub enum WorkPlanState {
        Draft ["草稿", "Draft"],
        Submitted ["已报送", "Submitted"],
        Acknowledged ["已签收", "Acknowledged"],
        Returned ["已退回", "Returned"],
    }
}

/// 年度工作计划
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = WorkPlan)]
pub struct WorkPlanView {
    pub id: Uuid,
    /// By the name of the day of submission.
    pub department: OrganizationRef,
    #[schema(example = 2026, minimum = 1990, maximum = 2100)]
    pub year: i32,
    /// 第几版
    #[schema(example = 1, minimum = 1)]
    pub version: i32,
    pub state: WorkPlanState,
    /// 代录: recorded by 市委统战部 for the department.
    pub recorded_on_behalf: bool,
    #[schema(max_items = 100)]
    pub items: Vec<PlanItemView>,
    pub progress: PlanProgress,
    /// Null where none was owed.
    #[schema(required = true)]
    pub deadline: Option<ReportingDeadline>,
    #[schema(required = true)]
    pub submitted_at: Option<DateTime<Utc>>,
    #[schema(required = true)]
    pub acknowledged_at: Option<DateTime<Utc>>,
    #[schema(required = true)]
    pub returned_at: Option<DateTime<Utc>>,
    #[schema(required = true, example = json!(null), max_length = 2000)]
    pub return_reason: Option<String>,
    /// When a later version took its place; null for the current one.
    #[schema(required = true)]
    pub superseded_at: Option<DateTime<Utc>>,
    /// Id of that version.
    #[schema(required = true)]
    pub superseded_by: Option<Uuid>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    #[schema(max_items = 20)]
    pub allowed_actions: Vec<AllowedAction>,
}

/// 计划进度: items that a concluded meeting is linked to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PlanProgress {
    #[schema(example = 4, minimum = 0)]
    pub items: usize,
    #[schema(example = 1, minimum = 0)]
    pub done: usize,
}

impl WorkPlanView {
    /// As it is put on record and announced: what the caller could do next is nobody else's.
    pub fn new(plan: &WorkPlan, directory: &Directory, today: NaiveDate) -> Result<Self> {
        let Row {
            id,
            department_id,
            year,
            number,
            state: _,
            recorded_on_behalf,
            submitted_at,
            decided_at,
            return_reason,
            next_id,
            superseded_at,
            version: _,
            created_at,
            updated_at,
        } = plan.row.clone();
        let named_on = submitted_at.map_or(today, shanghai_day).min(today);
        let items = plan.items.iter();
        let items: Vec<PlanItemView> = items
            .map(|item| PlanItemView::new(item, directory, named_on))
            .collect::<Result<_>>()?;
        let parties = plan.items.iter().flat_map(|item| item.parties.iter().copied());
        let decided_as = |state| decided_at.filter(|_| plan.row.state == state);
        Ok(Self {
            id,
            department: directory.reference(department_id, named_on)?,
            year,
            version: number,
            state: plan.row.state,
            recorded_on_behalf,
            items,
            progress: plan.progress(),
            deadline: plan
                .duty
                .as_ref()
                .and_then(|duty| ReportingDeadline::new(duty, today)),
            submitted_at,
            acknowledged_at: decided_as(WorkPlanState::Acknowledged),
            returned_at: decided_as(WorkPlanState::Returned),
            return_reason,
            superseded_at,
            // Before that, the next version is a draft, which others do not hear of.
            superseded_by: superseded_at.and(next_id),
            created_at,
            updated_at: directory.changed_at(
                updated_at,
                [department_id].into_iter().chain(parties),
                named_on,
            ),
            allowed_actions: Vec::new(),
        })
    }

    /// With what the caller can do.
    pub fn for_caller(
        caller: &Caller,
        plan: &WorkPlan,
        directory: &Directory,
        today: NaiveDate,
    ) -> Result<Self> {
        Ok(Self {
            allowed_actions: allowed_actions(caller, plan),
            ..Self::new(plan, directory, today)?
        })
    }
}

/// Filters of the list.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct WorkPlanFilter {
    /// Code or id.
    #[param(max_length = 64)]
    #[serde(default)]
    pub department: Vec<String>,
    #[param(minimum = 1990, maximum = 2100)]
    pub year: Option<i32>,
    #[param(inline)]
    #[serde(default)]
    pub state: Vec<WorkPlanState>,
    /// Code or id of a party that an item names.
    #[param(max_length = 64)]
    #[serde(default)]
    pub party: Vec<String>,
    /// Versions that a later one has taken the place of, too.
    #[param(default = false)]
    #[serde(default)]
    pub include_ended: bool,
    /// Changed at or after that instant.
    pub updated_since: Option<DateTime<Utc>>,
    #[param(inline)]
    #[serde(default)]
    pub sort: WorkPlanSort,
}

/// Order of the list; `-created_at` where not given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
pub enum WorkPlanSort {
    #[default]
    #[serde(rename = "-created_at")]
    Newest,
    #[serde(rename = "created_at")]
    Oldest,
}

/// 起草年度工作计划
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewWorkPlan {
    /// Code or id: the caller's own where not given; 市委统战部, which records it on behalf (代录), names it.
    #[schema(example = "education", max_length = 64, extensions(("x-reference" = json!("department"))))]
    #[serde(default)]
    pub department: Option<String>,
    #[schema(example = 2026, minimum = 1990, maximum = 2100)]
    pub year: i32,
    #[schema(max_items = 100)]
    #[serde(default)]
    pub items: Vec<NewPlanItem>,
}

impl Input for NewWorkPlan {}

/// 草稿修改 (RFC 7396)
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PatchWorkPlan {
    /// All items of the draft: those with an `id` stay the same, others are new, and what is not among them goes.
    #[schema(nullable = false, max_items = 100)]
    #[serde(default)]
    pub items: Option<Vec<NewPlanItem>>,
}

impl Input for PatchWorkPlan {}

/// 退回
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReturnWorkPlan {
    #[schema(example = "请补充与对口党派共同开展调研的安排。", max_length = 2000)]
    pub reason: String,
}

impl Input for ReturnWorkPlan {}

/// 项目关联的活动
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanItemMeetings {
    /// Ids of meetings that the department holds: these and no others.
    #[schema(example = json!([]), max_items = 100, extensions(("x-reference" = json!("meeting"))))]
    pub meetings: Vec<Uuid>,
}

impl Input for PlanItemMeetings {}
