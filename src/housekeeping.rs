//! What an instance does beside requests: it learns what rights and keys were withdrawn elsewhere, and throws away what has
//! outlived its use. Any number of instances may do the same at once.

use crate::auth::revocation;
use crate::db::schema::{idempotency_keys, login_failures, sessions};
use crate::events::tally;
use crate::health;
use crate::http::idempotency::KEPT_HOURS;
use crate::problem::Result;
use crate::state::Instance;
use chrono::TimeDelta;
use diesel::prelude::*;
use diesel::sql_query;
use diesel_async::RunQueryDsl;
use std::time::{Duration, Instant};

const JOB: &str = "withdrawn rights";

const SWEEP_PERIOD: Duration = Duration::from_secs(600);

/// Days that an ended session stays for whoever looks into an incident.
const SESSIONS_KEPT_DAYS: i64 = 30;

pub async fn run(instance: &Instance) {
    let mut ticks = tokio::time::interval(revocation::PERIOD);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut swept_at: Option<Instant> = None;
    let mut failing = false;
    loop {
        ticks.tick().await;
        instance.jobs.begins(JOB);
        let result = look_elsewhere(instance).await;
        if result.is_ok() {
            instance.jobs.is_done(JOB);
        }
        // Said once, not three times a second.
        if let (false, Err(problem)) = (failing, &result) {
            tracing::warn!(%problem, "withdrawn rights and keys cannot be looked up; each request asks for itself");
        }
        failing = result.is_err();
        if !failing && swept_at.is_none_or(|at| at.elapsed() > SWEEP_PERIOD) {
            swept_at = Some(Instant::now());
            if let Err(problem) = sweep(instance).await {
                tracing::warn!(%problem, "could not sweep");
            }
        }
    }
}

/// What other instances and the command line have withdrawn, and what is to be put on record of refusals.
async fn look_elsewhere(instance: &Instance) -> Result<()> {
    let now = instance.clock.now();
    instance.revocations.refresh(&instance.db, now).await?;
    instance.keys.look(&mut instance.db.get().await?, now).await?;
    let counted = (&instance.reads_noted, &instance.refusals);
    tally::write_down(&instance.db, counted, now, false).await
}

async fn sweep(instance: &Instance) -> Result<()> {
    instance.limits.forget_idle();
    let now = instance.clock.now();
    let mut connection = instance.db.get().await?;
    let kept_since = now - TimeDelta::hours(KEPT_HOURS);
    diesel::delete(idempotency_keys::table.filter(idempotency_keys::created_at.lt(kept_since)))
        .execute(&mut connection)
        .await?;
    diesel::delete(
        sessions::table.filter(sessions::expires_at.lt(now - TimeDelta::days(SESSIONS_KEPT_DAYS))),
    )
    .execute(&mut connection)
    .await?;
    diesel::delete(login_failures::table.filter(login_failures::last_failed_at.lt(now - TimeDelta::days(1))))
        .execute(&mut connection)
        .await?;
    // Instances that are gone, long after anybody would ask for them.
    sql_query("DELETE FROM instances WHERE beat_at < clock_timestamp() - interval '1 day'")
        .execute(&mut connection)
        .await?;
    Ok(())
}

/// Looks at the database until it is dropped, so that the log and the metrics tell what nobody has asked for.
pub async fn watch(instance: &Instance) {
    let mut ticks = tokio::time::interval(health::PERIOD);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        instance.look().await;
    }
}
