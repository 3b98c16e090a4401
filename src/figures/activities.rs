//! 三(四)1: activities against the two that are owed, and which pairs met. What counts is said by `meetings::counting`.

use super::Figure;
use super::facts::{Fact, Record, RecordType, Scene};
use crate::db::schema::{meeting_invitations as invitations, meetings};
use crate::figures::counting::{self, Counts, CountsReason, Judged};
use crate::problem::{Problem, Result};
use crate::vocabulary::meetings::{MeetingForm, MeetingKind, MeetingState};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// What departments convened in the period, with the verdict as far as it was on record by then.
///
/// # Errors
/// `database_unavailable`.
pub async fn judged(mut conn: &AsyncPgConnection, scene: &Scene<'_>) -> Result<Vec<Judged>> {
    let ((from, until), known) = (scene.period.instants(), scene.period.until());
    let mut held = counting::judged(conn, from, until, None).await?;
    let later: HashSet<Uuid> = meetings::table
        .filter(meetings::starts_at.ge(from))
        .filter(meetings::starts_at.lt(until))
        .filter(meetings::concluded_at.ge(known))
        .select(meetings::id)
        .load::<Uuid>(&mut conn)
        .await?
        .into_iter()
        .collect();
    held.retain(|one| one.starts_on <= scene.period.as_of);
    for one in held.iter_mut().filter(|one| later.contains(&one.meeting_id)) {
        one.counts = Counts {
            counts: false,
            reason: CountsReason::NotConcluded,
        };
        one.met.clear();
    }
    for one in &mut held {
        one.department_id = scene.acting(one.department_id);
    }
    // Who has come to act for two of the hosts held it once.
    let mut seen = HashSet::new();
    held.retain(|one| seen.insert((one.department_id, one.meeting_id)));
    Ok(held)
}

/// A fact for each activity of each department.
pub fn facts(held: &[Judged]) -> impl Iterator<Item = Fact> + '_ {
    held.iter().flat_map(|one| {
        let of = |figure| Fact {
            figure,
            department: Some(one.department_id),
            party: None,
            counted: one.counts.counts,
            record: Record {
                key: one.meeting_id,
                kind: RecordType::Meeting,
                id: one.meeting_id,
                title: one.title.clone(),
                on: Some(one.starts_on),
                note: Some(one.counts.reason.label().clone()),
            },
        };
        [of(Figure::ActivitiesCounted), of(of_kind(one.kind))]
    })
}

pub fn of_kind(kind: MeetingKind) -> Figure {
    match kind {
        MeetingKind::LiaisonMeeting => Figure::ActivitiesLiaisonMeeting,
        MeetingKind::ImportantMeeting => Figure::ActivitiesImportantMeeting,
        MeetingKind::MajorEvent => Figure::ActivitiesMajorEvent,
        MeetingKind::DecisionConsultation => Figure::ActivitiesDecisionConsultation,
        MeetingKind::DecisionBriefing => Figure::ActivitiesDecisionBriefing,
        MeetingKind::JointResearch => Figure::ActivitiesJointResearch,
        MeetingKind::ForeignAffairsEvent => Figure::ActivitiesForeignAffairsEvent,
        MeetingKind::Visit => Figure::ActivitiesVisit,
        MeetingKind::SocialService => Figure::ActivitiesSocialService,
        MeetingKind::Other => Figure::ActivitiesOther,
    }
}

/// A department and a party that liaise, and when they last met in person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair {
    pub department: Uuid,
    pub party: Uuid,
    /// At a concluded activity of the department in the period.
    pub met: bool,
    /// The last time at all.
    pub last_met_on: Option<NaiveDate>,
}

/// Every pair of the day that counts, in the order of the scheme.
///
/// # Errors
/// `database_unavailable`.
pub async fn pairs(mut conn: &AsyncPgConnection, scene: &Scene<'_>, held: &[Judged]) -> Result<Vec<Pair>> {
    let mut last: HashMap<(Uuid, Uuid), NaiveDate> = HashMap::new();
    let contacts: Vec<Contact> = diesel::sql_query(LAST_CONTACTS)
        .bind::<diesel::sql_types::Timestamptz, _>(scene.period.until())
        .load(&mut conn)
        .await?;
    for contact in contacts {
        let of = (scene.acting(contact.department_id), contact.party_id);
        let day = last.entry(of).or_insert(contact.last_on);
        *day = contact.last_on.max(*day);
    }
    let met: HashSet<(Uuid, Uuid)> = held
        .iter()
        .flat_map(|one| one.met.iter().map(|party| (one.department_id, *party)))
        .collect();
    let pairs = scene.owing().into_iter().flat_map(|department| {
        let parties = scene.directory.parties_of(department, scene.period.settled_on);
        parties.into_iter().map(move |party| (department, party))
    });
    Ok(pairs
        .map(|(department, party)| Pair {
            department,
            party,
            met: met.contains(&(department, party)),
            last_met_on: last.get(&(department, party)).copied(),
        })
        .collect())
}

#[derive(diesel::QueryableByName)]
struct Contact {
    #[diesel(sql_type = diesel::sql_types::Uuid)]
    department_id: Uuid,
    #[diesel(sql_type = diesel::sql_types::Uuid)]
    party_id: Uuid,
    #[diesel(sql_type = diesel::sql_types::Date)]
    last_on: NaiveDate,
}

/// By the rule of `meetings::counting`: in person, by somebody named.
const LAST_CONTACTS: &str = "
    SELECT host.organization_id AS department_id, invitation.organization_id AS party_id,
        max((meeting.starts_at AT TIME ZONE 'Asia/Shanghai')::date) AS last_on
    FROM meetings AS meeting
    JOIN meeting_hosts AS host ON host.meeting_id = meeting.id AND host.organization_kind = 'department'
    JOIN meeting_invitations AS invitation ON invitation.meeting_id = meeting.id AND invitation.organization_kind = 'party'
    WHERE meeting.state = 'concluded' AND meeting.concluded_at < $1 AND meeting.starts_at < $1 AND invitation.present
        AND (invitation.persons <> '[]' OR invitation.attendees <> '[]')
    GROUP BY 1, 2";

/// A fact for each pair, for department and party alike.
pub fn pair_facts<'a>(scene: &'a Scene<'a>, pairs: &'a [Pair]) -> impl Iterator<Item = Fact> + 'a {
    pairs.iter().map(|pair| Fact {
        figure: Figure::PairsMet,
        department: Some(pair.department),
        party: Some(pair.party),
        counted: pair.met,
        record: Record {
            key: pair.party,
            kind: RecordType::Party,
            id: pair.party,
            title: format!("{}—{}", scene.name(pair.department), scene.name(pair.party)),
            on: pair.last_met_on,
            note: None,
        },
    })
}

type Invited = (
    Uuid,
    String,
    DateTime<Utc>,
    Uuid,
    Option<bool>,
    Option<bool>,
    Option<DateTime<Utc>>,
);

/// A fact for each invitation of a party that was to be answered before what began in the period.
///
/// # Errors
/// `database_unavailable`.
pub async fn answers(mut conn: &AsyncPgConnection, scene: &Scene<'_>) -> Result<Vec<Fact>> {
    let ((from, until), known) = (scene.period.instants(), scene.period.until());
    let off: [&str; 2] = [MeetingState::Draft.into(), MeetingState::Cancelled.into()];
    type Asked = (Uuid, String, DateTime<Utc>, Uuid, Option<DateTime<Utc>>);
    let asked: Vec<Asked> = meetings::table
        .inner_join(invitations::table.on(invitations::meeting_id.eq(meetings::id)))
        .filter(meetings::starts_at.ge(from))
        .filter(meetings::starts_at.lt(until.min(known)))
        .filter(meetings::state.ne_all(off))
        .filter(invitations::organization_kind.eq("party"))
        .filter(invitations::answer_until.lt(known))
        .order((meetings::starts_at, meetings::id, invitations::position))
        .select((
            meetings::id,
            meetings::title,
            meetings::starts_at,
            invitations::organization_id.assume_not_null(),
            invitations::answered_at,
        ))
        .load(&mut conn)
        .await?;
    let facts = asked
        .into_iter()
        .map(|(id, title, starts_at, party, answered_at)| Fact {
            figure: Figure::InvitationsUnanswered,
            department: None,
            party: Some(party),
            counted: answered_at.is_none(),
            record: Record {
                key: id,
                kind: RecordType::Meeting,
                id,
                title,
                on: Some(crate::clock::shanghai_day(starts_at)),
                note: None,
            },
        });
    Ok(facts.collect())
}

/// A fact for each party's invitation to what was held in the period.
///
/// # Errors
/// `database_unavailable`.
pub async fn attendance(mut conn: &AsyncPgConnection, scene: &Scene<'_>) -> Result<Vec<Fact>> {
    let ((from, until), known) = (scene.period.instants(), scene.period.until());
    let held: [&str; 2] = [MeetingState::Held.into(), MeetingState::Concluded.into()];
    let invited: Vec<Invited> = meetings::table
        .inner_join(invitations::table.on(invitations::meeting_id.eq(meetings::id)))
        .filter(meetings::starts_at.ge(from))
        .filter(meetings::starts_at.lt(until.min(known)))
        .filter(meetings::state.eq_any(held))
        .filter(meetings::form.eq(MeetingForm::Meeting))
        .filter(invitations::organization_kind.eq("party"))
        .order((meetings::starts_at, meetings::id, invitations::position))
        .select((
            meetings::id,
            meetings::title,
            meetings::starts_at,
            invitations::organization_id.assume_not_null(),
            invitations::present,
            invitations::online,
            meetings::held_at,
        ))
        .load(&mut conn)
        .await?;
    invited
        .into_iter()
        .filter(|(.., held_at)| held_at.is_some_and(|at| at < known))
        .map(|(id, title, starts_at, party, present, online, _)| {
            Ok::<_, Problem>(Fact {
                figure: Figure::InvitationsAttended,
                department: None,
                party: Some(party),
                counted: present == Some(true) || online == Some(true),
                record: Record {
                    key: id,
                    kind: RecordType::Meeting,
                    id,
                    title,
                    on: Some(crate::clock::shanghai_day(starts_at)),
                    note: None,
                },
            })
        })
        .collect()
}
