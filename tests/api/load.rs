//! `liaison-load`: what is loaded is as if it had been done step by step, and the steps go on from there.

use crate::support::suggestions::{SUGGESTIONS, Table, path, raised, step};
use crate::support::{TestApp, User};
use chrono::Datelike;
use diesel::sql_types::{BigInt, Text};
use diesel::{ExpressionMethods, QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use liaison::db::schema::installation;
use serde_json::{Value, json};

/// A database as `seed --demo` has made it, as far as the load asks.
async fn loaded(count: u64) -> TestApp {
    let app = TestApp::new().await;
    diesel::insert_into(installation::table)
        .values((
            installation::demo.eq(true),
            installation::made_at.eq(app.clock.now()),
        ))
        .execute(&mut app.database.connect().await)
        .await
        .expect("a demo");
    assert_eq!(load(&app, count).await, count);
    app
}

async fn load(app: &TestApp, count: u64) -> u64 {
    liaison_load::load(&app.instance.db, count).await.expect("a load")
}

async fn number(app: &TestApp, sql: &str) -> i64 {
    #[derive(QueryableByName)]
    struct One {
        #[diesel(sql_type = BigInt)]
        n: i64,
    }
    let found: One = sql_query(sql)
        .get_result(&mut app.database.connect().await)
        .await
        .unwrap_or_else(|error| panic!("{sql}: {error}"));
    found.n
}

/// Queries for what must not be.
const NEVER: [(&str, &str); 10] = [
    (
        "a number of another form",
        "SELECT count(*) AS n FROM suggestions WHERE number !~ '^〔\\d{4}〕[^-]+-[^-]+-\\d{3,}$'",
    ),
    (
        "a filing number of another form",
        "SELECT count(*) AS n FROM suggestions WHERE filing_number !~ '^〔\\d{4}〕备案-\\d{3,}$'",
    ),
    (
        "a number that will be given again",
        "SELECT count(*) AS n FROM suggestions
         CROSS JOIN LATERAL regexp_match(number, '^〔(\\d+)〕(.+)-(\\d+)$') AS part
         LEFT JOIN suggestion_counters ON year = part[1]::integer AND series = part[2]
         WHERE number IS NOT NULL AND coalesce(last, 0) < part[3]::integer",
    ),
    (
        "a filing number that will be given again",
        "SELECT count(*) AS n FROM suggestions
         CROSS JOIN LATERAL regexp_match(filing_number, '^〔(\\d+)〕(.+)-(\\d+)$') AS part
         LEFT JOIN suggestion_counters ON year = part[1]::integer AND series = part[2]
         WHERE filing_number IS NOT NULL AND coalesce(last, 0) < part[3]::integer",
    ),
    (
        "something that cannot be found, or a draft that can",
        "SELECT count(*) AS n FROM suggestions FULL JOIN search_documents ON subject_id = id
         WHERE (state <> 'draft') IS DISTINCT FROM (subject_id IS NOT NULL)",
    ),
    (
        "a due day that is not the next",
        "SELECT count(*) AS n FROM suggestions WHERE due_on IS DISTINCT FROM (
             SELECT min(todos.due_on) FROM todos WHERE subject_id = suggestions.id AND closed_at IS NULL)",
    ),
    (
        "a mark that is not so",
        "SELECT count(*) AS n FROM (SELECT * FROM suggestion_facts('infinity') EXCEPT SELECT * FROM suggestion_marks) AS wrong",
    ),
    (
        "figures that are not those of the marks",
        "SELECT count(*) AS n FROM (
             SELECT date_trunc('month', received_on)::date AS month, department_id, party_id, mark, count(*)
             FROM suggestion_marks CROSS JOIN LATERAL unnest(marks) AS mark GROUP BY 1, 2, 3, 4
             EXCEPT
             SELECT month, department_id, party_id, mark, sum(n) FROM figure_tallies GROUP BY 1, 2, 3, 4) AS wrong",
    ),
    (
        "a year that is not its months",
        "SELECT count(*) AS n FROM (
             SELECT date_trunc('year', month)::date AS year, department_id, party_id, mark, sum(n) AS n FROM figure_tallies
             WHERE summed GROUP BY 1, 2, 3, 4) AS months
         FULL JOIN figure_years AS years USING (year, department_id, party_id, mark)
         WHERE months.n IS DISTINCT FROM years.n",
    ),
    (
        "a reply without a talk before it",
        "SELECT count(*) AS n FROM suggestion_replies AS reply WHERE NOT EXISTS (
             SELECT FROM suggestion_communications AS talk
             WHERE talk.suggestion_id = reply.suggestion_id AND talk.round = reply.round)",
    ),
];

async fn assert_sound(app: &TestApp) {
    for (what, sql) in NEVER {
        assert_eq!(number(app, sql).await, 0, "{what}");
    }
}

async fn states(app: &TestApp) -> Vec<String> {
    #[derive(QueryableByName)]
    struct State {
        #[diesel(sql_type = Text)]
        state: String,
    }
    let states: Vec<State> = sql_query("SELECT DISTINCT state FROM suggestions ORDER BY state")
        .load(&mut app.database.connect().await)
        .await
        .expect("states");
    states.into_iter().map(|one| one.state).collect()
}

async fn received(user: &User, period: &str) -> i64 {
    let path = format!("/api/v1/statistics/suggestions?{period}");
    let figures = user.get(&path).await.expect(200).json;
    let total = figures["total"].as_array().expect("figures").iter();
    let mut received = total.filter(|one| one["figure"] == "suggestions_received");
    let one = received.next().expect("what was received");
    one["numerator"].as_i64().expect("a count")
}

fn serial(number: &Value) -> i64 {
    let number = number.as_str().expect("a number");
    let (_, serial) = number.rsplit_once('-').expect("a serial");
    serial.parse().expect("digits")
}

#[tokio::test]
async fn what_is_loaded_is_whole_and_the_steps_go_on_from_there() {
    let app = loaded(300).await;
    assert_sound(&app).await;
    assert_eq!(
        states(&app).await,
        [
            "accepted",
            "concluded",
            "draft",
            "replied",
            "returned",
            "submitted",
            "withdrawn"
        ]
    );
    // A load is the beginning of a larger one.
    assert_eq!(load(&app, 300).await, 0);
    assert_eq!(load(&app, 700).await, 400);
    assert_sound(&app).await;
    assert_eq!(number(&app, "SELECT count(*) AS n FROM suggestions").await, 700);

    let table = Table::new(&app).await;
    let list = table.coordinator.get(&format!("{SUGGESTIONS}?limit=200")).await;
    for item in list.expect(200).items() {
        let path = path(item["id"].as_str().expect("an id"));
        table.coordinator.get(&path).await.expect(200);
        table
            .coordinator
            .get(&format!("{path}/timeline"))
            .await
            .expect(200);
        table
            .coordinator
            .get(&format!("{path}/deadlines"))
            .await
            .expect(200);
    }

    // A period is counted of years, months and days: the days of each kind are those of the records.
    let this = app.clock.now().year();
    for (from, to) in [
        ("01-01", "12-31"),
        ("01-01", "03-31"),
        ("03-15", "04-30"),
        ("02-01", "02-10"),
    ] {
        for years in 0..4 {
            let (from, to) = (format!("{}-{from}", this - years), format!("{this}-{to}"));
            let by_hand = format!(
                "SELECT count(*) AS n FROM suggestion_handlings JOIN suggestions ON suggestions.id = suggestion_id
                 WHERE role = 'lead' AND state <> 'draft'
                     AND (started_at AT TIME ZONE 'Asia/Shanghai')::date BETWEEN '{from}' AND '{to}'"
            );
            let counted = received(&table.coordinator, &format!("from={from}&to={to}")).await;
            assert_eq!(counted, number(&app, &by_hand).await, "{from} to {to}");
        }
    }

    let year = format!("year={this}");
    let before = received(&table.coordinator, &year).await;
    let last = number(
        &app,
        "SELECT max(substring(number FROM '\\d+$')::bigint) AS n FROM suggestions
         WHERE number LIKE '〔' || extract(year FROM now()) || '〕民盟-教育-%'",
    )
    .await;
    let filed = "SELECT max(substring(filing_number FROM '\\d+$')::bigint) AS n FROM suggestions
         WHERE filing_number LIKE '〔' || extract(year FROM now()) || '〕%'";
    let filed = number(&app, filed).await;
    let id = table.replied(raised("关于校车安全的建议", "education")).await;
    let done = step(&table.coordinator, &id, "file", json!({})).await;
    assert!(serial(&done["number"]) > last, "{}", done["number"]);
    assert!(
        serial(&done["filing_number"]) > filed,
        "{}",
        done["filing_number"]
    );
    assert_eq!(received(&table.coordinator, &year).await, before + 1);
    assert_sound(&app).await;
    // What is loaded now still has numbers of its own.
    assert_eq!(load(&app, 1_200).await, 500);
    assert_sound(&app).await;
}

/// The index is made again as the migration has it, and the figures are counted, though all rows are there.
#[tokio::test]
async fn what_a_killed_load_left_undone_is_done_by_the_next() {
    let app = loaded(30).await;
    let index =
        "SELECT hashtext(indexdef)::bigint AS n FROM pg_indexes WHERE indexname = 'search_documents_found'";
    let before = number(&app, index).await;
    let mut connection = app.database.connect().await;
    for undo in [
        "DROP INDEX search_documents_found",
        "DELETE FROM suggestion_marks",
        "DELETE FROM figure_tallies",
        "DELETE FROM figure_years",
    ] {
        sql_query(undo).execute(&mut connection).await.expect(undo);
    }
    assert_eq!(load(&app, 30).await, 0);
    assert_eq!(number(&app, index).await, before);
    assert_sound(&app).await;
    assert!(number(&app, "SELECT count(*) AS n FROM suggestion_marks").await > 10);
}

/// Real data are never mixed with loaded ones.
#[tokio::test]
async fn nothing_is_loaded_into_a_database_in_real_use() {
    let app = TestApp::new().await;
    diesel::insert_into(installation::table)
        .values((
            installation::demo.eq(false),
            installation::made_at.eq(app.clock.now()),
        ))
        .execute(&mut app.database.connect().await)
        .await
        .expect("real use");
    let refused = liaison_load::load(&app.instance.db, 10)
        .await
        .expect_err("a load");
    assert_eq!(refused.code(), liaison::problem::Code::Conflict);
    assert_eq!(number(&app, "SELECT count(*) AS n FROM suggestions").await, 0);
}
