use crate::language::Text;
use crate::policy::Op;
use crate::workflow::TermKey;
use crate::workflow::machine::{Actor, Machine, State, Step};

pub static MACHINE: Machine = Machine {
    name: "liaison_confirmation",
    title: Text::fixed(
        "联络负责人季度确认（零报告）",
        "Quarterly confirmation of the liaison leader",
    ),
    states: &[
        State {
            code: "awaited",
            label: Text::fixed("待确认", "Awaited"),
            end: false,
        },
        State {
            code: "unchanged",
            label: Text::fixed("无变动", "Unchanged"),
            end: true,
        },
        State {
            code: "changed",
            label: Text::fixed("已报变动", "Changed"),
            end: true,
        },
    ],
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
