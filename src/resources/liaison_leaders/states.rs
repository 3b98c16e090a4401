use super::model::LiaisonLeaderState;
use crate::language::Text;
use crate::policy::Op;
use crate::workflow::TermKey;
use crate::workflow::machine::{Actor, Machine, Step, states};

pub static MACHINE: Machine = Machine {
    name: "liaison_leader",
    title: Text::fixed("联络负责人任命", "Appointment of a liaison leader"),
    states: states!(LiaisonLeaderState: Reported, CompletionRequested),
    steps: &[
        Step {
            code: "create",
            label: Text::fixed("报送", "Report"),
            op: Some(Op::CreateLiaisonLeader),
            from: &[],
            to: Some("reported"),
            by: &[Actor::Department, Actor::Coordinator],
            required: &["effective_from"],
            starts: &[TermKey::LeaderAcknowledgement],
        },
        Step {
            code: "request-completion",
            label: Text::fixed("要求补充", "Ask for completion"),
            op: Some(Op::RequestLiaisonLeaderCompletion),
            from: &["reported"],
            to: Some("completion_requested"),
            by: &[Actor::Coordinator],
            required: &["text"],
            starts: &[TermKey::LeaderCompletion],
        },
        Step {
            code: "correct",
            label: Text::fixed("更正", "Correct"),
            op: Some(Op::CorrectLiaisonLeader),
            from: &["reported", "completion_requested"],
            to: Some("reported"),
            by: &[Actor::Department],
            required: &["reason"],
            starts: &[],
        },
        Step {
            code: "acknowledge",
            label: Text::fixed("签收", "Acknowledge"),
            op: Some(Op::AcknowledgeLiaisonLeader),
            from: &["reported", "completion_requested"],
            to: None,
            by: &[Actor::Recipient],
            required: &[],
            starts: &[],
        },
    ],
};
