//! Up, down and up again leave the same schema; two instances that start at once migrate once.

use crate::support::database::{TestDatabase, storage};
use liaison::db::Db;
use liaison::db::migrate::{self, Direction};
use std::path::{Path, PathBuf};
use std::process::Command;

fn pg_dump() -> PathBuf {
    if let Some(dir) = std::env::var_os("LIAISON_PG_BIN_DIR") {
        return Path::new(&dir).join("pg_dump");
    }
    let mut found: Vec<PathBuf> = ["/usr/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt"]
        .iter()
        .filter_map(|dir| std::fs::read_dir(dir).ok())
        .flat_map(|entries| entries.flatten().map(|entry| entry.path().join("bin/pg_dump")))
        .filter(|path| path.exists())
        .collect();
    found.sort();
    found.pop().unwrap_or_else(|| "pg_dump".into())
}

fn dump(database: &TestDatabase) -> String {
    let output = Command::new(pg_dump())
        .args(["--schema-only", "--no-owner", "--dbname", &database.url()])
        .output()
        .expect("pg_dump runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    // Newer programs put a random key into each dump.
    text.lines()
        .filter(|line| !line.contains("restrict "))
        .collect::<Vec<_>>()
        .join("\n")
}

#[tokio::test]
async fn up_down_up_leaves_the_same_schema() {
    let database = TestDatabase::empty().await;
    let db = Db::new(&database.url(), &storage()).expect("a database");
    let applied = migrate::migrate(db.connector(), Direction::Up).await.expect("up");
    assert!(!applied.is_empty());
    let first = dump(&database);
    let taken_back = migrate::migrate(db.connector(), Direction::Down(applied.len()))
        .await
        .expect("down");
    assert_eq!(taken_back.len(), applied.len());
    let bare = dump(&database);
    assert!(
        !bare.contains("CREATE FUNCTION"),
        "something stays after all is taken back"
    );
    assert_eq!(
        bare.matches("CREATE TABLE").count(),
        1,
        "only diesel's own table stays"
    );
    migrate::migrate(db.connector(), Direction::Up)
        .await
        .expect("up again");
    assert_eq!(first, dump(&database));
}

#[tokio::test]
async fn two_instances_migrate_once() {
    let database = TestDatabase::empty().await;
    let (url, storage) = (database.url(), storage());
    let (one, two) = (
        Db::new(&url, &storage).expect("one"),
        Db::new(&url, &storage).expect("two"),
    );
    let (one, two) = tokio::join!(
        migrate::migrate(one.connector(), Direction::Up),
        migrate::migrate(two.connector(), Direction::Up)
    );
    let mut counts = [one.expect("one").len(), two.expect("two").len()];
    counts.sort_unstable();
    assert_eq!(counts[0], 0);
    assert!(counts[1] > 0);
}
