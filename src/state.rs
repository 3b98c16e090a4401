//! The one assembly of the service, for `main` and for the tests.

use crate::auth::keyring::Keys;
use crate::auth::keys::KeyRing;
use crate::auth::lockout::Turns;
use crate::auth::password::PasswordHasher;
use crate::auth::password_policy::PasswordPolicy;
use crate::auth::refresh::RefreshTokens;
use crate::auth::revocation::Revocations;
use crate::auth::secret::{Key, Secret};
use crate::auth::token::{Issuer, TokenError, VerifiedCache, Verifier};
use crate::auth::verified::Verified;
use crate::clock::Clock;
use crate::config::{Http, Security, Serve};
use crate::db::joined::Joined;
use crate::db::{Db, Reads};
use crate::directory::{self, Cache, Directory};
use crate::events::jobs::Jobs;
use crate::events::mail::Mailer;
use crate::events::tally::{self, Tally};
use crate::files::Files;
use crate::health::{Health, Report};
use crate::http::clients::Clients;
use crate::http::contract::Contract;
use crate::http::cursors::Cursors;
use crate::http::metrics::Metrics;
use crate::http::paths::Paths;
use crate::http::rate_limits::Limits;
use crate::problem::{Code, Problem, Result};
use crate::search::documents::Newest;
use crate::work::Tx;
use crate::workflow::{Timing, timing};
use actix_web::web;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use std::cell::{RefCell, RefMut};
use std::ops::Deref;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, Weak};

/// For whom our access tokens are.
const AUDIENCE: &str = "liaison";

/// Verified tokens that a worker remembers.
const TOKENS_REMEMBERED: usize = 4_096;

/// The OpenAPI document, as it is served and as requests are held against it.
#[derive(Clone)]
pub struct Published {
    pub contract: Arc<Contract>,
    pub openapi: web::Bytes,
}

impl Published {
    /// What is built for use serves the document that is committed, which the gate holds against the code: to make it costs
    /// two fifths of a start and eight megabytes that stay. Who is at work on the code is served what the code says.
    pub fn new(document: impl FnOnce() -> Value) -> Self {
        let committed = include_str!("../openapi/openapi.json");
        let known = (!cfg!(debug_assertions)).then(|| serde_json::from_str(committed));
        let (document, openapi) = match known {
            Some(Ok(document)) => (document, web::Bytes::from_static(committed.as_bytes())),
            _ => {
                let made = document();
                let text = made.to_string();
                (made, text.into())
            }
        };
        Self {
            contract: Arc::new(Contract::new(&document)),
            openapi,
        }
    }
}

/// Who the installation is, known once its database has told.
pub struct Identity {
    pub issuer: Issuer,
    verifier: Verifier,
    /// Where clients reach the service, without a slash at its end: what links begin with.
    pub address: String,
}

/// What all workers of an instance share.
pub struct Instance {
    /// Whether it shows demo content, also to front ends that are being built on the machine itself.
    pub demo: bool,
    pub http: Http,
    pub security: Security,
    pub clock: Clock,
    pub db: Db,
    pub paths: Paths,
    pub limits: Limits,
    pub metrics: Metrics,
    pub health: Health,
    pub jobs: Jobs,
    pub revocations: Revocations,
    pub keys: Keys,
    identity: OnceLock<Identity>,
    token_life: TimeDelta,
    /// Attempts at passwords, one after the other for each pair.
    pub turns: Turns,
    /// Refusals that are counted and not yet on record.
    pub refusals: Tally,
    /// Reads of personal data that are not on record yet.
    pub reads_noted: tally::Reads,
    /// From where the service is called.
    pub clients: Clients,
    pub refresh_tokens: RefreshTokens,
    pub passwords: PasswordHasher,
    pub files: Files,
    pub password_policy: PasswordPolicy,
    pub cursors: Cursors,
    /// Makes the digests that kept answers are found by: a body may hold a password, which a plain hash would betray.
    pub request_digests: Key,
    pub published: Published,
    directory: Cache,
    /// Calendar and terms.
    pub timing: timing::Cache,
    /// Where a search begins.
    pub newest: Newest,
    /// None where no mail server is set.
    pub mailer: Option<Mailer>,
    /// Set when the instance is on its way out: not ready first, then drained.
    stopping: AtomicBool,
    /// Whether the database has its migrations and its first data.
    prepared: AtomicBool,
}

impl Instance {
    /// # Errors
    /// A text for the person who starts the program.
    pub fn new(
        settings: &Serve,
        clock: Clock,
        db: Db,
        secret: &Secret,
        passwords: PasswordHasher,
        files: Files,
        published: Published,
    ) -> std::result::Result<Arc<Self>, String> {
        let (http, security) = (settings.http.clone(), settings.security.clone());
        let token_life = TimeDelta::seconds(security.access_token_seconds.into());
        Ok(Arc::new(Self {
            paths: Paths::new().map_err(|error| error.to_string())?,
            limits: Limits::new(&security),
            metrics: Metrics::default(),
            health: Health::new(clock.now()),
            jobs: Jobs::default(),
            revocations: Revocations::new(token_life),
            identity: OnceLock::new(),
            token_life,
            turns: Turns::default(),
            refusals: Tally::default(),
            reads_noted: tally::Reads::default(),
            clients: Clients::new(&http.trusted_proxies),
            refresh_tokens: RefreshTokens::new(secret.derive("refresh tokens")),
            password_policy: PasswordPolicy::new(security.password_profile),
            cursors: Cursors::new(secret.derive("cursors")),
            request_digests: secret.derive("request digests"),
            published,
            directory: Cache::default(),
            timing: timing::Cache::default(),
            newest: Newest::default(),
            mailer: Mailer::new(&settings.mail)?,
            stopping: AtomicBool::new(false),
            prepared: AtomicBool::new(false),
            keys: Keys::new(secret),
            demo: settings.demo,
            http,
            security,
            clock,
            db,
            passwords,
            files,
        }))
    }

    /// Says under what name tokens are issued, and what links begin with; once.
    pub fn set_identity(&self, issuer: &str, address: &str) {
        self.identity.get_or_init(|| Identity {
            issuer: Issuer::new(issuer, AUDIENCE, self.token_life),
            verifier: Verifier::new(issuer, AUDIENCE),
            address: address.trim_end_matches('/').to_owned(),
        });
    }

    /// # Errors
    /// 503 until the database was reached for the first time.
    pub fn identity(&self) -> Result<&Identity> {
        let not_yet = || Problem::new(Code::DatabaseUnavailable).retry_after(2);
        self.identity.get().ok_or_else(not_yet)
    }

    /// Whether the database can be read and written now; the metrics tell it, too.
    pub async fn look(&self) -> Report {
        let report = self.health.look(&self.db, &self.clock, &self.files).await;
        self.metrics.set_health(&report);
        report
    }

    /// From now on not ready; requests under way go on.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    /// The database has its migrations and its first data.
    pub fn set_prepared(&self) {
        self.prepared.store(true, Ordering::Relaxed);
    }

    pub fn is_prepared(&self) -> bool {
        self.prepared.load(Ordering::Relaxed)
    }

    pub fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }
}

/// What one worker holds: the instance, and what is not shared between threads.
pub struct Worker {
    instance: Arc<Instance>,
    pub reads: Rc<Reads>,
    directory_revision: Joined<i64>,
    timing_revision: Joined<i64>,
    tokens: RefCell<VerifiedCache<Verified>>,
    /// The keys that the remembered tokens were verified with.
    verified_with: RefCell<Weak<KeyRing>>,
}

impl Deref for Worker {
    type Target = Instance;
    fn deref(&self) -> &Instance {
        &self.instance
    }
}

impl Worker {
    pub fn new(instance: Arc<Instance>) -> Self {
        Self {
            reads: Rc::new(Reads::new(&instance.db)),
            directory_revision: Joined::default(),
            timing_revision: Joined::default(),
            tokens: RefCell::new(VerifiedCache::new(TOKENS_REMEMBERED)),
            verified_with: RefCell::new(Weak::new()),
            instance,
        }
    }

    /// What a token says, or why it does not hold. Remembered for as long as the keys are the same; a key that is not known
    /// yet is looked for once.
    ///
    /// # Errors
    /// `database_unavailable` where the keys cannot be read.
    pub async fn verified(
        &self,
        token: &str,
        now: DateTime<Utc>,
    ) -> Result<std::result::Result<Arc<Verified>, String>> {
        let ring = self.keys.ring(&self.reads, now).await?;
        if let Some(known) = self.remembered(&ring).get(token, now) {
            return Ok(Ok(known));
        }
        let verifier = &self.identity()?.verifier;
        let (claims, ring) = match verifier.verify(&ring, token, now) {
            Err(TokenError::UnknownKey) => {
                let fresh = self.keys.fresh_ring(&self.reads, now).await?;
                (verifier.verify(&fresh, token, now), fresh)
            }
            verified => (verified, ring),
        };
        let claims = match claims {
            Ok(claims) => claims,
            Err(reason) => return Ok(Err(reason.to_string())),
        };
        let expires_at = claims.expires_at();
        let verified = match Verified::try_from(claims.subject) {
            Ok(verified) => Arc::new(verified),
            Err(reason) => return Ok(Err(reason.to_owned())),
        };
        self.remembered(&ring)
            .insert(token, verified.clone(), expires_at, now);
        Ok(Ok(verified))
    }

    /// The tokens that were verified with these very keys.
    fn remembered(&self, ring: &Arc<KeyRing>) -> RefMut<'_, VerifiedCache<Verified>> {
        let mut tokens = self.tokens.borrow_mut();
        if !Weak::ptr_eq(&self.verified_with.borrow(), &Arc::downgrade(ring)) {
            tokens.clear();
            self.verified_with.replace(Arc::downgrade(ring));
        }
        tokens
    }

    /// The directory as it is now.
    ///
    /// # Errors
    /// `database_unavailable`.
    pub async fn directory(&self) -> Result<Arc<Directory>> {
        let revision = self.directory_revision.ask(|| {
            let reads = self.reads.clone();
            async move { reads.brief(directory::revision).await }
        });
        self.instance.directory.get(revision.await?, &self.db).await
    }

    /// The directory as a transaction relies on it: nobody changes it meanwhile.
    ///
    /// # Errors
    /// `database_unavailable`.
    pub async fn directory_in(&self, tx: &mut Tx<'_>) -> Result<Arc<Directory>> {
        self.instance.directory.in_transaction(tx.conn).await
    }

    /// Calendar and terms as they are now.
    ///
    /// # Errors
    /// `database_unavailable`.
    pub async fn timing(&self) -> Result<Arc<Timing>> {
        let revision = self.timing_revision.ask(|| {
            let reads = self.reads.clone();
            async move { reads.brief(timing::revision).await }
        });
        self.instance.timing.get(revision.await?, &self.db).await
    }
}
