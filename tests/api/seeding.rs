//! What a fresh database is given, whoever starts, however often, and wherever the last start was killed.

use crate::support::at;
use crate::support::database::{TestDatabase, storage};
use chrono::{DateTime, Utc};
use diesel::QueryDsl;
use diesel_async::RunQueryDsl;
use liaison::auth::password::{PasswordCost, PasswordHasher};
use liaison::config::DEMO_PASSWORD;
use liaison::db::Db;
use liaison::db::migrate::{self, Direction};
use liaison::db::schema::{assignments, organizations, schemes, users};
use liaison::problem::Code;
use liaison::seeding;
use liaison::work::Origin;

const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

fn hasher() -> PasswordHasher {
    let cost = PasswordCost {
        memory_kib: 64,
        iterations: 1,
        lanes: 1,
    };
    PasswordHasher::new(cost, 2, 100).expect("a hasher")
}

async fn migrated(database: &TestDatabase) -> Db {
    let db = Db::new(&database.url(), &storage()).expect("a database");
    migrate::migrate(db.connector(), Direction::Up)
        .await
        .expect("migrations");
    db
}

/// Organizations, schemes, assignments, accounts.
async fn counts(database: &TestDatabase) -> [i64; 4] {
    let mut conn = database.connect().await;
    [
        organizations::table
            .count()
            .get_result(&mut conn)
            .await
            .expect("organizations"),
        schemes::table
            .count()
            .get_result(&mut conn)
            .await
            .expect("schemes"),
        assignments::table
            .count()
            .get_result(&mut conn)
            .await
            .expect("assignments"),
        users::table.count().get_result(&mut conn).await.expect("users"),
    ]
}

#[tokio::test]
async fn of_instances_that_start_together_one_seeds() {
    let database = TestDatabase::empty().await;
    let (one, two) = (migrated(&database).await, migrated(&database).await);
    let (first, second) = (hasher(), hasher());
    let (first, second) = tokio::join!(
        seeding::prepare(&one, &first, NOW, None),
        seeding::prepare(&two, &second, NOW, None)
    );
    let mut shown = [first.expect("one").len(), second.expect("two").len()];
    shown.sort_unstable();
    assert_eq!(shown, [0, 3]);
    assert_eq!(counts(&database).await, [33, 1, 113, 3]);
}

#[tokio::test]
async fn what_a_killed_start_left_undone_is_done_by_the_next() {
    let database = TestDatabase::empty().await;
    let db = migrated(&database).await;
    seeding::load_notice(&db, &Origin::command_line(NOW))
        .await
        .expect("the notice");
    assert_eq!(
        seeding::prepare(&db, &hasher(), NOW, None)
            .await
            .expect("the rest")
            .len(),
        3
    );
    assert_eq!(counts(&database).await, [33, 1, 113, 3]);
    assert!(
        seeding::prepare(&db, &hasher(), NOW, None)
            .await
            .expect("nothing")
            .is_empty()
    );
}

#[tokio::test]
async fn demo_and_real_use_are_never_mixed() {
    let (real, demo) = (TestDatabase::empty().await, TestDatabase::empty().await);
    let (real_db, demo_db) = (migrated(&real).await, migrated(&demo).await);
    seeding::prepare(&real_db, &hasher(), NOW, None)
        .await
        .expect("real use");
    seeding::prepare(&demo_db, &hasher(), NOW, Some(DEMO_PASSWORD))
        .await
        .expect("a demo");
    // Three administrators, and one for each of the 33 organizations.
    assert_eq!(counts(&demo).await, [33, 1, 113, 36]);
    for (db, password) in [(&real_db, Some(DEMO_PASSWORD)), (&demo_db, None)] {
        let refused = seeding::prepare(db, &hasher(), NOW, password)
            .await
            .expect_err("the other way");
        assert_eq!(refused.code(), Code::Conflict);
    }
    assert_eq!(counts(&real).await, [33, 1, 113, 3]);
}

/// By then last year's plans are acknowledged and this year's reports returned: steps that a spring does not have.
#[tokio::test]
async fn the_demo_is_whole_late_in_a_year() {
    let database = TestDatabase::empty().await;
    let db = migrated(&database).await;
    let december = at("2026-12-01T01:00:00Z");
    seeding::prepare(&db, &hasher(), december, Some(DEMO_PASSWORD))
        .await
        .expect("a demo");
    assert_eq!(counts(&database).await, [33, 1, 113, 36]);
}
