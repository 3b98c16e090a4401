//! A pooler or firewall between service and database that hangs: what was connected falls silent, what is new gets through.

use super::database::TestDatabase;
use std::path::PathBuf;
use std::time::Duration;
use tempfile::TempDir;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::watch;

pub struct Proxy {
    folder: TempDir,
    hangs: watch::Sender<u32>,
}

impl Proxy {
    pub fn new() -> Self {
        let folder = TempDir::new().expect("a folder");
        let listener = UnixListener::bind(folder.path().join(".s.PGSQL.5432")).expect("a socket");
        let (hangs, _) = watch::channel(0);
        let server = PathBuf::from(super::database::cluster()).join(".s.PGSQL.5432");
        let hung = hangs.subscribe();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(pass(client, server.clone(), hung.clone()));
            }
        });
        Self { folder, hangs }
    }

    pub fn url(&self, database: &TestDatabase) -> String {
        format!(
            "host={} user=liaison dbname={}",
            self.folder.path().display(),
            database.name
        )
    }

    /// From now on nothing passes over the connections that there are; none is closed.
    pub fn hang(&self) {
        self.hangs.send_modify(|times| *times += 1);
    }
}

async fn pass(mut client: UnixStream, server: PathBuf, mut hung: watch::Receiver<u32>) {
    hung.mark_unchanged();
    let Ok(mut server) = UnixStream::connect(server).await else {
        return;
    };
    tokio::select! {
        _ = tokio::io::copy_bidirectional(&mut client, &mut server) => {}
        _ = hung.changed() => {
            // Open on both sides, for longer than any test.
            tokio::time::sleep(Duration::from_secs(600)).await;
        }
    }
}
