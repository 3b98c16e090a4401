//! How the program is told to stop, and how the service closes its door.

use socket2::SockRef;
use std::net::TcpListener;
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Time for a connection that is being made to be made.
const HANDSHAKE: Duration = Duration::from_millis(250);

/// Who asks the program to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// Whatever runs services: others may still send requests here, until they have seen that it is no longer ready.
    Terminate,
    /// Somebody at a terminal.
    Interrupt,
}

/// The signals, kept from the moment that this value is made: none is lost, and none ends the process by itself.
pub struct Stop {
    terminate: Signal,
    interrupt: Signal,
}

impl Stop {
    /// # Errors
    /// A text for the person who starts the program.
    pub fn listen() -> Result<Self, String> {
        let kept = |kind| signal(kind).map_err(|error| format!("signals cannot be received: {error}"));
        Ok(Self {
            terminate: kept(SignalKind::terminate())?,
            interrupt: kept(SignalKind::interrupt())?,
        })
    }

    /// Until the program is told to stop, or told again.
    pub async fn told(&mut self) -> Told {
        tokio::select! {
            _ = self.terminate.recv() => Told::Terminate,
            _ = self.interrupt.recv() => Told::Interrupt,
        }
    }
}

/// What a command does, unless the program is told to stop meanwhile: then it is given up, and what it has started ends with it.
///
/// # Errors
/// Those of the command.
pub async fn unless_told(command: impl Future<Output = Result<(), String>>) -> Result<(), String> {
    let mut stop = Stop::listen()?;
    tokio::select! {
        done = command => done,
        _ = stop.told() => Err("stopped before it was done".to_owned()),
    }
}

/// Lets nobody begin to connect, while those who have begun arrive and are answered: what waits in the queue of a listener that
/// is closed would be reset. Who comes later tries again, and is refused once the listener is closed.
pub async fn close_door(listener: TcpListener) {
    if let Err(error) = take_no_more(&SockRef::from(&listener)) {
        tracing::debug!(%error, "connections are accepted until the listener is closed");
    }
    tokio::time::sleep(HANDSHAKE).await;
}

/// The kernel passes over the packets that would open a connection.
#[cfg(target_os = "linux")]
fn take_no_more(listener: &SockRef<'_>) -> std::io::Result<()> {
    use socket2::SockFilter;
    // Classic BPF on the TCP header: the byte of flags; with SYN nothing of the packet is taken, else all.
    const LOAD_BYTE: u16 = 0x30;
    const JUMP_IF_SET: u16 = 0x45;
    const RETURN: u16 = 0x06;
    const FLAGS: u32 = 13;
    const SYN: u32 = 0x02;
    listener.attach_filter(&[
        SockFilter::new(LOAD_BYTE, 0, 0, FLAGS),
        SockFilter::new(JUMP_IF_SET, 0, 1, SYN),
        SockFilter::new(RETURN, 0, 0, 0),
        SockFilter::new(RETURN, 0, 0, u32::MAX),
    ])
}

/// The shortest queue that there is: what does not fit in is passed over.
#[cfg(not(target_os = "linux"))]
fn take_no_more(listener: &SockRef<'_>) -> std::io::Result<()> {
    listener.listen(0)
}
