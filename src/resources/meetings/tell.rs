//! The words in which a meeting is spoken of, and who hears them.

use super::policy::Meeting;
use crate::clock::shanghai_time;
use crate::directory::Directory;
use crate::policy::Caller;
use crate::problem::Result;
use crate::vocabulary::meetings::MeetingForm;
use crate::work::Tx;
use crate::workflow::notices::{self, Notice, NoticeKind};
use crate::workflow::subjects::{Subject, SubjectType};
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// 2026年3月2日9时30分
pub fn chinese_time(at: DateTime<Utc>) -> String {
    shanghai_time(at).format("%Y年%-m月%-d日%-H时%M分").to_string()
}

/// 市教育局、市科技局
pub fn hosts(meeting: &Meeting, directory: &Directory) -> Result<String> {
    let day = meeting.named_on();
    let names = meeting
        .hosts
        .iter()
        .map(|host| Ok(directory.reference(host.id, day)?.name));
    Ok(names.collect::<Result<Vec<_>>>()?.join("、"))
}

/// 市教育局《2026年度对口联系工作会议》
pub fn subject(meeting: &Meeting, directory: &Directory) -> Result<Subject> {
    let title = format!("{}《{}》", hosts(meeting, directory)?, meeting.row.title);
    Ok(Subject::new(SubjectType::Meeting, meeting.row.id, title))
}

/// 对口联系工作会议《…》
pub fn what(meeting: &Meeting) -> String {
    format!("{}《{}》", meeting.row.kind.label().zh, meeting.row.title)
}

/// 于…在…, or how it goes in writing.
pub fn when_and_where(meeting: &Meeting) -> String {
    let (row, time) = (&meeting.row, chinese_time(meeting.row.starts_at));
    match (meeting.row.form, &row.place, &row.online_address) {
        (MeetingForm::Written, ..) => format!("于{time}起以书面形式"),
        (_, Some(place), None) => format!("于{time}在{place}"),
        (_, Some(place), Some(_)) => format!("于{time}在{place}（可线上参加）"),
        (_, None, _) => format!("于{time}以线上方式"),
    }
}

/// Who is invited or holds it, each organization once, without the caller's own.
pub fn all_but(meeting: &Meeting, caller: &Caller) -> Vec<Uuid> {
    let invited = meeting.invitations.iter().filter_map(|one| one.acting);
    let mut told: Vec<Uuid> = meeting.hosts.iter().filter_map(|host| host.acting).collect();
    told.extend(invited);
    once(told, caller)
}

/// Who holds it, without the caller's own.
pub fn hosts_but(meeting: &Meeting, caller: &Caller) -> Vec<Uuid> {
    once(
        meeting.hosts.iter().filter_map(|host| host.acting).collect(),
        caller,
    )
}

fn once(mut told: Vec<Uuid>, caller: &Caller) -> Vec<Uuid> {
    told.sort_unstable();
    told.dedup();
    told.retain(|organization| !caller.is_of(*organization));
    told
}

/// Tells organizations of the meeting; the text says where it is.
pub async fn send(
    tx: &mut Tx<'_>,
    to: &[Uuid],
    kind: NoticeKind,
    subject: &Subject,
    title: String,
    text: &str,
) -> Result<()> {
    if to.is_empty() {
        return Ok(());
    }
    let notice = Notice {
        kind,
        level: None,
        subject,
        title,
        text: format!("{text}事项地址：{}", subject.kind.path(subject.id)),
    };
    notices::send(tx, to, &notice).await
}
