//! The list as a table for Excel.

use super::content::Contact;
use super::model::LiaisonLeaderView;
use crate::http::negotiate::{Cell, Table, Tabular};
use crate::language::{Language, Text};
use crate::vocabulary::yes_or_no;

impl Tabular for LiaisonLeaderView {
    fn table() -> Table {
        Table::new(
            Text::fixed("联络负责人", "Liaison leaders"),
            &[
                ("部门", "Department"),
                ("生效日期", "Effective from"),
                ("失效日期", "Effective until"),
                ("任期状态", "Status"),
                ("是否空缺", "Vacant"),
                ("分管领导", "Leader"),
                ("职务", "Title"),
                ("联络科室", "Liaison office"),
                ("科室电话", "Office phone"),
                ("联络人员", "Contacts"),
                ("联络人员手机", "Contacts' mobiles"),
                ("联络人员邮箱", "Contacts' e-mail"),
                ("报送状态", "State"),
                ("报送时间", "Reported at"),
                ("是否迟报", "Late"),
                ("应签收", "Told"),
                ("已签收", "Acknowledged"),
            ],
        )
    }

    fn cells(&self, language: Language) -> Vec<Cell> {
        let joined = |of: fn(&Contact) -> Option<&str>| {
            let parts: Vec<&str> = self
                .contacts
                .iter()
                .map(|one| of(one).unwrap_or_default())
                .collect();
            Cell::from(parts.join("；"))
        };
        vec![
            self.department.name.as_str().into(),
            self.effective_from.into(),
            self.effective_until.into(),
            self.status.label().get(language).into(),
            yes_or_no(self.vacant, language).into(),
            self.leader.as_ref().map(|leader| leader.name.as_str()).into(),
            self.leader
                .as_ref()
                .and_then(|leader| leader.title.as_deref())
                .into(),
            self.office.as_ref().map(|office| office.name.as_str()).into(),
            self.office
                .as_ref()
                .and_then(|office| office.phone.as_deref())
                .into(),
            joined(|contact| Some(&contact.name)),
            joined(|contact| contact.mobile.as_deref()),
            joined(|contact| contact.email.as_deref()),
            self.state.label().get(language).into(),
            self.reported_at.into(),
            yes_or_no(self.late, language).into(),
            self.receipts.told.into(),
            self.receipts.acknowledged.into(),
        ]
    }
}
