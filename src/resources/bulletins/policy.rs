use super::model::{BulletinState, RecipientRow, Row};
use super::states::MACHINE;
use super::{queries, recipients};
use crate::db::schema::bulletins;
use crate::directory::{self, Directory};
use crate::policy::{Caller, Governed, Op, Reach, Role};
use crate::problem::{Code, Problem, Result};
use crate::resources::attachments::carriers::{Hold, Rights};
use crate::workflow::machine::{Actor, Flow, Machine, refusal};
use chrono::NaiveDate;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// A bulletin with what decides who may do what with it.
#[derive(Clone, Debug)]
pub struct Bulletin {
    pub row: Row,
    pub state: BulletinState,
    /// Of a draft those to whom it would go today, of a sent one those who were told.
    pub recipients: Vec<RecipientRow>,
    /// The day whose names and pairs it shows: of sending, and of a draft today.
    day: NaiveDate,
    /// Who acts for the sender today.
    acting: Option<Uuid>,
    /// Who acts for each recipient today, in the order of the recipients.
    acting_recipients: Vec<Option<Uuid>>,
}

impl Bulletin {
    pub fn new(row: Row, mut recipients: Vec<RecipientRow>, directory: &Directory, today: NaiveDate) -> Self {
        let state: BulletinState = row.state;
        let acting = |id| directory.acting(id, today).map(|organization| organization.id);
        if state == BulletinState::Draft
            && let Some(sender) = directory.acting(row.sender_id, today)
        {
            let named = recipients.iter().map(|one| one.organization_id);
            let to = recipients::of_draft(directory, sender, row.to_linked, named, today);
            recipients = recipients::rows(directory, sender, row.id, &to, today);
        }
        // In the order of the directory: departments, parties, offices.
        recipients.sort_by_key(|one| {
            directory
                .get(one.organization_id)
                .map(|found| (found.kind, found.position))
        });
        Self {
            state,
            day: row.sent_at.map_or(today, crate::clock::shanghai_day),
            acting: acting(row.sender_id),
            acting_recipients: recipients.iter().map(|one| acting(one.organization_id)).collect(),
            row,
            recipients,
        }
    }

    pub fn day(&self) -> NaiveDate {
        self.day
    }

    pub fn is_draft(&self) -> bool {
        self.state == BulletinState::Draft
    }

    /// From the caller's organization, or recorded by 市委统战部 itself.
    pub fn is_from(&self, caller: &Caller) -> bool {
        self.acting.is_some_and(|organization| caller.is_of(organization))
            || self.row.recorded_on_behalf && caller.role == Some(Role::Coordinator)
    }

    /// The caller's receipts: more than one where it acts for a predecessor, too; none of a draft, which nobody has got.
    pub fn receipts_of<'a>(&'a self, caller: &'a Caller) -> impl Iterator<Item = &'a RecipientRow> {
        self.recipients
            .iter()
            .zip(&self.acting_recipients)
            .filter(|(_, acting)| !self.is_draft() && acting.is_some_and(|one| caller.is_of(one)))
            .map(|(receipt, _)| receipt)
    }

    pub fn is_unread_by(&self, caller: &Caller) -> bool {
        let mut receipts = self.receipts_of(caller);
        self.state == BulletinState::Sent && receipts.any(|receipt| receipt.acknowledged_at.is_none())
    }

    /// Who acts today for those who were told.
    pub fn told(&self) -> Vec<Uuid> {
        let mut told: Vec<Uuid> = self.acting_recipients.iter().flatten().copied().collect();
        told.sort_unstable();
        told.dedup();
        told
    }

    pub fn is_seen_by(&self, caller: &Caller, reach: Reach) -> bool {
        reach == Reach::Any || self.within(caller, reach)
    }

    /// As it is where the caller may know of it.
    ///
    /// # Errors
    /// 404 for all others.
    pub fn seen_by(self, caller: &Caller) -> Result<Self> {
        if self.is_seen_by(caller, Op::GetBulletin.reach(caller)) {
            Ok(self)
        } else {
            Err(Problem::not_found())
        }
    }
}

/// Who sees a bulletin reads what hangs on it; the sender attaches while it is a draft, of which nobody else hears.
pub async fn attachment_rights(
    mut conn: &AsyncPgConnection,
    caller: &Caller,
    today: NaiveDate,
    id: Uuid,
    hold: Hold,
) -> Result<Option<Rights>> {
    let found = bulletins::table.find(id).select(Row::as_select());
    let row: Option<Row> = match hold {
        Hold::No => found.first(&mut conn).await,
        Hold::Yes => found.for_no_key_update().first(&mut conn).await,
    }
    .optional()?;
    let Some(row) = row else { return Ok(None) };
    let directory = directory::load(conn).await?.for_caller(caller);
    let bulletin = queries::with_recipients(conn, vec![row], &directory, today).await?;
    let seen = bulletin
        .into_iter()
        .find(|one| one.is_seen_by(caller, Op::GetBulletin.reach(caller)));
    Ok(seen.map(|one| Rights {
        attach: one.is_draft() && one.is_from(caller),
        kept: !one.is_draft(),
        announced: false,
        personal: false,
    }))
}

impl Governed for Bulletin {
    /// `own`: from the caller's organization, or sent to it; `issued`: its own, and whatever was sent.
    fn within(&self, caller: &Caller, reach: Reach) -> bool {
        match reach {
            Reach::Any => true,
            Reach::Own => self.is_from(caller) || self.receipts_of(caller).next().is_some(),
            Reach::Issued => self.is_from(caller) || !self.is_draft(),
            Reach::Carrier | Reach::Never => false,
        }
    }
}

impl Flow for Bulletin {
    fn machine(&self) -> &'static Machine {
        &MACHINE
    }

    fn state(&self) -> &'static str {
        self.state.into()
    }

    fn version(&self) -> i64 {
        self.row.version
    }

    fn actors(&self, caller: &Caller) -> Vec<Actor> {
        let mut actors = Vec::new();
        if self.is_from(caller) {
            actors.push(Actor::Sender);
        }
        if self.receipts_of(caller).next().is_some() {
            actors.push(Actor::Recipient);
        }
        actors
    }

    /// What was sent is never edited.
    fn refusal(&self, op: Op, caller: &Caller) -> Problem {
        match self.knows(op) {
            true => refusal(self, caller, Code::StepNotAllowed),
            false => Problem::new(Code::BulletinSent),
        }
    }

    fn obstacle(&self, op: Op, caller: &Caller) -> Option<Code> {
        (op == Op::AcknowledgeBulletin && !self.is_unread_by(caller)).then_some(Code::AlreadyAcknowledged)
    }
}
