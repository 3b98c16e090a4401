//! The list as a table for Excel.

use super::content::Contact;
use super::model::LiaisonLeaderView;
use crate::http::negotiate::table;
use crate::vocabulary::yes_or_no;

table! { |view: LiaisonLeaderView, language| ("联络负责人", "Liaison leaders"):
    ("部门", "Department") => view.department.name.as_str(),
    ("生效日期", "Effective from") => view.effective_from,
    ("失效日期", "Effective until") => view.effective_until,
    ("任期状态", "Status") => view.status.label().get(language),
    ("是否空缺", "Vacant") => yes_or_no(view.vacant, language),
    ("分管领导", "Leader") => view.leader.as_ref().map(|leader| leader.name.as_str()),
    ("职务", "Title") => view.leader.as_ref().and_then(|leader| leader.title.as_deref()),
    ("联络科室", "Liaison office") => view.office.as_ref().map(|office| office.name.as_str()),
    ("科室电话", "Office phone") => view.office.as_ref().and_then(|office| office.phone.as_deref()),
    ("联络人员", "Contacts") => joined(view, |contact| Some(&contact.name)),
    ("联络人员手机", "Contacts' mobiles") => joined(view, |contact| contact.mobile.as_deref()),
    ("联络人员邮箱", "Contacts' e-mail") => joined(view, |contact| contact.email.as_deref()),
    ("报送状态", "State") => view.state.label().get(language),
    ("报送时间", "Reported at") => view.reported_at,
    ("是否迟报", "Late") => yes_or_no(view.late, language),
    ("应签收", "Told") => view.receipts.told,
    ("已签收", "Acknowledged") => view.receipts.acknowledged,
}

/// One thing of each contact, blank where one has none.
fn joined(view: &LiaisonLeaderView, of: fn(&Contact) -> Option<&str>) -> String {
    let parts = view.contacts.iter().map(|one| of(one).unwrap_or_default());
    parts.collect::<Vec<_>>().join("；")
}
