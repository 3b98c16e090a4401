use crate::directory::Directory;
use crate::directory::model::Organization;
use crate::policy::{Caller, Principal, Role};
use chrono::NaiveDate;

/// How much of a party's contact a reader gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disclosure {
    Whole,
    /// With the middle of the phone hidden.
    Masked,
    /// The office alone.
    Hidden,
}

impl Disclosure {
    pub fn of(caller: &Caller, party: &Organization, directory: &Directory, today: NaiveDate) -> Self {
        if caller.is_of(party.id) {
            return Self::Whole;
        }
        match (caller.principal, caller.role) {
            (Principal::CommandLine, _) | (_, Some(Role::Coordinator | Role::GovernmentOffice)) => {
                Self::Whole
            }
            (_, Some(Role::Department)) => {
                let linked = caller
                    .organization
                    .as_ref()
                    .is_some_and(|own| directory.are_linked(own.id, party.id, today));
                if linked { Self::Whole } else { Self::Masked }
            }
            (_, Some(Role::Party)) => Self::Masked,
            (_, Some(Role::Admin | Role::SecurityAdmin | Role::Auditor) | None) => Self::Hidden,
        }
    }
}
