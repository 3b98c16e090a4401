//! The service as `main` assembles it, on a port of its own.

use super::client::User;
use super::database::TestDatabase;
use super::proxy::Proxy;
use actix_web::HttpServer;
use actix_web::dev::ServerHandle;
use chrono::{DateTime, Utc};
use clap::Parser;
use diesel::prelude::*;
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use liaison::app::build_app;
use liaison::auth::keyring;
use liaison::auth::password::{PasswordCost, PasswordHasher};
use liaison::auth::secret::{Secret, random_bytes};
use liaison::auth::token::Subject;
use liaison::clock::Clock;
use liaison::config::{Serve, Storage};
use liaison::db::schema::{organizations, sessions, users};
use liaison::db::{Db, Reads};
use liaison::files::Files;
use liaison::files::sweep::{self, Swept};
use liaison::resources::JOBS;
use liaison::runner;
use liaison::seeding;
use liaison::state::{Instance, Published};
use liaison::work::Origin;
use liaison::workflow::corrections;
use std::net::TcpListener;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};
use tempfile::TempDir;
use tokio::task::JoinHandle;
use uuid::Uuid;

pub const PASSWORD: &str = liaison::config::DEMO_PASSWORD;
const SECRET: &str = "the secret of the tests, which guards nothing";

pub struct TestApp {
    pub instance: Arc<Instance>,
    pub clock: Clock,
    pub base: String,
    pub database: Arc<TestDatabase>,
    settings: Settings,
    frozen: AtomicBool,
    /// The data folder: attached files.
    pub data: Arc<TempDir>,
    handle: ServerHandle,
    housekeeping: JoinHandle<()>,
    client: reqwest::Client,
}

#[derive(Clone, Parser)]
struct Settings {
    #[command(flatten)]
    serve: Serve,
    #[command(flatten)]
    storage: Storage,
}

fn hasher() -> PasswordHasher {
    // Cheap: what a hash costs is measured elsewhere.
    let cost = PasswordCost {
        memory_kib: 64,
        iterations: 1,
        lanes: 1,
    };
    PasswordHasher::new(cost, 2, 1000).expect("a hasher")
}

pub fn secret() -> Secret {
    Secret::from_setting(SECRET).expect("a secret")
}

/// What the template holds.
pub async fn seed(db: &Db, clock: &Clock) {
    let origin = Origin::command_line(clock.now());
    keyring::ensure(db, &secret(), clock.now()).await.expect("a key");
    seeding::load_notice(db, &origin).await.expect("the notice");
    seeding::load_working_days(db, &origin)
        .await
        .expect("the working days");
    seeding::demo_accounts(db, &origin, &hasher(), PASSWORD)
        .await
        .expect("the demo accounts");
}

impl TestApp {
    pub async fn new() -> Self {
        Self::with(&[]).await
    }

    /// With its clock at an instant.
    pub async fn at(instant: &str) -> Self {
        let app = Self::new().await;
        app.clock.set(super::at(instant));
        app
    }

    /// With settings as on the command line: `&["--rate-limit", "5"]`.
    pub async fn with(settings: &[&str]) -> Self {
        let database = Arc::new(TestDatabase::new().await);
        let data = Arc::new(TempDir::new().expect("a folder"));
        Self::on(database, data, settings, Clock::fixed(now())).await
    }

    /// A second instance on the same database, with the same clock.
    pub async fn another_instance(&self) -> Self {
        Self::on(self.database.clone(), self.data.clone(), &[], self.clock.clone()).await
    }

    /// The same on a machine with a clock of its own.
    pub async fn another_instance_by(&self, clock: Clock) -> Self {
        Self::on(self.database.clone(), self.data.clone(), &[], clock).await
    }

    /// With a clock that goes on, and settings.
    pub async fn by(clock: Clock, settings: &[&str]) -> Self {
        let database = Arc::new(TestDatabase::new().await);
        let data = Arc::new(TempDir::new().expect("a folder"));
        Self::on(database, data, settings, clock).await
    }

    /// Reaches its database through a proxy.
    pub async fn through(proxy: &Proxy) -> Self {
        let database = Arc::new(TestDatabase::new().await);
        let data = Arc::new(TempDir::new().expect("a folder"));
        let url = proxy.url(&database);
        Self::on(database, data, &["--database-url", &url], Clock::fixed(now())).await
    }

    async fn on(database: Arc<TestDatabase>, data: Arc<TempDir>, settings: &[&str], clock: Clock) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let defaults = [
            "test",
            "--rate-limit",
            "0",
            "--rate-limit-of-address",
            "0",
            "--database-pool",
            "4",
        ];
        // The last of a repeated flag holds.
        let mut command = <Settings as clap::CommandFactory>::command().args_override_self(true);
        let matches = command
            .try_get_matches_from_mut(defaults.iter().chain(settings))
            .expect("settings");
        let settings = <Settings as clap::FromArgMatches>::from_arg_matches(&matches).expect("settings");
        let url = settings.storage.database_url.clone();
        let url = url.unwrap_or_else(|| database.url());
        let instance = instance(&url, data.path(), &settings, &clock);
        instance.set_prepared();
        let shared = instance.clone();
        let server = HttpServer::new(move || build_app(shared.clone()))
            .workers(1)
            .disable_signals()
            .listen(listener)
            .expect("a server")
            .run();
        let handle = server.handle();
        tokio::spawn(server);
        let housekeeper = instance.clone();
        let housekeeping = tokio::spawn(async move { liaison::housekeeping::run(&housekeeper).await });
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            // Nothing here is encrypted, and reading the system's roots takes its time.
            .tls_certs_only([])
            .build()
            .expect("a client");
        Self {
            instance,
            clock,
            base,
            database,
            settings,
            frozen: AtomicBool::new(false),
            data,
            handle,
            housekeeping,
            client,
        }
    }

    /// A copy of the service with all its data, for whoever changes it in many ways: the first call ends the service itself,
    /// with the runner's work done, so that it is not done anew for each copy.
    pub async fn copy(&self) -> Self {
        if !self.frozen.swap(true, Ordering::Relaxed) {
            self.run_jobs().await;
            self.database.freeze().await;
        }
        let database = Arc::new(TestDatabase::copy_of(&self.database).await);
        Self::on(database, self.data.clone(), &[], self.clock.clone()).await
    }

    /// Does what the runner of `serve` would do, until nothing is left.
    pub async fn run_jobs(&self) -> usize {
        runner::run_until_idle(&self.instance, JOBS)
            .await
            .expect("the runner's jobs")
    }

    /// Throws away files that nothing names, as `serve` does now and then.
    pub async fn sweep(&self) -> liaison::problem::Result<Swept> {
        let instance = &self.instance;
        sweep::sweep(&instance.db, &instance.files, instance.clock.now()).await
    }

    /// Moves deadlines after corrections of the calendar, as the runner does.
    pub async fn move_deadlines(&self) -> liaison::problem::Result<usize> {
        let instance = &self.instance;
        corrections::carry_on(&instance.db, &instance.clock, &instance.timing, |_| ()).await
    }

    /// A switch that has been on since before anything in a test, in an installation that was made a hundred days ago.
    pub async fn long_since_on(&self, switch: &str) {
        let since = (self.clock.now() - chrono::TimeDelta::days(100)).to_rfc3339();
        let sql = format!(
            "INSERT INTO installation (demo, made_at) VALUES (false, '{since}') ON CONFLICT DO NOTHING;
             INSERT INTO switches (key, id, enabled, version, updated_at)
                 VALUES ('{switch}', gen_random_uuid(), true, 1, '{since}')"
        );
        self.database
            .connect()
            .await
            .batch_execute(&sql)
            .await
            .expect("a switch");
    }

    pub fn anonymous(&self) -> User {
        User::new(&self.base, self.client.clone(), None)
    }

    pub fn with_token(&self, token: &str) -> User {
        User::new(&self.base, self.client.clone(), Some(token.to_owned()))
    }

    pub async fn coordinator(&self) -> User {
        self.user("coordinator").await
    }

    pub async fn government_office(&self) -> User {
        self.user("government-office").await
    }

    pub async fn department(&self, code: &str) -> User {
        self.user(&format!("department-{code}")).await
    }

    pub async fn party(&self, code: &str) -> User {
        self.user(&format!("party-{code}")).await
    }

    pub async fn admin(&self) -> User {
        self.user("admin").await
    }

    pub async fn security_admin(&self) -> User {
        self.user("security-admin").await
    }

    pub async fn auditor(&self) -> User {
        self.user("auditor").await
    }

    /// One user of each role, by the role's name.
    pub async fn one_of_each_role(&self) -> Vec<(&'static str, User)> {
        vec![
            ("coordinator", self.coordinator().await),
            ("government_office", self.government_office().await),
            ("department", self.department("education").await),
            ("party", self.party("minmeng").await),
            ("admin", self.admin().await),
            ("security_admin", self.security_admin().await),
            ("auditor", self.auditor().await),
        ]
    }

    /// An account that is logged in, without the cost of a password.
    pub async fn user(&self, username: &str) -> User {
        let token = self.token(username).await;
        User::new(&self.base, self.client.clone(), Some(token))
    }

    pub async fn token(&self, username: &str) -> String {
        let now = self.clock.now();
        let mut conn = self.instance.db.get().await.expect("a connection");
        let (id, role, epoch, org): (Uuid, Option<String>, i64, Option<Uuid>) = users::table
            .filter(users::username.eq(username))
            .select((users::id, users::role, users::token_epoch, users::organization_id))
            .first(&mut conn)
            .await
            .unwrap_or_else(|error| panic!("user {username}: {error}"));
        let code: Option<(String, String)> = organizations::table
            .filter(organizations::id.nullable().eq(org))
            .select((organizations::code, organizations::kind))
            .first(&mut conn)
            .await
            .optional()
            .expect("organizations");
        let session = Uuid::now_v7();
        diesel::insert_into(sessions::table)
            .values((
                sessions::id.eq(session),
                sessions::user_id.eq(id),
                sessions::current_hash.eq(random_bytes::<32>().to_vec()),
                sessions::rotated_at.eq(now),
                sessions::expires_at.eq(now + chrono::TimeDelta::hours(12)),
                sessions::created_at.eq(now),
            ))
            .execute(&mut conn)
            .await
            .expect("a session");
        let subject = Subject {
            sub: id,
            username: username.to_owned(),
            sid: Some(session),
            role,
            org: code.as_ref().map(|(code, _)| code.clone()),
            org_id: org,
            org_kind: code.map(|(_, kind)| kind),
            scope: None,
            epoch,
            pwd_change: false,
        };
        let reads = Reads::new(&self.instance.db);
        let ring = self.instance.keys.ring(&reads, now).await.expect("keys");
        let identity = self.instance.identity().expect("an identity");
        identity.issuer.issue(&ring, subject, now).expect("a token")
    }

    /// How many audit records and events there are: what a refused call must not change.
    pub async fn counts(&self) -> (i64, i64) {
        use liaison::db::schema::{audit_log, events};
        let mut conn = self.database.connect().await;
        let done = audit_log::table
            .filter(audit_log::outcome.eq("done"))
            .count()
            .get_result(&mut conn)
            .await;
        (
            done.expect("audit_log"),
            events::table.count().get_result(&mut conn).await.expect("events"),
        )
    }
}

impl Drop for TestApp {
    /// A test that leaves work behind which the runner cannot do has failed, whatever it has asserted.
    fn drop(&mut self) {
        // Polled by nobody: the request to stop is sent when it is made.
        drop(self.handle.stop(false));
        // It would ask for a database that is gone.
        self.housekeeping.abort();
        let shared = Arc::strong_count(&self.database) > 1;
        if std::thread::panicking() || shared || AtomicBool::load(&self.frozen, Ordering::Relaxed) {
            return;
        }
        let (url, data) = (self.database.url(), self.data.clone());
        let (settings, clock) = (self.settings.clone(), self.clock.clone());
        // An instance and a runtime of its own: those of the test are on their way out.
        let left = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime");
            runtime.block_on(async {
                let instance = instance(&url, data.path(), &settings, &clock);
                runner::run_until_idle(&instance, JOBS)
                    .await
                    .map_err(|problem| problem.to_string())
            })
        });
        if let Err(problem) = left.join().expect("the runner does not panic") {
            panic!("the test leaves work that the runner cannot do: {problem}");
        }
    }
}

/// One on any database, with a clock that goes on, and without a server.
pub fn instance_on(url: &str, data: &Path) -> Arc<Instance> {
    let settings = Settings::parse_from(["test"]);
    instance(url, data, &settings, &Clock::system())
}

fn instance(url: &str, data: &Path, settings: &Settings, clock: &Clock) -> Arc<Instance> {
    let storage = Storage {
        data_dir: data.to_owned(),
        ..settings.storage.clone()
    };
    let db = Db::new(url, &storage).expect("a database");
    let files = Files::new(settings.serve.files.clone(), &storage).expect("a place for files");
    // Made once for all instances of a test: it is as dear as all the rest.
    static PUBLISHED: LazyLock<Published> = LazyLock::new(|| Published::new(liaison::routes::document));
    let published = PUBLISHED.clone();
    let instance = Instance::new(
        &settings.serve,
        clock.clone(),
        db,
        &secret(),
        hasher(),
        files,
        published,
    )
    .expect("an instance");
    let address = settings.serve.http.public_url.as_deref();
    let address = address.unwrap_or("http://127.0.0.1:8080");
    instance.set_identity(address, address);
    instance
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test begins now, and then sets its own clock"
)]
fn now() -> DateTime<Utc> {
    Utc::now()
}
