//! Keeps PostgreSQL running: starts it again when it dies, until it is told to stop.

use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};

use super::error::EmbeddedError;
use super::launcher::Launcher;
use super::layout::Lock;
use super::predecessor;
use super::server::Server;

/// The pause before a start, doubled with each one until PostgreSQL has run for a while.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LAST_PAUSE: Duration = Duration::from_secs(5);
const STEADY: Duration = Duration::from_secs(60);

const LOG_CHECK: Duration = Duration::from_secs(30);

/// Runs until `stop` is sent or its sender dropped, then stops PostgreSQL. The lock is held to the end, so that no
/// other program meets a PostgreSQL that is still going down.
pub(super) async fn supervise(
    launcher: Launcher,
    server: Server,
    _lock: Lock,
    mut stop: oneshot::Receiver<()>,
) -> Result<(), EmbeddedError> {
    let mut running = Some(server);
    let mut pause = FIRST_PAUSE;
    loop {
        running = match running {
            Some(server) => {
                let since = Instant::now();
                if let Some(server) = watch(&launcher, server, &mut stop).await {
                    return server.stop().await;
                }
                if since.elapsed() > STEADY {
                    pause = FIRST_PAUSE;
                }
                None
            }
            None => tokio::select! {
                _ = &mut stop => return predecessor::clear(&launcher.layout).await,
                server = start_again(&launcher, pause) => {
                    pause = (pause * 2).min(LAST_PAUSE);
                    server
                }
            },
        };
    }
}

/// Watches over the server and its log. Gives the server back when it is to be stopped, nothing when it has ended.
async fn watch(launcher: &Launcher, mut server: Server, stop: &mut oneshot::Receiver<()>) -> Option<Server> {
    let mut log_check = interval(LOG_CHECK);
    log_check.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = &mut *stop => return Some(server),
            status = server.exited() => {
                match status {
                    Ok(status) => tracing::error!(%status, "PostgreSQL has died; starting it again"),
                    Err(error) => tracing::error!(%error, "PostgreSQL cannot be watched; starting it again"),
                }
                return None;
            }
            _ = log_check.tick() => {
                if let Err(error) = launcher.log.bound().await {
                    tracing::warn!(%error, "PostgreSQL's log cannot be cut");
                }
            }
        }
    }
}

/// One attempt, after a pause. When it is abandoned half-way, the server that it has started is told to stop, and the
/// caller waits for that as for a predecessor.
async fn start_again(launcher: &Launcher, pause: Duration) -> Option<Server> {
    sleep(pause).await;
    let attempt = async {
        predecessor::clear(&launcher.layout).await?;
        launcher.launch().await
    };
    match attempt.await {
        Ok(server) => {
            tracing::info!("PostgreSQL runs again");
            Some(server)
        }
        Err(error) => {
            tracing::error!(%error, "PostgreSQL could not be started again; another attempt follows");
            None
        }
    }
}
