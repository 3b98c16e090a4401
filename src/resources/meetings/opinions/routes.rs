use super::model::{AnswerOpinion, NewOpinion, OpinionView, RecordDecision, find};
use super::steps;
use crate::directory::Directory;
use crate::directory::model::Kind;
use crate::http::call::Call;
use crate::http::extract::{Id, Json, Path};
use crate::http::idempotency::Answer;
use crate::http::page::Page;
use crate::http::registry::Registry;
use crate::policy::ops;
use crate::problem::{Code, Fault, Problem, Result};
use crate::resources::meetings::model::MeetingView;
use crate::resources::meetings::parts::OpinionRow;
use crate::resources::meetings::policy::Meeting;
use crate::resources::meetings::{queries, record};
use crate::vocabulary::meetings::MeetingState;
use crate::work::Tx;
use crate::workflow::machine::Related;
use crate::workflow::machine::{self};
use actix_web::{HttpResponse, get, post};
use uuid::Uuid;

pub fn configure(registry: &mut Registry) {
    registry
        .service(list_opinions)
        .service(give_opinion)
        .service(answer_opinion)
        .service(record_decision);
}

async fn seen(call: &Call, tx: &mut Tx<'_>, id: Uuid, directory: &Directory) -> Result<Meeting> {
    queries::get_locked(tx, id, directory)
        .await?
        .seen_by(&call.caller)
}

/// List the opinions of a consultation
///
/// A party sees its own opinion and the answer to it; hosts and the two offices see all. The `ETag` is the meeting's.
#[utoipa::path(
    tag = "meetings",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = Page<OpinionView>))
)]
#[get("/api/v1/meetings/{id}/opinions")]
async fn list_opinions(call: Call, id: Path<Id>) -> Result<HttpResponse> {
    let directory = call.directory().await?;
    let meeting = queries::get(&*call.reads().await?, id.0.0, &directory, call.now)
        .await?
        .seen_by(&call.caller)?;
    let page = OpinionView::all(&call.caller, &meeting, &directory)?;
    call.page_of(meeting.row.version, &page)
}

fn opinion(meeting: &Meeting, id: Uuid) -> Result<&OpinionRow> {
    let found = meeting.opinions.iter().find(|one| one.id == id);
    found.ok_or_else(Problem::not_found)
}

/// Give an opinion
///
/// By a party that is invited to a consultation or briefing, once, until that is concluded. After the day until which opinions
/// are asked for it is marked late, after the decision as such. The hosts are told, and are to answer it.
#[utoipa::path(
    tag = "meetings",
    params(("id" = Uuid, Path)),
    request_body = NewOpinion,
    responses((status = 201, body = OpinionView))
)]
#[post("/api/v1/meetings/{id}/opinions")]
async fn give_opinion(call: Call, id: Path<Id>, body: Json<NewOpinion>) -> Result<HttpResponse> {
    call.write(async |tx| {
        let directory = call.worker.directory_in(tx).await?;
        let meeting = seen(&call, tx, id.0.0, &directory).await?;
        let invitation = meeting.invitation_of(&call.caller);
        let party = invitation.filter(|one| one.kind == Some(Kind::Party));
        let permit = call
            .caller
            .permit::<ops::GiveOpinion>(&Related(party.is_some()))?;
        tx.matches(meeting.row.version)?;
        let party = party
            .and_then(|one| one.row.organization_id)
            .ok_or_else(Problem::not_found)?;
        match meeting.row.state {
            _ if !meeting.row.kind.is_about_decision() => return Err(Problem::new(Code::NothingToDecide)),
            MeetingState::Convened | MeetingState::Held => {}
            _ => return Err(machine::refusal(&meeting, &call.caller, Code::StepNotAllowed)),
        }
        if meeting.opinions.iter().any(|one| one.party_id == party) {
            return Err(Problem::new(Code::OpinionGiven));
        }
        let timing = call.worker.timing.in_transaction(tx).await?;
        let given = steps::give(tx, &permit, &directory, &timing, (&meeting, party), &body.0).await?;
        let after = queries::get(tx.conn, meeting.row.id, &directory, tx.now()).await?;
        let view = OpinionView::new(opinion(&after, given)?, &after, &directory)?;
        let parts = (None, Some(&view));
        record::part_changed(tx, &permit, "meeting.opinion_given", &directory, &after, parts).await?;
        let location = format!("/api/v1/meetings/{}/opinions", after.row.id);
        Answer::created(location, after.row.version, &view)
    })
    .await
}

/// Answer an opinion
///
/// By a host, once: whether it is adopted, and why; its party is told.
#[utoipa::path(
    tag = "meetings",
    params(("id" = Uuid, Path), ("opinion" = Uuid, Path)),
    request_body = AnswerOpinion,
    responses((status = 200, body = OpinionView))
)]
#[post("/api/v1/meetings/{id}/opinions/{opinion}/answer")]
async fn answer_opinion(call: Call, path: Path<(Id, Id)>, body: Json<AnswerOpinion>) -> Result<HttpResponse> {
    let (id, opinion_id) = path.0;
    call.write(async |tx| {
        let directory = call.worker.directory_in(tx).await?;
        let meeting = seen(&call, tx, id.0, &directory).await?;
        let before = find(&meeting, &call.caller, opinion_id.0)?;
        let permit = call.caller.permit::<ops::AnswerOpinion>(&meeting)?;
        tx.matches(meeting.row.version)?;
        match meeting.row.state {
            MeetingState::Convened | MeetingState::Held | MeetingState::Concluded => {}
            _ => return Err(machine::refusal(&meeting, &call.caller, Code::StepNotAllowed)),
        }
        if before.answer.is_some() {
            return Err(Problem::new(Code::OpinionAnswered));
        }
        steps::answer(tx, &permit, &directory, &meeting, (before, &body.0)).await?;
        let after = queries::get(tx.conn, meeting.row.id, &directory, tx.now()).await?;
        let view = OpinionView::new(opinion(&after, opinion_id.0)?, &after, &directory)?;
        let was = OpinionView::new(before, &meeting, &directory)?;
        let parts = (Some(&was), Some(&view));
        record::part_changed(tx, &permit, "meeting.opinion_answered", &directory, &after, parts).await?;
        Answer::ok(after.row.version, &view)
    })
    .await
}

/// Record the decision
///
/// By a host of a consultation or briefing: when and what was decided; parties are told. Recorded anew it replaces what was
/// recorded before. Whether parties were heard in time is in `decision.timing`.
#[utoipa::path(
    tag = "meetings",
    params(("id" = Uuid, Path)),
    request_body = RecordDecision,
    responses((status = 200, body = MeetingView))
)]
#[post("/api/v1/meetings/{id}/record-decision")]
async fn record_decision(call: Call, id: Path<Id>, body: Json<RecordDecision>) -> Result<HttpResponse> {
    if body.0.decided_on > call.today() {
        return Err(Problem::invalid(vec![Fault::at(
            "/decided_on",
            "out_of_range",
            "不能晚于今天。",
            "Not in the future.",
        )]));
    }
    let event = "meeting.decision_recorded";
    call.step::<ops::RecordDecision, Meeting>(id.0.0, event, async |tx, permit, step| {
        steps::record_decision(tx, permit, step, &body.0).await
    })
    .await
}
