//! What the end of a quarter asks of departments, where a setting asks for it.

use super::model::{ConfirmationState, Quarter};
use super::queries;
use crate::directory::model::Organization;
use crate::directory::{self, Directory};
use crate::problem::Result;
use crate::state::Instance;
use crate::work::installation::installed_on;
use crate::work::{Origin, Tx};
use crate::workflow::subjects::{Subject, SubjectType};
use crate::workflow::todos::{self, NewTodo, TodoKind, Until};
use crate::workflow::{SwitchKey, TermKey, Timing};
use chrono::{Datelike, NaiveDate};

/// Opens what is owed for the quarters that have ended; what is there stays as it is.
///
/// # Errors
/// `database_unavailable`.
pub async fn open_quarters(instance: &Instance) -> Result<usize> {
    let origin = Origin::command_line(instance.clock.now());
    instance
        .db
        .transaction(&origin, async |tx| {
            tx.changes_nothing();
            let directory = directory::load(tx.conn).await?;
            let timing = instance.timing.in_transaction(tx).await?;
            keep(tx, &directory, &timing).await
        })
        .await
}

/// Does so in a transaction under way; answers how much has changed. What was due before the installation was made, or before
/// the setting asked for it, is not asked for; what came due since then while nothing ran is opened late. While the setting
/// is off, nothing waits.
///
/// # Errors
/// `database_unavailable`.
pub async fn keep(tx: &mut Tx<'_>, directory: &Directory, timing: &Timing) -> Result<usize> {
    let Some(on_since) = timing.on_since(SwitchKey::QuarterlyConfirmation) else {
        return queries::drop_awaited(tx).await;
    };
    let since = on_since.max(installed_on(tx).await?);
    let running = Quarter::of(tx.today());
    // A term may take a year: what ended a year before may be due only now.
    let mut quarter = Quarter {
        year: since.year() - 1,
        number: 1,
    };
    let mut opened = 0;
    while quarter < running {
        if due_on(timing, quarter.last_day()?) >= since {
            for department in directory.linked_departments(quarter.last_day()?) {
                if directory.acting(department.id, tx.today()).is_some() {
                    opened += usize::from(open(tx, timing, department, quarter).await?);
                }
            }
        }
        quarter = quarter.next();
    }
    Ok(opened)
}

fn due_on(timing: &Timing, start: NaiveDate) -> NaiveDate {
    let term = timing.term(TermKey::LeaderConfirmation);
    timing.calendar.due(start, term).on
}

async fn open(tx: &mut Tx<'_>, timing: &Timing, department: &Organization, quarter: Quarter) -> Result<bool> {
    let last_day = quarter.last_day()?;
    let appointment = queries::appointment_in(tx, department.id, quarter).await?;
    // Whoever has nobody on record owes a report, not a confirmation.
    let Some((appointment, changed)) = appointment else {
        return Ok(false);
    };
    let opened_late = due_on(timing, last_day) < tx.today();
    // Nobody is late because nothing ran.
    let start = if opened_late { tx.today() } else { last_day };
    let due_on = due_on(timing, start);
    let Some(id) = queries::open(tx, department.id, quarter, due_on, opened_late).await? else {
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
        until: Until::TermFrom(start),
    };
    todos::open(tx, timing, &[todo]).await?;
    Ok(true)
}
