//! Calendar, terms and switches in memory: small, read by every deadline, checked against `timing_revision` at each use.

use super::calendar::{Calendar, SpecialDay, Term};
use super::switches::SwitchKey;
use super::terms::TermKey;
use crate::clock::shanghai_day;
use crate::db::Db;
use crate::db::schema::{special_days, switches, terms, timing_revision, working_day_years};
use crate::problem::{Problem, Result};
use crate::work::Tx;
use crate::workflow::calendar::Unit;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::HashMap;
use std::sync::{Arc, RwLock};

/// Calendar, terms and switches, as of one revision.
#[derive(Debug)]
pub struct Timing {
    pub revision: i64,
    pub calendar: Calendar,
    /// Those that differ from their defaults.
    set: HashMap<TermKey, Term>,
    /// Those that have been set, and on which day.
    switched: HashMap<SwitchKey, (bool, NaiveDate)>,
}

impl Timing {
    pub fn term(&self, key: TermKey) -> Term {
        self.set.get(&key).copied().unwrap_or_else(|| key.default_term())
    }

    /// Since when a switch is on; none while it is off, the first day of all where that is its default.
    pub fn on_since(&self, key: SwitchKey) -> Option<NaiveDate> {
        match self.switched.get(&key) {
            Some((enabled, day)) => enabled.then_some(*day),
            None => key.default_enabled().then_some(NaiveDate::MIN),
        }
    }
}

/// As a transaction or connection sees it.
///
/// # Errors
/// `database_unavailable`.
pub async fn load(conn: &AsyncPgConnection) -> Result<Timing> {
    let (mut c1, mut c2, mut c3, mut c4, mut c5) = (conn, conn, conn, conn, conn);
    let (revision, years, days, set, switched) = futures_util::try_join!(
        timing_revision::table
            .select(timing_revision::revision)
            .first::<i64>(&mut c1),
        working_day_years::table
            .select(working_day_years::year)
            .load::<i32>(&mut c2),
        special_days::table
            .select((special_days::day, special_days::working, special_days::name))
            .load::<(NaiveDate, bool, String)>(&mut c3),
        terms::table
            .select((terms::key, terms::amount, terms::unit))
            .load::<(TermKey, i32, Unit)>(&mut c4),
        switches::table
            .select((switches::key, switches::enabled, switches::updated_at))
            .load::<(SwitchKey, bool, DateTime<Utc>)>(&mut c5),
    )?;
    let special = days
        .into_iter()
        .map(|(day, working, name)| (day, SpecialDay { working, name }));
    let set = set
        .into_iter()
        .map(|(key, amount, unit)| (key, Term { amount, unit }))
        .collect();
    let switched = switched
        .into_iter()
        .map(|(key, enabled, at)| (key, (enabled, shanghai_day(at))))
        .collect();
    Ok(Timing {
        revision,
        calendar: Calendar::new(years.into_iter().collect(), special.collect()),
        set,
        switched,
    })
}

/// For a transaction that changes calendar or terms: whoever would start a deadline by what is on its way out has to wait.
///
/// # Errors
/// `database_unavailable`.
pub async fn lock(tx: &mut Tx<'_>) -> Result<()> {
    timing_revision::table
        .select(timing_revision::revision)
        .for_update()
        .first::<i64>(tx.conn)
        .await?;
    Ok(())
}

/// One instance's copy.
#[derive(Default)]
pub struct Cache(RwLock<Option<Arc<Timing>>>);

impl Cache {
    /// Calendar and terms of a revision that was read just now, or of a later one.
    ///
    /// # Errors
    /// `database_unavailable`.
    pub async fn get(&self, revision: i64, db: &Db) -> Result<Arc<Timing>> {
        if let Some(timing) = self.of_revision(revision)? {
            return Ok(timing);
        }
        let mut own = db.get().await?;
        let fresh = own
            .build_transaction()
            .repeatable_read()
            .read_only()
            .run(async |conn| load(conn).await)
            .await?;
        self.keep(fresh)
    }

    /// For a transaction that starts a deadline: a simultaneous edit of calendar or terms waits until it has ended, and then
    /// moves what it has started.
    ///
    /// # Errors
    /// `database_unavailable`.
    pub async fn in_transaction(&self, tx: &mut Tx<'_>) -> Result<Arc<Timing>> {
        let revision: i64 = timing_revision::table
            .select(timing_revision::revision)
            .for_share()
            .first(tx.conn)
            .await?;
        match self.of_revision(revision)? {
            Some(timing) => Ok(timing),
            // Not kept: the transaction may see changes of its own that are not committed yet.
            None => Ok(Arc::new(load(tx.conn).await?)),
        }
    }

    /// For who only looks: nobody is held off.
    ///
    /// # Errors
    /// `database_unavailable`.
    pub async fn read(&self, conn: &AsyncPgConnection) -> Result<Arc<Timing>> {
        match self.of_revision(revision(conn).await?)? {
            Some(timing) => Ok(timing),
            None => Ok(Arc::new(load(conn).await?)),
        }
    }

    fn of_revision(&self, revision: i64) -> Result<Option<Arc<Timing>>> {
        let cached = self.0.read().map_err(|_| poisoned())?.clone();
        Ok(cached.filter(|timing| timing.revision == revision))
    }

    fn keep(&self, timing: Timing) -> Result<Arc<Timing>> {
        let timing = Arc::new(timing);
        *self.0.write().map_err(|_| poisoned())? = Some(timing.clone());
        Ok(timing)
    }
}

/// How often they have been changed.
///
/// # Errors
/// `database_unavailable`.
pub async fn revision(mut conn: &AsyncPgConnection) -> Result<i64> {
    Ok(timing_revision::table
        .select(timing_revision::revision)
        .first(&mut conn)
        .await?)
}

fn poisoned() -> Problem {
    Problem::internal("the lock of calendar and terms is poisoned")
}
