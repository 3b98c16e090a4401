//! The reply, and its corrections.

use super::super::input::{CorrectReply, NewReply};
use super::super::model::{ExtensionState, SuggestionState};
use super::super::timeline::Details;
use super::super::writes::{Advance, Line, advance, write_line};
use super::Told;
use crate::db::schema::suggestion_replies as replies;
use crate::http::contract::pointer;
use crate::language::Language;
use crate::policy::{Permit, ops};
use crate::problem::{Fault, Problem, Result};
use crate::resources::suggestions::commitments;
use crate::resources::suggestions::model::{Evaluation, Extension, Filing, SuggestionResult};
use crate::resources::suggestions::policy::Dossier;
use crate::work::Tx;
use crate::workflow::notices::NoticeKind;
use crate::workflow::step::Step;
use crate::workflow::subjects::chinese_day;
use crate::workflow::todos::{TodoKind, Until};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

#[derive(Insertable)]
#[diesel(table_name = replies, treat_none_as_default_value = false)]
struct NewVersion<'a> {
    id: Uuid,
    suggestion_id: Uuid,
    round: i32,
    version_number: i32,
    department_id: Uuid,
    text: &'a str,
    document_number: Option<&'a str>,
    signatory: Option<&'a str>,
    result: SuggestionResult,
    missing_opinions_reason: Option<&'a str>,
    correction_reason: Option<&'a str>,
    replied_at: DateTime<Utc>,
    replied_by: &'a str,
}

async fn insert(tx: &mut Tx<'_>, version: NewVersion<'_>) -> Result<Uuid> {
    let id = version.id;
    diesel::insert_into(replies::table)
        .values(version)
        .execute(tx.conn)
        .await?;
    Ok(id)
}

/// Faults of a body that only the record can tell.
fn check(case: &Step<'_, Dossier>, body: &NewReply, today: NaiveDate) -> Result<()> {
    let mut faults = Vec::new();
    let silent = case.silent();
    // The second round needs no new opinions.
    let awaited = case.suggestion().head.round == 1 && !silent.is_empty();
    if awaited && body.missing_opinions_reason.is_none() {
        faults.push(Fault::at(
            "/missing_opinions_reason",
            "required",
            "尚有会办单位未提出会办意见，须说明理由。",
            "A joint department has not given its opinion: say why.",
        ));
    }
    for (index, commitment) in body.commitments.iter().enumerate() {
        if commitment.due_on < today {
            faults.push(Fault::at(
                pointer(&[&"commitments", &index, &"due_on"]),
                "in_past",
                "不得早于今天。",
                "Must not be past.",
            ));
        }
    }
    if faults.is_empty() {
        Ok(())
    } else {
        Err(Problem::invalid(faults))
    }
}

/// 答复: the party evaluates, 市委统战部 files, and what is promised is followed.
pub async fn reply(
    tx: &mut Tx<'_>,
    permit: &Permit<ops::ReplyToSuggestion>,
    case: &Step<'_, Dossier>,
    body: &NewReply,
) -> Result<()> {
    let (suggestion, today) = (case.suggestion(), tx.today());
    check(case, body, today)?;
    let head = &suggestion.head;
    let by = tx.person().await?;
    let version = NewVersion {
        id: Uuid::now_v7(),
        suggestion_id: head.id,
        round: head.round,
        version_number: 1,
        department_id: head.lead_department_id,
        text: &body.text,
        document_number: Some(&body.document_number),
        signatory: Some(&body.signatory),
        result: body.result,
        missing_opinions_reason: body.missing_opinions_reason.as_deref(),
        correction_reason: None,
        replied_at: tx.now(),
        replied_by: &by,
    };
    let reply = insert(tx, version).await?;
    // What was asked for and not decided needs no decision any more.
    let moot = suggestion.extension == Some(ExtensionState::Requested);
    let changes = Advance {
        state: Some(SuggestionState::Replied),
        result: Some(body.result),
        filing: Some(Filing::Reported),
        evaluation: Some(Evaluation::Awaited),
        extension: moot.then_some(Extension::None),
        extension_until: moot.then_some(None),
        extension_reason: moot.then_some(None),
        replied_at: Some(tx.now()),
        ..Advance::default()
    };
    advance(tx, head.id, changes).await?;
    let details = Details {
        reply: Some(reply),
        reply_version: Some(1),
        result: Some(body.result),
        document_number: Some(body.document_number.clone()),
        missing_opinions_reason: body.missing_opinions_reason.clone(),
        commitments: Some(body.commitments.len()),
        ..Details::default()
    };
    let line = Line {
        state: SuggestionState::Replied,
        details,
        ..case.line("reply", Some(&body.text))
    };
    write_line(tx, head.id, line).await?;
    let waited = [
        TodoKind::ReplyToSuggestion,
        TodoKind::GiveSuggestionOpinion,
        TodoKind::DecideSuggestionExtension,
    ];
    case.settle(tx, "reply", &waited).await?;
    let (feedback, coordinator) = (Until::TermFrom(today), case.coordinator()?);
    case.ask(
        tx,
        "reply",
        (TodoKind::EvaluateSuggestionReply, feedback),
        &[case.party()],
    )
    .await?;
    case.ask(tx, "reply", (TodoKind::FileSuggestion, feedback), &[coordinator])
        .await?;
    commitments::steps::promise(tx, permit, case, reply, &body.commitments).await?;
    let (lead, result) = (
        case.called(case.lead()),
        body.result.label().get(Language::Chinese),
    );
    let told = Told {
        kind: NoticeKind::SuggestionReplied,
        to: case.everybody(),
        title: format!("{lead}已答复：{}", head.title),
        text: format!(
            "{lead}于{}答复{}，办理结果：{}（{result}）。请{}按期反馈评价。",
            chinese_day(today),
            case.name(),
            body.result.as_str(),
            case.called(case.party())
        ),
    };
    case.tell(tx, told).await
}

/// 更正: a new version; the one before stays as it is, and with it what was said of it.
pub async fn correct(
    tx: &mut Tx<'_>,
    _: &Permit<ops::CorrectSuggestionReply>,
    case: &Step<'_, Dossier>,
    body: &CorrectReply,
) -> Result<()> {
    let before = case.before.reply();
    let before = before.ok_or_else(|| Problem::internal("a reply that is not there is corrected"))?;
    let by = tx.person().await?;
    let number = before.version_number + 1;
    let version = NewVersion {
        id: Uuid::now_v7(),
        suggestion_id: case.id(),
        round: before.round,
        version_number: number,
        department_id: case.lead(),
        text: &body.text,
        document_number: body
            .document_number
            .as_deref()
            .or(before.document_number.as_deref()),
        signatory: body.signatory.as_deref().or(before.signatory.as_deref()),
        result: before.result,
        missing_opinions_reason: before.missing_opinions_reason.as_deref(),
        correction_reason: Some(&body.reason),
        replied_at: tx.now(),
        replied_by: &by,
    };
    let reply = insert(tx, version).await?;
    advance(tx, case.id(), Advance::default()).await?;
    let details = Details {
        reply: Some(reply),
        reply_version: Some(number),
        ..Details::default()
    };
    let line = Line {
        details,
        ..case.line("correct", Some(&body.reason))
    };
    write_line(tx, case.id(), line).await?;
    let lead = case.called(case.lead());
    let told = Told {
        kind: NoticeKind::SuggestionCorrected,
        to: case.everybody(),
        title: format!("{lead}更正答复：{}", case.suggestion().head.title),
        text: format!(
            "{lead}于{}更正对{}的答复（第{number}版）。原因：{}",
            chinese_day(tx.today()),
            case.name(),
            body.reason
        ),
    };
    case.tell(tx, told).await
}
