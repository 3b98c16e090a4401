//! What else somebody has at the time of a meeting. It is pointed out, never refused.

use super::policy::Meeting;
use super::queries::Sight;
use crate::directory::Directory;
use crate::directory::model::OrganizationRef;
use crate::policy::Caller;
use crate::problem::Result;
use crate::vocabulary::meetings::MeetingState;
use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{QueryableByName, sql_query};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::Serialize;
use std::collections::HashMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// Hours that a meeting takes of which no end is known.
const ASSUMED_HOURS: i64 = 2;

/// 时间冲突
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = MeetingConflict)]
pub struct Conflict {
    /// Who would have to be in two places.
    pub organization: OrganizationRef,
    /// What else it has at that time; null where the caller may not know what it is.
    #[schema(required = true)]
    pub meeting: Option<Other>,
}

/// 冲突的活动
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ConflictingMeeting)]
pub struct Other {
    pub id: Uuid,
    #[schema(example = "医疗义诊进乡镇活动", max_length = 200)]
    pub title: String,
    pub starts_at: DateTime<Utc>,
    #[schema(required = true)]
    pub ends_at: Option<DateTime<Utc>>,
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = SqlUuid)]
    meeting_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    organization_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    other_id: Uuid,
    #[diesel(sql_type = Text)]
    title: String,
    #[diesel(sql_type = Timestamptz)]
    starts_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    ends_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Bool)]
    seen: bool,
}

/// Hosts, invited parties and departments of what is still to come, with what else they host or are invited to, and have
/// not declined, at that time.
const OVERLAPS: &str = "
    SELECT mine.id AS meeting_id, busy.organization_id, other.id AS other_id, other.title, other.starts_at, other.ends_at,
        ($3 OR EXISTS (SELECT FROM meeting_hosts WHERE meeting_id = other.id AND organization_id = ANY ($2))
            OR EXISTS (SELECT FROM meeting_invitations WHERE meeting_id = other.id AND organization_id = ANY ($2))) AS seen
    FROM meetings mine
    CROSS JOIN LATERAL (
        SELECT organization_id FROM meeting_hosts WHERE meeting_id = mine.id
        UNION SELECT organization_id FROM meeting_invitations
            WHERE meeting_id = mine.id AND organization_kind IN ('party', 'department') AND answer <> 'declined') busy
    JOIN meetings other ON other.id <> mine.id AND other.form = 'meeting' AND other.state IN ('convened', 'held', 'concluded')
        AND other.starts_at < coalesce(mine.ends_at, mine.starts_at + make_interval(hours => $4::int))
        AND coalesce(other.ends_at, other.starts_at + make_interval(hours => $4::int)) > mine.starts_at
    WHERE mine.id = ANY ($1) AND mine.form = 'meeting' AND (
        EXISTS (SELECT FROM meeting_hosts WHERE meeting_id = other.id AND organization_id = busy.organization_id)
        OR EXISTS (SELECT FROM meeting_invitations
            WHERE meeting_id = other.id AND organization_id = busy.organization_id AND answer <> 'declined'))
    ORDER BY mine.id, other.starts_at, other.id, busy.organization_id";

/// By meeting, as far as the caller is to know of them.
///
/// # Errors
/// `database_unavailable`.
pub async fn of(
    mut conn: &AsyncPgConnection,
    caller: &Caller,
    sight: &Sight,
    meetings: &[Meeting],
    directory: &Directory,
) -> Result<HashMap<Uuid, Vec<Conflict>>> {
    let ahead = |one: &&Meeting| matches!(one.row.state, MeetingState::Draft | MeetingState::Convened);
    let ahead: Vec<&Meeting> = meetings.iter().filter(ahead).collect();
    let mut by_meeting: HashMap<Uuid, Vec<Conflict>> = HashMap::new();
    if ahead.is_empty() {
        return Ok(by_meeting);
    }
    let ids: Vec<Uuid> = ahead.iter().map(|one| one.row.id).collect();
    let found: Vec<Found> = sql_query(OVERLAPS)
        .bind::<Array<SqlUuid>, _>(ids)
        .bind::<Array<SqlUuid>, _>(&sight.own)
        .bind::<Bool, _>(sight.all_issued)
        .bind::<BigInt, _>(ASSUMED_HOURS)
        .load(&mut conn)
        .await?;
    for one in found {
        let Some(meeting) = ahead.iter().find(|meeting| meeting.row.id == one.meeting_id) else {
            continue;
        };
        if !meeting.oversees(caller) && !sight.own.contains(&one.organization_id) {
            continue;
        }
        by_meeting.entry(one.meeting_id).or_default().push(Conflict {
            organization: directory.reference(one.organization_id, meeting.named_on())?,
            meeting: one.seen.then_some(Other {
                id: one.other_id,
                title: one.title,
                starts_at: one.starts_at,
                ends_at: one.ends_at,
            }),
        });
    }
    Ok(by_meeting)
}
