use super::policy::ProblemReport;
use crate::db::schema::problem_reports;
use crate::directory::Directory;
use crate::directory::model::OrganizationRef;
use crate::http::extract::Input;
use crate::http::negotiate::table;
use crate::policy::Caller;
use crate::problem::{Fault, Result};
use crate::resources::no_secrets;
use crate::vocabulary::{enumeration, yes_or_no};
use crate::workflow::machine::{AllowedAction, allowed_actions};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::{Queryable, Selectable};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = problem_reports)]
pub struct Row {
    pub id: Uuid,
    pub organization_id: Uuid,
    pub title: String,
    pub text: String,
    pub state: ProblemReportState,
    pub no_secrets: bool,
    pub recorded_on_behalf: bool,
    pub answer: Option<String>,
    pub answered_at: Option<DateTime<Utc>>,
    pub closed_at: Option<DateTime<Utc>>,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

enumeration! {
    /// 问题反映状态
    pub enum ProblemReportState {
        Raised ["待答复", "Raised"],
        Answered ["已答复", "Answered"],
        Closed ["已办结", "Closed"],
    }
}

/// 问题反映
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ProblemReport)]
pub struct ProblemReportView {
    pub id: Uuid,
    /// Who raised it.
    pub organization: OrganizationRef,
    #[schema(example = "联络科室人员变动频繁", max_length = 200)]
    pub title: String,
    #[schema(
        example = "本季度联络人员三次调整，与党派的日常信息交流时断时续。",
        max_length = 10_000
    )]
    pub text: String,
    pub state: ProblemReportState,
    /// Declared to hold nothing classified (不涉密).
    pub no_secrets: bool,
    /// 代录: recorded by 市委统战部 for the organization.
    pub recorded_on_behalf: bool,
    #[schema(required = true)]
    pub answer: Option<AnswerView>,
    #[schema(required = true)]
    pub closed_at: Option<DateTime<Utc>>,
    /// When it was raised.
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    #[schema(max_items = 20)]
    pub allowed_actions: Vec<AllowedAction>,
}

/// 答复
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ProblemReportAnswer)]
pub struct AnswerView {
    #[schema(
        example = "请相对固定联络人员，变动须在五个工作日内报送。",
        max_length = 10_000
    )]
    pub text: String,
    pub answered_at: DateTime<Utc>,
}

impl ProblemReportView {
    /// As it is put on record and announced: what the caller could do next is nobody else's.
    pub fn new(report: &ProblemReport, directory: &Directory, today: NaiveDate) -> Result<Self> {
        let Row {
            id,
            organization_id,
            title,
            text,
            state: _,
            no_secrets,
            recorded_on_behalf,
            answer,
            answered_at,
            closed_at,
            version: _,
            created_at,
            updated_at,
        } = report.row.clone();
        Ok(Self {
            id,
            organization: directory.reference(organization_id, today)?,
            title,
            text,
            state: report.row.state,
            no_secrets,
            recorded_on_behalf,
            answer: answer
                .zip(answered_at)
                .map(|(text, answered_at)| AnswerView { text, answered_at }),
            closed_at,
            created_at,
            updated_at: directory.changed_at(updated_at, [organization_id], today),
            allowed_actions: Vec::new(),
        })
    }

    /// With what the caller can do.
    pub fn for_caller(
        caller: &Caller,
        report: &ProblemReport,
        directory: &Directory,
        today: NaiveDate,
    ) -> Result<Self> {
        Ok(Self {
            allowed_actions: allowed_actions(caller, report),
            ..Self::new(report, directory, today)?
        })
    }
}

/// Filters of the list.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ProblemReportFilter {
    #[param(inline)]
    #[serde(default)]
    pub state: Vec<ProblemReportState>,
    /// Who raised it: code or id of a department or party.
    #[param(max_length = 64)]
    #[serde(default)]
    pub organization: Vec<String>,
    /// Raised at or after that instant.
    pub raised_from: Option<DateTime<Utc>>,
    /// Raised before that instant.
    pub raised_until: Option<DateTime<Utc>>,
    /// Changed at or after that instant.
    pub updated_since: Option<DateTime<Utc>>,
    /// Words in title or text.
    #[param(min_length = 1, max_length = 100)]
    pub q: Option<String>,
    #[param(inline)]
    #[serde(default)]
    pub sort: ProblemReportSort,
}

/// Order of the list; `-created_at` where not given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
pub enum ProblemReportSort {
    #[default]
    #[serde(rename = "-created_at")]
    Newest,
    #[serde(rename = "created_at")]
    Oldest,
}

/// 反映问题
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewProblemReport {
    /// Code or id of the department or party whose problem it is: the caller's own where not given; 市委统战部, which
    /// records it on behalf (代录), names it.
    #[schema(example = json!(null), max_length = 64, extensions(("x-reference" = json!("organization"))))]
    #[serde(default)]
    pub organization: Option<String>,
    #[schema(example = "联络科室人员变动频繁", max_length = 200)]
    pub title: String,
    #[schema(
        example = "本季度联络人员三次调整，与党派的日常信息交流时断时续。",
        max_length = 10_000
    )]
    pub text: String,
    /// Declares that it holds nothing classified; `false` is refused, since classified matter is not handled here.
    #[schema(example = true)]
    #[serde(default)]
    pub no_secrets: Option<bool>,
}

impl Input for NewProblemReport {
    fn check(&self, faults: &mut Vec<Fault>) {
        no_secrets::check(self.no_secrets.unwrap_or(true), faults);
    }
}

/// 答复
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerProblemReport {
    #[schema(
        example = "请相对固定联络人员，变动须在五个工作日内报送。",
        max_length = 10_000
    )]
    pub text: String,
}

impl Input for AnswerProblemReport {}

table! { |view: ProblemReportView, language| ("问题反映", "Problem reports"):
    ("反映单位", "Raised by") => view.organization.name.as_str(),
    ("标题", "Title") => view.title.as_str(),
    ("内容", "Text") => view.text.as_str(),
    ("状态", "State") => view.state.label().get(language),
    ("是否代录", "Recorded on behalf") => yes_or_no(view.recorded_on_behalf, language),
    ("反映时间", "Raised at") => view.created_at,
    ("答复", "Answer") => view.answer.as_ref().map(|answer| answer.text.as_str()),
    ("答复时间", "Answered at") => view.answer.as_ref().map(|answer| answer.answered_at),
    ("办结时间", "Closed at") => view.closed_at,
}
