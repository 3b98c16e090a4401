use super::model::{AnnualSummaryState, Row};
use super::states::MACHINE;
use crate::directory::Directory;
use crate::figures::Narrow;
use crate::policy::{Caller, Governed, Op, Reach, Role};
use crate::problem::{Code, Problem, Result};
use crate::workflow::machine::{Actor, Flow, Machine};
use chrono::NaiveDate;
use uuid::Uuid;

/// A summary with what decides who may do what with it.
#[derive(Clone, Debug)]
pub struct AnnualSummary {
    pub row: Row,
}

impl AnnualSummary {
    pub fn new(row: Row) -> Self {
        Self { row }
    }

    /// A draft is there for 市委统战部 alone.
    ///
    /// # Errors
    /// 404 for whom it does not exist.
    pub fn seen_by(self, caller: &Caller) -> Result<Self> {
        let reach = Op::GetAnnualSummary.reach(caller);
        match reach == Reach::Any || reach == Reach::Issued && self.row.state == AnnualSummaryState::Published
        {
            true => Ok(self),
            false => Err(Problem::not_found()),
        }
    }
}

impl Governed for AnnualSummary {
    fn within(&self, _: &Caller, reach: Reach) -> bool {
        reach == Reach::Issued && self.row.state == AnnualSummaryState::Published
    }
}

impl Flow for AnnualSummary {
    fn machine(&self) -> &'static Machine {
        &MACHINE
    }

    fn state(&self) -> &'static str {
        self.row.state.into()
    }

    fn version(&self) -> i64 {
        self.row.version
    }

    fn actors(&self, caller: &Caller) -> Vec<Actor> {
        match caller.role {
            Some(Role::Coordinator) => vec![Actor::Coordinator],
            _ => Vec::new(),
        }
    }

    fn obstacle(&self, op: Op, _: &Caller) -> Option<Code> {
        (op == Op::PublishAnnualSummary && self.row.text.is_none()).then_some(Code::SummaryWithoutText)
    }
}

/// Whose figures a caller sees the records of: the two offices all, departments and parties their own.
pub struct Sight {
    pub departments: Option<Vec<Uuid>>,
    pub parties: Option<Vec<Uuid>>,
}

impl Sight {
    pub fn of(caller: &Caller, directory: &Directory, today: NaiveDate) -> Self {
        let own = |role| (caller.role == Some(role)).then(|| directory.own(caller, today));
        Self {
            departments: own(Role::Department),
            parties: own(Role::Party),
        }
    }

    pub fn narrow(&self) -> Narrow<'_> {
        Narrow {
            departments: self.departments.as_deref(),
            parties: self.parties.as_deref(),
        }
    }

    pub fn sees_all(&self) -> bool {
        self.departments.is_none() && self.parties.is_none()
    }
}
