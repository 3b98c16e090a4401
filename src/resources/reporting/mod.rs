//! 工作情况的报告 (三(五)): the duties of a period, the plans and the reports that fulfil them.

pub mod duties;
pub mod plans;
pub mod reports;
