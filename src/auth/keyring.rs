//! The signing keys of the installation, as one instance holds them.

use super::keys::{Algorithm, KeyRing, PublicJwk, SigningKey, VerificationKey};
use super::secret::{Key, Secret};
use crate::db::schema::signing_keys;
use crate::db::{Db, Reads};
use crate::http::problem::{Problem, Result};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::sync::{Arc, RwLock};

/// How long a retired key goes on verifying: as long as any token can live that it signed (settings allow a day).
const VERIFIES_AFTER_RETIREMENT: TimeDelta = TimeDelta::hours(25);

/// A token under an unknown key makes the ring look for new keys, but not more often than this.
const RELOAD_PAUSE: TimeDelta = TimeDelta::seconds(1);

pub struct Keys {
    sealing: Key,
    state: RwLock<Option<State>>,
}

struct State {
    ring: Arc<KeyRing>,
    loaded_at: DateTime<Utc>,
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

    /// The keys, read when they are first needed.
    ///
    /// # Errors
    /// `database_unavailable`; 500 where the keys were sealed with another secret.
    pub async fn ring(&self, reads: &Reads, now: DateTime<Utc>) -> Result<Arc<KeyRing>> {
        match self.loaded() {
            Some((ring, _)) => Ok(ring),
            None => self.load(reads, now).await,
        }
    }

    /// The same, after a look for keys that another instance or the command line has made; at most once a second.
    pub async fn fresh_ring(&self, reads: &Reads, now: DateTime<Utc>) -> Result<Arc<KeyRing>> {
        match self.loaded() {
            Some((ring, loaded_at)) if (now - loaded_at).abs() < RELOAD_PAUSE => Ok(ring),
            _ => self.load(reads, now).await,
        }
    }

    fn loaded(&self) -> Option<(Arc<KeyRing>, DateTime<Utc>)> {
        let state = self.state.read().ok()?;
        state.as_ref().map(|state| (state.ring.clone(), state.loaded_at))
    }

    async fn load(&self, reads: &Reads, now: DateTime<Utc>) -> Result<Arc<KeyRing>> {
        let connection = reads.get().await?;
        let ring = Arc::new(open(rows(&mut &*connection, now).await?, &self.sealing)?);
        if let Ok(mut state) = self.state.write() {
            *state = Some(State {
                ring: ring.clone(),
                loaded_at: now,
            });
        }
        Ok(ring)
    }
}

/// Makes the first key of a fresh database; proves that those of another open with the secret, so that nobody learns at a log-in
/// that they do not.
///
/// # Errors
/// `database_unavailable`; 500 where the keys were sealed with another secret.
pub async fn ensure(db: &Db, secret: &Secret, now: DateTime<Utc>) -> Result<()> {
    let mut connection = db.get().await?;
    if rows(&mut &*connection, now).await?.is_empty() {
        create(&mut connection, &secret.derive("signing keys"), now).await?;
    }
    drop(connection);
    prove(db, secret, now).await
}

/// Whether the keys that there are open with the secret.
///
/// # Errors
/// `database_unavailable`; 500 where they do not.
pub async fn prove(db: &Db, secret: &Secret, now: DateTime<Utc>) -> Result<()> {
    let connection = db.get().await?;
    let known = rows(&mut &*connection, now).await?;
    if known.is_empty() {
        return Ok(());
    }
    open(known, &secret.derive("signing keys")).map(drop)
}

/// Makes a new key sign; the one before it goes on verifying. Gives the new `kid`.
pub async fn rotate(
    connection: &mut AsyncPgConnection,
    secret: &Secret,
    now: DateTime<Utc>,
) -> Result<String> {
    let sealing = secret.derive("signing keys");
    // A key of another secret would lock out every instance that has the right one.
    let rows = rows(connection, now).await?;
    if !rows.is_empty() {
        open(rows, &sealing)?;
    }
    create(connection, &sealing, now).await
}

async fn rows<C>(connection: &mut C, now: DateTime<Utc>) -> Result<Vec<Row>>
where
    C: diesel_async::AsyncConnectionCore<Backend = diesel::pg::Pg>,
{
    let since = now - VERIFIES_AFTER_RETIREMENT;
    Ok(signing_keys::table
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

async fn create(connection: &mut AsyncPgConnection, sealing: &Key, now: DateTime<Utc>) -> Result<String> {
    let key = SigningKey::generate(Algorithm::EdDSA).map_err(Problem::internal)?;
    let public = serde_json::to_vec(key.public().jwk()).map_err(Problem::internal)?;
    let values = (
        signing_keys::kid.eq(key.kid().to_owned()),
        signing_keys::algorithm.eq(key.algorithm().name()),
        signing_keys::public_key.eq(public),
        signing_keys::sealed_private_key.eq(key.sealed(sealing)),
        signing_keys::created_at.eq(now),
    );
    connection
        .build_transaction()
        .run(async |conn| {
            // Two instances that start on a fresh database make one key: the second finds the first one's.
            diesel::sql_query("LOCK TABLE signing_keys IN EXCLUSIVE MODE")
                .execute(conn)
                .await?;
            diesel::update(signing_keys::table.filter(signing_keys::retired_at.is_null()))
                .set(signing_keys::retired_at.eq(now))
                .execute(conn)
                .await?;
            diesel::insert_into(signing_keys::table)
                .values(values)
                .execute(conn)
                .await
        })
        .await
        .map_err(Problem::from)?;
    Ok(key.kid().to_owned())
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
