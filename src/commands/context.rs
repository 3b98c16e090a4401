//! What commands share: the log, the database that the settings name, the installation's secret.

use crate::auth::secret::Secret;
use crate::config::{Log, LogFormat, Storage};
use crate::db::Db;
use crate::db::embedded::{self, Cluster};
use crate::db::migrate::{self, Direction};
use std::io::{IsTerminal, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
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

/// The database that the settings name, or a private one that lives as long as this value.
pub struct Database {
    pub db: Db,
    cluster: Option<Cluster>,
}

impl Database {
    /// # Errors
    /// A text for the person who starts the program. A server that is named but away is none: the service starts
    /// without it.
    pub async fn open(storage: &Storage) -> Result<Self, String> {
        let (url, cluster) = match storage.url() {
            Some(url) => (url, None),
            None => {
                let options = embedded::Options {
                    data_dir: storage.data_dir.clone(),
                    programs_dir: storage.pg_bin_dir.clone(),
                    profile: embedded::Profile::Durable,
                };
                let cluster = embedded::start(options)
                    .await
                    .map_err(|error| error.to_string())?;
                (cluster.database_url("liaison"), Some(cluster))
            }
        };
        Ok(Self {
            db: Db::new(&url, storage)?,
            cluster,
        })
    }

    /// Applies what is pending, as the owner of the tables where that is a role of its own.
    ///
    /// # Errors
    /// A text for the person who starts the program.
    pub async fn migrate(&self, storage: &Storage, direction: Direction) -> Result<Vec<String>, String> {
        match &storage.migration_database_url {
            Some(url) => {
                let owner = Db::new(url, storage)?;
                migrate::migrate(owner.connector(), direction).await
            }
            None => migrate::migrate(self.db.connector(), direction).await,
        }
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
    let lines: String = passwords
        .iter()
        .map(|(user, password)| format!("{user}\t{password}\n"))
        .collect();
    if std::io::stdout().is_terminal() {
        println!("One-time passwords, shown this once; to be changed at first log-in:\n\n{lines}");
        return Ok(());
    }
    let name = file.display();
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    options
        .open(file)
        .and_then(|mut file| file.write_all(lines.as_bytes()))
        .map_err(|error| format!("one-time passwords cannot be written to {name}: {error}"))?;
    eprintln!("liaison: one-time passwords are in {name}; to be changed at first log-in. Remove the file.");
    Ok(())
}
