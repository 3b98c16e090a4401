//! What a killed program has left behind: a PostgreSQL that still runs, or the files of one that does not.
//!
//! A live one is stopped and started again rather than taken over. Its settings and its version may be old, and
//! sessions of the killed program may hold locks in it; and as our own child its death is noticed at once. The price
//! is one fast shutdown.

use std::path::Path;
use std::time::{Duration, Instant};
use std::{fs, io};

use nix::sys::signal::kill;
use nix::unistd::Pid;
use tokio::time::sleep;

use super::error::EmbeddedError;
use super::layout::Layout;
use super::processes;
use super::server::STOP_SIGNALS;

const POLL: Duration = Duration::from_millis(5);

/// Leaves nothing that could keep a new PostgreSQL from starting. The caller holds the lock of the data directory.
pub(super) async fn clear(layout: &Layout) -> Result<(), EmbeddedError> {
    let pid_file = layout.pid_file();
    match fs::read_to_string(&pid_file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(EmbeddedError::io("read", &pid_file)(error)),
        Ok(text) => match text
            .lines()
            .next()
            .and_then(|line| line.parse().ok())
            .map(Pid::from_raw)
        {
            Some(pid) if processes::serves(pid, layout) => {
                tracing::warn!(%pid, "stopping the PostgreSQL that a killed program left behind");
                stop(pid, layout).await?;
            }
            // PostgreSQL removes the file of a dead process itself, after a look at its shared memory.
            Some(pid) if !processes::exists(pid) => {}
            // It would take the stranger that now has the number for a live server, and refuse an empty file.
            _ => remove(&pid_file)?,
        },
    }
    // The socket's own lock names the same process, with the same consequence.
    remove(&layout.socket_lock())?;
    remove(&layout.socket())
}

async fn stop(pid: Pid, layout: &Layout) -> Result<(), EmbeddedError> {
    for (signal, limit) in STOP_SIGNALS {
        match kill(pid, signal) {
            Ok(()) => {}
            Err(nix::errno::Errno::ESRCH) => return Ok(()),
            Err(error) => {
                tracing::warn!(%pid, %error, "the PostgreSQL left behind cannot be stopped");
                return Err(EmbeddedError::NotStopped { pid: pid.as_raw() });
            }
        }
        let give_up = Instant::now() + limit;
        while Instant::now() < give_up {
            if !processes::serves(pid, layout) {
                return Ok(());
            }
            sleep(POLL).await;
        }
    }
    Err(EmbeddedError::NotStopped { pid: pid.as_raw() })
}

fn remove(path: &Path) -> Result<(), EmbeddedError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(EmbeddedError::io("remove", path)(error))
        }
        _ => Ok(()),
    }
}
