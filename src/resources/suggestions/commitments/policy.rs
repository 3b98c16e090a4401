use super::model::{CommitmentView, Context, Row};
use super::states::MACHINE;
use crate::directory::Directory;
use crate::policy::{Caller, Role};
use crate::problem::{Problem, Result};
use crate::resources::suggestions::policy::Suggestion;
use crate::workflow::machine::{Actor, Flow, Machine, allowed_actions};
use chrono::NaiveDate;
use uuid::Uuid;

/// A commitment with what decides who may do what with it.
#[derive(Clone, Debug)]
pub struct Commitment {
    pub row: Row,
    pub context: Context,
    /// Who acts today for the department that owes it.
    pub acting: Option<Uuid>,
}

impl Commitment {
    pub fn new(row: Row, context: Context, directory: &Directory, today: NaiveDate) -> Self {
        let acting = directory.acting(row.department_id, today);
        Self {
            acting: acting.map(|department| department.id),
            row,
            context,
        }
    }

    /// As it is where the caller sees the suggestion, and not only what it was.
    ///
    /// # Errors
    /// 404 for all others.
    pub fn seen_by(self, caller: &Caller, suggestion: Suggestion) -> Result<Self> {
        let seen = suggestion.seen_by(caller)?;
        match seen.cut_at {
            None => Ok(self),
            Some(_) => Err(Problem::not_found()),
        }
    }

    pub fn view(&self, caller: &Caller, directory: &Directory, today: NaiveDate) -> Result<CommitmentView> {
        Ok(CommitmentView {
            allowed_actions: allowed_actions(caller, self),
            ..CommitmentView::new(&self.row, &self.context, directory, today)?
        })
    }
}

impl Flow for Commitment {
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
            Some(Role::Department) if self.acting.is_some_and(|lead| caller.is_of(lead)) => vec![Actor::Lead],
            _ => Vec::new(),
        }
    }
}
