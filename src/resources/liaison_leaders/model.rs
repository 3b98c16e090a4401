use super::policy::Disclosure;
use crate::db::schema::{liaison_contacts, liaison_leader_receipts, liaison_leaders};
use crate::directory::Directory;
use crate::directory::model::OrganizationRef;
use crate::directory::phone;
use crate::http::extract::Input;
use crate::http::language::{Language, Text};
use crate::http::negotiate::{Cell, Table, Tabular};
use crate::http::problem::{Fault, Result};
use crate::resources::meta::labels;
use crate::workflow::machine::AllowedAction;
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
    pub state: String,
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

/// 报送状态
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    ToSchema,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::EnumIter,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum LiaisonLeaderState {
    Reported,
    CompletionRequested,
}

/// 任期状态, by the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema, strum::IntoStaticStr, strum::EnumIter)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum AppointmentStatus {
    Future,
    Current,
    Former,
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

/// 分管领导
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = Leader)]
#[serde(deny_unknown_fields)]
pub struct Leader {
    #[schema(example = "王建平", max_length = 50)]
    pub name: String,
    #[schema(required = false, example = "副局长", max_length = 50)]
    #[serde(default)]
    pub title: Option<String>,
}

/// 联络科室
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = LiaisonOffice)]
#[serde(deny_unknown_fields)]
pub struct Office {
    #[schema(example = "办公室", max_length = 100)]
    pub name: String,
    /// Kept as `0751-8880000`, or a mobile as 11 digits; a mobile is masked like a contact's.
    #[schema(required = false, example = "0751-8880000", max_length = 40)]
    #[serde(default)]
    pub phone: Option<String>,
}

/// 联络人员. Mobile and e-mail are masked for those who do not liaise with the department.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = LiaisonContact)]
#[serde(deny_unknown_fields)]
pub struct Contact {
    #[schema(example = "李秋霞", max_length = 50)]
    pub name: String,
    #[schema(required = false, example = "科长", max_length = 50)]
    #[serde(default)]
    pub title: Option<String>,
    /// 11 digits.
    #[schema(required = false, example = "13800000009", max_length = 40)]
    #[serde(default)]
    pub mobile: Option<String>,
    #[schema(required = false, example = "jyj@example.gov.cn", max_length = 254)]
    #[serde(default)]
    pub email: Option<String>,
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

/// What an appointment says, apart from whose it is and how it was reported: what a correction replaces.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = LiaisonLeaderContent)]
pub struct Content {
    pub effective_from: NaiveDate,
    pub vacant: bool,
    #[schema(required = true)]
    pub leader: Option<Leader>,
    #[schema(required = true)]
    pub office: Option<Office>,
    #[schema(max_items = 20)]
    pub contacts: Vec<Contact>,
    #[schema(required = true, max_length = 500)]
    pub reason: Option<String>,
}

impl Content {
    pub fn of(row: &Row, contacts: &[ContactRow]) -> Self {
        let leader = row.leader_name.clone().map(|name| Leader {
            name,
            title: row.leader_title.clone(),
        });
        let office = row.office_name.clone().map(|name| Office {
            name,
            phone: row.office_phone.clone(),
        });
        let contacts = contacts.iter().map(|contact| Contact {
            name: contact.name.clone(),
            title: contact.title.clone(),
            mobile: contact.mobile.clone(),
            email: contact.email.clone(),
        });
        Self {
            effective_from: row.effective_from,
            vacant: row.vacant,
            leader,
            office,
            contacts: contacts.collect(),
            reason: row.reason.clone(),
        }
    }

    /// Whether there is anything in it that is masked for some.
    pub fn is_personal(&self) -> bool {
        let mobile = self
            .office
            .as_ref()
            .and_then(|office| office.phone.as_deref())
            .is_some_and(phone::is_mobile);
        mobile
            || self
                .contacts
                .iter()
                .any(|contact| contact.mobile.is_some() || contact.email.is_some())
    }

    /// As a reader gets it.
    pub fn shown(mut self, disclosure: Disclosure) -> Self {
        if disclosure == Disclosure::Masked {
            let office = self.office.iter_mut().filter_map(|office| office.phone.as_mut());
            office
                .filter(|number| phone::is_mobile(number))
                .for_each(|number| *number = phone::masked(number));
            for contact in &mut self.contacts {
                contact.mobile = contact.mobile.as_deref().map(phone::masked);
                contact.email = contact.email.as_deref().map(masked_email);
            }
        }
        self
    }

    /// With numbers as they are kept; what is no number has been refused before.
    pub fn normalized(mut self) -> Self {
        if let Some(office) = &mut self.office {
            office.phone = office.phone.as_deref().and_then(phone::normalized);
        }
        for contact in &mut self.contacts {
            contact.mobile = contact.mobile.as_deref().and_then(phone::normalized);
            contact.email = contact.email.as_deref().map(str::trim).map(str::to_owned);
        }
        self
    }

    /// Leader, office and one contact at least, or an explicit vacancy (三(二)).
    fn check(&self, faults: &mut Vec<Fault>) {
        let needed = |pointer| Fault::at(pointer, "required", "非空缺时必须填写。", "Needed unless vacant.");
        match (self.vacant, &self.leader) {
            (true, Some(_)) => faults.push(Fault::at(
                "/leader",
                "not_allowed",
                "空缺时不填分管领导。",
                "A vacancy has no leader.",
            )),
            (false, None) => faults.push(needed("/leader")),
            _ => {}
        }
        if !self.vacant && self.office.is_none() {
            faults.push(needed("/office"));
        }
        if !self.vacant && self.contacts.is_empty() {
            faults.push(needed("/contacts"));
        }
        check_numbers(self.office.as_ref(), &self.contacts, faults);
    }
}

fn check_numbers(office: Option<&Office>, contacts: &[Contact], faults: &mut Vec<Fault>) {
    let number = office.and_then(|office| office.phone.as_deref());
    if number.is_some_and(|number| phone::normalized(number).is_none()) {
        faults.push(Fault::at(
            "/office/phone",
            "malformed",
            "应为 11 位手机号码，或带区号的固定电话（如 0751-8880000）。",
            "A mobile of 11 digits, or a landline with its area, such as 0751-8880000.",
        ));
    }
    for (index, contact) in contacts.iter().enumerate() {
        let is_mobile = |text: &str| phone::normalized(text).is_some_and(|number| phone::is_mobile(&number));
        if contact.mobile.as_deref().is_some_and(|text| !is_mobile(text)) {
            faults.push(Fault::at(
                format!("/contacts/{index}/mobile"),
                "malformed",
                "应为 11 位手机号码。",
                "A mobile of 11 digits.",
            ));
        }
        if contact
            .email
            .as_deref()
            .is_some_and(|text| text.trim().parse::<lettre::Address>().is_err())
        {
            faults.push(Fault::at(
                format!("/contacts/{index}/email"),
                "malformed",
                "不是有效的电子邮箱地址。",
                "Not an e-mail address.",
            ));
        }
    }
}

/// `z***@example.gov.cn`
fn masked_email(address: &str) -> String {
    match address.rsplit_once('@') {
        Some((local, domain)) => format!("{}***@{domain}", local.chars().next().unwrap_or('*')),
        None => "***".to_owned(),
    }
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
    #[schema(example = "education", max_length = 64)]
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
    #[schema(example = json!(null))]
    #[serde(default)]
    pub leader: Option<Leader>,
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
            Ok(after.normalized())
        } else {
            Err(crate::http::problem::Problem::invalid(faults))
        }
    }
}

impl Input for CorrectLiaisonLeader {
    fn check(&self, faults: &mut Vec<Fault>) {
        if let Some(day) = self.effective_from {
            check_day(day, faults);
        }
        check_numbers(
            self.office.as_ref(),
            self.contacts.as_deref().unwrap_or(&[]),
            faults,
        );
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
    #[schema(required = true, example = "民盟市委会", max_length = 100)]
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
    #[schema(example = "市教育局", max_length = 100)]
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
    pub department: Option<String>,
    /// Of departments that liaise with that party on the day; code or id.
    #[param(max_length = 64)]
    pub party: Option<String>,
    #[param(inline)]
    pub state: Option<LiaisonLeaderState>,
    pub vacant: Option<bool>,
    pub late: Option<bool>,
    /// Told to that organization, which has not acknowledged it; code or id.
    #[param(max_length = 64)]
    pub waiting_for: Option<String>,
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

impl Tabular for LiaisonLeaderView {
    fn table() -> Table {
        Table::new(
            Text::fixed("联络负责人", "Liaison leaders"),
            &[
                ("部门", "Department"),
                ("生效日期", "Effective from"),
                ("失效日期", "Effective until"),
                ("任期状态", "Status"),
                ("是否空缺", "Vacant"),
                ("分管领导", "Leader"),
                ("职务", "Title"),
                ("联络科室", "Liaison office"),
                ("科室电话", "Office phone"),
                ("联络人员", "Contacts"),
                ("联络人员手机", "Contacts' mobiles"),
                ("联络人员邮箱", "Contacts' e-mail"),
                ("报送状态", "State"),
                ("报送时间", "Reported at"),
                ("是否迟报", "Late"),
                ("应签收", "Told"),
                ("已签收", "Acknowledged"),
            ],
        )
    }

    fn cells(&self, language: Language) -> Vec<Cell> {
        let joined = |of: fn(&Contact) -> Option<&str>| {
            let parts: Vec<&str> = self
                .contacts
                .iter()
                .map(|one| of(one).unwrap_or_default())
                .collect();
            Cell::from(parts.join("；"))
        };
        vec![
            self.department.name.as_str().into(),
            self.effective_from.into(),
            self.effective_until.into(),
            labels::label("appointment_status", self.status.into(), language).into(),
            labels::yes_or_no(self.vacant, language).into(),
            self.leader.as_ref().map(|leader| leader.name.as_str()).into(),
            self.leader
                .as_ref()
                .and_then(|leader| leader.title.as_deref())
                .into(),
            self.office.as_ref().map(|office| office.name.as_str()).into(),
            self.office
                .as_ref()
                .and_then(|office| office.phone.as_deref())
                .into(),
            joined(|contact| Some(&contact.name)),
            joined(|contact| contact.mobile.as_deref()),
            joined(|contact| contact.email.as_deref()),
            labels::label("liaison_leader_state", self.state.into(), language).into(),
            self.reported_at.into(),
            labels::yes_or_no(self.late, language).into(),
            self.receipts.told.into(),
            self.receipts.acknowledged.into(),
        ]
    }
}
