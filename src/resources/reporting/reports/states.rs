use super::model::WorkReportState;
use crate::language::Text;
use crate::policy::Op;
use crate::workflow::TermKey;
use crate::workflow::machine::{Actor, Machine, Step, states};

pub static MACHINE: Machine = Machine {
    name: "work_report",
    title: Text::fixed("工作情况报送", "Work report"),
    states: states!(WorkReportState: Draft, Submitted, Received, Returned),
    steps: &[
        Step {
            code: "create",
            label: Text::fixed("起草", "Draft"),
            op: Some(Op::CreateWorkReport),
            from: &[],
            to: Some("draft"),
            by: &[Actor::Department, Actor::Coordinator],
            required: &["period", "title", "text"],
            starts: &[],
        },
        // The term runs from the period's end, whether there is a draft or not.
        Step {
            code: "submit",
            label: Text::fixed("报送", "Submit"),
            op: Some(Op::SubmitWorkReport),
            from: &["draft"],
            to: Some("submitted"),
            by: &[Actor::Department],
            required: &["no_secrets"],
            starts: &[],
        },
        Step {
            code: "receive",
            label: Text::fixed("接收", "Receive"),
            op: Some(Op::ReceiveWorkReport),
            from: &["submitted"],
            to: Some("received"),
            by: &[Actor::Coordinator],
            required: &[],
            starts: &[],
        },
        Step {
            code: "return",
            label: Text::fixed("退回", "Return"),
            op: Some(Op::ReturnWorkReport),
            from: &["submitted"],
            to: Some("returned"),
            by: &[Actor::Coordinator],
            required: &["reason"],
            starts: &[TermKey::Resubmission],
        },
        // A receipt of its own: whatever 市委统战部 does with the original.
        Step {
            code: "acknowledge",
            label: Text::fixed("签收抄送件", "Acknowledge the copy"),
            op: Some(Op::AcknowledgeWorkReport),
            from: &["submitted", "received", "returned"],
            to: None,
            by: &[Actor::GovernmentOffice],
            required: &[],
            starts: &[],
        },
        // The answer is the next version, a draft.
        Step {
            code: "revise",
            label: Text::fixed("修订", "Revise"),
            op: Some(Op::ReviseWorkReport),
            from: &["submitted", "received", "returned"],
            to: Some("draft"),
            by: &[Actor::Department],
            required: &[],
            starts: &[],
        },
    ],
};
