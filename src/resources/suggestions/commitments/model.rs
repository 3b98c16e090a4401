use crate::clock::{overdue_from, shanghai_day};
use crate::db::parts::part;
use crate::db::schema::commitments;
use crate::directory::Directory;
use crate::directory::model::OrganizationRef;
use crate::http::extract::Input;
use crate::http::negotiate::table;
use crate::problem::Result;
use crate::resources::suggestions::receipts::model::SuggestionRef;
use crate::vocabulary::{enumeration, yes_or_no};
use crate::workflow::machine::AllowedAction;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::{Queryable, Selectable};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

part! {
    #[derive(Clone, Debug, Queryable, Selectable)]
    #[diesel(table_name = commitments)]
    pub struct Row of commitments {
        pub id: Uuid,
        pub suggestion_id: Uuid,
        pub reply_id: Uuid,
        pub department_id: Uuid,
        pub position: i32,
        pub text: String,
        pub due_on: NaiveDate,
        pub state: CommitmentState,
        pub fulfilment: Option<String>,
        pub fulfilled_at: Option<DateTime<Utc>>,
        pub abandonment_reason: Option<String>,
        pub abandonment_requested_at: Option<DateTime<Utc>>,
        pub abandonment_granted: Option<bool>,
        pub abandonment_decision: Option<String>,
        pub abandonment_decided_at: Option<DateTime<Utc>>,
        pub version: i64,
        pub created_at: DateTime<Utc>,
        pub updated_at: DateTime<Utc>,
    }
    /// With the first reply and after it.
    of_suggestion: "commitments WHERE suggestion_id = suggestions.id AND suggestions.replied_at IS NOT NULL
            ORDER BY created_at, position"
}

enumeration! {
    /// 办理承诺状态
    pub enum CommitmentState {
        Open ["办理中", "Open"],
        AbandonmentRequested ["申请终止", "Giving up asked for"],
        Fulfilled ["已兑现", "Fulfilled"],
        Abandoned ["已终止", "Given up"],
    }
}

impl Row {
    /// When it was fulfilled or given up.
    fn ended_at(&self) -> Option<DateTime<Utc>> {
        match self.state {
            CommitmentState::Fulfilled => self.fulfilled_at,
            CommitmentState::Abandoned => self.abandonment_decided_at,
            _ => None,
        }
    }

    /// Past its day, or ended after it.
    fn is_overdue(&self, today: NaiveDate) -> bool {
        self.ended_at().map_or(today, shanghai_day) > self.due_on
    }

    /// As it was at an instant.
    pub fn cut(&mut self, at: DateTime<Utc>) {
        if self.updated_at <= at {
            return;
        }
        let later = |instant: Option<DateTime<Utc>>| instant.is_some_and(|instant| instant > at);
        if later(self.fulfilled_at) {
            (self.fulfilled_at, self.fulfilment) = (None, None);
            self.state = CommitmentState::Open;
        }
        if later(self.abandonment_decided_at) {
            (self.abandonment_decided_at, self.abandonment_decision) = (None, None);
            self.abandonment_granted = None;
            self.state = CommitmentState::AbandonmentRequested;
        }
        if later(self.abandonment_requested_at) {
            (self.abandonment_requested_at, self.abandonment_reason) = (None, None);
            self.state = CommitmentState::Open;
        }
    }
}

/// 办理承诺
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Commitment)]
pub struct CommitmentView {
    pub suggestion: SuggestionRef,
    /// Whom it was promised to.
    pub party: OrganizationRef,
    /// Who owes it: the lead department.
    pub department: OrganizationRef,
    #[serde(flatten)]
    pub brief: CommitmentBrief,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    #[schema(max_items = 20)]
    pub allowed_actions: Vec<AllowedAction>,
}

/// 办理承诺: as a suggestion shows it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CommitmentBrief {
    pub id: Uuid,
    /// The version of the reply that made it.
    pub reply: Uuid,
    #[schema(example = "在市区 6 所小学开展午餐午休服务试点。", max_length = 2000)]
    pub text: String,
    pub due_on: NaiveDate,
    pub state: CommitmentState,
    /// Past its day, or ended after it.
    pub overdue: bool,
    /// What was done.
    #[schema(required = true, example = json!(null), max_length = 20_000)]
    pub fulfilment: Option<String>,
    #[schema(required = true)]
    pub fulfilled_at: Option<DateTime<Utc>>,
    /// 终止申请; the last one, where it was refused.
    #[schema(required = true)]
    pub abandonment: Option<AbandonmentView>,
}

/// 终止申请
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = CommitmentAbandonment)]
pub struct AbandonmentView {
    #[schema(example = "项目用地规划调整，已不具备实施条件。", max_length = 1000)]
    pub reason: String,
    /// Null where it ended with the suggestion's withdrawal.
    #[schema(required = true)]
    pub requested_at: Option<DateTime<Utc>>,
    /// Null while it waits.
    #[schema(required = true)]
    pub granted: Option<bool>,
    #[schema(required = true, max_length = 1000)]
    pub decision: Option<String>,
    #[schema(required = true)]
    pub decided_at: Option<DateTime<Utc>>,
}

impl CommitmentBrief {
    /// # Errors
    /// 500 for a state that the CHECK constraint does not let be.
    pub fn new(row: &Row, today: NaiveDate) -> Result<Self> {
        let (state, overdue) = (row.state, row.is_overdue(today));
        let Row {
            id,
            suggestion_id: _,
            reply_id,
            department_id: _,
            position: _,
            text,
            due_on,
            state: _,
            fulfilment,
            fulfilled_at,
            abandonment_reason,
            abandonment_requested_at,
            abandonment_granted,
            abandonment_decision,
            abandonment_decided_at,
            version: _,
            created_at: _,
            updated_at: _,
        } = row.clone();
        Ok(Self {
            id,
            reply: reply_id,
            text,
            due_on,
            state,
            overdue,
            fulfilment,
            fulfilled_at,
            abandonment: abandonment_reason.map(|reason| AbandonmentView {
                reason,
                requested_at: abandonment_requested_at,
                granted: abandonment_granted,
                decision: abandonment_decision,
                decided_at: abandonment_decided_at,
            }),
        })
    }
}

/// 兑现情况
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FulfilCommitment {
    /// What was done; papers hang on the reply.
    #[schema(
        example = "6 所小学已全部开展午餐午休服务，惠及学生 4200 名。",
        max_length = 20_000
    )]
    pub text: String,
}

impl Input for FulfilCommitment {}

/// Filters of the list.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CommitmentFilter {
    /// Id of a suggestion.
    #[serde(default)]
    pub suggestion: Vec<Uuid>,
    /// Who owes it; code or id.
    #[param(max_length = 64)]
    #[serde(default)]
    pub department: Vec<String>,
    /// Whom it was promised to; code or id.
    #[param(max_length = 64)]
    #[serde(default)]
    pub party: Vec<String>,
    #[param(inline)]
    #[serde(default)]
    pub state: Vec<CommitmentState>,
    /// Past its day and still owed, or not.
    pub overdue: Option<bool>,
    pub due_before: Option<NaiveDate>,
    /// Promised at or after that instant.
    pub created_from: Option<DateTime<Utc>>,
    /// Promised before that instant.
    pub created_until: Option<DateTime<Utc>>,
    /// Changed at or after that instant.
    pub updated_since: Option<DateTime<Utc>>,
    #[param(inline)]
    #[serde(default)]
    pub sort: CommitmentSort,
}

/// Order of the list; `due_on` where not given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
pub enum CommitmentSort {
    #[default]
    #[serde(rename = "due_on")]
    DueDay,
    #[serde(rename = "-created_at")]
    Newest,
    #[serde(rename = "created_at")]
    Oldest,
}

table! { |view: CommitmentView, language| ("办理承诺", "Commitments"):
    ("意见建议编号", "Number of the suggestion") => view.suggestion.number.as_deref(),
    ("意见建议", "Suggestion") => view.suggestion.title.as_str(),
    ("提出单位", "Party") => view.party.name.as_str(),
    ("承诺单位", "Department") => view.department.name.as_str(),
    ("承诺事项", "Commitment") => view.brief.text.as_str(),
    ("期限", "Due on") => view.brief.due_on,
    ("状态", "State") => view.brief.state.label().get(language),
    ("是否逾期", "Overdue") => yes_or_no(view.brief.overdue, language),
    ("兑现情况", "What was done") => view.brief.fulfilment.as_deref(),
    ("兑现时间", "Fulfilled at") => view.brief.fulfilled_at,
    ("承诺时间", "Promised at") => view.created_at,
}

/// What a commitment hangs on.
#[derive(Clone, Debug)]
pub struct Context {
    pub title: String,
    pub number: Option<String>,
    pub party_id: Uuid,
}

impl CommitmentView {
    /// As it is put on record and announced: what the caller could do next is nobody else's.
    ///
    /// # Errors
    /// 500 for a state that the CHECK constraint does not let be.
    pub fn new(row: &Row, context: &Context, directory: &Directory, today: NaiveDate) -> Result<Self> {
        let brief = CommitmentBrief::new(row, today)?;
        let changed_at = match row.fulfilled_at {
            None if brief.overdue => {
                overdue_from(row.due_on, today).map_or(row.updated_at, |at| at.max(row.updated_at))
            }
            _ => row.updated_at,
        };
        Ok(Self {
            suggestion: SuggestionRef {
                id: row.suggestion_id,
                number: context.number.clone(),
                title: context.title.clone(),
            },
            party: directory.reference(context.party_id, today)?,
            department: directory.reference(row.department_id, today)?,
            brief,
            created_at: row.created_at,
            updated_at: directory.changed_at(changed_at, [context.party_id, row.department_id], today),
            allowed_actions: Vec::new(),
        })
    }
}
