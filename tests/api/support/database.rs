//! A database for each test, cloned from a template that is made once for each state of migrations and seeds.

use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use liaison::clock::Clock;
use liaison::config::Storage;
use liaison::db::Db;
use liaison::db::migrate::{self, Direction};
use std::path::Path;
use uuid::Uuid;
use xxhash_rust::xxh3::Xxh3;

/// Dropped with the test.
pub struct TestDatabase {
    pub name: String,
}

impl TestDatabase {
    pub async fn new() -> Self {
        let template = ensure_template().await;
        let name = format!("test_{}", Uuid::now_v7().simple());
        let mut maintenance = connect("postgres").await;
        let sql = format!("CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy");
        maintenance
            .batch_execute(&sql)
            .await
            .expect("a database for the test");
        Self { name }
    }

    /// A copy of one that is frozen.
    pub async fn copy_of(frozen: &Self) -> Self {
        let name = format!("test_{}", Uuid::now_v7().simple());
        let sql = format!(
            "CREATE DATABASE {name} TEMPLATE {} STRATEGY file_copy",
            frozen.name
        );
        connect("postgres")
            .await
            .batch_execute(&sql)
            .await
            .expect("a copy");
        Self { name }
    }

    /// Nobody connects to it from now on, so that it can be copied.
    pub async fn freeze(&self) {
        let name = &self.name;
        let mut maintenance = connect("postgres").await;
        for sql in [
            format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false"),
            format!("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{name}'"),
        ] {
            maintenance.batch_execute(&sql).await.expect("a frozen database");
        }
    }

    /// One without tables.
    pub async fn empty() -> Self {
        let name = format!("test_{}", Uuid::now_v7().simple());
        let mut maintenance = connect("postgres").await;
        maintenance
            .batch_execute(&format!("CREATE DATABASE {name}"))
            .await
            .expect("a database for the test");
        Self { name }
    }

    pub fn url(&self) -> String {
        url(&self.name)
    }

    pub async fn connect(&self) -> AsyncPgConnection {
        connect(&self.name).await
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let sql = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        // A runtime of its own: the test's may be on its way out.
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            runtime.block_on(async {
                connect("postgres")
                    .await
                    .batch_execute(&sql)
                    .await
                    .map_err(std::io::Error::other)
            })
        });
        if !matches!(dropped.join(), Ok(Ok(()))) && !std::thread::panicking() {
            panic!("the database of the test could not be dropped");
        }
    }
}

/// The cluster's folder: given by nextest's setup script, or asked of it.
pub fn cluster() -> String {
    std::env::var("LIAISON_TEST_DATABASE").unwrap_or_else(|_| {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("script/test-database");
        let output = std::process::Command::new(script)
            .arg("start")
            .output()
            .expect("script/test-database runs");
        let text = String::from_utf8(output.stdout).expect("UTF-8");
        text.trim()
            .strip_prefix("LIAISON_TEST_DATABASE=")
            .expect("a folder")
            .to_owned()
    })
}

fn url(database: &str) -> String {
    format!("host={} user=liaison dbname={database}", cluster())
}

async fn connect(database: &str) -> AsyncPgConnection {
    AsyncPgConnection::establish(&url(database))
        .await
        .expect("the test cluster answers")
}

async fn ensure_template() -> String {
    let name = format!("template_{:016x}", state());
    let mut maintenance = connect("postgres").await;
    // One process makes it; the others wait for the lock and find it made.
    maintenance
        .batch_execute("SELECT pg_advisory_lock(1)")
        .await
        .expect("the lock");
    let known: i64 = diesel::sql_query("SELECT count(*) AS count FROM pg_database WHERE datname = $1")
        .bind::<diesel::sql_types::Text, _>(&name)
        .get_result::<Count>(&mut maintenance)
        .await
        .expect("pg_database")
        .count;
    if known == 0 {
        let making = format!("making_{}", Uuid::now_v7().simple());
        maintenance
            .batch_execute(&format!("CREATE DATABASE {making}"))
            .await
            .expect("a database");
        fill(&url(&making)).await;
        let rename = format!("ALTER DATABASE {making} RENAME TO {name}");
        for _ in 0..100 {
            // Connections of the filling may take a moment to be gone.
            if maintenance.batch_execute(&rename).await.is_ok() {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }
    maintenance
        .batch_execute("SELECT pg_advisory_unlock(1)")
        .await
        .expect("the lock");
    name
}

#[derive(diesel::QueryableByName)]
struct Count {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    count: i64,
}

/// Migrations, the notice, the signing key and the demo accounts.
async fn fill(url: &str) {
    let storage = storage();
    let db = Db::new(url, &storage).expect("a database");
    migrate::migrate(db.connector(), Direction::Up)
        .await
        .expect("migrations");
    super::app::seed(&db, &Clock::system()).await;
}

pub fn storage() -> Storage {
    use clap::Parser;
    #[derive(Parser)]
    struct Only {
        #[command(flatten)]
        storage: Storage,
    }
    Only::parse_from(["test", "--database-pool", "4"]).storage
}

/// A digest of all that goes into the template.
fn state() -> u64 {
    let mut hash = Xxh3::new();
    for folder in [
        "migrations",
        "seeds",
        "src/seeding",
        "src/auth",
        "tests/api/support",
    ] {
        add(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut hash);
    }
    hash.digest()
}

fn add(path: &Path, hash: &mut Xxh3) {
    if path.is_dir() {
        let mut entries: Vec<_> = std::fs::read_dir(path)
            .expect("a folder")
            .flatten()
            .map(|entry| entry.path())
            .collect();
        entries.sort();
        entries.iter().for_each(|entry| add(entry, hash));
    } else {
        hash.update(path.to_string_lossy().as_bytes());
        hash.update(&std::fs::read(path).expect("a file"));
    }
}
