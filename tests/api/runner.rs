//! The runner: each thing once, whichever instance does it, and whatever is cut off in the middle.

use crate::support::{TestApp, at};
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel_async::RunQueryDsl;
use liaison::db::schema::{events, notices, reminders, todos};
use liaison::resources::JOBS;
use liaison::runner;
use serde_json::json;
use std::time::Duration;

/// Reports by a department: six or more to-dos with a deadline of five working days each.
async fn report(app: &TestApp, department: &str, from: &str) -> String {
    let body = json!({
        "effective_from": from,
        "leader": { "name": "王建平" },
        "office": { "name": "办公室" },
        "contacts": [{ "name": "李秋霞" }],
    });
    let user = app.department(department).await;
    let leader = user.post("/api/v1/liaison-leaders", body).await.expect(201);
    leader.json["id"].as_str().expect("an id").to_owned()
}

/// Reminders of acknowledgements; departments with nobody on record get their own.
async fn reminded(app: &TestApp) -> Vec<(Option<String>, String)> {
    notices::table
        .filter(notices::kind.eq("reminder"))
        .filter(notices::title.like("%签收联络负责人%"))
        .order((notices::created_at, notices::id))
        .select((notices::level, notices::text))
        .load(&mut app.database.connect().await)
        .await
        .expect("notices")
}

/// Positions are dense, begin with 1, and no change is without.
async fn assert_stamped(app: &TestApp) {
    let positions: Vec<Option<i64>> = events::table
        .order(events::position)
        .select(events::position)
        .load(&mut app.database.connect().await)
        .await
        .expect("events");
    let expected: Vec<Option<i64>> = (1..).take(positions.len()).map(Some).collect();
    assert_eq!(positions, expected);
}

#[tokio::test]
async fn reminders_go_out_on_working_days_in_office_hours_and_not_once_it_is_done() {
    let app = TestApp::new().await;
    // A Thursday; the deadline ends on the next one, two working days before are Tuesday.
    app.clock.set(at("2026-03-05T02:00:00Z"));
    let leader = report(&app, "education", "2026-03-05").await;
    app.run_jobs().await;
    assert_eq!(reminded(&app).await, []);
    let minmeng = app.party("minmeng").await;
    minmeng
        .post(
            &format!("/api/v1/liaison-leaders/{leader}/acknowledge"),
            json!({}),
        )
        .await
        .expect(200);
    // Three working days before the due day (12 March), at night, and then at ten in the morning.
    app.clock.set(at("2026-03-08T22:00:00Z"));
    app.run_jobs().await;
    assert_eq!(reminded(&app).await, []);
    app.clock.set(at("2026-03-09T02:00:00Z"));
    app.run_jobs().await;
    assert_eq!(
        reminded(&app).await.len(),
        4,
        "all but the one that has acknowledged"
    );
    app.run_jobs().await;
    assert_eq!(reminded(&app).await.len(), 4);
    // One working day after it, to the leaders.
    app.clock.set(at("2026-03-13T02:00:00Z"));
    app.run_jobs().await;
    let levels = reminded(&app).await;
    assert_eq!(levels.len(), 8);
    assert_eq!(levels[0].0.as_deref(), Some("handler"));
    assert_eq!(levels[7].0.as_deref(), Some("leader"));
    assert!(
        levels[0]
            .1
            .contains("市教育局联络负责人（自2026年3月5日起），2026年3月12日到期，还有3个工作日"),
        "{}",
        levels[0].1
    );
    assert!(
        levels[7].1.contains("已于2026年3月12日到期，逾期1个工作日"),
        "{}",
        levels[7].1
    );
}

/// While no instance ran, several steps of one deadline have come; only the latest still tells the truth.
#[tokio::test]
async fn what_was_missed_is_not_made_up_for_in_one_heap() {
    let app = TestApp::new().await;
    app.clock.set(at("2026-03-05T02:00:00Z"));
    report(&app, "education", "2026-03-05").await;
    app.clock.set(at("2026-04-15T02:00:00Z"));
    app.run_jobs().await;
    let levels: Vec<Option<String>> = reminded(&app).await.into_iter().map(|(level, _)| level).collect();
    assert_eq!(levels, vec![Some("coordinator".to_owned()); 5]);
}

/// Nor does it depend on how many wait: more than one turn takes.
#[tokio::test]
async fn the_end_of_a_batch_does_not_part_the_steps_of_a_deadline() {
    let app = TestApp::new().await;
    app.clock.set(at("2026-03-05T02:00:00Z"));
    let departments = [
        "finance",
        "audit",
        "statistics",
        "forestry",
        "public-security",
        "agriculture-rural",
    ];
    for department in departments {
        report(&app, department, "2026-03-05").await;
    }
    app.clock.set(at("2026-04-15T02:00:00Z"));
    app.run_jobs().await;
    let levels: Vec<Option<String>> = reminded(&app).await.into_iter().map(|(level, _)| level).collect();
    // 54 to-dos with three steps each.
    assert_eq!(levels, vec![Some("coordinator".to_owned()); 54]);
}

/// Reminders that are due, of what is still open, and not sent.
async fn unsent(app: &TestApp) -> i64 {
    reminders::table
        .inner_join(todos::table.on(todos::id.eq(reminders::todo_id)))
        .filter(todos::closed_at.is_null())
        .filter(reminders::sent_at.is_null())
        .filter(reminders::remind_on.le(app.clock.today()))
        .count()
        .get_result(&mut app.database.connect().await)
        .await
        .expect("reminders")
}

/// Two instances on one database; one runner is cut off 30 times, each time at another moment, wherever it is.
#[tokio::test]
async fn each_reminder_and_notice_once_with_runners_killed_in_the_middle() {
    let one = TestApp::new().await;
    let two = one.another_instance().await;
    let departments = ["education", "health", "finance", "justice", "transport"];
    let (mut cut_off, mut rounds) = (0, 0);
    // A round in which it was done before its moment does not count.
    while cut_off < 30 {
        let round: u32 = rounds;
        rounds += 1;
        assert!(rounds <= 200, "only {cut_off} runners were cut off");
        // Every round in a month of its own, on a Monday morning, and eight days later.
        let first = at("2020-01-06T02:00:00Z") + chrono::TimeDelta::weeks(8 * i64::from(round));
        one.clock.set(first);
        let department = departments[round as usize % departments.len()];
        let from = (first + chrono::TimeDelta::hours(8))
            .format("%Y-%m-%d")
            .to_string();
        report(&one, department, &from).await;
        one.clock.set(first + chrono::TimeDelta::days(8));
        let moment = Duration::from_micros(u64::from(round % 30) * 700);
        let killed = tokio::time::timeout(moment, runner::run_until_idle(&two.instance, JOBS));
        let (killed, done) = tokio::join!(killed, runner::run_until_idle(&one.instance, JOBS));
        cut_off += u32::from(killed.is_err());
        done.expect("the other runner");
    }
    // Nobody is reminded on a holiday, on which the last round may have ended.
    let conn = one.database.connect().await;
    let timing = one.instance.timing.read(&conn).await.expect("the calendar");
    while !timing.calendar.is_working_day(one.clock.today()) {
        one.clock.set(one.clock.now() + chrono::TimeDelta::days(1));
    }
    // What the last runner that was cut off held is free when the database has noticed that its connection is closed; another
    // has passed over it until then.
    let begun = std::time::Instant::now();
    while unsent(&one).await > 0 && begun.elapsed() < Duration::from_secs(3) {
        one.run_jobs().await;
    }
    // None was told twice.
    let doubled: Vec<i64> = diesel::select(diesel::dsl::sql::<BigInt>(
        "(SELECT count(*) FROM (SELECT 1 FROM notices WHERE kind = 'reminder'
            GROUP BY organization_id, subject_id, title, text HAVING count(*) > 1) AS doubled)",
    ))
    .load(&mut one.database.connect().await)
    .await
    .expect("a count");
    assert_eq!(doubled, [0]);
    let mut conn = one.database.connect().await;
    assert_eq!(unsent(&one).await, 0);
    let sent: i64 = reminders::table
        .filter(reminders::sent_at.is_not_null())
        .count()
        .get_result(&mut conn)
        .await
        .expect("reminders");
    println!("{cut_off} runners cut off in {rounds} rounds, {sent} reminders");
    let told: i64 = notices::table
        .filter(notices::kind.eq("reminder"))
        .count()
        .get_result(&mut conn)
        .await
        .expect("notices");
    // No reminder was marked without its notice: of the steps of one to-do that come together, exactly the last is told.
    let marked: Vec<i64> = diesel::select(diesel::dsl::sql::<BigInt>(
        "(SELECT count(DISTINCT (todo_id, sent_at)) FROM reminders WHERE sent_at IS NOT NULL)",
    ))
    .load(&mut conn)
    .await
    .expect("a count");
    assert!(told > 0);
    assert_eq!(vec![told], marked);
    let reports: i64 = events::table
        .filter(events::type_.eq("liaison_leader.reported"))
        .count()
        .get_result(&mut conn)
        .await
        .expect("events");
    assert_eq!(reports, i64::from(rounds));
    assert_stamped(&one).await;
}

#[tokio::test]
async fn positions_follow_commits_and_are_dense_with_many_writers_and_runners() {
    let one = TestApp::new().await;
    let two = one.another_instance().await;
    let writers = ["education", "health", "finance", "justice"].map(|department| {
        let one = &one;
        async move {
            for day in 1..=5 {
                report(one, department, &format!("2026-0{day}-15")).await;
            }
        }
    });
    let stamping = async |app: &TestApp| {
        for _ in 0..20 {
            liaison::events::positions::stamp(&app.instance.db)
                .await
                .expect("positions");
        }
    };
    tokio::join!(
        futures_util::future::join_all(writers),
        stamping(&one),
        stamping(&two)
    );
    one.run_jobs().await;
    assert_stamped(&one).await;
    // Of one subject they stand in the order of its history.
    let leader = report(&one, "commerce", "2026-02-02").await;
    let acknowledge = format!("/api/v1/liaison-leaders/{leader}/acknowledge");
    for user in [
        one.party("minjian").await,
        two.party("jiusan").await,
        one.coordinator().await,
    ] {
        user.post(&acknowledge, json!({})).await.expect(200);
    }
    one.run_jobs().await;
    let told: Vec<(String, serde_json::Value)> = events::table
        .filter(events::subject_id.eq(uuid::Uuid::parse_str(&leader).expect("an id")))
        .order(events::position)
        .select((events::type_, events::data))
        .load(&mut one.database.connect().await)
        .await
        .expect("events");
    let counts: Vec<i64> = told
        .iter()
        .map(|(_, data)| data["receipts"]["acknowledged"].as_i64().expect("a count"))
        .collect();
    assert_eq!(counts, [0, 1, 2, 3]);
}
