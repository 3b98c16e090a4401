//! What the directory is made of.

use crate::clock::day_begins;
use crate::db::schema::{assignments, organization_names, organizations, schemes};
use crate::text::document_number::DocumentNumber;
use crate::vocabulary::{closed_set, enumeration};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::{Queryable, Selectable};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

closed_set! {
/// What an organization is. The two offices have a kind each, named as the role that acts for them.
pub enum Kind {
    /// 市政府有关部门
    Department,
    /// 民主党派市委会、市工商联、市知联会
    Party,
    /// 市委统战部
    Coordinator,
    /// 市政府办公室
    GovernmentOffice,
}
}

enumeration! {
    /// 党派类别
    pub enum PartyKind {
        DemocraticParty ["民主党派", "Democratic party"],
        FederationOfIndustryAndCommerce ["工商联", "Federation of industry and commerce"],
        NonPartyIntellectualsAssociation ["知联会", "Non-party intellectuals' association"],
    }
}

enumeration! {
    /// 分工依据
    pub enum Basis {
        /// 共同联系单位: liaises with every party
        Common ["共同联系", "Common"],
        Designated ["指定联系", "Designated"],
    }
}

enumeration! {
    /// How a department ended.
    pub enum EndKind {
        Merged ["合并", "Merged"],
        Abolished ["撤销", "Abolished"],
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = organizations)]
pub(super) struct OrganizationRow {
    pub id: Uuid,
    pub kind: Kind,
    pub code: String,
    pub party_kind: Option<PartyKind>,
    pub social_credit_code: Option<String>,
    pub position: i32,
    pub established_on: Option<NaiveDate>,
    pub ended_on: Option<NaiveDate>,
    pub end_kind: Option<EndKind>,
    pub end_reason: Option<String>,
    pub successor_id: Option<Uuid>,
    pub contact_office: Option<String>,
    pub contact_person: Option<String>,
    pub contact_phone: Option<String>,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

#[derive(Debug)]
pub struct Organization {
    pub id: Uuid,
    pub kind: Kind,
    pub code: String,
    pub party_kind: Option<PartyKind>,
    pub social_credit_code: Option<String>,
    pub position: i32,
    /// Null: it stood before the records begin.
    pub established_on: Option<NaiveDate>,
    /// The first day on which it no longer stands.
    pub ended_on: Option<NaiveDate>,
    pub end_kind: Option<EndKind>,
    pub end_reason: Option<String>,
    pub successor_id: Option<Uuid>,
    /// A party's own contact.
    pub contact: Contact,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// Oldest first; never empty.
    pub names: Vec<Name>,
}

/// Whom to call at a party.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contact {
    pub office: Option<String>,
    pub person: Option<String>,
    pub phone: Option<String>,
}

#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = organization_names)]
pub struct Name {
    pub organization_id: Uuid,
    pub name: String,
    pub short_name: String,
    pub effective_from: Option<NaiveDate>,
    pub effective_until: Option<NaiveDate>,
    pub reason: Option<String>,
    pub created_at: DateTime<Utc>,
}

impl Organization {
    /// Whether it stands on a day.
    pub fn stands_on(&self, day: NaiveDate) -> bool {
        self.established_on.is_none_or(|first| first <= day) && self.ended_on.is_none_or(|end| day < end)
    }

    pub fn is(&self, kind: Kind) -> bool {
        self.kind == kind
    }

    /// When the name that it bears on a day began to be shown; none where it is its first.
    pub fn renamed_at(&self, day: NaiveDate) -> Option<DateTime<Utc>> {
        let shown = |name: &&Name| name.effective_from.is_none_or(|from| from <= day);
        let later = self.names.iter().skip(1).rev().find(shown)?;
        let begins = later.effective_from.map(day_begins)?;
        Some(later.created_at.max(begins))
    }

    /// The name that it bore on a day; the first one before its records begin.
    pub fn name_on(&self, day: NaiveDate) -> &Name {
        self.names
            .iter()
            .rev()
            .find(|name| name.effective_from.is_none_or(|from| from <= day))
            .unwrap_or(&self.names[0])
    }
}

/// 单位: how an organization is named wherever another thing refers to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OrganizationRef {
    #[schema(example = "0193d2a4-5c00-7000-8000-000000000009")]
    pub id: Uuid,
    #[schema(example = "education", max_length = 64)]
    pub code: String,
    /// As of the day in question.
    #[schema(example = "市教育局", max_length = 100)]
    pub name: String,
}

impl OrganizationRef {
    pub fn new(organization: &Organization, day: NaiveDate) -> Self {
        Self {
            id: organization.id,
            code: organization.code.clone(),
            name: organization.name_on(day).name.clone(),
        }
    }
}

/// Their names in one text; none where there are no organizations.
pub fn names<'a>(of: impl IntoIterator<Item = &'a OrganizationRef>) -> Option<String> {
    let names: Vec<&str> = of.into_iter().map(|one| one.name.as_str()).collect();
    (!names.is_empty()).then(|| names.join("、"))
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = schemes)]
pub(super) struct SchemeRow {
    pub id: Uuid,
    pub title: String,
    pub document_number: Option<String>,
    pub document_agency: Option<String>,
    pub document_year: Option<i32>,
    pub document_serial: Option<i32>,
    pub issued_on: Option<NaiveDate>,
    pub note: Option<String>,
    pub effective_from: NaiveDate,
    pub effective_until: Option<NaiveDate>,
    pub published_at: Option<DateTime<Utc>>,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

#[derive(Debug)]
pub struct Scheme {
    pub id: Uuid,
    pub title: String,
    pub document: Option<DocumentNumber>,
    pub issued_on: Option<NaiveDate>,
    pub note: Option<String>,
    pub effective_from: NaiveDate,
    pub effective_until: Option<NaiveDate>,
    pub published_at: Option<DateTime<Utc>>,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub assignments: Vec<Assignment>,
}

/// One department–party pair of a scheme.
#[derive(Clone, Debug)]
pub struct Assignment {
    pub id: Uuid,
    pub scheme_id: Uuid,
    pub department_id: Uuid,
    pub party_id: Uuid,
    pub basis: Basis,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = assignments)]
pub(super) struct AssignmentRow {
    pub id: Uuid,
    pub scheme_id: Uuid,
    pub department_id: Uuid,
    pub party_id: Uuid,
    pub basis: Basis,
}

impl Scheme {
    pub fn is_published(&self) -> bool {
        self.published_at.is_some()
    }

    pub fn in_force_on(&self, day: NaiveDate) -> bool {
        self.is_published() && self.effective_from <= day && self.effective_until.is_none_or(|end| day < end)
    }
}
