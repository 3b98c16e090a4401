//! PostgreSQL's own log. PostgreSQL writes the file itself: through a pipe, it would hang on a service that hangs, and
//! lose its log with a service that is killed.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

/// The file is begun anew at this size; the part before is kept, so that twice this much is used at most.
const LARGEST: u64 = 8 << 20;
/// How much of the end an error quotes.
const QUOTED_LINES: usize = 20;
const QUOTED_BYTES: u64 = 16 << 10;

#[derive(Debug)]
pub(super) struct ServerLog {
    path: PathBuf,
}

impl ServerLog {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// For appending: only then may the file be cut while PostgreSQL has it open.
    pub(super) fn open(&self) -> io::Result<File> {
        File::options()
            .append(true)
            .create(true)
            .mode(0o600)
            .open(&self.path)
    }

    pub(super) fn length(&self) -> u64 {
        fs::metadata(&self.path).map_or(0, |metadata| metadata.len())
    }

    /// The last lines written since the file had the length `mark`; empty where it cannot be read, as this is only
    /// ever the explanation of an error.
    pub(super) fn end_since(&self, mark: u64) -> String {
        let read = || -> io::Result<Vec<u8>> {
            let mut file = File::open(&self.path)?;
            let length = file.metadata()?.len();
            let mark = if mark > length { 0 } else { mark };
            file.seek(SeekFrom::Start(mark.max(length.saturating_sub(QUOTED_BYTES))))?;
            let mut bytes = Vec::new();
            file.take(QUOTED_BYTES).read_to_end(&mut bytes)?;
            Ok(bytes)
        };
        let bytes = read().unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(QUOTED_LINES)..].join("\n")
    }

    /// Moves the content to `postgres.log.1` where it has become large. A line written between the two steps is lost:
    /// PostgreSQL keeps the file open, so it cannot be renamed away.
    pub(super) async fn bound(&self) -> io::Result<()> {
        if tokio::fs::metadata(&self.path).await?.len() < LARGEST {
            return Ok(());
        }
        tokio::fs::copy(&self.path, self.path.with_extension("log.1")).await?;
        tokio::fs::OpenOptions::new()
            .write(true)
            .open(&self.path)
            .await?
            .set_len(0)
            .await
    }
}
