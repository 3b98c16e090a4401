//! Throws away the bytes that nothing names: what a crash left behind, and what was removed long enough ago. Any number of
//! instances may do it at once.

use super::Files;
use crate::clock::Clock;
use crate::db::Db;
use crate::db::schema::attachments;
use crate::problem::{Problem, Result};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use futures_util::{StreamExt, TryStreamExt};
use std::collections::HashSet;
use std::pin::pin;
use std::time::Duration;
use uuid::Uuid;

const PERIOD: Duration = Duration::from_secs(3_600);

/// Minutes that an object without a row is left alone: longer than any upload may take, which ends with its row.
const ORPHAN_MINUTES: i64 = 60;

/// Objects that are looked up at once.
const BATCH: usize = 500;

/// What a sweep found.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Swept {
    pub spooled: u64,
    pub orphans: u64,
    pub removed: u64,
}

pub async fn run(db: &Db, files: &Files, clock: &Clock) {
    let mut ticks = tokio::time::interval(PERIOD);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        match sweep(db, files, clock.now()).await {
            Ok(swept) if swept == Swept::default() => {}
            Ok(swept) => tracing::info!(?swept, "files that nothing names were thrown away"),
            Err(problem) => tracing::warn!(%problem, "files could not be swept"),
        }
    }
}

/// # Errors
/// 503 where the database or the store cannot be reached; what was swept by then stays swept.
pub async fn sweep(db: &Db, files: &Files, now: DateTime<Utc>) -> Result<Swept> {
    let before = now - TimeDelta::minutes(ORPHAN_MINUTES);
    // Of another's store every file would be one that nothing names.
    files.prove(db).await?;
    Ok(Swept {
        spooled: files.spool.sweep(before).await.map_err(Problem::internal)?,
        removed: purge_removed(db, files, now).await?,
        orphans: sweep_orphans(db, files, before).await?,
    })
}

/// The bytes of attachments that were removed longer ago than they are kept.
async fn purge_removed(db: &Db, files: &Files, now: DateTime<Utc>) -> Result<u64> {
    let before = now - TimeDelta::days(files.settings.attachment_retention_days.into());
    let mut connection = db.get().await?;
    let due: Vec<(Uuid, Uuid)> = attachments::table
        .filter(attachments::removed_at.lt(before))
        .filter(attachments::purged_at.is_null())
        .select((attachments::id, attachments::object_key))
        .load(&mut connection)
        .await?;
    for (id, key) in &due {
        // The bytes first: a row that says they are gone is true.
        files.store.delete(*key).await?;
        diesel::update(attachments::table.find(id))
            .set(attachments::purged_at.eq(now))
            .execute(&mut connection)
            .await?;
    }
    Ok(due.len() as u64)
}

async fn sweep_orphans(db: &Db, files: &Files, before: DateTime<Utc>) -> Result<u64> {
    let old = files.store.list()?;
    let old = old.try_filter(|listed| std::future::ready(listed.modified_at < before));
    let mut batches = pin!(old.map_ok(|listed| listed.key).try_ready_chunks(BATCH));
    let mut swept = 0;
    while let Some(keys) = batches.next().await {
        let keys = keys.map_err(|failed| failed.1)?;
        let mut connection = db.get().await?;
        let named: Vec<Uuid> = attachments::table
            .filter(attachments::object_key.eq_any(&keys))
            .select(attachments::object_key)
            .load(&mut connection)
            .await?;
        drop(connection);
        let named: HashSet<Uuid> = named.into_iter().collect();
        for key in keys.into_iter().filter(|key| !named.contains(key)) {
            files.store.delete(key).await?;
            swept += 1;
        }
    }
    Ok(swept)
}
