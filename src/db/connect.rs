//! One connection: several hosts, TLS, time limits.

use super::dial::{self, Address, Transport};
use super::wire::{Made, Patience, Watch, Wire};
use crate::config::Storage;
use diesel::{ConnectionError, ConnectionResult};
use diesel_async::AsyncPgConnection;
use futures_util::future::select_ok;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use std::rc::Rc;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;
use tokio_postgres::config::{Host, SslMode, SslNegotiation, TargetSessionAttrs};
use tokio_postgres::{Client, SimpleQueryMessage};
use tokio_postgres_rustls::MakeRustlsConnect;

/// What the next host waits before it is tried beside the one before: who is gone without a word costs no more.
const NEXT_HOST: Duration = Duration::from_millis(250);

/// How far beyond the time that the server gives a statement its answer may be.
const GRACE: Duration = Duration::from_secs(1);

/// What a connection is for, which says what it may wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Transactions: a lock is waited for longer than a frozen holder keeps it.
    Write,
    /// Reads that many send over one connection: a lock that is not free at once holds up the others.
    Read,
    /// What looks whether the database works: it is not to wait at all, but for what it looks at.
    Probe,
    /// The same with a write, whose commit may wait for a standby for as long as that is away.
    Commit,
    /// Migrations and mass loads, which take their time.
    Maintenance,
}

/// Makes connections to one database.
pub struct Connector {
    config: tokio_postgres::Config,
    addresses: Vec<Address>,
    timeouts: Timeouts,
    tls: Option<MakeRustlsConnect>,
}

#[derive(Clone, Copy)]
struct Timeouts {
    statement: Duration,
    lock: Duration,
    shared_lock: Duration,
    idle_in_transaction: Duration,
    connect: Duration,
}

/// Nothing of the URL is repeated: it may hold a password.
fn parse(url: &str) -> Result<tokio_postgres::Config, String> {
    const FORM: &str = "database URL: not a PostgreSQL URL, such as postgres://user@host/database";
    let scheme = url.split_once("://").map(|(scheme, _)| scheme);
    if scheme.is_some_and(|scheme| !["postgres", "postgresql"].contains(&scheme)) {
        return Err(FORM.to_owned());
    }
    let config =
        tokio_postgres::Config::from_str(url).map_err(|error| format!("{FORM}: {}", innermost(&error)))?;
    if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
        return Err(format!("{FORM}: it names no host"));
    }
    Ok(config)
}

impl Connector {
    /// # Errors
    /// A text for the person who starts the program.
    pub fn new(url: &str, storage: &Storage) -> Result<Self, String> {
        let mut config = parse(url)?;
        let addresses = dial::addresses(&config)?;
        // After a fail-over several hosts answer; writes belong to the one that takes them.
        if addresses.len() > 1 {
            config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        }
        if config.get_application_name().is_none() {
            config.application_name("liaison");
        }
        let milliseconds = |setting: u32| Duration::from_millis(setting.into());
        let timeouts = Timeouts {
            statement: milliseconds(storage.statement_timeout_ms),
            lock: milliseconds(storage.lock_timeout_ms),
            shared_lock: milliseconds(storage.shared_lock_timeout_ms),
            idle_in_transaction: milliseconds(storage.idle_in_transaction_timeout_ms),
            connect: config
                .get_connect_timeout()
                .copied()
                .unwrap_or(Duration::from_secs(3)),
        };
        // A socket has none, and reading all the system's roots takes its time.
        let local = addresses
            .iter()
            .all(|address| matches!(address.host, Host::Unix(_)));
        let tls = match config.get_ssl_mode() {
            SslMode::Disable => None,
            _ if local => None,
            _ => Some(MakeRustlsConnect::new(tls_config(storage)?)),
        };
        Ok(Self {
            config,
            addresses,
            timeouts,
            tls,
        })
    }

    /// A fresh connection, and how it is.
    ///
    /// # Errors
    /// Where no host answers in time.
    pub async fn connect(&self, purpose: Purpose) -> ConnectionResult<(AsyncPgConnection, Arc<Watch>)> {
        let (client, watch) = self.client(purpose).await?;
        Ok((AsyncPgConnection::try_from(client).await?, watch))
    }

    /// The same without diesel, for `COPY`.
    ///
    /// # Errors
    /// Where no host answers in time.
    pub async fn client(&self, purpose: Purpose) -> ConnectionResult<(Client, Arc<Watch>)> {
        let attempts = self.addresses.iter().zip(0..).map(|(address, place)| {
            Box::pin(async move {
                tokio::time::sleep(NEXT_HOST * place).await;
                self.client_at(address, purpose).await
            })
        });
        select_ok(attempts).await.map(|(client, _)| client)
    }

    /// The database as it is named to a person, without user and password.
    pub fn name(&self) -> String {
        let hosts: Vec<String> = self.addresses.iter().map(ToString::to_string).collect();
        let database = self.config.get_dbname().or_else(|| self.config.get_user());
        format!(
            "database {} at {}",
            database.unwrap_or_default(),
            hosts.join(", ")
        )
    }

    /// The hosts of the URL.
    pub fn addresses(&self) -> &[Address] {
        &self.addresses
    }

    /// A connection to one of them.
    ///
    /// # Errors
    /// Where it does not answer in time, or does not take writes and has to.
    pub async fn client_at(
        &self,
        address: &Address,
        purpose: Purpose,
    ) -> ConnectionResult<(Client, Arc<Watch>)> {
        match timeout(self.timeouts.connect, self.session(address, purpose)).await {
            Ok(connected) => {
                connected.map_err(|error| ConnectionError::BadConnection(format!("{address}: {error}")))
            }
            Err(_) => Err(ConnectionError::BadConnection(format!(
                "{address}: no answer in time"
            ))),
        }
    }

    async fn session(&self, address: &Address, purpose: Purpose) -> Result<(Client, Arc<Watch>), String> {
        let transport = Transport::dial(address, &self.config, self.tls.as_ref())
            .await
            .map_err(|error| innermost(&error))?;
        let mut config = self.config.clone();
        config.options(self.options(purpose));
        // The stream is what it is to be: encrypted or not.
        config.ssl_negotiation(SslNegotiation::Direct);
        config.ssl_mode(match transport {
            Transport::Tls(_) => SslMode::Require,
            Transport::Tcp(_) | Transport::Unix(_) => SslMode::Disable,
        });
        let watch = Arc::new(Watch::default());
        let wire = Wire::new(transport, watch.clone(), self.patience(purpose));
        let (client, connection) = config
            .connect_raw(wire, Made)
            .await
            .map_err(|error| innermost(&error))?;
        let closed = watch.clone();
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(error = innermost(&error), "a database connection ended");
            }
            closed.close();
        });
        self.settle(&client).await?;
        Ok((client, watch))
    }

    fn patience(&self, purpose: Purpose) -> Patience {
        Patience {
            silence: match purpose {
                Purpose::Write | Purpose::Read | Purpose::Probe => Some(self.timeouts.statement + GRACE),
                Purpose::Commit | Purpose::Maintenance => None,
            },
            shared: purpose == Purpose::Read,
        }
    }

    /// No lock outlives its holder, and nothing waits for ever. What the URL says goes before.
    fn options(&self, purpose: Purpose) -> String {
        let Timeouts {
            statement,
            lock,
            shared_lock,
            idle_in_transaction,
            ..
        } = self.timeouts;
        let (lock, idle) = match purpose {
            Purpose::Write => (lock, idle_in_transaction),
            Purpose::Read | Purpose::Probe | Purpose::Commit => (shared_lock, idle_in_transaction),
            Purpose::Maintenance => (Duration::ZERO, Duration::ZERO),
        };
        let [keepalive, between] = dial::KEEPALIVE;
        let ours = format!(
            "-c statement_timeout={}ms -c lock_timeout={}ms -c idle_in_transaction_session_timeout={}ms \
             -c tcp_keepalives_idle={}s -c tcp_keepalives_interval={}s -c tcp_keepalives_count={} \
             -c tcp_user_timeout={}ms -c timezone=UTC -c jit=off",
            statement.as_millis(),
            lock.as_millis(),
            idle.as_millis(),
            keepalive.as_secs(),
            between.as_secs(),
            dial::KEEPALIVES,
            dial::UNACKNOWLEDGED.as_millis(),
        );
        match self.config.get_options() {
            Some(theirs) => format!("{ours} {theirs}"),
            None => ours,
        }
    }

    /// Durable whatever role and database say, and refused where another host is to be looked for.
    async fn settle(&self, client: &Client) -> Result<(), String> {
        let durable = client.simple_query(
            "SELECT current_setting('transaction_read_only'), set_config('synchronous_commit',
                 CASE current_setting('synchronous_commit') WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END, false)",
        );
        // Some systems cannot do it, and say so.
        let noticing = client.simple_query("SET client_connection_check_interval = '2s'");
        let (durable, _) = futures_util::join!(durable, noticing);
        let answer = durable.map_err(|error| innermost(&error))?;
        let read_only = answer
            .iter()
            .any(|message| matches!(message, SimpleQueryMessage::Row(row) if row.get(0) == Some("on")));
        match self.config.get_target_session_attrs() {
            TargetSessionAttrs::ReadWrite if read_only => Err("it takes no writes".to_owned()),
            TargetSessionAttrs::ReadOnly if !read_only => Err("it takes writes".to_owned()),
            _ => Ok(()),
        }
    }
}

/// tokio-postgres says only "error connecting to server"; what helps stands in the sources.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        text = format!("{text}: {inner}");
        source = inner.source();
    }
    text
}

fn tls_config(storage: &Storage) -> Result<rustls::ClientConfig, String> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(file) = &storage.database_ca {
        let name = file.display();
        let certificates =
            CertificateDer::pem_file_iter(file).map_err(|error| format!("database CA {name}: {error}"))?;
        for certificate in certificates {
            let certificate = certificate.map_err(|error| format!("database CA {name}: {error}"))?;
            roots
                .add(certificate)
                .map_err(|error| format!("database CA {name}: {error}"))?;
        }
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

/// A connection that many read over at once.
#[derive(Clone)]
pub struct Shared {
    connection: Rc<AsyncPgConnection>,
    watch: Arc<Watch>,
}

impl Shared {
    pub(super) fn new(connection: AsyncPgConnection, watch: Arc<Watch>) -> Self {
        Self {
            connection: Rc::new(connection),
            watch,
        }
    }

    pub(super) fn is_open(&self) -> bool {
        self.watch.is_open()
    }

    pub(super) fn silent_for(&self) -> Duration {
        self.watch.silent_for()
    }

    pub(super) fn is_in_use(&self) -> bool {
        Rc::strong_count(&self.connection) > 1
    }
}

impl std::ops::Deref for Shared {
    type Target = AsyncPgConnection;
    fn deref(&self) -> &Self::Target {
        &self.connection
    }
}
