//! No lock outlives its holder: an instance that freezes in the middle of a transaction costs the others seconds.

use crate::support::TestApp;
use crate::support::database::{TestDatabase, storage};
use crate::support::suggestions::{Table, raised};
use diesel::QueryableByName;
use diesel::sql_types::Text;
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use liaison::clock::Clock;
use liaison::config::Storage;
use liaison::db::Db;
use liaison::events::positions;
use liaison::work::Origin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

#[derive(QueryableByName)]
struct Setting {
    #[diesel(sql_type = Text)]
    value: String,
}

async fn setting(db: &Db, name: &str) -> String {
    let mut connection = db.get().await.expect("a connection");
    let query = diesel::sql_query(format!("SELECT current_setting('{name}') AS value"));
    let setting: Setting = query.get_result(&mut connection).await.expect("a setting");
    setting.value
}

/// As another instance's that has frozen: it does not answer, and does not close.
async fn frozen_holder(database: &TestDatabase, sql: &str) -> liaison::db::Pooled {
    let storage = Storage {
        idle_in_transaction_timeout_ms: 1_000,
        ..storage()
    };
    let db = Db::new(&database.url(), &storage).expect("a database");
    let mut connection = db.get().await.expect("a connection");
    connection
        .batch_execute(&format!("BEGIN; {sql}"))
        .await
        .expect("held");
    connection
}

#[tokio::test]
async fn a_frozen_holder_of_a_number_costs_others_no_more_than_its_limit() {
    let app = TestApp::new().await;
    let table = Table::new(&app).await;
    table.submitted(raised("第一件", "education")).await;
    let holder = frozen_holder(&app.database, "SELECT FROM suggestion_counters FOR UPDATE").await;
    let began = Instant::now();
    table.submitted(raised("第二件", "education")).await;
    let waited = began.elapsed();
    assert!(waited > Duration::from_millis(500), "it was held: {waited:?}");
    assert!(waited < Duration::from_secs(6), "{waited:?}");
    drop(holder);
}

#[tokio::test]
async fn a_frozen_holder_of_the_head_of_the_events_does_not_stop_them() {
    let app = TestApp::new().await;
    let coordinator = app.coordinator().await;
    super::make_department(&coordinator, "new").await.expect(201);
    let holder = frozen_holder(&app.database, "SELECT FROM event_head FOR UPDATE").await;
    assert_eq!(positions::stamp(&app.instance.db).await.expect("a turn"), 0);
    super::eventually(Duration::from_secs(6), "the event has its place", async || {
        positions::stamp(&app.instance.db).await.expect("a turn") > 0
    })
    .await;
    drop(holder);
}

/// As a client that hangs up in the middle of a write, or a job that has come to its limit.
#[tokio::test]
async fn who_gives_up_in_the_middle_of_a_transaction_leaves_no_lock_behind() {
    let database = TestDatabase::new().await;
    // Of nobody else: who draws a connection from the pool would find out what state it is in.
    let db = Db::new(&database.url(), &storage()).expect("a database");
    let origin = Origin::command_line(Clock::system().now());
    let mut other = database.connect().await;
    for turn in 0..5 {
        let held = AtomicBool::new(false);
        let holding = db.transaction(&origin, async |tx| {
            tx.conn
                .batch_execute("SELECT FROM organizations WHERE code = 'education' FOR UPDATE")
                .await?;
            held.store(true, Ordering::Relaxed);
            std::future::pending::<liaison::problem::Result<()>>().await
        });
        let until_held = async {
            while !AtomicBool::load(&held, Ordering::Relaxed) {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            _ = holding => panic!("it never ends"),
            () = until_held => {}
        }
        let began = Instant::now();
        other
            .batch_execute("BEGIN; SELECT FROM organizations WHERE code = 'education' FOR UPDATE; ROLLBACK")
            .await
            .expect("the lock");
        // What ends a transaction that idles does so after five seconds.
        let waited = began.elapsed();
        assert!(waited < Duration::from_secs(2), "turn {turn}: {waited:?}");
    }
}

#[tokio::test]
async fn every_session_has_the_limits_and_the_durability_that_its_work_needs() {
    let database = TestDatabase::new().await;
    for (role_says, is) in [("off", "on"), ("local", "on"), ("remote_apply", "remote_apply")] {
        let sql = format!(
            "ALTER DATABASE {} SET synchronous_commit = {role_says}",
            database.name
        );
        database.connect().await.batch_execute(&sql).await.expect("set");
        let db = Db::new(&database.url(), &storage()).expect("a database");
        assert_eq!(setting(&db, "synchronous_commit").await, is, "{role_says}");
    }
    let db = Db::new(&database.url(), &storage()).expect("a database");
    for (name, value) in [
        ("idle_in_transaction_session_timeout", "5s"),
        ("lock_timeout", "7s"),
        ("statement_timeout", "10s"),
        ("client_connection_check_interval", "2s"),
    ] {
        assert_eq!(setting(&db, name).await, value, "{name}");
    }
    let url = format!("{} options='-c lock_timeout=3s'", database.url());
    let db = Db::new(&url, &storage()).expect("a database");
    assert_eq!(
        setting(&db, "lock_timeout").await,
        "3s",
        "what the URL says goes before"
    );
}

#[tokio::test]
async fn events_without_a_place_are_told_to_whoever_watches() {
    let app = TestApp::new().await;
    let coordinator = app.coordinator().await;
    super::make_department(&coordinator, "late").await.expect(201);
    let waiting = async || {
        let text = app.anonymous().get("/metrics").await.expect(200).text();
        let line = text
            .lines()
            .find(|line| line.starts_with("liaison_events_waiting_seconds "));
        let value = line.and_then(|line| line.split(' ').nth(1)).expect("a value");
        value.parse::<f64>().expect("seconds")
    };
    app.anonymous().get("/readyz").await.expect(200);
    assert!(waiting().await < 1.0);
    super::eventually(Duration::from_secs(6), "the lag grows", async || {
        app.anonymous().get("/readyz").await.expect(200);
        waiting().await > 1.0
    })
    .await;
    app.run_jobs().await;
    super::eventually(Duration::from_secs(3), "the lag is over", async || {
        app.anonymous().get("/readyz").await.expect(200);
        waiting().await == 0.0
    })
    .await;
}
