//! Ready is who can read and write; who is not says which of them fails, and why.

use super::{eventually, execute, make_department};
use crate::support::database::TestDatabase;
use crate::support::{Answer, TestApp};
use diesel_async::SimpleAsyncConnection;
use std::time::Duration;

const SECONDS: Duration = Duration::from_secs(15);

async fn ready(app: &TestApp) -> Answer {
    let reader = app.anonymous().with("Accept-Language", "en");
    reader.get("/readyz").await
}

/// Waits for a refusal with these words, and answers it.
async fn refused(app: &TestApp, words: &str) {
    eventually(SECONDS, words, async || {
        let answer = ready(app).await;
        let detail = answer.json["detail"].as_str().unwrap_or_default().to_owned();
        answer.status == 503 && detail.contains(words) && answer.header("retry-after").is_some()
    })
    .await;
}

async fn ready_again(app: &TestApp) {
    eventually(SECONDS, "ready again", async || ready(app).await.status == 200).await;
}

#[tokio::test]
async fn a_database_that_takes_no_writes_is_not_ready_and_says_why() {
    let app = TestApp::new().await;
    let name = &app.database.name;
    let coordinator = app.coordinator().await;
    ready(&app).await.expect(200);
    let end_all = format!(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = '{name}' AND pid <> pg_backend_pid()"
    );
    execute(
        &app,
        &format!("ALTER DATABASE {name} SET default_transaction_read_only = on"),
    )
    .await;
    execute(&app, &end_all).await;
    refused(&app, "read and not written: the database is read-only").await;
    eventually(SECONDS, "reads go on", async || {
        coordinator.get("/api/v1/departments").await.status == 200
    })
    .await;
    make_department(&coordinator, "refused")
        .await
        .problem(503, "database_unavailable");
    let other = TestDatabase::empty().await;
    let reset = format!("ALTER DATABASE {name} RESET default_transaction_read_only");
    let mut elsewhere = other.connect().await;
    elsewhere.batch_execute(&reset).await.expect("reset");
    execute(&app, &end_all).await;
    ready_again(&app).await;
    make_department(&coordinator, "taken").await.expect(201);
}

#[tokio::test]
async fn a_full_disk_is_told_in_whatever_language_the_database_says_it() {
    let app = TestApp::new().await;
    ready(&app).await.expect(200);
    for (state, words) in [
        ("53100", "the database's disk is full"),
        ("58030", "answers with an error"),
        ("55P03", "locked"),
    ] {
        execute(
            &app,
            &format!(
                "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                     RAISE EXCEPTION '设备上没有空间' USING ERRCODE = '{state}'; END $$;
                 CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE ON instances FOR EACH ROW EXECUTE FUNCTION full_disk()"
            ),
        )
        .await;
        refused(&app, words).await;
        let chinese = app.anonymous().get("/readyz").await.expect(503);
        let detail = chinese.json["detail"].as_str().expect("a detail").to_owned();
        assert!(detail.starts_with("可以读取，无法写入："), "{detail}");
        assert!(!detail.contains("设备"), "the words stay in the log: {detail}");
        execute(&app, "DROP FUNCTION full_disk CASCADE").await;
        ready_again(&app).await;
    }
}

#[tokio::test]
async fn a_database_that_is_gone_is_not_ready_and_back_at_once_when_it_is_back() {
    let app = TestApp::new().await;
    let name = &app.database.name;
    ready(&app).await.expect(200);
    let maintenance = TestDatabase::empty().await;
    let mut elsewhere = maintenance.connect().await;
    elsewhere
        .batch_execute(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false"))
        .await
        .expect("closed");
    elsewhere
        .batch_execute(&format!(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{name}'"
        ))
        .await
        .expect("ended");
    refused(&app, "cannot be read: the database cannot be reached").await;
    app.anonymous().get("/livez").await.expect(200);
    elsewhere
        .batch_execute(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS true"))
        .await
        .expect("opened");
    ready_again(&app).await;
    let text = app.anonymous().get("/metrics").await.expect(200).text();
    for line in [
        "liaison_database_readable 1",
        "liaison_database_writable 1",
        "liaison_files_usable 1",
    ] {
        assert!(text.contains(line), "{line} is not in {text}");
    }
    assert!(
        text.contains("liaison_job_last_done_age_seconds{job=\"withdrawn rights\"}"),
        "{text}"
    );
}

#[test]
fn a_job_is_late_from_when_it_was_due_until_it_is_done() {
    let jobs = liaison::events::jobs::Jobs::default();
    let late = || -> Vec<&str> { jobs.late(Duration::ZERO).iter().map(|(job, _)| *job).collect() };
    assert!(late().is_empty());
    jobs.begins("mail");
    jobs.begins("positions");
    assert_eq!(late(), ["mail", "positions"]);
    jobs.is_done("positions");
    // Tried again: due since it was due first.
    jobs.begins("mail");
    assert_eq!(late(), ["mail"]);
    assert!(jobs.late(Duration::from_secs(60)).is_empty());
    let ages = jobs.ages();
    assert_eq!(ages.len(), 2);
    assert!(ages[0].1.is_none() && ages[1].1.is_some(), "{ages:?}");
}
