//! What could be done only until an instant, such as answering an invitation: from then on it waits for nobody.

use crate::app::Instance;
use crate::db::schema::todos;
use crate::db::transaction::Origin;
use crate::http::problem::Result;
use crate::workflow::todos::close_ended;
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

/// Closes what has ended; answers how many to-dos. Lists leave out what has ended also before that.
///
/// # Errors
/// `database_unavailable`.
pub async fn close_due(instance: &Instance) -> Result<usize> {
    let now = instance.clock.now();
    let ended = todos::table
        .filter(todos::closed_at.is_null())
        .filter(todos::ends_at.le(now));
    // Looked up without a lock: most turns find nothing, and leave no trace in the database.
    let any: bool = diesel::select(exists(ended))
        .get_result(&mut instance.db.get().await?)
        .await?;
    if !any {
        return Ok(0);
    }
    let origin = Origin::command_line(now);
    instance
        .db
        .transaction(&origin, async |tx| {
            tx.changes_nothing();
            close_ended(tx).await
        })
        .await
}
