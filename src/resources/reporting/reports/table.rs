//! Reports as a table to be taken away.

use super::model::WorkReportView;
use crate::http::negotiate::{Cell, Table, Tabular};
use crate::language::{Language, Text};
use crate::vocabulary::yes_or_no;

impl Tabular for WorkReportView {
    fn table() -> Table {
        Table::new(
            Text::fixed("工作情况报告", "Work reports"),
            &[
                ("部门", "Department"),
                ("周期", "Period"),
                ("期间起", "From"),
                ("期间止", "To"),
                ("版次", "Version"),
                ("标题", "Title"),
                ("内容", "Text"),
                ("状态", "State"),
                ("期限", "Due on"),
                ("是否逾期", "Overdue"),
                ("报送时间", "Submitted at"),
                ("市委统战部接收时间", "Received by the coordinator at"),
                ("市政府办公室签收时间", "Acknowledged by the government office at"),
                ("退回时间", "Returned at"),
                ("退回原因", "Why it was returned"),
                ("是否代录", "Recorded on behalf"),
            ],
        )
    }

    fn cells(&self, language: Language) -> Vec<Cell> {
        let deadline = self.deadline.as_ref();
        vec![
            self.department.name.as_str().into(),
            self.period.kind.label().get(language).into(),
            self.period.from.into(),
            self.period.to.into(),
            self.version.into(),
            self.title.as_str().into(),
            self.text.as_str().into(),
            self.state.label().get(language).into(),
            deadline.map(|deadline| deadline.due_on).into(),
            deadline
                .map(|deadline| yes_or_no(deadline.overdue, language))
                .into(),
            self.submitted_at.into(),
            self.receipt_of(0).into(),
            self.receipt_of(1).into(),
            self.returned_at.into(),
            self.return_reason.as_deref().into(),
            yes_or_no(self.recorded_on_behalf, language).into(),
        ]
    }
}
