//! What is stored of a suggestion, and the closed sets of values in it.

use super::input::Contact;
use crate::db::schema::suggestions;
use crate::directory::Directory;
use crate::policy::Caller;
use crate::problem::{Problem, Result};
use crate::resources::meetings::links::LinkedMeeting;
use crate::resources::meetings::policy::{Meeting, is_seen};
use crate::vocabulary::meetings::MeetingState;
use crate::vocabulary::{closed_set, enumeration};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::{Queryable, Selectable};
use uuid::Uuid;

enumeration! {
    /// 意见建议状态
    #[derive(Default)]
    pub enum SuggestionState {
        #[default]
        Draft ["草稿", "Draft"],
        Submitted ["待签收", "Submitted"],
        Returned ["申退待审", "Return asked for"],
        Accepted ["办理中", "Accepted"],
        Replied ["已答复", "Replied"],
        Withdrawn ["已撤回", "Withdrawn"],
        Concluded ["已办结", "Concluded"],
    }

    /// 备案情况, of the last round that was replied in.
    pub enum Filing {
        None ["未报备", "Not reported"],
        Reported ["待备案", "Reported"],
        Returned ["退回补报", "Returned"],
        Filed ["已备案", "Filed"],
    }

    /// 评价情况, of the last round that was replied in. Lapsed (未评价) is never counted as satisfied.
    pub enum Evaluation {
        None ["无", "None"],
        Awaited ["待评价", "Awaited"],
        Received ["已评价", "Received"],
        Lapsed ["未评价", "Lapsed"],
    }

    /// 协商会, after the second dissatisfaction.
    pub enum Mediation {
        None ["无需协商", "None"],
        Needed ["待协商", "Needed"],
        Held ["已协商", "Held"],
    }

    /// 延期审核情况
    pub enum ExtensionState {
        Requested ["待审核", "Requested"],
        Granted ["已同意", "Granted"],
        Denied ["未同意", "Denied"],
    }

    /// 主办或会办
    pub enum HandlingRole {
        Lead ["主办", "Lead"],
        Joint ["会办", "Joint"],
    }

    /// 联名情况
    pub enum SignatureState {
        NotAsked ["未征求", "Not asked yet"],
        Asked ["待签名", "Asked"],
        Signed ["已签名", "Signed"],
        Declined ["已谢绝", "Declined"],
    }

    /// 沟通方式
    pub enum CommunicationWay {
        Visit ["走访", "Visit"],
        Meeting ["座谈", "Meeting"],
        Phone ["电话", "Phone"],
        Field ["调研", "Field research"],
    }

    /// 满意度
    pub enum Satisfaction {
        Satisfied ["满意", "Satisfied"],
        MostlySatisfied ["基本满意", "Mostly satisfied"],
        Dissatisfied ["不满意", "Dissatisfied"],
    }
}

enumeration! {
    /// 办理结果
    pub enum SuggestionResult {
        #[serde(rename = "A")]
        #[strum(serialize = "A")]
        A ["已解决", "Solved"],
        #[serde(rename = "B")]
        #[strum(serialize = "B")]
        B ["正在解决或列入计划", "In progress or planned"],
        #[serde(rename = "C")]
        #[strum(serialize = "C")]
        C ["条件成熟时解决", "Later, when conditions allow"],
        #[serde(rename = "D")]
        #[strum(serialize = "D")]
        D ["留作参考", "For reference"],
    }
}

closed_set! {
    /// Whether an extension was asked for, and what became of it.
    pub enum Extension { None, Requested, Granted, Denied }
}

impl Extension {
    /// None: never asked for.
    pub fn state(self) -> Option<ExtensionState> {
        match self {
            Self::None => None,
            Self::Requested => Some(ExtensionState::Requested),
            Self::Granted => Some(ExtensionState::Granted),
            Self::Denied => Some(ExtensionState::Denied),
        }
    }
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
    pub state: SuggestionState,
    pub number: Option<String>,
    pub outside_assignment: bool,
    pub round: i32,
    pub communicated_round: i32,
    pub result: Option<SuggestionResult>,
    pub filing: Filing,
    pub filing_number: Option<String>,
    pub evaluation: Evaluation,
    pub mediation: Mediation,
    pub extension: Extension,
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
            state: meeting.row.state,
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
