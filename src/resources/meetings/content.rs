//! What requests say of a meeting, and what its kind demands.

use crate::http::extract::Input;
use crate::problem::Fault;
use crate::vocabulary::meetings::{GuestKind, MeetingForm, MeetingKind, SocialServiceKind};
use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use std::collections::HashSet;
use utoipa::ToSchema;
use uuid::Uuid;

/// 新活动
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMeeting {
    pub kind: MeetingKind,
    /// For `social_service`, and for no other.
    #[schema(example = json!(null))]
    #[serde(default)]
    pub social_service_kind: Option<SocialServiceKind>,
    #[schema(example = "2026年度对口联系工作会议", max_length = 200)]
    pub title: String,
    #[schema(example = "总结上一年度对口联系工作，研究本年度计划。", max_length = 4000)]
    #[serde(default)]
    pub description: Option<String>,
    /// Departments, or 市委统战部, by code or id; the caller's own where empty. Who creates it is among them.
    #[schema(example = json!([]), max_items = 30, extensions(("x-reference" = json!("host"))))]
    #[serde(default)]
    pub hosts: Vec<String>,
    /// 联办: parties that organize it with the hosts; they are invited, and have accepted.
    #[schema(example = json!([]), max_items = 30, extensions(("x-reference" = json!("party"))))]
    #[serde(default)]
    pub co_hosts: Vec<String>,
    #[schema(example = "meeting")]
    #[serde(default = "in_person")]
    pub form: MeetingForm,
    /// May lie in the past: activities are often recorded afterwards.
    pub starts_at: DateTime<Utc>,
    #[schema(example = "2026-03-02T03:30:00Z")]
    #[serde(default)]
    pub ends_at: Option<DateTime<Utc>>,
    /// This or an online address, unless it is in writing.
    #[schema(example = "市教育局三楼会议室", max_length = 200)]
    #[serde(default)]
    pub place: Option<String>,
    #[schema(example = json!(null), max_length = 500)]
    #[serde(default)]
    pub online_address: Option<String>,
    /// In order.
    #[schema(max_items = 100)]
    #[serde(default)]
    pub agenda: Vec<NewAgendaItem>,
    /// For `decision_consultation` and `decision_briefing`, and for no other.
    #[serde(default)]
    pub decision: Option<NewDecision>,
    #[schema(required = false)]
    #[serde(default)]
    pub invite: Invite,
}

fn in_person() -> MeetingForm {
    MeetingForm::Meeting
}

/// 议程项
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAgendaItem {
    #[schema(example = "通报年度工作计划", max_length = 200)]
    pub title: String,
    #[schema(example = json!(null), max_length = 100)]
    #[serde(default)]
    pub presenter: Option<String>,
    /// Id of the suggestion that it is about, one that the caller may read.
    #[schema(example = json!(null), extensions(("x-reference" = json!("suggestion"))))]
    #[serde(default)]
    pub suggestion: Option<Uuid>,
    /// Id of the work report that it is about, one that the caller may read.
    #[schema(example = json!(null), extensions(("x-reference" = json!("work_report"))))]
    #[serde(default)]
    pub work_report: Option<Uuid>,
}

/// 决策事项
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDecision {
    #[schema(example = "全市义务教育学位建设三年规划", max_length = 500)]
    pub matter: String,
    #[schema(example = "2026-04-10")]
    pub planned_on: NaiveDate,
    /// Until when opinions are asked for; by the term for it before the planned day where not given.
    #[schema(example = json!(null))]
    #[serde(default)]
    pub opinions_due_on: Option<NaiveDate>,
}

/// 邀请名单
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Invite {
    /// By code or id; also outside the assignment.
    #[schema(example = json!(["minmeng"]), max_items = 50, extensions(("x-reference" = json!("party"))))]
    #[serde(default)]
    pub parties: Vec<String>,
    #[schema(example = json!([]), max_items = 50, extensions(("x-reference" = json!("department"))))]
    #[serde(default)]
    pub departments: Vec<String>,
    /// 市委统战部, 市政府办公室
    #[schema(example = json!([]), max_items = 10, extensions(("x-reference" = json!("office"))))]
    #[serde(default)]
    pub offices: Vec<String>,
    #[schema(example = json!([]), max_items = 100)]
    #[serde(default)]
    pub guests: Vec<NewGuest>,
    /// 名额: how many may come from an organization that is invited here.
    #[schema(example = json!([]), max_items = 100)]
    #[serde(default)]
    pub quotas: Vec<Quota>,
}

/// 特邀人员
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewGuest {
    pub kind: GuestKind,
    #[schema(example = "何家豪", max_length = 60)]
    pub name: String,
    #[schema(example = "韶关学院", max_length = 200)]
    #[serde(default)]
    pub organization: Option<String>,
}

/// 名额
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[schema(as = InvitationQuota)]
#[serde(deny_unknown_fields)]
pub struct Quota {
    #[schema(example = "minmeng", max_length = 64, extensions(("x-reference" = json!("organization"))))]
    pub organization: String,
    #[schema(example = 2, minimum = 1, maximum = 1000)]
    pub quota: i32,
}

impl Input for NewMeeting {
    fn check(&self, faults: &mut Vec<Fault>) {
        let social = self.kind == MeetingKind::SocialService;
        demand(
            faults,
            "/social_service_kind",
            social,
            self.social_service_kind.is_some(),
        );
        let about_decision = self.kind.is_about_decision();
        demand(faults, "/decision", about_decision, self.decision.is_some());
        if self.ends_at.is_some_and(|end| end <= self.starts_at) {
            faults.push(ends_too_early());
        }
        match self.form {
            MeetingForm::Meeting if self.place.is_none() && self.online_address.is_none() => {
                faults.push(Fault::at(
                    "/place",
                    "required",
                    "须注明地点或线上会议地址。",
                    "Name a place or an online address.",
                ));
            }
            MeetingForm::Meeting => {}
            MeetingForm::Written => {
                if !about_decision {
                    faults.push(Fault::at(
                        "/form",
                        "not_allowed",
                        "只有决策前咨询和重大事项通报可以采用书面形式。",
                        "Consultations and briefings alone can be in writing.",
                    ));
                }
                demand(faults, "/place", false, self.place.is_some());
                demand(faults, "/online_address", false, self.online_address.is_some());
            }
        }
        self.invite.check_at("/invite", faults);
        repeated("/hosts", self.hosts.iter().map(String::as_str), faults);
        repeated("/co_hosts", self.co_hosts.iter().map(String::as_str), faults);
    }
}

impl Invite {
    pub fn is_empty(&self) -> bool {
        self.parties.is_empty()
            && self.departments.is_empty()
            && self.offices.is_empty()
            && self.guests.is_empty()
    }

    fn check_at(&self, at: &str, faults: &mut Vec<Fault>) {
        for (list, names) in [
            ("parties", &self.parties),
            ("departments", &self.departments),
            ("offices", &self.offices),
        ] {
            repeated(&format!("{at}/{list}"), names.iter().map(String::as_str), faults);
        }
        let quotas = self.quotas.iter().map(|quota| quota.organization.as_str());
        repeated(&format!("{at}/quotas"), quotas, faults);
    }
}

/// Further invitations to a meeting that is there.
impl Input for Invite {
    fn check(&self, faults: &mut Vec<Fault>) {
        if self.is_empty() {
            faults.push(Fault::at(
                "",
                "required",
                "请至少邀请一个单位或一位特邀人员。",
                "Invite at least one organization or guest.",
            ));
        }
        self.check_at("", faults);
    }
}

/// What the kind demands and lacks, or does not have and is given.
fn demand(faults: &mut Vec<Fault>, pointer: &str, wanted: bool, given: bool) {
    match (wanted, given) {
        (true, false) => faults.push(Fault::at(
            pointer,
            "required",
            "该活动类别必填。",
            "This kind demands it.",
        )),
        (false, true) => faults.push(Fault::at(
            pointer,
            "not_allowed",
            "该活动类别或形式不适用。",
            "Not for this kind or form.",
        )),
        _ => {}
    }
}

fn ends_too_early() -> Fault {
    Fault::at(
        "/ends_at",
        "out_of_range",
        "须晚于开始时间。",
        "Later than the start.",
    )
}

fn repeated<'a>(at: &str, names: impl Iterator<Item = &'a str>, faults: &mut Vec<Fault>) {
    let mut seen = HashSet::new();
    for (index, name) in names.enumerate() {
        if !seen.insert(name) {
            faults.push(already_there(format!("{at}/{index}")));
        }
    }
}

/// One organization twice, by whatever names.
pub fn already_there(pointer: String) -> Fault {
    Fault::at(
        pointer,
        "repeated",
        "单位重复。",
        "The organization stands twice.",
    )
}

/// 改期
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PostponeMeeting {
    /// Any other time, an earlier one too.
    #[schema(example = "2026-03-09T01:30:00Z")]
    pub starts_at: DateTime<Utc>,
    /// As long after the start as before where not given.
    #[schema(example = "2026-03-09T03:30:00Z")]
    #[serde(default)]
    pub ends_at: Option<DateTime<Utc>>,
    /// As it was where not given.
    #[schema(example = json!(null), max_length = 200)]
    #[serde(default)]
    pub place: Option<String>,
    #[schema(example = json!(null), max_length = 500)]
    #[serde(default)]
    pub online_address: Option<String>,
    #[schema(example = "分管领导赴省参加会议。", max_length = 2000)]
    #[serde(default)]
    pub reason: Option<String>,
}

impl Input for PostponeMeeting {
    fn check(&self, faults: &mut Vec<Fault>) {
        if self.ends_at.is_some_and(|end| end <= self.starts_at) {
            faults.push(ends_too_early());
        }
    }
}

/// 取消
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CancelMeeting {
    #[schema(example = "因防汛应急响应取消。", max_length = 2000)]
    pub reason: String,
}

impl Input for CancelMeeting {}

/// 活动草稿修改 (RFC 7396)
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PatchMeeting {
    #[schema(nullable = false)]
    #[serde(default)]
    pub kind: Option<MeetingKind>,
    #[schema(nullable = true, value_type = Option<SocialServiceKind>)]
    #[serde(default, with = "serde_with::rust::double_option")]
    pub social_service_kind: Option<Option<SocialServiceKind>>,
    #[schema(nullable = false, example = "2026年度对口联系工作座谈会", max_length = 200)]
    #[serde(default)]
    pub title: Option<String>,
    #[schema(nullable = true, value_type = Option<String>, example = json!(null), max_length = 4000)]
    #[serde(default, with = "serde_with::rust::double_option")]
    pub description: Option<Option<String>>,
    #[schema(nullable = false, example = json!(["education"]), max_items = 30, extensions(("x-reference" = json!("host"))))]
    #[serde(default)]
    pub hosts: Option<Vec<String>>,
    #[schema(nullable = false, example = json!([]), max_items = 30, extensions(("x-reference" = json!("party"))))]
    #[serde(default)]
    pub co_hosts: Option<Vec<String>>,
    #[schema(nullable = false)]
    #[serde(default)]
    pub form: Option<MeetingForm>,
    #[schema(nullable = false, example = "2026-03-09T01:30:00Z")]
    #[serde(default)]
    pub starts_at: Option<DateTime<Utc>>,
    #[schema(nullable = true, value_type = Option<DateTime<Utc>>, example = "2026-03-09T03:30:00Z")]
    #[serde(default, with = "serde_with::rust::double_option")]
    pub ends_at: Option<Option<DateTime<Utc>>>,
    #[schema(nullable = true, value_type = Option<String>, example = "市教育局五楼会议室", max_length = 200)]
    #[serde(default, with = "serde_with::rust::double_option")]
    pub place: Option<Option<String>>,
    #[schema(nullable = true, value_type = Option<String>, example = json!(null), max_length = 500)]
    #[serde(default, with = "serde_with::rust::double_option")]
    pub online_address: Option<Option<String>>,
    #[schema(nullable = false, max_items = 100)]
    #[serde(default)]
    pub agenda: Option<Vec<NewAgendaItem>>,
    #[schema(nullable = true, value_type = Option<PatchDecision>)]
    #[serde(default, with = "serde_with::rust::double_option")]
    pub decision: Option<Option<PatchDecision>>,
    #[schema(nullable = false)]
    #[serde(default)]
    pub invite: Option<PatchInvite>,
}

impl Input for PatchMeeting {}

/// 决策事项修改
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PatchDecision {
    #[schema(nullable = false, example = "全市义务教育学位建设三年规划", max_length = 500)]
    #[serde(default)]
    pub matter: Option<String>,
    #[schema(nullable = false, example = "2026-04-10")]
    #[serde(default)]
    pub planned_on: Option<NaiveDate>,
    #[schema(nullable = true, value_type = Option<NaiveDate>, example = "2026-04-02")]
    #[serde(default, with = "serde_with::rust::double_option")]
    pub opinions_due_on: Option<Option<NaiveDate>>,
}

/// 邀请名单修改: each list that is named is replaced.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PatchInvite {
    #[schema(nullable = false, example = json!(["minmeng"]), max_items = 50, extensions(("x-reference" = json!("party"))))]
    #[serde(default)]
    pub parties: Option<Vec<String>>,
    #[schema(nullable = false, example = json!([]), max_items = 50, extensions(("x-reference" = json!("department"))))]
    #[serde(default)]
    pub departments: Option<Vec<String>>,
    #[schema(nullable = false, example = json!([]), max_items = 10, extensions(("x-reference" = json!("office"))))]
    #[serde(default)]
    pub offices: Option<Vec<String>>,
    #[schema(nullable = false, example = json!([]), max_items = 100)]
    #[serde(default)]
    pub guests: Option<Vec<NewGuest>>,
    #[schema(nullable = false, example = json!([]), max_items = 100)]
    #[serde(default)]
    pub quotas: Option<Vec<Quota>>,
}

impl PatchMeeting {
    /// What the draft says then; faults where it would lack what it needs.
    pub fn onto(&self, draft: NewMeeting, faults: &mut Vec<Fault>) -> NewMeeting {
        let patch = self.clone();
        let decision = match patch.decision {
            None => draft.decision,
            Some(None) => None,
            Some(Some(patch)) => patch.onto(draft.decision, faults),
        };
        NewMeeting {
            kind: patch.kind.unwrap_or(draft.kind),
            social_service_kind: patch.social_service_kind.unwrap_or(draft.social_service_kind),
            title: patch.title.unwrap_or(draft.title),
            description: patch.description.unwrap_or(draft.description),
            hosts: patch.hosts.unwrap_or(draft.hosts),
            co_hosts: patch.co_hosts.unwrap_or(draft.co_hosts),
            form: patch.form.unwrap_or(draft.form),
            starts_at: patch.starts_at.unwrap_or(draft.starts_at),
            ends_at: patch.ends_at.unwrap_or(draft.ends_at),
            place: patch.place.unwrap_or(draft.place),
            online_address: patch.online_address.unwrap_or(draft.online_address),
            agenda: patch.agenda.unwrap_or(draft.agenda),
            decision,
            invite: match patch.invite {
                None => draft.invite,
                Some(patch) => Invite {
                    parties: patch.parties.unwrap_or(draft.invite.parties),
                    departments: patch.departments.unwrap_or(draft.invite.departments),
                    offices: patch.offices.unwrap_or(draft.invite.offices),
                    guests: patch.guests.unwrap_or(draft.invite.guests),
                    quotas: patch.quotas.unwrap_or(draft.invite.quotas),
                },
            },
        }
    }
}

impl PatchDecision {
    fn onto(self, draft: Option<NewDecision>, faults: &mut Vec<Fault>) -> Option<NewDecision> {
        let before = draft.as_ref();
        let matter = self.matter.or_else(|| before.map(|draft| draft.matter.clone()));
        let planned_on = self.planned_on.or_else(|| before.map(|draft| draft.planned_on));
        demand(faults, "/decision/matter", true, matter.is_some());
        demand(faults, "/decision/planned_on", true, planned_on.is_some());
        Some(NewDecision {
            matter: matter?,
            planned_on: planned_on?,
            opinions_due_on: self
                .opinions_due_on
                .unwrap_or_else(|| before.and_then(|draft| draft.opinions_due_on)),
        })
    }
}
