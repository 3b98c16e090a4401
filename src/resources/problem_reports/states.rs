use super::model::ProblemReportState;
use crate::language::Text;
use crate::policy::Op;
use crate::workflow::TermKey;
use crate::workflow::machine::{Actor, Machine, Step, states};

pub static MACHINE: Machine = Machine {
    name: "problem_report",
    title: Text::fixed("问题反映", "Problem report"),
    states: states!(ProblemReportState: Raised, Answered, Closed end),
    steps: &[
        Step {
            code: "create",
            label: Text::fixed("反映", "Raise"),
            op: Some(Op::CreateProblemReport),
            from: &[],
            to: Some("raised"),
            by: &[Actor::Raiser, Actor::Coordinator],
            required: &["title", "text"],
            starts: &[TermKey::ProblemReportAnswer],
        },
        Step {
            code: "answer",
            label: Text::fixed("答复", "Answer"),
            op: Some(Op::AnswerProblemReport),
            from: &["raised"],
            to: Some("answered"),
            by: &[Actor::Coordinator],
            required: &["text"],
            starts: &[],
        },
        Step {
            code: "close",
            label: Text::fixed("办结", "Close"),
            op: Some(Op::CloseProblemReport),
            from: &["answered"],
            to: Some("closed"),
            by: &[Actor::Coordinator],
            required: &[],
            starts: &[],
        },
    ],
};
