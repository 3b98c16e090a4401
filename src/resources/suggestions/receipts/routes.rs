use super::model::{NewFeedbackReceipt, ReceiptFilter, ReceiptView};
use super::queries::{self, Scope};
use crate::directory::model::Kind;
use crate::http::call::Call;
use crate::http::extract::{Id, Json, Path, Query};
use crate::http::idempotency::Answer;
use crate::http::page::{Page, Paging};
use crate::http::registry::Registry;
use crate::policy::ops;
use crate::problem::{Fault, Problem, Result};
use crate::resources::suggestions::list::{named_set, part_of};
use crate::resources::suggestions::policy::Dossier;
use crate::resources::suggestions::steps::evaluating;
use crate::resources::suggestions::{self};
use crate::workflow::step::take;
use actix_web::{HttpResponse, get, post};

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
    call.listed(scope, &paging.0, directory).await
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
    call.write_in(async |tx, context| {
        let directory = context.directory;
        let unknown = || Problem::invalid(vec![Fault::unknown_reference("/suggestion")]);
        let id = body.0.suggestion;
        let found = suggestions::queries::find(tx.conn, id, directory, tx.today()).await?;
        // What the caller cannot reach and what is not there are one and the same fault.
        found
            .and_then(|dossier| dossier.seen_by(&call.caller).ok())
            .ok_or_else(unknown)?;
        let event = (&id, "suggestion.evaluated");
        let dossier =
            take::<ops::CreateFeedbackReceipt, Dossier>(tx, context, event, async |tx, permit, step| {
                evaluating::evaluate(tx, permit, step, &body.0).await
            })
            .await?;
        let receipt = dossier.receipts.last().cloned();
        let receipt = receipt.ok_or_else(|| Problem::internal("a receipt that was not recorded"))?;
        let location = format!("/api/v1/feedback-receipts/{}", receipt.id);
        let views = queries::views(tx.conn, vec![receipt], directory).await?;
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
