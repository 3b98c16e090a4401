//! The liaison itself: contacts of the parties, leaders of the departments, their rules.

use super::World;
use crate::directory::model::{Contact as PartyContactOf, Kind, Organization};
use crate::policy::{Caller, ops};
use crate::problem::{Problem, Result};
use crate::resources::liaison_leaders::content::{Contact, Content, Leader, Office};
use crate::resources::liaison_leaders::rules::model::NewLiaisonRule;
use crate::resources::liaison_leaders::rules::queries as rules;
use crate::resources::liaison_leaders::{queries as leaders, report};
use crate::resources::organizations::parties::queries::replace_contact;
use crate::work::Change;
use crate::work::Tx;
use crate::workflow::todos::{self, Done, TodoKind};
use chrono::TimeDelta;
use serde::Deserialize;
use uuid::Uuid;

const DEMO: &str = include_str!("../../../seeds/demo/liaison.json");

#[derive(Deserialize)]
struct Demo {
    party_contacts: Vec<PartyContact>,
    liaison_leaders: Vec<Department>,
    liaison_rules: Vec<Rule>,
}

#[derive(Deserialize)]
struct PartyContact {
    party: String,
    office: Option<String>,
    person: Option<String>,
    phone: Option<String>,
}

#[derive(Deserialize)]
struct Department {
    department: String,
    appointments: Vec<Appointment>,
}

#[derive(Deserialize)]
struct Appointment {
    /// Days before the first start on which it took effect, or the next working day after them.
    days_ago: u32,
    /// Working days after that on which it was reported.
    reported_after: i32,
    #[serde(default)]
    vacant: bool,
    leader: Option<Leader>,
    office: Option<Office>,
    #[serde(default)]
    contacts: Vec<Contact>,
    reason: Option<String>,
    /// Who acknowledged it on the next day; all where not given.
    acknowledged: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Rule {
    department: String,
    #[serde(flatten)]
    rule: NewLiaisonRule,
}

pub async fn fill(tx: &mut Tx<'_>, world: &World<'_>) -> Result<()> {
    let demo: Demo = serde_json::from_str(DEMO).map_err(Problem::internal)?;
    party_contacts(tx, world, &demo.party_contacts).await?;
    for department in &demo.liaison_leaders {
        for appointment in &department.appointments {
            appoint(tx, world, &department.department, appointment).await?;
        }
    }
    for rule in &demo.liaison_rules {
        record_rule(tx, world, rule).await?;
    }
    Ok(())
}

/// Whom to call at each party.
async fn party_contacts(tx: &mut Tx<'_>, world: &World<'_>, contacts: &[PartyContact]) -> Result<()> {
    let permit = Caller::command_line().permit_any::<ops::ReplacePartyContact>()?;
    for one in contacts {
        let party = world.find(Kind::Party, &one.party)?;
        let contact = PartyContactOf {
            office: one.office.clone(),
            person: one.person.clone(),
            phone: one.phone.clone(),
        };
        replace_contact(tx, &permit, party.id, &contact).await?;
        tx.record(&permit, Change::unannounced("party", party.id)).await?;
    }
    Ok(())
}

/// Reported by the department on its day, and acknowledged on the next.
async fn appoint(tx: &mut Tx<'_>, world: &World<'_>, department: &str, one: &Appointment) -> Result<()> {
    let department = world.find(Kind::Department, department)?;
    let calendar = &world.timing.calendar;
    let eve = world.today() - TimeDelta::days(i64::from(one.days_ago) + 1);
    let effective_from = calendar.shift(eve, 1);
    let reported_ago = (world.today() - calendar.shift(effective_from, one.reported_after)).num_days();
    let content = Content {
        effective_from,
        vacant: one.vacant,
        leader: one.leader.clone(),
        office: one.office.clone(),
        contacts: one.contacts.clone(),
        reason: one.reason.clone(),
    };
    let origin = world.as_of(department, reported_ago);
    let permit = origin.caller.permit::<ops::CreateLiaisonLeader>(department)?;
    let mut then = tx.on_behalf(&origin);
    let id = report::report(
        &mut then,
        &permit,
        &world.directory,
        &world.timing,
        department,
        &content,
    )
    .await?;
    then.record(&permit, Change::unannounced("liaison_leader", id))
        .await?;
    let appointment = leaders::get(then.conn, id, &world.directory, world.today()).await?;
    for receipt in &appointment.receipts {
        let recipient = world
            .directory
            .get(receipt.organization_id)
            .ok_or_else(Problem::not_found)?;
        let wanted = one.acknowledged.as_ref();
        if wanted.is_none_or(|codes| codes.contains(&recipient.code)) {
            acknowledge(tx, world, id, recipient, reported_ago - 1).await?;
        }
    }
    Ok(())
}

async fn acknowledge(
    tx: &mut Tx<'_>,
    world: &World<'_>,
    id: Uuid,
    recipient: &Organization,
    days_ago: i64,
) -> Result<()> {
    let origin = world.as_of(recipient, days_ago);
    let mut then = tx.on_behalf(&origin);
    leaders::acknowledge(&mut then, id, &[recipient.id], 1).await?;
    let done = Done {
        kinds: &[TodoKind::AcknowledgeLiaisonLeader],
        organization: Some(recipient.id),
    };
    todos::close(&mut then, id, done).await
}

async fn record_rule(tx: &mut Tx<'_>, world: &World<'_>, rule: &Rule) -> Result<()> {
    let department = world.find(Kind::Department, &rule.department)?;
    let origin = world.as_of(department, 30);
    let permit = origin.caller.permit::<ops::CreateDepartmentRule>(department)?;
    let mut then = tx.on_behalf(&origin);
    let id = rules::insert(&mut then, &permit, department.id, &rule.rule, false).await?;
    then.record(&permit, Change::unannounced("liaison_rule", id))
        .await
}
