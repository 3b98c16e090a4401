//! What readers get of a suggestion.

use super::input::Contact;
use super::model::{
    CommunicationWay, Evaluation, ExtensionState, Filing, HandlingRole, Mediation, SignatureState,
    SuggestionResult, SuggestionState,
};
use super::parts::{Handling, Reply, Running};
use super::policy::{Dossier, Suggestion};
use crate::clock::{overdue_from, shanghai_day};
use crate::directory::Directory;
use crate::directory::model::{OrganizationRef, names};
use crate::http::negotiate::table;
use crate::policy::{Caller, Role};
use crate::problem::{Problem, Result};
use crate::resources::meetings::links::LinkedMeeting;
use crate::resources::suggestions::commitments::model::CommitmentBrief;
use crate::resources::suggestions::receipts::model::ReceiptBrief;
use crate::search::Highlight;
use crate::vocabulary::yes_or_no;
use crate::workflow::machine::{AllowedAction, Label, allowed_actions};
use crate::workflow::todos::TodoKind;
use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// 意见建议
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Suggestion)]
pub struct SuggestionView {
    #[serde(flatten)]
    pub summary: SummaryView,
    /// 背景情况
    #[schema(
        example = "市区部分小学没有食堂，双职工家庭中午接送困难。",
        max_length = 20_000
    )]
    pub background: String,
    /// 意见建议
    #[schema(example = "摸清需求，分批建设中心配餐点。", max_length = 20_000)]
    pub proposal: String,
    #[schema(example = json!(["陈志远"]), max_items = 50)]
    pub authors: Vec<String>,
    #[schema(required = true)]
    pub contact: Option<Contact>,
    /// 来源活动: the meeting whose result it is; null also where the caller may not know of that.
    #[schema(required = true)]
    pub from_meeting: Option<LinkedMeeting>,
    /// Of the joint parties, in their order.
    #[schema(max_items = 30)]
    pub signatures: Vec<SignatureView>,
    /// Who has had a part in the handling, those included that were relieved.
    #[schema(max_items = 1000)]
    pub handlings: Vec<HandlingView>,
    #[schema(max_items = 1000)]
    pub communications: Vec<CommunicationView>,
    #[schema(required = true)]
    pub extension: Option<ExtensionView>,
    /// As it reads now; null before the first.
    #[schema(required = true)]
    pub reply: Option<ReplyView>,
    /// 反馈回执, by round.
    #[schema(max_items = 2)]
    pub feedback: Vec<ReceiptBrief>,
    /// 办理承诺
    #[schema(max_items = 1000)]
    pub commitments: Vec<CommitmentBrief>,
    /// 期限, running and over; `GET suggestions/{id}/deadlines` explains them.
    #[schema(max_items = 1000)]
    pub deadlines: Vec<DeadlineBrief>,
}

/// 意见建议摘要: as it stands in lists.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = SuggestionSummary)]
pub struct SummaryView {
    pub id: Uuid,
    /// Given at submission, for ever.
    #[schema(required = true, example = "〔2026〕民盟-教育-003", max_length = 100)]
    pub number: Option<String>,
    #[schema(example = "关于完善市区义务教育学校午餐午休服务的建议", max_length = 200)]
    pub title: String,
    #[schema(required = true, example = "教育", max_length = 50)]
    pub category: Option<String>,
    pub state: SuggestionState,
    #[schema(example = 1, minimum = 1, maximum = 2)]
    pub round: i32,
    /// Who raises it: the first party alone submits, withdraws and evaluates.
    pub party: OrganizationRef,
    #[schema(max_items = 30)]
    pub joint_parties: Vec<OrganizationRef>,
    pub lead_department: OrganizationRef,
    #[schema(max_items = 30)]
    pub joint_departments: Vec<OrganizationRef>,
    /// The lead department did not liaise with the party on the day of submission; of a draft, does not today.
    pub outside_assignment: bool,
    /// Of the last reply.
    #[schema(required = true)]
    pub result: Option<SuggestionResult>,
    pub filing: Filing,
    #[schema(required = true, example = "〔2026〕备案-012", max_length = 100)]
    pub filing_number: Option<String>,
    pub evaluation: Evaluation,
    pub mediation: Mediation,
    /// Who is or was past a deadline, since when; what was done late stays, with the instant when it was done.
    #[schema(max_items = 1000)]
    pub overdue: Vec<OverdueView>,
    /// The next deadline that runs, of whomever.
    #[schema(required = true)]
    pub due_on: Option<NaiveDate>,
    #[schema(required = true)]
    pub submitted_at: Option<DateTime<Utc>>,
    /// By the department that leads now.
    #[schema(required = true)]
    pub accepted_at: Option<DateTime<Utc>>,
    /// The last reply.
    #[schema(required = true)]
    pub replied_at: Option<DateTime<Utc>>,
    #[schema(required = true)]
    pub concluded_at: Option<DateTime<Utc>>,
    #[schema(required = true)]
    pub withdrawn_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    #[schema(max_items = 50)]
    pub allowed_actions: Vec<AllowedAction>,
}

/// 意见建议列表项: with what a search has found in it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = SuggestionListed)]
pub struct ListedView {
    #[serde(flatten)]
    pub summary: SummaryView,
    /// With `q` the texts in which the words stand, the title first: plain text, never HTML.
    #[schema(required = true, max_items = 20)]
    pub highlights: Option<Vec<Highlight>>,
}

/// 逾期
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = SuggestionOverdue)]
pub struct OverdueView {
    pub organization: OrganizationRef,
    /// What was due.
    pub deadline: TodoKind,
    pub due_on: NaiveDate,
    /// The first day on which it was late.
    pub since: NaiveDate,
    /// When it was done after all; null while it is late, and where it never was.
    #[schema(required = true)]
    pub met_at: Option<DateTime<Utc>>,
    /// When it was done or ended otherwise: by a reassignment, a withdrawal, a conclusion without an evaluation. Null while it
    /// is late.
    #[schema(required = true)]
    pub ended_at: Option<DateTime<Utc>>,
}

/// 期限
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = SuggestionDeadline)]
pub struct DeadlineBrief {
    pub kind: TodoKind,
    pub label: Label,
    /// Who owes it.
    pub organization: OrganizationRef,
    pub due_on: NaiveDate,
    /// When it was met; null while it runs, and where it ended otherwise.
    #[schema(required = true)]
    pub met_at: Option<DateTime<Utc>>,
    /// When it was met or ended otherwise; null while it runs.
    #[schema(required = true)]
    pub ended_at: Option<DateTime<Utc>>,
    pub overdue: bool,
}

/// 联名情况
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = SuggestionSignature)]
pub struct SignatureView {
    pub party: OrganizationRef,
    pub state: SignatureState,
    /// When it was last asked: again where the draft has changed since it answered.
    #[schema(required = true)]
    pub requested_at: Option<DateTime<Utc>>,
    /// When it signed or declined.
    #[schema(required = true)]
    pub answered_at: Option<DateTime<Utc>>,
    /// Display name of the account.
    #[schema(required = true, example = "周文博", max_length = 100)]
    pub answered_by: Option<String>,
    /// Why it declined.
    #[schema(required = true, max_length = 1000)]
    pub reason: Option<String>,
}

/// 承办情况: one department's part in the handling.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = SuggestionHandling)]
pub struct HandlingView {
    pub department: OrganizationRef,
    pub role: HandlingRole,
    /// Null in a draft.
    #[schema(required = true)]
    pub started_at: Option<DateTime<Utc>>,
    #[schema(required = true)]
    pub accepted_at: Option<DateTime<Utc>>,
    #[schema(required = true, example = "李秋霞", max_length = 50)]
    pub handler: Option<String>,
    #[schema(required = true, example = "基础教育科", max_length = 100)]
    pub office: Option<String>,
    #[schema(required = true)]
    pub returned: Option<ReturnView>,
    /// Of a lead: it did not liaise with the party on the day of submission. Null of a joint department.
    #[schema(required = true)]
    pub outside_assignment: Option<bool>,
    /// 会办意见; null where none was given yet.
    #[schema(required = true)]
    pub opinion: Option<OpinionView>,
    /// When it was relieved; null while it goes on.
    #[schema(required = true)]
    pub ended_at: Option<DateTime<Utc>>,
}

/// 申退
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = SuggestionReturn)]
pub struct ReturnView {
    pub at: DateTime<Utc>,
    #[schema(example = "所提事项属卫生健康部门职责。", max_length = 1000)]
    pub reason: String,
    #[schema(required = true)]
    pub proposed_department: Option<OrganizationRef>,
    /// 不准退办: when the return was denied; the lead cannot ask for another.
    #[schema(required = true)]
    pub denied_at: Option<DateTime<Utc>>,
}

/// 会办意见
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = JointOpinion)]
pub struct OpinionView {
    pub given_at: DateTime<Utc>,
    /// Display name of the account.
    #[schema(example = "陈雅琴", max_length = 100)]
    pub given_by: String,
    /// Null for parties.
    #[schema(
        required = true,
        example = "我局将加强学校食品安全指导。",
        max_length = 20_000
    )]
    pub text: Option<String>,
}

/// 沟通
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = SuggestionCommunication)]
pub struct CommunicationView {
    /// What attachments hang on.
    pub id: Uuid,
    #[schema(minimum = 1, maximum = 2)]
    pub round: i32,
    pub way: CommunicationWay,
    pub on: NaiveDate,
    #[schema(example = json!(["李秋霞", "陈志远"]), max_items = 100)]
    pub persons: Vec<String>,
    #[schema(example = "就配餐点布局和收费办法交换意见。", max_length = 5000)]
    pub gist: String,
    /// Who recorded it.
    pub organization: OrganizationRef,
    pub recorded_at: DateTime<Utc>,
}

/// 延期
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = SuggestionExtension)]
pub struct ExtensionView {
    pub state: ExtensionState,
    pub until: NaiveDate,
    /// Why it was asked for.
    #[schema(example = "试点方案须与财政部门进一步测算。", max_length = 1000)]
    pub reason: String,
}

/// 答复
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = SuggestionReply)]
pub struct ReplyView {
    /// What attachments hang on; each version has its own.
    pub id: Uuid,
    #[schema(minimum = 1, maximum = 2)]
    pub round: i32,
    /// Counts from 1 in each round; a correction is the next.
    #[schema(example = 1, minimum = 1)]
    pub version_number: i32,
    pub department: OrganizationRef,
    #[schema(example = "民盟市委会提出的建议收悉，现答复如下。", max_length = 50_000)]
    pub text: String,
    #[schema(required = true, example = "韶教函〔2026〕58号", max_length = 100)]
    pub document_number: Option<String>,
    #[schema(required = true, example = "王建平", max_length = 50)]
    pub signatory: Option<String>,
    pub result: SuggestionResult,
    #[schema(required = true, max_length = 1000)]
    pub missing_opinions_reason: Option<String>,
    /// Why the version before it was corrected.
    #[schema(required = true, max_length = 1000)]
    pub correction_reason: Option<String>,
    pub replied_at: DateTime<Utc>,
    /// Display name of the account.
    #[schema(example = "李秋霞", max_length = 100)]
    pub replied_by: String,
}

/// 答复版本
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = SuggestionReplies)]
pub struct RepliesView {
    #[schema(max_items = 1000)]
    pub items: Vec<ReplyView>,
}

impl ReplyView {
    pub fn new(reply: &Reply, directory: &Directory) -> Result<Self> {
        let Reply {
            id,
            round,
            version_number,
            department_id,
            text,
            document_number,
            signatory,
            result,
            missing_opinions_reason,
            correction_reason,
            replied_at,
            replied_by,
        } = reply.clone();
        Ok(Self {
            id,
            round,
            version_number,
            department: directory.reference(department_id, shanghai_day(replied_at))?,
            text,
            document_number,
            signatory,
            result,
            missing_opinions_reason,
            correction_reason,
            replied_at,
            replied_by,
        })
    }
}

fn is_overdue(deadline: &Running, today: NaiveDate) -> bool {
    deadline.closed_at.map_or(today, shanghai_day) > deadline.due_on
}

impl SummaryView {
    /// As it is put on record and announced: what the caller could do next is nobody else's.
    pub fn new(suggestion: &Suggestion, directory: &Directory) -> Result<Self> {
        let (head, today) = (&suggestion.head, suggestion.today);
        let name = |id| directory.reference(id, today);
        let late = suggestion.deadlines.iter().filter(|one| is_overdue(one, today));
        let overdue = late.map(|one| {
            Ok(OverdueView {
                organization: name(one.organization_id)?,
                deadline: one.kind,
                due_on: one.due_on,
                since: one.due_on.succ_opt().unwrap_or(one.due_on),
                met_at: one.met_at(),
                ended_at: one.closed_at,
            })
        });
        let signing = suggestion.signatures.iter().map(|one| name(one.party_id));
        let joint = suggestion.joint().map(|one| name(one.department_id));
        let open = suggestion.deadlines.iter().filter(|one| one.closed_at.is_none());
        let overdue_at = open.filter_map(|one| overdue_from(one.due_on, today));
        let handling = suggestion.handlings.iter().map(|one| one.department_id);
        let named = suggestion.signatures.iter().map(|one| one.party_id);
        let named = named
            .chain(handling)
            .chain([head.party_id, head.lead_department_id]);
        let changed_at = overdue_at.fold(head.updated_at, DateTime::max);
        Ok(Self {
            id: head.id,
            number: head.number.clone(),
            title: head.title.clone(),
            category: head.category.clone(),
            state: suggestion.state,
            round: head.round,
            party: name(head.party_id)?,
            joint_parties: signing.collect::<Result<_>>()?,
            lead_department: name(head.lead_department_id)?,
            joint_departments: joint.collect::<Result<_>>()?,
            outside_assignment: head.outside_assignment,
            result: head.result,
            filing: suggestion.filing,
            filing_number: head.filing_number.clone(),
            evaluation: suggestion.evaluation,
            mediation: suggestion.mediation,
            overdue: overdue.collect::<Result<_>>()?,
            due_on: head.due_on,
            submitted_at: head.submitted_at,
            accepted_at: head.accepted_at,
            replied_at: head.replied_at,
            concluded_at: head.concluded_at,
            withdrawn_at: head.withdrawn_at,
            created_at: head.created_at,
            updated_at: directory.changed_at(changed_at, named, today),
            allowed_actions: Vec::new(),
        })
    }

    /// With what the caller can do.
    pub fn for_caller(caller: &Caller, suggestion: &Suggestion, directory: &Directory) -> Result<Self> {
        Ok(Self {
            allowed_actions: allowed_actions(caller, suggestion),
            ..Self::new(suggestion, directory)?
        })
    }
}

/// What is kept from some readers.
#[derive(Clone, Copy, Debug)]
struct Shown {
    /// What joint departments say.
    opinions: bool,
    /// Whom to call.
    contact: bool,
}

/// Whether a caller reads what joint departments say: parties do not.
pub fn reads_opinions(caller: &Caller) -> bool {
    caller.role != Some(Role::Party)
}

impl SuggestionView {
    /// As it is put on record and announced: without what some of its readers do not get.
    pub fn announced(dossier: &Dossier, directory: &Directory) -> Result<Self> {
        let shown = Shown {
            opinions: false,
            contact: false,
        };
        let summary = SummaryView::new(&dossier.suggestion, directory)?;
        Self::new(dossier, summary, directory, shown)
    }

    /// As the caller gets it.
    pub fn for_caller(caller: &Caller, dossier: &Dossier, directory: &Directory) -> Result<Self> {
        let shown = Shown {
            opinions: reads_opinions(caller),
            contact: true,
        };
        let summary = SummaryView::for_caller(caller, &dossier.suggestion, directory)?;
        let today = dossier.suggestion.today;
        let from = dossier.from_meeting.as_ref();
        Ok(Self {
            from_meeting: from.and_then(|from| from.shown_to(caller, directory, today)),
            ..Self::new(dossier, summary, directory, shown)?
        })
    }

    fn new(dossier: &Dossier, summary: SummaryView, directory: &Directory, shown: Shown) -> Result<Self> {
        let (suggestion, body) = (&dossier.suggestion, &dossier.body);
        let today = suggestion.today;
        let contact = body.contact()?;
        let handlings = suggestion.handlings.iter();
        let handlings = handlings.map(|one| handling(one, suggestion, directory, shown.opinions));
        let deadlines = suggestion
            .deadlines
            .iter()
            .map(|one| deadline(one, directory, today));
        let communications = dossier.communications.iter().map(|one| {
            Ok(CommunicationView {
                id: one.id,
                round: one.round,
                way: one.way,
                on: one.held_on,
                persons: one.persons.0.clone(),
                gist: one.gist.clone(),
                organization: directory.reference(one.organization_id, shanghai_day(one.created_at))?,
                recorded_at: one.created_at,
            })
        });
        let signatures = suggestion.signatures.iter().map(|one| {
            Ok(SignatureView {
                party: directory.reference(one.party_id, today)?,
                state: one.state(),
                requested_at: one.requested_at,
                answered_at: one.signed_at.or(one.declined_at),
                answered_by: one.answered_by.clone(),
                reason: one.reason.clone(),
            })
        });
        let reply = dossier.reply().map(|reply| ReplyView::new(reply, directory));
        let commitments = dossier.commitments.iter();
        Ok(Self {
            summary,
            background: body.background.clone(),
            proposal: body.proposal.clone(),
            authors: serde_json::from_value(body.authors.clone()).map_err(Problem::internal)?,
            contact: contact.map(|contact| match shown.contact {
                true => contact,
                false => contact.masked(),
            }),
            from_meeting: None,
            signatures: signatures.collect::<Result<_>>()?,
            handlings: handlings.collect::<Result<_>>()?,
            communications: communications.collect::<Result<_>>()?,
            extension: extension(suggestion),
            reply: reply.transpose()?,
            feedback: dossier.receipts.iter().map(ReceiptBrief::new).collect(),
            commitments: commitments
                .map(|commitment| CommitmentBrief::new(commitment, today))
                .collect::<Result<_>>()?,
            deadlines: deadlines.collect::<Result<_>>()?,
        })
    }
}

fn extension(suggestion: &Suggestion) -> Option<ExtensionView> {
    let head = &suggestion.head;
    let asked = head.extension_until.zip(head.extension_reason.clone());
    suggestion
        .extension
        .zip(asked)
        .map(|(state, (until, reason))| ExtensionView { state, until, reason })
}

fn deadline(one: &Running, directory: &Directory, today: NaiveDate) -> Result<DeadlineBrief> {
    Ok(DeadlineBrief {
        kind: one.kind,
        label: Label::from(one.kind.label()),
        organization: directory.reference(one.organization_id, today)?,
        due_on: one.due_on,
        met_at: one.met_at(),
        ended_at: one.closed_at,
        overdue: is_overdue(one, today),
    })
}

fn handling(one: &Handling, of: &Suggestion, directory: &Directory, opinions: bool) -> Result<HandlingView> {
    let Handling {
        id: _,
        department_id,
        role,
        started_at,
        accepted_at,
        handler,
        office,
        returned_at,
        return_reason,
        proposed_department_id,
        return_denied_at,
        outside_assignment,
        opinion,
        opinion_at,
        opinion_by,
        ended_at,
        last_seen: _,
    } = one.clone();
    let day = ended_at.map_or(of.today, shanghai_day);
    let proposed = proposed_department_id
        .map(|id| directory.reference(id, day))
        .transpose()?;
    let given = opinion_at.zip(opinion_by);
    Ok(HandlingView {
        department: directory.reference(department_id, day)?,
        role,
        started_at: Some(started_at).filter(|_| of.state != SuggestionState::Draft),
        accepted_at,
        handler,
        office,
        returned: returned_at.zip(return_reason).map(|(at, reason)| ReturnView {
            at,
            reason,
            proposed_department: proposed,
            denied_at: return_denied_at,
        }),
        outside_assignment,
        opinion: given.map(|(given_at, given_by)| OpinionView {
            given_at,
            given_by,
            text: opinion.filter(|_| opinions),
        }),
        ended_at,
    })
}

table! { |view: ListedView, language| ("意见建议", "Suggestions"):
    ("编号", "Number") => view.summary.number.as_deref(),
    ("标题", "Title") => view.summary.title.as_str(),
    ("类别", "Category") => view.summary.category.as_deref(),
    ("提出单位", "Party") => view.summary.party.name.as_str(),
    ("联名单位", "Joint parties") => names(&view.summary.joint_parties),
    ("主办单位", "Lead department") => view.summary.lead_department.name.as_str(),
    ("会办单位", "Joint departments") => names(&view.summary.joint_departments),
    ("状态", "State") => view.summary.state.label().get(language),
    ("轮次", "Round") => view.summary.round,
    ("办理结果", "Result") => view.summary.result.map(|result| result.label().get(language)),
    ("备案", "Filing") => view.summary.filing.label().get(language),
    ("备案编号", "Filing number") => view.summary.filing_number.as_deref(),
    ("评价", "Evaluation") => view.summary.evaluation.label().get(language),
    ("分工以外", "Outside the assignment") => yes_or_no(view.summary.outside_assignment, language),
    ("逾期单位", "Overdue") => names(view.summary.overdue.iter().filter(|one| one.ended_at.is_none()).map(|one| &one.organization)),
    ("最近期限", "Next deadline") => view.summary.due_on,
    ("提交时间", "Submitted at") => view.summary.submitted_at,
    ("签收时间", "Accepted at") => view.summary.accepted_at,
    ("答复时间", "Replied at") => view.summary.replied_at,
    ("办结时间", "Concluded at") => view.summary.concluded_at,
    ("起草时间", "Created at") => view.summary.created_at,
}
