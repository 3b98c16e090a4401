//! What could be done only until an instant, such as answering an invitation: from then on it waits for nobody.

use crate::db::Db;
use crate::db::schema::todos;
use crate::problem::Result;
use crate::work::Origin;
use crate::workflow::todos::close_ended;
use chrono::{DateTime, Utc};
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

/// Closes what has ended; answers how many to-dos. Lists leave out what has ended also before that.
///
/// # Errors
/// `database_unavailable`.
pub async fn close_due(db: &Db, now: DateTime<Utc>) -> Result<usize> {
    let ended = todos::table
        .filter(todos::closed_at.is_null())
        .filter(todos::ends_at.le(now));
    // Looked up without a lock: most turns find nothing, and leave no trace in the database.
    let any: bool = diesel::select(exists(ended))
        .get_result(&mut db.get().await?)
        .await?;
    if !any {
        return Ok(0);
    }
    let origin = Origin::command_line(now);
    db.transaction(&origin, async |tx| {
        tx.changes_nothing();
        close_ended(tx).await
    })
    .await
}
