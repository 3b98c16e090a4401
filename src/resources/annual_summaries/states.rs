use super::model::AnnualSummaryState;
use crate::language::Text;
use crate::policy::Op;
use crate::workflow::machine::{Actor, Machine, Step, states};

pub static MACHINE: Machine = Machine {
    name: "annual_summary",
    title: Text::fixed("年度汇总", "Annual summary"),
    states: states!(AnnualSummaryState: Draft, Published end),
    steps: &[
        Step {
            code: "create",
            label: Text::fixed("起草", "Draft"),
            op: Some(Op::CreateAnnualSummary),
            from: &[],
            to: Some("draft"),
            by: &[Actor::Coordinator],
            required: &["year"],
            starts: &[],
        },
        Step {
            code: "edit",
            label: Text::fixed("修改", "Edit"),
            op: Some(Op::UpdateAnnualSummary),
            from: &["draft"],
            to: None,
            by: &[Actor::Coordinator],
            required: &[],
            starts: &[],
        },
        Step {
            code: "delete",
            label: Text::fixed("删除", "Delete"),
            op: Some(Op::DeleteAnnualSummary),
            from: &["draft"],
            to: None,
            by: &[Actor::Coordinator],
            required: &[],
            starts: &[],
        },
        Step {
            code: "publish",
            label: Text::fixed("发布", "Publish"),
            op: Some(Op::PublishAnnualSummary),
            from: &["draft"],
            to: Some("published"),
            by: &[Actor::Coordinator],
            required: &[],
            starts: &[],
        },
    ],
};
