use super::model::{AnnualSummaryOutline, AnnualSummaryView};
use super::model::{AnnualSummaryState, Row};
use super::queries;
use super::states::MACHINE;
use crate::db::schema::annual_summaries as summaries;
use crate::directory::Directory;
use crate::figures::Narrow;
use crate::policy::{Caller, Governed, Op, Reach, Role};
use crate::problem::{Code, Problem, Result};
use crate::work::Tx;
use crate::workflow::machine::{Actor, Flow, Machine};
use crate::workflow::step::Aggregate;
use chrono::NaiveDate;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
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

impl Aggregate for AnnualSummary {
    type Id = String;
    type Recorded = AnnualSummaryOutline;
    type View = AnnualSummaryView;

    fn subject_id(&self) -> Uuid {
        self.row.id
    }

    async fn hold(tx: &mut Tx<'_>, id: &String, _: &Directory) -> Result<Self> {
        let id = queries::get(tx.conn, id).await?.row.id;
        let row = summaries::table.find(id).select(Row::as_select());
        let row: Row = row.for_update().first(tx.conn).await?;
        tx.holds(row.updated_at);
        Self::new(row).seen_by(&tx.origin.caller)
    }

    async fn reread(&self, tx: &mut Tx<'_>, _: &Directory) -> Result<Self> {
        queries::get(tx.conn, &self.row.id.to_string()).await
    }

    fn recorded(&self, _: &Tx<'_>, _: &Directory) -> Result<AnnualSummaryOutline> {
        Ok(AnnualSummaryOutline::new(self))
    }

    async fn shown(
        &self,
        conn: &AsyncPgConnection,
        caller: &Caller,
        directory: &Directory,
        today: NaiveDate,
    ) -> Result<AnnualSummaryView> {
        let compiled = queries::compiled(conn, self, directory, today).await?;
        let sight = Sight::of(caller, directory, today);
        Ok(AnnualSummaryView::new(caller, self, compiled, &sight))
    }

    fn is_draft(&self) -> bool {
        self.row.state != AnnualSummaryState::Published
    }
}
