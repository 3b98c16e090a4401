use crate::directory::Directory;
use crate::directory::model::OrganizationRef;
use crate::http::extract::Input;
use crate::http::page::Page;
use crate::policy::{Caller, Op, Reach};
use crate::problem::{Fault, Problem, Result};
use crate::resources::meetings::parts::Attendee;
use crate::resources::meetings::policy::{Invitation, Meeting};
use crate::vocabulary::meetings::{DisputeState, GuestKind, InvitationAnswer, InvitationReply, MeetingState};
use crate::workflow::machine::{AllowedAction, Label};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// 邀请
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Invitation)]
pub struct InvitationView {
    pub id: Uuid,
    /// Null for a guest.
    #[schema(required = true)]
    pub organization: Option<OrganizationRef>,
    /// Null for an organization.
    #[schema(required = true)]
    pub guest: Option<GuestView>,
    /// 联办: a party that organizes the meeting with its hosts.
    pub co_host: bool,
    /// A party that no host liaises with; marked, never refused.
    pub outside_assignment: bool,
    /// How many may come; null where that is not limited.
    #[schema(required = true, example = 2, minimum = 1)]
    pub quota: Option<i32>,
    pub answer: InvitationAnswer,
    /// 始终未答复: it was asked, and the meeting has begun without an answer; `answer` stays `pending` then.
    pub never_answered: bool,
    #[schema(max_items = 1000)]
    pub attendees: Vec<Attendee>,
    /// Why it does not come; for itself, the hosts and the two offices.
    #[schema(required = true, example = json!(null), max_length = 2000)]
    pub reason: Option<String>,
    #[schema(required = true)]
    pub answered_at: Option<DateTime<Utc>>,
    /// 代录: answered by 市委统战部 for an organization that nobody could act for.
    pub recorded_on_behalf: bool,
    /// Null until it is recorded.
    #[schema(required = true)]
    pub attendance: Option<AttendanceView>,
    /// Of its attendance; for itself, the hosts and the two offices.
    #[schema(required = true)]
    pub dispute: Option<DisputeView>,
    #[schema(max_items = 5)]
    pub allowed_actions: Vec<AllowedAction>,
}

/// 特邀人员
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Guest)]
pub struct GuestView {
    pub kind: GuestKind,
    #[schema(example = "何家豪", max_length = 60)]
    pub name: String,
    #[schema(required = true, example = "韶关学院", max_length = 200)]
    pub organization: Option<String>,
}

/// 到会情况
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
#[schema(as = Attendance)]
pub struct AttendanceView {
    /// In person.
    pub present: bool,
    pub online: bool,
    /// Names of those who came.
    #[schema(example = json!(["周文博"]), max_items = 1000)]
    pub persons: Vec<String>,
    /// The last day on which a party may dispute it.
    pub disputable_until: NaiveDate,
}

/// 到会情况异议
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = AttendanceDispute)]
pub struct DisputeView {
    pub state: DisputeState,
    pub disputed_at: DateTime<Utc>,
    #[schema(example = "我单位派员到会，签到表可查。", max_length = 2000)]
    pub reason: String,
    /// What it says of itself.
    pub present: bool,
    #[schema(example = json!(["周文博"]), max_items = 1000)]
    pub persons: Vec<String>,
    #[schema(required = true)]
    pub decided_at: Option<DateTime<Utc>>,
    #[schema(required = true, example = json!(null), max_length = 2000)]
    pub decision: Option<String>,
}

/// Names, as rows have them.
///
/// # Errors
/// 500 where a row holds something else.
pub fn names(value: &serde_json::Value) -> Result<Vec<String>> {
    serde_json::from_value(value.clone()).map_err(Problem::internal)
}

fn dispute(invitation: &Invitation) -> Result<Option<DisputeView>> {
    let row = &invitation.row;
    let (Some(disputed_at), Some(reason)) = (row.disputed_at, row.dispute_reason.clone()) else {
        return Ok(None);
    };
    Ok(Some(DisputeView {
        state: match row.dispute_granted {
            None => DisputeState::Open,
            Some(true) => DisputeState::Granted,
            Some(false) => DisputeState::Dismissed,
        },
        disputed_at,
        reason,
        present: row.dispute_present.unwrap_or(false),
        persons: row
            .dispute_persons
            .as_ref()
            .map(names)
            .transpose()?
            .unwrap_or_default(),
        decided_at: row.dispute_decided_at,
        decision: row.dispute_decision.clone(),
    }))
}

impl InvitationView {
    /// Whole, as it is put on record.
    pub fn new(invitation: &Invitation, meeting: &Meeting, directory: &Directory) -> Result<Self> {
        let row = invitation.row.clone();
        let organization = row
            .organization_id
            .map(|id| directory.reference(id, meeting.named_on()));
        let guest = invitation.row.guest_kind.zip(row.guest_name);
        let recorded = row.present.zip(row.online).zip(row.dispute_until);
        let persons = names(&row.persons)?;
        Ok(Self {
            id: row.id,
            organization: organization.transpose()?,
            guest: guest.map(|(kind, name)| GuestView {
                kind,
                name,
                organization: row.guest_organization,
            }),
            co_host: row.co_host,
            outside_assignment: invitation.outside_assignment,
            quota: row.quota,
            answer: invitation.row.answer,
            never_answered: invitation.is_unanswered(meeting.row.state, meeting.now),
            attendees: serde_json::from_value(row.attendees).map_err(Problem::internal)?,
            reason: row.reason,
            answered_at: row.answered_at,
            recorded_on_behalf: row.recorded_on_behalf,
            attendance: recorded.map(|((present, online), disputable_until)| AttendanceView {
                present,
                online,
                persons,
                disputable_until,
            }),
            dispute: dispute(invitation)?,
            allowed_actions: Vec::new(),
        })
    }

    /// As the caller sees it, with what it can do.
    pub fn for_caller(
        caller: &Caller,
        invitation: &Invitation,
        meeting: &Meeting,
        directory: &Directory,
    ) -> Result<Self> {
        let mut view = Self::new(invitation, meeting, directory)?;
        if !meeting.oversees(caller) && !invitation.is_of(caller) {
            view.reason = None;
            view.dispute = None;
        }
        view.allowed_actions = allowed_actions(caller, invitation, meeting);
        Ok(view)
    }

    /// All of a meeting's.
    pub fn all(caller: &Caller, meeting: &Meeting, directory: &Directory) -> Result<Page<Self>> {
        let views = meeting.invitations.iter();
        let views = views.map(|one| Self::for_caller(caller, one, meeting, directory));
        Ok(Page {
            items: views.collect::<Result<_>>()?,
            next_cursor: None,
            total: None,
            total_is_capped: None,
        })
    }
}

/// Whether an invitation can be answered as the meeting is.
pub fn is_answerable(meeting: &Meeting) -> bool {
    meeting.row.state == MeetingState::Convened && !meeting.has_begun()
}

/// Whether a party's attendance can be disputed on a day.
pub fn is_disputable(invitation: &Invitation, meeting: &Meeting, today: NaiveDate) -> bool {
    let over = matches!(meeting.row.state, MeetingState::Held | MeetingState::Concluded);
    let row = &invitation.row;
    over && row.disputed_at.is_none() && row.dispute_until.is_some_and(|last| today <= last)
}

fn allowed_actions(caller: &Caller, invitation: &Invitation, meeting: &Meeting) -> Vec<AllowedAction> {
    let today = crate::clock::shanghai_day(meeting.now);
    let row = &invitation.row;
    let undecided = row.disputed_at.is_some() && row.dispute_granted.is_none();
    let steps: [(Op, bool, AllowedAction); 3] = [
        (
            Op::RespondToInvitation,
            is_answerable(meeting) && meeting.answers(caller, invitation),
            action("respond", "答复", "Respond", &["answer"]),
        ),
        (
            Op::DisputeAttendance,
            is_disputable(invitation, meeting, today) && invitation.is_of(caller),
            action("dispute", "提出异议", "Dispute", &["reason"]),
        ),
        (
            Op::DecideAttendanceDispute,
            undecided,
            action(
                "decide-dispute",
                "裁定异议",
                "Decide the dispute",
                &["granted", "reason"],
            ),
        ),
    ];
    let open = steps
        .into_iter()
        .filter(|(op, open, _)| *open && op.reach(caller) != Reach::Never);
    open.map(|(.., action)| action).collect()
}

fn action(code: &'static str, zh: &str, en: &str, required: &'static [&'static str]) -> AllowedAction {
    AllowedAction {
        code,
        label: Label {
            zh: zh.to_owned(),
            en: en.to_owned(),
        },
        required,
    }
}

/// 答复邀请
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RespondToInvitation {
    pub answer: InvitationReply,
    /// Who comes, or stands in for whom.
    #[schema(max_items = 100)]
    #[serde(default)]
    pub attendees: Vec<Attendee>,
    /// Why it does not come: needed to decline.
    #[schema(example = json!(null), max_length = 2000)]
    #[serde(default)]
    pub reason: Option<String>,
}

impl Input for RespondToInvitation {
    fn check(&self, faults: &mut Vec<Fault>) {
        match self.answer {
            InvitationReply::Declined => {
                if self.reason.is_none() {
                    faults.push(Fault::at("/reason", "required", "不参加须说明原因。", "Say why."));
                }
                if !self.attendees.is_empty() {
                    faults.push(Fault::at(
                        "/attendees",
                        "not_allowed",
                        "不参加时没有参会人员。",
                        "Nobody comes where it is declined.",
                    ));
                }
            }
            InvitationReply::Accepted | InvitationReply::Tentative => {}
        }
    }
}
