use crate::directory::Directory;
use crate::directory::model::OrganizationRef;
use crate::figures::activities::Pair;
use crate::figures::catalogue::Definition;
use crate::figures::counting::{CountsReason, Judged};
use crate::figures::{Figure, Period, RecordType};
use crate::problem::Result;
use crate::vocabulary::enumeration;
use crate::vocabulary::meetings::MeetingKind;
use crate::workflow::machine::Label;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// 指标值
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Figure)]
pub struct FigureView {
    pub figure: Figure,
    #[schema(example = 2, minimum = 0)]
    pub numerator: i64,
    /// Of how many; null where it is no share.
    #[schema(required = true, example = 3, minimum = 0)]
    pub denominator: Option<i64>,
    /// The list of what is counted, as long as the numerator; null where the caller sees the figure alone.
    #[schema(
        required = true,
        example = "/api/v1/statistics/records?figure=activities_counted&from=2026-01-01&to=2026-12-31&as_of=2026-11-25&department=education",
        max_length = 500
    )]
    pub records: Option<String>,
}

/// 部门指标
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DepartmentFigures {
    pub department: OrganizationRef,
    #[schema(max_items = 100)]
    pub figures: Vec<FigureView>,
}

/// 党派团体指标
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PartyFigures {
    pub party: OrganizationRef,
    #[schema(max_items = 100)]
    pub figures: Vec<FigureView>,
}

/// 意见建议统计
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SuggestionStatistics {
    /// Null where the period is no calendar year.
    #[schema(required = true, example = 2026)]
    pub year: Option<i32>,
    pub period: Period,
    #[schema(max_items = 100)]
    pub definitions: Vec<Definition>,
    /// Of the whole city; of what the filters leave, for who sees all.
    #[schema(max_items = 100)]
    pub total: Vec<FigureView>,
    #[schema(max_items = 1000)]
    pub departments: Vec<DepartmentFigures>,
    #[schema(max_items = 1000)]
    pub parties: Vec<PartyFigures>,
}

/// 部门统计
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DepartmentStatistics {
    /// Null where the period is no calendar year.
    #[schema(required = true, example = 2026)]
    pub year: Option<i32>,
    pub period: Period,
    #[schema(max_items = 100)]
    pub definitions: Vec<Definition>,
    /// Of the whole city; of what the filters leave, for who sees all.
    #[schema(max_items = 100)]
    pub total: Vec<FigureView>,
    #[schema(max_items = 1000)]
    pub items: Vec<DepartmentFigures>,
}

/// 党派团体统计
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PartyStatistics {
    /// Null where the period is no calendar year.
    #[schema(required = true, example = 2026)]
    pub year: Option<i32>,
    pub period: Period,
    #[schema(max_items = 100)]
    pub definitions: Vec<Definition>,
    /// Of the whole city; of what the filters leave, for who sees all.
    #[schema(max_items = 100)]
    pub total: Vec<FigureView>,
    #[schema(max_items = 1000)]
    pub items: Vec<PartyFigures>,
}

/// 履职统计
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ComplianceStatistics {
    /// Null where the period is no calendar year.
    #[schema(required = true, example = 2026)]
    pub year: Option<i32>,
    pub period: Period,
    /// What counts.
    pub definition: Label,
    /// Of the notice.
    #[schema(example = "三(四)1", max_length = 20)]
    pub clause: &'static str,
    #[schema(max_items = 1000)]
    pub items: Vec<ComplianceItem>,
    /// Of the whole city; of what the filters leave, for who sees all.
    pub total: ComplianceTotal,
}

/// 部门履职情况
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ComplianceItem {
    pub department: OrganizationRef,
    #[schema(example = 2, minimum = 0)]
    pub owed: usize,
    #[schema(example = 2, minimum = 0)]
    pub counted: usize,
    /// Whether as many count as are owed.
    pub met: bool,
    #[schema(max_items = 20)]
    pub by_kind: Vec<KindCount>,
    /// All that it convened and that starts in the period, with the verdict.
    #[schema(max_items = 1000)]
    pub meetings: Vec<JudgedMeeting>,
    pub coverage: CoverageView,
}

/// 按类别计数
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct KindCount {
    pub kind: MeetingKind,
    #[schema(example = 1, minimum = 0)]
    pub counted: usize,
}

/// 活动及是否计入
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct JudgedMeeting {
    pub id: Uuid,
    #[schema(example = "“双减”政策落实情况座谈会", max_length = 200)]
    pub title: String,
    pub kind: MeetingKind,
    pub starts_on: NaiveDate,
    pub counts: bool,
    pub reason: CountsReason,
}

impl From<&Judged> for JudgedMeeting {
    fn from(judged: &Judged) -> Self {
        Self {
            id: judged.meeting_id,
            title: judged.title.clone(),
            kind: judged.kind,
            starts_on: judged.starts_on,
            counts: judged.counts.counts,
            reason: judged.counts.reason,
        }
    }
}

/// 结对覆盖
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CoverageView {
    /// Its pairs.
    #[schema(example = 4, minimum = 0)]
    pub linked: usize,
    /// Those that met in the period.
    #[schema(example = 3, minimum = 0)]
    pub met: usize,
    #[schema(max_items = 100)]
    pub pairs: Vec<PairView>,
}

/// 结对联系情况
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PairView {
    pub party: OrganizationRef,
    /// In the period, in person.
    pub met: bool,
    /// The last time at all; null: never.
    #[schema(required = true)]
    pub last_met_on: Option<NaiveDate>,
    /// From then to the day that the figures are settled on.
    #[schema(required = true, example = 36, minimum = 0)]
    pub days_since: Option<i64>,
}

impl PairView {
    pub fn new(pair: &Pair, directory: &Directory, day: NaiveDate) -> Result<Self> {
        Ok(Self {
            party: directory.reference(pair.party, day)?,
            met: pair.met,
            last_met_on: pair.last_met_on,
            days_since: pair.last_met_on.map(|last| (day - last).num_days().max(0)),
        })
    }
}

/// 全市履职情况
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct ComplianceTotal {
    /// Departments that owe activities.
    #[schema(example = 23, minimum = 0)]
    pub departments: usize,
    /// Those that have done what they owe.
    #[schema(example = 19, minimum = 0)]
    pub met: usize,
    #[schema(example = 46, minimum = 0)]
    pub owed: usize,
    #[schema(example = 51, minimum = 0)]
    pub counted: usize,
    pub coverage: CoverageTotal,
}

/// 全市结对覆盖
#[derive(Clone, Copy, Debug, Default, Serialize, ToSchema)]
pub struct CoverageTotal {
    #[schema(example = 113, minimum = 0)]
    pub linked: usize,
    #[schema(example = 80, minimum = 0)]
    pub met: usize,
}

/// 结对联系矩阵
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CoverageMatrix {
    /// Null where the period is no calendar year.
    #[schema(required = true, example = 2026)]
    pub year: Option<i32>,
    pub period: Period,
    /// The columns.
    #[schema(max_items = 100)]
    pub parties: Vec<OrganizationRef>,
    #[schema(max_items = 1000)]
    pub rows: Vec<CoverageRow>,
    pub total: CoverageTotal,
}

/// 一行
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CoverageRow {
    pub department: OrganizationRef,
    /// Its pairs with the parties of the columns.
    #[schema(max_items = 100)]
    pub pairs: Vec<PairView>,
}

/// 指标依据
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FigureRecord {
    #[serde(rename = "type")]
    pub kind: RecordType,
    pub id: Uuid,
    #[schema(example = "“双减”政策落实情况座谈会", max_length = 3000)]
    pub title: String,
    /// The day that it is counted by.
    #[schema(required = true)]
    pub on: Option<NaiveDate>,
    /// Whose figure it is in.
    #[schema(required = true)]
    pub department: Option<OrganizationRef>,
    #[schema(required = true)]
    pub party: Option<OrganizationRef>,
    /// In the numerator.
    pub counted: bool,
    /// Why it counts, or does not, where that is not plain.
    #[schema(required = true)]
    pub note: Option<Label>,
    /// Where the record is.
    #[schema(
        example = "/api/v1/meetings/0193d2a4-5c00-7000-8000-000000000001",
        max_length = 200
    )]
    pub link: String,
}

enumeration! {
    /// 分子或分母
    #[derive(Default)]
    pub enum FigurePart {
        #[default]
        Numerator ["计入的", "What is counted"],
        Denominator ["全部", "All that it is counted of"],
    }
}

/// Which figures.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct StatisticsQuery {
    /// A calendar year; the running one where no period is given.
    #[param(minimum = 1990, maximum = 2100)]
    pub year: Option<i32>,
    /// The first day of another period, with `to`.
    pub from: Option<NaiveDate>,
    /// Its last day.
    pub to: Option<NaiveDate>,
    /// What was on record at the end of that day; today where not given.
    pub as_of: Option<NaiveDate>,
    /// Code or id.
    #[param(max_length = 64)]
    #[serde(default)]
    pub department: Vec<String>,
    /// Code or id.
    #[param(max_length = 64)]
    #[serde(default)]
    pub party: Vec<String>,
}

/// Which records.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RecordsQuery {
    #[param(inline)]
    pub figure: Figure,
    /// What is counted, or all that it is counted of.
    #[param(inline)]
    #[serde(default)]
    pub part: FigurePart,
    /// A calendar year; the running one where no period is given.
    #[param(minimum = 1990, maximum = 2100)]
    pub year: Option<i32>,
    /// The first day of another period, with `to`.
    pub from: Option<NaiveDate>,
    /// Its last day.
    pub to: Option<NaiveDate>,
    /// What was on record at the end of that day; today where not given.
    pub as_of: Option<NaiveDate>,
    /// Code or id.
    #[param(max_length = 64)]
    #[serde(default)]
    pub department: Vec<String>,
    /// Code or id.
    #[param(max_length = 64)]
    #[serde(default)]
    pub party: Vec<String>,
}

impl RecordsQuery {
    pub fn statistics(&self) -> StatisticsQuery {
        StatisticsQuery {
            year: self.year,
            from: self.from,
            to: self.to,
            as_of: self.as_of,
            department: self.department.clone(),
            party: self.party.clone(),
        }
    }
}
