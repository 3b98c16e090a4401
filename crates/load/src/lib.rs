//! Suggestions by the hundred thousand, for measuring. Each with what its life has left behind:
//! handlings, timeline, replies, receipts, commitments, to-dos, and what it is found by; neither audit records nor events
//! nor notices, since nobody did it. Which they are follows from the day on which the database was made and their numbers
//! alone: a load is the beginning of any larger one, and a larger one goes on where a smaller one ended.

mod dice;
mod library;
mod life;
mod lines;
mod rows;
mod story;
mod texts;

use crate::library::{
    Code, Db, Directory, Kind, Organization, Problem, Purpose, Result, Timing, directory, installation,
    shanghai_day, suggestions, timing, users,
};
use actix_web::web::Bytes;
use chrono::{DateTime, NaiveDate, Utc};
use dice::Dice;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use futures_util::SinkExt;
use rows::{Batch, SEARCH, TABLES, Teller};
use std::collections::{HashMap, HashSet};
use std::time::Instant;
use story::{Serials, Story};
use texts::{Topic, Vocabulary};
use tokio_postgres::Client;
use uuid::Uuid;

/// Suggestions of a weekday.
const PER_DAY: u64 = 400;
/// The first so many stand on other days, two on each, so that a small load has something of everything.
const SCATTERED: u64 = PER_DAY;
/// Suggestions of a transaction: whole days, so that their numbers come out the same.
const BATCH: u64 = 10 * PER_DAY;
/// From so many on the index of what can be found is made anew afterwards, which is faster.
const MANY: u64 = 5 * BATCH;

/// What is the same for all of them.
struct World {
    directory: Directory,
    parties: Vec<Uuid>,
    coordinator: Uuid,
    timing: Timing,
    people: HashMap<Uuid, String>,
    now: DateTime<Utc>,
    today: NaiveDate,
}

impl World {
    async fn load(db: &Db) -> Result<Self> {
        let mut connection = db.get().await?;
        let (demo, now): (bool, DateTime<Utc>) = installation::table
            .select((installation::demo, installation::made_at))
            .first(&mut connection)
            .await?;
        if !demo {
            let problem = Problem::new(Code::Conflict);
            return Err(problem.detail(
                "数据库中是正式数据，不得装入测试数据。",
                "The database is in real use: nothing is loaded into it.",
            ));
        }
        let people: Vec<(Option<Uuid>, String)> = users::table
            .filter(users::organization_id.is_not_null())
            .select((users::organization_id, users::display_name))
            .order(users::id)
            .load(&mut connection)
            .await?;
        let directory = directory::load(&connection).await?;
        let ids = |kind| directory.of_kind(kind).map(|one| one.id).collect::<Vec<_>>();
        let coordinator = ids(Kind::Coordinator).into_iter().next();
        Ok(Self {
            parties: ids(Kind::Party),
            coordinator: coordinator.ok_or_else(Problem::not_found)?,
            timing: timing::load(&connection).await?,
            people: people
                .into_iter()
                .filter_map(|(of, name)| Some((of?, name)))
                .collect(),
            directory,
            now,
            today: shanghai_day(now),
        })
    }

    fn party(&self, dice: &mut Dice) -> Option<&Organization> {
        let place = dice.place(self.parties.len())?;
        self.directory.get(*self.parties.get(place)?)
    }

    /// Another than one.
    fn other_party(&self, than: Uuid) -> Option<&Organization> {
        let other = self.parties.iter().find(|id| **id != than)?;
        self.directory.get(*other)
    }

    /// Whom a department that gives a suggestion back would have it go to.
    fn proposed(&self, topic: &Topic) -> Option<Uuid> {
        let code = topic.joint.as_slice().first()?;
        self.directory
            .find_kind(Kind::Department, code)
            .map(|found| found.id)
    }

    fn person(&self, organization: Uuid) -> Option<&str> {
        self.people.get(&organization).map(String::as_str)
    }
}

/// Loads the first `count` suggestions, as far as they are not there yet. How many it was that were not.
///
/// # Errors
/// 409 for a database in real use; 500 where the data in `seeds/` is broken; `database_unavailable`.
pub async fn load(db: &Db, count: u64) -> Result<u64> {
    let (world, vocabulary) = (World::load(db).await?, Vocabulary::load()?);
    let connecting = db.connector().client(Purpose::Maintenance);
    let (client, _) = connecting.await.map_err(Problem::internal)?;
    let settings =
        "SET statement_timeout = 0; SET synchronous_commit = off; SET maintenance_work_mem = '256MB'";
    run(&client, settings).await?;
    let began = Instant::now();
    let mut loaded = 0;
    let mut first = 0;
    while first < count {
        let end = count.min(first + BATCH);
        let stories = tell(&world, &vocabulary, first..end)?;
        let missing = missing(db, stories).await?;
        if !missing.is_empty() {
            if loaded == 0 && count - first >= MANY {
                run(&client, "DROP INDEX IF EXISTS search_documents_found").await?;
            }
            loaded += write(&client, &world, &vocabulary, missing).await?;
        }
        first = end;
        if loaded > 0 && first % (10 * BATCH) == 0 {
            tracing::info!(loaded, seconds = began.elapsed().as_secs(), "suggestions loaded");
        }
    }
    finish(&client).await?;
    Ok(loaded)
}

/// Does what is left to do for all together, also where a load before this one was killed: the index, and the figures.
async fn finish(client: &Client) -> Result<()> {
    let query = "SELECT NOT EXISTS (SELECT FROM pg_indexes WHERE indexname = 'search_documents_found'),
                        EXISTS (SELECT FROM suggestions WHERE state <> 'draft' AND NOT EXISTS (
                            SELECT FROM suggestion_marks WHERE suggestion_id = suggestions.id))";
    let undone = client.query_one(query, &[]).await.map_err(Problem::internal)?;
    if undone.try_get(0).map_err(Problem::internal)? {
        tracing::info!("making the index of what can be found");
        run(client, index()?).await?;
    }
    if undone.try_get(1).map_err(Problem::internal)? {
        let tables = TABLES.iter().chain([&SEARCH]).map(|(table, _)| *table);
        let tables = tables.collect::<Vec<_>>().join(", ");
        run(client, &format!("ANALYZE {tables}")).await?;
        tracing::info!("counting the figures");
        run(client, "SELECT count_figures_anew()").await?;
        run(client, "ANALYZE suggestion_marks, figure_tallies, figure_years").await?;
    }
    Ok(())
}

/// The statement that makes the index of what can be found: the migration's.
fn index() -> Result<&'static str> {
    let migration = include_str!("../../../migrations/2026-12-01-000117-1_baseline/up.sql");
    let mut statements = migration.split(';');
    let found = statements.find_map(|one| one.get(one.find("CREATE INDEX search_documents_found")?..));
    found.ok_or_else(|| Problem::internal("no index search_documents_found in its migration"))
}

/// Some lives, each with the dice that go on with it.
fn tell<'w>(
    world: &'w World,
    vocabulary: &'w Vocabulary,
    numbers: std::ops::Range<u64>,
) -> Result<Vec<(Story<'w>, Dice)>> {
    let mut serials = Serials::default();
    let stories = numbers.map(|number| {
        let mut dice = Dice::of(number);
        let story = Story::tell(world, vocabulary, &mut dice, number, &mut serials);
        let story = story.ok_or_else(|| Problem::internal("seeds: a department is unknown"))?;
        Ok((story, dice))
    });
    stories.collect()
}

/// Those that are not there yet.
async fn missing<'w>(db: &Db, mut stories: Vec<(Story<'w>, Dice)>) -> Result<Vec<(Story<'w>, Dice)>> {
    let ids: Vec<Uuid> = stories.iter().map(|(story, _)| story.id).collect();
    let there: HashSet<Uuid> = suggestions::table
        .filter(suggestions::id.eq_any(ids))
        .select(suggestions::id)
        .load(&mut db.get().await?)
        .await?
        .into_iter()
        .collect();
    stories.retain(|(story, _)| !there.contains(&story.id));
    Ok(stories)
}

/// Writes some lives in one transaction. How many they are.
async fn write(
    client: &Client,
    world: &World,
    vocabulary: &Vocabulary,
    stories: Vec<(Story<'_>, Dice)>,
) -> Result<u64> {
    let mut batch = Batch::default();
    let mut added = 0;
    for (story, mut dice) in stories {
        Teller::new(world, vocabulary, &mut batch, &mut dice, &story).tell();
        added += 1;
    }
    run(client, "BEGIN").await?;
    set_triggers(client, "DISABLE").await?;
    let lines = TABLES.iter().zip(batch.tables).chain([(&SEARCH, batch.search)]);
    for ((table, columns), lines) in lines {
        let statement = format!("COPY {table} ({columns}) FROM STDIN");
        let sink = client
            .copy_in::<_, Bytes>(&statement)
            .await
            .map_err(Problem::internal)?;
        let mut sink = std::pin::pin!(sink);
        sink.send(lines.0.into()).await.map_err(Problem::internal)?;
        sink.finish().await.map_err(Problem::internal)?;
    }
    raise_counters(client, batch.counters).await?;
    set_triggers(client, "ENABLE").await?;
    run(client, "COMMIT").await?;
    Ok(added)
}

/// What they keep is in the rows already, or counted once at the end.
const TRIGGERS: [(&str, &str); 3] = [
    ("todos", "todos_of_suggestions_opened"),
    ("suggestions", "suggestions_marked_first"),
    ("commitments", "commitments_tallied"),
];

/// Within a transaction, so that no interrupted load leaves them off.
async fn set_triggers(client: &Client, how: &str) -> Result<()> {
    for (table, trigger) in TRIGGERS {
        run(client, &format!("ALTER TABLE {table} {how} TRIGGER {trigger}")).await?;
    }
    Ok(())
}

/// Numbers that are given from now on are beyond all that were loaded.
async fn raise_counters(client: &Client, counters: HashMap<(i32, String), i64>) -> Result<()> {
    let (mut years, mut series, mut last) = (Vec::new(), Vec::new(), Vec::new());
    for ((year, one), number) in counters {
        years.push(year);
        series.push(one);
        last.push(i32::try_from(number).map_err(Problem::internal)?);
    }
    let raise = "INSERT INTO suggestion_counters (year, series, last)
        SELECT * FROM unnest($1::integer[], $2::text[], $3::integer[])
        ON CONFLICT (year, series) DO UPDATE SET last = greatest(suggestion_counters.last, excluded.last)";
    let raised = client.execute(raise, &[&years, &series, &last]).await;
    raised.map_err(Problem::internal)?;
    Ok(())
}

async fn run(client: &Client, sql: &str) -> Result<()> {
    client.batch_execute(sql).await.map_err(Problem::internal)
}
