//! Bulletins as a file shows them.

use super::model::BulletinView;
use crate::http::negotiate::{Cell, Table, Tabular};
use crate::language::{Language, Text};
use crate::vocabulary::yes_or_no;

impl Tabular for BulletinView {
    fn table() -> Table {
        Table::new(
            Text::fixed("日常信息", "Bulletins"),
            &[
                ("发送单位", "Sender"),
                ("类别", "Category"),
                ("标题", "Title"),
                ("内容", "Text"),
                ("状态", "State"),
                ("主送单位", "Recipients"),
                ("含分工以外单位", "Outside the assignment"),
                ("发送时间", "Sent at"),
                ("应签收", "Told"),
                ("已签收", "Acknowledged"),
                ("撤回时间", "Withdrawn at"),
                ("撤回原因", "Reason of withdrawal"),
                ("是否代录", "Recorded on behalf"),
            ],
        )
    }

    fn cells(&self, language: Language) -> Vec<Cell> {
        let recipients: Vec<&str> = self
            .recipients
            .iter()
            .map(|one| one.organization.name.as_str())
            .collect();
        let withdrawal = self.withdrawal.as_ref();
        vec![
            self.sender.name.as_str().into(),
            self.category.label().get(language).into(),
            self.title.as_str().into(),
            self.text.as_str().into(),
            self.state.label().get(language).into(),
            recipients.join("、").as_str().into(),
            yes_or_no(self.outside_assignment, language).into(),
            self.sent_at.into(),
            self.receipts.told.into(),
            self.receipts.acknowledged.into(),
            withdrawal.map(|one| one.withdrawn_at).into(),
            withdrawal.map(|one| one.reason.as_str()).into(),
            yes_or_no(self.recorded_on_behalf, language).into(),
        ]
    }
}
