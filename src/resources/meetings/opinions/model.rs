use crate::clock::shanghai_day;
use crate::directory::Directory;
use crate::directory::model::OrganizationRef;
use crate::http::extract::Input;
use crate::http::page::Page;
use crate::policy::Caller;
use crate::problem::{Problem, Result};
use crate::resources::meetings::parts::OpinionRow;
use crate::resources::meetings::policy::Meeting;
use crate::vocabulary::meetings::OpinionAnswer;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// 征求意见的意见
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Opinion)]
pub struct OpinionView {
    pub id: Uuid,
    pub party: OrganizationRef,
    #[schema(example = "建议优先保障城区东部学位。", max_length = 10_000)]
    pub text: String,
    pub given_at: DateTime<Utc>,
    /// Given after the day until which it was asked for.
    pub late: bool,
    /// Given after the decision, or after the day that it is planned for.
    pub after_decision: bool,
    /// What the hosts made of it; null until they answer.
    #[schema(required = true)]
    pub answer: Option<OpinionAnswer>,
    #[schema(required = true, example = json!(null), max_length = 10_000)]
    pub reason: Option<String>,
    #[schema(required = true)]
    pub answered_at: Option<DateTime<Utc>>,
}

impl OpinionView {
    pub fn new(opinion: &OpinionRow, meeting: &Meeting, directory: &Directory) -> Result<Self> {
        let OpinionRow {
            id,
            meeting_id: _,
            party_id,
            text,
            given_at,
            answer,
            answer_reason,
            answered_at,
        } = opinion.clone();
        let (row, given_on) = (&meeting.row, shanghai_day(given_at));
        let decision = row.decided_on.or(row.decision_planned_on);
        Ok(Self {
            id,
            party: directory.reference(party_id, given_on)?,
            text,
            given_at,
            late: row.opinions_due_on.is_some_and(|day| given_on > day),
            after_decision: decision.is_some_and(|day| given_on > day),
            answer,
            reason: answer_reason,
            answered_at,
        })
    }

    /// Those that the caller reads: all, or its own.
    pub fn all(caller: &Caller, meeting: &Meeting, directory: &Directory) -> Result<Page<Self>> {
        let all = meeting.oversees(caller);
        let own = |one: &&OpinionRow| all || is_of(one, caller, meeting);
        let views = meeting.opinions.iter().filter(own);
        Ok(Page {
            items: views
                .map(|one| Self::new(one, meeting, directory))
                .collect::<Result<_>>()?,
            next_cursor: None,
            total: None,
            total_is_capped: None,
        })
    }
}

fn is_of(opinion: &OpinionRow, caller: &Caller, meeting: &Meeting) -> bool {
    let mut invitations = meeting.invitations.iter();
    invitations.any(|one| one.row.organization_id == Some(opinion.party_id) && one.is_of(caller))
}

/// One that the caller reads.
///
/// # Errors
/// 404 for all others.
pub fn find<'m>(meeting: &'m Meeting, caller: &Caller, id: Uuid) -> Result<&'m OpinionRow> {
    let readable =
        |one: &&OpinionRow| one.id == id && (meeting.oversees(caller) || is_of(one, caller, meeting));
    meeting
        .opinions
        .iter()
        .find(readable)
        .ok_or_else(Problem::not_found)
}

/// 提出意见
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewOpinion {
    #[schema(example = "建议优先保障城区东部学位。", max_length = 10_000)]
    pub text: String,
}

impl Input for NewOpinion {}

/// 答复意见
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerOpinion {
    pub answer: OpinionAnswer,
    #[schema(example = "已写入规划第三章，2027年新增学位两千个。", max_length = 10_000)]
    pub reason: String,
}

impl Input for AnswerOpinion {}

/// 登记决策
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordDecision {
    /// Not in the future.
    #[schema(example = "2020-04-10")]
    pub decided_on: NaiveDate,
    #[schema(
        example = "市政府常务会议审议通过，采纳东部学位优先的意见。",
        max_length = 10_000
    )]
    pub text: String,
}

impl Input for RecordDecision {}
