//! Log-in slowed against guessing: failures are counted for each pair of user name and address, whether such a user
//! exists or not, so that nothing can be learned from a lock.

use crate::config::Security;
use crate::db::schema::login_failures;
use crate::http::catalogue::Code;
use crate::http::problem::{Problem, Result};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::dsl::{max, sum};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Integer, Nullable, Text, Timestamptz};
use diesel_async::{AsyncConnectionCore, AsyncPgConnection, RunQueryDsl};

/// Longest name that is counted; no account has a longer one.
const NAME_CHARS: usize = 64;

/// The pair that failures are counted for.
#[derive(Clone, Debug)]
pub struct Pair {
    /// As typed, folded as user names are.
    pub username: String,
    address: String,
}

impl Pair {
    /// An address that is not known counts as one of its own.
    pub fn new(name_as_typed: &str, address: Option<&str>) -> Self {
        Self {
            username: fold(name_as_typed),
            address: address.unwrap_or_default().to_owned(),
        }
    }
}

/// A user name as it is compared: without regard to case and surrounding blanks.
fn fold(name: &str) -> String {
    name.trim().to_lowercase().chars().take(NAME_CHARS).collect()
}

/// How long the pair, or its address over all names, is still locked; none where it is not.
///
/// # Errors
/// `database_unavailable`.
pub async fn remaining<C>(
    conn: &mut C,
    pair: &Pair,
    settings: &Security,
    now: DateTime<Utc>,
) -> Result<Option<TimeDelta>>
where
    C: AsyncConnectionCore<Backend = Pg>,
{
    let lock = lock_time(settings);
    let of_pair: Option<Option<DateTime<Utc>>> = login_failures::table
        .find((&pair.username, &pair.address))
        .select(login_failures::locked_until)
        .first(conn)
        .await
        .optional()?;
    // Only what is recent counts against an address: a city may stand behind one.
    let (failures, latest): (Option<i64>, Option<DateTime<Utc>>) = login_failures::table
        .filter(login_failures::address.eq(&pair.address))
        .filter(login_failures::last_failed_at.gt(now - lock))
        .select((sum(login_failures::failures), max(login_failures::last_failed_at)))
        .first(conn)
        .await?;
    let address_until = latest
        .filter(|_| failures.unwrap_or(0) >= i64::from(settings.login_failures_of_address))
        .map(|latest| latest + lock);
    let until = of_pair.flatten().max(address_until);
    Ok(until
        .map(|until| until - now)
        .filter(|wait| *wait > TimeDelta::zero()))
}

/// 429 with the time to wait; the same for every name.
pub fn refusal(wait: TimeDelta) -> Problem {
    Problem::new(Code::LoginLocked).retry_after(wait.num_seconds().unsigned_abs() + 1)
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = Nullable<Timestamptz>)]
    locked_until: Option<DateTime<Utc>>,
}

/// Counts one more failure; says whether the pair is locked from now on. A failure after a pause as long as a lock
/// begins a new count.
///
/// # Errors
/// `database_unavailable`.
pub async fn count(
    conn: &mut AsyncPgConnection,
    pair: &Pair,
    settings: &Security,
    now: DateTime<Utc>,
) -> Result<bool> {
    const COUNT: &str = "\
        INSERT INTO login_failures AS known (username, address, failures, last_failed_at, locked_until) \
        VALUES ($1, $2, 1, $3, CASE WHEN $5 <= 1 THEN $4 END) \
        ON CONFLICT (username, address) DO UPDATE SET \
            failures = CASE WHEN known.last_failed_at <= $6 THEN 1 ELSE known.failures + 1 END, \
            last_failed_at = $3, \
            locked_until = CASE \
                WHEN known.last_failed_at > $6 AND known.failures + 1 >= $5 OR $5 <= 1 THEN $4 END \
        RETURNING locked_until";
    let lock = lock_time(settings);
    let counted: Counted = diesel::sql_query(COUNT)
        .bind::<Text, _>(&pair.username)
        .bind::<Text, _>(&pair.address)
        .bind::<Timestamptz, _>(now)
        .bind::<Timestamptz, _>(now + lock)
        .bind::<Integer, _>(i32::try_from(settings.login_failures).unwrap_or(i32::MAX))
        .bind::<Timestamptz, _>(now - lock)
        .get_result(conn)
        .await?;
    Ok(counted.locked_until.is_some())
}

/// A success forgets the pair's failures.
///
/// # Errors
/// `database_unavailable`.
pub async fn forget(conn: &mut AsyncPgConnection, pair: &Pair) -> Result<()> {
    diesel::delete(login_failures::table.find((&pair.username, &pair.address)))
        .execute(conn)
        .await?;
    Ok(())
}

/// Forgets the failures of a user name from every address.
///
/// # Errors
/// `database_unavailable`.
pub async fn unlock(conn: &mut AsyncPgConnection, username: &str) -> Result<()> {
    diesel::delete(login_failures::table.filter(login_failures::username.eq(username)))
        .execute(conn)
        .await?;
    Ok(())
}

fn lock_time(settings: &Security) -> TimeDelta {
    TimeDelta::minutes(settings.login_lock_minutes.into())
}
