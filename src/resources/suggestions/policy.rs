use super::model::{
    Body, Evaluation, ExtensionState, Filing, FromMeeting, HandlingRole, Head, Mediation, SignatureState,
    SuggestionState,
};
use super::parts::{Communication, Handling, LastSeen, Reply, Running, Signature};
use super::queries;
use super::states::MACHINE;
use crate::clock::shanghai_day;
use crate::db::schema::{suggestion_communications, suggestion_replies, suggestions};
use crate::directory::{self, Directory};
use crate::policy::{Caller, Governed, Op, Reach, Role};
use crate::problem::{Code, Problem, Result};
use crate::resources::attachments::carriers::{Hold, Rights};
use crate::resources::suggestions::commitments::model::Row as Commitment;
use crate::resources::suggestions::receipts::model::Row as Receipt;
use crate::workflow::machine::{Actor, Flow, Machine};
use crate::workflow::todos::TodoKind;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// A suggestion with all that decides who may do what with it.
#[derive(Clone, Debug)]
pub struct Suggestion {
    pub head: Head,
    pub state: SuggestionState,
    pub filing: Filing,
    pub evaluation: Evaluation,
    pub mediation: Mediation,
    /// None: never asked for.
    pub extension: Option<ExtensionState>,
    pub handlings: Vec<Handling>,
    pub signatures: Vec<Signature>,
    pub deadlines: Vec<Running>,
    /// The day that it is looked at; of a former lead's, the last one that it sees.
    pub today: NaiveDate,
    /// Who acts today for each organization that has a part in it.
    acting: Vec<(Uuid, Uuid)>,
    /// Until when the caller reads, where it is a former lead.
    pub cut_at: Option<DateTime<Utc>>,
}

/// A suggestion with all that it says and that was said to it.
#[derive(Clone, Debug)]
pub struct Dossier {
    pub suggestion: Suggestion,
    pub body: Body,
    /// All versions of all rounds, the oldest first.
    pub replies: Vec<Reply>,
    pub communications: Vec<Communication>,
    pub receipts: Vec<Receipt>,
    pub commitments: Vec<Commitment>,
    pub from_meeting: Option<FromMeeting>,
}

impl Suggestion {
    pub fn new(
        head: Head,
        handlings: Vec<Handling>,
        signatures: Vec<Signature>,
        deadlines: Vec<Running>,
        directory: &Directory,
        today: NaiveDate,
    ) -> Self {
        let concerned = handlings
            .iter()
            .map(|handling| handling.department_id)
            .chain(signatures.iter().map(|signature| signature.party_id))
            .chain([head.party_id]);
        let acting = concerned.filter_map(|id| Some((id, directory.acting(id, today)?.id)));
        Self {
            state: head.state,
            filing: head.filing,
            evaluation: head.evaluation,
            mediation: head.mediation,
            extension: head.extension.state(),
            acting: acting.collect(),
            head,
            handlings,
            signatures,
            deadlines,
            today,
            cut_at: None,
        }
    }

    /// Who acts today for an organization that has a part in it.
    pub fn acting_for(&self, organization: Uuid) -> Option<Uuid> {
        let found = self.acting.iter().find(|(id, _)| *id == organization);
        found.map(|(_, acting)| *acting)
    }

    fn is_of(&self, caller: &Caller, organization: Uuid) -> bool {
        self.acting_for(organization)
            .is_some_and(|acting| caller.is_of(acting))
    }

    /// Handlings that go on, the lead's first.
    pub fn current(&self) -> impl Iterator<Item = &Handling> {
        self.handlings
            .iter()
            .filter(|handling| handling.ended_at.is_none())
    }

    pub fn lead(&self) -> Option<&Handling> {
        self.current()
            .find(|handling| handling.role == HandlingRole::Lead)
    }

    pub fn joint(&self) -> impl Iterator<Item = &Handling> {
        self.current()
            .filter(|handling| handling.role == HandlingRole::Joint)
    }

    /// The joint department that the caller acts for, one that has not spoken yet before one that has.
    pub fn joint_of(&self, caller: &Caller) -> Option<&Handling> {
        let of = || {
            self.joint()
                .filter(|handling| self.is_of(caller, handling.department_id))
        };
        of().find(|handling| handling.opinion_at.is_none())
            .or_else(|| of().next())
    }

    /// The signature that the caller was asked for.
    pub fn signature_of(&self, caller: &Caller) -> Option<&Signature> {
        let asked = self.signatures.iter().filter(|one| one.requested_at.is_some());
        asked.into_iter().find(|one| self.is_of(caller, one.party_id))
    }

    /// The running deadline of a kind.
    pub fn running(&self, kind: TodoKind) -> Option<&Running> {
        let mut open = self.deadlines.iter().filter(|one| one.closed_at.is_none());
        open.find(|one| one.kind == kind)
    }

    /// What a caller who has no part in it now last saw, where it led it before.
    fn last_seen_by(&self, caller: &Caller) -> Option<&LastSeen> {
        let former = self.handlings.iter().rev();
        former
            .filter(|handling| self.is_of(caller, handling.department_id))
            .find_map(|handling| handling.last_seen.as_deref())
    }

    /// As it is for the caller: for a former lead as its reassignment left it.
    ///
    /// # Errors
    /// 404 for all whom it does not concern.
    pub fn seen_by(self, caller: &Caller) -> Result<Self> {
        let submitted = self.state != SuggestionState::Draft;
        let of_office = matches!(
            caller.role,
            None | Some(Role::Coordinator | Role::GovernmentOffice)
        );
        if submitted && of_office || !self.actors(caller).is_empty() {
            return Ok(self);
        }
        match self.last_seen_by(caller).cloned() {
            Some(last) if submitted => self.cut(last),
            _ => Err(Problem::not_found()),
        }
    }

    fn cut(mut self, last: LastSeen) -> Result<Self> {
        let at = last.at;
        let later = |instant: Option<DateTime<Utc>>| instant.is_some_and(|instant| instant > at);
        self.today = shanghai_day(at);
        self.cut_at = Some(at);
        self.handlings.retain(|handling| handling.started_at <= at);
        for handling in &mut self.handlings {
            if later(handling.ended_at) {
                handling.ended_at = None;
            }
            if later(handling.accepted_at) {
                (handling.accepted_at, handling.handler, handling.office) = (None, None, None);
            }
            if later(handling.returned_at) {
                (handling.returned_at, handling.return_reason) = (None, None);
                handling.proposed_department_id = None;
            }
            if later(handling.return_denied_at) {
                handling.return_denied_at = None;
            }
            if later(handling.opinion_at) {
                (handling.opinion_at, handling.opinion, handling.opinion_by) = (None, None, None);
            }
        }
        self.deadlines.retain(|one| one.opened_at <= at);
        for one in self.deadlines.iter_mut().filter(|one| later(one.closed_at)) {
            (one.closed_at, one.closed_by) = (None, None);
        }
        let open = self.deadlines.iter().filter(|one| one.closed_at.is_none());
        let due_on = open.map(|one| one.due_on).min();
        self.state = last.state;
        self.filing = last.filing;
        self.evaluation = last.evaluation;
        self.mediation = last.mediation;
        self.extension = last.extension.state();
        self.head = Head {
            lead_department_id: last.lead_department_id,
            outside_assignment: last.outside_assignment,
            round: last.round,
            result: last.result,
            filing_number: last.filing_number,
            extension_until: last.extension_until,
            extension_reason: last.extension_reason,
            due_on,
            accepted_at: None,
            replied_at: last.replied_at,
            concluded_at: None,
            withdrawn_at: None,
            version: last.version,
            updated_at: at,
            ..self.head
        };
        Ok(self)
    }
}

impl Dossier {
    /// # Errors
    /// 404 for all whom it does not concern.
    pub fn seen_by(self, caller: &Caller) -> Result<Self> {
        let suggestion = self.suggestion.seen_by(caller)?;
        let mut seen = Self { suggestion, ..self };
        if let Some(at) = seen.suggestion.cut_at {
            seen.replies.retain(|reply| reply.replied_at <= at);
            seen.communications.retain(|one| one.created_at <= at);
            seen.receipts.retain(|receipt| receipt.created_at <= at);
            seen.commitments.retain(|commitment| commitment.created_at <= at);
            for commitment in &mut seen.commitments {
                commitment.cut(at);
            }
        }
        Ok(seen)
    }

    /// The reply as it reads now.
    pub fn reply(&self) -> Option<&Reply> {
        self.replies.last()
    }
}

impl Governed for Suggestion {
    fn within(&self, caller: &Caller, reach: Reach) -> bool {
        match reach {
            Reach::Any => true,
            Reach::Issued => self.state != SuggestionState::Draft,
            Reach::Own => !self.actors(caller).is_empty() || self.last_seen_by(caller).is_some(),
            Reach::Carrier | Reach::Never => false,
        }
    }
}

impl Flow for Suggestion {
    fn machine(&self) -> &'static Machine {
        &MACHINE
    }

    fn state(&self) -> &'static str {
        self.state.into()
    }

    fn version(&self) -> i64 {
        self.head.version
    }

    fn actors(&self, caller: &Caller) -> Vec<Actor> {
        let submitted = self.state != SuggestionState::Draft;
        if self.cut_at.is_some() {
            return Vec::new();
        }
        match caller.role {
            Some(Role::Coordinator) if submitted => vec![Actor::Coordinator],
            Some(Role::Party) => {
                let mut actors = Vec::new();
                if self.is_of(caller, self.head.party_id) {
                    actors.push(Actor::Party);
                }
                if self.signature_of(caller).is_some() {
                    actors.push(Actor::JointParty);
                }
                actors
            }
            Some(Role::Department) if submitted => {
                let own = self.current().filter(|one| self.is_of(caller, one.department_id));
                own.map(|handling| match handling.role {
                    HandlingRole::Lead => Actor::Lead,
                    HandlingRole::Joint => Actor::Joint,
                })
                .collect()
            }
            _ => Vec::new(),
        }
    }

    fn obstacle(&self, op: Op, caller: &Caller) -> Option<Code> {
        let when = |stands: bool, code| stands.then_some(code);
        let signature = || self.signature_of(caller).map(Signature::state);
        match op {
            Op::RequestSuggestionSignatures => {
                let mut states = self.signatures.iter().map(Signature::state);
                when(
                    !states.any(|state| state == SignatureState::NotAsked),
                    Code::NoSignaturesToRequest,
                )
            }
            Op::CoSignSuggestion => when(signature() == Some(SignatureState::Signed), Code::AlreadySigned),
            Op::DeclineToSignSuggestion => when(
                signature() == Some(SignatureState::Declined),
                Code::AlreadyDeclined,
            ),
            Op::SubmitSuggestion => {
                let mut states = self.signatures.iter().map(Signature::state);
                when(
                    states.any(|state| state != SignatureState::Signed),
                    Code::SignaturesMissing,
                )
            }
            Op::ReturnSuggestion => {
                let running = self.running(TodoKind::AcceptSuggestion);
                let denied = self.lead().is_some_and(|lead| lead.return_denied_at.is_some());
                when(denied, Code::ReturnDenied).or(when(
                    running.is_some_and(|running| running.due_on < self.today),
                    Code::ReturnTooLate,
                ))
            }
            Op::GiveSuggestionOpinion => when(
                self.joint_of(caller).is_some_and(|own| own.opinion_at.is_some()),
                Code::OpinionGiven,
            ),
            Op::RequestSuggestionExtension => match self.extension {
                Some(ExtensionState::Requested) => Some(Code::ExtensionPending),
                Some(ExtensionState::Granted) => Some(Code::ExtensionUsed),
                Some(ExtensionState::Denied) | None => None,
            },
            Op::DecideSuggestionExtension => when(
                self.extension != Some(ExtensionState::Requested),
                Code::NoExtensionPending,
            ),
            Op::ReplyToSuggestion => when(
                self.head.communicated_round < self.head.round,
                Code::CommunicationNeeded,
            ),
            Op::CreateFeedbackReceipt => {
                when(self.evaluation == Evaluation::Received, Code::AlreadyEvaluated)
            }
            Op::FileSuggestion | Op::ReturnSuggestionFiling => {
                when(self.filing != Filing::Reported, Code::FilingNotReported)
            }
            Op::ReportSuggestionFiling => when(self.filing != Filing::Returned, Code::FilingNotReturned),
            Op::MediateSuggestion => when(self.mediation != Mediation::Needed, Code::MediationNotNeeded),
            _ => None,
        }
    }
}

/// What hangs on a record of a suggestion, and who may hang more on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Papers {
    /// Its party's, until it ends.
    Suggestion,
    /// Whoever recorded the communication's, while they have a part in the handling.
    Communication,
    /// Of the lead that gave the reply: the signed original above all, which may come after the conclusion.
    Reply,
}

/// Who sees a suggestion reads what hangs on it, on its communications and its replies; of a draft's no other system hears.
/// Answers, too, until when the caller reads.
pub async fn attachment_rights(
    mut conn: &AsyncPgConnection,
    caller: &Caller,
    today: NaiveDate,
    (papers, id): (Papers, Uuid),
    hold: Hold,
) -> Result<Option<(Rights, Option<DateTime<Utc>>)>> {
    let Some((suggestion, given_by)) = carrying(conn, papers, id).await? else {
        return Ok(None);
    };
    if Op::GetSuggestion.reach(caller) == Reach::Never {
        return Ok(None);
    }
    if hold == Hold::Yes {
        let held: Option<Uuid> = suggestions::table
            .find(suggestion)
            .select(suggestions::id)
            .for_no_key_update()
            .first(&mut conn)
            .await
            .optional()?;
        if held.is_none() {
            return Ok(None);
        }
    }
    let directory = directory::load(conn).await?.for_caller(caller);
    let dossier = queries::find(conn, suggestion, &directory, today).await?;
    let Some(dossier) = dossier.and_then(|dossier| dossier.seen_by(caller).ok()) else {
        return Ok(None);
    };
    let seen = &dossier.suggestion;
    let talk = dossier.communications.iter().find(|one| one.id == id);
    let is_there = match papers {
        Papers::Suggestion => true,
        Papers::Communication => talk.is_some(),
        Papers::Reply => dossier.replies.iter().any(|reply| reply.id == id),
    };
    let (actors, open) = (seen.actors(caller), !seen.has_ended());
    let gave = given_by.is_some_and(|by| seen.is_of(caller, by));
    let (attach, kept) = match papers {
        Papers::Suggestion => (
            open && actors.contains(&Actor::Party),
            seen.state != SuggestionState::Draft,
        ),
        Papers::Communication => (
            open && gave && (actors.contains(&Actor::Lead) || actors.contains(&Actor::Party)),
            // The reply rests on what was talked of before it.
            seen.state != SuggestionState::Accepted || talk.is_some_and(|one| one.round != seen.head.round),
        ),
        Papers::Reply => (gave && actors.contains(&Actor::Lead), true),
    };
    let rights = Rights {
        attach,
        kept,
        announced: seen.state != SuggestionState::Draft,
        personal: false,
    };
    Ok(is_there.then_some((rights, seen.cut_at)))
}

impl Suggestion {
    fn has_ended(&self) -> bool {
        matches!(
            self.state,
            SuggestionState::Withdrawn | SuggestionState::Concluded
        )
    }
}

/// The suggestion that a record belongs to, and who gave it where that matters.
async fn carrying(
    mut conn: &AsyncPgConnection,
    papers: Papers,
    id: Uuid,
) -> Result<Option<(Uuid, Option<Uuid>)>> {
    match papers {
        Papers::Suggestion => Ok(Some((id, None))),
        Papers::Communication => {
            let found: Option<(Uuid, Uuid)> = suggestion_communications::table
                .find(id)
                .select((
                    suggestion_communications::suggestion_id,
                    suggestion_communications::organization_id,
                ))
                .first(&mut conn)
                .await
                .optional()?;
            Ok(found.map(|(suggestion, by)| (suggestion, Some(by))))
        }
        Papers::Reply => {
            let found: Option<(Uuid, Uuid)> = suggestion_replies::table
                .find(id)
                .select((
                    suggestion_replies::suggestion_id,
                    suggestion_replies::department_id,
                ))
                .first(&mut conn)
                .await
                .optional()?;
            Ok(found.map(|(suggestion, by)| (suggestion, Some(by))))
        }
    }
}

impl Flow for Dossier {
    fn machine(&self) -> &'static Machine {
        self.suggestion.machine()
    }

    fn state(&self) -> &'static str {
        self.suggestion.state()
    }

    fn version(&self) -> i64 {
        self.suggestion.version()
    }

    fn actors(&self, caller: &Caller) -> Vec<Actor> {
        self.suggestion.actors(caller)
    }

    fn obstacle(&self, op: Op, caller: &Caller) -> Option<Code> {
        self.suggestion.obstacle(op, caller)
    }
}
