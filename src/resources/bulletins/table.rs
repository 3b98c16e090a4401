//! Bulletins as a file shows them.

use super::model::BulletinView;
use crate::directory::model::names;
use crate::http::negotiate::table;
use crate::vocabulary::yes_or_no;

table! { |view: BulletinView, language| ("日常信息", "Bulletins"):
    ("发送单位", "Sender") => view.sender.name.as_str(),
    ("类别", "Category") => view.category.label().get(language),
    ("标题", "Title") => view.title.as_str(),
    ("内容", "Text") => view.text.as_str(),
    ("状态", "State") => view.state.label().get(language),
    ("主送单位", "Recipients") => names(view.recipients.iter().map(|one| &one.organization)),
    ("含分工以外单位", "Outside the assignment") => yes_or_no(view.outside_assignment, language),
    ("发送时间", "Sent at") => view.sent_at,
    ("应签收", "Told") => view.receipts.told,
    ("已签收", "Acknowledged") => view.receipts.acknowledged,
    ("撤回时间", "Withdrawn at") => view.withdrawal.as_ref().map(|one| one.withdrawn_at),
    ("撤回原因", "Reason of withdrawal") => view.withdrawal.as_ref().map(|one| one.reason.as_str()),
    ("是否代录", "Recorded on behalf") => yes_or_no(view.recorded_on_behalf, language),
}
