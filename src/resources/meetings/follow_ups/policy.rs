use super::queries;
use super::states::MACHINE;
use crate::directory::Directory;
use crate::policy::{Caller, Governed, Reach};
use crate::problem::Result;
use crate::resources::meetings::parts::FollowUpRow;
use crate::resources::meetings::queries::Sight;
use crate::work::Tx;
use crate::workflow::machine::{Actor, Flow, Machine};
use chrono::NaiveDate;
use uuid::Uuid;

/// A follow-up with what decides who may do what with it.
#[derive(Clone, Debug)]
pub struct FollowUp {
    pub row: FollowUpRow,
    /// What the meeting is called.
    pub meeting: String,
    /// Who acts today for its owner.
    acting: Option<Uuid>,
}

impl FollowUp {
    pub fn new((row, meeting): (FollowUpRow, String), directory: &Directory, today: NaiveDate) -> Self {
        Self {
            acting: directory.acting(row.owner_id, today).map(|owner| owner.id),
            row,
            meeting,
        }
    }

    pub async fn seen(tx: &mut Tx<'_>, id: Uuid, directory: &Directory) -> Result<Self> {
        let today = tx.today();
        let sight = Sight::of(&tx.origin.caller, directory, today);
        queries::get(tx.conn, id, &sight, directory, today).await
    }

    fn is_of(&self, caller: &Caller) -> bool {
        self.acting.is_some_and(|owner| caller.is_of(owner))
    }
}

impl Governed for FollowUp {
    fn within(&self, caller: &Caller, reach: Reach) -> bool {
        reach == Reach::Own && self.is_of(caller)
    }
}

impl Flow for FollowUp {
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
        if self.is_of(caller) {
            vec![Actor::Owner]
        } else {
            Vec::new()
        }
    }
}
