//! Log-in slowed against guessing: attempts are counted for each pair of user name and address, whether such a user
//! exists or not, so that nothing can be learned from a lock.
//!
//! An attempt is counted as a failure before its password is looked at, and taken back when that was right: however many
//! come at once, and on however many instances, no more are judged than the limit allows.

use crate::config::Security;
use crate::db::schema::login_failures;
use crate::problem::{Code, Problem, Result};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::dsl::{case_when, max, sum};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Integer, Text, Timestamptz};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::hash::{BuildHasher, RandomState};
use tokio::sync::{Mutex, MutexGuard};

/// Any number, the same in every instance: who counts an attempt of an address holds the lock of both.
const ADDRESSES: i64 = 0x6c69_6169_736f_6e04;

/// Longest name that is counted; no account has a longer one.
const NAME_CHARS: usize = 64;

/// Places for pairs that wait for each other. Two that share one wait as well: a hundred times as many as are ever busy.
const PLACES: usize = 1_024;

/// The pair that failures are counted for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Pair {
    /// As typed, folded as user names are.
    pub username: String,
    pub address: String,
}

/// Attempts of one pair are judged one after the other on an instance: the right password of somebody who logs in many
/// times at once is not refused for the attempts that are still being judged.
pub struct Turns {
    places: Vec<Mutex<()>>,
    hasher: RandomState,
}

/// The turn of one attempt, until it is dropped.
pub struct Turn<'t> {
    /// Nobody was before it: failures until now are no part of the same rush.
    pub alone: bool,
    _place: MutexGuard<'t, ()>,
}

impl Default for Turns {
    fn default() -> Self {
        Self {
            places: std::iter::repeat_with(Mutex::default).take(PLACES).collect(),
            hasher: RandomState::new(),
        }
    }
}

impl Turns {
    pub async fn take(&self, pair: &Pair) -> Turn<'_> {
        let place = &self.places[self.hasher.hash_one(pair) as usize % PLACES];
        match place.try_lock() {
            Ok(free) => Turn {
                alone: true,
                _place: free,
            },
            Err(_) => Turn {
                alone: false,
                _place: place.lock().await,
            },
        }
    }
}

/// What becomes of an attempt.
pub enum Verdict {
    /// It is counted, and may be judged.
    Counted(Counted),
    Locked(Lock),
}

/// An attempt that is counted.
#[derive(Clone, Copy, Debug, QueryableByName)]
pub struct Counted {
    /// Failures of the pair, this one included.
    #[diesel(sql_type = Integer)]
    pub failures: i32,
    /// It is the last one: unless its password is right, the pair is locked from now on.
    #[diesel(sql_type = Bool)]
    pub locks: bool,
}

/// Why nothing is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lock {
    pub wait: TimeDelta,
    /// Over all names, not for the pair alone.
    pub of_address: bool,
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

/// Counts an attempt, unless the pair or its address over all names is locked. In a transaction: who is counted for an
/// address at the same time waits.
///
/// # Errors
/// `database_unavailable`.
pub async fn count(
    conn: &mut AsyncPgConnection,
    pair: &Pair,
    settings: &Security,
    now: DateTime<Utc>,
) -> Result<Verdict> {
    diesel::select(pg_advisory_xact_lock(hashtextextended(&pair.address, ADDRESSES)))
        .execute(conn)
        .await?;
    match lock_of(conn, pair, settings, now).await? {
        Some(lock) => Ok(Verdict::Locked(lock)),
        None => Ok(Verdict::Counted(add(conn, pair, settings, now).await?)),
    }
}

#[diesel::declare_sql_function]
extern "SQL" {
    fn pg_advisory_xact_lock(id: BigInt) -> Text;
    fn hashtextextended(text: Text, seed: BigInt) -> BigInt;
}

async fn lock_of(
    conn: &mut AsyncPgConnection,
    pair: &Pair,
    settings: &Security,
    now: DateTime<Utc>,
) -> Result<Option<Lock>> {
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
    Ok(until.filter(|until| *until > now).map(|until| Lock {
        wait: until - now,
        of_address: address_until == Some(until),
    }))
}

/// 429 with the time to wait; the same for every name.
pub fn refusal(wait: TimeDelta) -> Problem {
    Problem::new(Code::LoginLocked).retry_after(wait.num_seconds().unsigned_abs() + 1)
}

/// One more. A failure after a pause as long as a lock begins a new count.
async fn add(
    conn: &mut AsyncPgConnection,
    pair: &Pair,
    settings: &Security,
    now: DateTime<Utc>,
) -> Result<Counted> {
    const COUNT: &str = "\
        INSERT INTO login_failures AS known (username, address, failures, last_failed_at, locked_until) \
        VALUES ($1, $2, 1, $3, CASE WHEN $5 <= 1 THEN $4 END) \
        ON CONFLICT (username, address) DO UPDATE SET \
            failures = CASE WHEN known.last_failed_at <= $6 THEN 1 ELSE known.failures + 1 END, \
            last_failed_at = $3, \
            locked_until = CASE \
                WHEN known.last_failed_at > $6 AND known.failures + 1 >= $5 OR $5 <= 1 THEN $4 END \
        RETURNING failures, locked_until IS NOT NULL AS locks";
    let lock = lock_time(settings);
    Ok(diesel::sql_query(COUNT)
        .bind::<Text, _>(&pair.username)
        .bind::<Text, _>(&pair.address)
        .bind::<Timestamptz, _>(now)
        .bind::<Timestamptz, _>(now + lock)
        .bind::<Integer, _>(i32::try_from(settings.login_failures).unwrap_or(i32::MAX))
        .bind::<Timestamptz, _>(now - lock)
        .get_result(conn)
        .await?)
}

/// Takes so many attempts back, the last of them included, and with them the lock.
///
/// # Errors
/// `database_unavailable`.
pub async fn take_back(conn: &mut AsyncPgConnection, pair: &Pair, attempts: i32) -> Result<()> {
    // What was counted meanwhile, on another instance, stays.
    let failures = case_when(
        login_failures::failures.gt(attempts),
        login_failures::failures - attempts,
    )
    .otherwise(0);
    diesel::update(login_failures::table.find((&pair.username, &pair.address)))
        .set((
            login_failures::failures.eq(failures),
            login_failures::locked_until.eq(None::<DateTime<Utc>>),
        ))
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
