//! What waits does not hold up what does not.

use super::make_department;
use crate::support::TestApp;
use crate::support::app::PASSWORD;
use crate::support::suggestions::{SUGGESTIONS, raised};
use diesel_async::SimpleAsyncConnection;
use serde_json::json;
use std::time::{Duration, Instant};

/// Before there were these limits it was ten seconds.
const AT_ONCE: Duration = Duration::from_secs(4);

/// Asserts that an answer comes at once.
async fn at_once(what: &str, status: u16, answer: impl Future<Output = crate::support::Answer>) {
    let began = Instant::now();
    let answer = answer.await;
    let took = began.elapsed();
    assert_eq!(answer.status.as_u16(), status, "{what}: {}", answer.text());
    assert!(took < AT_ONCE, "{what} took {took:?}");
}

#[tokio::test]
async fn a_locked_table_holds_up_those_who_read_it_and_nobody_else() {
    let app = TestApp::new().await;
    let coordinator = app.coordinator().await;
    let log_in = json!({ "username": "coordinator", "password": PASSWORD });
    coordinator.get("/api/v1/suggestions").await.expect(200);
    app.anonymous().get("/readyz").await.expect(200);

    let mut holder = app.database.connect().await;
    let lock = "BEGIN; LOCK TABLE suggestions";
    holder.batch_execute(lock).await.expect("held");
    let listers = (0..12).map(|_| coordinator.get("/api/v1/suggestions"));
    let listers = futures_util::future::join_all(listers);
    let others = async {
        tokio::time::sleep(Duration::from_millis(150)).await;
        for _ in 0..3 {
            at_once("departments", 200, coordinator.get("/api/v1/departments")).await;
            at_once("meetings", 200, coordinator.get("/api/v1/meetings")).await;
            at_once("me", 200, coordinator.get("/api/v1/me")).await;
            at_once(
                "a log-in",
                200,
                app.anonymous().post("/api/v1/auth/login", log_in.clone()),
            )
            .await;
            at_once("/readyz", 200, app.anonymous().get("/readyz")).await;
        }
        at_once("a write", 201, make_department(&coordinator, "beside")).await;
    };
    let (listed, ()) = tokio::join!(listers, others);
    for answer in listed {
        let answer = answer.problem(503, "database_unavailable");
        assert!(answer.header("retry-after").is_some());
    }
    holder.batch_execute("ROLLBACK").await.expect("let go");
    super::eventually(AT_ONCE, "lists again", async || {
        coordinator.get("/api/v1/suggestions").await.status == 200
    })
    .await;
}

#[tokio::test]
async fn requests_at_one_locked_row_leave_room_for_other_writes_and_log_ins() {
    let app = TestApp::with(&["--lock-timeout-ms", "2500"]).await;
    let coordinator = app.coordinator().await;
    let log_in = json!({ "username": "coordinator", "password": PASSWORD });
    let party = app.party("minmeng").await;
    make_department(&coordinator, "before").await.expect(201);

    let mut holder = app.database.connect().await;
    let lock = "BEGIN; SELECT FROM organizations WHERE code = 'education' FOR UPDATE";
    holder.batch_execute(lock).await.expect("held");
    let waiting = (0..8).map(|day| {
        let body = json!({ "name": "市教育和体育局", "short_name": "教体", "effective_from": format!("2030-01-0{}", day + 1) });
        coordinator.post("/api/v1/departments/education/rename", body)
    });
    let waiting = futures_util::future::join_all(waiting);
    let others = async {
        tokio::time::sleep(Duration::from_millis(150)).await;
        for _ in 0..3 {
            at_once(
                "a log-in",
                200,
                app.anonymous().post("/api/v1/auth/login", log_in.clone()),
            )
            .await;
        }
        for _ in 0..3 {
            let draft = party.post(SUGGESTIONS, raised("关于校园配餐", "health"));
            at_once("a draft", 201, draft).await;
        }
    };
    let (answers, ()) = tokio::join!(waiting, others);
    for answer in answers {
        assert!(matches!(answer.status.as_u16(), 200 | 503), "{}", answer.text());
    }
    holder.batch_execute("ROLLBACK").await.expect("let go");
}
