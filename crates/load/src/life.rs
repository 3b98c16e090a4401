//! What happens to a suggestion, step by step, as far as it has.

use super::lines::Cell;
use super::rows::{
    COMMITMENTS, COMMUNICATIONS, EXTENSION_REASON, HANDLINGS, RECEIPTS, REPLIES, SIGNATURES, Teller, Until,
};
use super::story::Round;
use crate::library::{Term, Unit, shanghai_day};
use chrono::{DateTime, Datelike, TimeDelta, Utc};
use serde_json::json;
use uuid::Uuid;

impl Teller<'_, '_> {
    pub(super) fn sign(&mut self) {
        let Some(other) = self.story.signing else { return };
        let signed = self.story.submitted.is_some();
        let at = self.story.created_at + TimeDelta::minutes(1);
        let actor = self.world.person(other.id);
        self.batch.tables[SIGNATURES].add(&[
            self.story.id.into(),
            other.id.into(),
            1.into(),
            at.into(),
            signed.then_some(at + TimeDelta::minutes(2)).into(),
            actor.filter(|_| signed).into(),
        ]);
    }

    pub(super) fn submit(&mut self, at: DateTime<Utc>) {
        let story = self.story;
        self.now.state = "submitted";
        if story.withdrawn_at.is_some_and(|at| self.happened(at)) {
            self.now.withdrawn_at = story.withdrawn_at;
        }
        let number = story.submitted.as_ref().map(|(_, number)| number);
        let (series, last) = &story.series;
        self.batch.raise(shanghai_day(at).year(), series, *last);
        self.detailed(
            "submit",
            at,
            Some(story.party.id),
            None,
            &json!({ "number": number }),
        );
        let until = Until {
            closed_at: Some(story.returned_at.unwrap_or(story.accepted_at)),
            closed_by: if story.returned_at.is_some() {
                "return"
            } else {
                "accept"
            },
            ..Until::opened_by("submit")
        };
        self.todo(
            "accept_suggestion",
            story.lead.id,
            at,
            Some(working_days(5)),
            until,
        );
        if let Some(returned_at) = story.returned_at.filter(|at| self.happened(*at)) {
            self.give_back(returned_at);
        }
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
        let denied_at = denied_at(at);
        let until = Until {
            closed_at: Some(denied_at),
            closed_by: "deny-return",
            ..Until::opened_by("return")
        };
        let coordinator = self.world.coordinator;
        self.todo(
            "decide_suggestion_return",
            coordinator,
            at,
            Some(working_days(5)),
            until,
        );
        if self.happened(denied_at) {
            self.now.state = "submitted";
            let reason = "所提事项属你单位职责，请按期办理。";
            self.step("deny-return", denied_at, Some(coordinator), Some(reason));
            let until = Until {
                closed_at: Some(story.accepted_at),
                closed_by: "accept",
                ..Until::opened_by("deny-return")
            };
            self.todo(
                "accept_suggestion",
                story.lead.id,
                denied_at,
                Some(working_days(5)),
                until,
            );
        }
    }

    /// The lead did not liaise with the party on the day of submission.
    pub(super) fn is_outside(&self) -> bool {
        let (story, directory) = (self.story, &self.world.directory);
        !directory.are_linked(story.lead.id, story.party.id, shanghai_day(story.created_at))
    }

    pub(super) fn handlings(&mut self) {
        let (story, at) = (self.story, self.story.created_at);
        let submitted = story.submitted.is_some();
        let accepted = submitted && self.happened(story.accepted_at);
        let (handler, office) = (&self.handler, &self.office);
        let returned = story.returned_at.filter(|at| submitted && self.happened(*at));
        let reason = returned.map(|_| self.writer.sentence(self.dice, "return_reasons"));
        let proposed = returned
            .and_then(|_| self.world.proposed(story.topic))
            .filter(|id| *id != story.lead.id);
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
            returned.map(denied_at).filter(|at| self.happened(*at)).into(),
            self.is_outside().into(),
        ]);
        for (place, joint) in (1..).zip(&story.joint) {
            let given = submitted && self.happened(story.opinion_at);
            let opinion = given.then_some(self.opinion.as_str());
            let by = self.world.person(joint.id);
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
                opinion.into(),
                opinion.map(|_| story.opinion_at).into(),
                opinion.and(by).into(),
                Cell::Null,
                Cell::Null,
            ]);
        }
    }

    fn accept(&mut self) {
        let story = self.story;
        self.now.state = "accepted";
        self.now.accepted_at = Some(story.accepted_at);
        let details = json!({ "handler": self.handler, "office": self.office });
        self.detailed("accept", story.accepted_at, Some(story.lead.id), None, &details);
        for joint in &story.joint {
            let until = Until {
                closed_at: Some(story.opinion_at),
                closed_by: "opinion",
                ..Until::opened_by("accept")
            };
            self.todo(
                "give_suggestion_opinion",
                joint.id,
                story.accepted_at,
                Some(working_days(20)),
                until,
            );
            if self.happened(story.opinion_at) {
                let text = self.opinion.clone();
                self.step("opinion", story.opinion_at, Some(joint.id), Some(&text));
            }
        }
        if let Some(at) = story.interim_at.filter(|at| self.happened(*at)) {
            let text = self.writer.sentence(self.dice, "interim_replies");
            let details = json!({ "day": shanghai_day(at) + TimeDelta::days(30) });
            self.detailed("interim-reply", at, Some(story.lead.id), Some(&text), &details);
            self.replies.push(text);
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
        let details = json!({ "day": until });
        self.detailed(
            "request-extension",
            at,
            Some(lead),
            Some(EXTENSION_REASON),
            &details,
        );
        let decided_at = at + TimeDelta::days(2);
        let waits = Until {
            closed_at: Some(decided_at),
            closed_by: "decide-extension",
            ..Until::opened_by("request-extension")
        };
        self.todo("decide_suggestion_extension", coordinator, at, None, waits);
        if self.happened(decided_at) {
            self.now.extension = "granted";
            let details = json!({ "granted": true, "day": until });
            self.detailed(
                "decide-extension",
                decided_at,
                Some(coordinator),
                Some("情况属实，同意延期。"),
                &details,
            );
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
            due_on: self
                .now
                .extension_until
                .filter(|_| self.now.extension == "granted" && round.number == 1),
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
            closed_by: if round.satisfaction.is_some() {
                "feedback-receipts"
            } else {
                "lapse"
            },
            ..Until::opened_by("reply")
        };
        self.todo(
            "evaluate_suggestion_reply",
            party,
            round.replied_at,
            Some(working_days(15)),
            until,
        );
        let files = !round.goes_on();
        let until = Until {
            closed_at: Some(if files { round.filed_at } else { round.evaluated_at }),
            closed_by: if files { "file" } else { "feedback-receipts" },
            ..Until::opened_by("reply")
        };
        self.todo(
            "file_suggestion",
            self.world.coordinator,
            round.replied_at,
            None,
            until,
        );
        if self.happened(round.evaluated_at) {
            self.evaluate(round, reply);
        }
        if files && self.happened(round.filed_at) {
            self.now.filing = "filed";
            let year = shanghai_day(round.filed_at).year();
            if let Some((serial, last)) = story.filing(year) {
                self.now.filing_number = Some(format!("〔{year}〕备案-{serial:03}"));
                self.batch.raise(year, "备案", last);
            }
            let details = json!({ "number": self.now.filing_number });
            self.detailed(
                "file",
                round.filed_at,
                Some(self.world.coordinator),
                None,
                &details,
            );
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
        let way = self
            .dice
            .place(way.len())
            .and_then(|place| way.get(place))
            .copied();
        let gist = self.writer.sentence(self.dice, "gists");
        let persons = json!([self.writer.person(self.dice), self.writer.person(self.dice)]);
        let id = self.dice.id(round.talked_at.timestamp_millis());
        self.now.talked_in = round.number;
        let details = json!({ "way": way, "day": shanghai_day(round.talked_at), "persons": persons, "communication": id });
        self.detailed("communicate", round.talked_at, Some(lead), Some(&gist), &details);
        let persons = persons.to_string();
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
        let (signatory, by) = (self.writer.person(self.dice), self.world.person(story.lead.id));
        let number = story.submitted.as_ref().map_or("", |(_, number)| number.as_str());
        let number = format!("{number}复函");
        let details = json!({
            "result": round.result, "reply": id, "reply_version": 1, "document_number": number,
            "commitments": usize::from(round.result == "B"),
        });
        self.detailed(
            "reply",
            round.replied_at,
            Some(story.lead.id),
            Some(&text),
            &details,
        );
        self.batch.tables[REPLIES].add(&[
            id.into(),
            story.id.into(),
            round.number.into(),
            1.into(),
            story.lead.id.into(),
            text.as_str().into(),
            number.as_str().into(),
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
        let due_on = self
            .world
            .timing
            .calendar
            .due(shanghai_day(round.replied_at), working_days(15))
            .on;
        let late = shanghai_day(round.evaluated_at) > due_on;
        let comment = round
            .goes_on()
            .then(|| self.writer.sentence(self.dice, "comments"));
        let signatory = self.writer.person(self.dice);
        let id = self.dice.id(round.evaluated_at.timestamp_millis());
        let details = json!({ "attitude": attitude, "satisfaction": result, "late": late, "receipt": id });
        self.detailed(
            "feedback-receipts",
            round.evaluated_at,
            Some(story.party.id),
            comment.as_deref(),
            &details,
        );
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
            late.into(),
            round.evaluated_at.into(),
        ]);
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

/// When a return is denied.
fn denied_at(returned_at: DateTime<Utc>) -> DateTime<Utc> {
    returned_at + TimeDelta::days(3)
}
