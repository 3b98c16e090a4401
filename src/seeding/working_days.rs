//! The State Council's arrangements of the years, from `seeds/working-days/`.

use crate::db::Db;
use crate::db::schema::working_day_years;
use crate::policy::{Caller, ops};
use crate::problem::{Problem, Result};
use crate::resources::working_days::model::Arrangement;
use crate::resources::working_days::queries;
use crate::work::Change;
use crate::work::Origin;
use crate::workflow::{corrections, timing};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

/// A file a year; a test compares the list with the folder.
const YEARS: &[&str] = &[
    include_str!("../../seeds/working-days/2004.json"),
    include_str!("../../seeds/working-days/2005.json"),
    include_str!("../../seeds/working-days/2006.json"),
    include_str!("../../seeds/working-days/2007.json"),
    include_str!("../../seeds/working-days/2008.json"),
    include_str!("../../seeds/working-days/2009.json"),
    include_str!("../../seeds/working-days/2010.json"),
    include_str!("../../seeds/working-days/2011.json"),
    include_str!("../../seeds/working-days/2012.json"),
    include_str!("../../seeds/working-days/2013.json"),
    include_str!("../../seeds/working-days/2014.json"),
    include_str!("../../seeds/working-days/2015.json"),
    include_str!("../../seeds/working-days/2016.json"),
    include_str!("../../seeds/working-days/2017.json"),
    include_str!("../../seeds/working-days/2018.json"),
    include_str!("../../seeds/working-days/2019.json"),
    include_str!("../../seeds/working-days/2020.json"),
    include_str!("../../seeds/working-days/2021.json"),
    include_str!("../../seeds/working-days/2022.json"),
    include_str!("../../seeds/working-days/2023.json"),
    include_str!("../../seeds/working-days/2024.json"),
    include_str!("../../seeds/working-days/2025.json"),
    include_str!("../../seeds/working-days/2026.json"),
];

/// Loads the years that the database has none of: a newer program brings newer years, and the runner moves what runs into
/// them. Years that are there stay as they are, since they may have been corrected.
///
/// # Errors
/// 500 where the data in `seeds/` is broken, which a test would have found; `database_unavailable`.
pub async fn load_working_days(db: &Db, origin: &Origin) -> Result<()> {
    let all: Vec<Arrangement> = YEARS
        .iter()
        .map(|text| serde_json::from_str(text).map_err(Problem::internal))
        .collect::<Result<_>>()?;
    let permit = Caller::command_line().permit_any::<ops::ImportWorkingDays>()?;
    db.transaction(origin, async |tx| {
        timing::lock(tx).await?;
        let known: Vec<i32> = working_day_years::table
            .select(working_day_years::year)
            .load(tx.conn)
            .await?;
        let missing: Vec<Arrangement> = all
            .iter()
            .filter(|one| !known.contains(&one.year))
            .cloned()
            .collect();
        let Some(last) = missing.last() else {
            tx.changes_nothing();
            return Ok(());
        };
        queries::replace(tx, &permit, &missing).await?;
        let years: Vec<i32> = missing.iter().map(|one| one.year).collect();
        corrections::begin(tx, &years, "程序更新，载入国务院办公厅节假日安排").await?;
        let id = working_day_years::table
            .find(last.year)
            .select(working_day_years::id)
            .first(tx.conn)
            .await?;
        let mut change = Change::unannounced("working_days", id);
        change.after = Some(serde_json::json!({ "years": years }));
        tx.record(&permit, change).await
    })
    .await
}
