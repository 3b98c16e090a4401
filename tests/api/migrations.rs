//! Up, down and up again leave the same schema; two instances that start at once migrate once; a database of the release before
//! the baseline goes on from there, any other is refused.

use crate::program::{Program, cluster, command, folder};
use crate::support::database::{TestDatabase, storage};
use diesel::migration::{Migration, MigrationSource};
use diesel::pg::Pg;
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use liaison::db::Db;
use liaison::db::baseline::{self, BASELINE, BEFORE};
use liaison::db::migrate::{self, Direction, MIGRATIONS};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn postgresql(program: &str) -> PathBuf {
    if let Some(dir) = std::env::var_os("LIAISON_PG_BIN_DIR") {
        return Path::new(&dir).join(program);
    }
    let mut found: Vec<PathBuf> = ["/usr/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt"]
        .iter()
        .filter_map(|dir| std::fs::read_dir(dir).ok())
        .flat_map(|entries| {
            entries
                .flatten()
                .map(|entry| entry.path().join("bin").join(program))
        })
        .filter(|path| path.exists())
        .collect();
    found.sort();
    found.pop().unwrap_or_else(|| program.into())
}

fn printed(mut command: Command) -> String {
    let output = command.output().expect("a run");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// The schema.
fn dump(database: &TestDatabase) -> String {
    dump_with(database, &["--schema-only"])
}

fn dump_with(database: &TestDatabase, arguments: &[&str]) -> String {
    let mut command = Command::new(postgresql("pg_dump"));
    command
        .args(["--no-owner", "--dbname", &database.url()])
        .args(arguments);
    let text = printed(command);
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

const BEFORE_BASELINE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/before-baseline.sql");

/// Fills an empty database with what the release before the baseline has left.
fn restore(url: &str) {
    let mut command = Command::new(postgresql("psql"));
    command
        .args(["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--dbname", url])
        .args(["--file", BEFORE_BASELINE]);
    printed(command);
}

/// The lines of the first that the second has not.
fn only_in<'a>(one: &'a str, other: &str) -> Vec<&'a str> {
    let other: std::collections::HashSet<&str> = other.lines().collect();
    one.lines().filter(|line| !other.contains(line)).collect()
}

async fn recognize(database: &TestDatabase) -> Result<bool, String> {
    let connection = database.connect().await;
    let recognized = tokio::task::spawn_blocking(move || {
        let mut connection: AsyncConnectionWrapper<AsyncPgConnection> = connection.into();
        baseline::recognize(&mut connection).map_err(|error| error.to_string())
    });
    recognized.await.expect("an end")
}

#[tokio::test]
async fn a_database_of_the_release_before_goes_on_at_the_baseline() {
    let (database, fresh) = (TestDatabase::empty().await, TestDatabase::empty().await);
    restore(&database.url());
    let before = dump_with(&database, &[]);
    assert_eq!(recognize(&database).await, Ok(true));
    let after = dump_with(&database, &[]);
    assert_eq!(only_in(&before, &after), [""; 0]);
    let added = only_in(&after, &before);
    assert!(
        added.len() == 1 && added[0].starts_with(&format!("{BASELINE}\t")),
        "{added:?}"
    );
    assert_eq!(recognize(&database).await, Ok(false));

    let (old, new) = (
        Db::new(&database.url(), &storage()).expect("a database"),
        Db::new(&fresh.url(), &storage()).expect("a database"),
    );
    for db in [&old, &new] {
        migrate::migrate(db.connector(), Direction::Up).await.expect("up");
        let standing = migrate::standing(db.connector()).await.expect("a standing");
        assert_eq!((standing.pending, standing.newer), (0, None));
    }
    assert_eq!(dump(&database), dump(&fresh));

    // Taken back it is gone, with what came before the baseline.
    let all = MigrationSource::<Pg>::migrations(&MIGRATIONS)
        .expect("migrations")
        .len();
    migrate::migrate(old.connector(), Direction::Down(all))
        .await
        .expect("down");
    migrate::migrate(old.connector(), Direction::Up)
        .await
        .expect("up again");
    assert_eq!(dump(&database), dump(&fresh));
}

#[tokio::test]
async fn a_database_with_another_list_of_migrations_is_refused() {
    for other in [
        "DELETE FROM __diesel_schema_migrations WHERE version = '20261125000018'",
        "INSERT INTO __diesel_schema_migrations (version) VALUES ('20261201000116')",
        "DELETE FROM __diesel_schema_migrations WHERE version > '20261129'",
    ] {
        let database = TestDatabase::empty().await;
        restore(&database.url());
        let mut connection = database.connect().await;
        connection.batch_execute(other).await.expect(other);
        let before = dump_with(&database, &[]);
        let db = Db::new(&database.url(), &storage()).expect("a database");
        for direction in [Direction::Up, Direction::Down(1)] {
            let refused = migrate::migrate(db.connector(), direction).await;
            assert!(refused.is_err(), "{other}");
        }
        let refused = migrate::standing(db.connector()).await.expect_err(other);
        assert!(refused.contains("start the release before"), "{refused}");
        assert_eq!(dump_with(&database, &[]), before, "{other}");
    }
}

/// On a fresh database the baseline comes before all that later migrations change.
#[test]
fn the_baseline_is_the_first_migration() {
    let mut versions: Vec<String> = MigrationSource::<Pg>::migrations(&MIGRATIONS)
        .expect("migrations")
        .iter()
        .map(|one| one.name().version().to_string())
        .collect();
    versions.sort();
    assert_eq!(versions[0], BASELINE);
    assert!(BEFORE.is_sorted() && BEFORE.last() < Some(&BASELINE));
}

async fn change(data: &Path, sql: &str) {
    let cluster = cluster(data).await;
    let db = Db::new(&cluster.database_url("liaison"), &storage()).expect("a database");
    db.get()
        .await
        .expect("a connection")
        .batch_execute(sql)
        .await
        .expect("a change");
    drop(db);
    cluster.stop().await.expect("a stop");
}

#[tokio::test]
async fn the_program_starts_on_a_data_folder_of_the_release_before() {
    let folder = folder();
    let data = folder.path().join("data");
    let private = cluster(&data).await;
    restore(&private.database_url("liaison"));
    private.stop().await.expect("a stop");

    let forget = "DELETE FROM __diesel_schema_migrations WHERE version = '20261201000117'";
    change(&data, forget).await;
    let run = |arguments: &[&str]| {
        let mut command = command(&data);
        command.args(arguments).output().expect("a run")
    };
    let said = |output: &Output| String::from_utf8_lossy(&output.stderr).into_owned();
    for arguments in [
        ["migrate"].as_slice(),
        &["serve", "--log", "error", "--listen", "127.0.0.1:0"],
    ] {
        let refused = run(arguments);
        let text = said(&refused);
        assert!(!refused.status.success(), "{text}");
        assert_eq!(text.lines().count(), 1, "{text}");
        for words in [
            &*data.to_string_lossy(),
            "the last 20261201000113",
            "tag before-baseline",
        ] {
            assert!(text.contains(words), "{text}");
        }
    }

    let remember = "INSERT INTO __diesel_schema_migrations (version) VALUES ('20261201000117')";
    change(&data, remember).await;
    let mut program = Program::start(&data, &[]).await;
    let token = program.log_in("party-nonggong").await;
    let answer = program
        .client
        .get(format!("{}/api/v1/suggestions", program.base))
        .bearer_auth(token)
        .send()
        .await;
    let page: Value = answer.expect("an answer").json().await.expect("JSON");
    assert_eq!(
        page["items"][0]["number"], "〔2026〕农工党-卫生健康-001",
        "{page}"
    );
    program.signal(nix::sys::signal::Signal::SIGTERM);
    program.ended().await;
}
