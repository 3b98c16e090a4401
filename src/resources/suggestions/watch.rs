//! What time does: a reply that nobody evaluates within its deadline lapses (未评价), and with it the suggestion may be done.

use super::model::{Evaluation, SuggestionState};
use super::queries;
use super::steps::{changed, conclude_if_complete};
use super::writes::{Advance, Line, advance, write_line};
use crate::db::schema::{suggestions, todos};
use crate::directory;
use crate::problem::Result;
use crate::state::Instance;
use crate::work::{Origin, Tx};
use crate::workflow::corrections;
use crate::workflow::step::Context;
use crate::workflow::todos::TodoKind;
use chrono::NaiveDate;
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

/// Lets lapse whatever is due, each in a transaction of its own; answers how many did.
///
/// # Errors
/// `database_unavailable`.
pub async fn pass(instance: &Instance) -> Result<usize> {
    let origin = Origin::runner(instance.clock.now());
    let mut done = 0;
    loop {
        let passed = instance
            .db
            .transaction(&origin, async |tx| {
                tx.changes_nothing();
                match claim(tx).await? {
                    None => Ok(false),
                    Some(id) => lapse(instance, tx, id).await.map(|()| true),
                }
            })
            .await?;
        if !passed {
            return Ok(done);
        }
        done += 1;
    }
}

/// One whose feedback deadline has passed, held against all other instances.
async fn claim(tx: &mut Tx<'_>) -> Result<Option<Uuid>> {
    let overdue = overdue(tx.today()).select(todos::subject_id);
    Ok(suggestions::table
        .filter(suggestions::evaluation.eq(Evaluation::Awaited))
        .filter(suggestions::state.eq(SuggestionState::Replied))
        .filter(suggestions::id.eq_any(overdue))
        .select(suggestions::id)
        .limit(1)
        .for_update()
        .skip_locked()
        .first(tx.conn)
        .await
        .optional()?)
}

#[diesel::dsl::auto_type(no_type_alias)]
fn overdue(today: NaiveDate) -> _ {
    let kind: &'static str = TodoKind::EvaluateSuggestionReply.into();
    todos::table
        .filter(todos::kind.eq(kind))
        .filter(todos::closed_at.is_null())
        .filter(todos::due_on.lt(today))
}

async fn lapse(instance: &Instance, tx: &mut Tx<'_>, id: Uuid) -> Result<()> {
    // A correction of the calendar may give it more time.
    corrections::settle(tx, id).await?;
    let passed = overdue(tx.today()).filter(todos::subject_id.eq(id));
    if !diesel::select(exists(passed)).get_result(tx.conn).await? {
        return Ok(());
    }
    let (directory, timing) = (
        directory::load(tx.conn).await?,
        instance.timing.read(tx.conn).await?,
    );
    let context = Context {
        directory: &directory,
        timing: &timing,
    };
    pass_one(tx, context, id).await
}

/// The same on context that is known, for demo content.
pub async fn pass_one(tx: &mut Tx<'_>, context: Context<'_>, id: Uuid) -> Result<()> {
    let directory = context.directory;
    let before = queries::get(tx.conn, id, directory, tx.today()).await?;
    let changes = Advance {
        evaluation: Some(Evaluation::Lapsed),
        ..Advance::default()
    };
    advance(tx, id, changes).await?;
    let line = Line {
        step: "lapse",
        round: before.suggestion.head.round,
        state: before.suggestion.state,
        by_nobody: true,
        ..Line::default()
    };
    write_line(tx, id, line).await?;
    let after = queries::get(tx.conn, id, directory, tx.today()).await?;
    let change = changed("suggestion.evaluation_lapsed", directory, Some(&before), &after)?;
    tx.record_of_time("lapse_evaluation", change).await?;
    if let Some((_, change)) = conclude_if_complete(tx, context, &after).await? {
        tx.record_of_time("conclude_suggestion", change).await?;
    }
    Ok(())
}
