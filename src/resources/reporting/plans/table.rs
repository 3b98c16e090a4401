//! Plans as a table to be taken away.

use super::model::WorkPlanView;
use crate::http::negotiate::table;
use crate::vocabulary::yes_or_no;

table! { |view: WorkPlanView, language| ("年度工作计划", "Work plans"):
    ("部门", "Department") => view.department.name.as_str(),
    ("年度", "Year") => view.year,
    ("版次", "Version") => view.version,
    ("状态", "State") => view.state.label().get(language),
    ("项目数", "Items") => view.progress.items,
    ("已开展项目数", "Items done") => view.progress.done,
    ("期限", "Due on") => view.deadline.as_ref().map(|one| one.due_on),
    ("是否逾期", "Overdue") => view.deadline.as_ref().map(|one| yes_or_no(one.overdue, language)),
    ("报送时间", "Submitted at") => view.submitted_at,
    ("签收时间", "Acknowledged at") => view.acknowledged_at,
    ("退回时间", "Returned at") => view.returned_at,
    ("退回原因", "Why it was returned") => view.return_reason.as_deref(),
    ("是否代录", "Recorded on behalf") => yes_or_no(view.recorded_on_behalf, language),
    ("计划内容", "Items") => view.items.iter().map(|item| item.line(language)).collect::<Vec<_>>().join("\n"),
}
