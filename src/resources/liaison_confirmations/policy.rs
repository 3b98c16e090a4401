use super::model::{ConfirmationState, Row};
use super::states::MACHINE;
use crate::directory::Directory;
use crate::http::problem::Result;
use crate::policy::{Caller, Governed, Reach, Role};
use crate::workflow::machine::{Actor, Flow, Machine};
use chrono::NaiveDate;
use uuid::Uuid;

/// A confirmation with what decides who may do what with it.
#[derive(Clone, Debug)]
pub struct Confirmation {
    pub row: Row,
    state: ConfirmationState,
    /// Who acts for the department today.
    acting: Option<Uuid>,
}

impl Confirmation {
    pub fn new(row: Row, directory: &Directory, today: NaiveDate) -> Result<Self> {
        let acting = directory.acting(row.department_id, today);
        Ok(Self {
            state: row.state()?,
            acting: acting.map(|department| department.id),
            row,
        })
    }

    fn is_of(&self, caller: &Caller) -> bool {
        self.acting.is_some_and(|department| caller.is_of(department))
    }

    pub fn is_visible(&self, caller: &Caller, reach: Reach) -> bool {
        reach == Reach::Any || self.within(caller, reach)
    }
}

impl Governed for Confirmation {
    fn within(&self, caller: &Caller, reach: Reach) -> bool {
        reach == Reach::Own && self.is_of(caller)
    }
}

impl Flow for Confirmation {
    fn machine(&self) -> &'static Machine {
        &MACHINE
    }

    fn state(&self) -> &'static str {
        self.state.into()
    }

    fn actors(&self, caller: &Caller) -> Vec<Actor> {
        match caller.role {
            Some(Role::Coordinator) => vec![Actor::Coordinator],
            _ if self.is_of(caller) => vec![Actor::Department],
            _ => Vec::new(),
        }
    }
}
