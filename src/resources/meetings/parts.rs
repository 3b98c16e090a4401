//! The rows of what a meeting is made of.

use crate::db::schema::{
    meeting_agenda_items, meeting_follow_ups, meeting_hosts, meeting_invitations, meeting_opinions,
    meeting_postponements, meetings,
};
use crate::directory::model::Kind;
use crate::vocabulary::meetings::{
    FollowUpState, GuestKind, InvitationAnswer, MeetingForm, MeetingKind, MeetingState, OpinionAnswer,
    SocialServiceKind,
};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::{Queryable, Selectable};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = meetings)]
pub struct Row {
    pub id: Uuid,
    pub kind: MeetingKind,
    pub social_service_kind: Option<SocialServiceKind>,
    pub title: String,
    pub description: Option<String>,
    pub form: MeetingForm,
    pub state: MeetingState,
    pub starts_at: DateTime<Utc>,
    pub ends_at: Option<DateTime<Utc>>,
    pub place: Option<String>,
    pub online_address: Option<String>,
    pub decision_matter: Option<String>,
    pub decision_planned_on: Option<NaiveDate>,
    pub opinions_due_on: Option<NaiveDate>,
    pub decided_on: Option<NaiveDate>,
    pub decision_text: Option<String>,
    pub minutes_text: Option<String>,
    pub minutes_decisions: Value,
    pub sequence: i32,
    pub convened_at: Option<DateTime<Utc>>,
    pub held_at: Option<DateTime<Utc>>,
    pub concluded_at: Option<DateTime<Utc>>,
    pub cancelled_at: Option<DateTime<Utc>>,
    pub cancel_reason: Option<String>,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = meeting_hosts)]
pub struct HostRow {
    pub meeting_id: Uuid,
    pub organization_id: Uuid,
    pub organization_kind: Kind,
}

#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = meeting_agenda_items)]
pub struct AgendaRow {
    pub id: Uuid,
    pub meeting_id: Uuid,
    pub title: String,
    pub presenter: Option<String>,
    pub suggestion_id: Option<Uuid>,
    pub work_report_id: Option<Uuid>,
}

#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = meeting_postponements)]
pub struct PostponementRow {
    pub meeting_id: Uuid,
    pub postponed_at: DateTime<Utc>,
    pub starts_before: DateTime<Utc>,
    pub starts_after: DateTime<Utc>,
    pub place_before: Option<String>,
    pub place_after: Option<String>,
    pub reason: Option<String>,
}

#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = meeting_invitations)]
pub struct InvitationRow {
    pub id: Uuid,
    pub meeting_id: Uuid,
    pub organization_id: Option<Uuid>,
    pub organization_kind: Option<Kind>,
    pub guest_kind: Option<GuestKind>,
    pub guest_name: Option<String>,
    pub guest_organization: Option<String>,
    pub co_host: bool,
    pub quota: Option<i32>,
    pub answer: InvitationAnswer,
    pub attendees: Value,
    pub reason: Option<String>,
    pub answered_at: Option<DateTime<Utc>>,
    pub answer_until: Option<DateTime<Utc>>,
    pub present: Option<bool>,
    pub online: Option<bool>,
    pub persons: Value,
    pub dispute_until: Option<NaiveDate>,
    pub disputed_at: Option<DateTime<Utc>>,
    pub dispute_reason: Option<String>,
    pub dispute_present: Option<bool>,
    pub dispute_persons: Option<Value>,
    pub dispute_decided_at: Option<DateTime<Utc>>,
    pub dispute_granted: Option<bool>,
    pub dispute_decision: Option<String>,
    pub recorded_on_behalf: bool,
}

/// 参会人员: who comes for an organization, or stands in for somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = Attendee)]
#[serde(deny_unknown_fields)]
pub struct Attendee {
    #[schema(example = "周文博", max_length = 60)]
    pub name: String,
    #[schema(example = "副主委", max_length = 100, required = false)]
    #[serde(default)]
    pub title: Option<String>,
    /// 代替何人参会: who had been expected instead.
    #[schema(example = json!(null), max_length = 60, required = false)]
    #[serde(default)]
    pub stands_in_for: Option<String>,
}

#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = meeting_opinions)]
pub struct OpinionRow {
    pub id: Uuid,
    pub meeting_id: Uuid,
    pub party_id: Uuid,
    pub text: String,
    pub given_at: DateTime<Utc>,
    pub answer: Option<OpinionAnswer>,
    pub answer_reason: Option<String>,
    pub answered_at: Option<DateTime<Utc>>,
}

#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = meeting_follow_ups)]
pub struct FollowUpRow {
    pub id: Uuid,
    pub meeting_id: Uuid,
    pub position: i32,
    pub text: String,
    pub owner_id: Uuid,
    pub due_on: NaiveDate,
    pub state: FollowUpState,
    pub done_at: Option<DateTime<Utc>>,
    pub done_text: Option<String>,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}
