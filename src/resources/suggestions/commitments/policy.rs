use super::model::{CommitmentView, Context, Row};
use super::queries;
use super::states::MACHINE;
use crate::directory::Directory;
use crate::policy::{Caller, Role};
use crate::problem::{Problem, Result};
use crate::resources::suggestions;
use crate::resources::suggestions::policy::Suggestion;
use crate::work::Tx;
use crate::workflow::machine::{Actor, Flow, Machine, allowed_actions};
use crate::workflow::step::Aggregate;
use chrono::NaiveDate;
use diesel_async::AsyncPgConnection;
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

impl Aggregate for Commitment {
    type Id = Uuid;
    type Recorded = CommitmentView;
    type View = CommitmentView;

    fn subject_id(&self) -> Uuid {
        self.row.id
    }

    /// Its suggestion is held first, by whoever changes either.
    async fn hold(tx: &mut Tx<'_>, id: &Uuid, directory: &Directory) -> Result<Self> {
        let suggestion = queries::suggestion_of(tx.conn, *id).await?;
        let of = suggestions::queries::get_locked(tx, suggestion, directory).await?;
        let today = tx.today();
        let found = queries::get(tx.conn, *id, directory, today).await?;
        tx.holds(found.row.updated_at);
        found.seen_by(&tx.origin.caller, of.suggestion)
    }

    async fn reread(&self, tx: &mut Tx<'_>, directory: &Directory) -> Result<Self> {
        let today = tx.today();
        queries::get(tx.conn, self.row.id, directory, today).await
    }

    fn recorded(&self, tx: &Tx<'_>, directory: &Directory) -> Result<CommitmentView> {
        CommitmentView::new(&self.row, &self.context, directory, tx.today())
    }

    async fn shown(
        &self,
        _: &AsyncPgConnection,
        caller: &Caller,
        directory: &Directory,
        today: NaiveDate,
    ) -> Result<CommitmentView> {
        self.view(caller, directory, today)
    }
}
