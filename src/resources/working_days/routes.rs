use super::count::{CountQuery, CountedView};
use super::model::{Arrangement, ImportYears, ImportedView, ImportedYear, ReplaceYear, YEARS, YearView};
use super::queries::{self, Loaded};
use crate::http::call::Call;
use crate::http::extract::{Json, Path, Query};
use crate::http::idempotency::Answer;
use crate::http::registry::Registry;
use crate::policy::{Operation, Permit, ops};
use crate::problem::{Problem, Result};
use crate::work::Change;
use crate::work::Tx;
use crate::workflow::corrections::{self, CorrectionView};
use crate::workflow::timing;
use actix_web::{HttpResponse, get, post, put};
use serde_json::json;
use std::collections::BTreeMap;

pub fn configure(registry: &mut Registry) {
    registry
        .service(count_working_days)
        .service(import_working_days)
        .service(get_working_day_year)
        .service(replace_working_day_year);
}

/// When is it due
///
/// The last day of a term that begins on a day, which itself is not counted: so many working days (`count`), months or
/// days. Exactly one of the three.
#[utoipa::path(tag = "timing", params(CountQuery), responses((status = 200, body = CountedView)))]
#[get("/api/v1/working-days")]
async fn count_working_days(call: Call, query: Query<CountQuery>) -> Result<HttpResponse> {
    let term = query.0.term()?;
    let timing = call.worker.timing().await?;
    call.unversioned(&CountedView::new(&timing.calendar, query.0.from, term))
}

/// Get the working days of a year
///
/// Every day of it, and by which document. A year that is not loaded is a plain week, `provisional`; it can be put like
/// any other.
#[utoipa::path(
    tag = "timing",
    params(("year" = i32, Path, description = "1990 to 2100", example = 2026, minimum = 1990, maximum = 2100)),
    responses((status = 200, body = YearView))
)]
#[get("/api/v1/working-days/{year}")]
async fn get_working_day_year(call: Call, year: Path<String>) -> Result<HttpResponse> {
    let year = of_path(&year.0)?;
    let reads = call.reads().await?;
    let loaded = queries::load(&reads, &[year]).await?;
    let correction = corrections::latest(&reads, year).await?;
    let (version, view) = view(year, loaded.get(&year), correction);
    call.one(version, &view)
}

fn of_path(year: &str) -> Result<i32> {
    // Written one way: `+2026` and `02026` are no years.
    let digits = year.bytes().all(|byte| byte.is_ascii_digit()) && year.len() == 4;
    year.parse()
        .ok()
        .filter(|year| digits && YEARS.contains(year))
        .ok_or_else(Problem::not_found)
}

/// A year as it stands, with its version: 0 where it is not loaded.
fn view(year: i32, loaded: Option<&Loaded>, correction: Option<CorrectionView>) -> (i64, YearView) {
    match loaded {
        Some(loaded) => (
            loaded.version,
            YearView::new(loaded.arrangement.clone(), Some(loaded.updated_at), correction),
        ),
        None => {
            let plain = Arrangement {
                year,
                document_number: None,
                title: None,
                issued_on: None,
                note: None,
                holidays: Vec::new(),
                makeup_days: Vec::new(),
            };
            (0, YearView::new(plain, None, correction))
        }
    }
}

/// Put a year's working days
///
/// By 市委统战部: all of the year's holidays and make-up working days. It holds at once; the deadlines that run are then moved
/// to what it makes of them, a hundred thousand within minutes, and those who owe are told why. `correction` says how far that has come.
#[utoipa::path(
    tag = "timing",
    params(("year" = i32, Path, description = "1990 to 2100", example = 2026, minimum = 1990, maximum = 2100)),
    request_body = ReplaceYear,
    responses((status = 200, body = YearView))
)]
#[put("/api/v1/working-days/{year}")]
async fn replace_working_day_year(
    call: Call,
    year: Path<String>,
    body: Json<ReplaceYear>,
) -> Result<HttpResponse> {
    let year = of_path(&year.0)?;
    let arrangement = body.0.arrangement(year);
    let mut faults = Vec::new();
    arrangement.check_year("", &mut faults);
    if !faults.is_empty() {
        return Err(Problem::invalid(faults));
    }
    let permit = call.caller.permit_any::<ops::ReplaceWorkingDayYear>()?;
    let years = [arrangement];
    call.write(async |tx| {
        timing::lock(tx).await?;
        let before = queries::load(tx.conn, &[year]).await?;
        tx.matches(before.get(&year).map_or(0, |one| one.version))?;
        let after = replace(tx, &permit, &before, &years, &body.0.reason).await?;
        let correction = corrections::latest(tx.conn, year).await?;
        let (version, view) = view(year, after.get(&year), correction);
        Answer::ok(version, &view)
    })
    .await
}

/// Import working days
///
/// By 市委统战部: several years at once, all of them or none, in the place of what is there. Running deadlines are moved as
/// by a correction; each year's `correction` says how far that has come.
#[utoipa::path(
    tag = "timing",
    request_body = ImportYears,
    responses((status = 200, body = ImportedView))
)]
#[post("/api/v1/working-days/import")]
async fn import_working_days(call: Call, body: Json<ImportYears>) -> Result<HttpResponse> {
    let permit = call.caller.permit_any::<ops::ImportWorkingDays>()?;
    let ImportYears { years, reason } = body.0;
    let numbers: Vec<i32> = years.iter().map(|one| one.year).collect();
    call.write(async |tx| {
        timing::lock(tx).await?;
        let before = queries::load(tx.conn, &numbers).await?;
        replace(tx, &permit, &before, &years, &reason).await?;
        let revision = timing::revision(tx.conn).await?;
        let years = years
            .iter()
            .map(|one| ImportedYear {
                year: one.year,
                added: !before.contains_key(&one.year),
                holiday_count: one.holidays.len(),
                makeup_day_count: one.makeup_days.len(),
            })
            .collect();
        Answer::ok(revision, &ImportedView { years })
    })
    .await
}

/// The change, what is to be moved by it, and the record of each year.
async fn replace<O: Operation>(
    tx: &mut Tx<'_>,
    permit: &Permit<O>,
    before: &BTreeMap<i32, Loaded>,
    years: &[Arrangement],
    reason: &str,
) -> Result<BTreeMap<i32, Loaded>> {
    queries::replace(tx, permit, years).await?;
    let numbers: Vec<i32> = years.iter().map(|one| one.year).collect();
    corrections::begin(tx, &numbers, reason).await?;
    let after = queries::load(tx.conn, &numbers).await?;
    for (year, now) in &after {
        let before = before
            .get(year)
            .map(|one| json!({ "arrangement": one.arrangement }));
        let change = Change {
            subject_type: "working_days",
            subject_id: now.id,
            event: Some("working_days.replaced"),
            before,
            after: Some(json!({ "arrangement": now.arrangement, "reason": reason })),
            announced: None,
        };
        tx.record(permit, change).await?;
    }
    Ok(after)
}
