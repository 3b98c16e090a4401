//! Bodies of requests.

use super::model::{CommunicationWay, SuggestionResult};
use crate::http::extract::Input;
use crate::problem::{Fault, Problem, Result};
use crate::resources::no_secrets;
use crate::text::phone;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// 联系人
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = SuggestionContact)]
#[serde(deny_unknown_fields)]
pub struct Contact {
    #[schema(example = "陈志远", max_length = 50)]
    pub name: String,
    /// A mobile (kept as 11 digits) or a landline with its area (kept as `0751-8880000`).
    #[schema(required = false, example = "0751-8886620", max_length = 40)]
    #[serde(default)]
    pub phone: Option<String>,
}

impl Contact {
    /// For records and events, which others read than who reads the suggestion.
    pub fn masked(mut self) -> Self {
        self.phone = self.phone.map(|number| phone::masked(&number));
        self
    }
}

/// 联系人修改: what is not said stays.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[schema(as = PatchSuggestionContact)]
#[serde(deny_unknown_fields)]
pub struct PatchContact {
    /// Needed where there is no contact yet.
    #[schema(example = "陈志远", max_length = 50, nullable = false)]
    #[serde(default)]
    pub name: Option<String>,
    #[schema(example = "0751-8886620", max_length = 40)]
    #[serde(default, with = "serde_with::rust::double_option")]
    pub phone: Option<Option<String>>,
}

impl PatchContact {
    /// The contact as it is then.
    ///
    /// # Errors
    /// 422 without a name.
    pub fn onto(self, before: Option<Contact>) -> Result<Contact> {
        let (old_name, old_phone) = before.map(|contact| (contact.name, contact.phone)).unzip();
        let fault = || {
            Fault::at(
                "/contact/name",
                "required",
                "缺少必填字段。",
                "A required field is missing.",
            )
        };
        Ok(Contact {
            name: self
                .name
                .or(old_name)
                .ok_or_else(|| Problem::invalid(vec![fault()]))?,
            phone: self.phone.unwrap_or(old_phone.flatten()),
        })
    }
}

/// 起草意见建议
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSuggestion {
    #[schema(example = "关于完善市区义务教育学校午餐午休服务的建议", max_length = 200)]
    pub title: String,
    /// 背景情况
    #[schema(
        example = "市区部分小学没有食堂，双职工家庭中午接送困难，校外托管机构良莠不齐。",
        max_length = 20_000
    )]
    pub background: String,
    /// 意见建议
    #[schema(
        example = "一是摸清需求，分批建设中心配餐点；二是出台午休服务收费和补助办法；三是由卫生健康部门加强食品安全指导。",
        max_length = 20_000
    )]
    pub proposal: String,
    #[schema(example = "教育", max_length = 50)]
    #[serde(default)]
    pub category: Option<String>,
    /// Names.
    #[schema(example = json!(["陈志远"]), max_items = 20)]
    #[serde(default)]
    pub authors: Vec<String>,
    #[serde(default)]
    pub contact: Option<Contact>,
    /// Code or id.
    #[schema(example = "education", max_length = 64, extensions(("x-reference" = json!("department"))))]
    pub lead_department: String,
    /// Codes or ids.
    #[schema(example = json!(["health"]), max_items = 30, extensions(("x-reference" = json!("department"))))]
    #[serde(default)]
    pub joint_departments: Vec<String>,
    /// Codes or ids of parties that are to sign, too.
    #[schema(example = json!([]), max_items = 30, extensions(("x-reference" = json!("party"))))]
    #[serde(default)]
    pub joint_parties: Vec<String>,
    /// Id of the meeting whose result it is, one that the party is invited to.
    #[schema(example = json!(null), extensions(("x-reference" = json!("meeting"))))]
    #[serde(default)]
    pub from_meeting: Option<Uuid>,
}

impl Input for NewSuggestion {}

/// 修改草稿. What is not said stays; lists are replaced. Whatever changes but the joint parties, those who have signed sign again.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PatchSuggestion {
    #[schema(
        example = "关于完善市区义务教育学校午餐午休服务的建议",
        max_length = 200,
        nullable = false
    )]
    #[serde(default)]
    pub title: Option<String>,
    #[schema(
        example = "市区部分小学没有食堂，双职工家庭中午接送困难。",
        max_length = 20_000,
        nullable = false
    )]
    #[serde(default)]
    pub background: Option<String>,
    #[schema(
        example = "摸清需求，分批建设中心配餐点。",
        max_length = 20_000,
        nullable = false
    )]
    #[serde(default)]
    pub proposal: Option<String>,
    #[schema(example = "教育", max_length = 50)]
    #[serde(default, with = "serde_with::rust::double_option")]
    pub category: Option<Option<String>>,
    #[schema(example = json!(["陈志远"]), max_items = 20, nullable = false)]
    #[serde(default)]
    pub authors: Option<Vec<String>>,
    #[schema(nullable = true, value_type = Option<PatchContact>, example = json!(null))]
    #[serde(default, with = "serde_with::rust::double_option")]
    pub contact: Option<Option<PatchContact>>,
    #[schema(example = "education", max_length = 64, nullable = false, extensions(("x-reference" = json!("department"))))]
    #[serde(default)]
    pub lead_department: Option<String>,
    #[schema(example = json!(["health"]), max_items = 30, nullable = false, extensions(("x-reference" = json!("department"))))]
    #[serde(default)]
    pub joint_departments: Option<Vec<String>>,
    #[schema(example = json!([]), max_items = 30, nullable = false, extensions(("x-reference" = json!("party"))))]
    #[serde(default)]
    pub joint_parties: Option<Vec<String>>,
    #[schema(nullable = true, value_type = Option<Uuid>, example = json!(null), extensions(("x-reference" = json!("meeting"))))]
    #[serde(default, with = "serde_with::rust::double_option")]
    pub from_meeting: Option<Option<Uuid>>,
}

impl Input for PatchSuggestion {}

/// 谢绝联名
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeclineToSign {
    #[schema(example = "我会已就同一问题另行提出建议。", max_length = 1000)]
    #[serde(default)]
    pub reason: Option<String>,
}

impl Input for DeclineToSign {}

/// 提交
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SubmitSuggestion {
    /// Declares that it holds nothing classified; `false` is refused, since classified matter is not handled here.
    #[schema(example = true)]
    pub no_secrets: bool,
}

impl Input for SubmitSuggestion {
    fn check(&self, faults: &mut Vec<Fault>) {
        no_secrets::check(self.no_secrets, faults);
    }
}

/// 签收
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AcceptSuggestion {
    /// 经办人
    #[schema(example = "李秋霞", max_length = 50)]
    pub handler: String,
    /// 承办科室
    #[schema(example = "基础教育科", max_length = 100)]
    pub office: String,
}

impl Input for AcceptSuggestion {}

/// 申退
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReturnSuggestion {
    #[schema(example = "所提事项属卫生健康部门职责。", max_length = 1000)]
    pub reason: String,
    /// Code or id of the department that it should go to.
    #[schema(example = "health", max_length = 64, extensions(("x-reference" = json!("department"))))]
    pub proposed_department: String,
}

impl Input for ReturnSuggestion {}

/// 理由
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    #[schema(example = "经研究，所提事项属你单位职责范围。", max_length = 1000)]
    pub reason: String,
}

impl Input for Reason {}

/// 内容
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = StepText)]
#[serde(deny_unknown_fields)]
pub struct Words {
    #[schema(example = "请抓紧研究，按期答复。", max_length = 20_000)]
    pub text: String,
}

impl Input for Words {}

/// 改派
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReassignSuggestion {
    /// Code or id.
    #[schema(example = "human-resources", max_length = 64, extensions(("x-reference" = json!("department"))))]
    pub lead_department: String,
    /// Those and no others: joint departments that are not named here are relieved.
    #[schema(example = json!(["health"]), max_items = 30, extensions(("x-reference" = json!("department"))))]
    #[serde(default)]
    pub joint_departments: Vec<String>,
    #[schema(example = "经商有关部门，由市人社局主办更为适宜。", max_length = 1000)]
    pub reason: String,
}

impl Input for ReassignSuggestion {}

/// 沟通
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = NewCommunication)]
#[serde(deny_unknown_fields)]
pub struct Communicate {
    pub way: CommunicationWay,
    /// The day on which it took place.
    #[schema(example = "2026-03-02")]
    pub on: NaiveDate,
    /// Who took part, one at least.
    #[schema(example = json!(["李秋霞", "陈志远"]), min_items = 1, max_items = 100)]
    pub persons: Vec<String>,
    #[schema(
        example = "就配餐点布局和收费办法交换意见，党派建议先行试点。",
        max_length = 5000
    )]
    pub gist: String,
}

impl Input for Communicate {}

/// 阶段性答复
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InterimReply {
    #[schema(
        example = "已完成市区 32 所学校午餐午休需求摸底，正在拟定试点方案。",
        max_length = 20_000
    )]
    pub text: String,
    /// When the next word is to be expected.
    #[schema(example = "2026-06-30")]
    pub next_on: NaiveDate,
}

impl Input for InterimReply {}

/// 申请延期
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestExtension {
    #[schema(example = "试点方案须与财政部门进一步测算。", max_length = 1000)]
    pub reason: String,
    /// The day until which the reply is to come: later than now due, and within the term of an extension from acceptance.
    #[schema(example = "2026-08-31")]
    pub until: NaiveDate,
}

impl Input for RequestExtension {}

/// 审核结果
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    #[schema(example = true)]
    pub granted: bool,
    #[schema(example = "同意，请按新的期限办结。", max_length = 1000)]
    pub reason: String,
}

impl Input for Decision {}

/// 办理承诺
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCommitment {
    #[schema(example = "在市区 6 所小学开展午餐午休服务试点。", max_length = 300)]
    pub text: String,
    #[schema(example = "2026-12-31")]
    pub due_on: NaiveDate,
}

/// 答复
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewReply {
    #[schema(
        example = "民盟市委会提出的建议收悉。经会同市卫生健康局研究，现答复如下：我局已将学校午餐午休服务列入年度工作计划。",
        max_length = 10_000
    )]
    pub text: String,
    /// 文号
    #[schema(example = "韶教函〔2026〕58号", max_length = 100)]
    pub document_number: String,
    /// 签发人
    #[schema(example = "王建平", max_length = 50)]
    pub signatory: String,
    pub result: SuggestionResult,
    /// At least one with `result` `B`.
    #[schema(max_items = 20)]
    #[serde(default)]
    pub commitments: Vec<NewCommitment>,
    /// Needed where a joint department has not given its opinion.
    #[schema(example = "会办单位正在调整机构，未能按期提出意见。", max_length = 1000)]
    #[serde(default)]
    pub missing_opinions_reason: Option<String>,
}

impl Input for NewReply {
    fn check(&self, faults: &mut Vec<Fault>) {
        if self.result == SuggestionResult::B && self.commitments.is_empty() {
            faults.push(Fault::at(
                "/commitments",
                "required",
                "办理结果为 B 时，须至少有一项带期限的办理承诺。",
                "A result of B needs a commitment with a due day at least.",
            ));
        }
    }
}

/// 更正答复
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CorrectReply {
    /// The whole text as it should read.
    #[schema(
        example = "民盟市委会提出的建议收悉。现答复如下：试点学校更正为 8 所。",
        max_length = 10_000
    )]
    pub text: String,
    /// Why it is corrected.
    #[schema(example = "试点学校数量有误", max_length = 1000)]
    pub reason: String,
    /// Stays as it is where not given.
    #[schema(example = json!(null), max_length = 100)]
    #[serde(default)]
    pub document_number: Option<String>,
    /// Stays as it is where not given.
    #[schema(example = json!(null), max_length = 50)]
    #[serde(default)]
    pub signatory: Option<String>,
}

impl Input for CorrectReply {}
