//! The state machines of all resources, in the order of `meta/state-machines`.

use crate::resources::liaison_leaders::confirmations as liaison_confirmations;
use crate::resources::meetings::follow_ups as meeting_follow_ups;
use crate::resources::reporting::plans as work_plans;
use crate::resources::reporting::reports as work_reports;
use crate::resources::suggestions::commitments;
use crate::resources::{
    annual_summaries, bulletins, liaison_leaders, meetings, problem_reports, suggestions,
};
use crate::workflow::machine::Machine;

pub static MACHINES: &[&Machine] = &[
    &liaison_leaders::states::MACHINE,
    &liaison_confirmations::states::MACHINE,
    &problem_reports::states::MACHINE,
    &bulletins::states::MACHINE,
    &meetings::states::MACHINE,
    &meetings::states::WRITTEN,
    &meeting_follow_ups::states::MACHINE,
    &suggestions::states::MACHINE,
    &commitments::states::MACHINE,
    &work_plans::states::MACHINE,
    &work_reports::states::MACHINE,
    &annual_summaries::states::MACHINE,
];
