//! Errors of the database are told apart by SQLSTATE, in whatever language it speaks.

use super::{execute, make_department};
use crate::support::TestApp;
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use liaison::db::errors::sqlstate;
use liaison::problem::{Code, Problem};

/// Every insertion of a department raises what `raising` says, as often as it says.
const RAISES: &str = "
    CREATE TABLE raising (state text NOT NULL);
    CREATE SEQUENCE raised;
    INSERT INTO raising VALUES ('00000');
    CREATE FUNCTION raise_it() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        wanted text := (SELECT state FROM raising);
    BEGIN
        IF NEW.kind = 'department' AND wanted LIKE '_____' AND nextval('raised') <= 2 THEN
            RAISE EXCEPTION '数据库说：%，请联系管理员', wanted USING ERRCODE = wanted;
        END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER raises BEFORE INSERT ON organizations FOR EACH ROW EXECUTE FUNCTION raise_it()";

#[tokio::test]
async fn what_passes_is_503_and_what_collided_is_tried_again_whatever_the_words() {
    let app = TestApp::new().await;
    let coordinator = app.coordinator().await;
    execute(&app, RAISES).await;
    let cases = [
        ("08006", 503),
        ("53000", 503),
        ("53100", 503),
        ("53200", 503),
        ("53300", 503),
        ("53400", 503),
        ("55000", 503),
        ("55P03", 503),
        ("57014", 503),
        ("57P01", 503),
        ("57P03", 503),
        ("58000", 503),
        ("58030", 503),
        ("58P01", 503),
        ("XX000", 503),
        ("XX001", 503),
        ("40003", 503),
        ("25006", 503),
        // Of a program that is wrong, not of a database in trouble.
        ("42P01", 500),
        ("22012", 500),
        ("P0001", 500),
        // Twice in vain, and then done.
        ("40001", 201),
        ("40P01", 201),
    ];
    for (state, status) in cases {
        execute(
            &app,
            &format!("UPDATE raising SET state = '{state}'; ALTER SEQUENCE raised RESTART"),
        )
        .await;
        let answer = make_department(&coordinator, &format!("d-{}", state.to_lowercase())).await;
        assert_eq!(answer.status.as_u16(), status, "{state}: {}", answer.text());
        if status == 503 {
            assert!(answer.header("retry-after").is_some(), "{state}");
            assert_eq!(answer.json["code"], "database_unavailable", "{state}");
        }
        assert!(
            !answer.text().contains("数据库说"),
            "the words stay in the log: {}",
            answer.text()
        );
    }
}

#[tokio::test]
async fn of_statements_sent_together_the_first_error_counts() {
    let app = TestApp::new().await;
    for (state, code, retried) in [
        ("40P01", Code::DatabaseUnavailable, true),
        ("40001", Code::DatabaseUnavailable, true),
        ("53100", Code::DatabaseUnavailable, false),
        ("22012", Code::Internal, false),
    ] {
        let mut connection = app.instance.db.get().await.expect("a connection");
        connection.batch_execute("BEGIN").await.expect("begun");
        let raise = format!("DO $$ BEGIN RAISE EXCEPTION '检测到死锁' USING ERRCODE = '{state}'; END $$");
        let (mut first, mut second) = (&*connection, &*connection);
        let (failed, aborted) = futures_util::join!(
            diesel::sql_query(raise).execute(&mut first),
            diesel::sql_query("SELECT 1").execute(&mut second),
        );
        for error in [failed, aborted] {
            let problem = Problem::from(error.expect_err("the transaction has failed"));
            assert_eq!(sqlstate(&problem), Some(state));
            assert_eq!(problem.code(), code, "{problem}");
            assert_eq!(problem.is_retryable(), retried, "{problem}");
        }
        // What comes later, and after a new beginning.
        let later = diesel::sql_query("SELECT 1").execute(&mut connection).await;
        assert_eq!(
            sqlstate(&Problem::from(later.expect_err("still failed"))),
            Some(state)
        );
        connection
            .batch_execute("ROLLBACK; BEGIN")
            .await
            .expect("begun anew");
        let other = diesel::sql_query("SELECT 1/0").execute(&mut connection).await;
        assert_eq!(sqlstate(&Problem::from(other.expect_err("fails"))), Some("22012"));
        connection.batch_execute("ROLLBACK").await.expect("ended");
    }
}

#[tokio::test]
async fn an_error_longer_than_a_packet_is_told_like_any_other() {
    let app = TestApp::new().await;
    let mut connection = app.instance.db.get().await.expect("a connection");
    for length in [1, 4_000, 8_180, 8_192, 70_000, 400_000] {
        let raise = format!(
            "DO $$ BEGIN RAISE EXCEPTION '%', repeat('错', {length}) USING ERRCODE = '58030'; END $$"
        );
        let error = connection.batch_execute(&raise).await.expect_err("it is raised");
        let problem = Problem::from(error);
        assert_eq!(sqlstate(&problem), Some("58030"), "{length}");
        assert_eq!(problem.code(), Code::DatabaseUnavailable);
        let rows = diesel::sql_query("SELECT 1").execute(&mut connection).await;
        assert_eq!(rows.expect("the connection goes on"), 1);
    }
}
