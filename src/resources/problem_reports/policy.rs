use super::model::{ProblemReportState, Row};
use super::states::MACHINE;
use crate::db::schema::problem_reports as reports;
use crate::directory::{self, Directory};
use crate::policy::{Caller, Governed, Op, Reach, Role};
use crate::problem::{Problem, Result};
use crate::resources::attachments::carriers::{Hold, Rights};
use crate::workflow::machine::{Actor, Flow, Machine};
use chrono::NaiveDate;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// A problem report with what decides who may do what with it.
#[derive(Clone, Debug)]
pub struct ProblemReport {
    pub row: Row,
    /// Who acts today for the organization that raised it.
    pub acting: Option<Uuid>,
}

impl ProblemReport {
    pub fn new(row: Row, directory: &Directory, today: NaiveDate) -> Self {
        let acting = directory.acting(row.organization_id, today);
        Self {
            acting: acting.map(|organization| organization.id),
            row,
        }
    }

    fn is_of(&self, caller: &Caller) -> bool {
        self.acting.is_some_and(|organization| caller.is_of(organization))
    }

    /// As it is where the caller may know of it.
    ///
    /// # Errors
    /// 404 for all others.
    pub fn seen_by(self, caller: &Caller, reach: Reach) -> Result<Self> {
        if reach == Reach::Any || self.within(caller, reach) {
            Ok(self)
        } else {
            Err(Problem::not_found())
        }
    }
}

/// Who sees a report reads what hangs on it; whoever raised it attaches until it is closed, and 市委统战部 its answer's papers.
/// The answer rests on what was there: from then on all of it stays.
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
    let report = ProblemReport::new(row, &directory, today);
    let closed = report.row.state == ProblemReportState::Closed;
    let reach = Op::GetProblemReport.reach(caller);
    let seen = reach == Reach::Any || report.within(caller, reach);
    Ok(seen.then_some(Rights {
        attach: !closed,
        kept: report.row.state != ProblemReportState::Raised,
        announced: true,
        personal: false,
    }))
}

impl Governed for ProblemReport {
    fn within(&self, caller: &Caller, reach: Reach) -> bool {
        reach == Reach::Own && self.is_of(caller)
    }
}

impl Flow for ProblemReport {
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
            _ if self.is_of(caller) => vec![Actor::Raiser],
            _ => Vec::new(),
        }
    }
}
