use super::model::{CalendarScope, Row};
use crate::policy::{Caller, Governed, Reach};
use crate::problem::{Problem, Result};
use uuid::Uuid;

/// A feed, and whose meetings it shows to whoever manages it.
#[derive(Clone, Debug)]
pub struct Feed {
    pub row: Row,
    pub organization: Uuid,
}

impl Feed {
    /// # Errors
    /// 404 where it is not the caller's.
    pub fn seen_by(row: Row, caller: &Caller) -> Result<Self> {
        let organization = caller.organization.as_ref().ok_or_else(Problem::not_found)?.id;
        let feed = Self { row, organization };
        if feed.within(caller, Reach::Own) {
            Ok(feed)
        } else {
            Err(Problem::not_found())
        }
    }

    pub fn scope(&self) -> CalendarScope {
        match self.row.user_id {
            Some(_) => CalendarScope::User,
            None => CalendarScope::Organization,
        }
    }
}

impl Governed for Feed {
    /// `own`: the caller's own, or that of the organization that it acts for.
    fn within(&self, caller: &Caller, reach: Reach) -> bool {
        let of_user = self.row.user_id.is_some() && self.row.user_id == caller.user_id();
        let of_organization = self.row.organization_id.is_some_and(|id| caller.is_of(id));
        reach == Reach::Own && (of_user || of_organization)
    }
}
