//! The way to a host of the database: a socket, TLS where it is asked for.

use socket2::{SockRef, TcpKeepalive};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::{TcpStream, UnixStream};
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode, SslNegotiation};
use tokio_postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect, TlsStream};
use tokio_postgres_rustls::MakeRustlsConnect;

/// Unacknowledged bytes that end a connection after this time; also what the server is told.
pub const UNACKNOWLEDGED: Duration = Duration::from_secs(10);
/// Silence after which the other side is asked whether it is there; then twice more. Also what the server is told.
pub const KEEPALIVE: [Duration; 2] = [Duration::from_secs(10), Duration::from_secs(3)];
pub const KEEPALIVES: u32 = 3;

/// SSLRequest, as PostgreSQL's protocol has it.
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];

type Encrypted = <MakeRustlsConnect as MakeTlsConnect<TcpStream>>::Stream;

pub enum Transport {
    Tcp(TcpStream),
    Unix(UnixStream),
    Tls(Box<Encrypted>),
}

/// One place where the database may be.
#[derive(Clone, Debug)]
pub struct Address {
    pub host: Host,
    /// In place of a look-up of the host's name.
    pub ip: Option<std::net::IpAddr>,
    pub port: u16,
}

impl std::fmt::Display for Address {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.host {
            Host::Tcp(host) => write!(formatter, "{host}:{}", self.port),
            Host::Unix(folder) => write!(formatter, "{}:{}", folder.display(), self.port),
        }
    }
}

/// All of them, in the order of the URL.
///
/// # Errors
/// A text for the person who starts the program.
pub fn addresses(config: &Config) -> Result<Vec<Address>, String> {
    let (hosts, ips, ports) = (config.get_hosts(), config.get_hostaddrs(), config.get_ports());
    let count = hosts.len().max(ips.len());
    let fits = |length: usize| length <= 1 || length == count;
    if count == 0 || !(fits(ports.len()) && (hosts.is_empty() || ips.is_empty() || hosts.len() == ips.len()))
    {
        return Err("database URL: hosts, addresses and ports do not fit together".to_owned());
    }
    let addresses = (0..count).filter_map(|i| {
        let ip = ips.get(i).copied();
        let host = hosts.get(i).cloned();
        Some(Address {
            host: host.or_else(|| ip.map(|ip| Host::Tcp(ip.to_string())))?,
            ip,
            port: ports.get(i).or_else(|| ports.first()).copied().unwrap_or(5432),
        })
    });
    Ok(addresses.collect())
}

impl Transport {
    /// # Errors
    /// Where nobody answers, or not as TLS asks for.
    pub async fn dial(
        address: &Address,
        config: &Config,
        tls: Option<&MakeRustlsConnect>,
    ) -> io::Result<Self> {
        let name = match &address.host {
            Host::Unix(folder) => {
                let path = folder.join(format!(".s.PGSQL.{}", address.port));
                return UnixStream::connect(path).await.map(Self::Unix);
            }
            Host::Tcp(name) => name,
        };
        let stream = match address.ip {
            Some(ip) => TcpStream::connect((ip, address.port)).await?,
            None => TcpStream::connect((name.as_str(), address.port)).await?,
        };
        prepare(&stream, config)?;
        match tls {
            Some(tls) => encrypted(stream, name, config, tls).await,
            None => Ok(Self::Tcp(stream)),
        }
    }

    pub fn channel_binding(&self) -> ChannelBinding {
        match self {
            Self::Tls(stream) => stream.channel_binding(),
            Self::Tcp(_) | Self::Unix(_) => ChannelBinding::none(),
        }
    }
}

/// A peer that is gone without a word is noticed within seconds.
fn prepare(stream: &TcpStream, config: &Config) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let socket = SockRef::from(stream);
    #[cfg(target_os = "linux")]
    socket.set_tcp_user_timeout(Some(
        config.get_tcp_user_timeout().copied().unwrap_or(UNACKNOWLEDGED),
    ))?;
    if config.get_keepalives() {
        let [idle, between] = KEEPALIVE;
        let keepalive = TcpKeepalive::new()
            .with_time(idle.min(config.get_keepalives_idle()))
            .with_interval(config.get_keepalives_interval().unwrap_or(between))
            .with_retries(config.get_keepalives_retries().unwrap_or(KEEPALIVES));
        socket.set_tcp_keepalive(&keepalive)?;
    }
    Ok(())
}

async fn encrypted(
    mut stream: TcpStream,
    name: &str,
    config: &Config,
    tls: &MakeRustlsConnect,
) -> io::Result<Transport> {
    if config.get_ssl_negotiation() == SslNegotiation::Postgres {
        stream.write_all(&SSL_REQUEST).await?;
        if stream.read_u8().await? != b'S' {
            return match config.get_ssl_mode() {
                SslMode::Require => Err(io::Error::other("the server does not speak TLS")),
                _ => Ok(Transport::Tcp(stream)),
            };
        }
    }
    let connector =
        MakeTlsConnect::<TcpStream>::make_tls_connect(&mut tls.clone(), name).map_err(io::Error::other)?;
    let stream = connector.connect(stream).await.map_err(io::Error::other)?;
    Ok(Transport::Tls(Box::new(stream)))
}

impl AsyncRead for Transport {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_read(context, buffer),
            Self::Unix(stream) => Pin::new(stream).poll_read(context, buffer),
            Self::Tls(stream) => Pin::new(stream).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for Transport {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_write(context, bytes),
            Self::Unix(stream) => Pin::new(stream).poll_write(context, bytes),
            Self::Tls(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_flush(context),
            Self::Unix(stream) => Pin::new(stream).poll_flush(context),
            Self::Tls(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_shutdown(context),
            Self::Unix(stream) => Pin::new(stream).poll_shutdown(context),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}
