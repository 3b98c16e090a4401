use super::model::ConfirmationState;
use crate::language::Text;
use crate::policy::Op;
use crate::workflow::TermKey;
use crate::workflow::machine::{Actor, Machine, Step, states};

pub static MACHINE: Machine = Machine {
    name: "liaison_confirmation",
    title: Text::fixed(
        "联络负责人季度确认（零报告）",
        "Quarterly confirmation of the liaison leader",
    ),
    states: states!(ConfirmationState: Awaited, Unchanged end, Changed end),
    steps: &[
        Step {
            code: "open",
            label: Text::fixed("季度结束", "The quarter ends"),
            op: None,
            from: &[],
            to: Some("awaited"),
            by: &[Actor::System],
            required: &[],
            starts: &[TermKey::LeaderConfirmation],
        },
        Step {
            code: "confirm",
            label: Text::fixed("确认无变动", "Confirm that nothing has changed"),
            op: Some(Op::ConfirmLiaisonLeader),
            from: &["awaited"],
            to: Some("unchanged"),
            by: &[Actor::Department],
            required: &[],
            starts: &[],
        },
        // A change that is reported for the quarter settles it.
        Step {
            code: "change",
            label: Text::fixed("报送变动", "A change is reported"),
            op: None,
            from: &["awaited"],
            to: Some("changed"),
            by: &[Actor::System],
            required: &[],
            starts: &[],
        },
    ],
};
