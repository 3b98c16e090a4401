//! Rights that were withdrawn while tokens that carry them still live.
//!
//! A token names the epoch of its account and its session. The instance that withdraws knows at once; the others ask
//! the database a few times a second for what was withdrawn within the life of a token. Where that asking has failed
//! for a while, each request asks for itself, so that a database in trouble never lets a withdrawn right pass.

use crate::auth::verified::Verified;
use crate::db::schema::{sessions, users};
use crate::db::{Db, Reads};
use crate::problem::{Problem, Result};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use std::collections::{HashMap, HashSet};
use std::sync::RwLock;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// How often an instance asks.
pub const PERIOD: Duration = Duration::from_millis(300);

/// Past this age what it knows is no longer trusted.
const TRUSTED: Duration = Duration::from_millis(900);

pub struct Revocations {
    token_life: TimeDelta,
    state: RwLock<State>,
}

#[derive(Default)]
struct State {
    epochs: HashMap<Uuid, i64>,
    sessions: HashSet<Uuid>,
    asked_at: Option<Instant>,
}

impl Revocations {
    pub fn new(token_life: TimeDelta) -> Self {
        Self {
            token_life: token_life + TimeDelta::minutes(1),
            state: RwLock::default(),
        }
    }

    /// Whether the rights that the token carries were withdrawn.
    ///
    /// # Errors
    /// `database_unavailable` where that cannot be known.
    pub async fn is_revoked(&self, reads: &Reads, token: &Verified) -> Result<bool> {
        {
            let state = self
                .state
                .read()
                .map_err(|_| Problem::internal("the revocations' lock is poisoned"))?;
            let withdrawn = state
                .epochs
                .get(&token.user_id)
                .is_some_and(|epoch| token.epoch < *epoch)
                || state.sessions.contains(&token.session_id);
            if withdrawn || state.asked_at.is_some_and(|at| at.elapsed() < TRUSTED) {
                return Ok(withdrawn);
            }
        }
        let found: Option<(i64, Option<DateTime<Utc>>)> = reads
            .brief(async |mut connection| {
                Ok(sessions::table
                    .inner_join(users::table.on(users::id.eq(sessions::user_id)))
                    .filter(sessions::id.eq(token.session_id))
                    .select((users::token_epoch, sessions::revoked_at))
                    .first(&mut connection)
                    .await
                    .optional()?)
            })
            .await?;
        Ok(found.is_none_or(|(epoch, revoked_at)| token.epoch < epoch || revoked_at.is_some()))
    }

    /// At once on this instance: tokens of earlier epochs are out.
    pub fn withdraw_account(&self, user: Uuid, epoch: i64) {
        if let Ok(mut state) = self.state.write() {
            let known = state.epochs.entry(user).or_insert(epoch);
            *known = epoch.max(*known);
        }
    }

    /// At once on this instance: tokens of the session are out.
    pub fn end_session(&self, session: Uuid) {
        if let Ok(mut state) = self.state.write() {
            state.sessions.insert(session);
        }
    }

    /// Asks what was withdrawn anywhere within the life of a token.
    pub async fn refresh(&self, db: &Db, now: DateTime<Utc>) -> Result<()> {
        let asked_at = Instant::now();
        let since = now - self.token_life;
        let connection = db.get().await?;
        let (mut first, mut second) = (&*connection, &*connection);
        let (epochs, ended) = futures_util::try_join!(
            users::table
                .filter(users::token_epoch_raised_at.gt(since))
                .select((users::id, users::token_epoch))
                .load::<(Uuid, i64)>(&mut first),
            sessions::table
                .filter(sessions::revoked_at.gt(since))
                .select(sessions::id)
                .load::<Uuid>(&mut second),
        )?;
        let mut state = self
            .state
            .write()
            .map_err(|_| Problem::internal("the revocations' lock is poisoned"))?;
        // What this instance withdrew while the question was under way may be missing from the answer: nothing is
        // taken out here but what no living token can carry any more.
        if epochs.len() + ended.len() + 1000 < state.epochs.len() + state.sessions.len() {
            *state = State::default();
        }
        for (user, epoch) in epochs {
            let known = state.epochs.entry(user).or_insert(epoch);
            *known = epoch.max(*known);
        }
        state.sessions.extend(ended);
        state.asked_at = Some(asked_at);
        Ok(())
    }
}
