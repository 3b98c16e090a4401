use super::model::{ConfirmationState, Row};
use super::states::MACHINE;
use crate::directory::Directory;
use crate::policy::{Caller, Governed, Reach, Role};
use crate::problem::Result;
use crate::resources::organizations::on_behalf::unattended;
use crate::workflow::machine::{Actor, Flow, Machine};
use chrono::NaiveDate;
use diesel_async::AsyncPgConnection;
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
