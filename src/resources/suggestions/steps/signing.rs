//! 联名: joint parties are asked, sign or decline. What they sign is all that is submitted; whatever of it changes afterwards is
//! signed again.

use super::super::input::DeclineToSign;
use super::super::model::{Body, Head, SignatureState, SuggestionState};
use super::super::policy::Dossier;
use super::super::queries;
use super::super::timeline::Details;
use super::super::writes::{self, Advance, Edited, Line, advance, write_line};
use super::Told;
use crate::db::schema::suggestion_signatures as signatures;
use crate::figures::behind::{Digest, canonical_digest};
use crate::policy::{Permit, ops};
use crate::problem::{Code, Problem, Result};
use crate::resources::attachments::carriers::Carrier;
use crate::resources::attachments::model::hex;
use crate::resources::attachments::queries::Shelf;
use crate::work::Tx;
use crate::workflow::machine::refusal;
use crate::workflow::notices::NoticeKind;
use crate::workflow::step::{Context, Step};
use crate::workflow::subjects::chinese_day;
use crate::workflow::todos::{self, Done, TodoKind, Until};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::{Value, json};
use uuid::Uuid;

/// What a draft says, part by part, as signatories are told of it. Who else signs is no part of it: each signature speaks for
/// itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Terms(Vec<(&'static str, Value)>);

impl Terms {
    pub fn new(edited: &Edited, joint: &[Uuid]) -> Self {
        let Edited {
            title,
            background,
            proposal,
            category,
            authors,
            contact,
            lead_department_id,
            // It follows from the lead department and the day.
            outside_assignment: _,
            from_meeting_id,
        } = edited;
        Self(vec![
            ("标题", json!(title)),
            ("背景情况", json!(background)),
            ("意见建议", json!(proposal)),
            ("类别", json!(category)),
            ("执笔人", authors.clone()),
            ("联系人", json!(contact)),
            ("主办单位", json!(lead_department_id)),
            ("会办单位", json!(joint)),
            ("来源活动", json!(from_meeting_id)),
        ])
    }

    fn of(dossier: &Dossier) -> Self {
        let joint = dossier.suggestion.joint().map(|one| one.department_id);
        Self::new(
            &said(&dossier.suggestion.head, &dossier.body),
            &joint.collect::<Vec<_>>(),
        )
    }

    /// The parts that differ, by their names.
    fn changed(&self, since: &Self) -> Vec<&'static str> {
        let pairs = self.0.iter().zip(&since.0);
        pairs
            .filter(|(now, then)| now != then)
            .map(|((part, _), _)| *part)
            .collect()
    }

    fn digest(&self, papers: &Shelf) -> Digest {
        let papers = papers
            .rows()
            .iter()
            .map(|row| json!([row.id, row.file_name, hex(&row.sha256)]));
        let parts = self.0.iter().map(|(_, value)| value.clone());
        canonical_digest(json!({ "parts": parts.collect::<Vec<_>>(), "papers": papers.collect::<Vec<_>>() }))
    }
}

/// What of a suggestion can be edited, as it is.
pub fn said(head: &Head, body: &Body) -> Edited {
    Edited {
        title: head.title.clone(),
        background: body.background.clone(),
        proposal: body.proposal.clone(),
        category: head.category.clone(),
        authors: body.authors.clone(),
        contact: body.contact.clone(),
        lead_department_id: head.lead_department_id,
        outside_assignment: head.outside_assignment,
        from_meeting_id: head.from_meeting_id,
    }
}

async fn digest_of(tx: &Tx<'_>, dossier: &Dossier) -> Result<Digest> {
    let papers = Shelf::of(tx.conn, Carrier::Suggestion, dossier.suggestion.head.id).await?;
    Ok(Terms::of(dossier).digest(&papers))
}

/// 征求联名: from now on they read the draft.
pub async fn request_signatures(
    tx: &mut Tx<'_>,
    permit: &Permit<ops::RequestSuggestionSignatures>,
    case: &Step<'_, Dossier>,
) -> Result<()> {
    let signatures = case.suggestion().signatures.iter();
    let new: Vec<Uuid> = signatures
        .filter(|one| one.state() == SignatureState::NotAsked)
        .map(|one| one.party_id)
        .collect();
    writes::ask_to_sign(tx, permit, case.id()).await?;
    advance(tx, case.id(), Advance::default()).await?;
    let details = Details {
        parties: Some(new.clone()),
        ..Details::default()
    };
    let line = Line {
        details,
        ..case.line("request-signatures", None)
    };
    write_line(tx, case.id(), line).await?;
    let title = format!(
        "{}征求联名：{}",
        case.called(case.party()),
        case.suggestion().head.title
    );
    let text = format!(
        "{}于{}就拟向{}提出的意见建议《{}》征求联名，请审阅后签名或谢绝。",
        case.called(case.party()),
        chinese_day(tx.today()),
        case.called(case.lead()),
        case.suggestion().head.title
    );
    ask(tx, case, "request-signatures", new, (title, text)).await
}

async fn ask(
    tx: &mut Tx<'_>,
    case: &Step<'_, Dossier>,
    step: &'static str,
    parties: Vec<Uuid>,
    (title, text): (String, String),
) -> Result<()> {
    let until = Until::TermFrom(tx.today());
    case.ask(tx, step, (TodoKind::SignSuggestion, until), &parties)
        .await?;
    let told = Told {
        kind: NoticeKind::SuggestionSignaturesRequested,
        to: parties,
        title,
        text,
    };
    case.tell(tx, told).await
}

/// An edited draft: where it says something else than before, who has answered is asked again. `case` is the draft as it was.
pub async fn after_edit(
    tx: &mut Tx<'_>,
    _: &Permit<ops::UpdateSuggestion>,
    case: &Step<'_, Dossier>,
    (edited, joint, parties): (&Edited, &[Uuid], &[Uuid]),
) -> Result<()> {
    let changed = Terms::new(edited, joint).changed(&Terms::of(&case.before));
    if changed.is_empty() {
        return Ok(());
    }
    ask_again(tx, case, parties, (&edited.title, &changed.join("、"))).await
}

/// The same where papers of a suggestion were attached, superseded or removed. What has been submitted asks nobody.
///
/// # Errors
/// `database_unavailable`.
pub async fn after_papers(tx: &mut Tx<'_>, context: Context<'_>, suggestion: Uuid) -> Result<()> {
    let before = queries::get(tx.conn, suggestion, context.directory, tx.today()).await?;
    let case = Step { context, before };
    if answered(&case, &case.joint_parties()).is_empty() {
        return Ok(());
    }
    advance(tx, suggestion, Advance::default()).await?;
    write_line(tx, suggestion, case.line("edit", None)).await?;
    let title = case.suggestion().head.title.clone();
    ask_again(tx, &case, &case.joint_parties(), (&title, "附件")).await
}

/// Those of some parties that have signed the draft or declined to.
fn answered(case: &Step<'_, Dossier>, parties: &[Uuid]) -> Vec<Uuid> {
    let draft = case.suggestion().state == SuggestionState::Draft;
    let signatures = case.suggestion().signatures.iter();
    let answered = signatures.filter(|one| {
        let answered = matches!(one.state(), SignatureState::Signed | SignatureState::Declined);
        draft && answered && parties.contains(&one.party_id)
    });
    answered.map(|one| one.party_id).collect()
}

async fn ask_again(
    tx: &mut Tx<'_>,
    case: &Step<'_, Dossier>,
    parties: &[Uuid],
    (title, changed): (&str, &str),
) -> Result<()> {
    let again = answered(case, parties);
    writes::unsign(tx, case.id(), &again).await?;
    let party = case.called(case.party());
    let text = format!(
        "{party}于{}修改了意见建议《{title}》（{changed}），此前的答复不再有效，请重新审阅后签名或谢绝。",
        chinese_day(tx.today())
    );
    let title = format!("{party}修改后再次征求联名：{title}");
    ask(tx, case, "edit", again, (title, text)).await
}

pub async fn co_sign(
    tx: &mut Tx<'_>,
    _: &Permit<ops::CoSignSuggestion>,
    case: &Step<'_, Dossier>,
) -> Result<()> {
    let signed = digest_of(tx, &case.before).await?;
    answer(tx, case, "co-sign", (Some(signed), None)).await
}

pub async fn decline_to_sign(
    tx: &mut Tx<'_>,
    _: &Permit<ops::DeclineToSignSuggestion>,
    case: &Step<'_, Dossier>,
    body: &DeclineToSign,
) -> Result<()> {
    answer(tx, case, "decline-to-sign", (None, body.reason.as_deref())).await
}

async fn answer(
    tx: &mut Tx<'_>,
    case: &Step<'_, Dossier>,
    step: &'static str,
    (signed, reason): (Option<Digest>, Option<&str>),
) -> Result<()> {
    let signature = case.suggestion().signature_of(&tx.origin.caller);
    let party = signature.ok_or_else(Problem::not_found)?.party_id;
    writes::answer_to_sign(tx, case.id(), party, (signed, reason)).await?;
    advance(tx, case.id(), Advance::default()).await?;
    write_line(tx, case.id(), case.line(step, reason)).await?;
    let done = Done {
        kinds: &[TodoKind::SignSuggestion],
        organization: Some(party),
    };
    todos::close_by(tx, case.id(), done, Some(step)).await?;
    let (who, day, title) = (
        case.called(party),
        chinese_day(tx.today()),
        &case.suggestion().head.title,
    );
    let (what, why) = match (signed, reason) {
        (Some(_), _) => ("同意联名", String::new()),
        (None, None) => ("谢绝联名", String::new()),
        (None, Some(reason)) => ("谢绝联名", format!("原因：{reason}")),
    };
    let told = Told {
        kind: NoticeKind::SuggestionSigned,
        to: vec![case.party()],
        title: format!("{who}{what}：{title}"),
        text: format!("{who}于{day}{what}《{title}》。{why}"),
    };
    case.tell(tx, told).await
}

/// Before the submission: each has signed what is submitted now, and nothing else. Changes ask again by themselves; here it is
/// looked at whether one was forgotten.
///
/// # Errors
/// 409 `signatures_missing`.
pub async fn check(tx: &mut Tx<'_>, case: &Step<'_, Dossier>) -> Result<()> {
    if case.suggestion().signatures.is_empty() {
        return Ok(());
    }
    let submitted = digest_of(tx, &case.before).await?;
    let others: i64 = signatures::table
        .filter(signatures::suggestion_id.eq(case.id()))
        .filter(signatures::signed_digest.ne(submitted.as_slice()))
        .count()
        .get_result(tx.conn)
        .await?;
    match others {
        0 => Ok(()),
        _ => Err(refusal(
            case.suggestion(),
            &tx.origin.caller,
            Code::SignaturesMissing,
        )),
    }
}
