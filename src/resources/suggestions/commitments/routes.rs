use super::model::{CommitmentFilter, CommitmentView, FulfilCommitment};
use super::policy::Commitment;
use super::queries::{self, Scope};
use super::steps;
use crate::directory::model::Kind;
use crate::http::call::Call;
use crate::http::extract::{Id, Json, Path, Query};
use crate::http::page::{Page, Paging};
use crate::http::registry::Registry;
use crate::policy::ops;
use crate::problem::Result;
use crate::resources::suggestions;
use crate::resources::suggestions::input::{Decision, Reason};
use crate::resources::suggestions::list::{named_set, part_of};
use actix_web::{HttpResponse, get, post};

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
    let event = "commitment.fulfilled";
    call.step::<ops::FulfilCommitment, Commitment>(id.0.0, event, async |tx, permit, step| {
        steps::fulfil(tx, permit, step, &body.0.text).await
    })
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
    let event = "commitment.abandonment_requested";
    call.step::<ops::AbandonCommitment, Commitment>(id.0.0, event, async |tx, permit, step| {
        steps::ask_to_abandon(tx, permit, step, &body.0.reason).await
    })
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
    let event = "commitment.abandonment_decided";
    call.step::<ops::DecideCommitmentAbandonment, Commitment>(id.0.0, event, async |tx, permit, step| {
        steps::decide(tx, permit, step, &body.0).await
    })
    .await
}
