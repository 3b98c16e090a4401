use super::content::{Contact, Content, Leader, Office};
use super::policy::{Appointment, Disclosure};
use crate::clock::began;
use crate::db::schema::{liaison_contacts, liaison_leader_receipts, liaison_leaders};
use crate::directory::Directory;
use crate::directory::model::OrganizationRef;
use crate::http::extract::Input;
use crate::policy::Caller;
use crate::problem::{Fault, Problem, Result};
use crate::vocabulary::enumeration;
use crate::workflow::machine::{AllowedAction, allowed_actions};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::{Insertable, Queryable, Selectable};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = liaison_leaders)]
pub struct Row {
    pub id: Uuid,
    pub department_id: Uuid,
    pub effective_from: NaiveDate,
    pub effective_until: Option<NaiveDate>,
    pub vacant: bool,
    pub leader_name: Option<String>,
    pub leader_title: Option<String>,
    pub office_name: Option<String>,
    pub office_phone: Option<String>,
    pub reason: Option<String>,
    pub state: LiaisonLeaderState,
    pub completion_text: Option<String>,
    pub completion_requested_at: Option<DateTime<Utc>>,
    pub reported_at: DateTime<Utc>,
    pub report_due_on: NaiveDate,
    pub late: bool,
    pub recorded_on_behalf: bool,
    pub version_number: i32,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = liaison_contacts)]
pub struct ContactRow {
    pub liaison_leader_id: Uuid,
    pub position: i32,
    pub name: String,
    pub title: Option<String>,
    pub mobile: Option<String>,
    pub email: Option<String>,
}

#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = liaison_leader_receipts)]
pub struct ReceiptRow {
    pub liaison_leader_id: Uuid,
    pub organization_id: Uuid,
    pub told_at: DateTime<Utc>,
    pub acknowledged_at: Option<DateTime<Utc>>,
    pub acknowledged_by: Option<String>,
    pub acknowledged_version: Option<i32>,
}

enumeration! {
    /// 报送状态
    pub enum LiaisonLeaderState {
        Reported ["已报送", "Reported"],
        CompletionRequested ["待补充", "To be completed"],
    }
}

enumeration! {
    /// 任期状态, by the day.
    pub enum AppointmentStatus {
        Future ["待生效", "Future"],
        Current ["在任", "Current"],
        Former ["已卸任", "Former"],
    }
}

impl AppointmentStatus {
    pub fn of(row: &Row, day: NaiveDate) -> Self {
        match () {
            () if day < row.effective_from => Self::Future,
            () if row.effective_until.is_none_or(|until| day < until) => Self::Current,
            () => Self::Former,
        }
    }
}

/// 分管领导、联络科室、联络人员: a department's appointment from a day on.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = LiaisonLeader)]
pub struct LiaisonLeaderView {
    pub id: Uuid,
    pub department: OrganizationRef,
    pub effective_from: NaiveDate,
    /// The day of effect of the next one; null for the last.
    #[schema(required = true, example = json!(null))]
    pub effective_until: Option<NaiveDate>,
    pub status: AppointmentStatus,
    /// Nobody leads the liaison; who minds it meanwhile may stand in office and contacts.
    pub vacant: bool,
    #[schema(required = true)]
    pub leader: Option<Leader>,
    #[schema(required = true)]
    pub office: Option<Office>,
    #[schema(max_items = 20)]
    pub contacts: Vec<Contact>,
    #[schema(required = true, example = "班子分工调整", max_length = 500)]
    pub reason: Option<String>,
    pub state: LiaisonLeaderState,
    /// What 市委统战部 last asked to be completed.
    #[schema(required = true)]
    pub completion: Option<CompletionView>,
    pub reported_at: DateTime<Utc>,
    /// The last day on which the report was in time.
    pub report_due_on: NaiveDate,
    /// Reported after that day.
    pub late: bool,
    /// 代录: recorded by 市委统战部 for the department.
    pub recorded_on_behalf: bool,
    /// Raised by each correction.
    #[schema(example = 1, minimum = 1)]
    pub version_number: i32,
    pub receipts: ReceiptCounts,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    #[schema(max_items = 20)]
    pub allowed_actions: Vec<AllowedAction>,
}

impl LiaisonLeaderView {
    /// Without the actions, which are the caller's.
    pub fn new(
        appointment: &Appointment,
        directory: &Directory,
        today: NaiveDate,
        disclosure: Disclosure,
    ) -> Result<Self> {
        let status = AppointmentStatus::of(&appointment.row, today);
        let Content {
            effective_from,
            vacant,
            leader,
            office,
            contacts,
            reason,
        } = appointment.content().shown(disclosure);
        let Row {
            id,
            department_id,
            effective_from: _,
            effective_until,
            vacant: _,
            leader_name: _,
            leader_title: _,
            office_name: _,
            office_phone: _,
            reason: _,
            state,
            completion_text,
            completion_requested_at,
            reported_at,
            report_due_on,
            late,
            recorded_on_behalf,
            version_number,
            version: _,
            created_at,
            updated_at,
        } = appointment.row.clone();
        let acknowledged = appointment
            .receipts
            .iter()
            .filter(|receipt| receipt.acknowledged_at.is_some());
        let passed = [Some(effective_from), effective_until].into_iter().flatten();
        let status_at = passed
            .filter_map(|day| began(day, today))
            .fold(updated_at, DateTime::max);
        Ok(Self {
            id,
            department: directory.reference(department_id, today)?,
            effective_from,
            effective_until,
            status,
            vacant,
            leader,
            office,
            contacts,
            reason,
            state,
            completion: completion_text.map(|text| CompletionView {
                text,
                requested_at: completion_requested_at,
            }),
            reported_at,
            report_due_on,
            late,
            recorded_on_behalf,
            version_number,
            receipts: ReceiptCounts {
                told: appointment.receipts.len(),
                acknowledged: acknowledged.count(),
            },
            created_at,
            updated_at: directory.changed_at(status_at, [department_id], today),
            allowed_actions: Vec::new(),
        })
    }

    /// As the caller gets it.
    pub fn for_caller(
        caller: &Caller,
        appointment: &Appointment,
        directory: &Directory,
        today: NaiveDate,
    ) -> Result<Self> {
        let disclosure = appointment.disclosure(caller, directory, today);
        let mut view = Self::new(appointment, directory, today, disclosure)?;
        view.allowed_actions = allowed_actions(caller, appointment);
        Ok(view)
    }
}

/// 补充要求
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CompletionView {
    #[schema(example = "请补报联络人员手机号码。", max_length = 1000)]
    pub text: String,
    #[schema(required = true)]
    pub requested_at: Option<DateTime<Utc>>,
}

/// 签收统计
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct ReceiptCounts {
    #[schema(example = 5, minimum = 0)]
    pub told: usize,
    #[schema(example = 3, minimum = 0)]
    pub acknowledged: usize,
}

/// 任命: what a department reports (三(二)).
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({
    "department": "education",
    "effective_from": "2026-03-02",
    "vacant": false,
    "leader": { "name": "王建平", "title": "副局长" },
    "office": { "name": "办公室", "phone": "0751-8880000" },
    "contacts": [{ "name": "李秋霞", "title": "科长", "mobile": "13800000009", "email": "jyj@example.gov.cn" }],
    "reason": "班子分工调整",
}))]
#[serde(deny_unknown_fields)]
pub struct NewLiaisonLeader {
    /// Code or id; a department's own where not given.
    #[schema(example = "education", max_length = 64, extensions(("x-reference" = json!("any_department"))))]
    #[serde(default)]
    pub department: Option<String>,
    /// In the past for a change that is reported afterwards, or ahead.
    #[schema(example = "2026-03-02")]
    pub effective_from: NaiveDate,
    #[schema(example = false, default = false)]
    #[serde(default)]
    pub vacant: bool,
    /// Needed unless vacant.
    #[serde(default)]
    pub leader: Option<Leader>,
    /// Needed unless vacant.
    #[serde(default)]
    pub office: Option<Office>,
    /// One at least unless vacant.
    #[schema(max_items = 20)]
    #[serde(default)]
    pub contacts: Vec<Contact>,
    #[schema(example = "班子分工调整", max_length = 500)]
    #[serde(default)]
    pub reason: Option<String>,
}

impl NewLiaisonLeader {
    pub fn content(&self) -> Content {
        Content {
            effective_from: self.effective_from,
            vacant: self.vacant,
            leader: self.leader.clone(),
            office: self.office.clone(),
            contacts: self.contacts.clone(),
            reason: self.reason.clone(),
        }
    }
}

impl Input for NewLiaisonLeader {
    fn check(&self, faults: &mut Vec<Fault>) {
        check_day(self.effective_from, faults);
        self.content().check(faults);
    }
}

/// Typing errors of a century would otherwise become history.
fn check_day(day: NaiveDate, faults: &mut Vec<Fault>) {
    use chrono::Datelike;
    if !(1990..=2100).contains(&day.year()) {
        faults.push(Fault::at(
            "/effective_from",
            "out_of_range",
            "年份应在 1990 至 2100 之间。",
            "A year from 1990 to 2100.",
        ));
    }
}

/// 更正. What is not said stays as it is; the old version is kept.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CorrectLiaisonLeader {
    /// Why it is corrected.
    #[schema(example = "补报联络人员手机号码", max_length = 500)]
    pub reason: String,
    #[schema(example = json!(null))]
    #[serde(default)]
    pub effective_from: Option<NaiveDate>,
    #[schema(example = json!(null))]
    #[serde(default)]
    pub vacant: Option<bool>,
    /// In the place of the one there is, whole.
    #[schema(example = json!(null))]
    #[serde(default)]
    pub leader: Option<Leader>,
    /// In the place of the one there is, whole.
    #[schema(example = json!(null))]
    #[serde(default)]
    pub office: Option<Office>,
    /// In the place of all contacts there are.
    #[schema(max_items = 20)]
    #[serde(default)]
    pub contacts: Option<Vec<Contact>>,
}

impl CorrectLiaisonLeader {
    /// What the appointment says then.
    ///
    /// # Errors
    /// 422 where it would be incomplete.
    pub fn apply(&self, before: &Content) -> Result<Content> {
        let vacant = self.vacant.unwrap_or(before.vacant);
        let kept_leader = if vacant { None } else { before.leader.clone() };
        let after = Content {
            effective_from: self.effective_from.unwrap_or(before.effective_from),
            vacant,
            leader: self.leader.clone().or(kept_leader),
            office: self.office.clone().or_else(|| before.office.clone()),
            contacts: self.contacts.clone().unwrap_or_else(|| before.contacts.clone()),
            reason: before.reason.clone(),
        };
        let mut faults = Vec::new();
        after.check(&mut faults);
        if faults.is_empty() {
            Ok(after)
        } else {
            Err(Problem::invalid(faults))
        }
    }
}

impl Input for CorrectLiaisonLeader {
    fn check(&self, faults: &mut Vec<Fault>) {
        if let Some(day) = self.effective_from {
            check_day(day, faults);
        }
    }
}

/// 补充要求
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestCompletion {
    /// What is missing.
    #[schema(example = "请补报联络人员手机号码。", max_length = 1000)]
    pub text: String,
}

impl Input for RequestCompletion {}

/// 签收情况
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = LiaisonLeaderReceipt)]
pub struct ReceiptView {
    pub organization: OrganizationRef,
    pub told_at: DateTime<Utc>,
    /// Null: not yet.
    #[schema(required = true)]
    pub acknowledged_at: Option<DateTime<Utc>>,
    /// Display name of who did.
    #[schema(required = true, example = "周文博", max_length = 100)]
    pub acknowledged_by: Option<String>,
    /// Which version of the appointment it was.
    #[schema(required = true, example = 1, minimum = 1)]
    pub acknowledged_version: Option<i32>,
}

/// 签收情况列表
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = LiaisonLeaderReceipts)]
pub struct ReceiptsView {
    #[schema(max_items = 1000)]
    pub items: Vec<ReceiptView>,
}

impl ReceiptView {
    pub fn new(row: ReceiptRow, directory: &Directory, day: NaiveDate) -> Result<Self> {
        let ReceiptRow {
            liaison_leader_id: _,
            organization_id,
            told_at,
            acknowledged_at,
            acknowledged_by,
            acknowledged_version,
        } = row;
        Ok(Self {
            organization: directory.reference(organization_id, day)?,
            told_at,
            acknowledged_at,
            acknowledged_by,
            acknowledged_version,
        })
    }
}

/// 历史版本
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = LiaisonLeaderVersion)]
pub struct VersionView {
    #[schema(example = 1, minimum = 1)]
    pub version_number: i32,
    pub content: Content,
    pub replaced_at: DateTime<Utc>,
    /// Display name of who corrected it.
    #[schema(example = "李秋霞", max_length = 100)]
    pub replaced_by: String,
    /// Why it was corrected.
    #[schema(example = "补报联络人员手机号码", max_length = 500)]
    pub reason: String,
}

/// 历史版本列表
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = LiaisonLeaderVersions)]
pub struct VersionsView {
    #[schema(max_items = 1000)]
    pub items: Vec<VersionView>,
}

/// Filters of the list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct LiaisonLeaderFilter {
    /// Those in office on that day (Asia/Shanghai); today where not given.
    pub as_of: Option<NaiveDate>,
    /// All there are: former and future ones, too.
    #[param(default = false)]
    #[serde(default)]
    pub include_ended: bool,
    /// Code or id.
    #[param(max_length = 64)]
    #[serde(default)]
    pub department: Vec<String>,
    /// Of departments that liaise with that party on the day; code or id.
    #[param(max_length = 64)]
    #[serde(default)]
    pub party: Vec<String>,
    #[param(inline)]
    #[serde(default)]
    pub state: Vec<LiaisonLeaderState>,
    pub vacant: Option<bool>,
    pub late: Option<bool>,
    /// Told to that organization, which has not acknowledged it; code or id.
    #[param(max_length = 64)]
    #[serde(default)]
    pub waiting_for: Vec<String>,
    /// Part of the name of leader, office, contact or department.
    #[param(min_length = 1, max_length = 50)]
    pub q: Option<String>,
    /// Changed at or after that instant.
    pub updated_since: Option<DateTime<Utc>>,
    #[param(inline)]
    #[serde(default)]
    pub sort: LiaisonLeaderSort,
}

/// Order of the list; by department, the latest appointment first, where not given.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
pub enum LiaisonLeaderSort {
    #[default]
    #[serde(rename = "department")]
    Department,
    #[serde(rename = "-effective_from")]
    Newest,
    #[serde(rename = "-reported_at")]
    NewestReport,
    #[serde(rename = "-updated_at")]
    NewestChange,
}
