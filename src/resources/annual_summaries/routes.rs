use super::evidence::{ChangesView, RecordView, SummaryRecordFilter};
use super::model::{
    AnnualSummaryFilter, AnnualSummaryOutline, AnnualSummaryState, AnnualSummaryView, NewAnnualSummary,
    PatchAnnualSummary,
};
use super::policy::{AnnualSummary, Sight};
use super::records::{self, Kept, Place};
use super::scope::scope;
use super::{compile::period_of, queries, steps, table};
use crate::directory::{self, Directory};
use crate::figures::Scene;
use crate::http::call::Call;
use crate::http::extract::{Empty, Json, Path, Query};
use crate::http::idempotency::Answer;
use crate::http::negotiate::{Batches, Format};
use crate::http::page::{Page, Paging};
use crate::http::registry::Registry;
use crate::policy::{Operation, Permit, Reach, ops};
use crate::problem::{Code, Fault, Problem, Result};
use crate::work::{Change, Tx};
use crate::workflow::machine::enter;
use actix_web::{HttpResponse, delete, get, patch, post};
use chrono::Datelike;
use uuid::Uuid;

pub fn configure(registry: &mut Registry) {
    registry
        .service(list_annual_summaries)
        .service(create_annual_summary)
        .service(get_annual_summary)
        .service(update_annual_summary)
        .service(delete_annual_summary)
        .service(publish_annual_summary)
        .service(list_annual_summary_changes)
        .service(list_annual_summary_records);
}

/// List annual summaries
///
/// Without their figures, the latest year first. Drafts are there for 市委统战部 alone.
#[utoipa::path(
    tag = "plans-and-reports",
    params(Paging, AnnualSummaryFilter),
    responses((status = 200, body = Page<AnnualSummaryOutline>))
)]
#[get("/api/v1/annual-summaries")]
async fn list_annual_summaries(
    call: Call,
    paging: Query<Paging>,
    filter: Query<AnnualSummaryFilter>,
) -> Result<HttpResponse> {
    let scope = queries::Scope {
        drafts: call.reach() == Reach::Any,
        filter: filter.0,
    };
    let directory = call.directory().await?;
    call.page(&call.page_of_list(&scope, &paging.0, directory).await?)
}

/// Draft the summary of a year
///
/// By 市委统战部, one a year: the running one, or one before. Its figures are computed at each reading until it is published.
#[utoipa::path(
    tag = "plans-and-reports",
    request_body = NewAnnualSummary,
    responses((status = 201, body = AnnualSummaryView))
)]
#[post("/api/v1/annual-summaries")]
async fn create_annual_summary(call: Call, body: Json<NewAnnualSummary>) -> Result<HttpResponse> {
    let year = body.0.year;
    if year > call.today().year() {
        let fault = Fault::at(
            "/year",
            "out_of_range",
            "不得晚于今年。",
            "Not after the running year.",
        );
        return Err(Problem::invalid(vec![fault]));
    }
    call.write(async |tx| {
        let directory = directory::load(tx.conn).await?;
        let permit = call.caller.permit_any::<ops::CreateAnnualSummary>()?;
        if let Some(there) = queries::of_year(tx, year).await? {
            return Err(Problem::new(Code::AnnualSummaryExists).with("annual_summary", there.to_string()));
        }
        let id = queries::insert(tx, &permit, &body.0).await?;
        let after = queries::get(tx.conn, &id.to_string()).await?;
        record(tx, &permit, "annual_summary.created", None, Some(&after)).await?;
        let location = format!("/api/v1/annual-summaries/{year}");
        let view = view(&call, tx.conn, &after, &directory).await?;
        Answer::created(location, after.row.version, &view)
    })
    .await
}

async fn view(
    call: &Call,
    conn: &diesel_async::AsyncPgConnection,
    summary: &AnnualSummary,
    directory: &Directory,
) -> Result<AnnualSummaryView> {
    let compiled = queries::compiled(conn, summary, directory, call.today()).await?;
    let sight = Sight::of(&call.caller, directory, call.today());
    Ok(AnnualSummaryView::new(&call.caller, summary, compiled, &sight))
}

/// On record, and, once it is published, announced: drafts are nobody else's.
async fn record<O: Operation>(
    tx: &mut Tx<'_>,
    permit: &Permit<O>,
    event: &'static str,
    before: Option<&AnnualSummary>,
    after: Option<&AnnualSummary>,
) -> Result<()> {
    let one = after.or(before);
    let id = one.map_or(Uuid::nil(), |one| one.row.id);
    let (shown, was) = (
        after.map(AnnualSummaryOutline::new),
        before.map(AnnualSummaryOutline::new),
    );
    let change = Change::new(event, id, was.as_ref(), shown.as_ref())?;
    let is_published = one.is_some_and(|one| one.state == AnnualSummaryState::Published);
    let change = if is_published { change } else { change.kept_quiet() };
    tx.record(permit, change).await
}

/// Get the summary of a year
///
/// By year or id: figures of the city, each department and each party, with definitions and links to the records behind them.
/// In XLSX a sheet a table, in CSV a line a figure.
#[utoipa::path(
    tag = "plans-and-reports",
    params(("id" = String, Path, description = "Year or id", example = "2025", max_length = 64)),
    responses((status = 200, body = AnnualSummaryView))
)]
#[get("/api/v1/annual-summaries/{id}")]
async fn get_annual_summary(call: Call, id: Path<String>) -> Result<HttpResponse> {
    let directory = call.directory().await?;
    let reads = call.reads().await?;
    let summary = queries::get(&reads, &id.0).await?.seen_by(&call.caller)?;
    let view = view(&call, &reads, &summary, &directory).await?;
    match call.format() {
        Format::Json => call.one(summary.row.version, &view),
        Format::Csv => {
            let rows = table::lines(&view, call.language());
            let rows: Batches = Box::pin(futures_util::stream::once(async { Ok(rows) }));
            call.export(Format::Csv, &table::of_lines(&view), rows).await
        }
        Format::Xlsx => {
            let sheets = table::sheets(&view, call.language());
            call.export_workbook(&table::title(&view), sheets).await
        }
    }
}

/// Edit a draft
///
/// The text of 市委统战部. What was published is never edited.
#[utoipa::path(
    tag = "plans-and-reports",
    params(("id" = String, Path, description = "Year or id", example = "2025", max_length = 64)),
    request_body = PatchAnnualSummary,
    responses((status = 200, body = AnnualSummaryView))
)]
#[patch("/api/v1/annual-summaries/{id}")]
async fn update_annual_summary(
    call: Call,
    id: Path<String>,
    body: Json<PatchAnnualSummary>,
) -> Result<HttpResponse> {
    call.write(async |tx| {
        let directory = directory::load(tx.conn).await?;
        let before = queries::get_locked(tx, &id.0).await?.seen_by(&call.caller)?;
        let permit = enter::<ops::UpdateAnnualSummary>(tx, &before)?;
        queries::update(tx, &permit, before.row.id, &body.0).await?;
        let after = queries::get(tx.conn, &id.0).await?;
        let event = "annual_summary.updated";
        record(tx, &permit, event, Some(&before), Some(&after)).await?;
        let view = view(&call, tx.conn, &after, &directory).await?;
        Answer::ok(after.row.version, &view)
    })
    .await
}

/// Delete a draft
///
/// What was published stays.
#[utoipa::path(
    tag = "plans-and-reports",
    params(("id" = String, Path, description = "Year or id", example = "2025", max_length = 64)),
    responses((status = 204))
)]
#[delete("/api/v1/annual-summaries/{id}")]
async fn delete_annual_summary(call: Call, id: Path<String>) -> Result<HttpResponse> {
    call.write(async |tx| {
        let before = queries::get_locked(tx, &id.0).await?.seen_by(&call.caller)?;
        let permit = enter::<ops::DeleteAnnualSummary>(tx, &before)?;
        queries::delete(tx, &permit, before.row.id).await?;
        record(tx, &permit, "annual_summary.deleted", Some(&before), None).await?;
        Ok(Answer::nothing())
    })
    .await
}

/// Publish the summary of a year
///
/// By 市委统战部, once it has its text. Figures, definitions and a digest of every record behind them are kept as they are now,
/// and all who take part are told. Of a year that still runs it says what is known today.
#[utoipa::path(
    tag = "plans-and-reports",
    params(("id" = String, Path, description = "Year or id", example = "2025", max_length = 64)),
    request_body = Empty,
    responses((status = 200, body = AnnualSummaryView))
)]
#[post("/api/v1/annual-summaries/{id}/publish")]
async fn publish_annual_summary(call: Call, id: Path<String>, _: Json<Empty>) -> Result<HttpResponse> {
    call.write(async |tx| {
        let directory = directory::load(tx.conn).await?;
        let before = queries::get_locked(tx, &id.0).await?.seen_by(&call.caller)?;
        let permit = enter::<ops::PublishAnnualSummary>(tx, &before)?;
        steps::publish(tx, &permit, &directory, &before).await?;
        let after = queries::get(tx.conn, &id.0).await?;
        let event = "annual_summary.published";
        record(tx, &permit, event, Some(&before), Some(&after)).await?;
        let view = view(&call, tx.conn, &after, &directory).await?;
        Answer::ok(after.row.version, &view)
    })
    .await
}

/// What has changed since publication
///
/// Against the records as they are today: figures that would be others, and records that say something else, were added or are
/// gone. A department or party sees its own beside the city's figures. Nothing of a draft, which follows the records.
#[utoipa::path(
    tag = "plans-and-reports",
    params(("id" = String, Path, description = "Year or id", example = "2025", max_length = 64), Paging),
    responses((status = 200, body = ChangesView))
)]
#[get("/api/v1/annual-summaries/{id}/changes")]
async fn list_annual_summary_changes(
    call: Call,
    id: Path<String>,
    paging: Query<Paging>,
) -> Result<HttpResponse> {
    let directory = call.directory().await?;
    let reads = call.reads().await?;
    let summary = queries::get(&reads, &id.0).await?.seen_by(&call.caller)?;
    let position = call.position::<Place>(&paging.0)?;
    let sight = Sight::of(&call.caller, &directory, call.today());
    let period = period_of(summary.row.year, call.today())?;
    let (mut figures, mut changes) = (Vec::new(), Vec::new());
    if summary.state == AnnualSummaryState::Published {
        let scene = Scene {
            directory: &directory,
            period: &period,
        };
        let scope = records::Scope::of(&sight);
        let published = queries::compiled(&reads, &summary, &directory, call.today()).await?;
        let (now, behind) = records::as_they_are(&reads, &scene).await?;
        let kept = Kept {
            id: summary.row.id,
            scope: scope.clone(),
            day: period.settled_on,
        };
        figures = records::figure_changes(&published, &now, &sight);
        let behind = records::within(behind, &scope);
        changes = records::changes(kept.all(&reads).await?, behind, &directory, period.settled_on)?;
    }
    let page = position.slice(changes, |(place, _)| place.clone())?;
    let view = ChangesView {
        year: summary.row.year,
        published_at: summary.row.published_at,
        as_of: period.as_of,
        figures,
        items: page.items.into_iter().map(|(_, change)| change).collect(),
        next_cursor: page.next_cursor,
        total: page.total,
        total_is_capped: page.total_is_capped,
    };
    call.listing(view.next_cursor.as_deref(), &view)
}

/// The records behind a summary
///
/// Each once, with the figures that it is in and the digest of what it said: as it was published, of a draft as it is. With
/// `figure` as many as that figure says. A department or party sees its own.
#[utoipa::path(
    tag = "plans-and-reports",
    params(
        ("id" = String, Path, description = "Year or id", example = "2025", max_length = 64),
        Paging,
        SummaryRecordFilter,
    ),
    responses((status = 200, body = Page<RecordView>))
)]
#[get("/api/v1/annual-summaries/{id}/records")]
async fn list_annual_summary_records(
    call: Call,
    id: Path<String>,
    paging: Query<Paging>,
    filter: Query<SummaryRecordFilter>,
) -> Result<HttpResponse> {
    let directory = call.directory().await?;
    let scope = scope(&call, &directory, &filter.0)?;
    let reads = call.reads().await?;
    let summary = queries::get(&reads, &id.0).await?.seen_by(&call.caller)?;
    let period = queries::period(&summary, call.today())?;
    let (id, day) = (summary.row.id, period.settled_on);
    if summary.state != AnnualSummaryState::Draft {
        let kept = Kept { id, scope, day };
        return call.listed(kept, &paging.0, directory).await;
    }
    let scene = Scene {
        directory: &directory,
        period: &period,
    };
    let (_, behind) = records::as_they_are(&reads, &scene).await?;
    let position = call.position(&paging.0)?;
    let page = position.slice(records::within(behind, &scope), |record| record.position)?;
    call.list(&page.try_map(|record| RecordView::new(&record, &directory, day))?)
        .await
}
