//! A story as rows of its tables.

use super::dice::Dice;
use super::lines::{Cell, Lines};
use super::story::{Round, Story};
use super::texts::{Vocabulary, Writer};
use super::World;
use crate::clock::shanghai_day;
use crate::search::{Vector, Weight};
use crate::workflow::calendar::{Term, Unit};
use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};
use uuid::Uuid;

/// The tables in the order in which they are filled, with their columns. To-dos come first: their trigger looks for the
/// suggestions, which know their next due day already.
pub const TABLES: [(&str, &str); 9] = [
    ("todos", "id, organization_id, kind, subject_type, subject_id, title, opened_at, started_on, amount, unit, due_on, closed_at, opened_by, closed_by, extended_at"),
    ("suggestions", "id, party_id, title, background, proposal, category, authors, contact, lead_department_id, state, number, outside_assignment, round, communicated_round, result, filing, filing_number, evaluation, mediation, extension, extension_until, extension_reason, due_on, submitted_at, accepted_at, replied_at, concluded_at, withdrawn_at, version, created_at, updated_at"),
    ("suggestion_signatures", "suggestion_id, party_id, position, requested_at, signed_at, answered_by"),
    ("suggestion_handlings", "id, suggestion_id, department_id, role, position, started_at, accepted_at, handler, office, returned_at, return_reason, proposed_department_id, opinion, opinion_at, opinion_by"),
    ("suggestion_steps", "id, suggestion_id, step, round, state, occurred_at, organization_id, actor, text, details"),
    ("suggestion_communications", "id, suggestion_id, round, way, held_on, persons, gist, organization_id, created_at"),
    ("suggestion_replies", "id, suggestion_id, round, version_number, department_id, text, document_number, signatory, result, replied_at, replied_by"),
    ("feedback_receipts", "id, suggestion_id, round, party_id, reply_id, attitude, result, comment, signatory, due_on, late, created_at"),
    ("commitments", "id, suggestion_id, reply_id, department_id, position, text, due_on, state, fulfilment, fulfilled_at, created_at, updated_at"),
];
pub const SEARCH: (&str, &str) = ("search_documents", "subject_id, subject_type, at, day, involved, vector");

/// What one batch adds to each of the tables.
#[derive(Default)]
pub struct Batch {
    pub tables: [Lines; TABLES.len()],
    pub search: Lines,
}

const TODOS: usize = 0;
const SUGGESTIONS: usize = 1;
const SIGNATURES: usize = 2;
const HANDLINGS: usize = 3;
const STEPS: usize = 4;
const COMMUNICATIONS: usize = 5;
const REPLIES: usize = 6;
const RECEIPTS: usize = 7;
const COMMITMENTS: usize = 8;

/// What is so far.
struct Now {
    state: &'static str,
    round: i64,
    talked_in: i64,
    result: Option<&'static str>,
    filing: &'static str,
    filing_number: Option<String>,
    evaluation: &'static str,
    extension: &'static str,
    extension_until: Option<NaiveDate>,
    accepted_at: Option<DateTime<Utc>>,
    replied_at: Option<DateTime<Utc>>,
    concluded_at: Option<DateTime<Utc>>,
    withdrawn_at: Option<DateTime<Utc>>,
    due_on: Option<NaiveDate>,
    updated_at: DateTime<Utc>,
}

/// One suggestion on its way into the tables.
pub struct Teller<'t, 'w> {
    world: &'w World,
    batch: &'t mut Batch,
    dice: &'t mut Dice,
    story: &'t Story<'w>,
    writer: Writer<'w>,
    title: String,
    now: Now,
    replies: Vec<String>,
    /// Until when what happened has happened.
    until: DateTime<Utc>,
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
            dice,
            story,
            title: match &story.submitted {
                Some((_, number)) => format!("{party}提出的意见建议{number}《{}》", writer.title()),
                None => String::new(),
            },
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
            let vector = self.replies.iter().fold(vector, |vector, text| vector.with(text, Weight::C));
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

    fn happened(&self, at: DateTime<Utc>) -> bool {
        at <= self.until
    }

    /// A line of the timeline.
    fn step(&mut self, step: &str, at: DateTime<Utc>, by: Option<Uuid>, text: Option<&str>) {
        let id = self.dice.id(at.timestamp_millis());
        let actor = by.and_then(|by| self.world.username(by));
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
            Cell::Null,
        ]);
    }

    /// Something that waited for an organization, until it was done or still.
    fn todo(&mut self, kind: &str, of: Uuid, opened_at: DateTime<Utc>, term: Option<Term>, until: Until) {
        let started_on = shanghai_day(opened_at);
        let due_on = match (term, until.due_on) {
            (_, Some(day)) => Some(day),
            (Some(term), None) => Some(self.world.timing.calendar.due(started_on, term).on),
            (None, None) => None,
        };
        let closed_at = until.closed_at.filter(|at| self.happened(*at)).or(self.now.withdrawn_at);
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
            closed_at.map(|_| if self.now.withdrawn_at.is_some() { "withdraw" } else { until.closed_by }).into(),
            until.due_on.map(|_| opened_at).into(),
        ]);
    }

    fn sign(&mut self) {
        let Some(other) = self.story.signing else { return };
        let signed = self.story.submitted.is_some();
        let at = self.story.created_at + TimeDelta::minutes(1);
        let actor = self.world.username(other.id);
        self.batch.tables[SIGNATURES].add(&[
            self.story.id.into(),
            other.id.into(),
            1.into(),
            at.into(),
            signed.then_some(at + TimeDelta::minutes(2)).into(),
            actor.filter(|_| signed).into(),
        ]);
    }

    fn submit(&mut self, at: DateTime<Utc>) {
        let story = self.story;
        self.now.state = "submitted";
        if story.withdrawn_at.is_some_and(|at| self.happened(at)) {
            self.now.withdrawn_at = story.withdrawn_at;
        }
        self.step("submit", at, Some(story.party.id), None);
        let until = Until {
            closed_at: Some(story.returned_at.unwrap_or(story.accepted_at)),
            closed_by: if story.returned_at.is_some() { "return" } else { "accept" },
            ..Until::opened_by("submit")
        };
        self.todo("accept_suggestion", story.lead.id, at, Some(working_days(5)), until);
        if let Some(returned_at) = story.returned_at.filter(|at| self.happened(*at)) {
            self.give_back(returned_at);
        }
        self.handlings(at);
        if self.happened(story.accepted_at) {
            self.accept();
        }
        if let Some(at) = self.now.withdrawn_at {
            self.now.state = "withdrawn";
            let reason = self.writer.sentence(self.dice, "withdraw_reasons");
            self.step("withdraw", at, Some(story.party.id), Some(&reason));
        }
    }

    /// Asked to be taken back, which is denied three days later.
    fn give_back(&mut self, at: DateTime<Utc>) {
        let story = self.story;
        self.now.state = "returned";
        let reason = self.writer.sentence(self.dice, "return_reasons");
        self.step("return", at, Some(story.lead.id), Some(&reason));
        let denied_at = at + TimeDelta::days(3);
        let until = Until {
            closed_at: Some(denied_at),
            closed_by: "deny-return",
            ..Until::opened_by("return")
        };
        let coordinator = self.world.coordinator;
        self.todo("decide_suggestion_return", coordinator, at, Some(working_days(5)), until);
        if self.happened(denied_at) {
            self.now.state = "submitted";
            let reason = "所提事项属你单位职责，请按期办理。";
            self.step("deny-return", denied_at, Some(coordinator), Some(reason));
            let until = Until {
                closed_at: Some(story.accepted_at),
                closed_by: "accept",
                ..Until::opened_by("deny-return")
            };
            self.todo("accept_suggestion", story.lead.id, denied_at, Some(working_days(5)), until);
        }
    }

    fn handlings(&mut self, at: DateTime<Utc>) {
        let story = self.story;
        let accepted = self.happened(story.accepted_at);
        let (handler, office) = (self.writer.person(self.dice), self.writer.sentence(self.dice, "offices"));
        let returned = story.returned_at.filter(|at| self.happened(*at));
        let reason = returned.map(|_| self.writer.sentence(self.dice, "return_reasons"));
        let proposed = returned.and_then(|_| self.world.proposed(story.topic)).filter(|id| *id != story.lead.id);
        let id = self.dice.id(at.timestamp_millis());
        self.batch.tables[HANDLINGS].add(&[
            id.into(),
            story.id.into(),
            story.lead.id.into(),
            "lead".into(),
            0.into(),
            at.into(),
            accepted.then_some(story.accepted_at).into(),
            accepted.then_some(handler.as_str()).into(),
            accepted.then_some(office.as_str()).into(),
            returned.into(),
            reason.as_deref().into(),
            proposed.into(),
            Cell::Null,
            Cell::Null,
            Cell::Null,
        ]);
        for (place, joint) in (1..).zip(&story.joint) {
            let opinion = self.happened(story.opinion_at).then(|| self.writer.sentence(self.dice, "opinions"));
            let by = self.world.username(joint.id);
            let id = self.dice.id(at.timestamp_millis());
            self.batch.tables[HANDLINGS].add(&[
                id.into(),
                story.id.into(),
                joint.id.into(),
                "joint".into(),
                Cell::Number(place),
                at.into(),
                Cell::Null,
                Cell::Null,
                Cell::Null,
                Cell::Null,
                Cell::Null,
                Cell::Null,
                opinion.as_deref().into(),
                opinion.as_deref().map(|_| story.opinion_at).into(),
                opinion.as_deref().and(by).into(),
            ]);
        }
    }

    fn accept(&mut self) {
        let story = self.story;
        self.now.state = "accepted";
        self.now.accepted_at = Some(story.accepted_at);
        self.step("accept", story.accepted_at, Some(story.lead.id), None);
        for joint in &story.joint {
            let until = Until {
                closed_at: Some(story.opinion_at),
                closed_by: "opinion",
                ..Until::opened_by("accept")
            };
            self.todo("give_suggestion_opinion", joint.id, story.accepted_at, Some(working_days(20)), until);
            if self.happened(story.opinion_at) {
                self.step("opinion", story.opinion_at, Some(joint.id), None);
            }
        }
        if let Some(at) = story.interim_at.filter(|at| self.happened(*at)) {
            let text = self.writer.sentence(self.dice, "gists");
            self.step("interim-reply", at, Some(story.lead.id), Some(&text));
        }
        if let Some(at) = story.extension_at.filter(|at| self.happened(*at)) {
            self.extend(at);
        }
        for round in &story.rounds {
            if self.happened(round.began_at) && self.now.state == "accepted" {
                self.round(round);
            }
        }
    }

    fn extend(&mut self, at: DateTime<Utc>) {
        let (lead, coordinator) = (self.story.lead.id, self.world.coordinator);
        let until = shanghai_day(self.story.accepted_at) + TimeDelta::days(150);
        (self.now.extension, self.now.extension_until) = ("requested", Some(until));
        self.step("request-extension", at, Some(lead), Some("涉及多个部门，需进一步调研论证。"));
        let decided_at = at + TimeDelta::days(2);
        let waits = Until {
            closed_at: Some(decided_at),
            closed_by: "decide-extension",
            ..Until::opened_by("request-extension")
        };
        self.todo("decide_suggestion_extension", coordinator, at, None, waits);
        if self.happened(decided_at) {
            self.now.extension = "granted";
            self.step("decide-extension", decided_at, Some(coordinator), Some("情况属实，同意延期。"));
        }
    }

    fn round(&mut self, round: &Round) {
        let story = self.story;
        let (lead, party) = (story.lead.id, story.party.id);
        self.now.round = round.number;
        let (opened_by, term) = match round.number {
            1 => ("accept", months(3)),
            _ => ("second-round", months(1)),
        };
        if round.number == 2 {
            self.step("second-round", round.began_at, None, None);
        }
        let until = Until {
            closed_at: Some(round.replied_at),
            closed_by: "reply",
            due_on: self.now.extension_until.filter(|_| self.now.extension == "granted" && round.number == 1),
            ..Until::opened_by(opened_by)
        };
        self.todo("reply_to_suggestion", lead, round.began_at, Some(term), until);
        if self.happened(round.talked_at) {
            self.talk(round);
        }
        if !self.happened(round.replied_at) {
            return;
        }
        let reply = self.reply(round);
        let until = Until {
            closed_at: Some(round.evaluated_at),
            closed_by: if round.satisfaction.is_some() { "feedback-receipts" } else { "lapse" },
            ..Until::opened_by("reply")
        };
        self.todo("evaluate_suggestion_reply", party, round.replied_at, Some(working_days(15)), until);
        let files = !round.goes_on();
        let until = Until {
            closed_at: Some(if files { round.filed_at } else { round.evaluated_at }),
            closed_by: if files { "file" } else { "feedback-receipts" },
            ..Until::opened_by("reply")
        };
        self.todo("file_suggestion", self.world.coordinator, round.replied_at, None, until);
        if self.happened(round.evaluated_at) {
            self.evaluate(round, reply);
        }
        if files && self.happened(round.filed_at) {
            self.now.filing = "filed";
            let day = shanghai_day(round.filed_at);
            self.now.filing_number = story
                .submitted
                .as_ref()
                .map(|(_, number)| format!("备案〔{}〕{number}", day.year()));
            self.step("file", round.filed_at, Some(self.world.coordinator), None);
        }
        let end = round.filed_at.max(round.evaluated_at);
        if files && self.happened(end) {
            (self.now.state, self.now.concluded_at) = ("concluded", Some(end));
            self.step("conclude", end, None, None);
        }
    }

    fn talk(&mut self, round: &Round) {
        let lead = self.story.lead.id;
        let way = ["visit", "meeting", "phone", "field"];
        let way = self.dice.place(way.len()).and_then(|place| way.get(place)).copied();
        let gist = self.writer.sentence(self.dice, "gists");
        let persons = serde_json::json!([self.writer.person(self.dice), self.writer.person(self.dice)]).to_string();
        let id = self.dice.id(round.talked_at.timestamp_millis());
        self.now.talked_in = round.number;
        self.step("communicate", round.talked_at, Some(lead), Some(&gist));
        self.batch.tables[COMMUNICATIONS].add(&[
            id.into(),
            self.story.id.into(),
            round.number.into(),
            way.into(),
            shanghai_day(round.talked_at).into(),
            persons.as_str().into(),
            gist.as_str().into(),
            lead.into(),
            round.talked_at.into(),
        ]);
    }

    fn reply(&mut self, round: &Round) -> Uuid {
        let story = self.story;
        let id = self.dice.id(round.replied_at.timestamp_millis());
        let text = self.writer.reply(self.dice, round.result);
        self.now.state = "replied";
        self.now.result = Some(round.result);
        self.now.replied_at = Some(round.replied_at);
        (self.now.filing, self.now.evaluation) = ("reported", "awaited");
        self.step("reply", round.replied_at, Some(story.lead.id), None);
        let (signatory, by) = (self.writer.person(self.dice), self.world.username(story.lead.id));
        let number = story.submitted.as_ref().map_or("", |(_, number)| number.as_str());
        self.batch.tables[REPLIES].add(&[
            id.into(),
            story.id.into(),
            round.number.into(),
            1.into(),
            story.lead.id.into(),
            text.as_str().into(),
            format!("{number}复函").as_str().into(),
            signatory.as_str().into(),
            round.result.into(),
            round.replied_at.into(),
            by.unwrap_or_default().into(),
        ]);
        self.replies.push(text);
        if round.result == "B" {
            self.promise(round, id);
        }
        id
    }

    fn promise(&mut self, round: &Round, reply: Uuid) {
        let text = self.writer.sentence(self.dice, "commitments");
        let due_on = shanghai_day(round.replied_at) + TimeDelta::days(self.dice.between(60, 200));
        let done_at = round.replied_at + TimeDelta::days(self.dice.between(50, 210));
        let done = done_at <= self.world.now;
        let updated_at = if done { done_at } else { round.replied_at };
        let id = self.dice.id(round.replied_at.timestamp_millis());
        self.batch.tables[COMMITMENTS].add(&[
            id.into(),
            self.story.id.into(),
            reply.into(),
            self.story.lead.id.into(),
            1.into(),
            text.as_str().into(),
            due_on.into(),
            if done { "fulfilled" } else { "open" }.into(),
            done.then_some("已按期完成，相关情况已书面告知。").into(),
            done.then_some(done_at).into(),
            round.replied_at.into(),
            updated_at.into(),
        ]);
    }

    /// The party's receipt, or its silence.
    fn evaluate(&mut self, round: &Round, reply: Uuid) {
        let story = self.story;
        let Some((attitude, result)) = round.satisfaction else {
            self.now.evaluation = "lapsed";
            self.step("lapse", round.evaluated_at, None, None);
            return;
        };
        self.now.evaluation = "received";
        if round.goes_on() {
            self.now.state = "accepted";
        }
        self.step("feedback-receipts", round.evaluated_at, Some(story.party.id), None);
        let due_on = self.world.timing.calendar.due(shanghai_day(round.replied_at), working_days(15)).on;
        let comment = round.goes_on().then(|| self.writer.sentence(self.dice, "comments"));
        let signatory = self.writer.person(self.dice);
        let id = self.dice.id(round.evaluated_at.timestamp_millis());
        self.batch.tables[RECEIPTS].add(&[
            id.into(),
            story.id.into(),
            round.number.into(),
            story.party.id.into(),
            reply.into(),
            attitude.into(),
            result.into(),
            comment.as_deref().into(),
            signatory.as_str().into(),
            due_on.into(),
            (shanghai_day(round.evaluated_at) > due_on).into(),
            round.evaluated_at.into(),
        ]);
    }

    fn suggestion(&mut self, background: &str, proposal: &str) {
        let story = self.story;
        let authors = serde_json::json!([self.writer.person(self.dice)]).to_string();
        let phone = format!("0751-8{:06}", self.dice.between(0, 999_999));
        let contact = serde_json::json!({ "name": self.writer.person(self.dice), "phone": phone }).to_string();
        let now = &self.now;
        let submitted_on = shanghai_day(story.created_at);
        let outside = !self.world.directory.are_linked(story.lead.id, story.party.id, submitted_on);
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
            now.extension_until.map(|_| "涉及多个部门，需进一步调研论证。").into(),
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
struct Until {
    opened_by: &'static str,
    closed_at: Option<DateTime<Utc>>,
    closed_by: &'static str,
    /// Another day than the term's.
    due_on: Option<NaiveDate>,
}

impl Until {
    fn opened_by(opened_by: &'static str) -> Self {
        Self {
            opened_by,
            closed_at: None,
            closed_by: "",
            due_on: None,
        }
    }
}

fn working_days(amount: i32) -> Term {
    Term {
        amount,
        unit: Unit::WorkingDays,
    }
}

fn months(amount: i32) -> Term {
    Term {
        amount,
        unit: Unit::Months,
    }
}
