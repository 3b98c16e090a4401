//! The list as a table for Excel.

use super::model::MeetingView;
use crate::directory::model::names;
use crate::http::negotiate::table;
use crate::vocabulary::yes_or_no;

table! { |view: MeetingView, language| ("对口联系活动", "Meetings"):
    ("活动类别", "Kind") => view.kind.label().get(language),
    ("社会服务类别", "Kind of social service") => view.social_service_kind.map(|kind| kind.label().get(language)),
    ("名称", "Title") => view.title.as_str(),
    ("形式", "Form") => view.form.label().get(language),
    ("状态", "State") => view.state.label().get(language),
    ("举办单位", "Hosts") => names(&view.hosts),
    ("联办单位", "Co-hosts") => names(&view.co_hosts),
    ("开始时间", "Starts at") => view.starts_at,
    ("结束时间", "Ends at") => view.ends_at,
    ("地点", "Place") => view.place.as_deref(),
    ("邀请数", "Invited") => view.invitations.invited,
    ("答复参加数", "Accepted") => view.invitations.accepted,
    ("答复不参加数", "Declined") => view.invitations.declined,
    ("是否计入", "Counts") => yes_or_no(view.counts.counts, language),
    ("计入说明", "Why") => view.counts.reason.label().get(language),
    ("分工外邀请", "Outside the assignment") => yes_or_no(view.outside_assignment, language),
    ("决策事项", "Matter to be decided") => view.decision.as_ref().map(|one| one.matter.as_str()),
    ("征求意见时点", "Heard before the decision") => view.decision.as_ref().map(|one| one.timing.label().get(language)),
    ("办结时间", "Concluded at") => view.concluded_at,
}
