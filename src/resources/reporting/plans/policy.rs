use super::items::Item;
use super::model::{PlanProgress, Row, WorkPlanState};
use super::states::MACHINE;
use crate::db::schema::work_plans as plans;
use crate::directory::{self, Directory};
use crate::policy::{Caller, Governed, Op, Reach, Role};
use crate::problem::{Code, Problem, Result};
use crate::resources::attachments::carriers::{Hold, Rights};
use crate::resources::reporting::duties::model::Running;
use crate::workflow::machine::{Actor, Flow, Machine, refusal};
use chrono::NaiveDate;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// A version of a plan with its items, and what decides who may do what with it.
#[derive(Clone, Debug)]
pub struct WorkPlan {
    pub row: Row,
    pub items: Vec<Item>,
    /// What the department owed for the year; none where it was not asked.
    pub duty: Option<Running>,
    /// Who acts for the department today.
    pub acting: Option<Uuid>,
    /// Recorded by 市委统战部 for a department that can act for itself by now.
    pub attended: bool,
}

impl WorkPlan {
    /// Without items.
    ///
    pub fn new(row: Row, directory: &Directory, today: NaiveDate) -> Self {
        let acting = directory.acting(row.department_id, today);
        Self {
            items: Vec::new(),
            duty: None,
            acting: acting.map(|department| department.id),
            attended: false,
            row,
        }
    }

    /// The department, or 市委统战部 where it has recorded the plan itself.
    pub fn is_author(&self, caller: &Caller) -> bool {
        self.acting.is_some_and(|department| caller.is_of(department))
            || self.row.recorded_on_behalf && caller.role == Some(Role::Coordinator)
    }

    /// Who has it to do.
    pub fn unit(&self) -> Uuid {
        self.acting.unwrap_or(self.row.department_id)
    }

    /// Items that a concluded meeting is linked to.
    pub fn progress(&self) -> PlanProgress {
        PlanProgress {
            items: self.items.len(),
            done: self.items.iter().filter(|item| item.is_done()).count(),
        }
    }

    /// A draft is there for its author alone.
    pub fn is_visible(&self, caller: &Caller) -> bool {
        self.is_author(caller)
            || match Op::GetWorkPlan.reach(caller) {
                Reach::Any => true,
                Reach::Issued => self.row.state != WorkPlanState::Draft,
                Reach::Own | Reach::Carrier | Reach::Never => false,
            }
    }

    /// # Errors
    /// 404 for whom it does not exist.
    pub fn seen_by(self, caller: &Caller) -> Result<Self> {
        match self.is_visible(caller) {
            true => Ok(self),
            false => Err(Problem::not_found()),
        }
    }
}

/// Who sees a plan reads what hangs on it; its author attaches while it is a draft.
pub async fn attachment_rights(
    mut conn: &AsyncPgConnection,
    caller: &Caller,
    today: NaiveDate,
    id: Uuid,
    hold: Hold,
) -> Result<Option<Rights>> {
    let found = plans::table.find(id).select(Row::as_select());
    let row: Option<Row> = match hold {
        Hold::No => found.first(&mut conn).await,
        Hold::Yes => found.for_no_key_update().first(&mut conn).await,
    }
    .optional()?;
    let Some(row) = row else { return Ok(None) };
    let directory = directory::load(conn).await?.for_caller(caller);
    let plan = WorkPlan::new(row, &directory, today);
    let is_draft = plan.row.state == WorkPlanState::Draft;
    Ok(plan.is_visible(caller).then_some(Rights {
        attach: is_draft && plan.is_author(caller),
        kept: !is_draft,
        announced: !is_draft,
        personal: false,
    }))
}

impl Governed for WorkPlan {
    fn within(&self, caller: &Caller, reach: Reach) -> bool {
        reach == Reach::Own && self.is_author(caller)
    }
}

impl Flow for WorkPlan {
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
        let is_coordinator = caller.role == Some(Role::Coordinator);
        let actors = [
            (self.is_author(caller), Actor::Department),
            (is_coordinator, Actor::Coordinator),
        ];
        let actors = actors.into_iter().filter(|(is_one, _)| *is_one);
        actors.map(|(_, actor)| actor).collect()
    }

    /// What was submitted is never edited.
    fn refusal(&self, op: Op, caller: &Caller) -> Problem {
        match self.knows(op) {
            true => refusal(self, caller, Code::StepNotAllowed),
            false => Problem::new(Code::AlreadySubmitted).with("state", self.state()),
        }
    }

    fn obstacle(&self, op: Op, caller: &Caller) -> Option<Code> {
        match op {
            _ if self.row.superseded_at.is_some() => Some(Code::Superseded),
            Op::ReviseWorkPlan if self.attended && caller.role == Some(Role::Coordinator) => {
                Some(Code::NotYours)
            }
            Op::ReviseWorkPlan if self.row.next_id.is_some() => Some(Code::RevisionUnderWay),
            Op::SubmitWorkPlan if self.items.is_empty() => Some(Code::WorkPlanEmpty),
            _ => None,
        }
    }
}
