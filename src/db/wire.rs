//! What passes between the service and PostgreSQL, looked at on its way. Here, and for every connection, it is decided
//!
//! - which error counts: diesel hands on the server's words but not the SQLSTATE, and words depend on `lc_messages`. The code is
//!   put before the message. After a first error a transaction answers everything with "transaction is aborted" (25P02): that is
//!   replaced by the first error, whichever of several statements sent together is looked at first;
//! - how long an answer is waited for: a connection that stays silent beyond its limit is ended, and its requests with it.

use super::dial::Transport;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;
use tokio_postgres::tls::{ChannelBinding, TlsConnect, TlsStream};

/// In place of the error itself, once a transaction has failed.
const ABORTED: &str = "25P02";
const LOCK_NOT_AVAILABLE: &[u8] = b"55P03";

/// The SQLSTATE that a message of the server begins with.
pub fn sqlstate(message: &str) -> Option<&str> {
    let (code, _) = message.split_once(": ")?;
    let plain = code
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase());
    (code.len() == 5 && plain).then_some(code)
}

/// How one connection is, for whoever shares it.
#[derive(Debug)]
pub struct Watch {
    open: AtomicBool,
    /// Milliseconds after `START` of the last sign of life while answers are outstanding; 0 where none are.
    waiting_since: AtomicU64,
}

/// Any instant before the first connection.
static START: LazyLock<Instant> = LazyLock::new(Instant::now);

impl Default for Watch {
    fn default() -> Self {
        Self {
            open: AtomicBool::new(true),
            waiting_since: AtomicU64::new(0),
        }
    }
}

impl Watch {
    pub fn is_open(&self) -> bool {
        self.open.load(Ordering::Acquire)
    }

    pub fn close(&self) {
        self.open.store(false, Ordering::Release);
    }

    /// How long the server has been silent with an answer outstanding.
    pub fn silent_for(&self) -> Duration {
        match self.waiting_since.load(Ordering::Relaxed) {
            0 => Duration::ZERO,
            since => Duration::from_millis(now().saturating_sub(since)),
        }
    }

    fn waits(&self, waits: bool) {
        let since = if waits { now() } else { 0 };
        self.waiting_since.store(since, Ordering::Relaxed);
    }
}

fn now() -> u64 {
    u64::try_from(START.elapsed().as_millis()).map_or(u64::MAX, |passed| passed + 1)
}

/// What a connection may keep waiting, and what follows.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Silence with an answer outstanding that ends it.
    pub silence: Option<Duration>,
    /// Many share it: once one of them has waited for a lock in vain, those behind it are not to wait for the next one's.
    pub shared: bool,
}

/// The connection's stream.
pub struct Wire {
    transport: Transport,
    watch: Arc<Watch>,
    patience: Patience,
    /// Polled while an answer is outstanding.
    alarm: Option<Pin<Box<Sleep>>>,
    /// Requests that `ReadyForQuery` has not answered yet; none is counted before the first one, which ends the start.
    outstanding: Option<u32>,
    outbound: Frames,
    inbound: Frames,
    /// An error that has begun and is not whole yet.
    held: Vec<u8>,
    /// Rewritten, and not handed on yet.
    rewritten: Vec<u8>,
    /// The error that has failed the transaction.
    first: Option<Vec<u8>>,
    ends: bool,
}

impl Wire {
    pub fn new(transport: Transport, watch: Arc<Watch>, patience: Patience) -> Self {
        Self {
            transport,
            watch,
            patience,
            alarm: None,
            outstanding: None,
            outbound: Frames::from_start_up(),
            inbound: Frames::default(),
            held: Vec::new(),
            rewritten: Vec::new(),
            first: None,
            ends: false,
        }
    }

    fn count(&mut self, change: impl FnOnce(u32) -> u32) {
        self.outstanding = self.outstanding.map(change);
        self.watch.waits(self.outstanding.is_some_and(|count| count > 0));
    }

    /// Whether the silence has lasted too long; the alarm is set where it has not.
    fn is_too_silent(&mut self, context: &mut Context<'_>) -> bool {
        let Some(limit) = self.patience.silence else {
            return false;
        };
        if self.outstanding.is_none_or(|count| count == 0) {
            return false;
        }
        let rest = |watch: &Watch| limit.saturating_sub(watch.silent_for());
        let alarm = self
            .alarm
            .get_or_insert_with(|| Box::pin(tokio::time::sleep(rest(&self.watch))));
        while alarm.as_mut().poll(context).is_ready() {
            let rest = rest(&self.watch);
            if rest.is_zero() {
                return true;
            }
            alarm.as_mut().reset(tokio::time::Instant::now() + rest);
        }
        false
    }

    /// Looks at what the server has just sent; answers how much of it can be handed on as it is. The rest is held.
    fn look_at(&mut self, bytes: &[u8]) -> usize {
        let mut at = 0;
        while at < bytes.len() {
            if self.inbound.is_between() && bytes[at] == b'E' {
                self.held.extend_from_slice(&bytes[at..]);
                return at;
            }
            let (used, whole) = self.inbound.take(&bytes[at..]);
            at += used;
            if let Some((b'Z', status)) = whole {
                self.is_ready(status);
            }
        }
        at
    }

    fn is_ready(&mut self, status: u8) {
        if status != b'E' {
            self.first = None;
        }
        match self.outstanding {
            None => self.outstanding = Some(0),
            Some(_) => self.count(|count| count.saturating_sub(1)),
        }
    }

    /// Hands on what was held, as far as it is whole.
    fn rewrite(&mut self) {
        while self.held.first() == Some(&b'E') {
            let Some(length) = length_of(&self.held) else {
                return;
            };
            if self.held.len() < length {
                return;
            }
            let rest = self.held.split_off(length);
            let frame = std::mem::replace(&mut self.held, rest);
            self.take_error(&frame);
            let rest = std::mem::take(&mut self.held);
            // Leaves the next error, where there is one, in `held`.
            let plain = self.look_at(&rest);
            self.rewritten.extend_from_slice(&rest[..plain]);
        }
    }

    fn take_error(&mut self, frame: &[u8]) {
        let code = field(frame, b'C').unwrap_or_default();
        if self.patience.shared && code == LOCK_NOT_AVAILABLE {
            self.ends = self.outstanding.is_some_and(|count| count > 1);
            if self.ends {
                self.watch.close();
            }
        }
        let error = match &self.first {
            Some(first) if code == ABORTED.as_bytes() => first.clone(),
            _ => with_code(frame, code),
        };
        self.rewritten.extend_from_slice(&error);
        self.first.get_or_insert(error);
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            if !self.rewritten.is_empty() {
                let count = buffer.remaining().min(self.rewritten.len());
                buffer.put_slice(&self.rewritten[..count]);
                self.rewritten.drain(..count);
                return Poll::Ready(Ok(()));
            }
            if self.ends {
                return Poll::Ready(Err(io::Error::other("a lock was waited for in vain")));
            }
            let before = buffer.filled().len();
            match Pin::new(&mut self.transport).poll_read(context, buffer) {
                Poll::Pending if self.is_too_silent(context) => {
                    self.watch.close();
                    return Poll::Ready(Err(io::Error::new(
                        io::ErrorKind::TimedOut,
                        "the database is silent",
                    )));
                }
                Poll::Pending => return Poll::Pending,
                read => ready!(read)?,
            }
            let new = buffer.filled().len() - before;
            if new == 0 {
                return Poll::Ready(Ok(()));
            }
            self.count(|count| count);
            if self.held.is_empty() {
                let plain = self.look_at(&buffer.filled()[before..]);
                buffer.set_filled(before + plain);
            } else {
                self.held.extend_from_slice(&buffer.filled()[before..]);
                buffer.set_filled(before);
            }
            self.rewrite();
            if buffer.filled().len() > before {
                return Poll::Ready(Ok(()));
            }
        }
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.transport).poll_write(context, bytes))?;
        let (mut at, mut asked) = (0, 0);
        while at < written {
            let (used, whole) = self.outbound.take(&bytes[at..written]);
            at += used;
            asked += u32::from(matches!(whole, Some((b'Q' | b'S', _))));
        }
        if asked > 0 && self.outstanding.is_some() {
            match self.outstanding {
                Some(0) => self.count(|_| asked),
                // It is the answers to earlier ones that are waited for: no sign of life.
                _ => self.outstanding = self.outstanding.map(|count| count + asked),
            }
            if self.is_too_silent(context) {
                context.waker().wake_by_ref();
            }
        }
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.transport).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.transport).poll_shutdown(context)
    }
}

impl TlsStream for Wire {
    fn channel_binding(&self) -> ChannelBinding {
        self.transport.channel_binding()
    }
}

/// For a stream that is encrypted already, where it is to be.
pub struct Made;

impl TlsConnect<Wire> for Made {
    type Stream = Wire;
    type Error = io::Error;
    type Future = std::future::Ready<io::Result<Wire>>;

    fn connect(self, wire: Wire) -> Self::Future {
        std::future::ready(Ok(wire))
    }
}

/// Where one message ends and the next begins.
#[derive(Default)]
struct Frames {
    /// Type, length and first byte, as far as they are here.
    head: [u8; 6],
    have: usize,
    rest: usize,
}

impl Frames {
    /// The first message of a client has no type.
    fn from_start_up() -> Self {
        Self {
            have: 1,
            ..Self::default()
        }
    }

    fn is_between(&self) -> bool {
        self.have == 0 && self.rest == 0
    }

    /// Takes bytes, up to the end of a message at most: how many, and the type and first byte of the message that they end.
    fn take(&mut self, bytes: &[u8]) -> (usize, Option<(u8, u8)>) {
        let mut used = 0;
        while self.have < 5 && used < bytes.len() {
            self.head[self.have] = bytes[used];
            self.have += 1;
            used += 1;
            if self.have == 5 {
                self.rest = length_of(&self.head).map_or(0, |length| length - 5);
                self.head[5] = 0;
            }
        }
        if self.have < 5 {
            return (used, None);
        }
        if self.have == 5 && self.rest > 0 && used < bytes.len() {
            self.head[5] = bytes[used];
            self.have = 6;
        }
        let skipped = self.rest.min(bytes.len() - used);
        self.rest -= skipped;
        used += skipped;
        if self.rest > 0 {
            return (used, None);
        }
        self.have = 0;
        (used, Some((self.head[0], self.head[5])))
    }
}

/// Of a whole message, its type included; none where the length is not here yet.
fn length_of(frame: &[u8]) -> Option<usize> {
    let bytes = frame.get(1..5)?.try_into().ok()?;
    let length = usize::try_from(u32::from_be_bytes(bytes)).ok()?;
    Some(length.max(4) + 1)
}

/// The fields of an error: type, then text up to a zero.
fn fields(frame: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    let body = frame.get(5..).unwrap_or_default();
    body.split(|byte| *byte == 0)
        .filter_map(|field| field.split_first().map(|(kind, text)| (*kind, text)))
}

fn field(frame: &[u8], wanted: u8) -> Option<&[u8]> {
    fields(frame).find_map(|(kind, text)| (kind == wanted).then_some(text))
}

/// The same error, with its SQLSTATE before its message.
fn with_code(frame: &[u8], code: &[u8]) -> Vec<u8> {
    let mut body = Vec::with_capacity(frame.len() + 8);
    for (kind, text) in fields(frame) {
        body.push(kind);
        if kind == b'M' {
            body.extend_from_slice(code);
            body.extend_from_slice(b": ");
        }
        body.extend_from_slice(text);
        body.push(0);
    }
    body.push(0);
    let length = u32::try_from(body.len() + 4).unwrap_or(u32::MAX);
    let mut error = vec![b'E'];
    error.extend_from_slice(&length.to_be_bytes());
    error.extend_from_slice(&body);
    error
}
