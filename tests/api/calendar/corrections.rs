//! A correction of the calendar holds at once; the deadlines that run follow it in batches, each once, whoever is killed and
//! whoever acts meanwhile.

use crate::support::suggestions::{Table, acceptance, id, path, raised, step};
use crate::support::{Answer, TestApp, User};
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const YEAR: &str = "/api/v1/working-days/2031";

/// Monday, 3 March 2031, of which nothing is loaded: five working days end on 10 March.
fn monday(app: &TestApp) {
    app.clock.set("2031-03-03T01:00:00Z".parse().expect("an instant"));
}

/// Time passes, and everybody logs in again.
async fn later(app: &TestApp, at: &str) -> Table {
    app.clock.set(at.parse().expect("an instant"));
    Table::new(app).await
}

async fn put(user: &User, days: &[&str], reason: &str) -> Answer {
    let holidays: Vec<Value> = days
        .iter()
        .map(|day| json!({ "day": day, "name": "临时假日" }))
        .collect();
    let body = json!({ "holidays": holidays, "makeup_days": [], "reason": reason });
    user.matching(YEAR).await.put(YEAR, body).await.expect(200)
}

async fn acceptance_deadline(user: &User, suggestion: &str) -> Value {
    let deadlines = user
        .get(&format!("{}/deadlines", path(suggestion)))
        .await
        .expect(200);
    deadlines.items()[0].clone()
}

async fn progress(user: &User) -> Value {
    user.get(YEAR).await.expect(200).json["correction"].clone()
}

/// Waiting suggestions like the one that is named, as many as asked for.
async fn copies(app: &TestApp, suggestion: &str, count: usize) {
    let mut conn = app.database.connect().await;
    let mut sql = format!(
        "SET session_replication_role = replica;
         CREATE TEMPORARY TABLE copies AS SELECT n, gen_random_uuid() AS id FROM generate_series(1, {count}) AS n;"
    );
    for (table, key, differs) in [
        ("suggestions", "id", "'id', copies.id, 'number', 'copy ' || n"),
        (
            "suggestion_handlings",
            "suggestion_id",
            "'id', gen_random_uuid(), 'suggestion_id', copies.id",
        ),
        (
            "todos",
            "subject_id",
            "'id', gen_random_uuid(), 'subject_id', copies.id",
        ),
    ] {
        let columns = stored_columns(&mut conn, table).await;
        sql += &format!(
            "INSERT INTO {table} ({columns}) SELECT {columns} FROM (
                SELECT (jsonb_populate_record(one, jsonb_build_object({differs}))).* FROM {table} AS one, copies WHERE one.{key} = '{suggestion}'
             ) AS copied;"
        );
    }
    sql += "SET session_replication_role = DEFAULT; ANALYZE todos; ANALYZE suggestions; ANALYZE suggestion_handlings";
    conn.batch_execute(&sql).await.expect("copies");
}

#[derive(diesel::QueryableByName)]
struct Columns {
    #[diesel(sql_type = diesel::sql_types::Text)]
    names: String,
}

/// Those that the database does not compute.
async fn stored_columns(conn: &mut AsyncPgConnection, table: &str) -> String {
    let columns: Columns = diesel::sql_query(
        "SELECT string_agg(column_name, ', ') AS names FROM information_schema.columns
         WHERE table_schema = 'public' AND table_name = $1 AND is_generated = 'NEVER'",
    )
    .bind::<diesel::sql_types::Text, _>(table)
    .get_result(conn)
    .await
    .expect("columns");
    columns.names
}

#[derive(diesel::QueryableByName, Debug, PartialEq)]
struct Found {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    n: i64,
}

async fn count(app: &TestApp, of: &str) -> i64 {
    let mut conn = app.database.connect().await;
    let found: Found = diesel::sql_query(format!("SELECT count(*) AS n FROM {of}"))
        .get_result(&mut conn)
        .await
        .expect("a count");
    found.n
}

/// How many deadlines there are: 10,000 in the gate, as many as `LIAISON_TEST_DEADLINES` says besides.
fn deadlines() -> usize {
    std::env::var("LIAISON_TEST_DEADLINES")
        .ok()
        .and_then(|count| count.parse().ok())
        .unwrap_or(10_000)
}

/// Works until some deadlines were looked at, and is cut off wherever it is then.
async fn cut_off_in_the_middle(app: &TestApp, coordinator: &User) {
    let runner = app.move_deadlines();
    let watcher = async {
        while progress(coordinator).await["examined"] == 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        done = runner => panic!("all was done before it could be cut off: {done:?}"),
        () = watcher => {}
    }
}

#[tokio::test]
async fn ten_thousand_deadlines_follow_in_batches_and_nobody_waits() {
    let app = TestApp::new().await;
    let other = app.another_instance().await;
    monday(&app);
    let table = Table::new(&app).await;
    let suggestion = table.submitted(raised("设立中心配餐点", "education")).await;
    copies(&app, &suggestion, deadlines()).await;
    let began = Instant::now();
    let answer = put(&table.coordinator, &["2031-03-05"], "临时放假").await;
    println!("put in {:?}", began.elapsed());
    assert_eq!(
        (
            &answer.json["correction"]["total"],
            &answer.json["correction"]["finished_at"]
        ),
        (&Value::Null, &Value::Null)
    );
    // What begins now ends by the new calendar; what runs says where it is going.
    let fresh = table.submitted(raised("增设公交站点", "education")).await;
    assert_eq!(
        acceptance_deadline(&table.party, &fresh).await["due_on"],
        "2031-03-11"
    );
    let waiting = acceptance_deadline(&table.party, &suggestion).await;
    assert_eq!(
        (&waiting["due_on"], &waiting["moving_to"]),
        (&json!("2031-03-10"), &json!("2031-03-11"))
    );

    cut_off_in_the_middle(&app, &table.coordinator).await;
    let halfway = progress(&table.coordinator).await;
    assert_eq!(halfway["total"], deadlines() + 2);
    assert!(halfway["finished_at"].is_null(), "{halfway}");

    // The other instance takes it up. Whoever submits beside it does not wait for the end.
    let began = Instant::now();
    let runner = async {
        let mut examined = 0;
        // The database may still hold what was cut off; the runner comes back twice a second.
        while progress(&table.coordinator).await["finished_at"].is_null() {
            examined += other.move_deadlines().await.expect("the correction");
        }
        println!("{examined} deadlines looked at in {:?}", began.elapsed());
    };
    let submitting = async {
        let mut slowest = Duration::ZERO;
        while progress(&table.coordinator).await["finished_at"].is_null() {
            let draft = table.drafted(raised("加装电梯", "health")).await;
            let began = Instant::now();
            step(&table.party, &draft, "submit", json!({ "no_secrets": true })).await;
            slowest = slowest.max(began.elapsed());
        }
        slowest
    };
    let ((), slowest) = tokio::join!(runner, submitting);
    println!("slowest submission beside it: {slowest:?}");
    assert!(slowest < Duration::from_secs(3), "{slowest:?}");

    let done = progress(&table.coordinator).await;
    assert_eq!(
        (&done["examined"], &done["moved"]),
        (&done["total"], &json!(deadlines() + 1))
    );
    assert_eq!(
        count(
            &app,
            "todos WHERE kind = 'accept_suggestion' AND due_on <> '2031-03-11'"
        )
        .await,
        0
    );
    let moved = i64::try_from(deadlines() + 1).expect("a count");
    assert_eq!(
        count(
            &app,
            "deadline_moves WHERE reason = '临时放假' AND due_before = '2031-03-10'"
        )
        .await,
        moved
    );
    assert_eq!(
        count(&app, "(SELECT DISTINCT todo_id FROM deadline_moves) AS once").await,
        moved
    );
    assert_eq!(count(&app, "notices WHERE kind = 'deadline_moved'").await, moved);
    assert_eq!(
        count(&app, "audit_log WHERE operation = 'move_deadline'").await,
        moved
    );
    assert_eq!(
        count(&app, "suggestion_marks WHERE open_due_on = '2031-03-11'").await,
        count(&app, "suggestions").await
    );
    let shown = acceptance_deadline(&table.party, &suggestion).await;
    assert_eq!(
        (&shown["due_on"], &shown["moving_to"]),
        (&json!("2031-03-11"), &Value::Null)
    );
}

/// 11 March is past the old day and within the new one.
#[tokio::test]
async fn who_acts_before_a_deadline_was_moved_is_judged_by_the_new_day() {
    let app = TestApp::new().await;
    monday(&app);
    let table = Table::new(&app).await;
    let (returned, accepted) = (
        table.submitted(raised("设立中心配餐点", "education")).await,
        table.submitted(raised("增设公交站点", "education")).await,
    );
    let before = table.party.get(&path(&accepted)).await.expect(200);
    put(&table.coordinator, &["2031-03-05"], "临时放假").await;
    let table = later(&app, "2031-03-11T01:00:00Z").await;
    // It can be returned until the acceptance deadline.
    let body = json!({ "reason": "不属本部门职能", "proposed_department": "health" });
    step(&table.lead, &returned, "return", body).await;
    step(&table.lead, &accepted, "accept", acceptance()).await;
    app.run_jobs().await;
    for suggestion in [&returned, &accepted] {
        let deadline = acceptance_deadline(&table.party, suggestion).await;
        assert_eq!(
            (&deadline["due_on"], &deadline["overdue"]),
            (&json!("2031-03-11"), &json!(false))
        );
        assert_eq!(deadline["moves"].as_array().map(Vec::len), Some(1), "{deadline}");
    }
    let after = table.party.get(&path(&accepted)).await.expect(200);
    let version = |answer: &Answer| {
        answer
            .etag()
            .trim_start_matches('"')
            .split('-')
            .next()
            .and_then(|n| n.parse::<i64>().ok())
    };
    assert!(
        version(&after) >= version(&before).map(|version| version + 2),
        "moved, and accepted"
    );
}

/// A move changes what the suggestion shows.
#[tokio::test]
async fn a_move_raises_the_version_and_the_time_of_change() {
    let app = TestApp::new().await;
    monday(&app);
    let table = Table::new(&app).await;
    let suggestion = table.submitted(raised("设立中心配餐点", "education")).await;
    let before = table.party.get(&path(&suggestion)).await.expect(200);
    put(&table.coordinator, &["2031-03-05"], "临时放假").await;
    let table = later(&app, "2031-03-03T02:00:00Z").await;
    app.run_jobs().await;
    let after = table.party.get(&path(&suggestion)).await.expect(200);
    assert_ne!(after.json["deadlines"], before.json["deadlines"]);
    assert_ne!(after.etag(), before.etag());
    assert_eq!(after.json["updated_at"], "2031-03-03T02:00:00Z");
    let since = table
        .party
        .get("/api/v1/suggestions?updated_since=2031-03-03T01:30:00Z")
        .await
        .expect(200);
    assert_eq!(since.items().iter().map(id).collect::<Vec<_>>(), [suggestion]);
}

/// Two corrections on their way: what the first has not reached moves once, for both reasons.
#[tokio::test]
async fn a_second_correction_before_the_first_is_done_moves_each_deadline_once() {
    let app = TestApp::new().await;
    monday(&app);
    let table = Table::new(&app).await;
    let suggestion = table.submitted(raised("设立中心配餐点", "education")).await;
    put(&table.coordinator, &["2031-03-05"], "临时放假。").await;
    put(&table.coordinator, &["2031-03-05", "2031-03-06"], "再放假一天").await;
    app.run_jobs().await;
    let deadline = acceptance_deadline(&table.party, &suggestion).await;
    assert_eq!(deadline["due_on"], "2031-03-12");
    assert_eq!(deadline["moves"].as_array().map(Vec::len), Some(1));
    assert_eq!(deadline["moves"][0]["reason"], "临时放假；再放假一天");
    // One that runs in other years is left alone, and nothing waits.
    let body =
        json!({ "years": [{ "year": 2033, "holidays": [], "makeup_days": [] }], "reason": "载入2033年安排" });
    table
        .coordinator
        .post("/api/v1/working-days/import", body)
        .await
        .expect(200);
    let imported = table
        .coordinator
        .get("/api/v1/working-days/2033")
        .await
        .expect(200);
    assert_eq!(imported.json["correction"]["total"], 0);
    assert!(imported.json["correction"]["finished_at"].is_string());
}

/// The correction takes a feedback deadline out of what has passed: it does not lapse, and nobody is reminded of the old day.
#[tokio::test]
async fn what_a_correction_gives_time_does_not_lapse_meanwhile() {
    let app = TestApp::new().await;
    monday(&app);
    let table = Table::new(&app).await;
    let suggestion = table.submitted(raised("设立中心配餐点", "education")).await;
    step(&table.lead, &suggestion, "accept", acceptance()).await;
    let talk =
        json!({ "way": "phone", "on": "2031-03-03", "persons": ["李秋霞"], "gist": "就方案交换意见。" });
    step(&table.lead, &suggestion, "communicate", talk).await;
    let reply = json!({ "text": "现答复如下。", "document_number": "韶教函〔2031〕1号", "signatory": "王建平", "result": "A" });
    step(&table.lead, &suggestion, "reply", reply).await;
    // Fifteen working days end on 24 March.
    put(&table.coordinator, &["2031-03-05"], "临时放假").await;
    let table = later(&app, "2031-03-25T02:00:00Z").await;
    for job in liaison::resources::JOBS
        .iter()
        .filter(|job| job.name != "calendar corrections")
    {
        (job.run)(&app.instance).await.expect("a job");
    }
    for job in liaison::runner::JOBS {
        (job.run)(&app.instance).await.expect("a job");
    }
    let shown = table.party.get(&path(&suggestion)).await.expect(200);
    assert_eq!(shown.json["evaluation"], "awaited");
    let table = later(&app, "2031-03-26T02:00:00Z").await;
    app.run_jobs().await;
    let shown = table.party.get(&path(&suggestion)).await.expect(200);
    assert_eq!(shown.json["evaluation"], "lapsed");
}

#[tokio::test]
async fn a_start_that_brings_a_year_leaves_the_moving_to_the_runner() {
    let app = TestApp::new().await;
    let table = later(&app, "2026-09-28T01:00:00Z").await;
    let mut conn = app.database.connect().await;
    let forget = "DELETE FROM working_day_years WHERE year = 2026";
    conn.batch_execute(forget).await.expect("a year less");
    let suggestion = table.submitted(raised("设立中心配餐点", "education")).await;
    assert_eq!(
        acceptance_deadline(&table.party, &suggestion).await["due_on"],
        "2026-10-05"
    );
    let origin = liaison::work::Origin::command_line(app.clock.now());
    liaison::seeding::load_working_days(&app.instance.db, &origin)
        .await
        .expect("the years");
    let waiting = acceptance_deadline(&table.party, &suggestion).await;
    assert_eq!(
        (&waiting["due_on"], &waiting["moving_to"]),
        (&json!("2026-10-05"), &json!("2026-10-10"))
    );
    app.run_jobs().await;
    let moved = acceptance_deadline(&table.party, &suggestion).await;
    assert_eq!(
        (&moved["due_on"], &moved["moving_to"]),
        (&json!("2026-10-10"), &Value::Null)
    );
}
