//! Connections that fall silent without being closed: a pooler or a firewall that hangs, while new connections get through.

use super::{eventually, make_department};
use crate::support::TestApp;
use crate::support::proxy::Proxy;
use std::time::{Duration, Instant};

const SECONDS: Duration = Duration::from_secs(8);

#[tokio::test]
async fn silent_connections_are_replaced_within_seconds() {
    let proxy = Proxy::new();
    let app = TestApp::through(&proxy).await;
    let coordinator = app.coordinator().await;
    make_department(&coordinator, "before").await.expect(201);
    coordinator.get("/api/v1/suggestions").await.expect(200);
    app.anonymous().get("/readyz").await.expect(200);

    proxy.hang();
    // Some that are on their way when nobody knows yet.
    let caught = (0..6).map(|_| coordinator.get("/api/v1/suggestions"));
    let caught = futures_util::future::join_all(caught);
    let others = async {
        let began = Instant::now();
        eventually(SECONDS, "/readyz", async || {
            app.anonymous().get("/readyz").await.status == 200
        })
        .await;
        eventually(SECONDS, "a read", async || {
            coordinator.get("/api/v1/departments").await.status == 200
        })
        .await;
        eventually(SECONDS, "a list", async || {
            coordinator.get("/api/v1/suggestions").await.status == 200
        })
        .await;
        eventually(SECONDS, "a write", async || {
            make_department(&coordinator, "after").await.status == 201
        })
        .await;
        began.elapsed()
    };
    let (caught, recovered) = tokio::join!(caught, others);
    assert!(recovered < SECONDS, "{recovered:?}");
    for answer in caught {
        assert!(matches!(answer.status.as_u16(), 200 | 503), "{}", answer.text());
        if answer.status == 503 {
            assert!(answer.header("retry-after").is_some());
        }
    }
    app.run_jobs().await;
}

#[tokio::test]
async fn a_query_that_is_never_answered_ends_at_its_limit_and_costs_its_connection() {
    use diesel_async::RunQueryDsl;
    let proxy = Proxy::new();
    let database = crate::support::database::TestDatabase::new().await;
    let storage = liaison::config::Storage {
        statement_timeout_ms: 500,
        ..crate::support::database::storage()
    };
    let db = liaison::db::Db::new(&proxy.url(&database), &storage).expect("a database");
    let mut connection = db.get().await.expect("a connection");
    proxy.hang();
    let began = Instant::now();
    let error = diesel::sql_query("SELECT 1").execute(&mut connection).await;
    let problem = liaison::problem::Problem::from(error.expect_err("no answer"));
    assert_eq!(problem.code(), liaison::problem::Code::DatabaseUnavailable);
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    drop(connection);
    let mut fresh = db.get().await.expect("another connection");
    let rows = diesel::sql_query("SELECT 1").execute(&mut fresh).await;
    assert_eq!(rows.expect("an answer"), 1);
}

/// Whoever gives up while a connection is made leaves nothing behind that keeps others waiting.
#[tokio::test]
async fn a_connection_that_nobody_waits_for_any_more_holds_nobody_up() {
    use futures_util::FutureExt;
    let app = TestApp::new().await;
    let reads = liaison::db::Reads::new(&app.instance.db);
    let mut parked = Box::pin(reads.get());
    assert!((&mut parked).now_or_never().is_none(), "it has begun to connect");
    let other = tokio::time::timeout(Duration::from_secs(10), reads.get()).await;
    assert!(other.expect("in time").is_ok());
    assert!(parked.await.is_ok());
}
