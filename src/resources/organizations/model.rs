use crate::directory::model::{Name, Organization};
use crate::http::extract::Input;
use crate::text::fold;
use crate::vocabulary::enumeration;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

enumeration! {
    /// 单位状态
    pub enum OrganizationState {
        /// Established on a later day
        Planned ["未设立", "Not yet established"],
        Active ["在册", "Active"],
        Ended ["已终止", "Ended"],
    }
}

impl OrganizationState {
    pub fn of(organization: &Organization, day: NaiveDate) -> Self {
        match () {
            () if organization.stands_on(day) => Self::Active,
            () if organization.ended_on.is_some_and(|end| end <= day) => Self::Ended,
            () => Self::Planned,
        }
    }
}

/// 名称沿革
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = OrganizationName)]
pub struct NameView {
    #[schema(example = "市教育局", max_length = 100)]
    pub name: String,
    #[schema(example = "教育", max_length = 20)]
    pub short_name: String,
    /// Null: since before the records begin.
    #[schema(required = true, example = json!(null))]
    pub effective_from: Option<NaiveDate>,
    /// The first day on which it no longer bears the name; null for the last.
    #[schema(required = true, example = json!(null))]
    pub effective_until: Option<NaiveDate>,
    #[schema(required = true, example = json!(null), max_length = 500)]
    pub reason: Option<String>,
}

impl From<&Name> for NameView {
    fn from(name: &Name) -> Self {
        let Name {
            organization_id: _,
            name,
            short_name,
            effective_from,
            effective_until,
            reason,
            created_at: _,
        } = name.clone();
        Self {
            name,
            short_name,
            effective_from,
            effective_until,
            reason,
        }
    }
}

/// As of which day one thing is shown.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AsOf {
    /// As it was called on that day (Asia/Shanghai); today where not given.
    pub as_of: Option<NaiveDate>,
}

/// 更名
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RenameOrganization {
    #[schema(example = "市教育和体育局", max_length = 100)]
    pub name: String,
    #[schema(example = "教体", max_length = 20)]
    pub short_name: String,
    /// First day of the new name; today where not given.
    #[schema(example = "2026-03-01")]
    #[serde(default)]
    pub effective_from: Option<NaiveDate>,
    #[schema(example = "机构改革", max_length = 500)]
    #[serde(default)]
    pub reason: Option<String>,
}

impl Input for RenameOrganization {}

/// Whether words stand in its code or in a name that it bears or bore.
pub fn mentions(organization: &Organization, words: &str) -> bool {
    let names = organization.names.iter();
    let mut texts = names
        .flat_map(|name| [&name.name, &name.short_name])
        .chain([&organization.code]);
    texts.any(|text| fold::mentions(text, words))
}
