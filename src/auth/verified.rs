//! Who calls, as a good token says.

use super::token::Subject;
use crate::policy::{Caller, Organization, Principal};
use std::sync::Arc;

/// What a good token says, as it is cached.
pub struct Verified {
    pub caller: Arc<Caller>,
    pub user_id: uuid::Uuid,
    pub session_id: uuid::Uuid,
    pub epoch: i64,
}

impl TryFrom<Subject> for Verified {
    type Error = &'static str;

    fn try_from(claims: Subject) -> Result<Self, &'static str> {
        let session = claims.sid.ok_or("no session")?;
        let role = match claims.role.as_deref() {
            Some(role) => Some(role.parse().map_err(|_| "unknown role")?),
            None => None,
        };
        let organization = match (claims.org_id, claims.org) {
            (Some(id), Some(code)) => Some(Organization {
                id,
                code,
                ended: false,
            }),
            _ => None,
        };
        Ok(Self {
            user_id: claims.sub,
            session_id: session,
            epoch: claims.epoch,
            caller: Arc::new(Caller {
                principal: Principal::User {
                    id: claims.sub,
                    session,
                },
                username: claims.username,
                role,
                organization,
                must_change_password: claims.pwd_change,
            }),
        })
    }
}
