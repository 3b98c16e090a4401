//! 工作情况的报告 (三(五)): the duties of a period, the plans and the reports that fulfil them.

pub mod duties;
pub mod plans;
pub mod reports;

use crate::directory::Directory;
use crate::policy::{Caller, Role};
use chrono::NaiveDate;
use uuid::Uuid;

/// Whose plans and reports a caller sees.
#[derive(Clone, Debug)]
pub enum Seen {
    /// What was submitted, by anybody; drafts of one's own recording too, where that is set.
    Submitted { recorded: bool },
    /// Everything of these departments.
    Of(Vec<Uuid>),
}

impl Seen {
    pub fn by(caller: &Caller, directory: &Directory, today: NaiveDate) -> Self {
        match caller.role {
            Some(Role::Coordinator) => Self::Submitted { recorded: true },
            Some(Role::GovernmentOffice) => Self::Submitted { recorded: false },
            _ => Self::Of(directory.own(caller, today)),
        }
    }
}
