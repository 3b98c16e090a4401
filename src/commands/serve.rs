//! `liaison serve`

use super::context::{self, Database};
use super::stopping::{self, Stop, Told};
use crate::app::build_app;
use crate::auth::password::{PasswordCost, PasswordHasher};
use crate::auth::secret::Secret;
use crate::auth::{issuer, keyring};
use crate::clock::Clock;
use crate::config::{Serve, Storage};
use crate::db::connect::Purpose;
use crate::db::migrate::Direction;
use crate::events::mail::Mailer;
use crate::events::tally;
use crate::files::{self, Files};
use crate::housekeeping;
use crate::memory;
use crate::problem::Problem;
use crate::resources::health::routes::metrics_response;
use crate::routes;
use crate::runner;
use crate::seeding;
use crate::state::{Instance, Published};
use actix_web::dev::Server;
use actix_web::{App, HttpServer, web};
use futures_util::FutureExt;
use futures_util::future::FusedFuture;
use std::net::{SocketAddr, TcpListener};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

/// Serves until SIGTERM or Ctrl-C.
///
/// # Errors
/// A text for the person who starts the program.
pub async fn run(serve: Serve, storage: &Storage) -> Result<(), String> {
    refuse_public_demo(&serve)?;
    let mut stop = Stop::listen()?;
    // What can be looked at is looked at before anything is opened or made.
    context::check(storage)?;
    Mailer::new(&serve.mail)?;
    let files = Files::new(serve.files.clone(), storage)?;
    // A port that is taken is said before a database is made.
    let listen = serve.http.listen;
    let listener =
        TcpListener::bind(listen).map_err(|error| format!("cannot listen on {listen}: {error}"))?;
    let secret = context::secret(storage)?;
    let database = tokio::select! {
        opened = Database::open_own(storage) => opened?,
        _ = stop.told() => return Database::abandon(storage).await,
    };
    let instance = Instance::new(
        &serve,
        Clock::system(),
        database.db.clone(),
        &secret,
        password_hasher()?,
        files,
        Published::new(routes::document),
    )?;
    let service = Service {
        instance: &instance,
        database: &database,
        serve: &serve,
        storage,
        secret: &secret,
    };
    let served = service.until_told(listener, &mut stop).await;
    let closed = database.close().await;
    tracing::info!("stopped");
    served.and(closed)
}

/// Everybody knows a demo's password: beyond this machine it is served on purpose alone.
fn refuse_public_demo(serve: &Serve) -> Result<(), String> {
    let listen = serve.http.listen;
    match serve.demo && !listen.ip().to_canonical().is_loopback() && !serve.demo_public {
        true => Err(format!(
            "--demo on {listen}: its accounts have a published password. Listen on 127.0.0.1, or say --demo-public \
             (LIAISON_DEMO_PUBLIC) where others cannot reach it or may"
        )),
        false => Ok(()),
    }
}

struct Service<'a> {
    instance: &'a Arc<Instance>,
    database: &'a Database,
    serve: &'a Serve,
    storage: &'a Storage,
    secret: &'a Secret,
}

impl Service<'_> {
    async fn until_told(&self, listener: TcpListener, stop: &mut Stop) -> Result<(), String> {
        let address = listener.local_addr().map_err(|error| error.to_string())?;
        let door = listener.try_clone().map_err(|error| error.to_string())?;
        let mut server = pin!(start(self.instance, listener, self.serve)?);
        let mut work = pin!(self.work(address).fuse());
        let outcome = tokio::select! {
            result = &mut server => return result.map_err(|error| error.to_string()),
            failed = &mut work => failed.map(|()| Told::Interrupt),
            told = stop.told() => Ok(told),
        };
        let pause = self.pause(outcome.as_ref().ok());
        let closing = async {
            let handle = server.handle();
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                _ = stop.told() => {}
            }
            stopping::close_door(door).await;
            tokio::join!(handle.stop(true), server).1
        };
        self.instance.stop();
        tracing::info!("stopping: no longer ready, requests go on being answered");
        // Whoever is still served is served as before: what keeps accounts and calendars up to date goes on, too.
        let mut closing = pin!(closing);
        let drained = loop {
            tokio::select! {
                drained = &mut closing => break drained,
                _ = &mut work, if !work.is_terminated() => {}
            }
        };
        let instance = self.instance;
        let counted = (&instance.reads_noted, &instance.refusals);
        if let Err(problem) = tally::write_down(&instance.db, counted, instance.clock.now(), true).await {
            tracing::warn!(%problem, "refusals that were counted are not on record");
        }
        drained
            .map_err(|error| error.to_string())
            .and(outcome.map(|_| ()))
    }

    /// Between "not ready" and the end of new connections: time for a load balancer to look. None where it was never ready.
    fn pause(&self, told: Option<&Told>) -> Duration {
        match told {
            Some(Told::Terminate) if self.instance.is_prepared() => {
                Duration::from_secs(self.serve.http.drain_seconds.into())
            }
            _ => Duration::ZERO,
        }
    }

    /// All that happens beside the requests; it ends where it fails.
    async fn work(&self, address: SocketAddr) -> Result<(), String> {
        prepare(
            self.instance,
            self.database,
            self.serve,
            self.storage,
            (self.secret, address),
        )
        .await?;
        memory::give_back();
        self.instance.set_prepared();
        announce(self.serve, address);
        let instance = self.instance;
        tokio::join!(
            housekeeping::watch(instance),
            housekeeping::run(instance),
            files::sweep::run(&instance.db, &instance.files, &instance.clock),
            runner::run(instance, crate::resources::JOBS)
        );
        Ok(())
    }
}

/// Migrations, first data, first key. A server that is named but away is waited for, while the service already answers
/// that it is not ready.
async fn prepare(
    instance: &Instance,
    database: &Database,
    serve: &Serve,
    storage: &Storage,
    (secret, address): (&Secret, SocketAddr),
) -> Result<(), String> {
    let mut pause = Duration::from_millis(200);
    while let Err(error) = database.db.connector().connect(Purpose::Maintenance).await {
        tracing::warn!("the database cannot be used: {error}; trying again in {pause:?}");
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(Duration::from_secs(5));
    }
    for migration in database.migrate(storage, Direction::Up).await? {
        tracing::info!(migration, "migrated");
    }
    // From here on in the database's time.
    instance.look().await;
    let prepared = async {
        let (db, now) = (&database.db, instance.clock.now());
        keyring::ensure(db, secret, now).await?;
        let password = serve.demo.then_some(serve.demo_password.as_str());
        let passwords = seeding::prepare(db, &instance.passwords, now, password).await?;
        let (public_url, own) = (serve.http.public_url.as_deref(), issuer::address_of(address));
        let issuer = issuer::settle(db, public_url, &own).await?;
        instance.set_identity(&issuer, public_url.unwrap_or(&own));
        Ok::<_, Problem>(passwords)
    };
    let passwords = prepared.await.map_err(|problem| match problem.cause() {
        Some(cause) => cause.to_string(),
        None => problem.to_string(),
    })?;
    context::show_once(&passwords, &storage.data_dir.join("one-time-passwords"))
}

/// Where to look and who can log in, for the person at the terminal; the log has the rest.
fn announce(serve: &Serve, address: SocketAddr) {
    tracing::info!(listen = %address, "ready");
    if serve.demo {
        tracing::warn!("DEMO: accounts with a published password; never for real use");
        eprintln!("{}", seeding::demo_note(address, &serve.demo_password));
    }
}

fn start(instance: &Arc<Instance>, listener: TcpListener, serve: &Serve) -> Result<Server, String> {
    let shared = instance.clone();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let server = HttpServer::new(move || {
        let app = build_app(shared.clone());
        memory::give_back();
        app
    })
    .workers(serve.http.workers.map_or(cores, usize::from))
    .shutdown_timeout(serve.http.shutdown_seconds.into())
    // Signals are ours: not ready first, then drained.
    .disable_signals()
    .listen(listener)
    .map_err(|error| error.to_string())?
    .run();
    if let Some(address) = serve.http.metrics_listen {
        start_metrics(instance, address)?;
    }
    Ok(server)
}

fn start_metrics(instance: &Arc<Instance>, address: SocketAddr) -> Result<(), String> {
    let shared = instance.clone();
    let server = HttpServer::new(move || {
        let shared = shared.clone();
        let answer = move || {
            let shared = shared.clone();
            async move { metrics_response(&shared) }
        };
        App::new().route("/metrics", web::get().to(answer))
    })
    .workers(1)
    .disable_signals()
    .bind(address)
    .map_err(|error| format!("cannot listen on {address} for metrics: {error}"))?
    .run();
    actix_web::rt::spawn(server);
    Ok(())
}

fn password_hasher() -> Result<PasswordHasher, String> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    // Half the cores at most are ever busy with passwords; who waits beyond the 32nd is told to come again.
    PasswordHasher::new(PasswordCost::default(), (cores / 2).max(1), 32).map_err(|error| error.to_string())
}
