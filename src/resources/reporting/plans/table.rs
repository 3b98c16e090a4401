//! Plans as a table to be taken away.

use super::model::WorkPlanView;
use crate::http::negotiate::{Cell, Table, Tabular};
use crate::language::{Language, Text};
use crate::vocabulary::yes_or_no;

impl Tabular for WorkPlanView {
    fn table() -> Table {
        Table::new(
            Text::fixed("年度工作计划", "Work plans"),
            &[
                ("部门", "Department"),
                ("年度", "Year"),
                ("版次", "Version"),
                ("状态", "State"),
                ("项目数", "Items"),
                ("已开展项目数", "Items done"),
                ("期限", "Due on"),
                ("是否逾期", "Overdue"),
                ("报送时间", "Submitted at"),
                ("签收时间", "Acknowledged at"),
                ("退回时间", "Returned at"),
                ("退回原因", "Why it was returned"),
                ("是否代录", "Recorded on behalf"),
                ("计划内容", "Items"),
            ],
        )
    }

    fn cells(&self, language: Language) -> Vec<Cell> {
        let deadline = self.deadline.as_ref();
        let items: Vec<String> = self.items.iter().map(|item| item.line(language)).collect();
        vec![
            self.department.name.as_str().into(),
            self.year.into(),
            self.version.into(),
            self.state.label().get(language).into(),
            self.progress.items.into(),
            self.progress.done.into(),
            deadline.map(|deadline| deadline.due_on).into(),
            deadline
                .map(|deadline| yes_or_no(deadline.overdue, language))
                .into(),
            self.submitted_at.into(),
            self.acknowledged_at.into(),
            self.returned_at.into(),
            self.return_reason.as_deref().into(),
            yes_or_no(self.recorded_on_behalf, language).into(),
            items.join("\n").into(),
        ]
    }
}
