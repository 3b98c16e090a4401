use super::compile::{self, Compiled, compile, period_of};
use super::model::{
    AnnualSummaryFilter, AnnualSummaryOutline, AnnualSummarySort, AnnualSummaryState, NewAnnualSummary,
    PatchAnnualSummary, Row,
};
use super::policy::AnnualSummary;
use super::records::Record;
use crate::db::count;
use crate::db::schema::{annual_summaries as summaries, annual_summary_records as kept};
use crate::directory::Directory;
use crate::figures::behind::canonical_digest;
use crate::figures::catalogue::Figure;
use crate::figures::facts::RecordType;
use crate::figures::{Period, Scene, gather};
use crate::http::listing::{Listing, Viewer, Views};
use crate::policy::{Permit, ops};
use crate::problem::{Problem, Result};
use crate::resources::attachments::model::hex;
use crate::work::Tx;
use chrono::NaiveDate;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

/// Records that are kept at a time: a statement has 65,535 parameters at most.
const BATCH: usize = 2000;

/// By year or id, as clients name a summary.
fn found(named: &str) -> Result<summaries::BoxedQuery<'_, Pg>> {
    let query = summaries::table.into_boxed();
    let is_year = named.len() == 4 && named.bytes().all(|byte| byte.is_ascii_digit());
    match (is_year, named.parse::<i32>(), Uuid::try_parse(named)) {
        (true, Ok(year), _) => Ok(query.filter(summaries::year.eq(year))),
        (_, _, Ok(id)) => Ok(query.filter(summaries::id.eq(id))),
        _ => Err(Problem::not_found()),
    }
}

pub async fn get(mut conn: &AsyncPgConnection, named: &str) -> Result<AnnualSummary> {
    let row = found(named)?.select(Row::as_select());
    Ok(AnnualSummary::new(row.first(&mut conn).await?))
}

/// Its figures: as they were published, or, of a draft, as they are today.
pub async fn compiled(
    conn: &AsyncPgConnection,
    summary: &AnnualSummary,
    directory: &Directory,
    today: NaiveDate,
) -> Result<Compiled> {
    if let Some(figures) = &summary.row.figures {
        return Compiled::deserialize(figures).map_err(Problem::internal);
    }
    let period = period_of(summary.row.year, today)?;
    let scene = Scene {
        directory,
        period: &period,
    };
    compile(&scene, &gather(conn, &scene, compile::GROUPS, today).await?)
}

/// What its figures are about.
///
/// # Errors
/// 500 where what was kept cannot be read.
pub fn period(summary: &AnnualSummary, today: NaiveDate) -> Result<Period> {
    match &summary.row.figures {
        Some(figures) => Period::deserialize(&figures["period"]).map_err(Problem::internal),
        None => period_of(summary.row.year, today),
    }
}

/// Whose drafts a caller sees, and what it asks for.
#[derive(Clone, Debug)]
pub struct Scope {
    pub drafts: bool,
    pub filter: AnnualSummaryFilter,
}

fn filtered(scope: &Scope) -> summaries::BoxedQuery<'_, Pg> {
    let mut query = summaries::table.into_boxed();
    if !scope.drafts {
        query = query.filter(summaries::state.ne(AnnualSummaryState::Draft));
    }
    if !scope.filter.state.is_empty() {
        query = query.filter(summaries::state.eq_any(&scope.filter.state));
    }
    if let Some(since) = scope.filter.updated_since {
        query = query.filter(summaries::updated_at.ge(since));
    }
    query
}

impl Listing for Scope {
    type Row = Row;
    /// The year: there is one summary of each.
    type Key = i32;
    type View = AnnualSummaryOutline;

    fn key(&self, row: &Row) -> i32 {
        row.year
    }

    async fn after(
        &self,
        mut conn: &AsyncPgConnection,
        after: Option<i32>,
        limit: usize,
    ) -> Result<Vec<Row>> {
        let query = filtered(self);
        let query = match self.filter.sort {
            AnnualSummarySort::Newest => query
                .filter(summaries::year.lt(after.unwrap_or(i32::MAX)))
                .order(summaries::year.desc()),
            AnnualSummarySort::Oldest => query
                .filter(summaries::year.gt(after.unwrap_or(i32::MIN)))
                .order(summaries::year.asc()),
        };
        let query = query.limit(i64::try_from(limit).unwrap_or(i64::MAX));
        Ok(query.select(Row::as_select()).load(&mut conn).await?)
    }

    async fn total(&self, conn: &AsyncPgConnection) -> Result<usize> {
        count::capped(conn, filtered(self).select(summaries::id)).await
    }

    async fn views(&self, _: &AsyncPgConnection, viewer: &Viewer, rows: Vec<Row>) -> Views<Self> {
        let view = |row| {
            Ok(AnnualSummaryOutline::for_caller(
                &viewer.caller,
                &AnnualSummary::new(row),
            ))
        };
        rows.into_iter().map(view).collect()
    }
}

/// The summary of a year, if there is one.
pub async fn of_year(tx: &mut Tx<'_>, year: i32) -> Result<Option<Uuid>> {
    let found = summaries::table.filter(summaries::year.eq(year));
    Ok(found.select(summaries::id).first(tx.conn).await.optional()?)
}

/// # Errors
/// 409 `annual_summary_exists` where another was made at the same time.
pub async fn insert(
    tx: &mut Tx<'_>,
    _: &Permit<ops::CreateAnnualSummary>,
    new: &NewAnnualSummary,
) -> Result<Uuid> {
    let id = Uuid::now_v7();
    diesel::insert_into(summaries::table)
        .values((
            summaries::id.eq(id),
            summaries::year.eq(new.year),
            summaries::state.eq(AnnualSummaryState::Draft),
            summaries::text.eq(&new.text),
            summaries::created_at.eq(tx.now()),
            summaries::updated_at.eq(tx.now()),
        ))
        .execute(tx.conn)
        .await?;
    Ok(id)
}

pub async fn update(
    tx: &mut Tx<'_>,
    _: &Permit<ops::UpdateAnnualSummary>,
    id: Uuid,
    patch: &PatchAnnualSummary,
) -> Result<()> {
    diesel::update(summaries::table.find(id))
        .set((
            summaries::version.eq(summaries::version + 1),
            summaries::updated_at.eq(tx.now()),
            patch.text.as_ref().map(|text| summaries::text.eq(text)),
        ))
        .execute(tx.conn)
        .await?;
    Ok(())
}

pub async fn delete(tx: &mut Tx<'_>, _: &Permit<ops::DeleteAnnualSummary>, id: Uuid) -> Result<()> {
    diesel::delete(summaries::table.find(id)).execute(tx.conn).await?;
    Ok(())
}

/// Keeps the figures, the records behind them, and one digest of it all.
pub async fn publish(
    tx: &mut Tx<'_>,
    _: &Permit<ops::PublishAnnualSummary>,
    row: &Row,
    compiled: &Compiled,
    records: &[Record],
) -> Result<()> {
    for batch in records.chunks(BATCH) {
        let rows: Vec<_> = batch.iter().map(|record| kept_row(row.id, record)).collect();
        diesel::insert_into(kept::table)
            .values(rows)
            .execute(tx.conn)
            .await?;
    }
    let figures = serde_json::to_value(compiled).map_err(Problem::internal)?;
    let digests: Vec<String> = records.iter().map(|record| hex(&record.sha256)).collect();
    let sealed =
        json!({ "year": row.year, "text": row.text, "figures": figures.clone(), "records": digests });
    diesel::update(summaries::table.find(row.id))
        .set((
            summaries::state.eq(AnnualSummaryState::Published),
            summaries::figures.eq(figures),
            summaries::sha256.eq(canonical_digest(sealed).to_vec()),
            summaries::published_at.eq(tx.now()),
            summaries::version.eq(summaries::version + 1),
            summaries::updated_at.eq(tx.now()),
        ))
        .execute(tx.conn)
        .await?;
    Ok(())
}

#[derive(Insertable)]
#[diesel(table_name = kept)]
struct Kept<'a> {
    annual_summary_id: Uuid,
    position: i32,
    kind: RecordType,
    key: Uuid,
    record_id: Uuid,
    title: &'a str,
    on_day: Option<NaiveDate>,
    department_id: Option<Uuid>,
    party_id: Option<Uuid>,
    counted: &'a [Figure],
    counted_of: &'a [Figure],
    sha256: &'a [u8],
}

fn kept_row(summary: Uuid, record: &Record) -> Kept<'_> {
    Kept {
        annual_summary_id: summary,
        position: record.position,
        kind: record.kind,
        key: record.key,
        record_id: record.id,
        title: &record.title,
        on_day: record.on,
        department_id: record.department,
        party_id: record.party,
        counted: &record.counted,
        counted_of: &record.counted_of,
        sha256: &record.sha256,
    }
}
