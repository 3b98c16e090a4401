use crate::db::schema::liaison_rules;
use crate::directory::Directory;
use crate::directory::model::OrganizationRef;
use crate::http::extract::Input;
use crate::http::negotiate::table;
use crate::problem::{Fault, Result};
use crate::vocabulary::{enumeration, yes_or_no};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::{Queryable, Selectable};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = liaison_rules)]
pub struct Row {
    pub id: Uuid,
    pub department_id: Uuid,
    pub kind: LiaisonRuleKind,
    pub title: String,
    pub document_number: Option<String>,
    pub issued_on: NaiveDate,
    pub ended_on: Option<NaiveDate>,
    pub recorded_on_behalf: bool,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

enumeration! {
    /// 制度类别: the five that the notice names (三(三)), and others.
    pub enum LiaisonRuleKind {
        ImportantEvents ["邀请参加重要会议和重大活动", "Invitation to important meetings and major events"],
        DecisionConsultation ["重大事项决策前咨询及通报", "Consultation and briefing before major decisions"],
        JointResearch ["参与调研", "Taking part in research"],
        InformationExchange ["日常信息交流", "Exchange of information"],
        Feedback ["反馈", "Feedback"],
        Other ["其他", "Other"],
    }
}

/// 相关制度
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = LiaisonRule)]
pub struct LiaisonRuleView {
    pub id: Uuid,
    pub department: OrganizationRef,
    pub kind: LiaisonRuleKind,
    #[schema(example = "市教育局对口联系工作制度", max_length = 200)]
    pub title: String,
    #[schema(required = true, example = "韶教〔2020〕12号", max_length = 60)]
    pub document_number: Option<String>,
    pub issued_on: NaiveDate,
    /// The first day on which it no longer holds; null while it does.
    #[schema(required = true, example = json!(null))]
    pub ended_on: Option<NaiveDate>,
    /// 代录: recorded, or last changed, by 市委统战部 for the department.
    pub recorded_on_behalf: bool,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl LiaisonRuleView {
    pub fn new(row: &Row, directory: &Directory, today: NaiveDate) -> Result<Self> {
        let Row {
            id,
            department_id,
            kind,
            title,
            document_number,
            issued_on,
            ended_on,
            recorded_on_behalf,
            version: _,
            created_at,
            updated_at,
        } = row.clone();
        Ok(Self {
            id,
            department: directory.reference(department_id, today)?,
            kind,
            title,
            document_number,
            issued_on,
            ended_on,
            recorded_on_behalf,
            created_at,
            updated_at: directory.changed_at(updated_at, [department_id], today),
        })
    }
}

/// Filters of the list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct LiaisonRuleFilter {
    /// Those that held on that day (Asia/Shanghai); today where not given.
    pub as_of: Option<NaiveDate>,
    /// Those that no longer hold, too.
    #[param(default = false)]
    #[serde(default)]
    pub include_ended: bool,
    #[param(inline)]
    #[serde(default)]
    pub kind: Vec<LiaisonRuleKind>,
    /// Changed at or after that instant.
    pub updated_since: Option<DateTime<Utc>>,
}

/// 新制度
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewLiaisonRule {
    pub kind: LiaisonRuleKind,
    #[schema(example = "市教育局对口联系工作制度", max_length = 200)]
    pub title: String,
    #[schema(example = "韶教〔2020〕12号", max_length = 60)]
    #[serde(default)]
    pub document_number: Option<String>,
    #[schema(example = "2020-04-01")]
    pub issued_on: NaiveDate,
}

impl Input for NewLiaisonRule {}

/// 制度更正 (RFC 7396)
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PatchLiaisonRule {
    #[schema(nullable = false)]
    #[serde(default)]
    pub kind: Option<LiaisonRuleKind>,
    #[schema(
        nullable = false,
        example = "市教育局对口联系工作制度（修订）",
        max_length = 200
    )]
    #[serde(default)]
    pub title: Option<String>,
    #[schema(nullable = true, value_type = Option<String>, example = "韶教〔2026〕3号", max_length = 60)]
    #[serde(default, with = "serde_with::rust::double_option")]
    pub document_number: Option<Option<String>>,
    #[schema(nullable = false, example = "2020-04-01")]
    #[serde(default)]
    pub issued_on: Option<NaiveDate>,
    /// The first day on which it no longer holds.
    #[schema(nullable = true, value_type = Option<NaiveDate>, example = json!(null))]
    #[serde(default, with = "serde_with::rust::double_option")]
    pub ended_on: Option<Option<NaiveDate>>,
}

impl PatchLiaisonRule {
    /// # Errors
    /// 422 where it would end before it was issued.
    pub fn check_against(&self, row: &Row) -> Result<()> {
        let issued_on = self.issued_on.unwrap_or(row.issued_on);
        match self.ended_on.unwrap_or(row.ended_on) {
            Some(end) if end < issued_on => Err(crate::problem::Problem::invalid(vec![Fault::at(
                "/ended_on",
                "out_of_range",
                "不能早于印发日期。",
                "Not before its day of issue.",
            )])),
            _ => Ok(()),
        }
    }
}

impl Input for PatchLiaisonRule {}

table! { |view: LiaisonRuleView, language| ("相关制度", "Liaison rules"):
    ("部门", "Department") => view.department.name.as_str(),
    ("类别", "Kind") => view.kind.label().get(language),
    ("名称", "Title") => view.title.as_str(),
    ("文号", "Document number") => view.document_number.as_deref(),
    ("印发日期", "Issued on") => view.issued_on,
    ("失效日期", "Ended on") => view.ended_on,
    ("是否代录", "Recorded on behalf") => yes_or_no(view.recorded_on_behalf, language),
}
