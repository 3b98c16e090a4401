//! The PostgreSQL that the service runs itself where no database URL is given.
//!
//! [`start`] finds the PostgreSQL programs of the machine, creates a private cluster below the data directory at the
//! first start, runs it on a Unix socket alone and keeps it running until [`Cluster::stop`].
//!
//! ```text
//! <data_dir>/lock          held while a program uses the directory; its process id inside
//! <data_dir>/postgres/     the cluster, of the user that PostgreSQL runs as, 0700
//! <data_dir>/run/          the socket, 0700; in the temporary folder where this path is too long for a socket
//! <data_dir>/postgres.log  PostgreSQL's own log; postgres.log.1 is the part before
//! ```
//!
//! Whoever reaches the socket is trusted, so its directory is the door: only its owner, and root, can pass.

mod account;
mod error;
mod launcher;
mod layout;
mod log;
mod predecessor;
mod processes;
mod programs;
mod server;
mod supervisor;

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub use error::EmbeddedError;
use launcher::Launcher;
use layout::Layout;

/// The superuser of the cluster, and the database that [`start`] makes.
const ROLE: &str = "liaison";
const DATABASE: &str = "liaison";
/// No TCP port: it only names the socket file.
const PORT: u16 = 5432;

/// What RFC 3986 lets stand in a URL as it is.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// How the cluster is to be run.
#[derive(Debug, Clone)]
pub struct Options {
    /// The directory that holds the cluster; made where absent. May be relative.
    pub data_dir: PathBuf,
    /// The folder of `initdb` and `postgres`. With `None` the usual places are searched.
    pub programs_dir: Option<PathBuf>,
    /// What a crash may cost.
    pub profile: Profile,
}

/// What a crash may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// Nothing that was acknowledged is lost, whether a program or the machine dies.
    Durable,
    /// Commits of the last second are lost with PostgreSQL, the whole cluster with the machine: for tests.
    Test,
}

/// A running cluster. It is started again when it dies; dropping the value stops it without waiting.
#[derive(Debug)]
pub struct Cluster {
    socket_dir: PathBuf,
    stop: oneshot::Sender<()>,
    supervisor: JoinHandle<Result<(), EmbeddedError>>,
}

/// Starts the cluster below `options.data_dir`, which it creates first where there is none, and returns once the
/// database `liaison` takes connections. A PostgreSQL left behind by a killed program is stopped first.
///
/// # Errors
///
/// Any [`EmbeddedError`]; each message says what to do about it. Nothing is left running then.
pub async fn start(options: Options) -> Result<Cluster, EmbeddedError> {
    let (layout, lock) = Layout::prepare(&options.data_dir)?;
    let major = layout.cluster_major()?;
    let programs = programs::find(options.programs_dir.as_deref(), major, &layout).await?;
    predecessor::clear(&layout).await?;
    let launcher = Launcher::new(layout, programs, options.profile);
    if major.is_none() {
        launcher.initialise().await?;
    }
    let server = launcher.launch().await?;
    if let Err(error) = ensure_database(&launcher.layout.socket_dir).await {
        server.stop().await?;
        return Err(error);
    }

    let socket_dir = launcher.layout.socket_dir.clone();
    let (stop, stopped) = oneshot::channel();
    let supervisor = tokio::spawn(supervisor::supervise(launcher, server, lock, stopped));
    Ok(Cluster {
        socket_dir,
        stop,
        supervisor,
    })
}

/// Ends what a start that was given up in the middle has left running.
///
/// # Errors
///
/// `NotStopped` when PostgreSQL does not even obey `SIGKILL`, `Io` when it cannot be looked for.
pub async fn clear(options: &Options) -> Result<(), EmbeddedError> {
    let (layout, _lock) = Layout::prepare(&options.data_dir)?;
    predecessor::clear(&layout).await
}

/// The URL of a database of the cluster that another program runs on this data directory, as `start` found it in use:
/// for the commands that are given beside a running service.
///
/// # Errors
///
/// `Io` where the directory cannot be read.
pub fn url_in_use(data_dir: &Path, database: &str) -> Result<String, EmbeddedError> {
    Ok(database_url(&Layout::socket_dir_in_use(data_dir)?, database))
}

impl Cluster {
    /// The URL of one of the cluster's databases, `postgresql://liaison@%2Fdata%2Frun:5432/<database>`: both
    /// tokio-postgres and PostgreSQL's own programs read it.
    #[must_use]
    pub fn database_url(&self, database: &str) -> String {
        database_url(&self.socket_dir, database)
    }

    /// Stops the cluster: open transactions are rolled back, connections closed, and the data directory is free for
    /// another program when this returns.
    ///
    /// # Errors
    ///
    /// `NotStopped` when PostgreSQL does not even obey `SIGKILL`, `Io` when it cannot be waited for.
    pub async fn stop(self) -> Result<(), EmbeddedError> {
        // The supervisor outlives its receiver only if it has ended by itself, which the join below reports.
        let _ = self.stop.send(());
        self.supervisor.await.map_err(EmbeddedError::Supervisor)?
    }
}

fn database_url(socket_dir: &Path, database: &str) -> String {
    let host = percent_encode(socket_dir.as_os_str().as_bytes(), RESERVED);
    let database = percent_encode(OsStr::new(database).as_bytes(), RESERVED);
    format!("postgresql://{ROLE}@{host}:{PORT}/{database}")
}

/// Makes the database unless it is there. Connecting to it tells, and costs one connection where it usually is.
async fn ensure_database(socket_dir: &Path) -> Result<(), EmbeddedError> {
    use tokio_postgres::error::SqlState;

    match connect(&database_url(socket_dir, DATABASE)).await {
        Ok(_) => Ok(()),
        Err(error) if error.code() == Some(&SqlState::INVALID_CATALOG_NAME) => {
            let client = connect(&database_url(socket_dir, "postgres"))
                .await
                .map_err(EmbeddedError::Database)?;
            let statement = format!("CREATE DATABASE {DATABASE}");
            client
                .batch_execute(&statement)
                .await
                .map_err(EmbeddedError::Database)
        }
        Err(error) => Err(EmbeddedError::Database(error)),
    }
}

async fn connect(url: &str) -> Result<tokio_postgres::Client, tokio_postgres::Error> {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await?;
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a connection to the embedded PostgreSQL ended");
        }
    });
    Ok(client)
}
