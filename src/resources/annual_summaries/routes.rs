use super::evidence::{ChangesView, RecordView, SummaryRecordFilter};
use super::model::{
    AnnualSummaryFilter, AnnualSummaryOutline, AnnualSummaryState, AnnualSummaryView, NewAnnualSummary,
    PatchAnnualSummary,
};
use super::policy::{AnnualSummary, Sight};
use super::records::{self, Kept, Place};
use super::scope::scope;
use super::{compile::period_of, queries, steps, table};
use crate::figures::Scene;
use crate::http::call::Call;
use crate::http::extract::{Empty, Json, Path, Query};
use crate::http::idempotency::Answer;
use crate::http::negotiate::{Batches, Format};
use crate::http::page::{Page, Paging};
use crate::http::registry::Registry;
use crate::policy::{Reach, ops};
use crate::problem::{Code, Fault, Problem, Result};
use crate::workflow::step::Aggregate;
use actix_web::{HttpResponse, delete, get, patch, post};
use chrono::Datelike;

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
    call.write_in(async |tx, context| {
        let directory = context.directory;
        let permit = call.caller.permit_any::<ops::CreateAnnualSummary>()?;
        if let Some(there) = queries::of_year(tx, year).await? {
            return Err(Problem::new(Code::AnnualSummaryExists).with("annual_summary", there.to_string()));
        }
        let id = queries::insert(tx, &permit, &body.0).await?;
        let after = queries::get(tx.conn, &id.to_string()).await?;
        AnnualSummary::record(
            tx,
            &permit,
            "annual_summary.created",
            directory,
            (None, Some(&after)),
        )
        .await?;
        let location = format!("/api/v1/annual-summaries/{year}");
        let view = after
            .shown(tx.conn, &call.caller, directory, call.today())
            .await?;
        Answer::created(location, after.row.version, &view)
    })
    .await
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
    let view = summary
        .shown(&reads, &call.caller, &directory, call.today())
        .await?;
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
    let event = "annual_summary.updated";
    call.step::<ops::UpdateAnnualSummary, AnnualSummary>(id.0, event, async |tx, permit, step| {
        queries::update(tx, permit, step.before.row.id, &body.0).await
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
    let event = "annual_summary.deleted";
    call.delete::<ops::DeleteAnnualSummary, AnnualSummary>(id.0, event, async |tx, permit, step| {
        queries::delete(tx, permit, step.before.row.id).await
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
    let event = "annual_summary.published";
    call.step::<ops::PublishAnnualSummary, AnnualSummary>(id.0, event, steps::publish)
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
    if summary.row.state == AnnualSummaryState::Published {
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
    if summary.row.state != AnnualSummaryState::Draft {
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
