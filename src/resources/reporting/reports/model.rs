use super::facts::Facts;
use super::policy::WorkReport;
use crate::clock::shanghai_day;
use crate::db::schema::work_reports;
use crate::directory::Directory;
use crate::directory::model::{Kind, OrganizationRef};
use crate::http::extract::Input;
use crate::policy::Caller;
use crate::problem::{Fault, Result};
use crate::resources::meetings::links::LinkedMeeting;
use crate::resources::no_secrets;
use crate::resources::reporting::duties::model::ReportingDeadline;
use crate::resources::reporting::duties::period::{Period, PeriodKind};
use crate::vocabulary::enumeration;
use crate::workflow::machine::{AllowedAction, allowed_actions};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::{Queryable, Selectable};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = work_reports)]
pub struct Row {
    pub id: Uuid,
    pub department_id: Uuid,
    pub period_kind: PeriodKind,
    pub period_from: NaiveDate,
    pub period_to: NaiveDate,
    pub number: i32,
    pub title: String,
    pub text: String,
    pub state: WorkReportState,
    pub no_secrets: bool,
    pub recorded_on_behalf: bool,
    pub facts: Option<serde_json::Value>,
    pub submitted_at: Option<DateTime<Utc>>,
    pub decided_at: Option<DateTime<Utc>>,
    pub return_reason: Option<String>,
    pub copy_acknowledged_at: Option<DateTime<Utc>>,
    pub next_id: Option<Uuid>,
    pub superseded_at: Option<DateTime<Utc>>,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl Row {
    pub fn period(&self) -> Period {
        Period {
            kind: self.period_kind,
            from: self.period_from,
            to: self.period_to,
        }
    }
}

enumeration! {
    /// 工作报告状态
    pub enum WorkReportState {
        Draft ["草稿", "Draft"],
        Submitted ["已报送", "Submitted"],
        Received ["已接收", "Received"],
        Returned ["已退回", "Returned"],
    }
}

/// 工作情况报告
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = WorkReport)]
pub struct WorkReportView {
    pub id: Uuid,
    /// By the name of the day of submission.
    pub department: OrganizationRef,
    pub period: Period,
    /// 第几版
    #[schema(example = 1, minimum = 1)]
    pub version: i32,
    #[schema(example = "市教育局2026年上半年对口联系工作情况", max_length = 200)]
    pub title: String,
    #[schema(
        example = "上半年，我局与对口党派开展联系活动三次，收到意见建议四件，均已按期答复。",
        max_length = 50_000
    )]
    pub text: String,
    pub state: WorkReportState,
    /// Declared to hold nothing classified (不涉密).
    pub no_secrets: bool,
    /// 代录: recorded by 市委统战部 for the department.
    pub recorded_on_behalf: bool,
    /// Of a draft as they are, after submission as they were then.
    pub facts: Facts,
    /// The meetings that it tells of, in the order of time.
    #[schema(max_items = 200)]
    pub meetings: Vec<LinkedMeeting>,
    /// 市委统战部, which receives it, and 市政府办公室, to which it is copied; none before submission.
    #[schema(max_items = 2)]
    pub receipts: Vec<ReceiptView>,
    /// Null where none was owed.
    #[schema(required = true)]
    pub deadline: Option<ReportingDeadline>,
    #[schema(required = true)]
    pub submitted_at: Option<DateTime<Utc>>,
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

/// 收文回执
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = WorkReportReceipt)]
pub struct ReceiptView {
    pub organization: OrganizationRef,
    /// Null while it has not.
    #[schema(required = true)]
    pub acknowledged_at: Option<DateTime<Utc>>,
}

impl WorkReportView {
    /// As it is put on record and announced: what the caller could do next is nobody else's.
    pub fn new(report: &WorkReport, directory: &Directory, today: NaiveDate) -> Result<Self> {
        let period = report.row.period();
        let receipts = receipts(report, directory, today);
        let Row {
            id,
            department_id,
            period_kind: _,
            period_from: _,
            period_to: _,
            number,
            title,
            text,
            state: _,
            no_secrets,
            recorded_on_behalf,
            facts: _,
            submitted_at,
            decided_at,
            return_reason,
            copy_acknowledged_at: _,
            next_id,
            superseded_at,
            version: _,
            created_at,
            updated_at,
        } = report.row.clone();
        let named_on = submitted_at.map_or(today, shanghai_day).min(today);
        Ok(Self {
            id,
            department: directory.reference(department_id, named_on)?,
            period,
            version: number,
            title,
            text,
            state: report.state,
            no_secrets,
            recorded_on_behalf,
            facts: report.facts.clone(),
            meetings: report.meetings.clone(),
            receipts,
            deadline: report
                .duty
                .as_ref()
                .and_then(|duty| ReportingDeadline::new(duty, today)),
            submitted_at,
            returned_at: decided_at.filter(|_| report.state == WorkReportState::Returned),
            return_reason,
            superseded_at,
            // Before that, the next version is a draft, which others do not hear of.
            superseded_by: superseded_at.and(next_id),
            created_at,
            updated_at: directory.changed_at(updated_at, [department_id], named_on),
            allowed_actions: Vec::new(),
        })
    }

    /// With what the caller can do.
    pub fn for_caller(
        caller: &Caller,
        report: &WorkReport,
        directory: &Directory,
        today: NaiveDate,
    ) -> Result<Self> {
        Ok(Self {
            allowed_actions: allowed_actions(caller, report),
            ..Self::new(report, directory, today)?
        })
    }

    /// When an office acknowledged it.
    pub fn receipt_of(&self, index: usize) -> Option<DateTime<Utc>> {
        self.receipts.get(index)?.acknowledged_at
    }
}

/// The two offices' receipts, 市委统战部's first.
fn receipts(report: &WorkReport, directory: &Directory, today: NaiveDate) -> Vec<ReceiptView> {
    let row = &report.row;
    let received_at = row
        .decided_at
        .filter(|_| report.state == WorkReportState::Received);
    let of = |kind, acknowledged_at| {
        directory.of_kind(kind).map(move |office| ReceiptView {
            organization: OrganizationRef::new(office, today),
            acknowledged_at,
        })
    };
    let all = of(Kind::Coordinator, received_at).chain(of(Kind::GovernmentOffice, row.copy_acknowledged_at));
    all.filter(|_| row.submitted_at.is_some()).collect()
}

/// Filters of the list.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct WorkReportFilter {
    /// Code or id.
    #[param(max_length = 64)]
    #[serde(default)]
    pub department: Vec<String>,
    #[param(inline)]
    #[serde(default)]
    pub period_kind: Vec<PeriodKind>,
    /// The year that the period ends in.
    #[param(minimum = 1990, maximum = 2100)]
    pub year: Option<i32>,
    #[param(inline)]
    #[serde(default)]
    pub state: Vec<WorkReportState>,
    /// Whether 市政府办公室 has acknowledged its copy.
    pub copy_acknowledged: Option<bool>,
    /// Submitted at or after that instant.
    pub submitted_from: Option<DateTime<Utc>>,
    /// Submitted before that instant.
    pub submitted_until: Option<DateTime<Utc>>,
    /// Versions that a later one has taken the place of, too.
    #[param(default = false)]
    #[serde(default)]
    pub include_ended: bool,
    /// Changed at or after that instant.
    pub updated_since: Option<DateTime<Utc>>,
    /// Words in title or text.
    #[param(min_length = 1, max_length = 100)]
    pub q: Option<String>,
    #[param(inline)]
    #[serde(default)]
    pub sort: WorkReportSort,
}

/// Order of the list; `-created_at` where not given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
pub enum WorkReportSort {
    #[default]
    #[serde(rename = "-created_at")]
    Newest,
    #[serde(rename = "created_at")]
    Oldest,
}

/// 起草工作情况报告
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewWorkReport {
    /// Code or id: the caller's own where not given; 市委统战部, which records it on behalf (代录), names it.
    #[schema(example = "education", max_length = 64, extensions(("x-reference" = json!("department"))))]
    #[serde(default)]
    pub department: Option<String>,
    pub period: Period,
    #[schema(example = "市教育局2026年度对口联系工作情况", max_length = 200)]
    pub title: String,
    #[schema(
        example = "今年以来，我局与对口党派开展联系活动三次，收到意见建议四件，均已按期答复。",
        max_length = 30_000
    )]
    pub text: String,
    /// Ids of the meetings that it tells of, of those that the caller may read.
    #[schema(example = json!([]), max_items = 100, extensions(("x-reference" = json!("meeting"))))]
    #[serde(default)]
    pub meetings: Vec<Uuid>,
}

impl Input for NewWorkReport {
    fn check(&self, faults: &mut Vec<Fault>) {
        if !self.period.is_whole() {
            faults.push(Fault::at(
                "/period",
                "malformed",
                "年度报告的期间为自然年，半年报告的期间为自然半年；起始日期不得晚于截止日期。",
                "A yearly report is on a calendar year, a half-yearly one on a half of one; no period ends before it begins.",
            ));
        }
    }
}

/// 草稿修改 (RFC 7396)
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PatchWorkReport {
    #[schema(
        nullable = false,
        example = "市教育局2026年度对口联系工作情况",
        max_length = 200
    )]
    #[serde(default)]
    pub title: Option<String>,
    #[schema(
        nullable = false,
        example = "今年以来，我局与对口党派开展联系活动四次。",
        max_length = 30_000
    )]
    #[serde(default)]
    pub text: Option<String>,
    /// These and no others.
    #[schema(nullable = false, example = json!([]), max_items = 100, extensions(("x-reference" = json!("meeting"))))]
    #[serde(default)]
    pub meetings: Option<Vec<Uuid>>,
}

impl Input for PatchWorkReport {}

/// 报送
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SubmitWorkReport {
    /// Declares that it holds nothing classified; `false` is refused, since classified matter is not handled here.
    #[schema(example = true)]
    pub no_secrets: bool,
}

impl Input for SubmitWorkReport {
    fn check(&self, faults: &mut Vec<Fault>) {
        no_secrets::check(self.no_secrets, faults);
    }
}

/// 退回
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReturnWorkReport {
    #[schema(example = "请补充意见建议办理情况。", max_length = 2000)]
    pub reason: String,
}

impl Input for ReturnWorkReport {}
