use crate::clock::shanghai_day;
use crate::db::parts::part;
use crate::db::schema::feedback_receipts;
use crate::directory::Directory;
use crate::directory::model::OrganizationRef;
use crate::http::extract::Input;
use crate::http::negotiate::table;
use crate::problem::{Fault, Result};
use crate::resources::suggestions::model::Satisfaction;
use crate::vocabulary::yes_or_no;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::{Queryable, Selectable};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

part! {
    #[derive(Clone, Debug, Queryable, Selectable)]
    #[diesel(table_name = feedback_receipts)]
    pub struct Row of feedback_receipts {
        pub id: Uuid,
        pub suggestion_id: Uuid,
        pub round: i32,
        pub party_id: Uuid,
        pub reply_id: Uuid,
        pub attitude: Satisfaction,
        pub result: Satisfaction,
        pub comment: Option<String>,
        pub signatory: Option<String>,
        pub due_on: NaiveDate,
        pub late: bool,
        pub created_at: DateTime<Utc>,
    }
    /// With the first reply and after it.
    of_suggestion: "feedback_receipts WHERE suggestion_id = suggestions.id AND suggestions.replied_at IS NOT NULL ORDER BY round"
}

/// 反馈回执
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = FeedbackReceipt)]
pub struct ReceiptView {
    pub id: Uuid,
    pub suggestion: SuggestionRef,
    pub party: OrganizationRef,
    /// Whose reply it was.
    pub department: OrganizationRef,
    #[schema(example = 1, minimum = 1, maximum = 2)]
    pub round: i32,
    pub reply: ReplyRead,
    /// With the attitude of the handling.
    pub attitude: Satisfaction,
    /// With its result.
    pub result: Satisfaction,
    #[schema(required = true, example = "答复较为具体，希望尽快落实。", max_length = 5000)]
    pub comment: Option<String>,
    #[schema(required = true, example = "陈志远", max_length = 50)]
    pub signatory: Option<String>,
    pub due_on: NaiveDate,
    /// After its due day.
    pub late: bool,
    pub created_at: DateTime<Utc>,
}

/// 所评价的意见建议
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SuggestionRef {
    pub id: Uuid,
    #[schema(required = true, example = "〔2026〕民盟-教育-003", max_length = 100)]
    pub number: Option<String>,
    #[schema(example = "关于完善市区义务教育学校午餐午休服务的建议", max_length = 200)]
    pub title: String,
}

/// 所评价的答复版本
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReplyRead {
    pub id: Uuid,
    #[schema(example = 1, minimum = 1)]
    pub version_number: i32,
}

/// 反馈回执: as a suggestion shows it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = FeedbackReceiptBrief)]
pub struct ReceiptBrief {
    pub id: Uuid,
    #[schema(minimum = 1, maximum = 2)]
    pub round: i32,
    /// The version of the reply that was read.
    pub reply: Uuid,
    /// With the attitude of the handling.
    pub attitude: Satisfaction,
    /// With its result.
    pub result: Satisfaction,
    #[schema(required = true, max_length = 5000)]
    pub comment: Option<String>,
    #[schema(required = true, max_length = 50)]
    pub signatory: Option<String>,
    pub late: bool,
    pub created_at: DateTime<Utc>,
}

impl ReceiptBrief {
    pub fn new(row: &Row) -> Self {
        let Row {
            id,
            suggestion_id: _,
            round,
            party_id: _,
            reply_id,
            attitude,
            result,
            comment,
            signatory,
            due_on: _,
            late,
            created_at,
        } = row.clone();
        Self {
            id,
            round,
            reply: reply_id,
            attitude,
            result,
            comment,
            signatory,
            late,
            created_at,
        }
    }
}

/// What a receipt hangs on.
#[derive(Clone, Debug)]
pub struct Context {
    pub title: String,
    pub number: Option<String>,
    pub department_id: Uuid,
    pub version_number: i32,
}

impl ReceiptView {
    /// # Errors
    /// 500 for values that the CHECK constraints do not let be.
    pub fn new(row: Row, context: Context, directory: &Directory) -> Result<Self> {
        let Row {
            id,
            suggestion_id,
            round,
            party_id,
            reply_id,
            attitude,
            result,
            comment,
            signatory,
            due_on,
            late,
            created_at,
        } = row;
        let day = shanghai_day(created_at);
        Ok(Self {
            id,
            suggestion: SuggestionRef {
                id: suggestion_id,
                number: context.number,
                title: context.title,
            },
            party: directory.reference(party_id, day)?,
            department: directory.reference(context.department_id, day)?,
            round,
            reply: ReplyRead {
                id: reply_id,
                version_number: context.version_number,
            },
            attitude,
            result,
            comment,
            signatory,
            due_on,
            late,
            created_at,
        })
    }
}

/// 提交反馈回执
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewFeedbackReceipt {
    /// Id of the suggestion, whose last reply it evaluates.
    #[schema(extensions(("x-reference" = json!("suggestion"))))]
    pub suggestion: Uuid,
    pub attitude: Satisfaction,
    pub result: Satisfaction,
    /// Needed with `dissatisfied`.
    #[schema(example = "答复较为具体，希望尽快落实。", max_length = 5000)]
    #[serde(default)]
    pub comment: Option<String>,
    /// 签字人
    #[schema(example = "陈志远", max_length = 50)]
    pub signatory: String,
}

impl NewFeedbackReceipt {
    pub fn is_dissatisfied(&self) -> bool {
        self.result == Satisfaction::Dissatisfied
    }
}

impl Input for NewFeedbackReceipt {
    fn check(&self, faults: &mut Vec<Fault>) {
        let dissatisfied = self.is_dissatisfied() || self.attitude == Satisfaction::Dissatisfied;
        if dissatisfied && self.comment.is_none() {
            faults.push(Fault::at(
                "/comment",
                "required",
                "评价不满意的，须说明理由。",
                "Dissatisfaction needs a comment.",
            ));
        }
    }
}

/// Filters of the list.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ReceiptFilter {
    /// Id of a suggestion.
    #[serde(default)]
    pub suggestion: Vec<Uuid>,
    /// Code or id.
    #[param(max_length = 64)]
    #[serde(default)]
    pub party: Vec<String>,
    /// Whose reply it was; code or id.
    #[param(max_length = 64)]
    #[serde(default)]
    pub department: Vec<String>,
    #[param(inline)]
    #[serde(default)]
    pub attitude: Vec<Satisfaction>,
    #[param(inline)]
    #[serde(default)]
    pub result: Vec<Satisfaction>,
    #[param(minimum = 1, maximum = 2)]
    pub round: Option<i32>,
    pub late: Option<bool>,
    /// Recorded at or after that instant.
    pub created_from: Option<DateTime<Utc>>,
    /// Recorded before that instant.
    pub created_until: Option<DateTime<Utc>>,
    /// The same as `created_from`: a receipt never changes.
    pub updated_since: Option<DateTime<Utc>>,
    #[param(inline)]
    #[serde(default)]
    pub sort: ReceiptSort,
}

/// Order of the list; `-created_at` where not given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
pub enum ReceiptSort {
    #[default]
    #[serde(rename = "-created_at")]
    Newest,
    #[serde(rename = "created_at")]
    Oldest,
}

table! { |view: ReceiptView, language| ("反馈回执", "Feedback receipts"):
    ("意见建议编号", "Number of the suggestion") => view.suggestion.number.as_deref(),
    ("意见建议", "Suggestion") => view.suggestion.title.as_str(),
    ("评价党派", "Party") => view.party.name.as_str(),
    ("承办单位", "Department") => view.department.name.as_str(),
    ("轮次", "Round") => view.round,
    ("答复版本", "Version of the reply") => view.reply.version_number,
    ("对办理态度", "Attitude") => view.attitude.label().get(language),
    ("对办理结果", "Result") => view.result.label().get(language),
    ("意见", "Comment") => view.comment.as_deref(),
    ("签字人", "Signatory") => view.signatory.as_deref(),
    ("期限", "Due on") => view.due_on,
    ("是否逾期", "Late") => yes_or_no(view.late, language),
    ("反馈时间", "Recorded at") => view.created_at,
}
