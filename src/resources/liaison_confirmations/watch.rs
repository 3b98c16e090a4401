//! What the end of a quarter asks of departments.

use super::model::{ConfirmationState, Quarter};
use super::queries;
use crate::app::Instance;
use crate::clock::shanghai_day;
use crate::db::transaction::{Origin, Tx};
use crate::directory::model::Organization;
use crate::directory::{self, Directory};
use crate::http::problem::Result;
use crate::workflow::subjects::{Subject, SubjectType};
use crate::workflow::todos::{self, NewTodo, TodoKind, Until};
use crate::workflow::{TermKey, Timing};

/// Opens what is owed for the quarter that ended last; what is there stays as it is.
///
/// # Errors
/// `database_unavailable`.
pub async fn open_quarter(instance: &Instance) -> Result<usize> {
    let now = instance.clock.now();
    let origin = Origin::command_line(now);
    let quarter = Quarter::of(shanghai_day(now)).previous();
    instance
        .db
        .transaction(&origin, async |tx| {
            tx.changes_nothing();
            let directory = directory::load(tx.conn).await?;
            let timing = instance.timing.in_transaction(tx).await?;
            open_all(tx, &directory, &timing, quarter).await
        })
        .await
}

/// The same for a quarter that is named; answers how many departments owe it anew.
pub async fn open_all(
    tx: &mut Tx<'_>,
    directory: &Directory,
    timing: &Timing,
    quarter: Quarter,
) -> Result<usize> {
    let mut opened = 0;
    for department in directory.linked_departments(quarter.last_day()?) {
        opened += usize::from(open(tx, timing, department, quarter).await?);
    }
    Ok(opened)
}

async fn open(tx: &mut Tx<'_>, timing: &Timing, department: &Organization, quarter: Quarter) -> Result<bool> {
    let last_day = quarter.last_day()?;
    let appointment = queries::appointment_in(tx, department.id, quarter).await?;
    // Whoever has nobody on record owes a report, not a confirmation.
    let Some((appointment, changed)) = appointment else {
        return Ok(false);
    };
    let due_on = timing
        .calendar
        .due(last_day, timing.term(TermKey::LeaderConfirmation))
        .on;
    let Some(id) = queries::open(tx, department.id, quarter, due_on).await? else {
        return Ok(false);
    };
    if changed {
        queries::settle(tx, id, ConfirmationState::Changed, appointment).await?;
        return Ok(true);
    }
    let title = format!(
        "{}{}联络负责人确认",
        department.name_on(last_day).name,
        quarter.chinese()
    );
    let subject = Subject::new(SubjectType::LiaisonConfirmation, id, title);
    let todo = NewTodo {
        organization: department.id,
        kind: TodoKind::ConfirmLiaisonLeader,
        subject: &subject,
        until: Until::TermFrom(last_day),
    };
    todos::open(tx, timing, &[todo]).await?;
    Ok(true)
}
