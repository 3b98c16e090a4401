use super::model::BulletinState;
use crate::language::Text;
use crate::policy::Op;
use crate::workflow::machine::{Actor, Machine, Step, states};

pub static MACHINE: Machine = Machine {
    name: "bulletin",
    title: Text::fixed("日常信息", "Bulletin"),
    states: states!(BulletinState: Draft, Sent, Withdrawn end),
    steps: &[
        Step {
            code: "create",
            label: Text::fixed("起草", "Draft"),
            op: Some(Op::CreateBulletin),
            from: &[],
            to: Some("draft"),
            by: &[Actor::Sender],
            required: &["title", "text"],
            starts: &[],
        },
        Step {
            code: "send",
            label: Text::fixed("发送", "Send"),
            op: Some(Op::SendBulletin),
            from: &["draft"],
            to: Some("sent"),
            by: &[Actor::Sender],
            required: &["no_secrets"],
            starts: &[],
        },
        Step {
            code: "acknowledge",
            label: Text::fixed("签收", "Acknowledge"),
            op: Some(Op::AcknowledgeBulletin),
            from: &["sent"],
            to: None,
            by: &[Actor::Recipient],
            required: &[],
            starts: &[],
        },
        Step {
            code: "withdraw",
            label: Text::fixed("撤回", "Withdraw"),
            op: Some(Op::WithdrawBulletin),
            from: &["sent"],
            to: Some("withdrawn"),
            by: &[Actor::Sender],
            required: &["reason"],
            starts: &[],
        },
    ],
};
