//! How the program ends: whoever is served goes on being served until the door is closed, and nothing is left behind.

use crate::program::{LIMIT, Program, folder};
use nix::sys::signal::Signal::{SIGINT, SIGTERM};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// What became of one request.
#[derive(Debug, PartialEq)]
enum Outcome {
    Answered {
        status: u16,
        closes: bool,
    },
    /// No connection was made.
    Refused,
    /// A connection was made, and no whole answer came over it.
    Broken(String),
}

/// One request over a connection, which is kept where the answer allows it.
async fn ask(address: &str, kept: &mut Option<TcpStream>, path: &str) -> Outcome {
    let fresh = kept.is_none();
    let mut stream = match kept.take() {
        Some(stream) => stream,
        None => match TcpStream::connect(address).await {
            Ok(stream) => stream,
            Err(_) => return Outcome::Refused,
        },
    };
    match answer(&mut stream, path).await {
        Ok((status, closes)) => {
            if !closes {
                *kept = Some(stream);
            }
            Outcome::Answered { status, closes }
        }
        Err(error) => Outcome::Broken(format!("{error}, fresh: {fresh}")),
    }
}

async fn answer(stream: &mut TcpStream, path: &str) -> std::io::Result<(u16, bool)> {
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut bytes = Vec::new();
    let (head, body) = loop {
        if stream.read_buf(&mut bytes).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        let text = String::from_utf8_lossy(&bytes).to_lowercase();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            break (head.to_owned(), body.len());
        }
    };
    let header = |name: &str| {
        head.lines()
            .find_map(|line| line.strip_prefix(name).map(str::trim).map(str::to_owned))
    };
    let length: usize = header("content-length:")
        .and_then(|text| text.parse().ok())
        .unwrap_or(0);
    let mut rest = vec![0; length.saturating_sub(body)];
    stream.read_exact(&mut rest).await?;
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok())
        .unwrap_or(0);
    Ok((
        status,
        header("connection:").is_some_and(|value| value == "close"),
    ))
}

/// Asks until it is refused twice in a row; every answer, with the time since the beginning.
async fn client(
    address: &str,
    keeps: bool,
    began: Instant,
    stopped: &AtomicBool,
) -> Vec<(Duration, Outcome)> {
    let (mut kept, mut seen, mut refused) = (None, Vec::new(), 0);
    while refused < 2 {
        let after = stopped.load(Ordering::Acquire);
        let outcome = ask(address, &mut kept, "/livez").await;
        refused = if outcome == Outcome::Refused {
            refused + 1
        } else {
            0
        };
        if let (true, Outcome::Answered { closes, .. }) = (after, &outcome) {
            assert!(closes, "an answer after the signal keeps the connection");
        }
        seen.push((began.elapsed(), outcome));
        if !keeps {
            kept = None;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
        assert!(began.elapsed() < LIMIT, "the service does not end");
    }
    seen
}

/// A proxy that looks each second, clients with connections of their own and with fresh ones: none is reset, and none is refused
/// before the door is closed for all.
#[tokio::test]
async fn under_load_everything_that_is_accepted_is_answered() {
    let folder = folder();
    let mut program = Program::start(&folder.path().join("data"), &["--drain-seconds", "1"]).await;
    let address = program.base.trim_start_matches("http://").to_owned();
    let (began, stopped) = (Instant::now(), AtomicBool::new(false));
    let clients = (0..8).map(|index| client(&address, index % 2 == 0, began, &stopped));
    let stopping = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        program.signal(SIGTERM);
        program.until_status("/readyz", 503).await;
        stopped.store(true, Ordering::Release);
        began.elapsed()
    };
    let (seen, told) = tokio::join!(futures_util::future::join_all(clients), stopping);
    assert_eq!(program.ended().await.code(), Some(0));
    let all: Vec<&(Duration, Outcome)> = seen.iter().flatten().collect();
    let broken: Vec<_> = all
        .iter()
        .filter(|(_, outcome)| matches!(outcome, Outcome::Broken(_)))
        .collect();
    assert!(broken.is_empty(), "{} of {}: {broken:?}", broken.len(), all.len());
    let answered = all
        .iter()
        .filter(|(_, outcome)| matches!(outcome, Outcome::Answered { status: 200, .. }));
    let last = answered.clone().map(|(at, _)| *at).max().expect("answers");
    let first_refusal = all
        .iter()
        .filter(|(_, outcome)| *outcome == Outcome::Refused)
        .map(|(at, _)| *at)
        .min();
    assert!(
        last > told + Duration::from_millis(700),
        "answers ended at {last:?}, the signal was at {told:?}"
    );
    assert!(
        first_refusal.is_some_and(|at| at >= last),
        "refused at {first_refusal:?}, answered until {last:?}"
    );
    println!(
        "{} requests, {} answered, signal at {told:?}, last answer at {last:?}",
        all.len(),
        answered.count()
    );
}

#[tokio::test]
async fn ctrl_c_and_a_second_signal_do_not_wait_for_a_proxy() {
    let folder = folder();
    let data = folder.path().join("data");
    for signals in [&[SIGINT][..], &[SIGTERM, SIGTERM]] {
        let mut program = Program::start(&data, &["--drain-seconds", "600"]).await;
        for signal in signals {
            program.signal(*signal);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert_eq!(program.ended().await.code(), Some(0), "{signals:?}");
    }
}

/// The processes that have a folder in their command line.
fn processes_of(data: &Path) -> Vec<String> {
    let of = |entry: std::fs::DirEntry| std::fs::read(entry.path().join("cmdline")).ok();
    std::fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(of)
        .map(|line| String::from_utf8_lossy(&line).replace('\0', " "))
        .filter(|line| line.contains(&*data.to_string_lossy()))
        .collect()
}

/// While the cluster is made, while it is started, while the database is migrated.
#[tokio::test]
async fn a_signal_before_it_is_ready_ends_it_well_and_leaves_nothing() {
    let folder = folder();
    for (index, wait) in [0, 150, 600, 1_500].into_iter().enumerate() {
        let data = folder.path().join(format!("data{index}"));
        let mut program = Program::spawn(&data, &[]);
        let began = Instant::now();
        // Its secret is made at the very beginning.
        while !data.join("secret").exists() {
            assert!(began.elapsed() < LIMIT, "the program does not start");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        tokio::time::sleep(Duration::from_millis(wait)).await;
        program.signal(SIGTERM);
        assert_eq!(program.ended().await.code(), Some(0), "after {wait} ms");
        let began = Instant::now();
        // A process that was killed may take a moment to be gone.
        while !processes_of(&data).is_empty() {
            assert!(
                began.elapsed() < Duration::from_secs(5),
                "{:?}",
                processes_of(&data)
            );
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
    // What was left half done is done by the next.
    let mut program = Program::start(&folder.path().join("data1"), &[]).await;
    program.signal(SIGTERM);
    assert_eq!(program.ended().await.code(), Some(0));
}
