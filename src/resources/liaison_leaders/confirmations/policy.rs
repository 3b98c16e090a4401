use super::model::{ConfirmationState, ConfirmationView, Row};
use super::queries;
use super::states::MACHINE;
use crate::db::schema::liaison_confirmations as confirmations;
use crate::directory::Directory;
use crate::policy::{Caller, Governed, Op, Reach, Role};
use crate::problem::{Problem, Result};
use crate::resources::organizations::on_behalf::unattended;
use crate::work::Tx;
use crate::workflow::machine::{Actor, Flow, Machine, allowed_actions};
use crate::workflow::step::Aggregate;
use chrono::NaiveDate;
use diesel::prelude::*;
use diesel_async::AsyncPgConnection;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

/// A confirmation with what decides who may do what with it.
#[derive(Clone, Debug)]
pub struct Confirmation {
    pub row: Row,
    state: ConfirmationState,
    /// Who acts for the department today.
    pub acting: Option<Uuid>,
    /// Nobody can: 市委统战部 records for it.
    unattended: bool,
}

impl Confirmation {
    fn new(row: Row, acting: Option<Uuid>, unattended: &[Uuid]) -> Result<Self> {
        Ok(Self {
            state: row.state(),
            unattended: acting.is_some_and(|department| unattended.contains(&department)),
            acting,
            row,
        })
    }

    /// # Errors
    /// `database_unavailable`; 500 for an outcome that the CHECK constraint does not let be.
    pub async fn all(
        conn: &AsyncPgConnection,
        rows: Vec<Row>,
        directory: &Directory,
        today: NaiveDate,
    ) -> Result<Vec<Self>> {
        let acting = |row: &Row| Some(directory.acting(row.department_id, today)?.id);
        let departments: Vec<Uuid> = rows.iter().filter_map(acting).collect();
        let unattended = unattended(conn, &departments).await?;
        let all = rows.into_iter().map(|row| {
            let acting = acting(&row);
            Self::new(row, acting, &unattended)
        });
        all.collect()
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

    fn version(&self) -> i64 {
        self.row.version
    }

    fn actors(&self, caller: &Caller) -> Vec<Actor> {
        match caller.role {
            Some(Role::Coordinator) if self.unattended => vec![Actor::Coordinator, Actor::Department],
            Some(Role::Coordinator) => vec![Actor::Coordinator],
            _ if self.is_of(caller) => vec![Actor::Department],
            _ => Vec::new(),
        }
    }
}

impl Aggregate for Confirmation {
    type Id = Uuid;
    type Recorded = ConfirmationView;
    type View = ConfirmationView;

    fn subject_id(&self) -> Uuid {
        self.row.id
    }

    async fn hold(tx: &mut Tx<'_>, id: &Uuid, directory: &Directory) -> Result<Self> {
        let row: Row = confirmations::table
            .find(id)
            .select(Row::as_select())
            .for_update()
            .first(tx.conn)
            .await?;
        tx.holds(row.updated_at);
        let today = tx.today();
        let found = queries::one(tx.conn, row, directory, today).await?;
        let caller = &tx.origin.caller;
        match found.is_visible(caller, Op::ConfirmLiaisonLeader.reach(caller)) {
            true => Ok(found),
            false => Err(Problem::not_found()),
        }
    }

    async fn reread(&self, tx: &mut Tx<'_>, directory: &Directory) -> Result<Self> {
        let today = tx.today();
        queries::get(tx.conn, self.row.id, directory, today).await
    }

    fn recorded(&self, tx: &Tx<'_>, directory: &Directory) -> Result<ConfirmationView> {
        ConfirmationView::new(&self.row, directory, tx.today())
    }

    async fn shown(
        &self,
        _: &AsyncPgConnection,
        caller: &Caller,
        directory: &Directory,
        today: NaiveDate,
    ) -> Result<ConfirmationView> {
        let mut view = ConfirmationView::new(&self.row, directory, today)?;
        view.allowed_actions = allowed_actions(caller, self);
        Ok(view)
    }
}
