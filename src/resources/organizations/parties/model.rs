use super::policy::Disclosure;
use crate::directory::model::{Contact, Kind, Organization, PartyKind};
use crate::http::extract::Input;
use crate::http::negotiate::table;
use crate::problem::{Problem, Result};
use crate::resources::organizations::model::{NameView, OrganizationState};
use crate::text::phone;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// 党派团体
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Party)]
pub struct PartyView {
    pub id: Uuid,
    #[schema(example = "minmeng", max_length = 64)]
    pub code: String,
    /// As of the day in question.
    #[schema(example = "民盟市委会", max_length = 100)]
    pub name: String,
    /// Forms the numbers of suggestions.
    #[schema(example = "民盟", max_length = 20)]
    pub short_name: String,
    pub kind: PartyKind,
    pub state: OrganizationState,
    /// Place in lists, in the order of the notice.
    #[schema(example = 2, minimum = 0)]
    pub position: i32,
    /// Null: it stood before the records begin.
    #[schema(required = true, example = json!(null))]
    pub established_on: Option<NaiveDate>,
    /// Names over time, the oldest first.
    #[schema(max_items = 100)]
    pub names: Vec<NameView>,
    pub contact: ContactView,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// 联系方式. The phone is masked, or with the person null, for those who need not know it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = PartyContact)]
pub struct ContactView {
    #[schema(required = true, example = "办公室", max_length = 100)]
    pub office: Option<String>,
    #[schema(required = true, example = "李明", max_length = 50)]
    pub person: Option<String>,
    #[schema(required = true, example = "138****5678", max_length = 30)]
    pub phone: Option<String>,
}

impl ContactView {
    fn new(contact: &Contact, disclosure: Disclosure) -> Self {
        let Contact {
            office,
            person,
            phone,
        } = contact.clone();
        let (person, phone) = match disclosure {
            Disclosure::Whole => (person, phone),
            Disclosure::Masked => (person, phone.as_deref().map(phone::masked)),
            Disclosure::Hidden => (None, None),
        };
        Self {
            office,
            person,
            phone,
        }
    }
}

impl PartyView {
    pub fn new(party: &Organization, day: NaiveDate, disclosure: Disclosure) -> Result<Self> {
        let Organization {
            id,
            kind: Kind::Party,
            code,
            party_kind: Some(party_kind),
            social_credit_code: _,
            position,
            established_on,
            ended_on: _,
            end_kind: _,
            end_reason: _,
            successor_id: _,
            contact,
            version: _,
            created_at,
            updated_at,
            names,
        } = party
        else {
            return Err(Problem::not_found());
        };
        let name = party.name_on(day);
        Ok(Self {
            id: *id,
            code: code.clone(),
            name: name.name.clone(),
            short_name: name.short_name.clone(),
            kind: *party_kind,
            state: OrganizationState::of(party, day),
            position: *position,
            established_on: *established_on,
            names: names.iter().map(NameView::from).collect(),
            contact: ContactView::new(contact, disclosure),
            created_at: *created_at,
            updated_at: party
                .renamed_at(day)
                .map_or(*updated_at, |shown| shown.max(*updated_at)),
        })
    }
}

table! { |view: PartyView, language| ("党派团体", "Parties"):
    ("代码", "Code") => view.code.as_str(),
    ("名称", "Name") => view.name.as_str(),
    ("简称", "Short name") => view.short_name.as_str(),
    ("类别", "Kind") => view.kind.label().get(language),
    ("状态", "State") => view.state.label().get(language),
    ("序号", "Position") => view.position,
    ("联络科室", "Contact office") => view.contact.office.as_deref(),
    ("联系人", "Contact person") => view.contact.person.as_deref(),
    ("联系电话", "Contact phone") => view.contact.phone.as_deref(),
}

/// Filters of the list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PartyFilter {
    /// As they stood and were called on that day (Asia/Shanghai); today where not given.
    pub as_of: Option<NaiveDate>,
    /// Those that do not stand on the day, too.
    #[param(default = false)]
    #[serde(default)]
    pub include_ended: bool,
    #[serde(default)]
    pub kind: Vec<PartyKind>,
    /// Part of a name, short name or code.
    #[param(min_length = 1, max_length = 50)]
    pub q: Option<String>,
    /// Changed at or after that instant.
    pub updated_since: Option<DateTime<Utc>>,
    #[param(inline)]
    #[serde(default)]
    pub sort: PartySort,
}

/// Order of the list; `position` where not given.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
pub enum PartySort {
    #[default]
    #[serde(rename = "position")]
    Position,
    #[serde(rename = "code")]
    Code,
    #[serde(rename = "-updated_at")]
    NewestChange,
}

/// 新党派团体
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewParty {
    #[schema(
        example = "zhigong",
        min_length = 2,
        max_length = 64,
        pattern = "^[a-z][a-z0-9]*(-[a-z0-9]+)*$"
    )]
    pub code: String,
    #[schema(example = "致公党市委会", max_length = 100)]
    pub name: String,
    #[schema(example = "致公党", max_length = 20)]
    pub short_name: String,
    pub kind: PartyKind,
    /// First day; today where not given.
    #[schema(example = "2026-01-01")]
    #[serde(default)]
    pub established_on: Option<NaiveDate>,
    /// Place in lists; the last where not given.
    #[schema(example = json!(null), minimum = 0, maximum = 10000)]
    #[serde(default)]
    pub position: Option<i32>,
}

impl Input for NewParty {}

/// 党派团体更正 (RFC 7396). Names change by `rename`, the contact by `contact`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PatchParty {
    #[schema(nullable = false)]
    #[serde(default)]
    pub kind: Option<PartyKind>,
    #[schema(minimum = 0, maximum = 10000, nullable = false, example = 2)]
    #[serde(default)]
    pub position: Option<i32>,
}

impl Input for PatchParty {}

/// 联系方式. What is not said is taken away.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewContact {
    #[schema(example = "办公室", max_length = 100)]
    #[serde(default)]
    pub office: Option<String>,
    #[schema(example = "李明", max_length = 50)]
    #[serde(default)]
    pub person: Option<String>,
    /// A mobile (kept as 11 digits) or a landline with its area (kept as `0751-8880000`).
    #[schema(example = "0751-8880000", max_length = 40)]
    #[serde(default)]
    pub phone: Option<String>,
}

impl NewContact {
    pub fn contact(&self) -> Contact {
        Contact {
            office: self.office.clone(),
            person: self.person.clone(),
            phone: self.phone.clone(),
        }
    }
}

impl Input for NewContact {}
