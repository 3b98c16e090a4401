//! The one assembly of the service, for `main` and for the tests.

use crate::auth::keyring::Keys;
use crate::auth::password::PasswordHasher;
use crate::auth::password_policy::PasswordPolicy;
use crate::auth::refresh::RefreshTokens;
use crate::auth::revocation::Revocations;
use crate::auth::secret::{Key, Secret};
use crate::auth::token::{Claims, Issuer, TokenError, VerifiedCache, Verifier};
use crate::clock::Clock;
use crate::config::{Http, Security, Serve};
use crate::db::joined::Joined;
use crate::db::transaction::Tx;
use crate::db::{Db, Reads};
use crate::directory::{self, Cache, Directory};
use crate::events::jobs::Jobs;
use crate::events::mail::Mailer;
use crate::files::Files;
use crate::health::Health;
use crate::http::contract::Contract;
use crate::http::limits::Limits;
use crate::http::metrics::Metrics;
use crate::http::observe::observe;
use crate::http::page::Cursors;
use crate::http::problem::{Problem, Result};
use crate::policy::gate::{Paths, Verified, gate};
use crate::routes;
use crate::search::documents::Newest;
use crate::workflow::{Timing, timing};
use actix_cors::Cors;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::http::header;
use actix_web::middleware::{Compress, Condition, from_fn};
use actix_web::{App, Error, web};
use chrono::{DateTime, TimeDelta, Utc};
use std::cell::RefCell;
use std::ops::Deref;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

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
    pub fn new() -> Self {
        let committed = include_str!("../openapi/openapi.json");
        let document = (!cfg!(debug_assertions)).then(|| serde_json::from_str(committed));
        let (document, openapi) = match document {
            Some(Ok(document)) => (document, web::Bytes::from_static(committed.as_bytes())),
            _ => {
                let made = routes::document();
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

impl Default for Published {
    fn default() -> Self {
        Self::new()
    }
}

/// What all workers of an instance share.
pub struct Instance {
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
    pub issuer: Issuer,
    pub verifier: Verifier,
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
            issuer: Issuer::new(&http.public_url, AUDIENCE, token_life),
            verifier: Verifier::new(&http.public_url, AUDIENCE),
            refresh_tokens: RefreshTokens::new(secret.derive("refresh tokens")),
            password_policy: PasswordPolicy::new(security.password_profile),
            cursors: Cursors::new(secret.derive("cursors")),
            request_digests: secret.derive("request digests"),
            published,
            directory: Cache::default(),
            timing: timing::Cache::default(),
            newest: Newest::default(),
            mailer: Mailer::new(&settings.mail, &http.public_url)?,
            stopping: AtomicBool::new(false),
            prepared: AtomicBool::new(false),
            keys: Keys::new(secret),
            http,
            security,
            clock,
            db,
            passwords,
            files,
        }))
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
}

impl Deref for Worker {
    type Target = Instance;
    fn deref(&self) -> &Instance {
        &self.instance
    }
}

impl Worker {
    fn new(instance: Arc<Instance>) -> Self {
        Self {
            reads: Rc::new(Reads::new(&instance.db)),
            directory_revision: Joined::default(),
            timing_revision: Joined::default(),
            tokens: RefCell::new(VerifiedCache::new(TOKENS_REMEMBERED)),
            instance,
        }
    }

    pub fn cached_token(&self, token: &str, now: DateTime<Utc>) -> Option<Arc<Verified>> {
        self.tokens.borrow_mut().get(token, now)
    }

    pub fn cache_token(
        &self,
        token: &str,
        verified: Arc<Verified>,
        expires: DateTime<Utc>,
        now: DateTime<Utc>,
    ) {
        self.tokens.borrow_mut().insert(token, verified, expires, now);
    }

    /// The claims of a token, or why it does not hold; a key that is not known yet is looked for once.
    ///
    /// # Errors
    /// `database_unavailable` where the keys cannot be read.
    pub async fn verify_token(
        &self,
        token: &str,
        now: DateTime<Utc>,
    ) -> Result<std::result::Result<Claims, TokenError>> {
        let ring = self.keys.ring(&self.reads, now).await?;
        match self.verifier.verify(&ring, token, now) {
            Err(TokenError::UnknownKey) => {
                let ring = self.keys.fresh_ring(&self.reads, now).await?;
                Ok(self.verifier.verify(&ring, token, now))
            }
            verified => Ok(verified),
        }
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

/// The service of one worker.
pub fn build_app(
    instance: Arc<Instance>,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody>,
        Error = Error,
        InitError = (),
    >,
> {
    let worker = web::Data::new(Worker::new(instance.clone()));
    App::new()
        .app_data(worker)
        .configure(routes::configure)
        .default_service(web::to(async || {
            Err::<actix_web::HttpResponse, _>(Problem::not_found())
        }))
        .wrap(from_fn(gate))
        .wrap(Condition::new(
            !instance.http.cors_origins.is_empty(),
            cors(&instance.http.cors_origins),
        ))
        .wrap(from_fn(observe))
        .wrap(Compress::default())
}

fn cors(origins: &[String]) -> Cors {
    let cors = Cors::default()
        .allow_any_method()
        .allowed_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            header::ACCEPT,
            header::ACCEPT_LANGUAGE,
            header::IF_MATCH,
            header::IF_NONE_MATCH,
            header::IF_RANGE,
            header::RANGE,
            header::HeaderName::from_static("idempotency-key"),
            header::HeaderName::from_static("x-request-id"),
            header::HeaderName::from_static("traceparent"),
        ])
        .expose_headers([
            "Accept-Ranges",
            "Content-Disposition",
            "Content-Range",
            "ETag",
            "Link",
            "Location",
            "Repr-Digest",
            "Retry-After",
            "X-Request-Id",
            "RateLimit",
            "Idempotent-Replayed",
        ])
        .max_age(600);
    origins
        .iter()
        .fold(cors, |cors, origin| cors.allowed_origin(origin))
}
