//! Creates the cluster and starts PostgreSQL on it.

use std::ffi::OsString;
use std::fs::{self, File};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};
use std::{env, io};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use tokio::process::{Child, Command};
use tokio::time::sleep;

use super::error::EmbeddedError;
use super::layout::Layout;
use super::log::ServerLog;
use super::programs::Programs;
use super::server::Server;
use super::{PORT, Profile, ROLE, processes};

/// What every cluster is run with. On the command line, so that a new release's settings hold for old clusters.
/// The log names no values of rows: neither statements nor the details of an error, which quote them.
const SETTINGS: [&str; 15] = [
    "listen_addresses=",
    "unix_socket_permissions=0700",
    "max_connections=200",
    "shared_buffers=128MB",
    "wal_compression=on",
    "jit=off",
    "timezone=UTC",
    "log_timezone=UTC",
    "lc_messages=C",
    "logging_collector=off",
    "log_destination=stderr",
    "log_checkpoints=off",
    "log_statement=none",
    "log_min_error_statement=panic",
    "log_error_verbosity=terse",
];
const DURABLE: &[&str] = &["fsync=on", "synchronous_commit=on", "full_page_writes=on"];
const TEST: &[&str] = &[
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "autovacuum=off",
    "wal_level=minimal",
    "max_wal_senders=0",
];

/// The character classes of Unicode, whatever the user's language is.
const CTYPE: &str = if cfg!(target_os = "macos") {
    "UTF-8"
} else {
    "C.UTF-8"
};
/// Since this version PostgreSQL brings `C.UTF-8` itself, the same on every system.
const BUILTIN_LOCALE_MAJOR: u32 = 17;

/// The cluster is made under such a name first: what bears its final name is complete.
const SCRATCH_PREFIX: &str = "initdb-";

/// What PostgreSQL logs while processes of a killed predecessor still use its shared memory.
const LEFTOVERS_MESSAGE: &str = "is still in use";
const LEFTOVERS_LIMIT: Duration = Duration::from_secs(30);
const LEFTOVERS_PAUSE: Duration = Duration::from_millis(20);

/// All that is needed to start PostgreSQL, as often as it takes.
#[derive(Debug)]
pub(super) struct Launcher {
    pub(super) layout: Layout,
    pub(super) log: ServerLog,
    programs: Programs,
    profile: Profile,
}

impl Launcher {
    pub(super) fn new(layout: Layout, programs: Programs, profile: Profile) -> Self {
        let log = ServerLog::new(layout.log_file.clone());
        Self {
            layout,
            log,
            programs,
            profile,
        }
    }

    /// Creates the cluster: all of it, or nothing under its name.
    pub(super) async fn initialise(&self) -> Result<(), EmbeddedError> {
        let data_dir = &self.layout.data_dir;
        remove_scratch(data_dir)?;
        let scratch = tempfile::Builder::new()
            .prefix(SCRATCH_PREFIX)
            .tempdir_in(data_dir)
            .map_err(EmbeddedError::io("make a directory in", data_dir))?;
        self.layout
            .account
            .own_directory(scratch.path())
            .map_err(EmbeddedError::io("hand over", scratch.path()))?;

        let mut command = self.command(&self.programs.initdb);
        command.arg("--pgdata").arg(scratch.path()).kill_on_drop(true);
        command.arg(format!("--username={ROLE}"));
        command.args([
            "--auth=trust",
            "--encoding=UTF8",
            "--text-search-config=simple",
            "--no-instructions",
        ]);
        command.arg("--lc-collate=C").arg(format!("--lc-ctype={CTYPE}"));
        if self.programs.major >= BUILTIN_LOCALE_MAJOR {
            command.args(["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]);
        }
        if self.profile == Profile::Test {
            command.arg("--no-sync");
        }
        command.stdout(Stdio::null()).stderr(Stdio::piped());
        let run = || EmbeddedError::io("run", &self.programs.initdb);
        let initdb = command.spawn().map_err(run())?;
        let mut group = Group::of(&initdb);
        let output = initdb.wait_with_output().await.map_err(run())?;
        group.disarm();
        if !output.status.success() {
            return Err(EmbeddedError::Initdb {
                status: output.status.to_string(),
                output: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
            });
        }

        let scratch = scratch.keep();
        let cluster = &self.layout.cluster;
        fs::rename(scratch, cluster).map_err(EmbeddedError::io("put into place", cluster))?;
        if self.profile == Profile::Durable {
            File::open(data_dir)
                .and_then(|directory| directory.sync_all())
                .map_err(EmbeddedError::io("write to disk", data_dir))?;
        }
        Ok(())
    }

    /// Starts PostgreSQL and waits until it takes connections, however long it has to recover.
    ///
    /// # Errors
    ///
    /// `NotStarted` when it ends before, `Io` when it cannot be run.
    pub(super) async fn launch(&self) -> Result<Server, EmbeddedError> {
        let give_up = Instant::now() + LEFTOVERS_LIMIT;
        loop {
            let mark = self.log.length();
            let mut server = self.spawn()?;
            let Some(status) = server.ready(&self.layout).await? else {
                return Ok(server);
            };

            let log = self.log.end_since(mark);
            if !log.contains(LEFTOVERS_MESSAGE) || Instant::now() > give_up {
                return Err(EmbeddedError::NotStarted {
                    reason: format!("it ended with {status}"),
                    log_file: self.layout.log_file.clone(),
                    log,
                });
            }
            // They notice the death of their parent only between statements: a long one would delay the start.
            processes::quit_all(&self.layout);
            sleep(LEFTOVERS_PAUSE).await;
        }
    }

    fn spawn(&self) -> Result<Server, EmbeddedError> {
        let log = || {
            self.log
                .open()
                .map_err(EmbeddedError::io("open", &self.layout.log_file))
        };
        let mut command = self.command(&self.programs.postgres);
        command.arg("-D").arg(&self.layout.cluster);
        let profile = match self.profile {
            Profile::Durable => DURABLE,
            Profile::Test => TEST,
        };
        for setting in SETTINGS.iter().chain(profile) {
            command.args(["-c", setting]);
        }
        command.arg("-c").arg(format!("port={PORT}"));
        command
            .arg("-c")
            .arg(format!("cluster_name={}", self.layout.name));
        command.arg("-c").arg(socket_setting(&self.layout.socket_dir));
        command.stdout(Stdio::from(log()?)).stderr(Stdio::from(log()?));
        command
            .spawn()
            .map(Server::new)
            .map_err(EmbeddedError::io("run", &self.programs.postgres))
    }

    /// One of the programs as the right user and free of the environment: neither the caller's folder, which that
    /// user may not be let into, nor its language, nor libpq's variables, some of which servers read too. In a process
    /// group of its own, so that a Ctrl-C at the terminal reaches the service alone, which drains before it stops this.
    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir("/")
            .env("LC_ALL", "C")
            .stdin(Stdio::null())
            .process_group(0);
        for (name, _) in env::vars_os().filter(|(name, _)| name.as_bytes().starts_with(b"PG")) {
            command.env_remove(name);
        }
        self.layout.account.apply(&mut command);
        command
    }
}

/// What `initdb` has started ends with it, where it is given up in the middle.
struct Group(Option<Pid>);

impl Group {
    fn of(child: &Child) -> Self {
        let pid = child.id().and_then(|pid| i32::try_from(pid).ok());
        Self(pid.map(Pid::from_raw))
    }

    fn disarm(&mut self) {
        self.0 = None;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(group) = self.0 {
            // It may have ended just now.
            let _ = killpg(group, Signal::SIGKILL);
        }
    }
}

/// The setting takes a list; within quotes a path may have commas and spaces.
fn socket_setting(directory: &Path) -> OsString {
    let mut setting = b"unix_socket_directories=\"".to_vec();
    for byte in directory.as_os_str().as_bytes() {
        if *byte == b'"' {
            setting.push(b'"');
        }
        setting.push(*byte);
    }
    setting.push(b'"');
    OsString::from_vec(setting)
}

/// Removes what an `initdb` whose program was killed has left. It may still be writing there, in which case the next
/// first start finds the rest.
fn remove_scratch(data_dir: &Path) -> Result<(), EmbeddedError> {
    let entries = fs::read_dir(data_dir).map_err(EmbeddedError::io("read", data_dir))?;
    for entry in entries {
        let entry = entry.map_err(EmbeddedError::io("read", data_dir))?;
        if !entry
            .file_name()
            .as_bytes()
            .starts_with(SCRATCH_PREFIX.as_bytes())
        {
            continue;
        }
        match fs::remove_dir_all(entry.path()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                tracing::warn!(path = %entry.path().display(), %error, "the rest of an unfinished initdb stays");
            }
            _ => {}
        }
    }
    Ok(())
}
