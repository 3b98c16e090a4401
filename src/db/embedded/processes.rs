//! Which processes of the system belong to a cluster, by what the system says of them.

use std::path::Path;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// Whether a process of this number exists, whosever it is.
pub(super) fn exists(pid: Pid) -> bool {
    !matches!(kill(pid, None), Err(nix::errno::Errno::ESRCH))
}

/// Whether this process is a PostgreSQL on the cluster. A number alone proves nothing: after a restart of the machine
/// or of a container, it is soon another process's.
#[cfg(target_os = "linux")]
pub(super) fn serves(pid: Pid, cluster: &Path) -> bool {
    use std::os::unix::ffi::OsStrExt;

    let process = Path::new("/proc").join(pid.to_string());
    let Ok(command_line) = std::fs::read(process.join("cmdline")) else {
        return false;
    };
    let mut arguments = command_line.split(|byte| *byte == 0);
    let program = arguments.next().unwrap_or_default();
    let is_postgres =
        program.starts_with(b"postgres:") || program.ends_with(b"/postgres") || program == b"postgres";
    // The working directory tells for all, but a container's root may be forbidden to ask for another user's.
    is_postgres
        && (arguments.any(|argument| argument == cluster.as_os_str().as_bytes())
            || std::fs::read_link(process.join("cwd")).is_ok_and(|directory| directory == cluster))
}

/// Whether this process is a PostgreSQL on the cluster.
#[cfg(not(target_os = "linux"))]
pub(super) fn serves(pid: Pid, cluster: &Path) -> bool {
    let output = std::process::Command::new("ps")
        .args(["-ww", "-o", "command=", "-p", &pid.to_string()])
        .output()
        .map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
        .unwrap_or_default();
    output.contains("postgres") && output.contains(&*cluster.to_string_lossy())
}

/// Asks every process of the cluster to quit at once. The caller knows that their parent is dead, so that nothing of
/// theirs can be committed any more.
#[cfg(target_os = "linux")]
pub(super) fn quit_all(cluster: &Path) {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok().map(Pid::from_raw));
    for pid in pids.filter(|pid| serves(*pid, cluster)) {
        match kill(pid, Signal::SIGQUIT) {
            Ok(()) | Err(nix::errno::Errno::ESRCH) => {}
            Err(error) => tracing::warn!(%pid, %error, "a process of the dead PostgreSQL cannot be ended"),
        }
    }
}

/// Elsewhere these processes do not show what they belong to: they end by themselves after their statement.
#[cfg(not(target_os = "linux"))]
pub(super) fn quit_all(_cluster: &Path) {}
