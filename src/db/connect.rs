//! One connection: several hosts, TLS, time limits.

use crate::config::Storage;
use diesel::{ConnectionError, ConnectionResult};
use diesel_async::AsyncPgConnection;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use std::rc::Rc;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio_postgres::config::{Host, SslMode, TargetSessionAttrs};
use tokio_postgres_rustls::MakeRustlsConnect;

/// Makes connections to one database.
pub struct Connector {
    config: tokio_postgres::Config,
    tls: Option<MakeRustlsConnect>,
}

impl Connector {
    /// # Errors
    /// A text for the person who starts the program.
    pub fn new(url: &str, storage: &Storage) -> Result<Self, String> {
        let mut config = parse(url)?;
        // After a fail-over several hosts answer; writes belong to the one that takes them.
        if config.get_hosts().len() > 1 {
            config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(Duration::from_secs(3));
        }
        config.tcp_user_timeout(Duration::from_secs(10));
        if config.get_application_name().is_none() {
            config.application_name("liaison");
        }
        let ours = format!(
            "-c statement_timeout={}ms -c timezone=UTC -c jit=off",
            storage.statement_timeout_ms
        );
        config.options(match config.get_options() {
            Some(theirs) => format!("{ours} {theirs}"),
            None => ours,
        });
        // A socket has none, and reading all the system's roots takes its time.
        let local = config
            .get_hosts()
            .iter()
            .all(|host| matches!(host, Host::Unix(_)));
        let tls = match config.get_ssl_mode() {
            SslMode::Disable => None,
            _ if local => None,
            _ => Some(MakeRustlsConnect::new(tls_config(storage)?)),
        };
        Ok(Self { config, tls })
    }

    /// A fresh connection, and whether it is still open.
    ///
    /// # Errors
    /// Where no host answers in time.
    pub async fn connect(&self) -> ConnectionResult<(AsyncPgConnection, Arc<AtomicBool>)> {
        let (client, open) = self.client().await?;
        Ok((AsyncPgConnection::try_from(client).await?, open))
    }

    /// The same without diesel, for `COPY`.
    ///
    /// # Errors
    /// Where no host answers in time.
    pub async fn client(&self) -> ConnectionResult<(tokio_postgres::Client, Arc<AtomicBool>)> {
        let open = Arc::new(AtomicBool::new(true));
        let client = match &self.tls {
            Some(tls) => {
                let (client, connection) = self.config.connect(tls.clone()).await.map_err(refused)?;
                drive(connection, open.clone());
                client
            }
            None => {
                let (client, connection) = self
                    .config
                    .connect(tokio_postgres::NoTls)
                    .await
                    .map_err(refused)?;
                drive(connection, open.clone());
                client
            }
        };
        Ok((client, open))
    }
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
    if config.get_hosts().is_empty() {
        return Err(format!("{FORM}: it names no host"));
    }
    Ok(config)
}

fn drive(
    connection: impl Future<Output = Result<(), tokio_postgres::Error>> + Send + 'static,
    open: Arc<AtomicBool>,
) {
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(error = innermost(&error), "a database connection ended");
        }
        open.store(false, Ordering::Release);
    });
}

fn refused(error: tokio_postgres::Error) -> ConnectionError {
    ConnectionError::BadConnection(innermost(&error))
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
    open: Arc<AtomicBool>,
}

impl Shared {
    pub(super) fn new(connection: AsyncPgConnection, open: Arc<AtomicBool>) -> Self {
        Self {
            connection: Rc::new(connection),
            open,
        }
    }

    pub(super) fn is_open(&self) -> bool {
        self.open.load(Ordering::Acquire)
    }
}

impl std::ops::Deref for Shared {
    type Target = AsyncPgConnection;
    fn deref(&self) -> &Self::Target {
        &self.connection
    }
}
