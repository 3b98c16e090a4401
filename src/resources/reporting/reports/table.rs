//! Reports as a table to be taken away.

use super::model::WorkReportView;
use crate::http::negotiate::table;
use crate::vocabulary::yes_or_no;

table! { |view: WorkReportView, language| ("工作情况报告", "Work reports"):
    ("部门", "Department") => view.department.name.as_str(),
    ("周期", "Period") => view.period.kind.label().get(language),
    ("期间起", "From") => view.period.from,
    ("期间止", "To") => view.period.to,
    ("版次", "Version") => view.version,
    ("标题", "Title") => view.title.as_str(),
    ("内容", "Text") => view.text.as_str(),
    ("状态", "State") => view.state.label().get(language),
    ("期限", "Due on") => view.deadline.as_ref().map(|one| one.due_on),
    ("是否逾期", "Overdue") => view.deadline.as_ref().map(|one| yes_or_no(one.overdue, language)),
    ("报送时间", "Submitted at") => view.submitted_at,
    ("市委统战部接收时间", "Received by the coordinator at") => view.receipt_of(0),
    ("市政府办公室签收时间", "Acknowledged by the government office at") => view.receipt_of(1),
    ("退回时间", "Returned at") => view.returned_at,
    ("退回原因", "Why it was returned") => view.return_reason.as_deref(),
    ("是否代录", "Recorded on behalf") => yes_or_no(view.recorded_on_behalf, language),
}
