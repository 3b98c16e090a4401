use crate::directory::Directory;
use crate::directory::model::OrganizationRef;
use crate::http::extract::Input;
use crate::policy::Caller;
use crate::problem::{Fault, Result};
use crate::resources::meetings::invitations::model::{DisputeView, GuestView, InvitationView};
use crate::resources::meetings::policy::Meeting;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use utoipa::ToSchema;
use uuid::Uuid;

/// 到会登记
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AttendanceSheet {
    #[schema(max_items = 1000)]
    pub items: Vec<AttendanceLine>,
}

/// 到会登记项
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AttendanceLine {
    pub invitation: Uuid,
    #[schema(required = true)]
    pub organization: Option<OrganizationRef>,
    #[schema(required = true)]
    pub guest: Option<GuestView>,
    pub outside_assignment: bool,
    pub recorded: bool,
    /// In person; false until it is recorded.
    pub present: bool,
    pub online: bool,
    /// Names of those who came.
    #[schema(example = json!(["周文博"]), max_items = 1000)]
    pub persons: Vec<String>,
    /// The last day on which a party may dispute it; null until it is recorded.
    #[schema(required = true)]
    pub disputable_until: Option<NaiveDate>,
    /// For the party itself, the hosts and the two offices.
    #[schema(required = true)]
    pub dispute: Option<DisputeView>,
}

impl From<InvitationView> for AttendanceLine {
    fn from(view: InvitationView) -> Self {
        let disputable_until = view.attendance.as_ref().map(|one| one.disputable_until);
        let recorded = view.attendance.unwrap_or_default();
        Self {
            invitation: view.id,
            organization: view.organization,
            guest: view.guest,
            outside_assignment: view.outside_assignment,
            recorded: disputable_until.is_some(),
            present: recorded.present,
            online: recorded.online,
            persons: recorded.persons,
            disputable_until,
            dispute: view.dispute,
        }
    }
}

impl AttendanceSheet {
    pub fn for_caller(caller: &Caller, meeting: &Meeting, directory: &Directory) -> Result<Self> {
        let invitations = InvitationView::all(caller, meeting, directory)?.items;
        Ok(Self {
            items: invitations.into_iter().map(AttendanceLine::from).collect(),
        })
    }
}

/// 登记到会情况
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplaceAttendance {
    /// Whoever is left out was absent.
    #[schema(max_items = 500)]
    pub items: Vec<NewAttendance>,
}

/// 到会情况
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAttendance {
    #[schema(extensions(("x-reference" = json!("invitation"))))]
    pub invitation: Uuid,
    /// In person.
    #[schema(example = true)]
    pub present: bool,
    /// Over the net; some of an organization may have come while others looked on.
    #[schema(example = false)]
    #[serde(default)]
    pub online: bool,
    /// Names of those who came.
    #[schema(example = json!(["周文博"]), max_items = 100)]
    #[serde(default)]
    pub persons: Vec<String>,
}

impl Input for ReplaceAttendance {
    fn check(&self, faults: &mut Vec<Fault>) {
        let mut seen = HashSet::new();
        for (index, item) in self.items.iter().enumerate() {
            if !seen.insert(item.invitation) {
                let at = format!("/items/{index}/invitation");
                faults.push(Fault::at(
                    at,
                    "repeated",
                    "邀请重复。",
                    "The invitation stands twice.",
                ));
            }
            if !item.present && !item.online && !item.persons.is_empty() {
                let at = format!("/items/{index}/persons");
                faults.push(Fault::at(
                    at,
                    "not_allowed",
                    "未到会的没有到会人员。",
                    "Nobody came of who was absent.",
                ));
            }
        }
    }
}

/// 提出异议
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DisputeAttendance {
    #[schema(example = "我单位派员到会，签到表可查。", max_length = 2000)]
    pub reason: String,
    /// Whether it was there in person; the contrary of what is recorded where not given.
    #[schema(example = true)]
    #[serde(default)]
    pub present: Option<bool>,
    /// Who came; those whom its answer named where empty.
    #[schema(example = json!(["周文博"]), max_items = 100)]
    #[serde(default)]
    pub persons: Vec<String>,
}

impl Input for DisputeAttendance {}

/// 裁定异议
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecideAttendanceDispute {
    /// The attendance is as the party says.
    #[schema(example = true)]
    pub granted: bool,
    #[schema(example = "签到表有该单位人员签名，异议成立。", max_length = 2000)]
    pub reason: String,
}

impl Input for DecideAttendanceDispute {}
