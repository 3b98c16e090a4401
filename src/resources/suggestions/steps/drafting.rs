//! Drafts: written, changed, submitted, or thrown away.

use super::super::input::{NewSuggestion, PatchSuggestion};
use super::super::model::{Body, FromMeeting, Head, SuggestionState};
use super::super::parts::Signature;
use super::super::policy::{Dossier, Suggestion};
use super::super::timeline::Details;
use super::super::writes::{self, Advance, Edited, Line, Named, advance, write_line};
use super::{Told, signing};
use crate::directory::Directory;
use crate::directory::model::{Kind, Organization};
use crate::http::contract::pointer;
use crate::policy::{Caller, Permit, ops};
use crate::problem::{Fault, Problem, Result};
use crate::resources::attachments::carriers::Carrier;
use crate::resources::attachments::queries::remove_all_of;
use crate::resources::meetings::links;
use crate::resources::suggestions::model::Evaluation;
use crate::resources::suggestions::model::Extension;
use crate::resources::suggestions::model::Filing;
use crate::resources::suggestions::model::Mediation;
use crate::work::Tx;
use crate::workflow::notices::NoticeKind;
use crate::workflow::step::Step;
use crate::workflow::subjects::chinese_day;
use crate::workflow::todos::{self, Done, TodoKind, Until};
use chrono::{Datelike, NaiveDate};
use uuid::Uuid;

/// Organizations as a body names them, against those that stand today. Faults are collected, so that all are named.
pub struct Names<'d> {
    pub directory: &'d Directory,
    pub today: NaiveDate,
    pub faults: Vec<Fault>,
}

impl Names<'_> {
    fn one(&mut self, kind: Kind, named: &str, at: String) -> Uuid {
        let found = self.directory.find_kind(kind, named);
        let standing = found.filter(|found| found.stands_on(self.today));
        standing.map_or_else(
            || {
                self.faults.push(Fault::unknown_reference(at));
                Uuid::nil()
            },
            |found| found.id,
        )
    }

    pub fn lead(&mut self, named: &str) -> Uuid {
        self.one(Kind::Department, named, "/lead_department".to_owned())
    }

    /// Several, each once, and none of those that stand elsewhere already.
    fn several(&mut self, kind: Kind, named: &[String], field: &str, taken: Uuid) -> Vec<Uuid> {
        let mut found: Vec<Uuid> = Vec::with_capacity(named.len());
        for (index, name) in named.iter().enumerate() {
            let at = pointer(&[&field, &index]);
            let id = self.one(kind, name, at.clone());
            if !id.is_nil() && (id == taken || found.contains(&id)) {
                let detail = ("该单位已在前面列出。", "It stands there before.");
                self.faults.push(Fault::at(at, "repeated", detail.0, detail.1));
            }
            found.push(id);
        }
        found
    }

    pub fn joint(&mut self, named: &[String], lead: Uuid) -> Vec<Uuid> {
        self.several(Kind::Department, named, "joint_departments", lead)
    }

    pub fn parties(&mut self, named: &[String], own: Uuid) -> Vec<Uuid> {
        self.several(Kind::Party, named, "joint_parties", own)
    }

    /// # Errors
    /// 422 with every fault.
    pub fn checked(self) -> Result<()> {
        if self.faults.is_empty() {
            Ok(())
        } else {
            Err(Problem::invalid(self.faults))
        }
    }
}

fn named(
    directory: &Directory,
    today: NaiveDate,
    party: Uuid,
    (lead, joint, parties): (&str, &[String], &[String]),
    faults: Vec<Fault>,
) -> Result<Named> {
    let mut names = Names {
        directory,
        today,
        faults,
    };
    let lead = names.lead(lead);
    let named = Named {
        lead,
        joint: names.joint(joint, lead),
        parties: names.parties(parties, party),
        outside_assignment: !directory.are_linked(lead, party, today),
    };
    names.checked()?;
    Ok(named)
}

/// The meeting that a draft names as what it came of: one that its party is invited to. Any other is a fault like one that does
/// not exist.
async fn origin(
    tx: &Tx<'_>,
    caller: &Caller,
    directory: &Directory,
    named: Option<Uuid>,
) -> Result<(Option<FromMeeting>, Vec<Fault>)> {
    let Some(id) = named else {
        return Ok((None, Vec::new()));
    };
    let found = links::find(tx.conn, caller, id, (directory, tx.now())).await?;
    let found = found.filter(|meeting| meeting.invitation_of(caller).is_some());
    let missing = || vec![Fault::unknown_reference("/from_meeting")];
    let faults = found.is_none().then(missing).unwrap_or_default();
    Ok((found.as_ref().map(FromMeeting::from), faults))
}

/// A draft, of its party alone. What is written is known: nothing is read back.
///
/// # Errors
/// 422 for organizations that do not exist or stand no more, and a meeting that the party is not invited to.
pub async fn create(
    tx: &mut Tx<'_>,
    permit: &Permit<ops::CreateSuggestion>,
    directory: &Directory,
    party: &Organization,
    new: &NewSuggestion,
) -> Result<Dossier> {
    let (now, today) = (tx.now(), tx.today());
    let asked = (
        new.lead_department.as_str(),
        &new.joint_departments[..],
        &new.joint_parties[..],
    );
    let (from_meeting, faults) = origin(tx, permit.caller(), directory, new.from_meeting).await?;
    let named = named(directory, today, party.id, asked, faults)?;
    let head = Head {
        id: Uuid::now_v7(),
        party_id: party.id,
        title: new.title.clone(),
        category: new.category.clone(),
        lead_department_id: named.lead,
        state: SuggestionState::Draft,
        number: None,
        outside_assignment: named.outside_assignment,
        round: 1,
        communicated_round: 0,
        result: None,
        filing: Filing::None,
        filing_number: None,
        evaluation: Evaluation::None,
        mediation: Mediation::None,
        extension: Extension::None,
        extension_until: None,
        extension_reason: None,
        due_on: None,
        from_meeting_id: new.from_meeting,
        submitted_at: None,
        accepted_at: None,
        replied_at: None,
        concluded_at: None,
        withdrawn_at: None,
        version: 1,
        created_at: now,
        updated_at: now,
    };
    let body = Body {
        background: new.background.clone(),
        proposal: new.proposal.clone(),
        authors: new.authors.clone().into(),
        contact: writes::contact_json(new.contact.as_ref())?,
    };
    let handlings = writes::beginnings(&named, now);
    writes::insert(tx, permit, &head, &body, (&handlings, &named.parties)).await?;
    let signatures = named.parties.into_iter().map(|party_id| Signature {
        party_id,
        requested_at: None,
        signed_at: None,
        declined_at: None,
        answered_by: None,
        reason: None,
    });
    Ok(Dossier {
        suggestion: Suggestion::new(
            head,
            handlings,
            signatures.collect(),
            Vec::new(),
            directory,
            today,
        ),
        body,
        replies: Vec::new(),
        communications: Vec::new(),
        receipts: Vec::new(),
        commitments: Vec::new(),
        from_meeting,
    })
}

fn codes(directory: &Directory, ids: impl Iterator<Item = Uuid>) -> Vec<String> {
    ids.filter_map(|id| Some(directory.get(id)?.code.clone()))
        .collect()
}

/// Changes a draft. Those who have signed something else are asked again.
pub async fn edit(
    tx: &mut Tx<'_>,
    permit: &Permit<ops::UpdateSuggestion>,
    case: &Step<'_, Dossier>,
    patch: &PatchSuggestion,
) -> Result<()> {
    let (suggestion, body) = (case.suggestion(), &case.before.body);
    let (head, directory, today) = (&suggestion.head, case.directory, tx.today());
    let old_lead = codes(directory, std::iter::once(head.lead_department_id));
    let old_joint = codes(directory, suggestion.joint().map(|one| one.department_id));
    let old_parties = codes(directory, suggestion.signatures.iter().map(|one| one.party_id));
    let lead = patch
        .lead_department
        .as_deref()
        .or(old_lead.first().map(String::as_str));
    let asked = (
        lead.unwrap_or_default(),
        patch.joint_departments.as_deref().unwrap_or(&old_joint),
        patch.joint_parties.as_deref().unwrap_or(&old_parties),
    );
    let from_meeting_id = patch.from_meeting.unwrap_or(head.from_meeting_id);
    let other = from_meeting_id.filter(|_| from_meeting_id != head.from_meeting_id);
    let (_, faults) = origin(tx, permit.caller(), directory, other).await?;
    let named = named(directory, today, head.party_id, asked, faults)?;
    let contact = match &patch.contact {
        None => body.contact.clone(),
        Some(None) => None,
        Some(Some(contact)) => {
            let contact = contact.clone().onto(body.contact()?)?;
            writes::contact_json(Some(&contact))?
        }
    };
    let edited = Edited {
        title: patch.title.clone().unwrap_or_else(|| head.title.clone()),
        background: patch
            .background
            .clone()
            .unwrap_or_else(|| body.background.clone()),
        proposal: patch.proposal.clone().unwrap_or_else(|| body.proposal.clone()),
        category: patch.category.clone().unwrap_or_else(|| head.category.clone()),
        authors: patch
            .authors
            .clone()
            .map_or_else(|| body.authors.clone(), Into::into),
        contact,
        lead_department_id: named.lead,
        outside_assignment: named.outside_assignment,
        from_meeting_id,
    };
    writes::edit(tx, permit, head.id, &edited).await?;
    writes::replace_departments(tx, permit, head.id, &named).await?;
    change_parties(tx, permit, case, &named.parties).await?;
    write_line(tx, head.id, case.line("edit", None)).await?;
    signing::after_edit(tx, permit, case, (&edited, &named.joint, &named.parties)).await
}

async fn change_parties(
    tx: &mut Tx<'_>,
    permit: &Permit<ops::UpdateSuggestion>,
    case: &Step<'_, Dossier>,
    parties: &[Uuid],
) -> Result<()> {
    let before: Vec<Uuid> = case
        .suggestion()
        .signatures
        .iter()
        .map(|one| one.party_id)
        .collect();
    let gone: Vec<Uuid> = before
        .iter()
        .copied()
        .filter(|one| !parties.contains(one))
        .collect();
    let new: Vec<Uuid> = parties
        .iter()
        .copied()
        .filter(|one| !before.contains(one))
        .collect();
    let first = i32::try_from(before.len()).map_err(Problem::internal)?;
    writes::change_parties(tx, permit, case.id(), (&gone, &new, first)).await?;
    for party in gone {
        let done = Done {
            kinds: &[TodoKind::SignSuggestion],
            organization: Some(party),
        };
        todos::close_by(tx, case.id(), done, Some("edit")).await?;
    }
    Ok(())
}

/// Gives the number, and puts it to the department.
pub async fn submit(
    tx: &mut Tx<'_>,
    permit: &Permit<ops::SubmitSuggestion>,
    case: &Step<'_, Dossier>,
) -> Result<()> {
    signing::check(tx, case).await?;
    let (head, directory, today) = (&case.suggestion().head, case.directory, tx.today());
    let mut names = Names {
        directory,
        today,
        faults: Vec::new(),
    };
    // A department that ended while the draft lay: it has to be edited first.
    for department in case.departments() {
        names.one(
            Kind::Department,
            &department.to_string(),
            "/lead_department".to_owned(),
        );
    }
    names.checked()?;
    let short = |id| directory.get(id).map(|one| one.name_on(today).short_name.clone());
    let (party, lead) = short(head.party_id)
        .zip(short(head.lead_department_id))
        .ok_or_else(Problem::not_found)?;
    let (year, series) = (today.year(), format!("{party}-{lead}"));
    let serial = writes::next_number(tx, year, &series).await?;
    let number = format!("〔{year}〕{series}-{serial:03}");
    let outside = !directory.are_linked(head.lead_department_id, head.party_id, today);
    let changes = Advance {
        state: Some(SuggestionState::Submitted),
        number: Some(number.clone()),
        outside_assignment: Some(outside),
        submitted_at: Some(tx.now()),
        ..Advance::default()
    };
    advance(tx, head.id, changes).await?;
    writes::begin(tx, permit, head.id, outside).await?;
    let mut numbered = case.before.clone();
    numbered.suggestion.head.number = Some(number.clone());
    let case = Step {
        context: case.context,
        before: numbered,
    };
    let line = Line {
        state: SuggestionState::Submitted,
        details: Details {
            number: Some(number),
            department: Some(head.lead_department_id),
            joint_departments: Some(case.joint()),
            ..Details::default()
        },
        ..case.line("submit", None)
    };
    write_line(tx, head.id, line).await?;
    let until = Until::TermFrom(today);
    case.ask(tx, "submit", (TodoKind::AcceptSuggestion, until), &[case.lead()])
        .await?;
    let (party, lead) = (case.called_together(&case.parties()), case.called(case.lead()));
    let joint = case.joint();
    let with = match joint.is_empty() {
        true => String::new(),
        false => format!("，会办单位{}", case.called_together(&joint)),
    };
    let told = Told {
        kind: NoticeKind::SuggestionSubmitted,
        to: case.everybody(),
        title: format!("{party}提出意见建议：{}", head.title),
        text: format!(
            "{party}于{}提出{}，主办单位{lead}{with}。请{lead}按期签收办理。",
            chinese_day(today),
            case.name()
        ),
    };
    case.tell(tx, told).await
}

/// Throws a draft away, with what hangs on it and waits for it.
pub async fn delete(
    tx: &mut Tx<'_>,
    permit: &Permit<ops::DeleteSuggestion>,
    case: &Step<'_, Dossier>,
) -> Result<()> {
    remove_all_of(tx, permit, Carrier::Suggestion, case.id()).await?;
    todos::close_by(tx, case.id(), Done::default(), Some("delete")).await?;
    writes::delete(tx, permit, case.id()).await
}
