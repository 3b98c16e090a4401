//! Who asks.

use crate::vocabulary::enumeration;
use std::sync::Arc;
use uuid::Uuid;

enumeration! {
    /// 角色. The first four act for an organization of the same kind; the three administrators (三员) for none.
    #[derive(strum::Display)]
    pub enum Role {
        Coordinator ["市委统战部", "United front work department"],
        GovernmentOffice ["市政府办公室", "Government office"],
        /// 市政府有关部门
        Department ["政府部门", "Department"],
        /// 民主党派市委会、市工商联、市知联会
        Party ["党派团体", "Party"],
        Admin ["系统管理员", "System administrator"],
        SecurityAdmin ["安全管理员", "Security administrator"],
        Auditor ["审计管理员", "Audit administrator"],
    }
}

impl Role {
    /// Whether an account of this role acts for an organization.
    pub fn acts_for_organization(self) -> bool {
        matches!(
            self,
            Self::Coordinator | Self::GovernmentOffice | Self::Department | Self::Party
        )
    }

    /// Whether it is one of the three administrators (三员).
    pub fn is_administrator(self) -> bool {
        !self.acts_for_organization()
    }
}

/// The organization that a caller acts for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organization {
    pub id: Uuid,
    pub code: String,
    /// Merged or abolished: its account reads what was its own, and changes nothing any more.
    pub ended: bool,
}

/// By what right a caller is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Principal {
    User {
        id: Uuid,
        /// The family of refresh tokens that the access token came from.
        session: Uuid,
    },
    /// The command line of the program itself: whoever runs it already holds the database.
    CommandLine,
    /// Not proven: a log-in that failed, under the name that was typed.
    Nobody,
}

/// Who asks, as the access token says; whether that still holds is checked at every request.
#[derive(Clone, Debug)]
pub struct Caller {
    pub principal: Principal,
    pub username: String,
    pub role: Option<Role>,
    pub organization: Option<Organization>,
    /// The token is good for changing the password alone.
    pub must_change_password: bool,
}

impl Caller {
    pub fn command_line() -> Arc<Self> {
        Arc::new(Self {
            principal: Principal::CommandLine,
            username: "command line".into(),
            role: None,
            organization: None,
            must_change_password: false,
        })
    }

    /// The service's own runner: what time does.
    pub fn runner() -> Arc<Self> {
        Arc::new(Self {
            principal: Principal::CommandLine,
            username: "runner".into(),
            role: None,
            organization: None,
            must_change_password: false,
        })
    }

    /// The command line in the place of an organization's account, for demo content.
    pub fn command_line_for(username: String, role: Role, organization: Organization) -> Arc<Self> {
        Arc::new(Self {
            principal: Principal::CommandLine,
            username,
            role: Some(role),
            organization: Some(organization),
            must_change_password: false,
        })
    }

    /// Who tried to log in, for the record alone: no operation but the public ones is in its reach.
    pub fn nobody(name_as_typed: &str) -> Arc<Self> {
        Arc::new(Self {
            principal: Principal::Nobody,
            username: name_as_typed.chars().take(64).collect(),
            role: None,
            organization: None,
            must_change_password: false,
        })
    }

    pub fn user_id(&self) -> Option<Uuid> {
        match self.principal {
            Principal::User { id, .. } => Some(id),
            Principal::CommandLine | Principal::Nobody => None,
        }
    }

    pub fn session_id(&self) -> Option<Uuid> {
        match self.principal {
            Principal::User { session, .. } => Some(session),
            Principal::CommandLine | Principal::Nobody => None,
        }
    }

    /// Whether its organization has ended.
    pub fn has_ended(&self) -> bool {
        self.organization.as_ref().is_some_and(|own| own.ended)
    }

    /// The caller once its organization has ended.
    pub fn ended(&self) -> Self {
        let organization = self.organization.clone();
        Self {
            organization: organization.map(|own| Organization { ended: true, ..own }),
            ..self.clone()
        }
    }

    pub fn is_of(&self, organization: Uuid) -> bool {
        self.organization
            .as_ref()
            .is_some_and(|own| own.id == organization)
    }
}
