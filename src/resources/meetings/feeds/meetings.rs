//! The meetings that a feed shows, read for it alone.

use crate::clock::day_begins;
use crate::db::schema::{
    meeting_agenda_items as agenda, meeting_hosts as hosts, meeting_invitations as invitations, meetings,
};
use crate::problem::Result;
use crate::vocabulary::meetings::{InvitationAnswer, MeetingForm, MeetingKind, MeetingState};
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::HashMap;
use uuid::Uuid;

#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = meetings)]
pub struct Row {
    pub id: Uuid,
    pub kind: MeetingKind,
    pub title: String,
    pub form: MeetingForm,
    pub state: MeetingState,
    pub starts_at: DateTime<Utc>,
    pub ends_at: Option<DateTime<Utc>>,
    pub opinions_due_on: Option<NaiveDate>,
    pub place: Option<String>,
    pub online_address: Option<String>,
    pub sequence: i32,
    pub cancel_reason: Option<String>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// A meeting as it concerns one organization.
#[derive(Clone, Debug)]
pub struct Meeting {
    pub row: Row,
    pub kind: MeetingKind,
    pub state: MeetingState,
    form: MeetingForm,
    pub hosts: Vec<Uuid>,
    /// 联办单位
    pub co_hosts: Vec<Uuid>,
    pub agenda: Vec<String>,
    /// What the organization answered; none where it is a host.
    answer: Option<InvitationAnswer>,
}

impl Meeting {
    pub fn is_cancelled(&self) -> bool {
        self.state == MeetingState::Cancelled
    }

    /// The day on which opinions in writing end: all that a calendar shows of a consultation for which nobody meets.
    pub fn opinions_until(&self) -> Option<NaiveDate> {
        self.row
            .opinions_due_on
            .filter(|_| self.form == MeetingForm::Written)
    }

    /// STATUS of RFC 5545: a meeting that is convened stands, unless the organization itself has not said that it comes.
    pub fn status(&self) -> &'static str {
        match (self.state, self.answer) {
            (MeetingState::Cancelled, _) => "CANCELLED",
            (MeetingState::Convened, Some(InvitationAnswer::Pending | InvitationAnswer::Tentative))
                if self.form == MeetingForm::Meeting =>
            {
                "TENTATIVE"
            }
            _ => "CONFIRMED",
        }
    }

    /// Whether the organization is busy then: not where it declined, nor for as long as a matter is consulted on in writing.
    pub fn takes_time(&self) -> bool {
        let declined = self.answer == Some(InvitationAnswer::Declined);
        !self.is_cancelled() && self.form == MeetingForm::Meeting && !declined
    }
}

/// Since when meetings are shown: the beginning of last year. What is older is history, and no calendar's business.
fn since(today: NaiveDate) -> DateTime<Utc> {
    day_begins(NaiveDate::from_ymd_opt(today.year() - 1, 1, 1).unwrap_or(today))
}

/// What these organizations host or are invited to, by their time; drafts are nobody's business yet.
pub async fn of(
    mut conn: &AsyncPgConnection,
    organizations: &[Uuid],
    today: NaiveDate,
) -> Result<Vec<Meeting>> {
    let hosted = hosts::table
        .filter(hosts::organization_id.eq_any(organizations))
        .select(hosts::meeting_id);
    let invited = invitations::table
        .filter(invitations::organization_id.eq_any(organizations))
        .select(invitations::meeting_id.nullable());
    let rows: Vec<Row> = meetings::table
        .filter(meetings::state.ne(MeetingState::Draft))
        .filter(meetings::starts_at.ge(since(today)))
        .filter(
            meetings::id
                .eq_any(hosted)
                .or(meetings::id.nullable().eq_any(invited)),
        )
        .order((meetings::starts_at, meetings::id))
        .select(Row::as_select())
        .load(&mut conn)
        .await?;
    with_parts(conn, rows, organizations).await
}

async fn with_parts(
    conn: &AsyncPgConnection,
    rows: Vec<Row>,
    organizations: &[Uuid],
) -> Result<Vec<Meeting>> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let (mut c1, mut c2, mut c3) = (conn, conn, conn);
    let (all_hosts, all_items, all_invitations) = futures_util::try_join!(
        hosts::table
            .filter(hosts::meeting_id.eq_any(&ids))
            .order((hosts::meeting_id, hosts::position))
            .select((hosts::meeting_id, hosts::organization_id))
            .load::<(Uuid, Uuid)>(&mut c1),
        agenda::table
            .filter(agenda::meeting_id.eq_any(&ids))
            .order((agenda::meeting_id, agenda::position))
            .select((agenda::meeting_id, agenda::title))
            .load::<(Uuid, String)>(&mut c2),
        invitations::table
            .filter(invitations::meeting_id.eq_any(&ids))
            .filter(invitations::organization_id.is_not_null())
            .order((invitations::meeting_id, invitations::position))
            .select((
                invitations::meeting_id,
                invitations::organization_id.assume_not_null(),
                invitations::co_host,
                invitations::answer,
            ))
            .load::<(Uuid, Uuid, bool, InvitationAnswer)>(&mut c3),
    )?;
    let (mut hosts_of, mut agenda_of) = (grouped(all_hosts), grouped(all_items));
    let invited = all_invitations
        .into_iter()
        .map(|(meeting, organization, co_host, answer)| (meeting, (organization, co_host, answer)));
    let mut invited_of = grouped(invited);
    let meeting = |row: Row| {
        let hosts = hosts_of.remove(&row.id).unwrap_or_default();
        let invited = invited_of.remove(&row.id).unwrap_or_default();
        let is_own = |organization: &Uuid| organizations.contains(organization);
        let own = invited.iter().find(|(organization, ..)| is_own(organization));
        let own = own.filter(|_| !hosts.iter().any(is_own));
        let answer = own.map(|(.., answer)| *answer);
        Ok(Meeting {
            kind: row.kind,
            state: row.state,
            form: row.form,
            agenda: agenda_of.remove(&row.id).unwrap_or_default(),
            co_hosts: invited
                .iter()
                .filter(|(_, co_host, _)| *co_host)
                .map(|(organization, ..)| *organization)
                .collect(),
            hosts,
            answer,
            row,
        })
    };
    rows.into_iter().map(meeting).collect()
}

fn grouped<T>(pairs: impl IntoIterator<Item = (Uuid, T)>) -> HashMap<Uuid, Vec<T>> {
    let mut groups: HashMap<Uuid, Vec<T>> = HashMap::new();
    for (key, value) in pairs {
        groups.entry(key).or_default().push(value);
    }
    groups
}
