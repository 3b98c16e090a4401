//! 三(四)1: which activities count for the two a year that a department owes, and why not. One function; the meeting itself
//! and every figure ask it.

use crate::clock::shanghai_day;
use crate::db::schema::{meeting_hosts as hosts, meeting_invitations as invitations, meetings};
use crate::directory::model::Kind;
use crate::problem::Result;
use crate::vocabulary::enumeration;
use crate::vocabulary::meetings::{MeetingForm, MeetingKind, MeetingState};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use utoipa::ToSchema;
use uuid::Uuid;

enumeration! {
    /// 是否计入及原因
    pub enum CountsReason {
        Counted ["计入", "Counts"],
        /// Cancelled
        Cancelled ["已取消", "Cancelled"],
        /// In writing: nobody met
        Written ["书面形式，不计入活动", "In writing, which is no activity"],
        /// Held by 市委统战部, which owes none
        HostedByCoordinator ["由市委统战部举办，不计入部门", "Held by 市委统战部 alone, for no department"],
        NotConcluded ["尚未办结", "Not concluded"],
        NoPartyPresent ["没有党派团体到会", "No party was present"],
        /// Parties were there online alone
        OnlineOnly ["党派团体仅以线上方式参加", "Parties were there online alone"],
        /// A party is said to have been there, and nobody is named
        NoPersonNamed ["未登记到会党派人员姓名", "Nobody of the party is named"],
    }
}

/// 计入情况
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Counts {
    /// Whether it counts, for each department that holds it, in the year in which it starts.
    pub counts: bool,
    pub reason: CountsReason,
}

/// What the verdict is made from.
#[derive(Clone, Debug)]
pub struct Facts {
    pub state: MeetingState,
    pub form: MeetingForm,
    /// At least one department is among the hosts.
    pub by_department: bool,
    /// Of each party that was invited.
    pub parties: Vec<Presence>,
}

/// How a party was there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Presence {
    pub in_person: bool,
    pub online: bool,
    /// Somebody who came or stood in is named: in the attendance, or in the party's own answer.
    pub named: bool,
}

impl Presence {
    pub fn counts(self) -> bool {
        self.in_person && self.named
    }
}

/// THE rule. A party outside the assignment counts like any other.
pub fn verdict(facts: &Facts) -> Counts {
    let any = |what: fn(&Presence) -> bool| facts.parties.iter().any(what);
    let reason = match () {
        () if facts.state == MeetingState::Cancelled => CountsReason::Cancelled,
        () if facts.form == MeetingForm::Written => CountsReason::Written,
        () if !facts.by_department => CountsReason::HostedByCoordinator,
        () if facts.state != MeetingState::Concluded => CountsReason::NotConcluded,
        () if any(|party| party.counts()) => CountsReason::Counted,
        () if any(|party| party.in_person) => CountsReason::NoPersonNamed,
        () if any(|party| party.online) => CountsReason::OnlineOnly,
        () => CountsReason::NoPartyPresent,
    };
    Counts {
        counts: reason == CountsReason::Counted,
        reason,
    }
}

/// A meeting of a department, with its verdict and the parties that it met.
#[derive(Clone, Debug)]
pub struct Judged {
    /// As it stands among the hosts; who acts for it today is the directory's to say.
    pub department_id: Uuid,
    pub meeting_id: Uuid,
    pub kind: MeetingKind,
    pub title: String,
    pub starts_at: DateTime<Utc>,
    /// The day in Asia/Shanghai, by which the year is told.
    pub starts_on: NaiveDate,
    pub counts: Counts,
    /// Present in person, by somebody named.
    pub met: Vec<Uuid>,
    /// Were there at all, online included.
    pub attended: Vec<Uuid>,
}

type Held = (
    Uuid,
    Uuid,
    MeetingKind,
    MeetingForm,
    MeetingState,
    String,
    DateTime<Utc>,
);

/// What departments have held or convened (drafts aside) that starts in a period, with the verdict on each: one row for each
/// department among the hosts, by day. Two queries, whatever the period.
///
/// # Errors
/// `database_unavailable`.
pub async fn judged(
    conn: &AsyncPgConnection,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
    departments: Option<&[Uuid]>,
) -> Result<Vec<Judged>> {
    let (mut first, mut second) = (conn, conn);
    let mut held = meetings::table
        .inner_join(hosts::table.on(hosts::meeting_id.eq(meetings::id)))
        .filter(meetings::starts_at.ge(from))
        .filter(meetings::starts_at.lt(until))
        .filter(meetings::state.ne(MeetingState::Draft))
        .filter(hosts::organization_kind.eq(Kind::Department))
        .order((meetings::starts_at, meetings::id, hosts::position))
        .select((
            hosts::organization_id,
            meetings::id,
            meetings::kind,
            meetings::form,
            meetings::state,
            meetings::title,
            meetings::starts_at,
        ))
        .into_boxed();
    if let Some(departments) = departments {
        held = held.filter(hosts::organization_id.eq_any(departments));
    }
    let came = meetings::table
        .inner_join(invitations::table.on(invitations::meeting_id.eq(meetings::id)))
        .filter(meetings::starts_at.ge(from))
        .filter(meetings::starts_at.lt(until))
        .filter(meetings::state.eq(MeetingState::Concluded))
        .filter(invitations::organization_kind.eq(Kind::Party))
        .select((
            meetings::id,
            invitations::organization_id.assume_not_null(),
            invitations::present,
            invitations::online,
            invitations::persons,
            invitations::attendees,
        ));
    type Came = (
        Uuid,
        Uuid,
        Option<bool>,
        Option<bool>,
        serde_json::Value,
        serde_json::Value,
    );
    let (held, came) =
        futures_util::try_join!(held.load::<Held>(&mut first), came.load::<Came>(&mut second))?;
    let mut parties: HashMap<Uuid, Vec<(Uuid, Presence)>> = HashMap::new();
    for (meeting, party, present, online, persons, attendees) in came {
        let presence = presence(present, online, &persons, &attendees);
        parties.entry(meeting).or_default().push((party, presence));
    }
    Ok(held.into_iter().map(|row| judge(row, &parties)).collect())
}

fn judge(row: Held, parties: &HashMap<Uuid, Vec<(Uuid, Presence)>>) -> Judged {
    let (department_id, meeting_id, kind, form, state, title, starts_at) = row;
    let came = parties.get(&meeting_id).map_or(&[][..], Vec::as_slice);
    let facts = Facts {
        state,
        form,
        by_department: true,
        parties: came.iter().map(|(_, presence)| *presence).collect(),
    };
    let of = |what: fn(Presence) -> bool| {
        came.iter()
            .filter(move |(_, one)| what(*one))
            .map(|(party, _)| *party)
    };
    Judged {
        department_id,
        meeting_id,
        kind,
        title,
        starts_at,
        starts_on: shanghai_day(starts_at),
        counts: verdict(&facts),
        met: of(Presence::counts).collect(),
        attended: of(|one| one.in_person || one.online).collect(),
    }
}

/// As an invitation's row has it.
pub fn presence(
    present: Option<bool>,
    online: Option<bool>,
    persons: &serde_json::Value,
    attendees: &serde_json::Value,
) -> Presence {
    let some = |list: &serde_json::Value| list.as_array().is_some_and(|list| !list.is_empty());
    Presence {
        in_person: present == Some(true),
        online: online == Some(true),
        named: some(persons) || some(attendees),
    }
}
