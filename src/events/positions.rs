//! The dense position of each change, stamped after its commit: ids and sequences are given before a commit and come out of
//! order, so a reader that asks for what lies behind one of them would miss what commits later.

use crate::db::Db;
use crate::db::schema::events;
use crate::problem::{Problem, Result};
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel_async::RunQueryDsl;

/// Rows a turn; more wait for the next.
const BATCH: i64 = 1_000;

#[diesel::declare_sql_function]
extern "SQL" {
    fn stamp_events(at_most: BigInt) -> BigInt;
}

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
    // One call: between statements an instance may freeze, and would hold the head meanwhile.
    let stamped: i64 = diesel::select(stamp_events(BATCH))
        .get_result(&mut connection)
        .await?;
    usize::try_from(stamped).map_err(Problem::internal)
}
