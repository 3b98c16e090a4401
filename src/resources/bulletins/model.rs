use super::policy::Bulletin;
use crate::db::schema::{bulletin_recipients, bulletins};
use crate::directory::Directory;
use crate::directory::model::OrganizationRef;
use crate::http::extract::Input;
use crate::policy::Caller;
use crate::problem::{Fault, Result};
use crate::resources::no_secrets;
use crate::vocabulary::{closed_set, enumeration};
use crate::workflow::machine::{AllowedAction, allowed_actions};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::{Insertable, Queryable, Selectable};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = bulletins)]
pub struct Row {
    pub id: Uuid,
    pub sender_id: Uuid,
    pub category: BulletinCategory,
    pub title: String,
    pub text: String,
    pub state: BulletinState,
    pub to_linked: bool,
    pub no_secrets: bool,
    pub sent_at: Option<DateTime<Utc>>,
    pub withdrawn_at: Option<DateTime<Utc>>,
    pub withdrawal_reason: Option<String>,
    pub dated_at: DateTime<Utc>,
    pub recorded_on_behalf: bool,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = bulletin_recipients)]
pub struct RecipientRow {
    pub bulletin_id: Uuid,
    pub organization_id: Uuid,
    pub outside_assignment: bool,
    pub told_at: Option<DateTime<Utc>>,
    pub acknowledged_at: Option<DateTime<Utc>>,
    pub acknowledged_by: Option<String>,
}

enumeration! {
    /// 信息状态
    pub enum BulletinState {
        Draft ["草稿", "Draft"],
        Sent ["已发出", "Sent"],
        Withdrawn ["已撤回", "Withdrawn"],
    }
}

enumeration! {
    /// 信息类别
    #[derive(Default)]
    pub enum BulletinCategory {
        PolicyDocument ["政策文件", "Policy document"],
        #[default]
        WorkUpdate ["工作动态", "Work update"],
        Statistics ["统计资料", "Statistics"],
        CommentRequest ["征求意见", "Request for comments"],
        Other ["其他", "Other"],
    }
}

/// 日常信息
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Bulletin)]
pub struct BulletinView {
    pub id: Uuid,
    pub sender: OrganizationRef,
    pub category: BulletinCategory,
    #[schema(example = "韶关市义务教育阶段学位供给情况", max_length = 200)]
    pub title: String,
    #[schema(
        example = "现将我市义务教育阶段学位供给情况通报如下，供参政议政参考。",
        max_length = 20_000
    )]
    pub text: String,
    pub state: BulletinState,
    /// To the organizations that liaise with the sender on the day of sending; of a draft, as they are today.
    pub to_linked: bool,
    #[schema(max_items = 1000)]
    pub recipients: Vec<RecipientView>,
    /// One recipient at least does not liaise with the sender.
    pub outside_assignment: bool,
    pub receipts: BulletinReceiptCounts,
    /// Sent to the caller's organization, which has not acknowledged it.
    pub unread: bool,
    /// Declared on sending to hold nothing classified (不涉密).
    pub no_secrets: bool,
    #[schema(required = true)]
    pub sent_at: Option<DateTime<Utc>>,
    #[schema(required = true)]
    pub withdrawal: Option<WithdrawalView>,
    /// When it was sent; of a draft, when it was last edited.
    pub dated_at: DateTime<Utc>,
    /// 代录: written by 市委统战部 for the sender.
    pub recorded_on_behalf: bool,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    #[schema(max_items = 20)]
    pub allowed_actions: Vec<AllowedAction>,
}

/// 主送单位
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = BulletinRecipient)]
pub struct RecipientView {
    pub organization: OrganizationRef,
    /// It does not liaise with the sender by the scheme in force on the day of sending.
    pub outside_assignment: bool,
}

/// 信息签收统计
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct BulletinReceiptCounts {
    #[schema(example = 4, minimum = 0)]
    pub told: usize,
    #[schema(example = 3, minimum = 0)]
    pub acknowledged: usize,
}

/// 撤回
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = BulletinWithdrawal)]
pub struct WithdrawalView {
    #[schema(example = "数据有误，核实后另行发送。", max_length = 500)]
    pub reason: String,
    pub withdrawn_at: DateTime<Utc>,
}

impl BulletinView {
    /// As it is put on record and announced: whether the caller has read it, and could do next, is nobody else's.
    pub fn new(bulletin: &Bulletin, directory: &Directory) -> Result<Self> {
        let day = bulletin.day();
        let Row {
            id,
            sender_id,
            category: _,
            title,
            text,
            state: _,
            to_linked,
            no_secrets,
            sent_at,
            withdrawn_at,
            withdrawal_reason,
            dated_at,
            recorded_on_behalf,
            version: _,
            created_at,
            updated_at,
        } = bulletin.row.clone();
        let recipients: Vec<RecipientView> = bulletin
            .recipients
            .iter()
            .map(|one| {
                Ok(RecipientView {
                    organization: directory.reference(one.organization_id, day)?,
                    outside_assignment: one.outside_assignment,
                })
            })
            .collect::<Result<_>>()?;
        let receipts = bulletin.recipients.iter();
        let to = receipts.clone().map(|one| one.organization_id);
        Ok(Self {
            id,
            sender: directory.reference(sender_id, day)?,
            category: bulletin.row.category,
            title,
            text,
            state: bulletin.state,
            to_linked,
            outside_assignment: recipients.iter().any(|one| one.outside_assignment),
            recipients,
            receipts: BulletinReceiptCounts {
                told: receipts.clone().filter(|one| one.told_at.is_some()).count(),
                acknowledged: receipts.filter(|one| one.acknowledged_at.is_some()).count(),
            },
            unread: false,
            no_secrets,
            sent_at,
            withdrawal: withdrawal_reason
                .zip(withdrawn_at)
                .map(|(reason, withdrawn_at)| WithdrawalView { reason, withdrawn_at }),
            dated_at,
            recorded_on_behalf,
            created_at,
            updated_at: directory.changed_at(updated_at, [sender_id].into_iter().chain(to), day),
            allowed_actions: Vec::new(),
        })
    }

    /// With what it is to the caller.
    pub fn for_caller(caller: &Caller, bulletin: &Bulletin, directory: &Directory) -> Result<Self> {
        Ok(Self {
            unread: bulletin.is_unread_by(caller),
            allowed_actions: allowed_actions(caller, bulletin),
            ..Self::new(bulletin, directory)?
        })
    }
}

closed_set! {
    /// 收发方向
    #[derive(ToSchema)]
    pub enum BulletinDirection {
    /// By the caller's organization, drafts included.
    Sent,
    /// To the caller's organization.
    Received,
}
}

/// Filters of the list.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct BulletinFilter {
    /// `sent`: by the caller's organization, drafts included; `received`: to it.
    #[param(inline)]
    pub direction: Option<BulletinDirection>,
    /// Code or id of who sent it.
    #[param(max_length = 64)]
    #[serde(default)]
    pub sender: Vec<String>,
    /// Code or id of one to whom it goes.
    #[param(max_length = 64)]
    #[serde(default)]
    pub recipient: Vec<String>,
    #[param(inline)]
    #[serde(default)]
    pub category: Vec<BulletinCategory>,
    #[param(inline)]
    #[serde(default)]
    pub state: Vec<BulletinState>,
    /// Sent to the caller's organization and not acknowledged by it; with `false` all others.
    pub unread: Option<bool>,
    /// Sent at or after that instant.
    pub sent_from: Option<DateTime<Utc>>,
    /// Sent before that instant.
    pub sent_until: Option<DateTime<Utc>>,
    /// Changed at or after that instant.
    pub updated_since: Option<DateTime<Utc>>,
    /// Words in title or text.
    #[param(min_length = 1, max_length = 100)]
    pub q: Option<String>,
    #[param(inline)]
    #[serde(default)]
    pub sort: BulletinSort,
}

/// Order of the list; `-dated_at` where not given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
pub enum BulletinSort {
    #[default]
    #[serde(rename = "-dated_at")]
    Newest,
    #[serde(rename = "dated_at")]
    Oldest,
    #[serde(rename = "-updated_at")]
    NewestChange,
}

/// 起草信息
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewBulletin {
    /// Code or id: the caller's own where not given; 市委统战部, which records it for an organization that nobody can act for
    /// (代录), names that.
    #[schema(example = json!(null), max_length = 64, extensions(("x-reference" = json!("organization"))))]
    #[serde(default)]
    pub sender: Option<String>,
    #[serde(default)]
    pub category: BulletinCategory,
    #[schema(example = "韶关市义务教育阶段学位供给情况", max_length = 200)]
    pub title: String,
    #[schema(
        example = "现将我市义务教育阶段学位供给情况通报如下，供参政议政参考。",
        max_length = 20_000
    )]
    pub text: String,
    /// Codes or ids of departments, parties or offices; where none is named it goes to all that liaise with the sender on the
    /// day of sending.
    #[schema(example = json!(["zhilianhui"]), max_items = 100, extensions(("x-reference" = json!("organization"))))]
    #[serde(default)]
    pub recipients: Vec<String>,
}

impl Input for NewBulletin {}

/// 修改草稿 (RFC 7396)
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PatchBulletin {
    #[schema(nullable = false)]
    #[serde(default)]
    pub category: Option<BulletinCategory>,
    #[schema(
        nullable = false,
        example = "韶关市义务教育阶段学位供给情况（2026年秋季）",
        max_length = 200
    )]
    #[serde(default)]
    pub title: Option<String>,
    #[schema(
        nullable = false,
        example = "现将2026年秋季学期我市义务教育阶段学位供给情况通报如下。",
        max_length = 20_000
    )]
    #[serde(default)]
    pub text: Option<String>,
    /// In the place of all there are; empty: those that liaise with the sender.
    #[schema(nullable = false, example = json!(["zhilianhui", "minjin"]), max_items = 100, extensions(("x-reference" = json!("organization"))))]
    #[serde(default)]
    pub recipients: Option<Vec<String>>,
}

impl Input for PatchBulletin {}

/// 发送
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SendBulletin {
    /// Declares that it holds nothing classified; `false` is refused, since classified matter is not handled here.
    #[schema(example = true)]
    pub no_secrets: bool,
}

impl Input for SendBulletin {
    fn check(&self, faults: &mut Vec<Fault>) {
        no_secrets::check(self.no_secrets, faults);
    }
}

/// 撤回
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WithdrawBulletin {
    #[schema(example = "数据有误，核实后另行发送。", max_length = 500)]
    pub reason: String,
}

impl Input for WithdrawBulletin {}

/// 信息签收情况
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = BulletinReceipt)]
pub struct ReceiptView {
    pub organization: OrganizationRef,
    pub outside_assignment: bool,
    #[schema(required = true)]
    pub told_at: Option<DateTime<Utc>>,
    /// Null: not yet.
    #[schema(required = true)]
    pub acknowledged_at: Option<DateTime<Utc>>,
    /// Display name of who did.
    #[schema(required = true, example = "周文博", max_length = 100)]
    pub acknowledged_by: Option<String>,
}

/// 信息签收情况列表
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = BulletinReceipts)]
pub struct ReceiptsView {
    #[schema(max_items = 1000)]
    pub items: Vec<ReceiptView>,
}

impl ReceiptView {
    pub fn new(row: &RecipientRow, directory: &Directory, day: NaiveDate) -> Result<Self> {
        let RecipientRow {
            bulletin_id: _,
            organization_id,
            outside_assignment,
            told_at,
            acknowledged_at,
            acknowledged_by,
        } = row.clone();
        Ok(Self {
            organization: directory.reference(organization_id, day)?,
            outside_assignment,
            told_at,
            acknowledged_at,
            acknowledged_by,
        })
    }
}
