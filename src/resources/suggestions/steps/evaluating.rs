//! 反馈回执: what the party's evaluation makes of the suggestion, and what its silence does.

use super::super::model::SuggestionState;
use super::super::parts::Reply;
use super::super::timeline::Details;
use super::super::writes::{Advance, Line, advance, write_line};
use super::Told;
use crate::language::Language;
use crate::policy::{Permit, ops};
use crate::problem::{Problem, Result};
use crate::resources::suggestions::model::{Evaluation, Mediation};
use crate::resources::suggestions::policy::Dossier;
use crate::resources::suggestions::receipts::model::NewFeedbackReceipt;
use crate::resources::suggestions::receipts::record::{self, Recorded};
use crate::work::Tx;
use crate::workflow::TermKey;
use crate::workflow::notices::NoticeKind;
use crate::workflow::step::Step;
use crate::workflow::subjects::chinese_day;
use crate::workflow::todos::{TodoKind, Until};

/// The evaluation of the round's reply. The first time that the result dissatisfies, a second round begins; the second time
/// 市委统战部 mediates.
pub async fn evaluate(
    tx: &mut Tx<'_>,
    permit: &Permit<ops::CreateFeedbackReceipt>,
    case: &Step<'_, Dossier>,
    body: &NewFeedbackReceipt,
) -> Result<()> {
    let reply: &Reply = case
        .before
        .reply()
        .ok_or_else(|| Problem::internal("a reply that is not there is evaluated"))?;
    let suggestion = case.suggestion();
    let due_on = suggestion
        .running(TodoKind::EvaluateSuggestionReply)
        .map_or(tx.today(), |running| running.due_on);
    let recorded = Recorded {
        suggestion: case.id(),
        round: suggestion.head.round,
        party: case.party(),
        reply: reply.id,
        due_on,
        late: tx.today() > due_on,
    };
    let receipt = record::insert(tx, permit, &recorded, body).await?;
    let again = body.is_dissatisfied() && recorded.round == 1;
    let mediated = body.is_dissatisfied() && !again;
    let changes = Advance {
        evaluation: Some(Evaluation::Received),
        state: again.then_some(SuggestionState::Accepted),
        round: again.then_some(2),
        mediation: mediated.then_some(Mediation::Needed),
        ..Advance::default()
    };
    advance(tx, case.id(), changes).await?;
    let details = Details {
        attitude: Some(body.attitude),
        satisfaction: Some(body.result),
        reply: Some(reply.id),
        reply_version: Some(reply.version_number),
        late: Some(recorded.late),
        receipt: Some(receipt),
        ..Details::default()
    };
    let line = Line {
        details,
        ..case.line("feedback-receipts", body.comment.as_deref())
    };
    write_line(tx, case.id(), line).await?;
    case.settle(tx, "feedback-receipts", &[TodoKind::EvaluateSuggestionReply])
        .await?;
    if again {
        begin_second_round(tx, case).await?;
    }
    if mediated {
        let todo = (TodoKind::MediateSuggestion, Until::TermFrom(tx.today()));
        case.ask(tx, "feedback-receipts", todo, &[case.coordinator()?])
            .await?;
    }
    tell(tx, case, body, again).await
}

async fn begin_second_round(tx: &mut Tx<'_>, case: &Step<'_, Dossier>) -> Result<()> {
    let line = Line {
        round: 2,
        state: SuggestionState::Accepted,
        by_nobody: true,
        ..case.line("second-round", None)
    };
    write_line(tx, case.id(), line).await?;
    // The new reply is filed, not the one that dissatisfied.
    let waited = [TodoKind::FileSuggestion, TodoKind::ReportSuggestionFiling];
    case.settle(tx, "second-round", &waited).await?;
    let until = Until::OtherTermFrom(TermKey::SuggestionSecondRound, tx.today());
    case.ask(
        tx,
        "second-round",
        (TodoKind::ReplyToSuggestion, until),
        &[case.lead()],
    )
    .await
}

async fn tell(
    tx: &mut Tx<'_>,
    case: &Step<'_, Dossier>,
    body: &NewFeedbackReceipt,
    again: bool,
) -> Result<()> {
    let (party, lead) = (case.called(case.party()), case.called(case.lead()));
    let (attitude, result) = (
        body.attitude.label().get(Language::Chinese),
        body.result.label().get(Language::Chinese),
    );
    let comment = body.comment.as_deref().unwrap_or_default();
    let then = match again {
        true => format!("请{lead}进行第二轮办理。"),
        false => String::new(),
    };
    let told = Told {
        kind: NoticeKind::SuggestionEvaluated,
        to: case.everybody(),
        title: format!("{party}评价{result}：{}", case.suggestion().head.title),
        text: format!(
            "{party}于{}评价{lead}对{}的答复：办理态度{attitude}，办理结果{result}。{comment}{then}",
            chinese_day(tx.today()),
            case.name()
        ),
    };
    case.tell(tx, told).await
}
