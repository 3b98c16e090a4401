//! The records behind a summary as they are shown, and what has changed in them.

use super::compile::FigureValue;
use super::records::Record;
use crate::directory::Directory;
use crate::directory::model::OrganizationRef;
use crate::figures::{Figure, RecordType};
use crate::problem::Result;
use crate::resources::attachments::model::hex;
use crate::resources::statistics::model::FigurePart;
use crate::vocabulary::enumeration;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// 汇总依据: a record behind the figures, as it was when the summary was published.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = AnnualSummaryRecord)]
pub struct RecordView {
    #[serde(rename = "type")]
    pub kind: RecordType,
    pub id: Uuid,
    #[schema(example = "“双减”政策落实情况座谈会", max_length = 3000)]
    pub title: String,
    /// The day that it is counted by.
    #[schema(required = true)]
    pub on: Option<NaiveDate>,
    /// Whose figures it is in.
    #[schema(required = true)]
    pub department: Option<OrganizationRef>,
    #[schema(required = true)]
    pub party: Option<OrganizationRef>,
    /// In whose numerator it is.
    #[schema(max_items = 100)]
    pub counted: Vec<Figure>,
    /// In whose denominator.
    #[schema(max_items = 100)]
    pub counted_of: Vec<Figure>,
    /// SHA-256 of the canonical JSON (RFC 8785) of what the record says.
    #[schema(
        example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        min_length = 64,
        max_length = 64
    )]
    pub sha256: String,
    /// Where the record is.
    #[schema(
        example = "/api/v1/meetings/0193d2a4-5c00-7000-8000-000000000001",
        max_length = 200
    )]
    pub link: String,
}

impl RecordView {
    /// With the names of the day that the figures are settled on.
    pub fn new(record: &Record, directory: &Directory, day: NaiveDate) -> Result<Self> {
        let named = |id: Option<Uuid>| id.map(|id| directory.reference(id, day)).transpose();
        Ok(Self {
            kind: record.kind,
            id: record.id,
            title: record.title.clone(),
            on: record.on,
            department: named(record.department)?,
            party: named(record.party)?,
            counted: record.counted.clone(),
            counted_of: record.counted_of.clone(),
            sha256: hex(&record.sha256),
            link: record.kind.path(record.id),
        })
    }
}

enumeration! {
    /// 依据变化
    pub enum RecordChangeKind {
        /// It says something else, or is counted otherwise.
        Changed ["已变化", "Changed"],
        /// It was not there, or not counted.
        Added ["新增", "Added"],
        /// It is not counted any more.
        Gone ["不再计入", "Gone"],
    }
}

/// 有变化的依据
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RecordChange {
    pub change: RecordChangeKind,
    /// As it was published; null of what was added.
    #[schema(required = true)]
    pub published: Option<RecordView>,
    /// As it is now; null of what is gone.
    #[schema(required = true)]
    pub now: Option<RecordView>,
}

/// 有变化的指标
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FigureChange {
    /// Whose figure it is; both null: the city's.
    #[schema(required = true)]
    pub department: Option<OrganizationRef>,
    #[schema(required = true)]
    pub party: Option<OrganizationRef>,
    pub figure: Figure,
    pub published: FigureNumbers,
    pub now: FigureNumbers,
}

/// 数值
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FigureNumbers {
    #[schema(example = 2, minimum = 0)]
    pub numerator: i64,
    /// Null where it is no share.
    #[schema(required = true, example = 3, minimum = 0)]
    pub denominator: Option<i64>,
}

impl From<FigureValue> for FigureNumbers {
    fn from(value: FigureValue) -> Self {
        Self {
            numerator: value.numerator,
            denominator: value.denominator,
        }
    }
}

/// 发布后的变化
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = AnnualSummaryChanges)]
pub struct ChangesView {
    #[schema(example = 2026, minimum = 1990, maximum = 2100)]
    pub year: i32,
    /// Null of a draft, which follows the records.
    #[schema(required = true)]
    pub published_at: Option<DateTime<Utc>>,
    /// As of which day they are compared.
    pub as_of: NaiveDate,
    /// Figures that would be others today.
    #[schema(max_items = 50_000)]
    pub figures: Vec<FigureChange>,
    /// Records that were changed or added or are gone.
    #[schema(max_items = 200)]
    pub items: Vec<RecordChange>,
    /// For `cursor` of the next page; null on the last.
    #[schema(required = true, max_length = 1000)]
    pub next_cursor: Option<String>,
    #[schema(nullable = false, minimum = 0, maximum = 10_000)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<usize>,
    #[schema(nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_is_capped: Option<bool>,
}

/// Which records.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SummaryRecordFilter {
    /// Of one figure; all records where not given.
    #[param(inline)]
    pub figure: Option<Figure>,
    /// What that figure counts, or all that it is counted of.
    #[param(inline)]
    #[serde(default)]
    pub part: FigurePart,
    /// Code or id.
    #[param(max_length = 64)]
    #[serde(default)]
    pub department: Vec<String>,
    /// Code or id.
    #[param(max_length = 64)]
    #[serde(default)]
    pub party: Vec<String>,
}
