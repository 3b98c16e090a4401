//! Which processes of the system belong to a cluster, by what they are called. That is open to everybody, unlike
//! their working directory, which even a container's root may not ask for.

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::layout::Layout;

/// Whether a process of this number exists, whosever it is.
pub(super) fn exists(pid: Pid) -> bool {
    !matches!(kill(pid, None), Err(Errno::ESRCH))
}

/// Whether this process is a PostgreSQL on the cluster. A number alone proves nothing: after a restart of the machine
/// or of a container, it is soon another process's.
pub(super) fn serves(pid: Pid, layout: &Layout) -> bool {
    command_line(pid).is_some_and(|line| belongs(&line, layout))
}

/// Asks every process of the cluster to quit at once. The caller knows that their parent is dead, so that nothing of
/// theirs can be committed any more.
pub(super) fn quit_all(layout: &Layout) {
    for (pid, _) in all().into_iter().filter(|(_, line)| belongs(line, layout)) {
        match kill(pid, Signal::SIGQUIT) {
            Ok(()) | Err(Errno::ESRCH) => {}
            Err(error) => tracing::warn!(%pid, %error, "a process of the dead PostgreSQL cannot be ended"),
        }
    }
}

/// A server has its directory among its arguments, even when somebody has started it by hand. Its children call
/// themselves `postgres: <cluster name>: <task>`.
fn belongs(line: &str, layout: &Layout) -> bool {
    let program = line.split(' ').next().unwrap_or_default();
    let is_server = program == "postgres" || program.ends_with("/postgres");
    is_server && format!("{line} ").contains(&format!(" -D {} ", layout.cluster.display()))
        || line.starts_with(&format!("postgres: {}: ", layout.name))
}

/// Program and arguments with spaces between; `None` where the process is gone, or dead and not yet buried.
#[cfg(target_os = "linux")]
fn command_line(pid: Pid) -> Option<String> {
    let line = std::fs::read(format!("/proc/{pid}/cmdline")).ok()?;
    let line = String::from_utf8_lossy(&line).replace('\0', " ");
    (!line.is_empty()).then_some(line)
}

#[cfg(target_os = "linux")]
fn all() -> Vec<(Pid, String)> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok().map(Pid::from_raw));
    pids.filter_map(|pid| Some((pid, command_line(pid)?))).collect()
}

#[cfg(not(target_os = "linux"))]
fn command_line(pid: Pid) -> Option<String> {
    all()
        .into_iter()
        .find_map(|(other, line)| (other == pid).then_some(line))
}

#[cfg(not(target_os = "linux"))]
fn all() -> Vec<(Pid, String)> {
    let output = std::process::Command::new("ps")
        .args(["-axww", "-o", "pid=,command="])
        .output();
    let text = output
        .map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
        .unwrap_or_default();
    let line = |line: &str| {
        let (pid, command) = line.trim_start().split_once(' ')?;
        Some((Pid::from_raw(pid.parse().ok()?), command.trim_start().to_owned()))
    };
    text.lines().filter_map(line).collect()
}
