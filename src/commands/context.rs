//! What commands share: the log, the database that the settings name, the installation's secret.

use crate::auth::secret::Secret;
use crate::config::{Log, LogFormat, Storage};
use crate::db::Db;
use crate::db::embedded::{self, Cluster, EmbeddedError};
use crate::db::migrate::{self, Direction};
use std::fs::File;
use std::io::{ErrorKind, IsTerminal, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// The log goes to standard error; colours only where a person looks.
///
/// # Errors
/// A text for the person who starts the program: the filter is malformed.
pub fn start_log(log: &Log) -> Result<(), String> {
    let filter = EnvFilter::try_new(&log.log).map_err(|error| format!("--log: {error}"))?;
    let terminal = std::io::stderr().is_terminal();
    let registry = tracing_subscriber::registry().with(filter);
    let json = match log.log_format {
        LogFormat::Auto => !terminal,
        LogFormat::Text => false,
        LogFormat::Json => true,
    };
    let started = if json {
        let layer = tracing_subscriber::fmt::layer()
            .json()
            .flatten_event(true)
            .with_current_span(false);
        registry
            .with(layer.with_span_list(false).with_writer(std::io::stderr))
            .try_init()
    } else {
        let layer = tracing_subscriber::fmt::layer()
            .with_ansi(terminal)
            .with_target(false);
        registry.with(layer.with_writer(std::io::stderr)).try_init()
    };
    started.map_err(|error| error.to_string())
}

/// The database of the private cluster.
const DATABASE: &str = "liaison";

fn options(storage: &Storage) -> embedded::Options {
    embedded::Options {
        data_dir: storage.data_dir.clone(),
        programs_dir: storage.pg_bin_dir.clone(),
        profile: embedded::Profile::Durable,
    }
}

/// The database that the settings name, or a private one that lives as long as this value.
pub struct Database {
    pub db: Db,
    cluster: Option<Cluster>,
}

impl Database {
    /// For the service: a private cluster is its own, and no second program may run on the same data.
    ///
    /// # Errors
    /// A text for the person who starts the program. A server that is named but away is none: the service starts
    /// without it.
    pub async fn open_own(storage: &Storage) -> Result<Self, String> {
        Self::connect(storage, embedded::start(options(storage))).await
    }

    /// For a command: where a service runs on the private cluster, the command works beside it.
    ///
    /// # Errors
    /// A text for the person who starts the program.
    pub async fn open(storage: &Storage) -> Result<Self, String> {
        let started = embedded::start(options(storage));
        if storage.url().is_some() {
            return Self::connect(storage, started).await;
        }
        match started.await {
            Err(EmbeddedError::InUse { .. }) => {
                let url =
                    embedded::url_in_use(&storage.data_dir, DATABASE).map_err(|error| error.to_string())?;
                Ok(Self {
                    db: Db::new(&url, storage)?,
                    cluster: None,
                })
            }
            started => Self::connect(storage, async { started }).await,
        }
    }

    /// The server that is named, or else the cluster that `starting` starts.
    async fn connect(
        storage: &Storage,
        starting: impl Future<Output = Result<Cluster, EmbeddedError>>,
    ) -> Result<Self, String> {
        let (url, cluster) = match storage.url() {
            Some(url) => (url, None),
            None => {
                let cluster = starting.await.map_err(|error| error.to_string())?;
                (cluster.database_url(DATABASE), Some(cluster))
            }
        };
        Ok(Self {
            db: Db::new(&url, storage)?,
            cluster,
        })
    }

    /// Ends what a start that was given up has left running.
    ///
    /// # Errors
    /// A text for the person who waits.
    pub async fn abandon(storage: &Storage) -> Result<(), String> {
        match storage.url() {
            Some(_) => Ok(()),
            None => embedded::clear(&options(storage))
                .await
                .map_err(|error| error.to_string()),
        }
    }

    /// Applies what is pending, as the owner of the tables where that is a role of its own.
    ///
    /// # Errors
    /// A text for the person who starts the program.
    pub async fn migrate(&self, storage: &Storage, direction: Direction) -> Result<Vec<String>, String> {
        let owner = storage.migration_database_url.as_deref();
        let owner = owner.map(|url| Db::new(url, storage)).transpose()?;
        let connector = owner.as_ref().unwrap_or(&self.db).connector();
        let done = migrate::migrate(connector, direction).await;
        done.map_err(|error| match storage.url() {
            None if owner.is_none() => format!("data folder {}: {error}", storage.data_dir.display()),
            _ => format!("{}: {error}", connector.name()),
        })
    }

    /// Stops the private cluster, where there is one.
    ///
    /// # Errors
    /// A text for the person who waits.
    pub async fn close(self) -> Result<(), String> {
        match self.cluster {
            Some(cluster) => cluster.stop().await.map_err(|error| error.to_string()),
            None => Ok(()),
        }
    }
}

/// What can be said of the settings before anything is opened: the secret and the addresses of databases.
///
/// # Errors
/// A text for the person who starts the program.
pub fn check(storage: &Storage) -> Result<(), String> {
    if storage.secret.is_some() {
        secret(storage)?;
    }
    let urls = [storage.url(), storage.migration_database_url.clone()];
    for url in urls.iter().flatten() {
        Db::new(url, storage)?;
    }
    Ok(())
}

/// The installation's secret: from the settings, or from a file of the data folder that is made once.
///
/// # Errors
/// A text for the person who starts the program.
pub fn secret(storage: &Storage) -> Result<Secret, String> {
    match &storage.secret {
        Some(text) => Secret::from_setting(text).map_err(|error| format!("LIAISON_SECRET: {error}")),
        None => {
            let dir = &storage.data_dir;
            std::fs::create_dir_all(dir)
                .map_err(|error| format!("data folder {}: {error}", dir.display()))?;
            let path = dir.join("secret");
            Secret::load_or_create(&path).map_err(|error| format!("secret file {}: {error}", path.display()))
        }
    }
}

/// Shows user names and one-time passwords once: at a terminal, or in a file that only its owner reads.
///
/// # Errors
/// A text for the person who waits: the file cannot be written.
pub fn show_once(passwords: &[(String, String)], file: &Path) -> Result<(), String> {
    if passwords.is_empty() {
        return Ok(());
    }
    Envelope::open(None, file)?.give(passwords)
}

/// Where one-time passwords will go. Opened before they are made: a password that cannot be handed over is lost.
pub enum Envelope {
    Terminal,
    /// A new file that only its owner reads.
    File(PathBuf, File),
}

impl Envelope {
    /// The file that is named; else the terminal where there is one, else the file `fallback`, or that with the first
    /// free number: an older one may not have been read yet.
    ///
    /// # Errors
    /// A text for the person who waits: the file cannot be made, or the one that is named is there already.
    pub fn open(named: Option<&Path>, fallback: &Path) -> Result<Self, String> {
        if named.is_none() && std::io::stdout().is_terminal() {
            return Ok(Self::Terminal);
        }
        let numbered = |n: u32| {
            let mut path = fallback.as_os_str().to_owned();
            path.push(format!("-{n}"));
            PathBuf::from(path)
        };
        let mut path = named.unwrap_or(fallback).to_owned();
        for n in 2..1_000 {
            let mut options = std::fs::OpenOptions::new();
            match options.write(true).create_new(true).mode(0o600).open(&path) {
                Ok(file) => return Ok(Self::File(path, file)),
                Err(error) if named.is_none() && error.kind() == ErrorKind::AlreadyExists => {
                    path = numbered(n);
                }
                Err(error) => {
                    let name = path.display();
                    return Err(format!("one-time passwords cannot be written to {name}: {error}"));
                }
            }
        }
        Err(format!("too many files {}-…: remove them", fallback.display()))
    }

    /// # Errors
    /// A text for the person who waits: the file cannot be written.
    pub fn give(self, passwords: &[(String, String)]) -> Result<(), String> {
        let lines: String = passwords
            .iter()
            .map(|(user, password)| format!("{user}\t{password}\n"))
            .collect();
        match self {
            Self::Terminal => {
                println!("One-time passwords, shown this once; to be changed at first log-in:\n\n{lines}");
                Ok(())
            }
            Self::File(path, mut file) => {
                let name = path.display();
                file.write_all(lines.as_bytes())
                    .and_then(|()| file.sync_all())
                    .map_err(|error| format!("one-time passwords cannot be written to {name}: {error}"))?;
                eprintln!(
                    "liaison: one-time passwords are in {name}; to be changed at first log-in. Remove the file."
                );
                Ok(())
            }
        }
    }

    /// Nothing was made: no empty file stays.
    pub fn discard(self) {
        if let Self::File(path, _) = self
            && let Err(error) = std::fs::remove_file(&path)
        {
            tracing::warn!(file = %path.display(), %error, "an empty file stays");
        }
    }
}
