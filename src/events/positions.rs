//! The dense position of each change, stamped after its commit: ids and sequences are given before a commit and come out of
//! order, so a reader that asks for what lies behind one of them would miss what commits later.

use crate::db::Db;
use crate::db::schema::{event_head, events};
use crate::http::problem::{Problem, Result};
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel_async::{AsyncConnection, RunQueryDsl};

/// Rows a turn; more wait for the next.
const BATCH: i64 = 1_000;

/// Stamps what has been committed and has no position yet; answers how many. Of instances that try at once one does it.
///
/// # Errors
/// `database_unavailable`.
pub async fn stamp(db: &Db) -> Result<usize> {
    let mut connection = db.get().await?;
    // Without a lock, which would write to the log of an idle database twice a second.
    let waiting = events::table.filter(events::position.is_null());
    if !diesel::select(exists(waiting))
        .get_result::<bool>(&mut connection)
        .await?
    {
        return Ok(0);
    }
    connection
        .transaction(async |conn| {
            let head: Option<i64> = event_head::table
                .select(event_head::position)
                .for_update()
                .skip_locked()
                .first(conn)
                .await
                .optional()?;
            // Another instance is at it.
            let Some(head) = head else { return Ok(0) };
            let stamped = diesel::sql_query(
                "UPDATE events SET position = $1 + waiting.place
                 FROM (SELECT id, row_number() OVER (ORDER BY seq) AS place
                       FROM (SELECT id, seq FROM events WHERE position IS NULL ORDER BY seq LIMIT $2) AS batch) AS waiting
                 WHERE events.id = waiting.id",
            )
            .bind::<BigInt, _>(head)
            .bind::<BigInt, _>(BATCH)
            .execute(conn)
            .await?;
            if stamped > 0 {
                let count = i64::try_from(stamped).map_err(Problem::internal)?;
                diesel::update(event_head::table)
                    .set(event_head::position.eq(head + count))
                    .execute(conn)
                    .await?;
            }
            Ok(stamped)
        })
        .await
}
