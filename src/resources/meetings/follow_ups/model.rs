use super::policy::FollowUp;
use crate::clock::{overdue_from, shanghai_day};
use crate::directory::Directory;
use crate::directory::model::OrganizationRef;
use crate::http::extract::Input;
use crate::http::negotiate::table;
use crate::policy::Caller;
use crate::problem::Result;
use crate::resources::meetings::parts::FollowUpRow;
use crate::vocabulary::meetings::FollowUpState;
use crate::vocabulary::yes_or_no;
use crate::workflow::machine::{AllowedAction, allowed_actions};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// 后续事项
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = MeetingFollowUp)]
pub struct FollowUpView {
    pub id: Uuid,
    pub meeting: FollowedMeeting,
    #[schema(example = "印发季度信息交流清单", max_length = 1000)]
    pub text: String,
    /// Who is to do it.
    pub owner: OrganizationRef,
    pub due_on: NaiveDate,
    pub state: FollowUpState,
    /// Done after its due day, or not yet done and past it.
    pub overdue: bool,
    #[schema(required = true)]
    pub done_at: Option<DateTime<Utc>>,
    /// What was done.
    #[schema(required = true, example = json!(null), max_length = 4000)]
    pub done_text: Option<String>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    #[schema(max_items = 20)]
    pub allowed_actions: Vec<AllowedAction>,
}

/// 所属活动
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FollowedMeeting {
    pub id: Uuid,
    #[schema(example = "2026年度对口联系工作会议", max_length = 200)]
    pub title: String,
}

impl FollowUpView {
    /// As it is put on record and announced.
    pub fn new(follow_up: &FollowUp, directory: &Directory, today: NaiveDate) -> Result<Self> {
        let FollowUpRow {
            id,
            meeting_id,
            position: _,
            text,
            owner_id,
            due_on,
            state: _,
            done_at,
            done_text,
            version: _,
            created_at,
            updated_at,
        } = follow_up.row.clone();
        let overdue_at = match done_at {
            None => overdue_from(due_on, today).unwrap_or(updated_at),
            Some(_) => updated_at,
        };
        Ok(Self {
            id,
            meeting: FollowedMeeting {
                id: meeting_id,
                title: follow_up.meeting.clone(),
            },
            text,
            owner: directory.reference(owner_id, today)?,
            due_on,
            state: follow_up.row.state,
            overdue: done_at.map_or(today, shanghai_day) > due_on,
            done_at,
            done_text,
            created_at,
            updated_at: directory
                .changed_at(updated_at, [owner_id], today)
                .max(overdue_at),
            allowed_actions: Vec::new(),
        })
    }

    /// With what the caller can do.
    pub fn for_caller(
        caller: &Caller,
        follow_up: &FollowUp,
        directory: &Directory,
        today: NaiveDate,
    ) -> Result<Self> {
        Ok(Self {
            allowed_actions: allowed_actions(caller, follow_up),
            ..Self::new(follow_up, directory, today)?
        })
    }
}

/// Filters of the list.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FollowUpFilter {
    /// Of one meeting.
    #[serde(default)]
    pub meeting: Vec<Uuid>,
    /// Code or id of who is to do it.
    #[param(max_length = 64)]
    #[serde(default)]
    pub owner: Vec<String>,
    /// Whether it is done.
    pub done: Option<bool>,
    /// Not done, and past its due day.
    pub overdue: Option<bool>,
    /// Changed at or after that instant.
    pub updated_since: Option<DateTime<Utc>>,
    #[param(inline)]
    #[serde(default)]
    pub sort: FollowUpSort,
}

/// Order of the list; `due_on` where not given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
pub enum FollowUpSort {
    #[default]
    #[serde(rename = "due_on")]
    EarliestDue,
    #[serde(rename = "-due_on")]
    LatestDue,
}

/// 报告完成
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CompleteFollowUp {
    /// What was done.
    #[schema(example = "已印发季度信息交流清单，并报送首期信息。", max_length = 4000)]
    pub text: String,
}

impl Input for CompleteFollowUp {}

table! { |view: FollowUpView, language| ("会议后续事项", "Follow-ups of meetings"):
    ("活动", "Meeting") => view.meeting.title.as_str(),
    ("事项", "What is to be done") => view.text.as_str(),
    ("承办单位", "Owner") => view.owner.name.as_str(),
    ("完成期限", "Due on") => view.due_on,
    ("状态", "State") => view.state.label().get(language),
    ("是否逾期", "Overdue") => yes_or_no(view.overdue, language),
    ("完成时间", "Done at") => view.done_at,
    ("完成情况", "What was done") => view.done_text.as_deref(),
}
