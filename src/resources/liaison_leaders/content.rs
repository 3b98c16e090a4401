//! What an appointment says: leader, office, contacts; what of it is personal, and how it is kept and shown.

use super::model::{ContactRow, Row};
use super::policy::Disclosure;
use crate::problem::Fault;
use crate::text::phone;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

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

    /// Leader, office and one contact at least, or an explicit vacancy (三(二)).
    pub fn check(&self, faults: &mut Vec<Fault>) {
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
    }
}

/// `z***@example.gov.cn`
fn masked_email(address: &str) -> String {
    match address.rsplit_once('@') {
        Some((local, domain)) => format!("{}***@{domain}", local.chars().next().unwrap_or('*')),
        None => "***".to_owned(),
    }
}
