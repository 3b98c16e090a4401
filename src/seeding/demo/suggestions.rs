//! Suggestions in all their states: each step is the one that a request would take, on its day and by who takes it.

use super::World;
use crate::directory::model::{Kind, Organization};
use crate::policy::{Operation, Permit, ops};
use crate::problem::{Problem, Result};
use crate::resources::suggestions::commitments::policy::Commitment;
use crate::resources::suggestions::commitments::steps as promises;
use crate::resources::suggestions::input::{
    AcceptSuggestion, Communicate, CorrectReply, Decision, InterimReply, NewCommitment, NewReply,
    NewSuggestion, Reason, ReassignSuggestion, RequestExtension, ReturnSuggestion, Words,
};
use crate::resources::suggestions::model::{CommunicationWay, Satisfaction, SuggestionResult};
use crate::resources::suggestions::policy::Dossier;
use crate::resources::suggestions::receipts::model::NewFeedbackReceipt;
use crate::resources::suggestions::steps::{
    changed, drafting, evaluating, filing, handling, replying, signing, talking,
};
use crate::resources::suggestions::{queries, watch};
use crate::work::{Origin, Tx};
use crate::workflow::step::Step;
use crate::workflow::step::take;
use chrono::{Datelike, NaiveDate, TimeDelta};
use serde::Deserialize;
use uuid::Uuid;

const DEMO: &str = include_str!("../../../seeds/demo/suggestions.json");

#[derive(Deserialize)]
struct Demo {
    suggestions: Vec<Raised>,
}

#[derive(Deserialize)]
struct Raised {
    party: String,
    lead: String,
    #[serde(default)]
    joint: Vec<String>,
    /// Parties that are to sign, too.
    #[serde(default)]
    signing: Vec<String>,
    title: String,
    category: String,
    background: String,
    proposal: String,
    authors: Vec<String>,
    steps: Vec<PlannedStep>,
}

#[derive(Deserialize)]
struct PlannedStep {
    /// Days before the first start, or the next working day after them.
    ago: i64,
    #[serde(flatten)]
    act: Act,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Act {
    Draft {},
    RequestSignatures {},
    CoSign {
        party: String,
    },
    Submit {},
    Accept(AcceptSuggestion),
    Return(ReturnSuggestion),
    Deny(Reason),
    Reassign {
        lead: String,
        joint: Vec<String>,
        reason: String,
    },
    Withdraw(Reason),
    Communicate {
        way: CommunicationWay,
        persons: Vec<String>,
        gist: String,
    },
    Opinion {
        department: String,
        text: String,
    },
    /// The next word in so many days.
    Interim {
        text: String,
        next_in: i64,
    },
    /// Until so many days after the acceptance.
    Extension {
        reason: String,
        days: i64,
    },
    Decide(Decision),
    Reply(Answer),
    Evaluate(Evaluation),
    Lapse {},
    File {},
    ReturnFiling(Reason),
    Mediate(Words),
    Correct(CorrectReply),
    /// The commitment of that number, from 0.
    Fulfil {
        number: usize,
        text: String,
    },
    Urge {
        text: String,
    },
}

#[derive(Deserialize)]
struct Answer {
    text: String,
    document_number: String,
    signatory: String,
    result: SuggestionResult,
    promised: Vec<Promise>,
    missing_opinions_reason: Option<String>,
}

#[derive(Deserialize)]
struct Promise {
    text: String,
    /// Days after the first start; negative before it.
    due_in: i64,
}

#[derive(Deserialize)]
struct Evaluation {
    attitude: Satisfaction,
    result: Satisfaction,
    comment: Option<String>,
    signatory: String,
}

pub async fn fill(tx: &mut Tx<'_>, world: &World<'_>) -> Result<()> {
    let demo: Demo = serde_json::from_str(DEMO).map_err(Problem::internal)?;
    for raised in &demo.suggestions {
        let mut story = Story::begin(tx, world, raised).await?;
        for (index, step) in (1..).zip(&raised.steps) {
            story.act(tx, index, step).await?;
        }
    }
    Ok(())
}

/// One suggestion on its way.
struct Story<'w> {
    world: &'w World<'w>,
    id: Uuid,
    party: &'w Organization,
    lead: &'w Organization,
    coordinator: &'w Organization,
    accepted_on: NaiveDate,
}

impl<'w> Story<'w> {
    async fn begin(tx: &mut Tx<'_>, world: &'w World<'w>, raised: &Raised) -> Result<Self> {
        let coordinator = world.directory.of_kind(Kind::Coordinator).next();
        let mut story = Self {
            world,
            id: Uuid::nil(),
            party: world.find(Kind::Party, &raised.party)?,
            lead: world.find(Kind::Department, &raised.lead)?,
            coordinator: coordinator.ok_or_else(Problem::not_found)?,
            accepted_on: world.today(),
        };
        let new = NewSuggestion {
            title: raised.title.clone(),
            background: raised.background.clone(),
            proposal: raised.proposal.clone(),
            category: Some(raised.category.clone()),
            authors: raised.authors.clone(),
            contact: None,
            lead_department: raised.lead.clone(),
            joint_departments: raised.joint.clone(),
            joint_parties: raised.signing.clone(),
            from_meeting: None,
        };
        let first = raised.steps.iter().map(|step| step.ago).max().unwrap_or(0);
        let origin = story.on(story.party, first + 1, 0);
        let permit = origin.caller.permit_any::<ops::CreateSuggestion>()?;
        let mut then = tx.on_behalf(&origin);
        let drafted = drafting::create(&mut then, &permit, &world.directory, story.party, &new).await?;
        let change = changed("suggestion.created", &world.directory, None, &drafted)?;
        then.record(&permit, change).await?;
        story.id = drafted.suggestion.head.id;
        Ok(story)
    }

    /// An organization at work on a working day: that many days ago, or the next one that is past; steps of one day one after
    /// the other.
    fn on(&self, organization: &Organization, ago: i64, index: i64) -> Origin {
        let (world, today) = (self.world, self.world.today());
        let eve = today - TimeDelta::days(ago + 1);
        let day = world.timing.calendar.shift(eve, 1);
        let ago = if day < today {
            (today - day).num_days()
        } else {
            ago
        };
        let mut origin = world.as_of(organization, ago);
        origin.now += TimeDelta::minutes(index);
        origin
    }

    async fn step<O: Operation>(
        &self,
        tx: &mut Tx<'_>,
        origin: &Origin,
        event: &'static str,
        work: impl AsyncFn(&mut Tx<'_>, &Permit<O>, &Step<'_, Dossier>) -> Result<()>,
    ) -> Result<()> {
        let mut then = tx.on_behalf(origin);
        take::<O, Dossier>(&mut then, self.world.context(), (&self.id, event), work).await?;
        Ok(())
    }

    async fn act(&mut self, tx: &mut Tx<'_>, index: i64, step: &PlannedStep) -> Result<()> {
        let world = self.world;
        let by = |organization| self.on(organization, step.ago, index);
        let (party, lead, coordinator) = (by(self.party), by(self.lead), by(self.coordinator));
        match &step.act {
            Act::Draft {} => Ok(()),
            Act::RequestSignatures {} => {
                let event = "suggestion.signatures_requested";
                self.step::<ops::RequestSuggestionSignatures>(tx, &party, event, async |tx, permit, case| {
                    signing::request_signatures(tx, permit, case).await
                })
                .await
            }
            Act::CoSign { party } => {
                let origin = by(world.find(Kind::Party, party)?);
                self.step::<ops::CoSignSuggestion>(
                    tx,
                    &origin,
                    "suggestion.signed",
                    async |tx, permit, case| signing::co_sign(tx, permit, case).await,
                )
                .await
            }
            Act::Submit {} => {
                self.step::<ops::SubmitSuggestion>(
                    tx,
                    &party,
                    "suggestion.submitted",
                    async |tx, permit, case| drafting::submit(tx, permit, case).await,
                )
                .await
            }
            Act::Withdraw(reason) => {
                self.step::<ops::WithdrawSuggestion>(
                    tx,
                    &party,
                    "suggestion.withdrawn",
                    async |tx, permit, case| handling::withdraw(tx, permit, case, reason).await,
                )
                .await
            }
            Act::Evaluate(evaluation) => self.evaluate(tx, &party, evaluation).await,
            Act::Accept(acceptance) => {
                self.accepted_on = crate::clock::shanghai_day(lead.now);
                self.step::<ops::AcceptSuggestion>(
                    tx,
                    &lead,
                    "suggestion.accepted",
                    async |tx, permit, case| handling::accept(tx, permit, case, acceptance).await,
                )
                .await
            }
            Act::Return(asked) => {
                self.step::<ops::ReturnSuggestion>(
                    tx,
                    &lead,
                    "suggestion.returned",
                    async |tx, permit, case| handling::give_back(tx, permit, case, asked).await,
                )
                .await
            }
            Act::Opinion { department, text } => {
                let origin = by(world.find(Kind::Department, department)?);
                let words = Words { text: text.clone() };
                let event = "suggestion.opinion_given";
                self.step::<ops::GiveSuggestionOpinion>(tx, &origin, event, async |tx, permit, case| {
                    talking::opinion(tx, permit, case, &words).await
                })
                .await
            }
            Act::Fulfil { number, text } => self.fulfil(tx, &lead, *number, text).await,
            Act::Lapse {} => {
                let mut origin = Origin::runner(lead.now);
                origin.request_id.clone_from(&world.origin.request_id);
                watch::pass_one(&mut tx.on_behalf(&origin), self.world.context(), self.id).await
            }
            Act::Reassign { lead, joint, reason } => {
                let to = ReassignSuggestion {
                    lead_department: lead.clone(),
                    joint_departments: joint.clone(),
                    reason: reason.clone(),
                };
                self.lead = world.find(Kind::Department, lead)?;
                let event = "suggestion.reassigned";
                self.step::<ops::ReassignSuggestion>(tx, &coordinator, event, async |tx, permit, case| {
                    handling::reassign(tx, permit, case, &to).await
                })
                .await
            }
            said => match self.by_the_lead(tx, &lead, said).await? {
                true => Ok(()),
                false => self.by_the_coordinator(tx, &coordinator, said).await,
            },
        }
    }

    /// What the lead says while it handles it, and to its end; whether it was that.
    async fn by_the_lead(&self, tx: &mut Tx<'_>, lead: &Origin, act: &Act) -> Result<bool> {
        let day = crate::clock::shanghai_day(lead.now);
        match act {
            Act::Communicate { way, persons, gist } => {
                let talk = Communicate {
                    way: *way,
                    on: day,
                    persons: persons.clone(),
                    gist: gist.clone(),
                };
                let event = "suggestion.communicated";
                self.step::<ops::CommunicateOnSuggestion>(tx, lead, event, async |tx, permit, case| {
                    talking::communicate(tx, permit, case, &talk).await
                })
                .await?;
            }
            Act::Interim { text, next_in } => {
                let reply = InterimReply {
                    text: text.clone(),
                    next_on: day + TimeDelta::days(*next_in),
                };
                let event = "suggestion.interim_replied";
                self.step::<ops::GiveSuggestionInterimReply>(tx, lead, event, async |tx, permit, case| {
                    talking::interim_reply(tx, permit, case, &reply).await
                })
                .await?;
            }
            Act::Extension { reason, days } => {
                let asked = RequestExtension {
                    reason: reason.clone(),
                    until: self.accepted_on + TimeDelta::days(*days),
                };
                let event = "suggestion.extension_requested";
                self.step::<ops::RequestSuggestionExtension>(tx, lead, event, async |tx, permit, case| {
                    talking::request_extension(tx, permit, case, &asked).await
                })
                .await?;
            }
            Act::Reply(answer) => {
                let reply = self.answer(answer, day);
                self.step::<ops::ReplyToSuggestion>(
                    tx,
                    lead,
                    "suggestion.replied",
                    async |tx, permit, case| replying::reply(tx, permit, case, &reply).await,
                )
                .await?;
            }
            Act::Correct(correction) => {
                let event = "suggestion.corrected";
                self.step::<ops::CorrectSuggestionReply>(tx, lead, event, async |tx, permit, case| {
                    replying::correct(tx, permit, case, correction).await
                })
                .await?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    async fn by_the_coordinator(&self, tx: &mut Tx<'_>, coordinator: &Origin, act: &Act) -> Result<()> {
        match act {
            Act::Deny(reason) => {
                let event = "suggestion.return_denied";
                self.step::<ops::DenySuggestionReturn>(tx, coordinator, event, async |tx, permit, case| {
                    handling::deny_return(tx, permit, case, reason).await
                })
                .await
            }
            Act::Decide(decision) => {
                let event = "suggestion.extension_decided";
                self.step::<ops::DecideSuggestionExtension>(
                    tx,
                    coordinator,
                    event,
                    async |tx, permit, case| talking::decide_extension(tx, permit, case, decision).await,
                )
                .await
            }
            Act::File {} => {
                self.step::<ops::FileSuggestion>(
                    tx,
                    coordinator,
                    "suggestion.filed",
                    async |tx, permit, case| filing::file(tx, permit, case).await,
                )
                .await
            }
            Act::ReturnFiling(reason) => {
                let event = "suggestion.filing_returned";
                self.step::<ops::ReturnSuggestionFiling>(tx, coordinator, event, async |tx, permit, case| {
                    filing::return_filing(tx, permit, case, reason).await
                })
                .await
            }
            Act::Mediate(words) => {
                let event = "suggestion.mediated";
                self.step::<ops::MediateSuggestion>(tx, coordinator, event, async |tx, permit, case| {
                    filing::mediate(tx, permit, case, words).await
                })
                .await
            }
            Act::Urge { text } => {
                let words = Words { text: text.clone() };
                self.step::<ops::UrgeSuggestion>(
                    tx,
                    coordinator,
                    "suggestion.urged",
                    async |tx, permit, case| talking::urge(tx, permit, case, &words).await,
                )
                .await
            }
            _ => Err(Problem::internal("seeds: a step that nobody takes")),
        }
    }

    fn answer(&self, answer: &Answer, day: NaiveDate) -> NewReply {
        let promised = answer.promised.iter().map(|one| NewCommitment {
            text: one.text.clone(),
            due_on: self.world.today() + TimeDelta::days(one.due_in),
        });
        let year = format!("〔{}〕", day.year());
        NewReply {
            text: answer.text.clone(),
            document_number: answer.document_number.replace("〔年〕", &year),
            signatory: answer.signatory.clone(),
            result: answer.result,
            commitments: promised.collect(),
            missing_opinions_reason: answer.missing_opinions_reason.clone(),
        }
    }

    async fn evaluate(&self, tx: &mut Tx<'_>, party: &Origin, evaluation: &Evaluation) -> Result<()> {
        let receipt = NewFeedbackReceipt {
            suggestion: self.id,
            attitude: evaluation.attitude,
            result: evaluation.result,
            comment: evaluation.comment.clone(),
            signatory: evaluation.signatory.clone(),
        };
        let event = "suggestion.evaluated";
        self.step::<ops::CreateFeedbackReceipt>(tx, party, event, async |tx, permit, case| {
            evaluating::evaluate(tx, permit, case, &receipt).await
        })
        .await
    }

    async fn fulfil(&self, tx: &mut Tx<'_>, lead: &Origin, number: usize, text: &str) -> Result<()> {
        let (directory, mut then) = (&self.world.directory, tx.on_behalf(lead));
        let today = then.today();
        let dossier = queries::get(then.conn, self.id, directory, today).await?;
        let row = dossier.commitments.get(number).ok_or_else(Problem::not_found)?;
        let (id, event) = (row.id, "commitment.fulfilled");
        take::<ops::FulfilCommitment, Commitment>(
            &mut then,
            self.world.context(),
            (&id, event),
            async |tx, permit, step| promises::fulfil(tx, permit, step, text).await,
        )
        .await?;
        Ok(())
    }
}
