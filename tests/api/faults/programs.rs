//! The same with programs and servers of their own: instances that freeze, standbys, secrets that do not fit.

use super::eventually;
use crate::program::{Program, cluster, folder};
use crate::support::app::instance_on;
use crate::support::database::TestDatabase;
use crate::support::suggestions::raised;
use liaison::db::Db;
use liaison::db::embedded::Cluster;
use liaison::db::migrate::{self, Direction};
use liaison::health::Fault;
use liaison::problem::Code;
use liaison::state::Instance;
use liaison::work::Origin;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

const LIMIT: Duration = Duration::from_secs(30);
const SECRET: &str = "the secret of the tests, which guards nothing";

impl Program {
    async fn ask(&self, token: &str, path: &str, body: Value, name: &str) -> (u16, Value) {
        let request = self.client.post(format!("{}{path}", self.base));
        let answer = request
            .bearer_auth(token)
            .header("X-Request-Id", name)
            .json(&body);
        let answer = answer.send().await.expect("an answer");
        let status = answer.status().as_u16();
        (status, answer.json().await.unwrap_or_default())
    }

    async fn draft(&self, token: &str) -> String {
        let body = raised("关于校园配餐", "education");
        let (status, made) = self.ask(token, "/api/v1/suggestions", body, "draft").await;
        assert_eq!(status, 201, "{made}");
        made["id"].as_str().expect("an id").to_owned()
    }
}

/// Two programs on one database. One is stopped by a signal in the middle of a submission that holds the pair's number.
#[tokio::test]
async fn an_instance_that_freezes_costs_the_others_seconds() {
    use diesel_async::SimpleAsyncConnection;
    let (one, other) = (folder(), folder());
    let database = TestDatabase::new().await;
    let url = database.url();
    let arguments = ["--database-url", url.as_str(), "--secret", SECRET];
    let frozen = Program::start(one.path(), &arguments).await;
    let running = Program::start(other.path(), &arguments).await;
    let token = running.log_in("party-minmeng").await;
    let (first, second) = (running.draft(&token).await, running.draft(&token).await);
    let slow = "CREATE FUNCTION linger() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                    IF NEW.request_id = 'freezes' THEN PERFORM pg_sleep(0.5); END IF;
                    RETURN NEW; END $$;
                CREATE TRIGGER linger BEFORE INSERT ON audit_log FOR EACH ROW EXECUTE FUNCTION linger()";
    let mut own = database.connect().await;
    own.batch_execute(slow).await.expect("a slow audit log");

    let path = |id: &str| format!("/api/v1/suggestions/{id}/submit");
    let body = json!({ "no_secrets": true });
    let (lost, freezes) = (path(&first), body.clone());
    let caught = async {
        let asked = frozen.ask(&token, &lost, freezes, "freezes");
        let _ = tokio::time::timeout(Duration::from_secs(1), asked).await;
    };
    let others = async {
        tokio::time::sleep(Duration::from_millis(250)).await;
        let pid = Pid::from_raw(i32::try_from(frozen.child.id()).expect("a process"));
        kill(pid, Signal::SIGSTOP).expect("it stops");
        let began = Instant::now();
        let (status, answer) = running.ask(&token, &path(&second), body, "waits").await;
        kill(pid, Signal::SIGCONT).expect("it goes on");
        assert_eq!(status, 200, "{answer}");
        assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
    };
    tokio::join!(caught, others);
}

async fn migrated(data: &Path) -> (Cluster, Arc<Instance>) {
    let cluster = cluster(data).await;
    let url = cluster.database_url("liaison");
    let db = Db::new(&url, &crate::support::database::storage()).expect("a database");
    migrate::migrate(db.connector(), Direction::Up)
        .await
        .expect("migrations");
    (cluster, instance_on(&url, data))
}

/// Adds a line to the server's settings and makes it read them.
fn configure(data: &Path, line: &str) {
    let folder = data.join("postgres");
    let mut file = std::fs::OpenOptions::new()
        .append(true)
        .open(folder.join("postgresql.conf"))
        .expect("its settings");
    writeln!(file, "{line}").expect("a line");
    let pid = std::fs::read_to_string(folder.join("postmaster.pid")).expect("its process");
    let pid = pid
        .lines()
        .next()
        .and_then(|line| line.parse().ok())
        .expect("a number");
    kill(Pid::from_raw(pid), Signal::SIGHUP).expect("it reads them");
}

#[tokio::test]
async fn commits_that_wait_for_a_dead_standby_are_told_and_no_write_is_begun() {
    let folder = folder();
    let data = folder.path().join("data");
    let (cluster, instance) = migrated(&data).await;
    let report = instance.look().await;
    assert_eq!((report.reads, report.writes), (None, None));

    configure(&data, "synchronous_standby_names = 'nobody'");
    eventually(LIMIT, "not ready", async || {
        instance.look().await.writes == Some(Fault::Unreplicated)
    })
    .await;
    let report = instance.look().await;
    assert_eq!(report.reads, None, "reads go on");
    let detail = report.refusal().expect("a refusal").en.into_owned();
    assert!(
        detail.contains("commits wait for a synchronous standby"),
        "{detail}"
    );
    let origin = Origin::command_line(instance.clock.now());
    for _ in 0..20 {
        let began = Instant::now();
        let written = instance.db.transaction(&origin, async |tx| {
            tx.changes_nothing();
            Ok(())
        });
        let problem = written.await.expect_err("no write is begun");
        assert_eq!(problem.code(), Code::DatabaseUnavailable);
        assert!(began.elapsed() < Duration::from_secs(1));
    }

    configure(&data, "synchronous_standby_names = ''");
    eventually(LIMIT, "ready again", async || {
        instance.look().await.refusal().is_none()
    })
    .await;
    let written = instance.db.transaction(&origin, async |tx| {
        tx.changes_nothing();
        Ok(())
    });
    written.await.expect("written");
    cluster.stop().await.expect("stopped");
}

#[tokio::test]
async fn a_hot_standby_is_read_and_not_ready() {
    let folder = folder();
    let data = folder.path().join("data");
    let (primary, instance) = migrated(&data).await;
    drop(instance);
    primary.stop().await.expect("stopped");
    let signal = data.join("postgres/standby.signal");
    std::fs::write(&signal, "").expect("a standby");
    if let Ok(owner) = std::fs::metadata(data.join("postgres")) {
        use std::os::unix::fs::MetadataExt;
        std::os::unix::fs::chown(&signal, Some(owner.uid()), Some(owner.gid())).expect("its owner");
    }
    let standby = cluster(&data).await;
    let instance = instance_on(&standby.database_url("liaison"), &data);
    let report = instance.look().await;
    assert_eq!((report.reads, report.writes), (None, Some(Fault::Standby)));
    let detail = report.refusal().expect("a refusal").en.into_owned();
    assert!(
        detail.contains("read and not written: the database is a standby"),
        "{detail}"
    );
    standby.stop().await.expect("stopped");
}

/// Two servers that take writes, and a URL that names both: an old primary that nobody has fenced.
#[tokio::test]
async fn doctor_sees_two_primaries() {
    let (one, other) = (folder(), folder());
    let (first, _instance) = migrated(&one.path().join("data")).await;
    let (second, _other) = migrated(&other.path().join("data")).await;
    let host = |cluster: &Cluster| {
        let url = cluster.database_url("liaison");
        let host = url.split('@').nth(1).and_then(|rest| rest.split(':').next());
        host.expect("a host").to_owned()
    };
    let url = format!("postgresql://liaison@{},{}/liaison", host(&first), host(&second));
    let doctor = |url: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_liaison"))
            .args(["doctor", "--secret", SECRET, "--database-url", url])
            .output()
            .expect("a run");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let said = doctor(&url);
    assert!(
        said.contains("FAULT") && said.contains("all take writes"),
        "{said}"
    );
    second.stop().await.expect("stopped");
    let said = doctor(&url);
    assert!(said.contains("one of the hosts takes writes"), "{said}");
    first.stop().await.expect("stopped");
}

#[tokio::test]
async fn another_secret_on_a_filled_database_stops_the_start_with_one_clear_line() {
    let folder = folder();
    let database = TestDatabase::new().await;
    let run = |arguments: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_liaison"))
            .env_remove("DATABASE_URL")
            .env("LIAISON_DATA_DIR", folder.path())
            .args(arguments)
            .args(["--database-url", &database.url()])
            .args(["--secret", "another secret, as of a restore without it"])
            .output()
            .expect("a run")
    };
    for arguments in [
        &["serve", "--listen", "127.0.0.1:0"][..],
        &["keys", "rotate"],
        &["doctor"],
    ] {
        let output = run(arguments);
        assert!(!output.status.success(), "{arguments:?}");
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        assert!(
            said.contains("does not open with this installation's secret"),
            "{said}"
        );
        assert!(said.contains("LIAISON_SECRET"), "{said}");
    }
    // Nothing was changed by the attempts.
    let right = Program::start(
        folder.path(),
        &["--database-url", &database.url(), "--secret", SECRET],
    )
    .await;
    right.log_in("coordinator").await;
}
