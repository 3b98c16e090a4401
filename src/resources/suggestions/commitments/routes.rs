use super::model::{CommitmentFilter, CommitmentView, FulfilCommitment};
use super::policy::Commitment;
use super::queries::{self, Scope};
use super::steps;
use crate::directory::model::Kind;
use crate::http::call::Call;
use crate::http::extract::{Id, Json, Path, Query};
use crate::http::idempotency::Answer;
use crate::http::page::{Page, Paging};
use crate::http::registry::Registry;
use crate::policy::{Operation, Permit, ops};
use crate::problem::Result;
use crate::resources::suggestions;
use crate::resources::suggestions::input::{Decision, Reason};
use crate::resources::suggestions::list::{named_set, part_of};
use crate::resources::suggestions::steps::Ground;
use crate::work::Change;
use crate::work::Tx;
use crate::workflow::machine::enter;
use actix_web::{HttpResponse, get, post};
use uuid::Uuid;

pub fn configure(registry: &mut Registry) {
    registry
        .service(list_commitments)
        .service(get_commitment)
        .service(fulfil_commitment)
        .service(abandon_commitment)
        .service(decide_commitment_abandonment);
}

/// List commitments
///
/// By due day: those of suggestions that concern the caller's organization now; for the two offices all.
#[utoipa::path(
    tag = "suggestions",
    params(Paging, CommitmentFilter),
    responses((status = 200, body = Page<CommitmentView>))
)]
#[get("/api/v1/commitments")]
async fn list_commitments(
    call: Call,
    paging: Query<Paging>,
    filter: Query<CommitmentFilter>,
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
        since: directory.since(filter.updated_since, today),
        filter,
        today,
    };
    call.listed(scope, &paging.0, directory).await
}

/// Get a commitment
///
/// For whom its suggestion concerns now; for all others it does not exist.
#[utoipa::path(
    tag = "suggestions",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = CommitmentView))
)]
#[get("/api/v1/commitments/{id}")]
async fn get_commitment(call: Call, id: Path<Id>) -> Result<HttpResponse> {
    let directory = call.directory().await?;
    let (reads, today) = (call.reads().await?, call.today());
    let found = queries::get(&reads, id.0.0, &directory, today).await?;
    let of = suggestions::queries::get(&reads, found.row.suggestion_id, &directory, today).await?;
    let found = found.seen_by(&call.caller, of.suggestion)?;
    call.one(found.row.version, &found.view(&call.caller, &directory, today)?)
}

/// Report a commitment as fulfilled
///
/// By the department that leads, with what was done; the party is told.
#[utoipa::path(
    tag = "suggestions",
    params(("id" = Uuid, Path)),
    request_body = FulfilCommitment,
    responses((status = 200, body = CommitmentView))
)]
#[post("/api/v1/commitments/{id}/fulfil")]
async fn fulfil_commitment(call: Call, id: Path<Id>, body: Json<FulfilCommitment>) -> Result<HttpResponse> {
    step::<ops::FulfilCommitment>(
        &call,
        (id.0.0, "commitment.fulfilled"),
        async |tx, permit, ground, one| steps::fulfil(tx, permit, ground, one, &body.0.text).await,
    )
    .await
}

/// Ask to give up a commitment
///
/// By the department that leads; 市委统战部 decides, and until then it is owed.
#[utoipa::path(
    tag = "suggestions",
    params(("id" = Uuid, Path)),
    request_body = Reason,
    responses((status = 200, body = CommitmentView))
)]
#[post("/api/v1/commitments/{id}/abandon")]
async fn abandon_commitment(call: Call, id: Path<Id>, body: Json<Reason>) -> Result<HttpResponse> {
    step::<ops::AbandonCommitment>(
        &call,
        (id.0.0, "commitment.abandonment_requested"),
        async |tx, permit, ground, one| steps::ask_to_abandon(tx, permit, ground, one, &body.0.reason).await,
    )
    .await
}

/// Decide on giving up a commitment
///
/// By 市委统战部. Without its consent the commitment is owed as before.
#[utoipa::path(
    tag = "suggestions",
    params(("id" = Uuid, Path)),
    request_body = Decision,
    responses((status = 200, body = CommitmentView))
)]
#[post("/api/v1/commitments/{id}/decide-abandonment")]
async fn decide_commitment_abandonment(
    call: Call,
    id: Path<Id>,
    body: Json<Decision>,
) -> Result<HttpResponse> {
    step::<ops::DecideCommitmentAbandonment>(
        &call,
        (id.0.0, "commitment.abandonment_decided"),
        async |tx, permit, ground, one| steps::decide(tx, permit, ground, one, &body.0).await,
    )
    .await
}

/// A step on a commitment, whose suggestion is held meanwhile: 404, 403 by relation, 409 by state, then the work, its
/// audit record and event.
async fn step<O: Operation>(
    call: &Call,
    (id, event): (Uuid, &'static str),
    work: impl AsyncFn(&mut Tx<'_>, &Permit<O>, Ground<'_>, &Commitment) -> Result<()>,
) -> Result<HttpResponse> {
    call.write(async |tx| {
        let timing = call.worker.timing.in_transaction(tx).await?;
        let directory = call.worker.directory_in(tx).await?;
        let today = tx.today();
        let suggestion = queries::suggestion_of(tx.conn, id).await?;
        let of = suggestions::queries::get_locked(tx, suggestion, &directory).await?;
        let found = queries::get(tx.conn, id, &directory, today).await?;
        tx.holds(found.row.updated_at);
        let before = found.seen_by(&call.caller, of.suggestion)?;
        let permit = enter::<O>(tx, &before)?;
        let ground = Ground {
            directory: &directory,
            timing: &timing,
        };
        work(tx, &permit, ground, &before).await?;
        let after = queries::get(tx.conn, id, &directory, today).await?;
        let shown = |one: &Commitment| CommitmentView::new(&one.row, &one.context, &directory, today);
        let change = Change::new(event, id, Some(&shown(&before)?), Some(&shown(&after)?))?;
        tx.record(&permit, change).await?;
        Answer::ok(after.row.version, &after.view(&call.caller, &directory, today)?)
    })
    .await
}
