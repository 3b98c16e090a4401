use crate::language::Text;
use crate::policy::Op;
use crate::vocabulary::meetings::FollowUpState;
use crate::workflow::machine::{Actor, Machine, Step, states};

pub static MACHINE: Machine = Machine {
    name: "meeting_follow_up",
    title: Text::fixed("会议后续事项", "Follow-up of a meeting"),
    states: states!(FollowUpState: Open, Done end),
    steps: &[
        Step {
            code: "begin",
            label: Text::fixed("交办", "Begin"),
            op: None,
            from: &[],
            to: Some("open"),
            by: &[Actor::System],
            required: &[],
            starts: &[],
        },
        Step {
            code: "complete",
            label: Text::fixed("报告完成", "Report as done"),
            op: Some(Op::CompleteMeetingFollowUp),
            from: &["open"],
            to: Some("done"),
            by: &[Actor::Owner],
            required: &["text"],
            starts: &[],
        },
    ],
};
