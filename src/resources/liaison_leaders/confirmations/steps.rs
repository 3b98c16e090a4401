//! How a step finds a confirmation, and what is told of it.

use crate::db::schema::liaison_confirmations as confirmations;
use crate::directory::Directory;
use crate::policy::{Caller, Op};
use crate::problem::{Problem, Result};
use crate::resources::liaison_leaders::confirmations::model::{ConfirmationView, Row};
use crate::resources::liaison_leaders::confirmations::policy::Confirmation;
use crate::resources::liaison_leaders::confirmations::queries;
use crate::work::Tx;
use crate::workflow::machine::allowed_actions;
use crate::workflow::step::Aggregate;
use chrono::NaiveDate;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

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
