//! The table `search_documents`: what can be found, whichever resource it is of. Diesel knows no `tsvector`, so its SQL
//! stands here, but for what makes older vectors anew (`folding`).

use super::query::Words;
use super::vector::Vector;
use crate::clock::shanghai_day;
use crate::problem::{Problem, Result};
use crate::work::Tx;
use crate::workflow::subjects::SubjectType;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::dsl::sql;
use diesel::expression::BoxableExpression;
use diesel::pg::Pg;
use diesel::prelude::QueryableByName;
use diesel::sql_types::{Array, BigInt, Bool, Date, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::sync::RwLock;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// Stands among `involved` for everybody.
pub const EVERYBODY: Uuid = Uuid::nil();

/// Hits that are ranked: the newest.
pub const RANKED: i64 = 1_000;

/// Own drafts that a search looks at.
pub const OWN_DRAFTS: i64 = 1_000;

/// A search looks among about so many of the newest records: first among the fewest, where a word of every twentieth record
/// has a thousand hits. Where it has fewer, their number says among how many it will have them; what is rarer than in
/// every 320th is looked for among all.
const WINDOWS: [i64; 5] = [20_000, 40_000, 80_000, 160_000, 320_000];

/// A record as it can be found.
pub struct Document<'a> {
    pub kind: SubjectType,
    pub id: Uuid,
    /// Since when others than its author see it.
    pub at: DateTime<Utc>,
    /// Who takes part in it.
    pub involved: &'a [Uuid],
    /// Of these, who finds it by what its author wrote alone.
    pub former: &'a [Uuid],
    pub vector: Vector,
}

/// Puts a record where it is found, or puts it there anew, in the transaction of the step that changed it.
pub async fn put(tx: &mut Tx<'_>, document: &Document<'_>) -> Result<()> {
    let former = Some(document.former).filter(|former| !former.is_empty());
    diesel::sql_query(
        "INSERT INTO search_documents (subject_id, subject_type, at, day, involved, former, vector)
         VALUES ($1, $2, $3, $4, $5, $6, $7::tsvector)
         ON CONFLICT (subject_id) DO UPDATE SET at = excluded.at, day = excluded.day, involved = excluded.involved,
             former = excluded.former, vector = excluded.vector",
    )
    .bind::<SqlUuid, _>(document.id)
    .bind::<Text, _>(<&str>::from(document.kind))
    .bind::<Timestamptz, _>(document.at)
    .bind::<Date, _>(shanghai_day(document.at))
    .bind::<Array<SqlUuid>, _>(document.involved)
    .bind::<Nullable<Array<SqlUuid>>, _>(former)
    .bind::<Text, _>(document.vector.as_str())
    .execute(tx.conn)
    .await?;
    Ok(())
}

/// Takes away what no longer is.
pub async fn remove(tx: &mut Tx<'_>, id: Uuid) -> Result<()> {
    diesel::sql_query("DELETE FROM search_documents WHERE subject_id = $1")
        .bind::<SqlUuid, _>(id)
        .execute(tx.conn)
        .await?;
    Ok(())
}

/// What is looked for, as far as the caller reaches.
#[derive(Clone, Debug)]
pub struct Search<'a> {
    pub words: &'a Words,
    /// Types of which the caller sees every record.
    pub whole: Vec<SubjectType>,
    /// Types of which the caller sees what it takes part in.
    pub own: Vec<SubjectType>,
    /// Whom the caller acts for.
    pub organizations: Vec<Uuid>,
}

impl Search<'_> {
    /// Whatever there is: without words, or for who reaches no type.
    pub fn finds_nothing(&self) -> bool {
        self.words.is_empty() || self.whole.is_empty() && self.own.is_empty()
    }
}

/// Something found.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    pub kind: SubjectType,
    pub id: Uuid,
    pub at: DateTime<Utc>,
    /// How well it fits, in millionths: titles before what the author wrote before answers, often before once.
    pub rank: i64,
}

/// A hit's place among all, the newest first.
pub type Place = (DateTime<Utc>, Uuid);

/// Where a hit stands in a list: how well it fits, its instant in microseconds, its id, the best first; and the place of the
/// newest hit of the first page, since later pages are of the same hits.
pub type Key = (i64, i64, Uuid, Option<(i64, Uuid)>);

impl Hit {
    pub fn key(&self, top: Option<(i64, Uuid)>) -> Key {
        (self.rank, self.at.timestamp_micros(), self.id, top)
    }
}

/// The place that a cursor holds.
pub fn place((micros, id): (i64, Uuid)) -> Option<Place> {
    Some((DateTime::from_timestamp_micros(micros)?, id))
}

/// The place of the newest of some hits, for the cursor.
pub fn newest_of(hits: &[Hit]) -> Option<(i64, Uuid)> {
    hits.iter().map(|hit| (hit.at.timestamp_micros(), hit.id)).max()
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Text)]
    subject_type: SubjectType,
    #[diesel(sql_type = SqlUuid)]
    subject_id: Uuid,
    #[diesel(sql_type = Timestamptz)]
    at: DateTime<Utc>,
    #[diesel(sql_type = BigInt)]
    rank: i64,
    #[diesel(sql_type = Bool)]
    in_order: bool,
}

/// As a row of a search: how many match, and one of them.
#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    matching: i64,
    #[diesel(embed)]
    found: Option<Found>,
}

/// Since which days the newest records are, as it was found a while ago: to go through their instants takes as long as a search. A
/// day that is a little out of date finds the same hits, among a few more.
#[derive(Debug)]
pub struct Newest {
    windows: &'static [i64],
    known: RwLock<Option<(Instant, Vec<Window>)>>,
}

/// So long the days hold.
const HOLDS: Duration = Duration::from_secs(600);

/// The newest records, and since which day they are.
#[derive(Clone, Copy, Debug)]
struct Window {
    records: i64,
    since: NaiveDate,
}

impl Default for Newest {
    fn default() -> Self {
        Self::of(&WINDOWS)
    }
}

impl Newest {
    /// With windows of so many records, the fewest first.
    pub fn of(windows: &'static [i64]) -> Self {
        Self {
            windows,
            known: RwLock::default(),
        }
    }

    /// Fewer, or none, where there are not that many records.
    async fn windows(&self, conn: &mut AsyncPgConnection) -> Result<Vec<Window>> {
        let known = self.known.read().map_err(|_| poisoned())?.clone();
        if let Some((_, windows)) = known.filter(|(at, _)| at.elapsed() < HOLDS) {
            return Ok(windows);
        }
        let windows = windows(conn, self.windows).await?;
        *self.known.write().map_err(|_| poisoned())? = Some((Instant::now(), windows.clone()));
        Ok(windows)
    }
}

fn poisoned() -> Problem {
    Problem::internal("the lock of the newest days is poisoned")
}

/// The newest hits, up to 1,000, and how well each fits; in no order. From `top` on backwards where that is given, so that
/// the pages of one search are of the same hits.
///
/// On a connection of its own: a search takes longer than the shared one may be held up.
pub async fn newest(
    conn: &mut AsyncPgConnection,
    newest: &Newest,
    search: &Search<'_>,
    top: Option<Place>,
) -> Result<Vec<Hit>> {
    if search.finds_nothing() {
        return Ok(Vec::new());
    }
    let windows = newest.windows(conn).await?;
    let mut next = windows.as_slice().first().copied();
    // At most twice: where the first number misleads, as it does for what was common once, all are looked through.
    for _ in 0..2 {
        let Some(window) = next else { break };
        let (found, matching) = ranked(conn, search, top, Some(window.since)).await?;
        if matching >= RANKED {
            return Ok(hits(found));
        }
        let needed = window.records * RANKED * 5 / 4 / matching.max(1);
        next = windows.iter().copied().find(|wider| wider.records >= needed);
    }
    Ok(hits(ranked(conn, search, top, None).await?.0))
}

fn hits(found: Vec<Found>) -> Vec<Hit> {
    let in_order = found.into_iter().filter(|found| found.in_order);
    in_order
        .map(|found| Hit {
            kind: found.subject_type,
            id: found.subject_id,
            at: found.at,
            rank: found.rank,
        })
        .collect()
}

/// How well some records fit that were found otherwise.
pub async fn rank(conn: &mut AsyncPgConnection, ids: &[Uuid], words: &Words) -> Result<Vec<Hit>> {
    let found = diesel::sql_query(
        "SELECT subject_type, subject_id, at, (ts_rank(vector, $1::tsquery) * 1000000)::bigint AS rank, true AS in_order
         FROM search_documents WHERE subject_id = ANY ($2)",
    )
    .bind::<Text, _>(words.lexemes())
    .bind::<Array<SqlUuid>, _>(ids)
    .load(conn)
    .await?;
    Ok(hits(found))
}

/// The condition that a record is among those in which the words stand, for a list that has filters and an order of its own.
/// `former` is whom the caller acts for where it may have been relieved; `others` are records that were found otherwise.
pub fn holding<'a, QS: 'a>(
    id: &str,
    words: &Words,
    former: Option<&'a [Uuid]>,
    others: &'a [Uuid],
) -> Box<dyn BoxableExpression<QS, Pg, SqlType = Bool> + 'a> {
    let found = sql::<Bool>(&format!(
        "{id} IN (SELECT subject_id FROM search_documents WHERE vector @@ "
    ))
    .bind::<Text, _>(words.exact())
    .sql("::tsquery");
    match former {
        None if others.is_empty() => Box::new(found.sql(")")),
        None => Box::new(
            found
                .sql(" UNION ALL SELECT unnest(")
                .bind::<Array<SqlUuid>, _>(others)
                .sql("))"),
        ),
        Some(own) => Box::new(
            found
                .sql(" AND (former IS NULL OR EXISTS (SELECT FROM unnest(involved) AS one WHERE one = ANY (")
                .bind::<Array<SqlUuid>, _>(own)
                .sql(") AND one <> ALL (former)) OR vector @@ ")
                .bind::<Text, _>(words.exact_of_author())
                .sql("::tsquery))"),
        ),
    }
}

/// Since which days so many records are the newest; fewer days where there are not that many records.
async fn windows(conn: &mut AsyncPgConnection, records: &[i64]) -> Result<Vec<Window>> {
    #[derive(QueryableByName)]
    struct Last {
        #[diesel(sql_type = BigInt)]
        place: i64,
        #[diesel(sql_type = Timestamptz)]
        at: DateTime<Utc>,
    }
    let last: Vec<Last> = diesel::sql_query(
        "SELECT place, at FROM (
             SELECT row_number() OVER () AS place, at FROM (
                 SELECT at FROM search_documents ORDER BY at DESC LIMIT (SELECT max(size) FROM unnest($1) AS size)) AS newest
         ) AS placed WHERE place = ANY ($1) ORDER BY place",
    )
    .bind::<Array<BigInt>, _>(records)
    .load(conn)
    .await?;
    let window = |last: Last| Window {
        records: last.place,
        since: shanghai_day(last.at),
    };
    Ok(last.into_iter().map(window).collect())
}

/// The newest hits, and how many match, up to 1,000. Where a day is given since which fewer match, no hits: the newest are then not
/// yet known.
///
/// The index answers by lexemes alone, so that no vector is read but those of the hits that are ranked; whether the
/// lexemes stand in the right order is looked at in these.
async fn ranked(
    conn: &mut AsyncPgConnection,
    search: &Search<'_>,
    top: Option<Place>,
    since: Option<NaiveDate>,
) -> Result<(Vec<Found>, i64)> {
    let names = |types: &[SubjectType]| -> Vec<&'static str> {
        types.iter().map(|one| <&'static str>::from(*one)).collect()
    };
    let mut organizations = search.organizations.clone();
    organizations.push(EVERYBODY);
    let (day, ids) = match since {
        Some(_) => (
            "AND day >= $5",
            "CASE WHEN count(*) = $8 THEN array_agg(subject_id) END",
        ),
        None => ("", "array_agg(subject_id)"),
    };
    let seen = [(SEEN_WHOLE, &search.whole), (SEEN_OWN, &search.own)];
    let found: Vec<String> = seen
        .into_iter()
        .filter(|(_, types)| !types.is_empty())
        .map(|(seen, _)| {
            format!(
                "SELECT subject_id, at FROM search_documents
                 WHERE vector @@ $1::tsquery AND {seen} {day}
                   AND ($6::timestamptz IS NULL OR (at, subject_id) <= ($6, $7))"
            )
        })
        .collect();
    let found = found.join(" UNION ALL ");
    let sql = format!(
        "WITH found AS MATERIALIZED ({found}), newest AS MATERIALIZED (
             SELECT subject_id FROM found ORDER BY at DESC, subject_id DESC LIMIT $8
         ), counted AS MATERIALIZED (
             SELECT count(*) AS matching, {ids} AS ids FROM newest
         )
         SELECT matching, d.subject_type, d.subject_id, d.at, (ts_rank(d.vector, $1::tsquery) * 1000000)::bigint AS rank,
                ($9::text IS NULL OR d.vector @@ $9::tsquery) AS in_order
         FROM counted LEFT JOIN search_documents d ON d.subject_id = ANY (ids)"
    );
    let rows: Vec<Counted> = diesel::sql_query(sql)
        .bind::<Text, _>(search.words.lexemes())
        .bind::<Array<Text>, _>(names(&search.whole))
        .bind::<Array<Text>, _>(names(&search.own))
        .bind::<Array<SqlUuid>, _>(organizations)
        .bind::<Nullable<Date>, _>(since)
        .bind::<Nullable<Timestamptz>, _>(top.map(|(at, _)| at))
        .bind::<Nullable<SqlUuid>, _>(top.map(|(_, id)| id))
        .bind::<BigInt, _>(RANKED)
        .bind::<Nullable<Text>, _>(search.words.in_order())
        .bind::<Text, _>(search.words.exact_of_author())
        .load(conn)
        .await?;
    let matching = rows.as_slice().first().map_or(0, |row| row.matching);
    Ok((rows.into_iter().filter_map(|row| row.found).collect(), matching))
}

/// What the caller sees of what matches, by kinds of types. Each kind is a query of its own, so that who is involved is looked up in
/// the index: in one condition with `OR` the planner, who takes lexemes for independent of each other and so for rare, reads
/// every record that holds them.
const SEEN_WHOLE: &str = "subject_type = ANY ($2)";
const SEEN_OWN: &str = "subject_type = ANY ($3) AND involved && $4 AND (former IS NULL
    OR EXISTS (SELECT FROM unnest(involved) AS one WHERE one = ANY ($4) AND one <> ALL (former))
    OR vector @@ $10::tsquery)";
