//! What is stored of a suggestion, and the closed sets of values in it.

use super::input::Contact;
use crate::db::schema::suggestions;
use crate::directory::Directory;
use crate::policy::Caller;
use crate::problem::{Problem, Result};
use crate::resources::meetings::links::LinkedMeeting;
use crate::resources::meetings::policy::{Meeting, is_seen};
use crate::vocabulary::meetings::MeetingState;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::{Queryable, Selectable};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

macro_rules! closed_sets {
    ($($(#[$doc:meta])* $name:ident { $($value:ident),* })*) => {$(
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema,
            strum::EnumString, strum::IntoStaticStr, strum::EnumIter,
        )]
        #[serde(rename_all = "snake_case")]
        #[strum(serialize_all = "snake_case")]
        pub enum $name { $($value),* }
    )*};
}

closed_sets! {
    /// 意见建议状态
    SuggestionState { Draft, Submitted, Returned, Accepted, Replied, Withdrawn, Concluded }
    /// 备案情况, of the last round that was replied in.
    Filing { None, Reported, Returned, Filed }
    /// 评价情况, of the last round that was replied in. Lapsed (未评价) is never counted as satisfied.
    Evaluation { None, Awaited, Received, Lapsed }
    /// 协商会, after the second dissatisfaction.
    Mediation { None, Needed, Held }
    /// 延期审核情况
    ExtensionState { Requested, Granted, Denied }
    /// 主办或会办
    HandlingRole { Lead, Joint }
    /// 联名情况
    SignatureState { NotAsked, Asked, Signed, Declined }
    /// 沟通方式
    CommunicationWay { Visit, Meeting, Phone, Field }
    /// 满意度
    Satisfaction { Satisfied, MostlySatisfied, Dissatisfied }
}

/// 办理结果
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    ToSchema,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::EnumIter,
)]
pub enum SuggestionResult {
    A,
    B,
    C,
    D,
}

/// What lists show and rules go by.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = suggestions)]
pub struct Head {
    pub id: Uuid,
    pub party_id: Uuid,
    pub title: String,
    pub category: Option<String>,
    pub lead_department_id: Uuid,
    pub state: String,
    pub number: Option<String>,
    pub outside_assignment: bool,
    pub round: i32,
    pub communicated_round: i32,
    pub result: Option<String>,
    pub filing: String,
    pub filing_number: Option<String>,
    pub evaluation: String,
    pub mediation: String,
    pub extension: String,
    pub extension_until: Option<NaiveDate>,
    pub extension_reason: Option<String>,
    pub due_on: Option<NaiveDate>,
    pub from_meeting_id: Option<Uuid>,
    pub submitted_at: Option<DateTime<Utc>>,
    pub accepted_at: Option<DateTime<Utc>>,
    pub replied_at: Option<DateTime<Utc>>,
    pub concluded_at: Option<DateTime<Utc>>,
    pub withdrawn_at: Option<DateTime<Utc>>,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// What it says.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = suggestions)]
pub struct Body {
    pub background: String,
    pub proposal: String,
    pub authors: serde_json::Value,
    pub contact: Option<serde_json::Value>,
}

impl Body {
    pub fn contact(&self) -> Result<Option<Contact>> {
        let contact = self.contact.clone().map(serde_json::from_value);
        contact.transpose().map_err(Problem::internal)
    }
}

/// The meeting that it came of, with what decides who may know of it.
#[derive(Clone, Debug)]
pub struct FromMeeting {
    pub id: Uuid,
    pub title: String,
    pub state: MeetingState,
    pub starts_at: DateTime<Utc>,
    pub hosts: Vec<Uuid>,
    pub invited: Vec<Uuid>,
    /// Of follow-ups that are theirs to do.
    pub owners: Vec<Uuid>,
}

impl From<&Meeting> for FromMeeting {
    fn from(meeting: &Meeting) -> Self {
        let concluded = meeting.row.concluded_at.is_some();
        let owners = meeting.follow_ups.iter().filter(|_| concluded);
        Self {
            id: meeting.row.id,
            title: meeting.row.title.clone(),
            state: meeting.state,
            starts_at: meeting.row.starts_at,
            hosts: meeting.hosts.iter().map(|host| host.id).collect(),
            invited: meeting
                .invitations
                .iter()
                .filter_map(|one| one.row.organization_id)
                .collect(),
            owners: owners.map(|one| one.owner_id).collect(),
        }
    }
}

impl FromMeeting {
    /// As the caller may know of it.
    pub fn shown_to(
        &self,
        caller: &Caller,
        directory: &Directory,
        today: NaiveDate,
    ) -> Option<LinkedMeeting> {
        let acting = |all: &[Uuid]| -> Vec<Uuid> {
            let acting = all.iter().filter_map(|id| directory.acting(*id, today));
            acting.map(|one| one.id).collect()
        };
        let is_draft = self.state == MeetingState::Draft;
        let [hosts, invited, owners] = [&self.hosts, &self.invited, &self.owners].map(|all| acting(all));
        is_seen(caller, is_draft, &hosts, &invited, &owners).then(|| LinkedMeeting {
            id: self.id,
            title: self.title.clone(),
            state: self.state,
            starts_at: self.starts_at,
        })
    }
}
