use super::model::{NewFeedbackReceipt, ReceiptFilter, ReceiptView};
use super::queries::{self, Key, Scope};
use crate::directory::Directory;
use crate::directory::model::Kind;
use crate::http::call::Call;
use crate::http::extract::{Id, Json, Path, Query};
use crate::http::idempotency::Answer;
use crate::http::negotiate::{Batches, Format, Tabular};
use crate::http::page::{Page, Paging};
use crate::http::registry::Registry;
use crate::language::Language;
use crate::policy::ops;
use crate::problem::{Fault, Problem, Result};
use crate::resources::suggestions::list::{named_set, part_of};
use crate::resources::suggestions::steps::{Ground, evaluating, take};
use crate::resources::suggestions::{self};
use crate::state::Worker;
use actix_web::{HttpResponse, get, post, web};
use async_stream::try_stream;
use std::sync::Arc;

/// Receipts that an export reads at a time.
const BATCH: usize = 1_000;

pub fn configure(registry: &mut Registry) {
    registry
        .service(list_feedback_receipts)
        .service(create_feedback_receipt)
        .service(get_feedback_receipt);
}

/// List feedback receipts
///
/// The newest first: those of suggestions that concern the caller's organization now; for the two offices all.
#[utoipa::path(
    tag = "suggestions",
    params(Paging, ReceiptFilter),
    responses((status = 200, body = Page<ReceiptView>))
)]
#[get("/api/v1/feedback-receipts")]
async fn list_feedback_receipts(
    call: Call,
    paging: Query<Paging>,
    filter: Query<ReceiptFilter>,
) -> Result<HttpResponse> {
    let directory = call.directory().await?;
    let (filter, today) = (filter.0, call.today());
    let scope = Scope {
        part: part_of(&call, &directory),
        parties: named_set(&directory, Kind::Party, &filter.party, "party", today)?,
        departments: named_set(
            &directory,
            Kind::Department,
            &filter.department,
            "department",
            today,
        )?,
        filter,
    };
    let format = call.format();
    if format != Format::Json {
        let rows = everything(call.worker.clone(), directory, scope, call.language());
        return call.export(format, &ReceiptView::table(), rows).await;
    }
    let position = call.position::<Key>(&paging.0)?;
    let connection = call.reads().await?;
    let rows = queries::after(&connection, &scope, position.after, position.limit + 1).await?;
    let total = match position.with_total {
        true => Some(queries::total(&connection, &scope).await?),
        false => None,
    };
    let mut page = position.page(rows, total, |row| (row.created_at.timestamp_micros(), row.id))?;
    let views = queries::views(&connection, page.take_items(), &directory).await?;
    call.page(&page.with(views))
}

/// All of them, batch by batch, each from where the last ended.
fn everything(
    worker: web::Data<Worker>,
    directory: Arc<Directory>,
    scope: Scope,
    language: Language,
) -> Batches {
    Box::pin(try_stream! {
        let mut after = None;
        loop {
            let connection = worker.reads.for_export().await?;
            let rows = queries::after(&connection, &scope, after, BATCH).await?;
            let Some(last) = rows.last() else { break };
            after = Some((last.created_at.timestamp_micros(), last.id));
            let is_last = rows.len() < BATCH;
            let views = queries::views(&connection, rows, &directory).await?;
            yield views.iter().map(|view| view.cells(language)).collect();
            if is_last {
                break;
            }
        }
    })
}

/// Evaluate a reply
///
/// By the party that raised the suggestion, alone, once a round, on two axes. Taken until the suggestion is concluded, and
/// marked late after the deadline. The first time that the result dissatisfies, a second round begins; the second time
/// 市委统战部 mediates.
#[utoipa::path(
    tag = "suggestions",
    request_body = NewFeedbackReceipt,
    responses((status = 201, body = ReceiptView))
)]
#[post("/api/v1/feedback-receipts")]
async fn create_feedback_receipt(call: Call, body: Json<NewFeedbackReceipt>) -> Result<HttpResponse> {
    call.write(async |tx| {
        let timing = call.worker.timing.in_transaction(tx).await?;
        let directory = call.worker.directory_in(tx).await?;
        let unknown = || Problem::invalid(vec![Fault::unknown_reference("/suggestion")]);
        let id = body.0.suggestion;
        let found = suggestions::queries::find(tx.conn, id, &directory, tx.today()).await?;
        // What the caller cannot reach and what is not there are one and the same fault.
        found
            .and_then(|dossier| dossier.seen_by(&call.caller).ok())
            .ok_or_else(unknown)?;
        let ground = Ground {
            directory: &directory,
            timing: &timing,
        };
        let evaluated = (id, "suggestion.evaluated");
        let dossier = take::<ops::CreateFeedbackReceipt>(
            tx,
            &call.caller,
            ground,
            evaluated,
            async |tx, permit, case| evaluating::evaluate(tx, permit, case, &body.0).await,
        )
        .await?;
        let receipt = dossier.receipts.last().cloned();
        let receipt = receipt.ok_or_else(|| Problem::internal("a receipt that was not recorded"))?;
        let location = format!("/api/v1/feedback-receipts/{}", receipt.id);
        let views = queries::views(tx.conn, vec![receipt], &directory).await?;
        let view = views.first().ok_or_else(Problem::not_found)?;
        Answer::created(location, 1, view)
    })
    .await
}

/// Get a feedback receipt
///
/// For whom its suggestion concerns now; for all others it does not exist.
#[utoipa::path(
    tag = "suggestions",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = ReceiptView))
)]
#[get("/api/v1/feedback-receipts/{id}")]
async fn get_feedback_receipt(call: Call, id: Path<Id>) -> Result<HttpResponse> {
    let directory = call.directory().await?;
    let reads = call.reads().await?;
    let row = queries::get(&reads, id.0.0).await?;
    let dossier = suggestions::queries::get(&reads, row.suggestion_id, &directory, call.today()).await?;
    let seen = dossier.suggestion.seen_by(&call.caller)?;
    if seen.cut_at.is_some() {
        return Err(Problem::not_found());
    }
    let views = queries::views(&reads, vec![row], &directory).await?;
    let view = views.first().ok_or_else(Problem::not_found)?;
    call.one(1, view)
}
