use super::compile::{Compiled, FigureValue, Line, NotSent};
use super::policy::{AnnualSummary, Sight};
use crate::db::schema::annual_summaries;
use crate::figures::catalogue::Definition;
use crate::figures::{Figure, Period};
use crate::http::extract::Input;
use crate::policy::Caller;
use crate::resources::attachments::model::hex;
use crate::resources::statistics::model::{DepartmentFigures, FigureView, PartyFigures};
use crate::vocabulary::enumeration;
use crate::workflow::machine::{AllowedAction, allowed_actions};
use chrono::{DateTime, Utc};
use diesel::{Queryable, Selectable};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = annual_summaries)]
pub struct Row {
    pub id: Uuid,
    pub year: i32,
    pub state: AnnualSummaryState,
    pub text: Option<String>,
    pub figures: Option<serde_json::Value>,
    pub sha256: Option<Vec<u8>>,
    pub published_at: Option<DateTime<Utc>>,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

enumeration! {
    /// 年度汇总状态
    pub enum AnnualSummaryState {
        Draft ["草稿", "Draft"],
        Published ["已发布", "Published"],
    }
}

/// 年度汇总概要: a summary without its figures, as lists, events and the audit log have it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AnnualSummaryOutline {
    pub id: Uuid,
    #[schema(example = 2026, minimum = 1990, maximum = 2100)]
    pub year: i32,
    pub state: AnnualSummaryState,
    /// Of the coordinator; null while there is none yet.
    #[schema(
        required = true,
        example = "2026年，各部门与党派团体对口联系工作扎实推进。",
        max_length = 50_000
    )]
    pub text: Option<String>,
    /// SHA-256 of the canonical JSON (RFC 8785) of year, text, figures and the digests of all records; null of a draft.
    #[schema(
        required = true,
        example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        min_length = 64,
        max_length = 64
    )]
    pub sha256: Option<String>,
    #[schema(required = true)]
    pub published_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    #[schema(max_items = 20)]
    pub allowed_actions: Vec<AllowedAction>,
}

impl AnnualSummaryOutline {
    /// As it is put on record and announced.
    pub fn new(summary: &AnnualSummary) -> Self {
        let Row {
            id,
            year,
            state: _,
            text,
            figures: _,
            sha256,
            published_at,
            version: _,
            created_at,
            updated_at,
        } = summary.row.clone();
        Self {
            id,
            year,
            state: summary.row.state,
            text,
            sha256: sha256.as_deref().map(hex),
            published_at,
            created_at,
            updated_at,
            allowed_actions: Vec::new(),
        }
    }

    /// With what the caller can do.
    pub fn for_caller(caller: &Caller, summary: &AnnualSummary) -> Self {
        Self {
            allowed_actions: allowed_actions(caller, summary),
            ..Self::new(summary)
        }
    }
}

/// 年度汇总
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = AnnualSummary)]
pub struct AnnualSummaryView {
    pub id: Uuid,
    #[schema(example = 2026, minimum = 1990, maximum = 2100)]
    pub year: i32,
    pub state: AnnualSummaryState,
    /// Of the coordinator; null while there is none yet.
    #[schema(
        required = true,
        example = "2026年，各部门与党派团体对口联系工作扎实推进。",
        max_length = 50_000
    )]
    pub text: Option<String>,
    /// What the figures are about, and when they were known: of a draft today, then the day of publication.
    pub period: Period,
    #[schema(max_items = 100)]
    pub definitions: Vec<Definition>,
    /// Of the whole city.
    #[schema(max_items = 100)]
    pub total: Vec<FigureView>,
    #[schema(max_items = 1000)]
    pub departments: Vec<DepartmentFigures>,
    #[schema(max_items = 1000)]
    pub parties: Vec<PartyFigures>,
    /// Who has sent nothing: plans and reports past due.
    #[schema(max_items = 5000)]
    pub not_sent: Vec<NotSent>,
    /// SHA-256 of the canonical JSON (RFC 8785) of year, text, figures and the digests of all records; null of a draft.
    #[schema(
        required = true,
        example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        min_length = 64,
        max_length = 64
    )]
    pub sha256: Option<String>,
    /// Where what has changed since is shown; null of a draft.
    #[schema(
        required = true,
        example = "/api/v1/annual-summaries/2026/changes",
        max_length = 200
    )]
    pub changes: Option<String>,
    #[schema(required = true)]
    pub published_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    #[schema(max_items = 20)]
    pub allowed_actions: Vec<AllowedAction>,
}

impl AnnualSummaryView {
    pub fn new(caller: &Caller, summary: &AnnualSummary, compiled: Compiled, sight: &Sight) -> Self {
        let AnnualSummaryOutline {
            id,
            year,
            state,
            text,
            sha256,
            published_at,
            created_at,
            updated_at,
            allowed_actions,
        } = AnnualSummaryOutline::for_caller(caller, summary);
        let sees = |department, party| sight.narrow().takes(department, party);
        let views = |line: &Line, parameter: &str, seen: bool| -> Vec<FigureView> {
            let whose = format!("&{parameter}={}", line.organization.code);
            shown(year, &line.figures, &whose, seen)
        };
        let departments = compiled.departments.iter().map(|line| DepartmentFigures {
            figures: views(line, "department", sees(Some(line.organization.id), None)),
            department: line.organization.clone(),
        });
        let parties = compiled.parties.iter().map(|line| PartyFigures {
            figures: views(line, "party", sees(None, Some(line.organization.id))),
            party: line.organization.clone(),
        });
        Self {
            id,
            year,
            state,
            text,
            period: compiled.period,
            departments: departments.collect(),
            parties: parties.collect(),
            total: shown(year, &compiled.total, "", sight.sees_all()),
            definitions: compiled.definitions,
            not_sent: compiled.not_sent,
            sha256,
            changes: published_at.map(|_| format!("/api/v1/annual-summaries/{year}/changes")),
            published_at,
            created_at,
            updated_at,
            allowed_actions,
        }
    }
}

/// With links to the records behind each, for who may read them.
fn shown(year: i32, figures: &[FigureValue], whose: &str, seen: bool) -> Vec<FigureView> {
    let views = figures.iter().map(|one| {
        let code: &str = one.figure.into();
        let link = || format!("/api/v1/annual-summaries/{year}/records?figure={code}{whose}");
        FigureView {
            figure: one.figure,
            numerator: one.numerator,
            denominator: one.denominator,
            records: (seen && one.figure != Figure::ActivitiesOwed).then(link),
        }
    });
    views.collect()
}

/// Filters of the list.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AnnualSummaryFilter {
    #[param(inline)]
    #[serde(default)]
    pub state: Vec<AnnualSummaryState>,
    /// Changed at or after that instant.
    pub updated_since: Option<DateTime<Utc>>,
    #[param(inline)]
    #[serde(default)]
    pub sort: AnnualSummarySort,
}

/// Order of the list; `-year` where not given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
pub enum AnnualSummarySort {
    #[default]
    #[serde(rename = "-year")]
    Newest,
    #[serde(rename = "year")]
    Oldest,
}

/// 起草年度汇总
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAnnualSummary {
    /// The running one, or one before.
    #[schema(example = 2025, minimum = 1990, maximum = 2100)]
    pub year: i32,
    /// Needed for publishing.
    #[schema(
        example = "2025年，各部门与党派团体对口联系工作扎实推进。",
        max_length = 20_000
    )]
    #[serde(default)]
    pub text: Option<String>,
}

impl Input for NewAnnualSummary {}

/// 草稿修改 (RFC 7396)
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PatchAnnualSummary {
    #[schema(
        nullable = false,
        example = "2025年，各部门与党派团体对口联系工作扎实推进，全年开展活动五十一次。",
        max_length = 20_000
    )]
    #[serde(default)]
    pub text: Option<String>,
}

impl Input for PatchAnnualSummary {}
