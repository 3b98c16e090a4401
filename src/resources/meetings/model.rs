use super::conflicts::Conflict;
use super::links::{LinkedSuggestion, LinkedWorkReport, Links};
use super::parts::PostponementRow;
use super::policy::Meeting;
use crate::clock::shanghai_day;
use crate::directory::Directory;
use crate::directory::model::OrganizationRef;
use crate::figures::counting::Counts;
use crate::policy::Caller;
use crate::problem::Result;
use crate::resources::meetings::opinions::timing;
use crate::vocabulary::meetings::{
    ConsultationTiming, InvitationAnswer, MeetingForm, MeetingKind, MeetingState, SocialServiceKind,
    SocialServiceWay,
};
use crate::workflow::machine::{AllowedAction, allowed_actions};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// 对口联系活动
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Meeting)]
pub struct MeetingView {
    pub id: Uuid,
    pub kind: MeetingKind,
    #[schema(required = true)]
    pub social_service_kind: Option<SocialServiceKind>,
    /// Of a social service: `jointly_organized` where a party is among the co-hosts.
    #[schema(required = true)]
    pub social_service_way: Option<SocialServiceWay>,
    #[schema(example = "2026年度对口联系工作会议", max_length = 200)]
    pub title: String,
    #[schema(required = true, example = json!(null), max_length = 4000)]
    pub description: Option<String>,
    pub form: MeetingForm,
    pub state: MeetingState,
    /// Any of them acts.
    #[schema(max_items = 30)]
    pub hosts: Vec<OrganizationRef>,
    /// 联办: parties that organize it with the hosts.
    #[schema(max_items = 30)]
    pub co_hosts: Vec<OrganizationRef>,
    pub starts_at: DateTime<Utc>,
    #[schema(required = true)]
    pub ends_at: Option<DateTime<Utc>>,
    #[schema(required = true, example = "市教育局三楼会议室", max_length = 200)]
    pub place: Option<String>,
    #[schema(required = true, example = json!(null), max_length = 500)]
    pub online_address: Option<String>,
    /// In order.
    #[schema(max_items = 100)]
    pub agenda: Vec<AgendaItemView>,
    #[schema(required = true)]
    pub decision: Option<DecisionView>,
    /// 活动成果: suggestions that came of it, as far as the caller may read them.
    #[schema(max_items = 1000)]
    pub suggestions: Vec<LinkedSuggestion>,
    /// Reports that tell of it, as far as the caller may read them.
    #[schema(max_items = 1000)]
    pub work_reports: Vec<LinkedWorkReport>,
    pub invitations: InvitationCounts,
    /// The caller's own; null where its organization is not invited.
    #[schema(required = true)]
    pub own_invitation: Option<OwnInvitation>,
    /// A party is invited that no host liaises with.
    pub outside_assignment: bool,
    pub counts: Counts,
    /// What else a host, or an invited party or department, has at that time. Pointed out, never refused: to hosts and the
    /// two offices all of it, to whoever is invited its own.
    #[schema(max_items = 1000)]
    pub conflicts: Vec<Conflict>,
    /// Each change of time, the oldest first.
    #[schema(max_items = 1000)]
    pub postponements: Vec<PostponementView>,
    #[schema(required = true)]
    pub convened_at: Option<DateTime<Utc>>,
    #[schema(required = true)]
    pub held_at: Option<DateTime<Utc>>,
    #[schema(required = true)]
    pub concluded_at: Option<DateTime<Utc>>,
    #[schema(required = true)]
    pub cancelled_at: Option<DateTime<Utc>>,
    #[schema(required = true, example = json!(null), max_length = 2000)]
    pub cancel_reason: Option<String>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    #[schema(max_items = 20)]
    pub allowed_actions: Vec<AllowedAction>,
}

/// 议程项
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = AgendaItem)]
pub struct AgendaItemView {
    pub id: Uuid,
    #[schema(example = "通报年度工作计划", max_length = 200)]
    pub title: String,
    #[schema(required = true, example = json!(null), max_length = 100)]
    pub presenter: Option<String>,
    /// What it is about; null also where the caller may not read that.
    #[schema(required = true)]
    pub suggestion: Option<LinkedSuggestion>,
    #[schema(required = true)]
    pub work_report: Option<LinkedWorkReport>,
}

/// 决策事项
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = PlannedDecision)]
pub struct DecisionView {
    #[schema(example = "全市义务教育学位建设三年规划", max_length = 500)]
    pub matter: String,
    #[schema(example = "2026-04-10")]
    pub planned_on: NaiveDate,
    #[schema(example = "2026-04-02")]
    pub opinions_due_on: NaiveDate,
    /// The day on which it was decided; null until that is on record.
    #[schema(required = true, example = json!(null))]
    pub decided_on: Option<NaiveDate>,
    /// What was decided.
    #[schema(required = true, example = json!(null), max_length = 10_000)]
    pub decided: Option<String>,
    /// Whether parties were heard before it: by the days on which their opinions came, or without any by the day on which
    /// the consultation began, held against the day of the decision, or the planned one.
    pub timing: ConsultationTiming,
    pub opinions: OpinionCounts,
}

/// 意见数量
#[derive(Clone, Copy, Debug, Default, Serialize, ToSchema)]
pub struct OpinionCounts {
    /// Parties that are asked.
    #[schema(example = 4, minimum = 0)]
    pub asked: usize,
    #[schema(example = 3, minimum = 0)]
    pub given: usize,
    #[schema(example = 2, minimum = 0)]
    pub answered: usize,
    /// Given after the day until which they were asked for.
    #[schema(example = 0, minimum = 0)]
    pub late: usize,
    /// Given after the decision.
    #[schema(example = 0, minimum = 0)]
    pub after_decision: usize,
}

/// 邀请数量
#[derive(Clone, Copy, Debug, Default, Serialize, ToSchema)]
pub struct InvitationCounts {
    #[schema(example = 5, minimum = 0)]
    pub invited: usize,
    #[schema(example = 3, minimum = 0)]
    pub accepted: usize,
    #[schema(example = 0, minimum = 0)]
    pub declined: usize,
    #[schema(example = 0, minimum = 0)]
    pub tentative: usize,
    #[schema(example = 2, minimum = 0)]
    pub pending: usize,
}

/// 本单位的邀请
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OwnInvitation {
    pub id: Uuid,
    pub answer: InvitationAnswer,
}

/// 改期记录
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Postponement)]
pub struct PostponementView {
    pub postponed_at: DateTime<Utc>,
    pub starts_before: DateTime<Utc>,
    pub starts_after: DateTime<Utc>,
    #[schema(required = true, example = "市教育局三楼会议室", max_length = 200)]
    pub place_before: Option<String>,
    #[schema(required = true, example = "市教育局五楼会议室", max_length = 200)]
    pub place_after: Option<String>,
    #[schema(required = true, example = "分管领导赴省参加会议。", max_length = 2000)]
    pub reason: Option<String>,
}

impl From<PostponementRow> for PostponementView {
    fn from(row: PostponementRow) -> Self {
        let PostponementRow {
            meeting_id: _,
            postponed_at,
            starts_before,
            starts_after,
            place_before,
            place_after,
            reason,
        } = row;
        Self {
            postponed_at,
            starts_before,
            starts_after,
            place_before,
            place_after,
            reason,
        }
    }
}

impl Meeting {
    /// By which day its organizations are named.
    pub fn named_on(&self) -> NaiveDate {
        shanghai_day(self.row.starts_at).min(shanghai_day(self.now))
    }

    fn invitation_counts(&self) -> InvitationCounts {
        let of = |answer| {
            self.invitations
                .iter()
                .filter(|one| one.row.answer == answer)
                .count()
        };
        InvitationCounts {
            invited: self.invitations.len(),
            accepted: of(InvitationAnswer::Accepted),
            declined: of(InvitationAnswer::Declined),
            tentative: of(InvitationAnswer::Tentative),
            pending: of(InvitationAnswer::Pending),
        }
    }

    fn social_service_way(&self) -> Option<SocialServiceWay> {
        let jointly = self.invitations.iter().any(|one| one.row.co_host);
        (self.row.kind == MeetingKind::SocialService).then_some(match jointly {
            true => SocialServiceWay::JointlyOrganized,
            false => SocialServiceWay::TakenPart,
        })
    }
}

impl MeetingView {
    /// As it is put on record and announced: nothing that is one caller's alone, and no links, which not all may follow.
    pub fn new(meeting: &Meeting, directory: &Directory) -> Result<Self> {
        let day = meeting.named_on();
        let reference = |id| directory.reference(id, day);
        let row = meeting.row.clone();
        let co_hosts = meeting.invitations.iter().filter(|one| one.row.co_host);
        let organizers = co_hosts.clone().filter_map(|one| one.row.organization_id);
        let named = meeting.hosts.iter().map(|host| host.id).chain(organizers);
        Ok(Self {
            id: row.id,
            kind: meeting.row.kind,
            social_service_kind: meeting.row.social_service_kind,
            social_service_way: meeting.social_service_way(),
            title: row.title,
            description: row.description,
            form: meeting.row.form,
            state: meeting.row.state,
            hosts: meeting
                .hosts
                .iter()
                .map(|host| reference(host.id))
                .collect::<Result<_>>()?,
            co_hosts: co_hosts
                .filter_map(|one| one.row.organization_id)
                .map(reference)
                .collect::<Result<_>>()?,
            starts_at: row.starts_at,
            ends_at: row.ends_at,
            place: row.place,
            online_address: row.online_address,
            agenda: agenda(meeting, &Links::default()),
            decision: timing::of(meeting),
            suggestions: Vec::new(),
            work_reports: Vec::new(),
            invitations: meeting.invitation_counts(),
            own_invitation: None,
            outside_assignment: meeting.invitations.iter().any(|one| one.outside_assignment),
            counts: meeting.counts(),
            conflicts: Vec::new(),
            postponements: meeting
                .postponements
                .iter()
                .cloned()
                .map(PostponementView::from)
                .collect(),
            convened_at: row.convened_at,
            held_at: row.held_at,
            concluded_at: row.concluded_at,
            cancelled_at: row.cancelled_at,
            cancel_reason: row.cancel_reason,
            created_at: row.created_at,
            updated_at: directory.changed_at(row.updated_at, named, day),
            allowed_actions: Vec::new(),
        })
    }

    /// With what the caller can do, and what else there is at the time.
    pub fn for_caller(
        caller: &Caller,
        meeting: &Meeting,
        directory: &Directory,
        conflicts: Vec<Conflict>,
        links: &Links,
    ) -> Result<Self> {
        Ok(Self {
            own_invitation: meeting.invitation_of(caller).map(|one| OwnInvitation {
                id: one.row.id,
                answer: one.row.answer,
            }),
            conflicts,
            allowed_actions: allowed_actions(caller, meeting),
            ..Self::linked(meeting, directory, links)?
        })
    }

    /// With what hangs together with it.
    pub fn linked(meeting: &Meeting, directory: &Directory, links: &Links) -> Result<Self> {
        Ok(Self {
            agenda: agenda(meeting, links),
            suggestions: links.results(meeting.row.id),
            work_reports: links.reports(meeting.row.id),
            ..Self::new(meeting, directory)?
        })
    }
}

fn agenda(meeting: &Meeting, links: &Links) -> Vec<AgendaItemView> {
    let items = meeting.agenda.iter().cloned();
    items.map(|item| links.agenda_item(item)).collect()
}

/// Filters of the list.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct MeetingFilter {
    #[param(inline)]
    #[serde(default)]
    pub kind: Vec<MeetingKind>,
    #[param(inline)]
    #[serde(default)]
    pub state: Vec<MeetingState>,
    #[param(inline)]
    #[serde(default)]
    pub form: Vec<MeetingForm>,
    /// Among the hosts: code or id of a department or 市委统战部.
    #[param(max_length = 64)]
    #[serde(default)]
    pub host: Vec<String>,
    /// Invited: code or id of an organization.
    #[param(max_length = 64)]
    #[serde(default)]
    pub party: Vec<String>,
    /// Present, in person or online: code or id of an organization.
    #[param(max_length = 64)]
    #[serde(default)]
    pub attended_by: Vec<String>,
    /// Starting in that year (Asia/Shanghai).
    #[param(minimum = 1990, maximum = 2100)]
    pub year: Option<i32>,
    /// Under way on that day (Asia/Shanghai) or later.
    pub from: Option<NaiveDate>,
    /// Under way on that day (Asia/Shanghai) or before.
    pub to: Option<NaiveDate>,
    /// Whether it counts as an activity of its hosts.
    pub counts: Option<bool>,
    /// Those whose invitation the caller's organization has still to answer.
    #[param(default = false)]
    #[serde(default)]
    pub to_answer: bool,
    /// Changed at or after that instant.
    pub updated_since: Option<DateTime<Utc>>,
    #[param(inline)]
    #[serde(default)]
    pub sort: MeetingSort,
}

/// Order of the list; `-starts_at` where not given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
pub enum MeetingSort {
    #[default]
    #[serde(rename = "-starts_at")]
    LatestStart,
    #[serde(rename = "starts_at")]
    EarliestStart,
    #[serde(rename = "-created_at")]
    Newest,
    #[serde(rename = "created_at")]
    Oldest,
}
