//! Since when the installation runs.

use super::Tx;
use crate::clock::shanghai_day;
use crate::db::schema::installation;
use crate::problem::Result;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

/// The day on which the service was started first, never after today; today for a database without that record.
///
/// # Errors
/// `database_unavailable`.
pub async fn installed_on(tx: &mut Tx<'_>) -> Result<NaiveDate> {
    let today = tx.today();
    let made_at: Option<DateTime<Utc>> = installation::table
        .select(installation::made_at)
        .first(tx.conn)
        .await
        .optional()?;
    Ok(made_at.map_or(today, shanghai_day).min(today))
}
