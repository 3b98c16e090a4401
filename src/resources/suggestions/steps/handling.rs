//! Who handles it: acceptance, return, reassignment; and its withdrawal.

use super::super::input::{AcceptSuggestion, Reason, ReassignSuggestion, ReturnSuggestion};
use super::super::model::{ExtensionState, HandlingRole, SuggestionState};
use super::super::parts::{Handling, LastSeen};
use super::super::timeline::Details;
use super::super::writes::{self, Advance, Line, Named, advance, write_line};
use super::Told;
use super::drafting::Names;
use crate::clock::shanghai_day;
use crate::directory::model::Kind;
use crate::policy::{Permit, ops};
use crate::problem::{Fault, Problem, Result};
use crate::resources::suggestions::commitments;
use crate::resources::suggestions::model::Extension;
use crate::resources::suggestions::policy::Dossier;
use crate::work::Tx;
use crate::workflow::TermKey;
use crate::workflow::notices::NoticeKind;
use crate::workflow::step::Step;
use crate::workflow::subjects::chinese_day;
use crate::workflow::todos::{TodoKind, Until};
use uuid::Uuid;

/// Kinds of to-dos that belong to the handling up to the reply.
const HANDLING: &[TodoKind] = &[
    TodoKind::AcceptSuggestion,
    TodoKind::DecideSuggestionReturn,
    TodoKind::GiveSuggestionOpinion,
    TodoKind::ReplyToSuggestion,
    TodoKind::DecideSuggestionExtension,
];

fn lead_of<'c>(case: &'c Step<'_, Dossier>) -> Result<&'c Handling> {
    case.suggestion()
        .lead()
        .ok_or_else(|| Problem::internal("a suggestion that nobody leads"))
}

/// 签收: the reply deadline starts, and in the first round those for joint opinions. It takes back a return.
pub async fn accept(
    tx: &mut Tx<'_>,
    permit: &Permit<ops::AcceptSuggestion>,
    case: &Step<'_, Dossier>,
    body: &AcceptSuggestion,
) -> Result<()> {
    let (head, today) = (&case.suggestion().head, tx.today());
    let changes = Advance {
        state: Some(SuggestionState::Accepted),
        accepted_at: Some(Some(tx.now())),
        ..Advance::default()
    };
    advance(tx, head.id, changes).await?;
    writes::accept(tx, permit, lead_of(case)?.id, (&body.handler, &body.office)).await?;
    let line = Line {
        state: SuggestionState::Accepted,
        details: Details {
            handler: Some(body.handler.clone()),
            office: Some(body.office.clone()),
            ..Details::default()
        },
        ..case.line("accept", None)
    };
    write_line(tx, head.id, line).await?;
    let waited = [TodoKind::AcceptSuggestion, TodoKind::DecideSuggestionReturn];
    case.settle(tx, "accept", &waited).await?;
    let reply = match head.round {
        1 => Until::TermFrom(today),
        _ => Until::OtherTermFrom(TermKey::SuggestionSecondRound, today),
    };
    case.ask(tx, "accept", (TodoKind::ReplyToSuggestion, reply), &[case.lead()])
        .await?;
    if head.round == 1 {
        let opinion = (TodoKind::GiveSuggestionOpinion, Until::TermFrom(today));
        case.ask(tx, "accept", opinion, &case.silent()).await?;
    }
    let lead = case.called(case.lead());
    let told = Told {
        kind: NoticeKind::SuggestionAccepted,
        to: case.everybody(),
        title: format!("{lead}已签收：{}", head.title),
        text: format!(
            "{lead}于{}签收{}，承办科室{}，经办人{}。",
            chinese_day(today),
            case.name(),
            body.office,
            body.handler
        ),
    };
    case.tell(tx, told).await
}

/// 申退, before the acceptance deadline: 市委统战部 decides.
pub async fn give_back(
    tx: &mut Tx<'_>,
    permit: &Permit<ops::ReturnSuggestion>,
    case: &Step<'_, Dossier>,
    body: &ReturnSuggestion,
) -> Result<()> {
    let (head, today) = (&case.suggestion().head, tx.today());
    let proposed = case
        .context
        .directory
        .find_kind(Kind::Department, &body.proposed_department);
    let proposed = proposed
        .filter(|found| found.stands_on(today))
        .ok_or_else(|| Problem::invalid(vec![Fault::unknown_reference("/proposed_department")]))?
        .id;
    let changes = Advance {
        state: Some(SuggestionState::Returned),
        ..Advance::default()
    };
    advance(tx, head.id, changes).await?;
    writes::give_back(tx, permit, lead_of(case)?.id, (&body.reason, proposed)).await?;
    let line = Line {
        state: SuggestionState::Returned,
        details: Details {
            department: Some(proposed),
            ..Details::default()
        },
        ..case.line("return", Some(&body.reason))
    };
    write_line(tx, head.id, line).await?;
    case.settle(tx, "return", &[TodoKind::AcceptSuggestion]).await?;
    let coordinator = case.coordinator()?;
    let decision = (TodoKind::DecideSuggestionReturn, Until::TermFrom(today));
    case.ask(tx, "return", decision, &[coordinator]).await?;
    let lead = case.called(case.lead());
    let told = Told {
        kind: NoticeKind::SuggestionReturned,
        to: vec![coordinator, case.party()],
        title: format!("{lead}申退：{}", head.title),
        text: format!(
            "{lead}于{}对{}提出申退，建议由{}办理。理由：{}请市委统战部审核。",
            chinese_day(today),
            case.name(),
            case.called(proposed),
            body.reason
        ),
    };
    case.tell(tx, told).await
}

/// 不准退办: the acceptance clock starts again, and this lead returns it no more.
pub async fn deny_return(
    tx: &mut Tx<'_>,
    permit: &Permit<ops::DenySuggestionReturn>,
    case: &Step<'_, Dossier>,
    body: &Reason,
) -> Result<()> {
    let (head, today) = (&case.suggestion().head, tx.today());
    let changes = Advance {
        state: Some(SuggestionState::Submitted),
        ..Advance::default()
    };
    advance(tx, head.id, changes).await?;
    writes::deny_return(tx, permit, lead_of(case)?.id).await?;
    let line = Line {
        state: SuggestionState::Submitted,
        ..case.line("deny-return", Some(&body.reason))
    };
    write_line(tx, head.id, line).await?;
    case.settle(tx, "deny-return", &[TodoKind::DecideSuggestionReturn])
        .await?;
    let acceptance = (TodoKind::AcceptSuggestion, Until::TermFrom(today));
    case.ask(tx, "deny-return", acceptance, &[case.lead()]).await?;
    let lead = case.called(case.lead());
    let told = Told {
        kind: NoticeKind::SuggestionReturnDenied,
        to: vec![case.lead(), case.party()],
        title: format!("不准退办：{}", head.title),
        text: format!(
            "市委统战部于{}审核，{lead}对{}的申退不予同意，请{lead}按期签收办理。理由：{}",
            chinese_day(today),
            case.name(),
            body.reason
        ),
    };
    case.tell(tx, told).await
}

fn new_departments(tx: &Tx<'_>, case: &Step<'_, Dossier>, body: &ReassignSuggestion) -> Result<Named> {
    let mut names = Names {
        directory: case.directory,
        today: tx.today(),
        faults: Vec::new(),
    };
    let lead = names.lead(&body.lead_department);
    let joint = names.joint(&body.joint_departments, lead);
    if lead == case.lead() {
        names.faults.push(Fault::at(
            "/lead_department",
            "already_leads",
            "该部门已是主办单位。",
            "The department leads it already.",
        ));
    }
    names.checked()?;
    let head = &case.suggestion().head;
    let submitted_on = head.submitted_at.map_or(tx.today(), shanghai_day);
    Ok(Named {
        lead,
        joint,
        parties: Vec::new(),
        outside_assignment: !case
            .context
            .directory
            .are_linked(lead, head.party_id, submitted_on),
    })
}

/// 改派: the departments that are named and no others; a new acceptance clock, and the one before stays on record. Joint
/// departments that stay keep what they have said; the former lead reads up to here.
pub async fn reassign(
    tx: &mut Tx<'_>,
    permit: &Permit<ops::ReassignSuggestion>,
    case: &Step<'_, Dossier>,
    body: &ReassignSuggestion,
) -> Result<()> {
    let named = new_departments(tx, case, body)?;
    let (suggestion, today) = (case.suggestion(), tx.today());
    let (head, former, relieved) = (&suggestion.head, case.lead(), case.departments());
    let outside = named.outside_assignment;
    // What was asked for and not decided goes with who asked; what was granted was the one extension.
    let pending = suggestion.extension == Some(ExtensionState::Requested);
    let changes = Advance {
        state: Some(SuggestionState::Submitted),
        lead_department_id: Some(named.lead),
        outside_assignment: Some(outside),
        communicated_round: Some(head.communicated_round.min(head.round - 1)),
        extension: pending.then_some(Extension::None),
        extension_until: pending.then_some(None),
        extension_reason: pending.then_some(None),
        accepted_at: Some(None),
        ..Advance::default()
    };
    advance(tx, head.id, changes).await?;
    let last_seen = LastSeen {
        at: tx.now(),
        state: SuggestionState::Submitted,
        lead_department_id: named.lead,
        outside_assignment: outside,
        round: head.round,
        result: head.result,
        filing: head.filing,
        filing_number: head.filing_number.clone(),
        evaluation: head.evaluation,
        mediation: head.mediation,
        extension: if pending { Extension::None } else { head.extension },
        extension_until: head.extension_until.filter(|_| !pending),
        extension_reason: head.extension_reason.clone().filter(|_| !pending),
        replied_at: head.replied_at,
        version: head.version + 1,
    };
    let ended: Vec<&Handling> = suggestion
        .current()
        .filter(|one| one.role == HandlingRole::Lead || !named.joint.contains(&one.department_id))
        .collect();
    writes::end(tx, permit, &ended, &last_seen).await?;
    writes::start(tx, head.id, &new_parts(case, &named, tx)).await?;
    let details = Details {
        department: Some(named.lead),
        joint_departments: Some(named.joint.clone()),
        former_department: Some(former),
        ..Details::default()
    };
    let line = Line {
        state: SuggestionState::Submitted,
        details,
        ..case.line("reassign", Some(&body.reason))
    };
    write_line(tx, head.id, line).await?;
    case.settle(tx, "reassign", HANDLING).await?;
    let acceptance = (TodoKind::AcceptSuggestion, Until::TermFrom(today));
    case.ask(tx, "reassign", acceptance, &[named.lead]).await?;
    commitments::steps::hand_over(tx, permit, case, named.lead).await?;
    let lead = case.called(named.lead);
    let told = Told {
        kind: NoticeKind::SuggestionReassigned,
        to: [case.parties(), relieved, named.joint, vec![named.lead]].concat(),
        title: format!("改派{lead}主办：{}", head.title),
        text: format!(
            "市委统战部于{}将{}由{}改派{lead}主办。理由：{}请{lead}按期签收办理。",
            chinese_day(today),
            case.name(),
            case.called(former),
            body.reason
        ),
    };
    case.tell(tx, told).await
}

/// Parts that begin: the new lead's, and those of joint departments that were none.
fn new_parts(case: &Step<'_, Dossier>, named: &Named, tx: &Tx<'_>) -> Vec<Handling> {
    let stay: Vec<Uuid> = case.joint();
    let new = Named {
        lead: named.lead,
        joint: named
            .joint
            .iter()
            .copied()
            .filter(|one| !stay.contains(one))
            .collect(),
        parties: Vec::new(),
        outside_assignment: named.outside_assignment,
    };
    writes::beginnings(&new, tx.now())
}

/// 撤回, by its party: nothing waits any longer, and what was promised is owed no more.
pub async fn withdraw(
    tx: &mut Tx<'_>,
    permit: &Permit<ops::WithdrawSuggestion>,
    case: &Step<'_, Dossier>,
    body: &Reason,
) -> Result<()> {
    let head = &case.suggestion().head;
    let changes = Advance {
        state: Some(SuggestionState::Withdrawn),
        withdrawn_at: Some(tx.now()),
        ..Advance::default()
    };
    advance(tx, head.id, changes).await?;
    let line = Line {
        state: SuggestionState::Withdrawn,
        ..case.line("withdraw", Some(&body.reason))
    };
    write_line(tx, head.id, line).await?;
    case.settle(tx, "withdraw", &[]).await?;
    commitments::steps::end_all(tx, permit, &case.before).await?;
    let party = case.called(case.party());
    let told = Told {
        kind: NoticeKind::SuggestionWithdrawn,
        to: case.everybody(),
        title: format!("{party}撤回意见建议：{}", head.title),
        text: format!(
            "{party}于{}撤回{}。理由：{}",
            chinese_day(tx.today()),
            case.name(),
            body.reason
        ),
    };
    case.tell(tx, told).await
}
