//! One route a step: what it is called, who takes it, and the work that `steps` does.

use super::input::{
    AcceptSuggestion, Communicate, CorrectReply, Decision, DeclineToSign, InterimReply, NewReply, Reason,
    ReassignSuggestion, RequestExtension, ReturnSuggestion, SubmitSuggestion, Words,
};
use super::steps::{drafting, filing, handling, replying, signing, talking};
use super::view::SuggestionView;
use crate::http::call::Call;
use crate::http::extract::{Empty, Id, Json, Path};
use crate::http::registry::Registry;
use crate::policy::ops;
use crate::problem::Result;
use crate::resources::suggestions::policy::Dossier;
use actix_web::{HttpResponse, post};

pub fn configure(registry: &mut Registry) {
    registry
        .service(request_suggestion_signatures)
        .service(co_sign_suggestion)
        .service(decline_to_sign_suggestion)
        .service(submit_suggestion)
        .service(accept_suggestion)
        .service(return_suggestion)
        .service(deny_suggestion_return)
        .service(reassign_suggestion)
        .service(withdraw_suggestion)
        .service(communicate_on_suggestion)
        .service(give_suggestion_opinion)
        .service(give_suggestion_interim_reply)
        .service(request_suggestion_extension)
        .service(decide_suggestion_extension)
        .service(reply_to_suggestion)
        .service(file_suggestion)
        .service(return_suggestion_filing)
        .service(report_suggestion_filing)
        .service(mediate_suggestion)
        .service(correct_suggestion_reply)
        .service(urge_suggestion);
}

/// Ask for signatures
///
/// By its party: those joint parties that were not asked yet read the draft from now on, and sign or decline.
#[utoipa::path(
    tag = "suggestions",
    params(("id" = Uuid, Path)),
    request_body = Empty,
    responses((status = 200, body = SuggestionView))
)]
#[post("/api/v1/suggestions/{id}/request-signatures")]
async fn request_suggestion_signatures(call: Call, id: Path<Id>, _: Json<Empty>) -> Result<HttpResponse> {
    call.step::<ops::RequestSuggestionSignatures, Dossier>(
        id.0.0,
        "suggestion.signatures_requested",
        signing::request_signatures,
    )
    .await
}

/// Co-sign a suggestion
///
/// By a joint party that was asked; also after it has declined.
#[utoipa::path(
    tag = "suggestions",
    params(("id" = Uuid, Path)),
    request_body = Empty,
    responses((status = 200, body = SuggestionView))
)]
#[post("/api/v1/suggestions/{id}/co-sign")]
async fn co_sign_suggestion(call: Call, id: Path<Id>, _: Json<Empty>) -> Result<HttpResponse> {
    call.step::<ops::CoSignSuggestion, Dossier>(id.0.0, "suggestion.signed", signing::co_sign)
        .await
}

/// Decline to sign a suggestion
///
/// By a joint party that was asked, also after it has signed, until the submission. The party removes it then, or
/// asks it again.
#[utoipa::path(
    tag = "suggestions",
    params(("id" = Uuid, Path)),
    request_body = DeclineToSign,
    responses((status = 200, body = SuggestionView))
)]
#[post("/api/v1/suggestions/{id}/decline-to-sign")]
async fn decline_to_sign_suggestion(
    call: Call,
    id: Path<Id>,
    body: Json<DeclineToSign>,
) -> Result<HttpResponse> {
    call.step::<ops::DeclineToSignSuggestion, Dossier>(
        id.0.0,
        "suggestion.signature_declined",
        async |tx, permit, case| signing::decline_to_sign(tx, permit, case, &body.0).await,
    )
    .await
}

/// Submit a suggestion
///
/// By its party, once each joint party has signed what the draft says now, papers included, or been removed. The number is given, for ever; the acceptance
/// deadline starts. A lead department outside the assignment is taken and marked.
#[utoipa::path(
    tag = "suggestions",
    params(("id" = Uuid, Path)),
    request_body = SubmitSuggestion,
    responses((status = 200, body = SuggestionView))
)]
#[post("/api/v1/suggestions/{id}/submit")]
async fn submit_suggestion(call: Call, id: Path<Id>, _: Json<SubmitSuggestion>) -> Result<HttpResponse> {
    call.step::<ops::SubmitSuggestion, Dossier>(id.0.0, "suggestion.submitted", drafting::submit)
        .await
}

/// Accept a suggestion
///
/// 签收, by the lead, with who handles it; also to take back a return. The deadlines of the reply and of joint
/// opinions start.
#[utoipa::path(
    tag = "suggestions",
    params(("id" = Uuid, Path)),
    request_body = AcceptSuggestion,
    responses((status = 200, body = SuggestionView))
)]
#[post("/api/v1/suggestions/{id}/accept")]
async fn accept_suggestion(call: Call, id: Path<Id>, body: Json<AcceptSuggestion>) -> Result<HttpResponse> {
    call.step::<ops::AcceptSuggestion, Dossier>(id.0.0, "suggestion.accepted", async |tx, permit, case| {
        handling::accept(tx, permit, case, &body.0).await
    })
    .await
}

/// Ask to return a suggestion
///
/// 申退, by the lead, before the acceptance deadline; 市委统战部 decides. Once denied, this lead does not return it again.
#[utoipa::path(
    tag = "suggestions",
    params(("id" = Uuid, Path)),
    request_body = ReturnSuggestion,
    responses((status = 200, body = SuggestionView))
)]
#[post("/api/v1/suggestions/{id}/return")]
async fn return_suggestion(call: Call, id: Path<Id>, body: Json<ReturnSuggestion>) -> Result<HttpResponse> {
    call.step::<ops::ReturnSuggestion, Dossier>(id.0.0, "suggestion.returned", async |tx, permit, case| {
        handling::give_back(tx, permit, case, &body.0).await
    })
    .await
}

/// Deny a return
///
/// By 市委统战部: the acceptance clock starts anew, the one before stays on record.
#[utoipa::path(
    tag = "suggestions",
    params(("id" = Uuid, Path)),
    request_body = Reason,
    responses((status = 200, body = SuggestionView))
)]
#[post("/api/v1/suggestions/{id}/deny-return")]
async fn deny_suggestion_return(call: Call, id: Path<Id>, body: Json<Reason>) -> Result<HttpResponse> {
    call.step::<ops::DenySuggestionReturn, Dossier>(
        id.0.0,
        "suggestion.return_denied",
        async |tx, permit, case| handling::deny_return(tx, permit, case, &body.0).await,
    )
    .await
}

/// Reassign a suggestion
///
/// 改派, by 市委统战部: another lead and these joint departments. The number stays; a new acceptance clock starts, the one
/// before stays on record; the former lead reads up to here.
#[utoipa::path(
    tag = "suggestions",
    params(("id" = Uuid, Path)),
    request_body = ReassignSuggestion,
    responses((status = 200, body = SuggestionView))
)]
#[post("/api/v1/suggestions/{id}/reassign")]
async fn reassign_suggestion(
    call: Call,
    id: Path<Id>,
    body: Json<ReassignSuggestion>,
) -> Result<HttpResponse> {
    call.step::<ops::ReassignSuggestion, Dossier>(
        id.0.0,
        "suggestion.reassigned",
        async |tx, permit, case| handling::reassign(tx, permit, case, &body.0).await,
    )
    .await
}

/// Withdraw a suggestion
///
/// By its party, before a reply.
#[utoipa::path(
    tag = "suggestions",
    params(("id" = Uuid, Path)),
    request_body = Reason,
    responses((status = 200, body = SuggestionView))
)]
#[post("/api/v1/suggestions/{id}/withdraw")]
async fn withdraw_suggestion(call: Call, id: Path<Id>, body: Json<Reason>) -> Result<HttpResponse> {
    call.step::<ops::WithdrawSuggestion, Dossier>(id.0.0, "suggestion.withdrawn", async |tx, permit, case| {
        handling::withdraw(tx, permit, case, &body.0).await
    })
    .await
}

/// Record a communication
///
/// 沟通, by the lead or the party, with who took part. Each round needs one at least before its reply.
#[utoipa::path(
    tag = "suggestions",
    params(("id" = Uuid, Path)),
    request_body = Communicate,
    responses((status = 200, body = SuggestionView))
)]
#[post("/api/v1/suggestions/{id}/communicate")]
async fn communicate_on_suggestion(
    call: Call,
    id: Path<Id>,
    body: Json<Communicate>,
) -> Result<HttpResponse> {
    call.step::<ops::CommunicateOnSuggestion, Dossier>(
        id.0.0,
        "suggestion.communicated",
        async |tx, permit, case| talking::communicate(tx, permit, case, &body.0).await,
    )
    .await
}

/// Give a joint opinion
///
/// 会办意见, by each joint department, to the lead. Parties see that it was given, not what it says.
#[utoipa::path(
    tag = "suggestions",
    params(("id" = Uuid, Path)),
    request_body = Words,
    responses((status = 200, body = SuggestionView))
)]
#[post("/api/v1/suggestions/{id}/opinion")]
async fn give_suggestion_opinion(call: Call, id: Path<Id>, body: Json<Words>) -> Result<HttpResponse> {
    call.step::<ops::GiveSuggestionOpinion, Dossier>(
        id.0.0,
        "suggestion.opinion_given",
        async |tx, permit, case| talking::opinion(tx, permit, case, &body.0).await,
    )
    .await
}

/// Give an interim reply
///
/// 阶段性答复, by the lead: how it stands, and when the next word is to be expected. The clock runs on.
#[utoipa::path(
    tag = "suggestions",
    params(("id" = Uuid, Path)),
    request_body = InterimReply,
    responses((status = 200, body = SuggestionView))
)]
#[post("/api/v1/suggestions/{id}/interim-reply")]
async fn give_suggestion_interim_reply(
    call: Call,
    id: Path<Id>,
    body: Json<InterimReply>,
) -> Result<HttpResponse> {
    call.step::<ops::GiveSuggestionInterimReply, Dossier>(
        id.0.0,
        "suggestion.interim_replied",
        async |tx, permit, case| talking::interim_reply(tx, permit, case, &body.0).await,
    )
    .await
}

/// Ask for an extension
///
/// By the lead: one in all, within the term of an extension from acceptance. Until 市委统战部 decides the clock runs on.
#[utoipa::path(
    tag = "suggestions",
    params(("id" = Uuid, Path)),
    request_body = RequestExtension,
    responses((status = 200, body = SuggestionView))
)]
#[post("/api/v1/suggestions/{id}/request-extension")]
async fn request_suggestion_extension(
    call: Call,
    id: Path<Id>,
    body: Json<RequestExtension>,
) -> Result<HttpResponse> {
    call.step::<ops::RequestSuggestionExtension, Dossier>(
        id.0.0,
        "suggestion.extension_requested",
        async |tx, permit, case| talking::request_extension(tx, permit, case, &body.0).await,
    )
    .await
}

/// Decide on an extension
///
/// By 市委统战部. A granted day holds whatever the calendar becomes; a refusal does not use the one extension up.
#[utoipa::path(
    tag = "suggestions",
    params(("id" = Uuid, Path)),
    request_body = Decision,
    responses((status = 200, body = SuggestionView))
)]
#[post("/api/v1/suggestions/{id}/decide-extension")]
async fn decide_suggestion_extension(call: Call, id: Path<Id>, body: Json<Decision>) -> Result<HttpResponse> {
    call.step::<ops::DecideSuggestionExtension, Dossier>(
        id.0.0,
        "suggestion.extension_decided",
        async |tx, permit, case| talking::decide_extension(tx, permit, case, &body.0).await,
    )
    .await
}

/// Reply to a suggestion
///
/// By the lead, after a communication in the round at least, with every joint opinion or why not, with its document number and
/// who signed it; `B` promises something by a day. The feedback deadline starts, and the handling is reported for filing.
#[utoipa::path(
    tag = "suggestions",
    params(("id" = Uuid, Path)),
    request_body = NewReply,
    responses((status = 200, body = SuggestionView))
)]
#[post("/api/v1/suggestions/{id}/reply")]
async fn reply_to_suggestion(call: Call, id: Path<Id>, body: Json<NewReply>) -> Result<HttpResponse> {
    call.step::<ops::ReplyToSuggestion, Dossier>(id.0.0, "suggestion.replied", async |tx, permit, case| {
        replying::reply(tx, permit, case, &body.0).await
    })
    .await
}

/// File a suggestion
///
/// 备案, by 市委统战部; a number is given. Where the reply has been evaluated or that has lapsed, the suggestion is
/// concluded.
#[utoipa::path(
    tag = "suggestions",
    params(("id" = Uuid, Path)),
    request_body = Empty,
    responses((status = 200, body = SuggestionView))
)]
#[post("/api/v1/suggestions/{id}/file")]
async fn file_suggestion(call: Call, id: Path<Id>, _: Json<Empty>) -> Result<HttpResponse> {
    call.step::<ops::FileSuggestion, Dossier>(id.0.0, "suggestion.filed", filing::file)
        .await
}

/// Return a filing
///
/// 退回补报, by 市委统战部: the lead reports again.
#[utoipa::path(
    tag = "suggestions",
    params(("id" = Uuid, Path)),
    request_body = Reason,
    responses((status = 200, body = SuggestionView))
)]
#[post("/api/v1/suggestions/{id}/return-filing")]
async fn return_suggestion_filing(call: Call, id: Path<Id>, body: Json<Reason>) -> Result<HttpResponse> {
    call.step::<ops::ReturnSuggestionFiling, Dossier>(
        id.0.0,
        "suggestion.filing_returned",
        async |tx, permit, case| filing::return_filing(tx, permit, case, &body.0).await,
    )
    .await
}

/// Report for filing again
///
/// By the lead, with what was missing.
#[utoipa::path(
    tag = "suggestions",
    params(("id" = Uuid, Path)),
    request_body = Words,
    responses((status = 200, body = SuggestionView))
)]
#[post("/api/v1/suggestions/{id}/report-filing")]
async fn report_suggestion_filing(call: Call, id: Path<Id>, body: Json<Words>) -> Result<HttpResponse> {
    call.step::<ops::ReportSuggestionFiling, Dossier>(
        id.0.0,
        "suggestion.filing_reported",
        async |tx, permit, case| filing::report_filing(tx, permit, case, &body.0).await,
    )
    .await
}

/// Record a mediation
///
/// 协商会, by 市委统战部, after the second dissatisfaction.
#[utoipa::path(
    tag = "suggestions",
    params(("id" = Uuid, Path)),
    request_body = Words,
    responses((status = 200, body = SuggestionView))
)]
#[post("/api/v1/suggestions/{id}/mediate")]
async fn mediate_suggestion(call: Call, id: Path<Id>, body: Json<Words>) -> Result<HttpResponse> {
    call.step::<ops::MediateSuggestion, Dossier>(id.0.0, "suggestion.mediated", async |tx, permit, case| {
        filing::mediate(tx, permit, case, &body.0).await
    })
    .await
}

/// Correct a reply
///
/// By the lead, also after the conclusion: a new version, the old text stays. An evaluation stays with the version
/// that it read.
#[utoipa::path(
    tag = "suggestions",
    params(("id" = Uuid, Path)),
    request_body = CorrectReply,
    responses((status = 200, body = SuggestionView))
)]
#[post("/api/v1/suggestions/{id}/correct")]
async fn correct_suggestion_reply(
    call: Call,
    id: Path<Id>,
    body: Json<CorrectReply>,
) -> Result<HttpResponse> {
    call.step::<ops::CorrectSuggestionReply, Dossier>(
        id.0.0,
        "suggestion.corrected",
        async |tx, permit, case| replying::correct(tx, permit, case, &body.0).await,
    )
    .await
}

/// Urge a suggestion
///
/// 催办, by 市委统战部 or the party: whoever something waits for is told.
#[utoipa::path(
    tag = "suggestions",
    params(("id" = Uuid, Path)),
    request_body = Words,
    responses((status = 200, body = SuggestionView))
)]
#[post("/api/v1/suggestions/{id}/urge")]
async fn urge_suggestion(call: Call, id: Path<Id>, body: Json<Words>) -> Result<HttpResponse> {
    call.step::<ops::UrgeSuggestion, Dossier>(id.0.0, "suggestion.urged", async |tx, permit, case| {
        talking::urge(tx, permit, case, &body.0).await
    })
    .await
}
