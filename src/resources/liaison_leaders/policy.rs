use super::content::Content;
use super::model::{ContactRow, ReceiptRow, Row};
use super::queries;
use super::states::MACHINE;
use crate::db::schema::liaison_leaders as leaders;
use crate::directory::{self, Directory};
use crate::policy::{Caller, Governed, Op, Principal, Reach, Role};
use crate::problem::{Code, Result};
use crate::resources::attachments::carriers::{Hold, Rights};
use crate::workflow::machine::{Actor, Flow, Machine};
use chrono::NaiveDate;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// How much of the personal data of an appointment a reader gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disclosure {
    Whole,
    Masked,
}

/// An appointment with all that decides who may do what with it.
#[derive(Clone, Debug)]
pub struct Appointment {
    pub row: Row,
    pub contacts: Vec<ContactRow>,
    pub receipts: Vec<ReceiptRow>,
    /// Who acts for the department today: itself, or its successor.
    acting: Option<Uuid>,
    /// Nobody can: 市委统战部 records for it.
    unattended: bool,
    /// Who acts for each recipient today, in the order of the receipts.
    acting_recipients: Vec<Option<Uuid>>,
}

impl Appointment {
    pub fn new(
        row: Row,
        contacts: Vec<ContactRow>,
        receipts: Vec<ReceiptRow>,
        (directory, unattended): (&Directory, &[Uuid]),
        today: NaiveDate,
    ) -> Self {
        let acting = |id| directory.acting(id, today).map(|organization| organization.id);
        let of_department = acting(row.department_id);
        Self {
            unattended: of_department.is_some_and(|department| unattended.contains(&department)),
            acting: of_department,
            acting_recipients: receipts
                .iter()
                .map(|receipt| acting(receipt.organization_id))
                .collect(),
            row,
            contacts,
            receipts,
        }
    }

    pub fn content(&self) -> Content {
        Content::of(&self.row, &self.contacts)
    }

    /// Whether the caller acts for the department.
    pub fn is_of(&self, caller: &Caller) -> bool {
        self.acting.is_some_and(|department| caller.is_of(department))
    }

    /// The caller's receipts: more than one where it acts for a predecessor, too.
    pub fn receipts_of<'a>(&'a self, caller: &'a Caller) -> impl Iterator<Item = &'a ReceiptRow> {
        self.receipts
            .iter()
            .zip(&self.acting_recipients)
            .filter(|(_, acting)| acting.is_some_and(|recipient| caller.is_of(recipient)))
            .map(|(receipt, _)| receipt)
    }

    pub fn disclosure(&self, caller: &Caller, directory: &Directory, today: NaiveDate) -> Disclosure {
        let of_office = matches!(caller.role, Some(Role::Coordinator | Role::GovernmentOffice));
        let linked = || match (caller.role, &caller.organization, self.acting) {
            (Some(Role::Party), Some(party), Some(department)) => {
                directory.are_linked(department, party.id, today)
            }
            _ => false,
        };
        if caller.principal == Principal::CommandLine || of_office || self.is_of(caller) || linked() {
            Disclosure::Whole
        } else {
            Disclosure::Masked
        }
    }
}

/// The paper that an appointment rests on may name what is masked in the appointment: it is there for those alone who get
/// that whole. The department attaches it, or 市委统战部 where it records for it.
pub async fn attachment_rights(
    mut conn: &AsyncPgConnection,
    caller: &Caller,
    today: NaiveDate,
    id: Uuid,
    hold: Hold,
) -> Result<Option<Rights>> {
    if Op::GetLiaisonLeader.reach(caller) == Reach::Never {
        return Ok(None);
    }
    let found = leaders::table.find(id).select(leaders::id);
    let found: Option<Uuid> = match hold {
        Hold::No => found.first(&mut conn).await,
        Hold::Yes => found.for_no_key_update().first(&mut conn).await,
    }
    .optional()?;
    let Some(id) = found else { return Ok(None) };
    let directory = directory::load(conn).await?.for_caller(caller);
    let appointment = queries::get(conn, id, &directory, today).await?;
    let whole = appointment.disclosure(caller, &directory, today) == Disclosure::Whole;
    Ok(whole.then(|| Rights {
        attach: appointment.actors(caller).contains(&Actor::Department)
            || appointment.row.recorded_on_behalf && caller.role == Some(Role::Coordinator),
        // An appointment is reported, and told to others, as soon as it is there.
        kept: true,
        announced: true,
        personal: !appointment.is_of(caller),
    }))
}

impl Governed for Appointment {
    /// `own`: of the department, or told to the caller.
    fn within(&self, caller: &Caller, reach: Reach) -> bool {
        reach == Reach::Own && (self.is_of(caller) || self.receipts_of(caller).next().is_some())
    }
}

impl Flow for Appointment {
    fn machine(&self) -> &'static Machine {
        &MACHINE
    }

    fn state(&self) -> &'static str {
        self.row.state.as_str()
    }

    fn version(&self) -> i64 {
        self.row.version
    }

    fn actors(&self, caller: &Caller) -> Vec<Actor> {
        let mut actors = Vec::new();
        if caller.role == Some(Role::Coordinator) {
            actors.push(Actor::Coordinator);
        }
        if self.is_of(caller) || self.unattended && caller.role == Some(Role::Coordinator) {
            actors.push(Actor::Department);
        }
        if self.receipts_of(caller).next().is_some() {
            actors.push(Actor::Recipient);
        }
        actors
    }

    fn obstacle(&self, op: Op, caller: &Caller) -> Option<Code> {
        let acknowledged = || {
            self.receipts_of(caller)
                .all(|receipt| receipt.acknowledged_at.is_some())
        };
        (op == Op::AcknowledgeLiaisonLeader && acknowledged()).then_some(Code::AlreadyAcknowledged)
    }
}
