use super::model::CommitmentState;
use crate::language::Text;
use crate::policy::Op;
use crate::workflow::machine::{Actor, Machine, Step, states};

pub static MACHINE: Machine = Machine {
    name: "commitment",
    title: Text::fixed("办理承诺", "Commitment"),
    states: states!(CommitmentState: Open, AbandonmentRequested, Fulfilled end, Abandoned end),
    steps: &[
        Step {
            code: "promise",
            label: Text::fixed("作出承诺", "Promise"),
            op: None,
            from: &[],
            to: Some("open"),
            by: &[Actor::System],
            required: &[],
            starts: &[],
        },
        Step {
            code: "fulfil",
            label: Text::fixed("报告兑现", "Report as fulfilled"),
            op: Some(Op::FulfilCommitment),
            from: &["open", "abandonment_requested"],
            to: Some("fulfilled"),
            by: &[Actor::Lead],
            required: &["text"],
            starts: &[],
        },
        Step {
            code: "abandon",
            label: Text::fixed("申请终止", "Ask to give it up"),
            op: Some(Op::AbandonCommitment),
            from: &["open"],
            to: Some("abandonment_requested"),
            by: &[Actor::Lead],
            required: &["reason"],
            starts: &[],
        },
        Step {
            code: "decide-abandonment",
            label: Text::fixed("同意终止", "Agree that it is given up"),
            op: Some(Op::DecideCommitmentAbandonment),
            from: &["abandonment_requested"],
            to: Some("abandoned"),
            by: &[Actor::Coordinator],
            required: &["granted", "reason"],
            starts: &[],
        },
        // The same step with another outcome.
        Step {
            code: "decide-abandonment",
            label: Text::fixed("不同意终止", "Refuse that it is given up"),
            op: Some(Op::DecideCommitmentAbandonment),
            from: &["abandonment_requested"],
            to: Some("open"),
            by: &[Actor::Coordinator],
            required: &["granted", "reason"],
            starts: &[],
        },
        Step {
            code: "end",
            label: Text::fixed("随意见建议撤回而终止", "Ends with the suggestion's withdrawal"),
            op: None,
            from: &["open", "abandonment_requested"],
            to: Some("abandoned"),
            by: &[Actor::System],
            required: &[],
            starts: &[],
        },
    ],
};
