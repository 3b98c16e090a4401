use crate::clock::began;
use crate::directory::model::{Basis, Scheme};
use crate::http::extract::Input;
use crate::http::negotiate::table;
use crate::text::document_number::DocumentNumber;
use crate::vocabulary::enumeration;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

enumeration! {
    /// 方案状态, by the day.
    pub enum SchemeState {
        Draft ["草稿", "Draft"],
        Scheduled ["待生效", "Scheduled"],
        InForce ["现行", "In force"],
        Superseded ["已被取代", "Superseded"],
    }
}

impl SchemeState {
    pub fn of(scheme: &Scheme, day: NaiveDate) -> Self {
        match () {
            () if !scheme.is_published() => Self::Draft,
            () if day < scheme.effective_from => Self::Scheduled,
            () if scheme.in_force_on(day) => Self::InForce,
            () => Self::Superseded,
        }
    }
}

/// 方案
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Scheme)]
pub struct SchemeView {
    pub id: Uuid,
    #[schema(
        example = "市政府有关部门与各民主党派市委会、市工商联、市知联会对口联系方案",
        max_length = 200
    )]
    pub title: String,
    #[schema(required = true)]
    pub document: Option<DocumentView>,
    #[schema(required = true, example = "2020-03-07")]
    pub issued_on: Option<NaiveDate>,
    #[schema(required = true, example = json!(null), max_length = 2000)]
    pub note: Option<String>,
    pub state: SchemeState,
    pub effective_from: NaiveDate,
    /// The first day on which the next one is in force.
    #[schema(required = true, example = json!(null))]
    pub effective_until: Option<NaiveDate>,
    #[schema(required = true, example = json!(null))]
    pub published_at: Option<DateTime<Utc>>,
    pub counts: SchemeCounts,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// 文号
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = DocumentNumber)]
pub struct DocumentView {
    #[schema(example = "韶府办发函〔2020〕20号", max_length = 60)]
    pub text: String,
    /// 机关代字
    #[schema(example = "韶府办发函", max_length = 30)]
    pub agency: String,
    #[schema(example = 2020, minimum = 1000, maximum = 9999)]
    pub year: i32,
    #[schema(example = 20, minimum = 1)]
    pub serial: i32,
}

impl From<&DocumentNumber> for DocumentView {
    fn from(number: &DocumentNumber) -> Self {
        let DocumentNumber {
            text,
            agency,
            year,
            serial,
        } = number.clone();
        Self {
            text,
            agency,
            year,
            serial,
        }
    }
}

/// 分工数量
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SchemeCounts {
    #[schema(example = 23, minimum = 0)]
    pub departments: usize,
    #[schema(example = 8, minimum = 0)]
    pub parties: usize,
    #[schema(example = 113, minimum = 0)]
    pub assignments: usize,
    #[schema(example = 64, minimum = 0)]
    pub common: usize,
    #[schema(example = 49, minimum = 0)]
    pub designated: usize,
}

impl SchemeCounts {
    pub fn of(scheme: &Scheme) -> Self {
        let pairs = &scheme.assignments;
        let common = pairs.iter().filter(|pair| pair.basis == Basis::Common).count();
        let distinct = |of: fn(&crate::directory::model::Assignment) -> Uuid| {
            pairs.iter().map(of).collect::<HashSet<_>>().len()
        };
        Self {
            departments: distinct(|pair| pair.department_id),
            parties: distinct(|pair| pair.party_id),
            assignments: pairs.len(),
            common,
            designated: pairs.len() - common,
        }
    }
}

impl SchemeView {
    pub fn new(scheme: &Scheme, day: NaiveDate) -> Self {
        let Scheme {
            id,
            title,
            document,
            issued_on,
            note,
            effective_from,
            effective_until,
            published_at,
            version: _,
            created_at,
            updated_at: _,
            assignments: _,
        } = scheme;
        Self {
            id: *id,
            title: title.clone(),
            document: document.as_ref().map(DocumentView::from),
            issued_on: *issued_on,
            note: note.clone(),
            state: SchemeState::of(scheme, day),
            effective_from: *effective_from,
            effective_until: *effective_until,
            published_at: *published_at,
            counts: SchemeCounts::of(scheme),
            created_at: *created_at,
            updated_at: changed_at(scheme, day),
        }
    }
}

table! { |view: SchemeView, language| ("对口联系方案", "Schemes"):
    ("标题", "Title") => view.title.as_str(),
    ("文号", "Document number") => view.document.as_ref().map(|document| document.text.as_str()),
    ("印发日期", "Issued on") => view.issued_on,
    ("状态", "State") => view.state.label().get(language),
    ("生效日期", "In force from") => view.effective_from,
    ("失效日期", "In force until") => view.effective_until,
    ("发布时间（北京时间）", "Published at (Beijing time)") => view.published_at,
    ("部门数", "Departments") => view.counts.departments,
    ("党派数", "Parties") => view.counts.parties,
    ("分工数", "Assignments") => view.counts.assignments,
    ("共同联系", "Common") => view.counts.common,
    ("指定联系", "Designated") => view.counts.designated,
}

/// 方案引用
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SchemeRef {
    pub id: Uuid,
    #[schema(
        example = "市政府有关部门与各民主党派市委会、市工商联、市知联会对口联系方案",
        max_length = 200
    )]
    pub title: String,
}

impl From<&Scheme> for SchemeRef {
    fn from(scheme: &Scheme) -> Self {
        Self {
            id: scheme.id,
            title: scheme.title.clone(),
        }
    }
}

/// Filters of the list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SchemeFilter {
    /// The one in force on that day (Asia/Shanghai), with states as of it.
    pub as_of: Option<NaiveDate>,
    /// Superseded ones, too.
    #[param(default = false)]
    #[serde(default)]
    pub include_ended: bool,
    /// As of the day.
    #[serde(default)]
    pub state: Vec<SchemeState>,
    /// Changed at or after that instant.
    pub updated_since: Option<DateTime<Utc>>,
    #[param(inline)]
    #[serde(default)]
    pub sort: SchemeSort,
}

/// When the answer last changed: also on the days from which it holds, and no longer does.
fn changed_at(scheme: &Scheme, day: NaiveDate) -> DateTime<Utc> {
    let days = [Some(scheme.effective_from), scheme.effective_until];
    let passed = days.into_iter().flatten().filter_map(|one| began(one, day));
    match scheme.is_published() {
        true => passed.fold(scheme.updated_at, DateTime::max),
        false => scheme.updated_at,
    }
}

impl SchemeFilter {
    /// Lists show what holds: drafts and what is to come with it, but of another day only what was in force.
    pub fn takes(&self, scheme: &Scheme, day: NaiveDate) -> bool {
        let state = SchemeState::of(scheme, day);
        let wanted = match self.state.is_empty() {
            false => self.state.contains(&state),
            true => match state {
                SchemeState::InForce => true,
                SchemeState::Superseded => self.include_ended,
                SchemeState::Draft | SchemeState::Scheduled => self.as_of.is_none() || self.include_ended,
            },
        };
        wanted
            && self
                .updated_since
                .is_none_or(|since| changed_at(scheme, day) >= since)
    }
}

/// Order of the list; `-effective_from` where not given.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
pub enum SchemeSort {
    #[default]
    #[serde(rename = "-effective_from")]
    Latest,
    #[serde(rename = "effective_from")]
    Earliest,
    #[serde(rename = "-updated_at")]
    NewestChange,
}

/// 新方案, as a draft
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewScheme {
    #[schema(
        example = "市政府有关部门与各民主党派对口联系方案（2026年）",
        max_length = 200
    )]
    pub title: String,
    /// Other brackets are taken for 〔〕.
    #[schema(example = "韶府办发函〔2026〕5号", max_length = 60)]
    #[serde(default)]
    pub document_number: Option<String>,
    #[schema(example = "2026-03-02")]
    #[serde(default)]
    pub issued_on: Option<NaiveDate>,
    #[schema(example = json!(null), max_length = 2000)]
    #[serde(default)]
    pub note: Option<String>,
    pub effective_from: NaiveDate,
    /// The scheme whose pairs it begins with.
    #[schema(example = json!(null), extensions(("x-reference" = json!("scheme"))))]
    #[serde(default)]
    pub copy_from: Option<Uuid>,
}

impl Input for NewScheme {}

/// 草稿修改 (RFC 7396)
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PatchScheme {
    #[schema(nullable = false, example = "对口联系方案（2026年）", max_length = 200)]
    #[serde(default)]
    pub title: Option<String>,
    #[schema(value_type = Option<String>, example = "韶府办发函〔2026〕5号", max_length = 60)]
    #[serde(default, with = "::serde_with::rust::double_option")]
    pub document_number: Option<Option<String>>,
    #[schema(value_type = Option<NaiveDate>, example = "2026-03-02")]
    #[serde(default, with = "::serde_with::rust::double_option")]
    pub issued_on: Option<Option<NaiveDate>>,
    #[schema(value_type = Option<String>, example = "征求意见稿", max_length = 2000)]
    #[serde(default, with = "::serde_with::rust::double_option")]
    pub note: Option<Option<String>>,
    #[schema(nullable = false, example = "2026-04-01")]
    #[serde(default)]
    pub effective_from: Option<NaiveDate>,
}

impl Input for PatchScheme {}

/// 全部分工
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAssignments {
    #[schema(max_items = 500)]
    pub items: Vec<NewAssignment>,
}

/// 一项分工
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAssignment {
    /// Id or code.
    #[schema(example = "education", max_length = 64, extensions(("x-reference" = json!("any_department"))))]
    pub department: String,
    /// Id or code.
    #[schema(example = "minmeng", max_length = 64, extensions(("x-reference" = json!("any_party"))))]
    pub party: String,
    pub basis: Basis,
}

impl Input for NewAssignments {}
