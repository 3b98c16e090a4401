use crate::clock::began;
use crate::directory::Directory;
use crate::directory::model::{EndKind, Kind, Organization, OrganizationRef};
use crate::http::extract::Input;
use crate::http::negotiate::table;
use crate::problem::{Fault, Problem, Result};
use crate::resources::organizations::model::{NameView, OrganizationState};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// 部门
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Department)]
pub struct DepartmentView {
    pub id: Uuid,
    #[schema(example = "education", max_length = 64)]
    pub code: String,
    /// As of the day in question.
    #[schema(example = "市教育局", max_length = 100)]
    pub name: String,
    /// Forms the numbers of suggestions.
    #[schema(example = "教育", max_length = 20)]
    pub short_name: String,
    /// GB 32100-2015.
    #[schema(required = true, example = json!(null), max_length = 18)]
    pub social_credit_code: Option<String>,
    pub state: OrganizationState,
    /// Place in lists, in the order of the notice.
    #[schema(example = 9, minimum = 0)]
    pub position: i32,
    /// Null: it stood before the records begin.
    #[schema(required = true, example = json!(null))]
    pub established_on: Option<NaiveDate>,
    /// The first day on which it no longer stands.
    #[schema(required = true, example = json!(null))]
    pub ended_on: Option<NaiveDate>,
    #[schema(required = true)]
    pub end_kind: Option<EndKind>,
    #[schema(required = true, example = json!(null), max_length = 500)]
    pub end_reason: Option<String>,
    /// Acts on everything that is open from the day of the end on.
    #[schema(required = true)]
    pub successor: Option<OrganizationRef>,
    /// Names over time, the oldest first.
    #[schema(max_items = 100)]
    pub names: Vec<NameView>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl DepartmentView {
    pub fn new(department: &Organization, directory: &Directory, day: NaiveDate) -> Result<Self> {
        let Organization {
            id,
            kind: Kind::Department,
            code,
            party_kind: _,
            social_credit_code,
            position,
            established_on,
            ended_on,
            end_kind,
            end_reason,
            successor_id,
            contact: _,
            version: _,
            created_at,
            updated_at,
            names,
        } = department
        else {
            return Err(Problem::not_found());
        };
        let name = department.name_on(day);
        let ended_at = ended_on.and_then(|end| began(end, day)).unwrap_or(*updated_at);
        Ok(Self {
            id: *id,
            code: code.clone(),
            name: name.name.clone(),
            short_name: name.short_name.clone(),
            social_credit_code: social_credit_code.clone(),
            state: OrganizationState::of(department, day),
            position: *position,
            established_on: *established_on,
            ended_on: *ended_on,
            end_kind: *end_kind,
            end_reason: end_reason.clone(),
            successor: successor_id.map(|id| directory.reference(id, day)).transpose()?,
            names: names.iter().map(NameView::from).collect(),
            created_at: *created_at,
            updated_at: directory.changed_at(
                ended_at.max(*updated_at),
                [*id].into_iter().chain(*successor_id),
                day,
            ),
        })
    }
}

table! { |view: DepartmentView, language| ("部门", "Departments"):
    ("代码", "Code") => view.code.as_str(),
    ("名称", "Name") => view.name.as_str(),
    ("简称", "Short name") => view.short_name.as_str(),
    ("统一社会信用代码", "Social credit code") => view.social_credit_code.as_deref(),
    ("状态", "State") => view.state.label().get(language),
    ("序号", "Position") => view.position,
    ("设立日期", "Established on") => view.established_on,
    ("终止日期", "Ended on") => view.ended_on,
    ("终止方式", "How it ended") => view.end_kind.map(|kind| kind.label().get(language)),
    ("承接单位", "Successor") => view.successor.as_ref().map(|successor| successor.name.as_str()),
}

/// Filters of the list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DepartmentFilter {
    /// As they stood and were called on that day (Asia/Shanghai); today where not given.
    pub as_of: Option<NaiveDate>,
    /// Those that have ended, too.
    #[param(default = false)]
    #[serde(default)]
    pub include_ended: bool,
    /// Part of a name, short name or code.
    #[param(min_length = 1, max_length = 50)]
    pub q: Option<String>,
    /// Changed at or after that instant.
    pub updated_since: Option<DateTime<Utc>>,
    #[param(inline)]
    #[serde(default)]
    pub sort: DepartmentSort,
}

/// Order of the list; `position` where not given.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
pub enum DepartmentSort {
    #[default]
    #[serde(rename = "position")]
    Position,
    #[serde(rename = "code")]
    Code,
    #[serde(rename = "-updated_at")]
    NewestChange,
}

/// 新部门
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDepartment {
    #[schema(
        example = "data-administration",
        min_length = 2,
        max_length = 64,
        pattern = "^[a-z][a-z0-9]*(-[a-z0-9]+)*$"
    )]
    pub code: String,
    #[schema(example = "市政务和数据局", max_length = 100)]
    pub name: String,
    #[schema(example = "数据", max_length = 20)]
    pub short_name: String,
    /// GB 32100-2015: 18 characters with a right check character.
    #[schema(example = json!(null), min_length = 18, max_length = 18)]
    #[serde(default)]
    pub social_credit_code: Option<String>,
    /// First day; today where not given.
    #[schema(example = "2026-01-01")]
    #[serde(default)]
    pub established_on: Option<NaiveDate>,
    /// Place in lists; the last where not given.
    #[schema(example = json!(null), minimum = 0, maximum = 10000)]
    #[serde(default)]
    pub position: Option<i32>,
}

impl Input for NewDepartment {
    fn check(&self, faults: &mut Vec<Fault>) {
        check_credit_code(self.social_credit_code.as_deref(), faults);
    }
}

/// 部门更正 (RFC 7396). Names change by `rename`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PatchDepartment {
    /// GB 32100-2015; null takes it away.
    #[schema(value_type = Option<String>, example = "114402000069623312", min_length = 18, max_length = 18)]
    #[serde(default, with = "::serde_with::rust::double_option")]
    pub social_credit_code: Option<Option<String>>,
    #[schema(minimum = 0, maximum = 10000, nullable = false, example = 9)]
    #[serde(default)]
    pub position: Option<i32>,
}

impl Input for PatchDepartment {
    fn check(&self, faults: &mut Vec<Fault>) {
        check_credit_code(
            self.social_credit_code.as_ref().and_then(Option::as_deref),
            faults,
        );
    }
}

/// 合并
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MergeDepartment {
    /// Id or code of the department that it goes into, and that acts for it from then on.
    #[schema(example = "development-reform", max_length = 64, extensions(("x-reference" = json!("department"))))]
    pub into: String,
    /// First day on which it no longer stands; today where not given.
    #[schema(example = "2026-03-01")]
    #[serde(default)]
    pub effective_from: Option<NaiveDate>,
    #[schema(example = "机构改革", max_length = 500)]
    #[serde(default)]
    pub reason: Option<String>,
}

impl Input for MergeDepartment {}

/// 撤销
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AbolishDepartment {
    /// Id or code of the department that acts on what is open; needed while anything is.
    #[schema(example = "development-reform", max_length = 64, extensions(("x-reference" = json!("department"))))]
    #[serde(default)]
    pub successor: Option<String>,
    /// First day on which it no longer stands; today where not given.
    #[schema(example = "2026-03-01")]
    #[serde(default)]
    pub effective_from: Option<NaiveDate>,
    #[schema(example = "机构改革", max_length = 500)]
    #[serde(default)]
    pub reason: Option<String>,
}

impl Input for AbolishDepartment {}

fn check_credit_code(code: Option<&str>, faults: &mut Vec<Fault>) {
    if code.is_some_and(|code| !is_social_credit_code(code)) {
        faults.push(Fault::at(
            "/social_credit_code",
            "malformed",
            "不是有效的统一社会信用代码（GB 32100-2015，第 18 位为校验码）。",
            "Not a valid social credit code (GB 32100-2015: the 18th character checks the others).",
        ));
    }
}

/// 统一社会信用代码: 17 characters of an alphabet of 31 and their check character (GB 32100-2015 §5).
pub fn is_social_credit_code(code: &str) -> bool {
    const ALPHABET: &[u8] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
    const WEIGHTS: [usize; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
    let values: Option<Vec<usize>> = code
        .bytes()
        .map(|byte| ALPHABET.iter().position(|known| *known == byte))
        .collect();
    let Some(values) = values.filter(|values| values.len() == 18) else {
        return false;
    };
    let sum: usize = values
        .iter()
        .zip(WEIGHTS)
        .map(|(value, weight)| value * weight)
        .sum();
    values[17] == (31 - sum % 31) % 31
}
