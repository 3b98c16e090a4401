//! The list as a table for Excel.

use super::model::MeetingView;
use crate::http::negotiate::{Cell, Table, Tabular};
use crate::language::{Language, Text};
use crate::vocabulary::yes_or_no;

impl Tabular for MeetingView {
    fn table() -> Table {
        Table::new(
            Text::fixed("对口联系活动", "Meetings"),
            &[
                ("活动类别", "Kind"),
                ("社会服务类别", "Kind of social service"),
                ("名称", "Title"),
                ("形式", "Form"),
                ("状态", "State"),
                ("举办单位", "Hosts"),
                ("联办单位", "Co-hosts"),
                ("开始时间", "Starts at"),
                ("结束时间", "Ends at"),
                ("地点", "Place"),
                ("邀请数", "Invited"),
                ("答复参加数", "Accepted"),
                ("答复不参加数", "Declined"),
                ("是否计入", "Counts"),
                ("计入说明", "Why"),
                ("分工外邀请", "Outside the assignment"),
                ("决策事项", "Matter to be decided"),
                ("征求意见时点", "Heard before the decision"),
                ("办结时间", "Concluded at"),
            ],
        )
    }

    fn cells(&self, language: Language) -> Vec<Cell> {
        let names = |list: &[crate::directory::model::OrganizationRef]| -> Cell {
            let names: Vec<&str> = list.iter().map(|one| one.name.as_str()).collect();
            (!names.is_empty()).then(|| names.join("、")).into()
        };
        let decision = self.decision.as_ref();
        vec![
            self.kind.label().get(language).into(),
            self.social_service_kind
                .map(|kind| kind.label().get(language))
                .into(),
            self.title.as_str().into(),
            self.form.label().get(language).into(),
            self.state.label().get(language).into(),
            names(&self.hosts),
            names(&self.co_hosts),
            self.starts_at.into(),
            self.ends_at.into(),
            self.place.as_deref().into(),
            self.invitations.invited.into(),
            self.invitations.accepted.into(),
            self.invitations.declined.into(),
            yes_or_no(self.counts.counts, language).into(),
            self.counts.reason.label().get(language).into(),
            yes_or_no(self.outside_assignment, language).into(),
            decision.map(|decision| decision.matter.as_str()).into(),
            decision
                .map(|decision| decision.timing.label().get(language))
                .into(),
            self.concluded_at.into(),
        ]
    }
}
