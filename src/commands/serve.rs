//! `liaison serve`

use super::context::{self, Database};
use crate::app::{Instance, Published, build_app};
use crate::auth::keyring;
use crate::auth::password::{PasswordCost, PasswordHasher};
use crate::auth::secret::Secret;
use crate::clock::Clock;
use crate::config::{Serve, Storage};
use crate::db::migrate::Direction;
use crate::events::runner;
use crate::files::{self, Files};
use crate::health;
use crate::housekeeping;
use crate::memory;
use crate::resources::health::routes::metrics_response;
use crate::seeding;
use actix_web::dev::Server;
use actix_web::{App, HttpServer, web};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};

/// Between "not ready" and the end of new connections: time for a load balancer to look.
const NOT_READY_FIRST: Duration = Duration::from_millis(200);

/// Serves until SIGTERM or Ctrl-C.
///
/// # Errors
/// A text for the person who starts the program.
pub async fn run(serve: Serve, storage: &Storage) -> Result<(), String> {
    // Bound first: a port that is taken is said before a database is made.
    let listen = serve.http.listen;
    let listener =
        TcpListener::bind(listen).map_err(|error| format!("cannot listen on {listen}: {error}"))?;
    let secret = context::secret(storage)?;
    let files = Files::new(serve.files.clone(), storage)?;
    let database = Database::open_own(storage).await?;
    let instance = Instance::new(
        &serve,
        Clock::system(),
        database.db.clone(),
        &secret,
        password_hasher()?,
        files,
        Published::new(),
    )?;
    let served = serve_until_told(&instance, &database, listener, &serve, storage, &secret).await;
    let closed = database.close().await;
    tracing::info!("stopped");
    served.and(closed)
}

async fn serve_until_told(
    instance: &Arc<Instance>,
    database: &Database,
    listener: TcpListener,
    serve: &Serve,
    storage: &Storage,
    secret: &Secret,
) -> Result<(), String> {
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    let server = start(instance, listener, serve)?;
    let handle = server.handle();
    let mut server = std::pin::pin!(server);
    let work = async {
        prepare(instance, database, serve, storage, secret).await?;
        memory::give_back();
        instance.set_prepared();
        announce(serve, address);
        tokio::join!(
            health::run(instance),
            housekeeping::run(instance),
            files::sweep::run(instance),
            runner::run(instance, crate::resources::JOBS)
        );
        Ok(())
    };
    let outcome = tokio::select! {
        result = &mut server => return result.map_err(|error| error.to_string()),
        failed = work => failed,
        () = told_to_stop() => Ok(()),
    };
    instance.stop();
    if outcome.is_ok() {
        tracing::info!("stopping: no longer ready, requests under way go on");
        tokio::time::sleep(NOT_READY_FIRST).await;
    }
    let ((), drained) = tokio::join!(handle.stop(true), server);
    drained.map_err(|error| error.to_string()).and(outcome)
}

/// Migrations, first data, first key. A server that is named but away is waited for, while the service already answers
/// that it is not ready.
async fn prepare(
    instance: &Instance,
    database: &Database,
    serve: &Serve,
    storage: &Storage,
    secret: &Secret,
) -> Result<(), String> {
    let mut pause = Duration::from_millis(200);
    while let Err(problem) = database.db.get().await {
        tracing::warn!(%problem, "the database cannot be reached; trying again");
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(Duration::from_secs(5));
    }
    for migration in database.migrate(storage, Direction::Up).await? {
        tracing::info!(migration, "migrated");
    }
    // From here on in the database's time.
    instance.health.look(instance).await;
    let prepared = async {
        keyring::ensure(&database.db, secret, instance.clock.now()).await?;
        let password = serve.demo.then_some(serve.demo_password.as_str());
        seeding::prepare(&database.db, &instance.passwords, instance.clock.now(), password).await
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

async fn told_to_stop() {
    let (Ok(mut terminate), Ok(mut interrupt)) =
        (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        // Without handlers the system's own behaviour stays: the process ends at once.
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}

fn password_hasher() -> Result<PasswordHasher, String> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    // Half the cores at most are ever busy with passwords; who waits beyond the 32nd is told to come again.
    PasswordHasher::new(PasswordCost::default(), (cores / 2).max(1), 32).map_err(|error| error.to_string())
}
