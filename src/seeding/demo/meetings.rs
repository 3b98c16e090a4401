//! A year of meetings: held, in writing, called off, and some that lie ahead with answers still awaited.

use super::World;
use crate::clock::day_begins;
use crate::directory::model::{Kind, Organization};
use crate::policy::{Operation, Permit, ops};
use crate::problem::{Problem, Result};
use crate::resources::meetings::attendance::model::{NewAttendance, ReplaceAttendance};
use crate::resources::meetings::attendance::steps as attendance;
use crate::resources::meetings::content::{
    Invite, NewAgendaItem, NewDecision, NewGuest, NewMeeting, PostponeMeeting, Quota,
};
use crate::resources::meetings::follow_ups::{policy::FollowUp, steps as follow_ups};
use crate::resources::meetings::invitations::model::RespondToInvitation;
use crate::resources::meetings::invitations::steps as invitations;
use crate::resources::meetings::minutes::model::{NewFollowUp, ReplaceMinutes};
use crate::resources::meetings::minutes::steps as minutes;
use crate::resources::meetings::opinions::model::{AnswerOpinion, NewOpinion, RecordDecision};
use crate::resources::meetings::opinions::steps as opinions;
use crate::resources::meetings::policy::Meeting;
use crate::resources::meetings::{draft, queries, steps, writes};
use crate::vocabulary::meetings::{MeetingForm, MeetingKind, OpinionAnswer, SocialServiceKind};
use crate::work::Change;
use crate::work::{Origin, Tx};
use crate::workflow::machine::Related;
use crate::workflow::step::take;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::Deserialize;
use std::collections::BTreeMap;
use uuid::Uuid;

const DEMO: &str = include_str!("../../../seeds/demo/meetings.json");

/// Days before a meeting on which it is convened.
const NOTICE: i64 = 12;

#[derive(Deserialize)]
struct Demo {
    meetings: Vec<One>,
}

#[derive(Deserialize)]
pub(super) struct One {
    /// Who holds it, by code.
    department: String,
    /// Further hosts.
    #[serde(default)]
    with: Vec<String>,
    kind: MeetingKind,
    social_service_kind: Option<SocialServiceKind>,
    title: String,
    #[serde(default = "in_person")]
    form: MeetingForm,
    /// Days before the first start, or the next working day after them; below zero it lies ahead.
    #[serde(default)]
    pub(super) days_ago: i64,
    hour: i64,
    #[serde(default = "two")]
    hours: i64,
    place: Option<String>,
    online_address: Option<String>,
    #[serde(default)]
    agenda: Vec<String>,
    #[serde(default)]
    parties: Vec<String>,
    #[serde(default)]
    co_hosts: Vec<String>,
    #[serde(default)]
    departments: Vec<String>,
    #[serde(default)]
    offices: Vec<String>,
    #[serde(default)]
    guests: Vec<NewGuest>,
    #[serde(default)]
    quotas: BTreeMap<String, i32>,
    decision: Option<Decision>,
    #[serde(default)]
    opinions: Vec<Opinion>,
    #[serde(default)]
    answers: BTreeMap<String, RespondToInvitation>,
    /// Who came, by party.
    #[serde(default)]
    came: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    online: Vec<String>,
    minutes: Option<String>,
    #[serde(default)]
    decisions: Vec<String>,
    #[serde(default)]
    follow_ups: Vec<FollowUpOf>,
    /// Why it did not take place.
    cancelled: Option<String>,
    /// Days by which it was put off.
    postponed: Option<i64>,
    postpone_reason: Option<String>,
}

/// Days count from the meeting.
#[derive(Deserialize)]
struct Decision {
    matter: String,
    planned_after: i64,
    due_after: i64,
    decided_after: Option<i64>,
    decided: Option<String>,
}

#[derive(Deserialize)]
struct Opinion {
    party: String,
    after: i64,
    text: String,
    answer: OpinionAnswer,
    reason: String,
}

#[derive(Deserialize)]
struct FollowUpOf {
    text: String,
    owner: String,
    after: i64,
    done_after: Option<i64>,
    done: Option<String>,
}

fn in_person() -> MeetingForm {
    MeetingForm::Meeting
}

fn two() -> i64 {
    2
}

pub async fn fill(tx: &mut Tx<'_>, world: &World<'_>) -> Result<()> {
    let demo: Demo = serde_json::from_str(DEMO).map_err(Problem::internal)?;
    for one in &demo.meetings {
        tell(tx, world, one).await?;
    }
    Ok(())
}

/// What happened with one meeting.
pub(super) async fn tell(tx: &mut Tx<'_>, world: &World<'_>, one: &One) -> Result<()> {
    Story::new(world, one)?.tell(tx).await
}

/// One meeting on its way, from draft to end.
struct Story<'a> {
    world: &'a World<'a>,
    one: &'a One,
    host: &'a Organization,
    /// As it is first set.
    day: NaiveDate,
    id: Uuid,
}

impl<'a> Story<'a> {
    fn new(world: &'a World<'a>, one: &'a One) -> Result<Self> {
        let host = world
            .find(Kind::Department, &one.department)
            .or_else(|_| world.find(Kind::Coordinator, &one.department))?;
        let eve = world.today() - TimeDelta::days(one.days_ago + 1);
        Ok(Self {
            world,
            one,
            host,
            day: world.timing.calendar.shift(eve, 1),
            id: Uuid::nil(),
        })
    }

    fn starts_at(&self) -> DateTime<Utc> {
        day_begins(self.day) + TimeDelta::hours(self.one.hour)
    }

    /// The host, or somebody else, some days after the meeting; never later than now.
    fn of(&self, who: &Organization, after: i64) -> Origin {
        let ago = (self.world.today() - self.day).num_days() - after;
        self.world.as_of(who, ago.max(0))
    }

    fn is_past(&self, after: i64) -> bool {
        self.day + TimeDelta::days(after) < self.world.today()
    }

    async fn tell(mut self, tx: &mut Tx<'_>) -> Result<()> {
        self.convene(tx).await?;
        self.answers(tx).await?;
        if let Some(days) = self.one.postponed {
            self.postpone(tx, days).await?;
        }
        self.opinions(tx).await?;
        if let Some(reason) = &self.one.cancelled {
            return self.cancel(tx, reason).await;
        }
        if self.one.minutes.is_some() && self.is_past(1) {
            self.hold_and_conclude(tx).await?;
        }
        self.decide(tx).await
    }

    async fn convene(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        let origin = self.of(self.host, -NOTICE);
        let permit = origin.caller.permit::<ops::CreateMeeting>(&Related(true))?;
        let mut then = tx.on_behalf(&origin);
        let (new, directory) = (self.content(), &self.world.directory);
        let own = (self.host.id, self.host.kind);
        let people = draft::people(directory, then.today(), &new, own, Vec::new())?;
        let due_on = new
            .decision
            .as_ref()
            .map(|one| draft::opinions_due_on(&self.world.timing, one));
        self.id = writes::insert(&mut then, &permit, &new, due_on, &people).await?;
        self.record(&mut then, &permit).await?;
        let convened = (&self.id, "meeting.convened");
        take::<ops::ConveneMeeting, Meeting>(&mut then, self.world.context(), convened, steps::convene)
            .await?;
        Ok(())
    }

    fn content(&self) -> NewMeeting {
        let one = self.one;
        let after = |days| self.day + TimeDelta::days(days);
        let item = |title: &String| NewAgendaItem {
            title: title.clone(),
            presenter: None,
            suggestion: None,
            work_report: None,
        };
        let quota = |(organization, quota): (&String, &i32)| Quota {
            organization: organization.clone(),
            quota: *quota,
        };
        let others = one.departments.iter().filter(|code| **code != one.department);
        NewMeeting {
            kind: one.kind,
            social_service_kind: one.social_service_kind,
            title: one.title.clone(),
            description: None,
            hosts: std::iter::once(&one.department)
                .chain(&one.with)
                .cloned()
                .collect(),
            co_hosts: one.co_hosts.clone(),
            form: one.form,
            starts_at: self.starts_at(),
            ends_at: Some(self.starts_at() + TimeDelta::hours(one.hours)),
            place: one.place.clone(),
            online_address: one.online_address.clone(),
            agenda: one.agenda.iter().map(item).collect(),
            decision: one.decision.as_ref().map(|decision| NewDecision {
                matter: decision.matter.clone(),
                planned_on: after(decision.planned_after),
                opinions_due_on: Some(after(decision.due_after)),
            }),
            invite: Invite {
                parties: one.parties.clone(),
                departments: others.cloned().collect(),
                offices: one.offices.clone(),
                guests: one.guests.clone(),
                quotas: one.quotas.iter().map(quota).collect(),
            },
        }
    }

    async fn meeting(&self, tx: &Tx<'_>) -> Result<Meeting> {
        queries::get(tx.conn, self.id, &self.world.directory, tx.now()).await
    }

    async fn record<O: Operation>(&self, tx: &mut Tx<'_>, permit: &Permit<O>) -> Result<()> {
        tx.record(permit, Change::unannounced("meeting", self.id)).await
    }

    async fn answers(&self, tx: &mut Tx<'_>) -> Result<()> {
        if self.one.answers.is_empty() {
            return Ok(());
        }
        for (code, answer) in &self.one.answers {
            let party = self.world.find(Kind::Party, code)?;
            let origin = self.of(party, -NOTICE + 1);
            let permit = origin.caller.permit::<ops::RespondToInvitation>(&Related(true))?;
            let mut then = tx.on_behalf(&origin);
            let meeting = self.meeting(&then).await?;
            let found = meeting.invitations.iter().find(|one| one.is_of(&origin.caller));
            let invitation = found.ok_or_else(Problem::not_found)?;
            let directory = &self.world.directory;
            invitations::respond(&mut then, &permit, directory, &meeting, invitation, answer).await?;
            self.record(&mut then, &permit).await?;
        }
        Ok(())
    }

    async fn postpone(&mut self, tx: &mut Tx<'_>, days: i64) -> Result<()> {
        let origin = self.of(self.host, -2);
        let mut then = tx.on_behalf(&origin);
        let eve = self.day + TimeDelta::days(days - 1);
        self.day = self.world.timing.calendar.shift(eve, 1);
        let to = PostponeMeeting {
            starts_at: self.starts_at(),
            ends_at: None,
            place: None,
            online_address: None,
            reason: self.one.postpone_reason.clone(),
        };
        let postponed = (&self.id, "meeting.postponed");
        take::<ops::PostponeMeeting, Meeting>(
            &mut then,
            self.world.context(),
            postponed,
            async |tx, permit, step| steps::postpone(tx, permit, step, &to).await,
        )
        .await?;
        Ok(())
    }

    async fn cancel(&self, tx: &mut Tx<'_>, reason: &str) -> Result<()> {
        let origin = self.of(self.host, -1);
        let mut then = tx.on_behalf(&origin);
        let cancelled = (&self.id, "meeting.cancelled");
        take::<ops::CancelMeeting, Meeting>(
            &mut then,
            self.world.context(),
            cancelled,
            async |tx, permit, step| steps::cancel(tx, permit, step, reason).await,
        )
        .await?;
        Ok(())
    }

    /// Each given on its day, and answered two days later.
    async fn opinions(&self, tx: &mut Tx<'_>) -> Result<()> {
        let (directory, timing) = (&self.world.directory, &self.world.timing);
        for opinion in &self.one.opinions {
            let party = self.world.find(Kind::Party, &opinion.party)?;
            let origin = self.of(party, opinion.after);
            let permit = origin.caller.permit::<ops::GiveOpinion>(&Related(true))?;
            let mut then = tx.on_behalf(&origin);
            let meeting = self.meeting(&then).await?;
            let new = NewOpinion {
                text: opinion.text.clone(),
            };
            let given =
                opinions::give(&mut then, &permit, directory, timing, (&meeting, party.id), &new).await?;
            self.record(&mut then, &permit).await?;
            let origin = self.of(self.host, opinion.after + 2);
            let permit = origin.caller.permit::<ops::AnswerOpinion>(&Related(true))?;
            let mut then = tx.on_behalf(&origin);
            let meeting = self.meeting(&then).await?;
            let row = meeting.opinions.iter().find(|one| one.id == given);
            let row = row.ok_or_else(Problem::not_found)?;
            let answer = AnswerOpinion {
                answer: opinion.answer,
                reason: opinion.reason.clone(),
            };
            opinions::answer(&mut then, &permit, directory, &meeting, (row, &answer)).await?;
            self.record(&mut then, &permit).await?;
        }
        Ok(())
    }

    async fn hold_and_conclude(&self, tx: &mut Tx<'_>) -> Result<()> {
        // What goes in writing is concluded when opinions have had their time.
        let last = self
            .one
            .opinions
            .iter()
            .map(|one| one.after + 3)
            .max()
            .unwrap_or(0);
        let origin = self.of(self.host, last.max(1));
        let mut then = tx.on_behalf(&origin);
        if self.one.form == MeetingForm::Meeting {
            self.attend(tx).await?;
            then = tx.on_behalf(&origin);
        }
        let permit = origin.caller.permit::<ops::ReplaceMinutes>(&Related(true))?;
        let written = self.minutes();
        let owners = written
            .follow_ups
            .iter()
            .map(|one| Ok(self.organization(&one.owner)?.id));
        let owners = owners.collect::<Result<Vec<_>>>()?;
        minutes::replace(&mut then, &permit, self.id, &written, &owners).await?;
        self.record(&mut then, &permit).await?;
        let concluded = (&self.id, "meeting.concluded");
        let meeting = take::<ops::ConcludeMeeting, Meeting>(
            &mut then,
            self.world.context(),
            concluded,
            steps::conclude,
        )
        .await?;
        self.complete(tx, &meeting).await
    }

    fn organization(&self, code: &str) -> Result<&Organization> {
        let found = self.world.directory.find(code);
        found.ok_or_else(|| Problem::internal(format!("seeds: no organization {code}")))
    }

    /// Held, and who came, on the next day.
    async fn attend(&self, tx: &mut Tx<'_>) -> Result<()> {
        let origin = self.of(self.host, 1);
        let mut then = tx.on_behalf(&origin);
        let held = (&self.id, "meeting.held");
        let meeting =
            take::<ops::HoldMeeting, Meeting>(&mut then, self.world.context(), held, steps::hold).await?;
        let permit = origin.caller.permit::<ops::ReplaceAttendance>(&Related(true))?;
        let mut items = Vec::new();
        for invitation in &meeting.invitations {
            let organization = invitation.row.organization_id;
            let code = organization
                .and_then(|id| self.world.directory.get(id))
                .map(|one| one.code.clone());
            let code = code.unwrap_or_default();
            let persons = self.one.came.get(&code).cloned().unwrap_or_default();
            let guest = invitation.row.guest_name.clone();
            items.push(NewAttendance {
                invitation: invitation.row.id,
                present: !persons.is_empty() || guest.is_some(),
                online: self.one.online.contains(&code),
                persons: persons.into_iter().chain(guest).collect(),
            });
        }
        let sheet = ReplaceAttendance { items };
        let (directory, timing) = (&self.world.directory, &self.world.timing);
        attendance::replace(&mut then, &permit, directory, timing, &meeting, &sheet).await?;
        self.record(&mut then, &permit).await
    }

    fn minutes(&self) -> ReplaceMinutes {
        let follow_up = |one: &FollowUpOf| NewFollowUp {
            text: one.text.clone(),
            owner: one.owner.clone(),
            due_on: self.day + TimeDelta::days(one.after),
        };
        ReplaceMinutes {
            text: self.one.minutes.clone().unwrap_or_default(),
            decisions: self.one.decisions.clone(),
            follow_ups: self.one.follow_ups.iter().map(follow_up).collect(),
        }
    }

    async fn complete(&self, tx: &mut Tx<'_>, meeting: &Meeting) -> Result<()> {
        for (row, said) in meeting.follow_ups.iter().zip(&self.one.follow_ups) {
            let Some((after, text)) = said.done_after.zip(said.done.as_ref()) else {
                continue;
            };
            let owner = self.organization(&said.owner)?;
            let origin = self.of(owner, after);
            let mut then = tx.on_behalf(&origin);
            let completed = (&row.id, "meeting_follow_up.completed");
            take::<ops::CompleteMeetingFollowUp, FollowUp>(
                &mut then,
                self.world.context(),
                completed,
                async |tx, permit, step| follow_ups::complete(tx, permit, step, text).await,
            )
            .await?;
        }
        Ok(())
    }

    async fn decide(&self, tx: &mut Tx<'_>) -> Result<()> {
        let Some(decision) = &self.one.decision else {
            return Ok(());
        };
        let Some((after, text)) = decision.decided_after.zip(decision.decided.as_ref()) else {
            return Ok(());
        };
        if !self.is_past(after) {
            return Ok(());
        }
        let origin = self.of(self.host, after);
        let mut then = tx.on_behalf(&origin);
        let decided = RecordDecision {
            decided_on: self.day + TimeDelta::days(after),
            text: text.clone(),
        };
        let recorded = (&self.id, "meeting.decision_recorded");
        take::<ops::RecordDecision, Meeting>(
            &mut then,
            self.world.context(),
            recorded,
            async |tx, permit, step| opinions::record_decision(tx, permit, step, &decided).await,
        )
        .await?;
        Ok(())
    }
}
