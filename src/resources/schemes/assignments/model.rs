use crate::directory::Directory;
use crate::directory::model::{Assignment, Basis, OrganizationRef, Scheme};
use crate::http::negotiate::table;
use crate::problem::Result;
use crate::resources::schemes::model::SchemeRef;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// 对口联系分工
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Assignment)]
pub struct AssignmentView {
    pub id: Uuid,
    pub scheme: SchemeRef,
    pub department: OrganizationRef,
    pub party: OrganizationRef,
    pub basis: Basis,
    /// The department itself, or once it has ended the successor that acts for it; null where it has none.
    #[schema(required = true)]
    pub acting_department: Option<OrganizationRef>,
    /// As the scheme is in force; for a draft, as it would be.
    pub effective_from: NaiveDate,
    /// The first day on which the next scheme is in force.
    #[schema(required = true, example = json!(null))]
    pub effective_until: Option<NaiveDate>,
    /// Places of the two in lists.
    #[serde(skip)]
    order: (i32, i32),
}

impl AssignmentView {
    /// With names, and who acts, as of the day.
    pub fn new(scheme: &Scheme, pair: &Assignment, directory: &Directory, day: NaiveDate) -> Result<Self> {
        let Assignment {
            id,
            scheme_id: _,
            department_id,
            party_id,
            basis,
        } = pair;
        let place = |id| directory.get(id).map_or(0, |one| one.position);
        Ok(Self {
            id: *id,
            scheme: scheme.into(),
            department: directory.reference(*department_id, day)?,
            party: directory.reference(*party_id, day)?,
            basis: *basis,
            acting_department: directory
                .acting(*department_id, day)
                .map(|acting| OrganizationRef::new(acting, day)),
            effective_from: scheme.effective_from,
            effective_until: scheme.effective_until,
            order: (place(*department_id), place(*party_id)),
        })
    }

    pub fn of_scheme(scheme: &Scheme, directory: &Directory, day: NaiveDate) -> Result<Vec<Self>> {
        let pairs = scheme.assignments.iter();
        pairs
            .map(|pair| Self::new(scheme, pair, directory, day))
            .collect()
    }

    /// The order of the notice.
    pub fn by_department(&self) -> (i32, i32, Uuid) {
        (self.order.0, self.order.1, self.id)
    }

    pub fn by_party(&self) -> (i32, i32, Uuid) {
        (self.order.1, self.order.0, self.id)
    }
}

table! { |view: AssignmentView, language| ("对口联系分工", "Assignments"):
    ("部门", "Department") => view.department.name.as_str(),
    ("部门代码", "Department code") => view.department.code.as_str(),
    ("党派团体", "Party") => view.party.name.as_str(),
    ("党派团体代码", "Party code") => view.party.code.as_str(),
    ("联系依据", "Basis") => view.basis.label().get(language),
    ("现承办部门", "Acting department") => view.acting_department.as_ref().map(|one| one.name.as_str()),
    ("方案", "Scheme") => view.scheme.title.as_str(),
    ("生效日期", "In force from") => view.effective_from,
    ("失效日期", "In force until") => view.effective_until,
}

/// Filters of the list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AssignmentFilter {
    /// In force on that day (Asia/Shanghai), with the names of that day; today where not given.
    pub as_of: Option<NaiveDate>,
    /// Id of a scheme: its pairs, whenever it is in force.
    pub scheme: Option<Uuid>,
    /// Id or code: its own pairs, and those of departments that it acts for.
    #[param(min_length = 1, max_length = 64)]
    #[serde(default)]
    pub department: Vec<String>,
    /// Id or code.
    #[param(min_length = 1, max_length = 64)]
    #[serde(default)]
    pub party: Vec<String>,
    #[serde(default)]
    pub basis: Vec<Basis>,
    /// The pairs of all published schemes, those to come too.
    #[param(default = false)]
    #[serde(default)]
    pub include_ended: bool,
    /// Of schemes, or with organizations, that changed at or after that instant.
    pub updated_since: Option<DateTime<Utc>>,
    #[param(inline)]
    #[serde(default)]
    pub sort: AssignmentSort,
}

/// Order of the list; `department` where not given. Both by the places in the notice.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AssignmentSort {
    #[default]
    Department,
    Party,
}

/// Of which day, or of which scheme.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct MatrixQuery {
    /// In force on that day (Asia/Shanghai), with the names of that day; today where not given.
    pub as_of: Option<NaiveDate>,
    /// Id of a scheme: its pairs, whenever it is in force.
    pub scheme: Option<Uuid>,
}
