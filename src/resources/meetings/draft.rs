//! From what a request names to organizations, and from a draft back to what a request would say.

use super::content::{Invite, NewAgendaItem, NewDecision, NewGuest, NewMeeting, Quota, already_there};
use super::policy::Meeting;
use crate::directory::Directory;
use crate::directory::model::{Kind, Organization};
use crate::problem::{Fault, Problem, Result};
use crate::workflow::{TermKey, Timing};
use chrono::NaiveDate;
use uuid::Uuid;

/// An organization with its kind, as rows have it.
pub type Known = (Uuid, Kind);

/// Who is to be invited.
#[derive(Clone, Debug)]
pub enum Whom {
    Organization(Known),
    Guest(NewGuest),
}

/// One invitation to be.
#[derive(Clone, Debug)]
pub struct NewInvitation {
    pub whom: Whom,
    pub co_host: bool,
    pub quota: Option<i32>,
}

/// Hosts and invitations as the directory knows them.
#[derive(Clone, Debug)]
pub struct People {
    pub hosts: Vec<Known>,
    pub invitations: Vec<NewInvitation>,
}

/// Finds what is named, and notes what is not there or does not fit.
struct Finder<'d> {
    directory: &'d Directory,
    today: NaiveDate,
    faults: Vec<Fault>,
}

impl Finder<'_> {
    fn find(&mut self, named: &str, kinds: &[Kind], pointer: String) -> Option<Known> {
        let fits = |one: &&Organization| kinds.contains(&one.kind) && one.stands_on(self.today);
        let found = self.directory.find(named).filter(fits);
        if found.is_none() {
            self.faults.push(Fault::unknown_reference(pointer));
        }
        found.map(|one| (one.id, one.kind))
    }

    /// Those that are named, each once; `taken` are there already.
    fn all(&mut self, names: &[String], kinds: &[Kind], at: &str, taken: &[Known]) -> Vec<Known> {
        let mut found: Vec<Known> = Vec::new();
        for (index, name) in names.iter().enumerate() {
            let pointer = format!("{at}/{index}");
            if let Some(one) = self.find(name, kinds, pointer.clone()) {
                if found.contains(&one) || taken.contains(&one) {
                    self.faults.push(already_there(pointer));
                } else {
                    found.push(one);
                }
            }
        }
        found
    }

    fn invitations(
        &mut self,
        invite: &Invite,
        at: &str,
        hosts: &[Known],
        co_hosts: &[Known],
    ) -> Vec<NewInvitation> {
        let mut organizations: Vec<(Known, bool)> = co_hosts.iter().map(|one| (*one, true)).collect();
        let parties = self.all(&invite.parties, &[Kind::Party], &format!("{at}/parties"), hosts);
        // A party that organizes it, too, is invited once.
        organizations.extend(
            parties
                .into_iter()
                .filter(|one| !co_hosts.contains(one))
                .map(|one| (one, false)),
        );
        for (names, kinds, list) in [
            (&invite.departments, &[Kind::Department][..], "departments"),
            (
                &invite.offices,
                &[Kind::Coordinator, Kind::GovernmentOffice][..],
                "offices",
            ),
        ] {
            let found = self.all(names, kinds, &format!("{at}/{list}"), hosts);
            organizations.extend(found.into_iter().map(|one| (one, false)));
        }
        let mut quotas = Vec::new();
        for (index, Quota { organization, quota }) in invite.quotas.iter().enumerate() {
            let named = self.directory.find(organization).map(|one| one.id);
            match named.filter(|id| organizations.iter().any(|((invited, _), _)| invited == id)) {
                Some(id) => quotas.push((id, *quota)),
                None => {
                    let pointer = format!("{at}/quotas/{index}/organization");
                    self.faults.push(Fault::unknown_reference(pointer));
                }
            }
        }
        let invited = organizations.into_iter().map(|(one, co_host)| NewInvitation {
            whom: Whom::Organization(one),
            co_host,
            quota: quotas
                .iter()
                .find(|(id, _)| *id == one.0)
                .map(|(_, quota)| *quota),
        });
        let guests = invite.guests.iter().map(|guest| NewInvitation {
            whom: Whom::Guest(guest.clone()),
            co_host: false,
            quota: None,
        });
        invited.chain(guests).collect()
    }

    fn done<T>(self, found: T) -> Result<T> {
        if self.faults.is_empty() {
            Ok(found)
        } else {
            Err(Problem::invalid(self.faults))
        }
    }
}

/// Who holds a meeting and who is invited, all standing today; `own` holds it where nobody is named.
///
/// # Errors
/// 422 with every organization that is not there, of another kind, or named twice, behind the faults that are known already.
pub fn people(
    directory: &Directory,
    today: NaiveDate,
    new: &NewMeeting,
    own: Known,
    faults: Vec<Fault>,
) -> Result<People> {
    let mut finder = Finder {
        directory,
        today,
        faults,
    };
    let mut hosts = finder.all(&new.hosts, &[Kind::Department, Kind::Coordinator], "/hosts", &[]);
    if new.hosts.is_empty() {
        hosts.push(own);
    }
    let co_hosts = finder.all(&new.co_hosts, &[Kind::Party], "/co_hosts", &[]);
    let invitations = finder.invitations(&new.invite, "/invite", &hosts, &co_hosts);
    finder.done(People { hosts, invitations })
}

/// Further invitations to a meeting.
///
/// # Errors
/// 422 the same; whoever holds it cannot be invited.
pub fn further(
    directory: &Directory,
    today: NaiveDate,
    invite: &Invite,
    hosts: &[Known],
) -> Result<Vec<NewInvitation>> {
    let mut finder = Finder {
        directory,
        today,
        faults: Vec::new(),
    };
    let found = finder.invitations(invite, "", hosts, &[]);
    finder.done(found)
}

/// Until when opinions are asked for.
pub fn opinions_due_on(timing: &Timing, decision: &NewDecision) -> NaiveDate {
    let before = timing.term(TermKey::OpinionBeforeDecision).amount;
    decision
        .opinions_due_on
        .unwrap_or_else(|| timing.calendar.shift(decision.planned_on, -before))
}

/// What a request would say to make the draft as it is.
pub fn content_of(draft: &Meeting) -> NewMeeting {
    let row = draft.row.clone();
    let invited = |kinds: &[Kind]| -> Vec<String> {
        let of_kind = draft.invitations.iter().filter(|one| !one.row.co_host);
        of_kind
            .filter(|one| one.kind.is_some_and(|kind| kinds.contains(&kind)))
            .filter_map(|one| one.row.organization_id)
            .map(|id| id.to_string())
            .collect()
    };
    let quotas = draft.invitations.iter().filter_map(|one| {
        Some(Quota {
            organization: one.row.organization_id?.to_string(),
            quota: one.row.quota?,
        })
    });
    let guests = draft.invitations.iter().filter_map(|one| {
        Some(NewGuest {
            kind: one.row.guest_kind?,
            name: one.row.guest_name.clone()?,
            organization: one.row.guest_organization.clone(),
        })
    });
    let co_hosts = draft.invitations.iter().filter(|one| one.row.co_host);
    let decision = row.decision_matter.zip(row.decision_planned_on);
    NewMeeting {
        kind: draft.row.kind,
        social_service_kind: draft.row.social_service_kind,
        title: row.title,
        description: row.description,
        hosts: draft.hosts.iter().map(|host| host.id.to_string()).collect(),
        co_hosts: co_hosts
            .filter_map(|one| one.row.organization_id)
            .map(|id| id.to_string())
            .collect(),
        form: draft.row.form,
        starts_at: row.starts_at,
        ends_at: row.ends_at,
        place: row.place,
        online_address: row.online_address,
        agenda: draft
            .agenda
            .iter()
            .map(|item| NewAgendaItem {
                title: item.title.clone(),
                presenter: item.presenter.clone(),
                suggestion: item.suggestion_id,
                work_report: item.work_report_id,
            })
            .collect(),
        decision: decision.map(|(matter, planned_on)| NewDecision {
            matter,
            planned_on,
            opinions_due_on: row.opinions_due_on,
        }),
        invite: Invite {
            parties: invited(&[Kind::Party]),
            departments: invited(&[Kind::Department]),
            offices: invited(&[Kind::Coordinator, Kind::GovernmentOffice]),
            guests: guests.collect(),
            quotas: quotas.collect(),
        },
    }
}
