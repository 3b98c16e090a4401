//! What is wrong with settings and database is said, in a line that helps.

use crate::program::{LIMIT, Program, command, folder, free_port};
use crate::support::database::{TestDatabase, storage};
use diesel_async::SimpleAsyncConnection;
use liaison::db::Db;
use liaison::db::migrate::{self, Direction};
use std::path::Path;
use std::process::{Output, Stdio};
use std::time::Instant;

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn a_variable_that_is_no_setting_is_named_with_the_nearest() {
    let folder = folder();
    let run = |variables: &[(&str, &str)]| {
        let mut command = command(folder.path());
        command.arg("openapi").envs(variables.iter().copied());
        command.output().expect("a run")
    };
    for (name, said_of_it) in [
        (
            "LIAISON_LISTN",
            "there is no setting LIAISON_LISTN: did you mean LIAISON_LISTEN?",
        ),
        ("LIAISON_DATABSE_URL", "did you mean LIAISON_DATABASE_URL?"),
        ("LIAISON_TRUSTED_PROXY", "did you mean LIAISON_TRUSTED_PROXIES?"),
        ("LIAISON_COLOUR", "there is no setting LIAISON_COLOUR"),
        ("LIAISON_PORT", "there is no setting LIAISON_PORT"),
    ] {
        let output = run(&[(name, "9000")]);
        assert!(
            !output.status.success() && said(&output).contains(said_of_it),
            "{}",
            said(&output)
        );
        assert_eq!(said(&output).lines().count(), 1, "{}", said(&output));
    }
    let two = run(&[("LIAISON_LISTN", "x"), ("LIAISON_SECRT", "x")]);
    assert!(
        said(&two)
            .contains("LIAISON_LISTEN?; there is no setting LIAISON_SECRT: did you mean LIAISON_SECRET?"),
        "{}",
        said(&two)
    );
    // Kubernetes and Docker tell of a service called liaison by such; the project's own scripts have theirs.
    let taken = [
        ("LIAISON_PORT", "tcp://10.0.0.7:8080"),
        ("LIAISON_PORT_8080_TCP_ADDR", "10.0.0.7"),
        ("LIAISON_SERVICE_HOST", "10.0.0.7"),
        ("LIAISON_TEST_DATABASE", "/tmp/x"),
        ("LIAISON_UPDATE", "1"),
    ];
    assert!(run(&taken).status.success());
}

/// Whatever the scripts and tests of the project set lets the program start.
#[test]
fn every_variable_of_the_scripts_is_a_setting_or_their_own() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut names = std::collections::BTreeSet::new();
    for place in [
        "script",
        "docker-compose.yml",
        "docker-compose.production.yml",
        "Dockerfile",
        ".config",
    ] {
        collect(&root.join(place), &mut names);
    }
    assert!(names.len() > 5, "{names:?}");
    let folder = folder();
    let output = command(folder.path())
        .args(["openapi"])
        .envs(
            names
                .iter()
                .filter(|name| *name != "LIAISON_CONFIG")
                .map(|name| (name, "")),
        )
        .output()
        .expect("a run");
    assert!(
        !said(&output).contains("there is no setting"),
        "{}",
        said(&output)
    );
}

fn collect(path: &Path, names: &mut std::collections::BTreeSet<String>) {
    if path.ends_with("node_modules") {
        return;
    }
    if path.is_dir() {
        for entry in std::fs::read_dir(path).expect("a folder").flatten() {
            collect(&entry.path(), names);
        }
    } else if let Ok(text) = std::fs::read_to_string(path) {
        for (at, _) in text.match_indices("LIAISON_") {
            let rest = &text[at..];
            let end = rest.find(|letter: char| {
                !(letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '_')
            });
            let name = &rest[..end.unwrap_or(rest.len())];
            if !name.ends_with('_') {
                names.insert(name.to_owned());
            }
        }
    }
}

/// It starts all the same, is not ready, and says at each try what is missing.
#[tokio::test]
async fn a_database_that_is_not_there_is_named_at_each_try() {
    let folder = folder();
    let database = TestDatabase::empty().await;
    let url = database.url().replace(&database.name, "nowhere_to_be_found");
    let log = folder.path().join("log");
    let mut child = command(folder.path())
        .args([
            "serve",
            "--listen",
            &format!("127.0.0.1:{}", free_port()),
            "--database-url",
            &url,
        ])
        .stderr(std::fs::File::create(&log).expect("a log"))
        .stdout(Stdio::null())
        .spawn()
        .expect("the program starts");
    let began = Instant::now();
    loop {
        let text = std::fs::read_to_string(&log).expect("the log");
        let lines = text.lines().filter(|line| {
            line.contains("database \\\"nowhere_to_be_found\\\" does not exist")
                && line.contains("trying again")
        });
        if lines.count() >= 2 {
            break;
        }
        assert!(began.elapsed() < LIMIT, "{text}");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let pid = nix::unistd::Pid::from_raw(child.id().cast_signed());
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM).expect("a signal");
    assert_eq!(child.wait().expect("an end").code(), Some(0));
}

#[tokio::test]
async fn a_database_of_a_newer_program_is_said_to_be_one() {
    let folder = folder();
    let database = TestDatabase::empty().await;
    let db = Db::new(&database.url(), &storage()).expect("a database");
    migrate::migrate(db.connector(), Direction::Up).await.expect("up");
    let mut conn = database.connect().await;
    conn.batch_execute("INSERT INTO __diesel_schema_migrations (version) VALUES ('20300101000001')")
        .await
        .expect("a newer migration");
    let url = database.url();
    let run = |arguments: &[&str]| {
        command(folder.path())
            .args(arguments)
            .args(["--database-url", &url])
            .output()
            .expect("a run")
    };
    let newer = "the database is newer than this program";
    let migrated = run(&["migrate"]);
    assert!(
        migrated.status.success() && said(&migrated).contains(newer),
        "{}",
        said(&migrated)
    );
    assert!(
        said(&migrated).contains("1 migrations that the program does not know, the last 20300101000001"),
        "{}",
        said(&migrated)
    );
    let examined = run(&["doctor"]);
    assert!(said(&examined).contains(newer), "{}", said(&examined));
    let down = run(&["migrate", "--down", "1"]);
    assert!(
        !down.status.success() && said(&down).contains(newer),
        "{}",
        said(&down)
    );
    assert!(!said(&down).contains("a service is running"));
}

#[tokio::test]
async fn migrations_are_not_taken_back_beside_a_running_service() {
    let folder = folder();
    let data = folder.path().join("data");
    let mut program = Program::start(&data, &[]).await;
    let down = || {
        command(&data)
            .args(["migrate", "--down", "1"])
            .output()
            .expect("a run")
    };
    let refused = down();
    assert!(
        !refused.status.success() && said(&refused).contains("a service is running on this database"),
        "{}",
        said(&refused)
    );
    program.until_status("/readyz", 200).await;
    program.signal(nix::sys::signal::Signal::SIGTERM);
    program.ended().await;
    let done = down();
    assert!(
        done.status.success() && said(&done).contains("1 migrations taken back"),
        "{}",
        said(&done)
    );
}
