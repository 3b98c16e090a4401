//! The signing keys of the installation, as one instance holds them.
//!
//! Every instance looks a few times a second whether another, or the command line, has made or ended a key. Where it could
//! not look for a while, each request looks for itself, so that an ended key never passes for long.

use super::keys::{Algorithm, KeyRing, PublicJwk, SigningKey, VerificationKey};
use super::secret::{Key, Secret};
use crate::db::schema::signing_keys;
use crate::db::{Db, Reads};
use crate::problem::{Problem, Result};
use crate::work::Change;
use crate::work::{Origin, Tx};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel_async::{AsyncConnectionCore, AsyncPgConnection, RunQueryDsl};
use serde_json::json;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};
use uuid::Uuid;

/// How long a retired key goes on verifying: as long as any token can live that it signed (settings allow a day).
const VERIFIES_AFTER_RETIREMENT: TimeDelta = TimeDelta::hours(25);

/// A token under an unknown key makes the ring look for new keys, but not more often than this.
const RELOAD_PAUSE: Duration = Duration::from_millis(200);

/// Past this age what an instance knows is looked up again before it is used.
const TRUSTED: Duration = Duration::from_millis(900);

pub struct Keys {
    sealing: Key,
    state: RwLock<Option<State>>,
}

struct State {
    ring: Arc<KeyRing>,
    /// What the ring was made of: identifiers, and whether they sign.
    known: Vec<(String, bool)>,
    looked_at: Instant,
}

#[derive(Queryable)]
struct Row {
    kid: String,
    algorithm: String,
    public_key: Vec<u8>,
    sealed_private_key: Vec<u8>,
    retired_at: Option<DateTime<Utc>>,
}

impl Keys {
    /// Nothing is read yet: an instance starts without a database.
    pub fn new(secret: &Secret) -> Self {
        Self {
            sealing: secret.derive("signing keys"),
            state: RwLock::new(None),
        }
    }

    /// The keys as they are now, or were less than a second ago. The same ring is given for as long as they are the same.
    ///
    /// # Errors
    /// `database_unavailable`; 500 where the keys were sealed with another secret.
    pub async fn ring(&self, reads: &Reads, now: DateTime<Utc>) -> Result<Arc<KeyRing>> {
        self.no_older_than(TRUSTED, reads, now).await
    }

    /// The same, after a look for keys that another instance or the command line has made.
    ///
    /// # Errors
    /// As [`Keys::ring`].
    pub async fn fresh_ring(&self, reads: &Reads, now: DateTime<Utc>) -> Result<Arc<KeyRing>> {
        self.no_older_than(RELOAD_PAUSE, reads, now).await
    }

    async fn no_older_than(&self, age: Duration, reads: &Reads, now: DateTime<Utc>) -> Result<Arc<KeyRing>> {
        if let Some(state) = &*self.state.read().unwrap_or_else(PoisonError::into_inner)
            && state.looked_at.elapsed() < age
        {
            return Ok(state.ring.clone());
        }
        self.look(&mut &*reads.get().await?, now).await
    }

    /// Looks whether keys were made or ended.
    ///
    /// # Errors
    /// As [`Keys::ring`].
    pub async fn look<C>(&self, connection: &mut C, now: DateTime<Utc>) -> Result<Arc<KeyRing>>
    where
        C: AsyncConnectionCore<Backend = Pg>,
    {
        let looked_at = Instant::now();
        let rows = rows(connection, now).await?;
        let known: Vec<_> = rows
            .iter()
            .map(|row| (row.kid.clone(), row.retired_at.is_none()))
            .collect();
        if let Some(state) = &mut *self.state.write().unwrap_or_else(PoisonError::into_inner)
            && state.known == known
        {
            state.looked_at = looked_at;
            return Ok(state.ring.clone());
        }
        let ring = Arc::new(open(rows, &self.sealing)?);
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        *state = Some(State {
            ring: ring.clone(),
            known,
            looked_at,
        });
        Ok(ring)
    }
}

/// Makes the first key of a fresh database; proves that those of another open with the secret, so that nobody learns at a log-in
/// that they do not.
///
/// # Errors
/// `database_unavailable`; 500 where the keys were sealed with another secret.
pub async fn ensure(db: &Db, secret: &Secret, now: DateTime<Utc>) -> Result<()> {
    let made = async |tx: &mut Tx<'_>| {
        tx.changes_nothing();
        lock(tx.conn).await?;
        if rows(tx.conn, now)
            .await?
            .iter()
            .all(|row| row.retired_at.is_some())
        {
            create(tx, &secret.derive("signing keys")).await?;
        }
        Ok(())
    };
    db.transaction(&Origin::command_line(now), made).await?;
    prove(db, secret, now).await
}

/// Whether the keys that there are open with the secret.
///
/// # Errors
/// `database_unavailable`; 500 where they do not.
pub async fn prove(db: &Db, secret: &Secret, now: DateTime<Utc>) -> Result<()> {
    let mut connection = db.get().await?;
    let known = rows(&mut connection, now).await?;
    if known.is_empty() {
        return Ok(());
    }
    open(known, &secret.derive("signing keys")).map(drop)
}

/// Makes a new key sign; the one before it goes on verifying. Gives the new `kid`.
///
/// # Errors
/// `database_unavailable`; 500 where the keys were sealed with another secret.
pub async fn rotate(db: &Db, secret: &Secret, now: DateTime<Utc>) -> Result<String> {
    let sealing = secret.derive("signing keys");
    let rotated = async |tx: &mut Tx<'_>| {
        lock(tx.conn).await?;
        // A key of another secret would lock out every instance that has the right one.
        let rows = rows(tx.conn, now).await?;
        if !rows.is_empty() {
            open(rows, &sealing)?;
        }
        create(tx, &sealing).await
    };
    db.transaction(&Origin::command_line(now), rotated).await
}

/// Ends a key at once: whatever it has signed is refused. Where it was the one that signs, another does from now on, whose
/// `kid` is given.
///
/// # Errors
/// 404 where there is no such key.
pub async fn revoke(db: &Db, secret: &Secret, kid: &str, now: DateTime<Utc>) -> Result<Option<String>> {
    let revoked = async |tx: &mut Tx<'_>| {
        lock(tx.conn).await?;
        let signs: bool = signing_keys::table
            .find(kid)
            .select(signing_keys::retired_at.is_null())
            .first(tx.conn)
            .await?;
        let next = match signs {
            true => Some(create(tx, &secret.derive("signing keys")).await?),
            false => None,
        };
        let ended = diesel::update(signing_keys::table.find(kid))
            .filter(signing_keys::revoked_at.is_null())
            .set(signing_keys::revoked_at.eq(now))
            .execute(tx.conn)
            .await?;
        match ended {
            0 => tx.changes_nothing(),
            _ => record(tx, "revoke_signing_key", kid).await?,
        }
        Ok(next)
    };
    db.transaction(&Origin::command_line(now), revoked).await
}

/// What is known of a key, for people.
#[derive(Debug, Queryable)]
pub struct Listed {
    pub kid: String,
    pub created_at: DateTime<Utc>,
    pub retired_at: Option<DateTime<Utc>>,
    pub revoked_at: Option<DateTime<Utc>>,
}

/// All keys there have been, the newest first.
///
/// # Errors
/// `database_unavailable`.
pub async fn list(db: &Db) -> Result<Vec<Listed>> {
    let listed = signing_keys::table
        .order(signing_keys::created_at.desc())
        .select((
            signing_keys::kid,
            signing_keys::created_at,
            signing_keys::retired_at,
            signing_keys::revoked_at,
        ))
        .load(&mut db.get().await?)
        .await;
    Ok(listed?)
}

/// The keys that verify.
async fn rows<C>(connection: &mut C, now: DateTime<Utc>) -> Result<Vec<Row>>
where
    C: AsyncConnectionCore<Backend = Pg>,
{
    let since = now - VERIFIES_AFTER_RETIREMENT;
    Ok(signing_keys::table
        .filter(signing_keys::revoked_at.is_null())
        .filter(
            signing_keys::retired_at
                .is_null()
                .or(signing_keys::retired_at.gt(since)),
        )
        .order(signing_keys::created_at.desc())
        .select((
            signing_keys::kid,
            signing_keys::algorithm,
            signing_keys::public_key,
            signing_keys::sealed_private_key,
            signing_keys::retired_at,
        ))
        .load(connection)
        .await?)
}

/// Who makes or ends keys at the same time waits.
async fn lock(connection: &mut AsyncPgConnection) -> Result<()> {
    diesel::sql_query("LOCK TABLE signing_keys IN EXCLUSIVE MODE")
        .execute(connection)
        .await?;
    Ok(())
}

async fn create(tx: &mut Tx<'_>, sealing: &Key) -> Result<String> {
    let now = tx.now();
    let key = SigningKey::generate(Algorithm::EdDSA).map_err(Problem::internal)?;
    let public = serde_json::to_vec(key.public().jwk()).map_err(Problem::internal)?;
    diesel::update(signing_keys::table.filter(signing_keys::retired_at.is_null()))
        .set(signing_keys::retired_at.eq(now))
        .execute(tx.conn)
        .await?;
    diesel::insert_into(signing_keys::table)
        .values((
            signing_keys::kid.eq(key.kid()),
            signing_keys::algorithm.eq(key.algorithm().name()),
            signing_keys::public_key.eq(public),
            signing_keys::sealed_private_key.eq(key.sealed(sealing)),
            signing_keys::created_at.eq(now),
        ))
        .execute(tx.conn)
        .await?;
    record(tx, "create_signing_key", key.kid()).await?;
    Ok(key.kid().to_owned())
}

async fn record(tx: &mut Tx<'_>, what: &'static str, kid: &str) -> Result<()> {
    let change = Change {
        after: Some(json!({ "kid": kid })),
        ..Change::unannounced("signing_key", Uuid::nil())
    };
    tx.record_of_time(what, change).await
}

fn sealed_otherwise(kid: &str, error: &dyn std::error::Error) -> String {
    format!(
        "the signing key {kid} in the database does not open with this installation's secret ({error}): set LIAISON_SECRET, or the \
         file `secret` in the data folder, to the secret that the database was set up with; docs/operations.md says what to do \
         where it is lost"
    )
}

fn open(rows: Vec<Row>, sealing: &Key) -> Result<KeyRing> {
    let mut active = None;
    let mut older = Vec::new();
    for row in rows {
        if row.retired_at.is_none() {
            let algorithm = if row.algorithm == Algorithm::ES256.name() {
                Algorithm::ES256
            } else {
                Algorithm::EdDSA
            };
            let opened = SigningKey::open(algorithm, &row.kid, &row.sealed_private_key, sealing);
            active = Some(opened.map_err(|error| Problem::internal(sealed_otherwise(&row.kid, &error)))?);
        } else {
            let jwk: PublicJwk = serde_json::from_slice(&row.public_key).map_err(Problem::internal)?;
            older.push(VerificationKey::from_jwk(jwk).map_err(Problem::internal)?);
        }
    }
    active
        .map(|active| KeyRing::new(active, older))
        .ok_or_else(|| Problem::internal("no signing key"))
}
