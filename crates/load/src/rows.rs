//! A story as rows of its tables.

use super::World;
use super::dice::Dice;
use super::lines::Lines;
use super::story::Story;
use super::texts::{Vocabulary, Writer};
use crate::library::{Term, Vector, Weight, shanghai_day};
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use serde_json::{Value, json};
use std::collections::HashMap;
use uuid::Uuid;

/// The tables in the order in which they are filled, with their columns. To-dos come first: their trigger looks for the
/// suggestions, which know their next due day already.
pub const TABLES: [(&str, &str); 9] = [
    (
        "todos",
        "id, organization_id, kind, subject_type, subject_id, title, opened_at, started_on, amount, unit, due_on, closed_at, opened_by, closed_by, extended_at",
    ),
    (
        "suggestions",
        "id, party_id, title, background, proposal, category, authors, contact, lead_department_id, state, number, outside_assignment, round, communicated_round, result, filing, filing_number, evaluation, mediation, extension, extension_until, extension_reason, due_on, submitted_at, accepted_at, replied_at, concluded_at, withdrawn_at, version, created_at, updated_at",
    ),
    (
        "suggestion_signatures",
        "suggestion_id, party_id, position, requested_at, signed_at, answered_by",
    ),
    (
        "suggestion_handlings",
        "id, suggestion_id, department_id, role, position, started_at, accepted_at, handler, office, returned_at, return_reason, proposed_department_id, opinion, opinion_at, opinion_by, return_denied_at, outside_assignment",
    ),
    (
        "suggestion_steps",
        "id, suggestion_id, step, round, state, occurred_at, organization_id, actor, text, details",
    ),
    (
        "suggestion_communications",
        "id, suggestion_id, round, way, held_on, persons, gist, organization_id, created_at",
    ),
    (
        "suggestion_replies",
        "id, suggestion_id, round, version_number, department_id, text, document_number, signatory, result, replied_at, replied_by",
    ),
    (
        "feedback_receipts",
        "id, suggestion_id, round, party_id, reply_id, attitude, result, comment, signatory, due_on, late, created_at",
    ),
    (
        "commitments",
        "id, suggestion_id, reply_id, department_id, position, text, due_on, state, fulfilment, fulfilled_at, created_at, updated_at",
    ),
];
pub const SEARCH: (&str, &str) = (
    "search_documents",
    "subject_id, subject_type, at, day, involved, vector",
);

/// What one batch adds to each of the tables.
#[derive(Default)]
pub struct Batch {
    pub tables: [Lines; TABLES.len()],
    pub search: Lines,
    /// By year and series: numbers that are given from now on are beyond.
    pub counters: HashMap<(i32, String), i64>,
}

impl Batch {
    pub(super) fn raise(&mut self, year: i32, series: &str, last: i64) {
        let counter = self.counters.entry((year, series.to_owned())).or_default();
        *counter = last.max(*counter);
    }
}

const TODOS: usize = 0;
const SUGGESTIONS: usize = 1;
pub(super) const SIGNATURES: usize = 2;
pub(super) const HANDLINGS: usize = 3;
const STEPS: usize = 4;
pub(super) const COMMUNICATIONS: usize = 5;
pub(super) const REPLIES: usize = 6;
pub(super) const RECEIPTS: usize = 7;
pub(super) const COMMITMENTS: usize = 8;

/// What is so far.
pub(super) struct Now {
    pub(super) state: &'static str,
    pub(super) round: i64,
    pub(super) talked_in: i64,
    pub(super) result: Option<&'static str>,
    pub(super) filing: &'static str,
    pub(super) filing_number: Option<String>,
    pub(super) evaluation: &'static str,
    pub(super) extension: &'static str,
    pub(super) extension_until: Option<NaiveDate>,
    pub(super) accepted_at: Option<DateTime<Utc>>,
    pub(super) replied_at: Option<DateTime<Utc>>,
    pub(super) concluded_at: Option<DateTime<Utc>>,
    pub(super) withdrawn_at: Option<DateTime<Utc>>,
    pub(super) due_on: Option<NaiveDate>,
    pub(super) updated_at: DateTime<Utc>,
}

pub(super) const EXTENSION_REASON: &str = "涉及多个部门，需进一步调研论证。";

/// One suggestion on its way into the tables.
pub struct Teller<'t, 'w> {
    pub(super) world: &'w World,
    pub(super) batch: &'t mut Batch,
    pub(super) dice: &'t mut Dice,
    pub(super) story: &'t Story<'w>,
    pub(super) writer: Writer<'w>,
    pub(super) title: String,
    pub(super) now: Now,
    pub(super) replies: Vec<String>,
    pub(super) handler: String,
    pub(super) office: String,
    pub(super) opinion: String,
    /// Until when what happened has happened.
    pub(super) until: DateTime<Utc>,
}

impl<'t, 'w> Teller<'t, 'w> {
    pub fn new(
        world: &'w World,
        vocabulary: &'w Vocabulary,
        batch: &'t mut Batch,
        dice: &'t mut Dice,
        story: &'t Story<'w>,
    ) -> Self {
        let (year, today) = (story.created_at.year(), world.today);
        let party = &story.party.name_on(today).name;
        let writer = Writer::new(vocabulary, dice, story.topic, party, year);
        Self {
            world,
            batch,
            story,
            title: match &story.submitted {
                Some((_, number)) => format!("{party}提出的意见建议{number}《{}》", writer.title()),
                None => String::new(),
            },
            handler: writer.person(dice),
            office: writer.sentence(dice, "offices"),
            opinion: writer.sentence(dice, "opinions"),
            dice,
            writer,
            now: Now {
                state: "draft",
                round: 1,
                talked_in: 0,
                result: None,
                filing: "none",
                filing_number: None,
                evaluation: "none",
                extension: "none",
                extension_until: None,
                accepted_at: None,
                replied_at: None,
                concluded_at: None,
                withdrawn_at: None,
                due_on: None,
                updated_at: story.created_at,
            },
            replies: Vec::new(),
            until: story.withdrawn_at.map_or(world.now, |at| at.min(world.now)),
        }
    }

    pub fn tell(mut self) {
        let (background, proposal) = (self.writer.background(self.dice), self.writer.proposal(self.dice));
        self.step("create", self.story.created_at, Some(self.story.party.id), None);
        self.sign();
        self.handlings();
        if let Some((at, number)) = &self.story.submitted {
            self.submit(*at);
            let readers: Vec<Uuid> = [self.story.party.id, self.story.lead.id]
                .into_iter()
                .chain(self.story.signing.map(|party| party.id))
                .chain(self.story.joint.iter().map(|joint| joint.id))
                .collect();
            let vector = Vector::default()
                .with(number, Weight::A)
                .with(self.writer.title(), Weight::A)
                .with(&background, Weight::B)
                .with(&proposal, Weight::B);
            let vector = self
                .replies
                .iter()
                .fold(vector, |vector, text| vector.with(text, Weight::C));
            self.batch.search.add(&[
                self.story.id.into(),
                "suggestion".into(),
                (*at).into(),
                shanghai_day(*at).into(),
                readers.as_slice().into(),
                vector.as_str().into(),
            ]);
        }
        self.suggestion(&background, &proposal);
    }

    pub(super) fn happened(&self, at: DateTime<Utc>) -> bool {
        at <= self.until
    }

    /// A line of the timeline.
    pub(super) fn step(&mut self, step: &str, at: DateTime<Utc>, by: Option<Uuid>, text: Option<&str>) {
        self.detailed(step, at, by, text, &Value::Null);
    }

    /// The same, with what the step says beside its text.
    pub(super) fn detailed(
        &mut self,
        step: &str,
        at: DateTime<Utc>,
        by: Option<Uuid>,
        text: Option<&str>,
        details: &Value,
    ) {
        let details = (!details.is_null()).then(|| details.to_string());
        let id = self.dice.id(at.timestamp_millis());
        let actor = by.and_then(|by| self.world.person(by));
        self.now.updated_at = at;
        self.batch.tables[STEPS].add(&[
            id.into(),
            self.story.id.into(),
            step.into(),
            self.now.round.into(),
            self.now.state.into(),
            at.into(),
            by.into(),
            actor.into(),
            text.into(),
            details.as_deref().into(),
        ]);
    }

    /// Something that waited for an organization, until it was done or still.
    pub(super) fn todo(
        &mut self,
        kind: &str,
        of: Uuid,
        opened_at: DateTime<Utc>,
        term: Option<Term>,
        until: Until,
    ) {
        let started_on = shanghai_day(opened_at);
        let due_on = match (term, until.due_on) {
            (_, Some(day)) => Some(day),
            (Some(term), None) => Some(self.world.timing.calendar.due(started_on, term).on),
            (None, None) => None,
        };
        let closed_at = until
            .closed_at
            .filter(|at| self.happened(*at))
            .or(self.now.withdrawn_at);
        if closed_at.is_none() {
            self.now.due_on = match (self.now.due_on, due_on) {
                (Some(one), Some(other)) => Some(one.min(other)),
                (one, other) => one.or(other),
            };
        }
        let term = term.map(|term| (term.amount, <&str>::from(term.unit)));
        let id = self.dice.id(opened_at.timestamp_millis());
        self.batch.tables[TODOS].add(&[
            id.into(),
            of.into(),
            kind.into(),
            "suggestion".into(),
            self.story.id.into(),
            self.title.as_str().into(),
            opened_at.into(),
            term.map(|_| started_on).into(),
            term.map(|(amount, _)| i64::from(amount)).into(),
            term.map(|(_, unit)| unit).into(),
            due_on.into(),
            closed_at.into(),
            until.opened_by.into(),
            closed_at
                .map(|_| {
                    if self.now.withdrawn_at.is_some() {
                        "withdraw"
                    } else {
                        until.closed_by
                    }
                })
                .into(),
            until.due_on.map(|_| opened_at).into(),
        ]);
    }

    fn suggestion(&mut self, background: &str, proposal: &str) {
        let story = self.story;
        let authors = json!([self.writer.person(self.dice)]).to_string();
        let phone = format!("0751-8{:06}", self.dice.between(0, 999_999));
        let contact = json!({ "name": self.writer.person(self.dice), "phone": phone }).to_string();
        let now = &self.now;
        let outside = self.is_outside();
        let submitted = story.submitted.as_ref();
        self.batch.tables[SUGGESTIONS].add(&[
            story.id.into(),
            story.party.id.into(),
            self.writer.title().into(),
            background.into(),
            proposal.into(),
            story.topic.category.as_str().into(),
            authors.as_str().into(),
            contact.as_str().into(),
            story.lead.id.into(),
            now.state.into(),
            submitted.map(|(_, number)| number.as_str()).into(),
            (outside && submitted.is_some()).into(),
            now.round.into(),
            now.talked_in.into(),
            now.result.into(),
            now.filing.into(),
            now.filing_number.as_deref().into(),
            now.evaluation.into(),
            "none".into(),
            now.extension.into(),
            now.extension_until.into(),
            now.extension_until.map(|_| EXTENSION_REASON).into(),
            now.due_on.into(),
            submitted.map(|(at, _)| *at).into(),
            now.accepted_at.into(),
            now.replied_at.into(),
            now.concluded_at.into(),
            now.withdrawn_at.into(),
            1.into(),
            story.created_at.into(),
            now.updated_at.into(),
        ]);
    }
}

/// How what waits ends.
#[derive(Clone, Copy)]
pub(super) struct Until {
    pub(super) opened_by: &'static str,
    pub(super) closed_at: Option<DateTime<Utc>>,
    pub(super) closed_by: &'static str,
    /// Another day than the term's.
    pub(super) due_on: Option<NaiveDate>,
}

impl Until {
    pub(super) fn opened_by(opened_by: &'static str) -> Self {
        Self {
            opened_by,
            closed_at: None,
            closed_by: "",
            due_on: None,
        }
    }
}
