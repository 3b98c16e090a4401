//! The settings, in one list: each is a flag, an environment variable `LIAISON_…` and a line of an optional TOML file,
//! in that order of weight. `docs/settings.md` is made from it.

mod variables;

pub use variables::check_variables;

use clap::{Args, ValueEnum};
use ipnet::IpNet;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::Duration;

/// Password of the demo accounts where no other is set.
pub const DEMO_PASSWORD: &str = "Liaison-demo-2020!";

/// All that the service can be told.
#[derive(Args, Clone, Debug)]
pub struct Settings {
    /// Optional TOML file with the same settings: `listen = "0.0.0.0:8080"`
    #[arg(long, env = "LIAISON_CONFIG", global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,

    #[command(flatten)]
    pub storage: Storage,

    #[command(flatten)]
    pub log: Log,
}

/// Where data lives; every command takes these.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Storage")]
pub struct Storage {
    /// Folder of the service's own data: the embedded PostgreSQL and the installation's secret
    #[arg(
        long,
        env = "LIAISON_DATA_DIR",
        global = true,
        default_value = ".liaison",
        value_name = "DIR"
    )]
    pub data_dir: PathBuf,

    /// PostgreSQL to use, several hosts allowed; without it the service runs a private PostgreSQL of its own.
    /// `DATABASE_URL` is honoured where this is not set
    #[arg(
        long,
        env = "LIAISON_DATABASE_URL",
        global = true,
        hide_env_values = true,
        value_name = "URL"
    )]
    pub database_url: Option<String>,

    /// URL of the role that owns the tables, for migrations, where that is another than the service's
    #[arg(
        long,
        env = "LIAISON_MIGRATION_DATABASE_URL",
        global = true,
        hide_env_values = true,
        value_name = "URL"
    )]
    pub migration_database_url: Option<String>,

    /// Folder of the PostgreSQL programs for the embedded database; found by itself where not set
    #[arg(long, env = "LIAISON_PG_BIN_DIR", global = true, value_name = "DIR")]
    pub pg_bin_dir: Option<PathBuf>,

    /// Certificate authorities (PEM) to trust for the database, besides the system's
    #[arg(long, env = "LIAISON_DATABASE_CA", global = true, value_name = "FILE")]
    pub database_ca: Option<PathBuf>,

    /// Connections kept for transactions and searches. Besides: a quarter as many for log-ins, two that look whether the database
    /// works, and for each worker one for reads, with up to eight beside it while that one is held up
    #[arg(long, env = "LIAISON_DATABASE_POOL", global = true, default_value_t = 8, value_name = "N",
          value_parser = clap::value_parser!(u32).range(1..=500))]
    pub database_pool: u32,

    /// Milliseconds after which the database gives up on one statement
    #[arg(long, env = "LIAISON_STATEMENT_TIMEOUT_MS", global = true, default_value_t = 10_000, value_name = "MS",
          value_parser = clap::value_parser!(u32).range(100..=600_000))]
    pub statement_timeout_ms: u32,

    /// Milliseconds that a write waits for what another holds, such as a row that is being changed
    #[arg(long, env = "LIAISON_LOCK_TIMEOUT_MS", global = true, default_value_t = 7_000, value_name = "MS",
          value_parser = clap::value_parser!(u32).range(100..=600_000))]
    pub lock_timeout_ms: u32,

    /// Milliseconds that a read waits for a table that is locked; reads share connections
    #[arg(long, env = "LIAISON_SHARED_LOCK_TIMEOUT_MS", global = true, default_value_t = 1_000, value_name = "MS",
          value_parser = clap::value_parser!(u32).range(100..=600_000))]
    pub shared_lock_timeout_ms: u32,

    /// Milliseconds after which the database ends a transaction whose instance has frozen or is gone, and gives back
    /// what it holds; less than `LIAISON_LOCK_TIMEOUT_MS`, so that those who wait get through
    #[arg(long, env = "LIAISON_IDLE_IN_TRANSACTION_TIMEOUT_MS", global = true, default_value_t = 5_000, value_name = "MS",
          value_parser = clap::value_parser!(u32).range(100..=600_000))]
    pub idle_in_transaction_timeout_ms: u32,

    /// The installation's secret (32 characters or more), the same on every instance; a file in the data folder
    /// is made where not set
    #[arg(
        long,
        env = "LIAISON_SECRET",
        global = true,
        hide_env_values = true,
        value_name = "TEXT"
    )]
    pub secret: Option<String>,

    #[command(flatten)]
    pub objects: Objects,
}

/// Where attached files are kept.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Attached files")]
pub struct Objects {
    /// Bucket of an S3-compatible store for attached files (`s3://bucket/prefix`); the folder `attachments` in the data
    /// folder where not set
    #[arg(long, env = "LIAISON_OBJECT_STORE_URL", global = true, value_name = "URL")]
    pub object_store_url: Option<String>,

    /// Address of the S3-compatible store; Amazon's where not set
    #[arg(long, env = "LIAISON_S3_ENDPOINT", global = true, value_name = "URL")]
    pub s3_endpoint: Option<String>,

    /// Region that requests to the store are signed for
    #[arg(
        long,
        env = "LIAISON_S3_REGION",
        global = true,
        default_value = "us-east-1",
        value_name = "REGION"
    )]
    pub s3_region: String,

    /// Access key of the store
    #[arg(
        long,
        env = "LIAISON_S3_ACCESS_KEY",
        global = true,
        hide_env_values = true,
        hide_default_value = true,
        value_name = "TEXT"
    )]
    pub s3_access_key: Option<String>,

    /// Secret key of the store
    #[arg(
        long,
        env = "LIAISON_S3_SECRET_KEY",
        global = true,
        hide_env_values = true,
        hide_default_value = true,
        value_name = "TEXT"
    )]
    pub s3_secret_key: Option<Hidden>,

    /// The bucket is part of the store's host name, not of the path
    #[arg(long, env = "LIAISON_S3_VIRTUAL_HOSTED", global = true)]
    pub s3_virtual_hosted: bool,

    /// Certificate authorities (PEM) to trust for the store, besides the system's
    #[arg(long, env = "LIAISON_S3_CA", global = true, value_name = "FILE")]
    pub s3_ca: Option<PathBuf>,
}

/// A setting that is never printed.
#[derive(Clone)]
pub struct Hidden(String);

impl Hidden {
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for Hidden {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

impl std::fmt::Debug for Hidden {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("(hidden)")
    }
}

/// How the service writes its log; to standard error.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Log")]
pub struct Log {
    /// Lines for people, or one JSON object a line
    #[arg(
        long,
        env = "LIAISON_LOG_FORMAT",
        global = true,
        default_value = "auto",
        value_name = "FORMAT"
    )]
    pub log_format: LogFormat,

    /// Least level, or a filter such as `info,liaison=debug`
    #[arg(
        long,
        env = "LIAISON_LOG",
        global = true,
        default_value = "info,actix_server=warn,tokio_postgres=warn",
        value_name = "FILTER"
    )]
    pub log: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// Text at a terminal, JSON elsewhere
    Auto,
    Text,
    Json,
}

/// What `liaison serve` takes besides.
#[derive(Args, Clone, Debug)]
pub struct Serve {
    /// Load the notice's scheme, demo accounts with a published password and demo content; never for real use
    #[arg(long, env = "LIAISON_DEMO")]
    pub demo: bool,

    /// Serve the demo on an address that is not this machine's alone, where everybody who reaches it can log in
    #[arg(long, env = "LIAISON_DEMO_PUBLIC")]
    pub demo_public: bool,

    /// Password of the demo accounts
    #[arg(
        long,
        env = "LIAISON_DEMO_PASSWORD",
        hide_env_values = true,
        default_value = DEMO_PASSWORD,
        value_name = "TEXT"
    )]
    pub demo_password: String,

    #[command(flatten)]
    pub http: Http,

    #[command(flatten)]
    pub security: Security,

    #[command(flatten)]
    pub files: Files,

    #[command(flatten)]
    pub mail: Mail,
}

/// Notices by e-mail; none are sent where no server is set.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Mail")]
pub struct Mail {
    /// Mail server to send notices through: `smtps://user:password@host:465`, or
    /// `smtp://user:password@host:587?tls=required` for STARTTLS; without it no e-mail is sent
    #[arg(long, env = "LIAISON_SMTP_URL", hide_env_values = true, value_name = "URL")]
    pub smtp_url: Option<String>,

    /// Sender of the service's e-mails: `对口联系 <liaison@example.gov.cn>`
    #[arg(long, env = "LIAISON_MAIL_FROM", value_name = "ADDRESS")]
    pub mail_from: Option<String>,
}

#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "HTTP")]
pub struct Http {
    /// Address and port to serve on; port 0 takes a free one
    #[arg(
        long,
        env = "LIAISON_LISTEN",
        default_value = "127.0.0.1:8080",
        value_name = "ADDR"
    )]
    pub listen: SocketAddr,

    /// Serve `/metrics` on this address alone
    #[arg(long, env = "LIAISON_METRICS_LISTEN", value_name = "ADDR")]
    pub metrics_listen: Option<SocketAddr>,

    /// Worker threads; as many as there are cores where not set
    #[arg(long, env = "LIAISON_WORKERS", value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub workers: Option<u16>,

    /// Address under which clients reach the service: the beginning of its links, and the issuer of its tokens. Where not set,
    /// links begin with the address that it listens on, and the issuer stays what it was at the first start on the database
    #[arg(long, env = "LIAISON_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<String>,

    /// Milliseconds after which a request is given up
    #[arg(long, env = "LIAISON_REQUEST_TIMEOUT_MS", default_value_t = 15_000, value_name = "MS",
          value_parser = clap::value_parser!(u32).range(100..=600_000))]
    pub request_timeout_ms: u32,

    /// Greatest JSON body in bytes
    #[arg(long, env = "LIAISON_BODY_LIMIT", default_value_t = 1_048_576, value_name = "BYTES",
          value_parser = clap::value_parser!(u32).range(1_024..=67_108_864))]
    pub body_limit: u32,

    /// Origins that browsers may call from
    #[arg(
        long,
        env = "LIAISON_CORS_ORIGINS",
        value_delimiter = ',',
        value_name = "ORIGIN,…"
    )]
    pub cors_origins: Vec<String>,

    /// Networks whose `X-Forwarded-For` is believed
    #[arg(
        long,
        env = "LIAISON_TRUSTED_PROXIES",
        value_delimiter = ',',
        value_name = "CIDR,…"
    )]
    pub trusted_proxies: Vec<IpNet>,

    /// Seconds after SIGTERM in which the service is not ready, but still takes and answers requests: time for whatever sends
    /// them to notice. None after Ctrl-C
    #[arg(long, env = "LIAISON_DRAIN_SECONDS", default_value_t = 5, value_name = "S",
          value_parser = clap::value_parser!(u16).range(0..=600))]
    pub drain_seconds: u16,

    /// Seconds that requests under way get when no new ones are taken any more
    #[arg(long, env = "LIAISON_SHUTDOWN_SECONDS", default_value_t = 30, value_name = "S",
          value_parser = clap::value_parser!(u16).range(0..=600))]
    pub shutdown_seconds: u16,
}

#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Security")]
pub struct Security {
    /// Rules for passwords: 等保2.0, or NIST SP 800-63B
    #[arg(
        long,
        env = "LIAISON_PASSWORD_PROFILE",
        default_value = "dengbao3",
        value_name = "PROFILE"
    )]
    pub password_profile: PasswordProfile,

    /// Seconds that an access token is good for
    #[arg(long, env = "LIAISON_ACCESS_TOKEN_SECONDS", default_value_t = 900, value_name = "S",
          value_parser = clap::value_parser!(u32).range(60..=86_400))]
    pub access_token_seconds: u32,

    /// Hours that a refresh token is good for
    #[arg(long, env = "LIAISON_REFRESH_TOKEN_HOURS", default_value_t = 12, value_name = "H",
          value_parser = clap::value_parser!(u32).range(1..=8_760))]
    pub refresh_token_hours: u32,

    /// Failed log-ins of one account from one address until that pair is locked
    #[arg(long, env = "LIAISON_LOGIN_FAILURES", default_value_t = 5, value_name = "N",
          value_parser = clap::value_parser!(u32).range(1..=100))]
    pub login_failures: u32,

    /// Failed log-ins from one address, over all accounts, until that address is locked
    #[arg(long, env = "LIAISON_LOGIN_FAILURES_OF_ADDRESS", default_value_t = 100, value_name = "N",
          value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub login_failures_of_address: u32,

    /// Minutes that a lock lasts
    #[arg(long, env = "LIAISON_LOGIN_LOCK_MINUTES", default_value_t = 15, value_name = "MIN",
          value_parser = clap::value_parser!(u32).range(1..=1_440))]
    pub login_lock_minutes: u32,

    /// Requests a minute of one account; 0 turns the limit off
    #[arg(long, env = "LIAISON_RATE_LIMIT", default_value_t = 1_200, value_name = "N")]
    pub rate_limit: u32,

    /// Requests a minute of one address without a token; 0 turns the limit off
    #[arg(
        long,
        env = "LIAISON_RATE_LIMIT_OF_ADDRESS",
        default_value_t = 6_000,
        value_name = "N"
    )]
    pub rate_limit_of_address: u32,
}

/// What attached files may be, and how they come in.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Attached files")]
pub struct Files {
    /// Greatest attached file in bytes
    #[arg(long, env = "LIAISON_ATTACHMENT_LIMIT", default_value_t = 20_971_520, value_name = "BYTES",
          value_parser = clap::value_parser!(u64).range(1_024..=1_073_741_824))]
    pub attachment_limit: u64,

    /// Days that the bytes of a removed attachment are kept
    #[arg(long, env = "LIAISON_ATTACHMENT_RETENTION_DAYS", default_value_t = 30, value_name = "DAYS",
          value_parser = clap::value_parser!(u16).range(0..=3_650))]
    pub attachment_retention_days: u16,

    /// Uploads that an instance receives at once
    #[arg(long, env = "LIAISON_UPLOADS_AT_ONCE", default_value_t = 16, value_name = "N",
          value_parser = clap::value_parser!(u16).range(1..=1_000))]
    pub uploads_at_once: u16,

    /// Uploads of one account that an instance receives at once
    #[arg(long, env = "LIAISON_UPLOADS_OF_ACCOUNT", default_value_t = 4, value_name = "N",
          value_parser = clap::value_parser!(u16).range(1..=1_000))]
    pub uploads_of_account: u16,

    /// Uploads from one address that an instance receives at once
    #[arg(long, env = "LIAISON_UPLOADS_OF_ADDRESS", default_value_t = 12, value_name = "N",
          value_parser = clap::value_parser!(u16).range(1..=1_000))]
    pub uploads_of_address: u16,

    /// Seconds after which an upload or download is given up, in place of the time limit of other requests
    #[arg(long, env = "LIAISON_TRANSFER_SECONDS", default_value_t = 900, value_name = "S",
          value_parser = clap::value_parser!(u32).range(1..=1_800))]
    pub transfer_seconds: u32,

    /// Milliseconds that an upload may be silent, and after which its rate is looked at
    #[arg(long, env = "LIAISON_UPLOAD_PATIENCE_MS", default_value_t = 10_000, value_name = "MS",
          value_parser = clap::value_parser!(u32).range(100..=600_000))]
    pub upload_patience_ms: u32,

    /// Bytes a second that an upload must bring on average
    #[arg(
        long,
        env = "LIAISON_UPLOAD_MINIMUM_RATE",
        default_value_t = 1_024,
        value_name = "BYTES"
    )]
    pub upload_minimum_rate: u32,
}

impl Files {
    pub fn transfer_timeout(&self) -> Duration {
        Duration::from_secs(self.transfer_seconds.into())
    }

    pub fn upload_patience(&self) -> Duration {
        Duration::from_millis(self.upload_patience_ms.into())
    }
}

impl Http {
    pub fn request_timeout(&self) -> Duration {
        Duration::from_millis(self.request_timeout_ms.into())
    }
}

impl Storage {
    /// The database to use, where one is named.
    pub fn url(&self) -> Option<String> {
        self.database_url
            .clone()
            .or_else(|| std::env::var("DATABASE_URL").ok())
            .filter(|url| !url.is_empty())
    }
}

/// Puts the lines of the TOML file under the environment and the flags: they become the defaults of the arguments.
///
/// # Errors
/// A text for the person who starts the program: the file is missing or malformed, or has a line that is no setting.
pub fn with_file(command: clap::Command, file: &std::path::Path) -> Result<clap::Command, String> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| format!("settings file {}: {error}", file.display()))?;
    let table: toml::Table = text
        .parse()
        .map_err(|error| format!("settings file {}: {error}", file.display()))?;
    refuse_open_secrets(&command, file, &table)?;
    let mut command = command;
    let mut unknown: Vec<String> = table.keys().cloned().collect();
    for (key, value) in &table {
        let id = key.replace('-', "_");
        let values = plain(value).ok_or_else(|| {
            format!(
                "settings file {}: {key} is neither text, number, yes/no nor a list",
                file.display()
            )
        })?;
        command = set_default(command, &id, &values, &mut |_| {
            unknown.retain(|other| other != key)
        });
    }
    let Some(key) = unknown.first() else {
        return Ok(command);
    };
    Err(format!(
        "settings file {}: there is no setting {key}{}",
        file.display(),
        variables::nearest_flag(&command, key)
    ))
}

/// A file with a secret in it is its owner's alone, like the file of the installation's secret.
fn refuse_open_secrets(
    command: &clap::Command,
    file: &std::path::Path,
    table: &toml::Table,
) -> Result<(), String> {
    let name = file.display();
    let mode = std::fs::metadata(file)
        .map_err(|error| format!("settings file {name}: {error}"))?
        .permissions()
        .mode()
        & 0o777;
    let mut secrets = table
        .keys()
        .filter(|key| is_secret(command, &key.replace('-', "_")));
    match secrets.next() {
        Some(key) if mode & 0o077 != 0 => Err(format!(
            "settings file {name} holds {key} and is open to others (mode {mode:03o}): chmod 600 it"
        )),
        _ => Ok(()),
    }
}

/// Secrets are the settings whose values `--help` does not show.
fn is_secret(command: &clap::Command, id: &str) -> bool {
    let mut arguments = command.get_arguments();
    arguments.any(|argument| argument.get_id() == id && argument.is_hide_env_values_set())
        || command.get_subcommands().any(|sub| is_secret(sub, id))
}

fn plain(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Boolean(flag) => Some(flag.to_string()),
        toml::Value::Array(items) => Some(items.iter().map(plain).collect::<Option<Vec<_>>>()?.join(",")),
        _ => None,
    }
}

fn set_default(command: clap::Command, id: &str, value: &str, found: &mut dyn FnMut(&str)) -> clap::Command {
    let has = |command: &clap::Command| command.get_arguments().any(|argument| argument.get_id() == id);
    let mut command = command;
    if has(&command) && id != "config" {
        found(id);
        let value = value.to_owned();
        command = command.mut_arg(id, |argument| {
            argument.default_value(clap::builder::OsStr::from(value))
        });
    }
    let names: Vec<String> = command
        .get_subcommands()
        .map(|sub| sub.get_name().to_owned())
        .collect();
    for name in names {
        command = command.mut_subcommand(name, |sub| set_default(sub, id, value, found));
    }
    command
}

/// The two sets of rules for passwords.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Default,
    strum::Display,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantNames,
)]
#[strum(serialize_all = "snake_case")]
pub enum PasswordProfile {
    /// Complexity and regular change, as level 3 of 等保2.0 is assessed: 12 characters, 3 of 4 classes, 90 days,
    /// the last 5 not again, blocklist.
    #[default]
    Dengbao3,
    /// SP 800-63B-4 section 3.1.1: 15 characters (it is the only factor), no composition rules, no expiry, blocklist.
    Nist,
}
