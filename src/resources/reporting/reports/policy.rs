use super::facts::Facts;
use super::model::{Row, WorkReportState};
use super::states::MACHINE;
use crate::db::schema::work_reports as reports;
use crate::directory::{self, Directory};
use crate::policy::{Caller, Governed, Op, Reach, Role};
use crate::problem::{Code, Problem, Result};
use crate::resources::attachments::carriers::{Hold, Rights};
use crate::resources::meetings::links::LinkedMeeting;
use crate::resources::reporting::duties::model::Running;
use crate::workflow::machine::{Actor, Flow, Machine, refusal};
use chrono::NaiveDate;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::Deserialize;
use uuid::Uuid;

/// A version of a report with its facts, and what decides who may do what with it.
#[derive(Clone, Debug)]
pub struct WorkReport {
    pub row: Row,
    pub state: WorkReportState,
    pub facts: Facts,
    /// The meetings that it tells of, in the order of time.
    pub meetings: Vec<LinkedMeeting>,
    /// What the department owed for the period; none where it was not asked.
    pub duty: Option<Running>,
    /// Who acts for the department today.
    pub acting: Option<Uuid>,
    /// Recorded by 市委统战部 for a department that can act for itself by now.
    pub attended: bool,
}

impl WorkReport {
    /// With the facts that it was submitted with; of a draft they are still to be computed.
    ///
    /// # Errors
    /// 500 for a state that the CHECK constraint does not let be.
    pub fn new(row: Row, directory: &Directory, today: NaiveDate) -> Result<Self> {
        let acting = directory.acting(row.department_id, today);
        Ok(Self {
            state: row.state,
            facts: match &row.facts {
                Some(frozen) => Facts::deserialize(frozen).map_err(Problem::internal)?,
                None => Facts::default(),
            },
            meetings: Vec::new(),
            duty: None,
            acting: acting.map(|department| department.id),
            attended: false,
            row,
        })
    }

    /// Who has it to do.
    pub fn unit(&self) -> Uuid {
        self.acting.unwrap_or(self.row.department_id)
    }

    /// The department, or 市委统战部 where it has recorded the report itself.
    pub fn is_author(&self, caller: &Caller) -> bool {
        self.acting.is_some_and(|department| caller.is_of(department))
            || self.row.recorded_on_behalf && caller.role == Some(Role::Coordinator)
    }

    /// A draft is there for its author alone.
    pub fn is_visible(&self, caller: &Caller) -> bool {
        self.is_author(caller)
            || match Op::GetWorkReport.reach(caller) {
                Reach::Any => true,
                Reach::Issued => self.state != WorkReportState::Draft,
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

/// Who sees a report reads what hangs on it; its author attaches while it is a draft.
pub async fn attachment_rights(
    mut conn: &AsyncPgConnection,
    caller: &Caller,
    today: NaiveDate,
    id: Uuid,
    hold: Hold,
) -> Result<Option<Rights>> {
    let found = reports::table.find(id).select(Row::as_select());
    let row: Option<Row> = match hold {
        Hold::No => found.first(&mut conn).await,
        Hold::Yes => found.for_no_key_update().first(&mut conn).await,
    }
    .optional()?;
    let Some(row) = row else { return Ok(None) };
    let directory = directory::load(conn).await?.for_caller(caller);
    let report = WorkReport::new(row, &directory, today)?;
    let is_draft = report.state == WorkReportState::Draft;
    Ok(report.is_visible(caller).then_some(Rights {
        attach: is_draft && report.is_author(caller),
        kept: !is_draft,
        announced: !is_draft,
        personal: false,
    }))
}

impl Governed for WorkReport {
    fn within(&self, caller: &Caller, reach: Reach) -> bool {
        reach == Reach::Own && self.is_author(caller)
    }
}

impl Flow for WorkReport {
    fn machine(&self) -> &'static Machine {
        &MACHINE
    }

    fn state(&self) -> &'static str {
        self.state.into()
    }

    fn version(&self) -> i64 {
        self.row.version
    }

    fn actors(&self, caller: &Caller) -> Vec<Actor> {
        let has = |role| caller.role == Some(role);
        let actors = [
            (self.is_author(caller), Actor::Department),
            (has(Role::Coordinator), Actor::Coordinator),
            (has(Role::GovernmentOffice), Actor::GovernmentOffice),
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
            Op::ReviseWorkReport if self.attended && caller.role == Some(Role::Coordinator) => {
                Some(Code::NotYours)
            }
            Op::ReviseWorkReport if self.row.next_id.is_some() => Some(Code::RevisionUnderWay),
            Op::AcknowledgeWorkReport if self.row.copy_acknowledged_at.is_some() => {
                Some(Code::AlreadyAcknowledged)
            }
            _ => None,
        }
    }
}
