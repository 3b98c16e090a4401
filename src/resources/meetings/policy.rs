use super::parts::{AgendaRow, FollowUpRow, HostRow, InvitationRow, OpinionRow, PostponementRow, Row};
use super::{queries, states};
use crate::clock::{day_begins, shanghai_day};
use crate::directory::{self, Directory, model::Kind};
use crate::figures::counting::{self, Counts, Facts};
use crate::policy::{Caller, Governed, Op, Reach, Role};
use crate::problem::{Code, Problem, Result};
use crate::resources::attachments::carriers::{Hold, Rights};
use crate::vocabulary::meetings::{InvitationAnswer, MeetingForm, MeetingState};
use crate::workflow::machine::{Actor, Flow, Machine};
use chrono::{DateTime, NaiveDate, Utc};
use diesel_async::AsyncPgConnection;
use uuid::Uuid;

/// An organization, and who acts for it today.
#[derive(Clone, Copy, Debug)]
pub struct Host {
    pub id: Uuid,
    pub kind: Kind,
    pub acting: Option<Uuid>,
}

/// An invitation with what decides who may answer it.
#[derive(Clone, Debug)]
pub struct Invitation {
    pub row: InvitationRow,
    /// Of an organization.
    pub kind: Option<Kind>,
    /// Of a guest.
    /// Who acts today for the organization that is invited; nobody for a guest.
    pub acting: Option<Uuid>,
    /// A party that no host liaises with on the day of the meeting.
    pub outside_assignment: bool,
}

/// A meeting with all that belongs to it, and what decides who may do what with it.
#[derive(Clone, Debug)]
pub struct Meeting {
    pub row: Row,
    /// In order; never empty.
    pub hosts: Vec<Host>,
    pub agenda: Vec<AgendaRow>,
    pub invitations: Vec<Invitation>,
    pub postponements: Vec<PostponementRow>,
    pub opinions: Vec<OpinionRow>,
    pub follow_ups: Vec<FollowUpRow>,
    /// Who acts for the owners of follow-ups, once those are theirs to do.
    owners: Vec<Uuid>,
    /// Invited ones that nobody can act for, as long as they can answer.
    pub unattended: Vec<Uuid>,
    pub now: DateTime<Utc>,
}

/// Rows of one meeting.
#[derive(Clone, Debug, Default)]
pub struct Parts {
    pub hosts: Vec<HostRow>,
    pub agenda: Vec<AgendaRow>,
    pub invitations: Vec<InvitationRow>,
    pub postponements: Vec<PostponementRow>,
    pub opinions: Vec<OpinionRow>,
    pub follow_ups: Vec<FollowUpRow>,
}

impl Meeting {
    pub fn new(row: Row, parts: Parts, directory: &Directory, now: DateTime<Utc>) -> Self {
        let today = shanghai_day(now);
        let acting = |id| directory.acting(id, today).map(|one| one.id);
        let hosts = parts.hosts.into_iter().map(|host| Host {
            id: host.organization_id,
            kind: host.organization_kind,
            acting: acting(host.organization_id),
        });
        let hosts = hosts.collect::<Vec<_>>();
        let held_on = shanghai_day(row.starts_at);
        let invitations = parts.invitations.into_iter();
        let invitations = invitations.map(|one| Invitation::new(one, &hosts, directory, held_on, today));
        let invitations = invitations.collect();
        let mut owners: Vec<Uuid> = Vec::new();
        if row.concluded_at.is_some() {
            owners.extend(parts.follow_ups.iter().filter_map(|one| acting(one.owner_id)));
        }
        Self {
            row,
            hosts,
            agenda: parts.agenda,
            invitations,
            postponements: parts.postponements,
            opinions: parts.opinions,
            follow_ups: parts.follow_ups,
            owners,
            unattended: Vec::new(),
            now,
        }
    }

    pub fn is_draft(&self) -> bool {
        self.row.state == MeetingState::Draft
    }

    pub fn is_host(&self, caller: &Caller) -> bool {
        let mut acting = self.hosts.iter().filter_map(|host| host.acting);
        acting.any(|organization| caller.is_of(organization))
    }

    /// The invitation of the caller's organization, or of one that it acts for.
    pub fn invitation_of(&self, caller: &Caller) -> Option<&Invitation> {
        self.invitations.iter().find(|one| one.is_of(caller))
    }

    pub fn invitation(&self, id: Uuid) -> Result<&Invitation> {
        let found = self.invitations.iter().find(|one| one.row.id == id);
        found.ok_or_else(Problem::not_found)
    }

    /// Whether the caller answers an invitation: its organization, for a guest the host, and 市委统战部 for whom nobody can.
    pub fn answers(&self, caller: &Caller, invitation: &Invitation) -> bool {
        let unattended = || {
            let mut unattended = self.unattended.iter();
            unattended.any(|one| invitation.acting == Some(*one))
        };
        match invitation.row.guest_kind {
            Some(_) => self.is_host(caller),
            None => invitation.is_of(caller) || caller.role == Some(Role::Coordinator) && unattended(),
        }
    }

    /// Whether the caller sees what concerns the invited one by one: hosts and the two offices do.
    pub fn oversees(&self, caller: &Caller) -> bool {
        self.is_host(caller) || matches!(caller.role, Some(Role::Coordinator | Role::GovernmentOffice))
    }

    /// Whether people could be on their way by now, or gone.
    pub fn has_begun(&self) -> bool {
        self.now >= self.row.starts_at
    }

    /// As it is where the caller may know of it.
    ///
    /// # Errors
    /// 404 for all others.
    pub fn seen_by(self, caller: &Caller) -> Result<Self> {
        match self.is_seen_by(caller) {
            true => Ok(self),
            false => Err(Problem::not_found()),
        }
    }

    fn is_seen_by(&self, caller: &Caller) -> bool {
        let hosts: Vec<Uuid> = self.hosts.iter().filter_map(|host| host.acting).collect();
        let invited: Vec<Uuid> = self.invitations.iter().filter_map(|one| one.acting).collect();
        is_seen(caller, self.is_draft(), &hosts, &invited, &self.owners)
    }

    /// Whether it counts for its hosts.
    pub fn counts(&self) -> Counts {
        let parties = self
            .invitations
            .iter()
            .filter(|one| one.kind == Some(Kind::Party));
        counting::verdict(&Facts {
            state: self.row.state,
            form: self.row.form,
            by_department: self.hosts.iter().any(|host| host.kind == Kind::Department),
            parties: parties.map(Invitation::presence).collect(),
        })
    }
}

/// THE rule of who sees a meeting, by who acts today for its hosts, for whoever is invited, and for the owners of follow-ups that
/// are theirs to do.
pub fn is_seen(caller: &Caller, is_draft: bool, hosts: &[Uuid], invited: &[Uuid], owners: &[Uuid]) -> bool {
    let reach = Op::GetMeeting.reach(caller);
    let among = |all: &[Uuid]| all.iter().any(|one| caller.is_of(*one));
    let concerned = || among(invited) || among(owners);
    reach == Reach::Any
        || among(hosts)
        || !is_draft && (reach == Reach::Issued || reach == Reach::Own && concerned())
}

impl Invitation {
    fn new(
        row: InvitationRow,
        hosts: &[Host],
        directory: &Directory,
        held_on: NaiveDate,
        today: NaiveDate,
    ) -> Self {
        let kind = row.organization_kind;
        // 市委统战部 liaises with every party, and so does nobody before the first scheme.
        let by_departments = hosts.iter().all(|host| host.kind == Kind::Department);
        let outside = |party| {
            kind == Some(Kind::Party)
                && by_departments
                && directory.scheme_on(held_on).is_some()
                && !hosts
                    .iter()
                    .any(|host| is_linked(directory, host.id, party, held_on))
        };
        Self {
            kind,
            acting: row
                .organization_id
                .and_then(|id| directory.acting(id, today))
                .map(|one| one.id),
            outside_assignment: row.organization_id.is_some_and(outside),
            row,
        }
    }

    pub fn is_of(&self, caller: &Caller) -> bool {
        self.acting.is_some_and(|organization| caller.is_of(organization))
    }

    /// Whether it was to be answered by now and was not.
    pub fn is_unanswered(&self, meeting: MeetingState, now: DateTime<Utc>) -> bool {
        let asked = self.row.answer_until.is_some_and(|until| until <= now);
        asked && self.row.answer == InvitationAnswer::Pending && meeting != MeetingState::Cancelled
    }

    pub fn presence(&self) -> counting::Presence {
        let row = &self.row;
        counting::presence(row.present, row.online, &row.persons, &row.attendees)
    }
}

/// By the day of the meeting; a host that had ended by then stands for who acted for it.
fn is_linked(directory: &Directory, host: Uuid, party: Uuid, day: NaiveDate) -> bool {
    let acting = directory.acting(host, day).map_or(host, |one| one.id);
    directory.are_linked(acting, party, day)
}

/// For whoever changes it: the hosts.
impl Governed for Meeting {
    fn within(&self, caller: &Caller, reach: Reach) -> bool {
        reach == Reach::Own && self.is_host(caller)
    }
}

impl Flow for Meeting {
    fn machine(&self) -> &'static Machine {
        match self.row.form {
            MeetingForm::Meeting => &states::MACHINE,
            MeetingForm::Written => &states::WRITTEN,
        }
    }

    fn state(&self) -> &'static str {
        self.row.state.into()
    }

    fn version(&self) -> i64 {
        self.row.version
    }

    fn actors(&self, caller: &Caller) -> Vec<Actor> {
        let mut actors = Vec::new();
        if self.is_host(caller) {
            actors.push(Actor::Host);
        }
        if self.invitation_of(caller).is_some() {
            actors.push(Actor::Invitee);
        }
        actors
    }

    fn other_form(&self) -> Option<&'static Machine> {
        Some(match self.row.form {
            MeetingForm::Meeting => &states::WRITTEN,
            MeetingForm::Written => &states::MACHINE,
        })
    }

    fn obstacle(&self, op: Op, _: &Caller) -> Option<Code> {
        match op {
            Op::HoldMeeting if !self.has_begun() => Some(Code::MeetingNotBegun),
            Op::RecordDecision if !self.row.kind.is_about_decision() => Some(Code::NothingToDecide),
            Op::ConcludeMeeting if self.row.minutes_text.is_none() => Some(Code::MinutesMissing),
            _ => None,
        }
    }
}

/// Papers and results: who sees a meeting reads them, its hosts attach them, until it is cancelled.
pub async fn attachment_rights(
    conn: &AsyncPgConnection,
    caller: &Caller,
    today: NaiveDate,
    id: Uuid,
    hold: Hold,
) -> Result<Option<Rights>> {
    let directory = directory::load(conn).await?.for_caller(caller);
    let Some(row) = queries::row(conn, id, hold).await? else {
        return Ok(None);
    };
    let meeting = queries::with_parts(conn, vec![row], &directory, day_begins(today))
        .await?
        .pop();
    let seen = meeting.filter(|meeting| meeting.is_seen_by(caller));
    Ok(seen.map(|meeting| Rights {
        attach: meeting.is_host(caller) && meeting.row.state != MeetingState::Cancelled,
        kept: !meeting.is_draft(),
        announced: !meeting.is_draft(),
        personal: false,
    }))
}
