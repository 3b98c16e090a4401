//! Where a file lies while it comes in: a private folder, on the same file system as the objects, so that a finished one
//! becomes an object by a rename.

use super::unavailable;
use crate::problem::{Problem, Result};
use aws_lc_rs::digest::{self, SHA256};
use chrono::{DateTime, Utc};
use std::fs::{DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;
use tokio::io::AsyncWriteExt;

/// Makes a folder, and those above it, for its owner alone.
pub(super) fn make_private_folder(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

pub struct Spool {
    folder: PathBuf,
}

impl Spool {
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// An empty file that goes away unless it is handed to the store.
    ///
    /// # Errors
    /// 503: the disk is full or the folder cannot be written.
    pub async fn open(&self) -> Result<Incoming> {
        let folder = self.folder.clone();
        let opened = tokio::task::spawn_blocking(move || {
            make_private_folder(&folder)?;
            // For its owner alone (0600).
            let file = NamedTempFile::new_in(&folder)?;
            let writer = file.reopen()?;
            io::Result::Ok((file, writer))
        });
        let (file, writer) = opened
            .await
            .map_err(Problem::internal)?
            .map_err(Problem::internal)?;
        Ok(Incoming {
            file,
            writer: tokio::fs::File::from_std(writer),
            digest: digest::Context::new(&SHA256),
            size: 0,
        })
    }

    /// Takes away what a killed process has left behind: files that nobody has written to since `before`.
    pub(super) async fn sweep(&self, before: DateTime<Utc>) -> io::Result<u64> {
        let folder = self.folder.clone();
        tokio::task::spawn_blocking(move || sweep_folder(&folder, before))
            .await
            .map_err(io::Error::other)?
    }
}

fn sweep_folder(folder: &Path, before: DateTime<Utc>) -> io::Result<u64> {
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        entries => entries?,
    };
    let mut swept = 0;
    for entry in entries {
        let entry = entry?;
        let modified: DateTime<Utc> = match entry.metadata().and_then(|metadata| metadata.modified()) {
            Ok(modified) => modified.into(),
            // Gone meanwhile: it was handed on, or another instance swept it.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        if modified < before {
            match std::fs::remove_file(entry.path()) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => swept += 1,
            }
        }
    }
    Ok(swept)
}

/// A file on its way in, hashed and counted as it comes.
pub struct Incoming {
    file: NamedTempFile,
    writer: tokio::fs::File,
    digest: digest::Context,
    size: u64,
}

impl Incoming {
    pub fn size(&self) -> u64 {
        self.size
    }

    /// # Errors
    /// 503: the disk is full.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.digest.update(bytes);
        self.size += bytes.len() as u64;
        self.writer.write_all(bytes).await.map_err(unavailable)
    }

    /// # Errors
    /// 503: the disk is full.
    pub async fn finish(mut self) -> Result<Received> {
        self.writer.flush().await.map_err(unavailable)?;
        let mut sha256 = [0; 32];
        sha256.copy_from_slice(self.digest.finish().as_ref());
        Ok(Received {
            file: self.file,
            size: self.size,
            sha256,
        })
    }
}

/// A file that has come in whole.
pub struct Received {
    pub(super) file: NamedTempFile,
    pub size: u64,
    pub sha256: [u8; 32],
}

impl Received {
    /// A reader of its own, at the beginning.
    ///
    /// # Errors
    /// Those of opening a file.
    pub fn open(&self) -> io::Result<File> {
        self.file.reopen()
    }
}
