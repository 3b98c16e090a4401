//! One running PostgreSQL, from its start to its end.

use std::fs;
use std::io;
use std::path::Path;
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::process::Child;
use tokio::time::timeout;

use super::error::EmbeddedError;
use super::layout::Layout;

/// How PostgreSQL is stopped, and how long each way is waited for: fast, with a checkpoint; at once, which leaves the
/// next start a recovery; by force.
pub(super) const STOP_SIGNALS: [(Signal, Duration); 3] = [
    (Signal::SIGINT, Duration::from_secs(30)),
    (Signal::SIGQUIT, Duration::from_secs(10)),
    (Signal::SIGKILL, Duration::from_secs(10)),
];

const FIRST_POLL: Duration = Duration::from_millis(2);
const LAST_POLL: Duration = Duration::from_millis(50);
/// A start that takes longer says so, again after each such span.
const SLOW_START: Duration = Duration::from_secs(10);

/// The line of postmaster.pid that holds the state, and its value once connections are taken.
const STATE_LINE: usize = 7;
const READY: &str = "ready";

/// Asks PostgreSQL to stop when dropped, so that no way out of the program but its kill leaves one behind.
#[derive(Debug)]
pub(super) struct Server {
    child: Child,
}

impl Server {
    pub(super) fn new(child: Child) -> Self {
        Self { child }
    }

    /// Waits until connections are taken (`None`) or PostgreSQL has ended. There is no limit: after a crash it recovers
    /// as long as there is something to recover, and to kill it would only begin that again. The state is read from its
    /// file, as connecting too early fills the log with refusals.
    pub(super) async fn ready(&mut self, layout: &Layout) -> Result<Option<ExitStatus>, EmbeddedError> {
        let pid_file = layout.pid_file();
        let mut poll = FIRST_POLL;
        let mut remark = Instant::now() + SLOW_START;
        while !self.says_ready(&pid_file) {
            match timeout(poll, self.child.wait()).await {
                Ok(status) => {
                    return status
                        .map(Some)
                        .map_err(EmbeddedError::io("wait for", &layout.cluster));
                }
                Err(_) => poll = (poll * 2).min(LAST_POLL),
            }
            if Instant::now() > remark {
                tracing::info!("PostgreSQL is still starting; after a crash it recovers first");
                remark = Instant::now() + SLOW_START;
            }
        }
        Ok(None)
    }

    fn says_ready(&self, pid_file: &Path) -> bool {
        let Ok(text) = fs::read_to_string(pid_file) else {
            return false;
        };
        let line = |number| text.lines().nth(number).map(str::trim);
        line(0).and_then(|pid| pid.parse().ok()) == self.child.id() && line(STATE_LINE) == Some(READY)
    }

    /// Waits for the end, which nobody has asked for.
    pub(super) async fn exited(&mut self) -> io::Result<ExitStatus> {
        self.child.wait().await
    }

    /// Stops PostgreSQL and waits for its end.
    pub(super) async fn stop(mut self) -> Result<(), EmbeddedError> {
        let Some(pid) = self.pid() else { return Ok(()) };
        for (signal, limit) in STOP_SIGNALS {
            if signal != Signal::SIGINT {
                tracing::warn!(%pid, %signal, "PostgreSQL does not stop; trying harder");
            }
            // A failure means that it has just ended, or that the next signal fails as well.
            let _ = kill(pid, signal);
            match timeout(limit, self.child.wait()).await {
                Ok(Ok(_)) => return Ok(()),
                Ok(Err(source)) => {
                    return Err(EmbeddedError::io("wait for", Path::new("PostgreSQL"))(source));
                }
                Err(_) => {}
            }
        }
        Err(EmbeddedError::NotStopped { pid: pid.as_raw() })
    }

    /// `None` once the process has ended and its number may be another's.
    fn pid(&self) -> Option<Pid> {
        self.child
            .id()
            .and_then(|pid| i32::try_from(pid).ok())
            .map(Pid::from_raw)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(pid) = self.pid() {
            // It may have ended just now; there is nobody left to tell of anything else.
            let _ = kill(pid, Signal::SIGINT);
        }
    }
}
