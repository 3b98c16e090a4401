//! The data directory: what lies where, and the lock that keeps it to one program.

use std::fs::{DirBuilder, File, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::{env, fs, process};

use nix::unistd::geteuid;
use xxhash_rust::xxh3::xxh3_64;

use super::PORT;
use super::account::Account;
use super::error::EmbeddedError;

/// What `sockaddr_un` holds, less its final zero.
const LONGEST_SOCKET_PATH: usize = if cfg!(target_os = "linux") { 107 } else { 103 };

/// Where the parts of the data directory lie, and whose they are.
#[derive(Debug)]
pub(super) struct Layout {
    /// Absolute and without symbolic links, so that it can be compared with what the system says of a process.
    pub(super) data_dir: PathBuf,
    /// Short, and of this data directory alone.
    pub(super) name: String,
    pub(super) cluster: PathBuf,
    pub(super) socket_dir: PathBuf,
    pub(super) log_file: PathBuf,
    pub(super) account: Account,
}

fn name_of(data_dir: &Path) -> String {
    format!("liaison-{:016x}", xxh3_64(data_dir.as_os_str().as_bytes()))
}

/// The data directory belongs to this program as long as this value lives, and no longer: the system lets go of the
/// lock when the process ends, however it ends.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

impl Layout {
    /// Makes the data directory where absent, locks it, and readies all that lies in it but the cluster.
    pub(super) fn prepare(data_dir: &Path) -> Result<(Self, Lock), EmbeddedError> {
        make_directory(data_dir).map_err(EmbeddedError::io("make the directory", data_dir))?;
        let data_dir = data_dir
            .canonicalize()
            .map_err(EmbeddedError::io("find", data_dir))?;
        let lock = Lock::take(&data_dir)?;

        let cluster = data_dir.join("postgres");
        let account = Account::choose(&cluster)?;
        account.admit(&data_dir)?;
        let name = name_of(&data_dir);
        let socket_dir = socket_dir(&data_dir, &name, &account)?;
        let log_file = data_dir.join("postgres.log");
        Ok((
            Self {
                data_dir,
                name,
                cluster,
                socket_dir,
                log_file,
                account,
            },
            lock,
        ))
    }

    /// Where the cluster of a data directory listens that another program runs.
    pub(super) fn socket_dir_in_use(data_dir: &Path) -> Result<PathBuf, EmbeddedError> {
        let data_dir = data_dir
            .canonicalize()
            .map_err(EmbeddedError::io("find", data_dir))?;
        let account = Account::choose(&data_dir.join("postgres"))?;
        socket_dir(&data_dir, &name_of(&data_dir), &account)
    }

    /// The major version that made the cluster, or `None` where there is none yet.
    ///
    /// # Errors
    ///
    /// `NotACluster` when something else is in its place, `Io` when it cannot be read.
    pub(super) fn cluster_major(&self) -> Result<Option<u32>, EmbeddedError> {
        let version_file = self.cluster.join("PG_VERSION");
        let foreign = || EmbeddedError::NotACluster {
            path: self.cluster.clone(),
        };
        match fs::read_to_string(&version_file) {
            Ok(version) => {
                // Before version 10 two numbers made up the major version, such as 9.6.
                let major = version
                    .trim()
                    .split('.')
                    .next()
                    .and_then(|major| major.parse().ok());
                major.map(Some).ok_or_else(foreign)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => match fs::read_dir(&self.cluster) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
                Err(error) => Err(EmbeddedError::io("read", &self.cluster)(error)),
                Ok(mut entries) => entries.next().map_or(Ok(None), |_| Err(foreign())),
            },
            Err(error) => Err(EmbeddedError::io("read", &version_file)(error)),
        }
    }

    pub(super) fn socket(&self) -> PathBuf {
        socket_in(&self.socket_dir)
    }

    /// Where PostgreSQL notes whose socket it is.
    pub(super) fn socket_lock(&self) -> PathBuf {
        self.socket_dir.join(format!(".s.PGSQL.{PORT}.lock"))
    }

    pub(super) fn pid_file(&self) -> PathBuf {
        self.cluster.join("postmaster.pid")
    }
}

impl Lock {
    fn take(data_dir: &Path) -> Result<Self, EmbeddedError> {
        let path = data_dir.join("lock");
        let mut file = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(EmbeddedError::io("open", &path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut pid = String::new();
                // The number only helps the message; without it the refusal stands all the same.
                let _ = file.read_to_string(&mut pid);
                return Err(EmbeddedError::InUse {
                    data_dir: data_dir.to_owned(),
                    pid: pid.trim().parse().ok(),
                });
            }
            Err(TryLockError::Error(error)) => return Err(EmbeddedError::io("lock", &path)(error)),
        }
        file.set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| writeln!(file, "{}", process::id()))
            .map_err(EmbeddedError::io("write", &path))?;
        Ok(Self { _file: file })
    }
}

/// Directories above the data directory get the usual mode, the data directory itself is private.
fn make_directory(path: &Path) -> io::Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    match DirBuilder::new().mode(0o700).create(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        other => other,
    }
}

fn socket_in(directory: &Path) -> PathBuf {
    directory.join(format!(".s.PGSQL.{PORT}"))
}

/// The socket's directory: below the data directory where the system takes a path of that length, else a short one
/// named by a hash of it, so that the next start finds the same.
fn socket_dir(data_dir: &Path, name: &str, account: &Account) -> Result<PathBuf, EmbeddedError> {
    let mut reasons = Vec::new();
    for directory in socket_dir_candidates(data_dir, name) {
        if socket_in(&directory).as_os_str().len() > LONGEST_SOCKET_PATH {
            reasons.push(format!(
                "the path of {} is too long for a socket",
                directory.display()
            ));
            continue;
        }
        match account.own_directory(&directory) {
            Ok(()) => return Ok(directory),
            Err(error) => reasons.push(format!("{}: {error}", directory.display())),
        }
    }
    Err(EmbeddedError::NoSocketDir {
        reasons: reasons.join("; "),
    })
}

fn socket_dir_candidates(data_dir: &Path, name: &str) -> Vec<PathBuf> {
    let mut candidates = vec![data_dir.join("run")];
    // Root's own folders are mostly closed to the user that PostgreSQL then runs as.
    if !geteuid().is_root() {
        candidates.extend(env::var_os("XDG_RUNTIME_DIR").map(|directory| Path::new(&directory).join(name)));
        candidates.push(env::temp_dir().join(name));
    }
    candidates.push(Path::new("/tmp").join(name));
    candidates
}
