use super::model::{Arrangement, NamedDay};
use crate::db::schema::{special_days, working_day_years};
use crate::policy::{Operation, Permit};
use crate::problem::Result;
use crate::work::Tx;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::upsert::excluded;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::BTreeMap;
use uuid::Uuid;

#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = working_day_years)]
struct Row {
    year: i32,
    id: Uuid,
    document_number: Option<String>,
    title: Option<String>,
    issued_on: Option<NaiveDate>,
    note: Option<String>,
    version: i64,
    updated_at: DateTime<Utc>,
}

/// A year that is loaded.
#[derive(Clone, Debug)]
pub struct Loaded {
    pub id: Uuid,
    pub version: i64,
    pub updated_at: DateTime<Utc>,
    pub arrangement: Arrangement,
}

/// Those of the years that are loaded.
pub async fn load(conn: &AsyncPgConnection, years: &[i32]) -> Result<BTreeMap<i32, Loaded>> {
    let (mut rows_on, mut days_on) = (conn, conn);
    let rows = working_day_years::table
        .filter(working_day_years::year.eq_any(years))
        .select(Row::as_select())
        .load::<Row>(&mut rows_on);
    let days = special_days::table
        .filter(special_days::year.eq_any(years))
        .order(special_days::day)
        .select((
            special_days::year,
            special_days::day,
            special_days::working,
            special_days::name,
        ))
        .load::<(i32, NaiveDate, bool, String)>(&mut days_on);
    let (rows, days) = futures_util::try_join!(rows, days)?;
    let mut loaded: BTreeMap<i32, Loaded> = rows.into_iter().map(|row| (row.year, row.into())).collect();
    for (year, day, working, name) in days {
        if let Some(one) = loaded.get_mut(&year) {
            let list = if working {
                &mut one.arrangement.makeup_days
            } else {
                &mut one.arrangement.holidays
            };
            list.push(NamedDay { day, name });
        }
    }
    Ok(loaded)
}

impl From<Row> for Loaded {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            version: row.version,
            updated_at: row.updated_at,
            arrangement: Arrangement {
                year: row.year,
                document_number: row.document_number,
                title: row.title,
                issued_on: row.issued_on,
                note: row.note,
                holidays: Vec::new(),
                makeup_days: Vec::new(),
            },
        }
    }
}

/// Puts years in the place of what is there of them, and raises their versions. The caller holds `timing::lock`.
pub async fn replace(tx: &mut Tx<'_>, _: &Permit<impl Operation>, years: &[Arrangement]) -> Result<()> {
    let now = tx.now();
    let rows: Vec<_> = years
        .iter()
        .map(|one| {
            (
                working_day_years::year.eq(one.year),
                working_day_years::id.eq(Uuid::now_v7()),
                working_day_years::document_number.eq(&one.document_number),
                working_day_years::title.eq(&one.title),
                working_day_years::issued_on.eq(one.issued_on),
                working_day_years::note.eq(&one.note),
                working_day_years::created_at.eq(now),
                working_day_years::updated_at.eq(now),
            )
        })
        .collect();
    diesel::insert_into(working_day_years::table)
        .values(rows)
        .on_conflict(working_day_years::year)
        .do_update()
        .set((
            working_day_years::document_number.eq(excluded(working_day_years::document_number)),
            working_day_years::title.eq(excluded(working_day_years::title)),
            working_day_years::issued_on.eq(excluded(working_day_years::issued_on)),
            working_day_years::note.eq(excluded(working_day_years::note)),
            working_day_years::version.eq(working_day_years::version + 1),
            working_day_years::updated_at.eq(excluded(working_day_years::updated_at)),
        ))
        .execute(tx.conn)
        .await?;
    let numbers: Vec<i32> = years.iter().map(|one| one.year).collect();
    diesel::delete(special_days::table.filter(special_days::year.eq_any(numbers)))
        .execute(tx.conn)
        .await?;
    let days: Vec<_> = years.iter().flat_map(day_rows).collect();
    // A statement takes 65,535 parameters at most.
    for some in days.chunks(10_000) {
        diesel::insert_into(special_days::table)
            .values(some)
            .execute(tx.conn)
            .await?;
    }
    Ok(())
}

#[derive(Insertable)]
#[diesel(table_name = special_days)]
struct DayRow<'a> {
    day: NaiveDate,
    year: i32,
    working: bool,
    name: &'a str,
}

fn day_rows(one: &Arrangement) -> impl Iterator<Item = DayRow<'_>> {
    let holidays = one.holidays.iter().map(|special| (special, false));
    let makeup_days = one.makeup_days.iter().map(|special| (special, true));
    holidays.chain(makeup_days).map(|(special, working)| DayRow {
        day: special.day,
        year: one.year,
        working,
        name: &special.name,
    })
}
