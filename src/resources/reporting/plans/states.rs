use super::model::WorkPlanState;
use crate::language::Text;
use crate::policy::Op;
use crate::workflow::TermKey;
use crate::workflow::machine::{Actor, Machine, Step, states};

pub static MACHINE: Machine = Machine {
    name: "work_plan",
    title: Text::fixed("年度工作计划", "Work plan"),
    states: states!(WorkPlanState: Draft, Submitted, Acknowledged, Returned),
    steps: &[
        Step {
            code: "create",
            label: Text::fixed("起草", "Draft"),
            op: Some(Op::CreateWorkPlan),
            from: &[],
            to: Some("draft"),
            by: &[Actor::Department, Actor::Coordinator],
            required: &["year"],
            starts: &[],
        },
        // The term runs from the year's beginning, whether there is a draft or not.
        Step {
            code: "submit",
            label: Text::fixed("报送", "Submit"),
            op: Some(Op::SubmitWorkPlan),
            from: &["draft"],
            to: Some("submitted"),
            by: &[Actor::Department],
            required: &[],
            starts: &[],
        },
        Step {
            code: "acknowledge",
            label: Text::fixed("签收", "Acknowledge"),
            op: Some(Op::AcknowledgeWorkPlan),
            from: &["submitted"],
            to: Some("acknowledged"),
            by: &[Actor::Coordinator],
            required: &[],
            starts: &[],
        },
        Step {
            code: "return",
            label: Text::fixed("退回", "Return"),
            op: Some(Op::ReturnWorkPlan),
            from: &["submitted"],
            to: Some("returned"),
            by: &[Actor::Coordinator],
            required: &["reason"],
            starts: &[TermKey::Resubmission],
        },
        // The answer is the next version, a draft.
        Step {
            code: "revise",
            label: Text::fixed("修订", "Revise"),
            op: Some(Op::ReviseWorkPlan),
            from: &["submitted", "acknowledged", "returned"],
            to: Some("draft"),
            by: &[Actor::Department],
            required: &[],
            starts: &[],
        },
    ],
};
