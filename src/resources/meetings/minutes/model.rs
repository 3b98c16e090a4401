use crate::directory::Directory;
use crate::directory::model::OrganizationRef;
use crate::http::extract::Input;
use crate::policy::Caller;
use crate::problem::Result;
use crate::resources::meetings::invitations::model::names;
use crate::resources::meetings::policy::Meeting;
use crate::vocabulary::meetings::FollowUpState;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// 纪要
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Minutes {
    /// Null until it is written, and for all but the hosts until the meeting is concluded.
    #[schema(
        required = true,
        example = "会议通报了年度工作计划，听取了意见建议。",
        max_length = 50_000
    )]
    pub text: Option<String>,
    /// 议定事项
    #[schema(example = json!(["建立季度信息交流机制。"]), max_items = 200)]
    pub decisions: Vec<String>,
    #[schema(max_items = 200)]
    pub follow_ups: Vec<MinutesFollowUp>,
    /// When they became final.
    #[schema(required = true)]
    pub concluded_at: Option<DateTime<Utc>>,
}

/// 纪要所列后续事项
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MinutesFollowUp {
    pub id: Uuid,
    #[schema(example = "印发季度信息交流清单", max_length = 1000)]
    pub text: String,
    pub owner: OrganizationRef,
    pub due_on: NaiveDate,
    pub state: FollowUpState,
    #[schema(required = true)]
    pub done_at: Option<DateTime<Utc>>,
}

impl Minutes {
    pub fn new(meeting: &Meeting, directory: &Directory) -> Result<Self> {
        let row = &meeting.row;
        let follow_ups = meeting.follow_ups.iter().map(|one| {
            Ok(MinutesFollowUp {
                id: one.id,
                text: one.text.clone(),
                owner: directory.reference(one.owner_id, meeting.named_on())?,
                due_on: one.due_on,
                state: one.state,
                done_at: one.done_at,
            })
        });
        Ok(Self {
            text: row.minutes_text.clone(),
            decisions: names(&row.minutes_decisions)?,
            follow_ups: follow_ups.collect::<Result<_>>()?,
            concluded_at: row.concluded_at,
        })
    }

    /// As the caller reads them: what is not final is the hosts'.
    pub fn for_caller(caller: &Caller, meeting: &Meeting, directory: &Directory) -> Result<Self> {
        if meeting.row.concluded_at.is_some() || meeting.is_host(caller) {
            return Self::new(meeting, directory);
        }
        Ok(Self {
            text: None,
            decisions: Vec::new(),
            follow_ups: Vec::new(),
            concluded_at: None,
        })
    }
}

/// 起草纪要
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplaceMinutes {
    /// The minutes, or a summary.
    #[schema(example = "会议通报了年度工作计划，听取了意见建议。", max_length = 20_000)]
    pub text: String,
    #[schema(example = json!(["建立季度信息交流机制。"]), max_items = 50)]
    #[serde(default)]
    pub decisions: Vec<String>,
    #[schema(max_items = 50)]
    #[serde(default)]
    pub follow_ups: Vec<NewFollowUp>,
}

/// 后续事项
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewFollowUp {
    #[schema(example = "印发季度信息交流清单", max_length = 300)]
    pub text: String,
    /// Who is to do it: code or id of an organization.
    #[schema(example = "education", max_length = 64, extensions(("x-reference" = json!("organization"))))]
    pub owner: String,
    #[schema(example = "2026-04-30")]
    pub due_on: NaiveDate,
}

impl Input for ReplaceMinutes {}
