//! What each step of a meeting's life changes, whom it tells, and what waits then.

use super::content::PostponeMeeting;
use super::policy::Invitation;
use super::{found, tell, writes};
use crate::clock::shanghai_day;
use crate::directory::{Directory, model::Kind};
use crate::policy::{Caller, Operation, Permit, ops};
use crate::problem::Result;
use crate::resources::meetings::follow_ups::steps::begin;
use crate::resources::meetings::model::MeetingView;
use crate::resources::meetings::policy::Meeting;
use crate::resources::meetings::{queries, record};
use crate::vocabulary::meetings::MeetingForm;
use crate::work::{Change, Tx};
use crate::workflow::notices::NoticeKind;
use crate::workflow::step::{Aggregate, Step};
use crate::workflow::subjects::{Subject, chinese_day};
use crate::workflow::todos::{self, Done, NewTodo, TodoKind, Until};
use crate::workflow::{TermKey, Timing};
use chrono::NaiveDate;
use diesel_async::AsyncPgConnection;
use uuid::Uuid;

/// Invites: everybody is told, and asked for an answer, and for an opinion where something is to be decided.
pub async fn convene(
    tx: &mut Tx<'_>,
    permit: &Permit<ops::ConveneMeeting>,
    step: &Step<'_, Meeting>,
) -> Result<()> {
    let (directory, timing, meeting) = (step.directory, step.timing, &step.before);
    writes::convene(tx, permit, meeting.row.id).await?;
    found::follow(tx, directory, meeting.row.id).await?;
    let subject = tell::subject(meeting, directory)?;
    let to_conclude = meeting.hosts.iter().map(|host| NewTodo {
        organization: host.id,
        kind: TodoKind::ConcludeMeeting,
        subject: &subject,
        until: Until::TermFrom(tx.today()),
    });
    todos::open(tx, timing, &to_conclude.collect::<Vec<_>>()).await?;
    let told = tell::all_but(meeting, permit.caller());
    announce(tx, timing, directory, meeting, &subject, &told).await?;
    let asked: Vec<&Invitation> = meeting
        .invitations
        .iter()
        .filter(|one| !one.row.co_host)
        .collect();
    ask_for_answers(tx, timing, meeting, &subject, &asked).await?;
    let all: Vec<&Invitation> = meeting.invitations.iter().collect();
    ask_for_opinions(tx, timing, meeting, &subject, &all).await
}

/// 会议通知
pub async fn announce(
    tx: &mut Tx<'_>,
    timing: &Timing,
    directory: &Directory,
    meeting: &Meeting,
    subject: &Subject,
    told: &[Uuid],
) -> Result<()> {
    let (hosts, what) = (tell::hosts(meeting, directory)?, tell::what(meeting));
    let how = tell::when_and_where(meeting);
    let mut text = match (meeting.row.form, meeting.has_begun()) {
        (MeetingForm::Written, _) => format!("{hosts}{how}开展{what}。"),
        (MeetingForm::Meeting, true) => format!("{hosts}{how}举行{what}，现予补充登记。"),
        (MeetingForm::Meeting, false) => {
            let due_on = chinese_day(answers_due_on(timing, meeting, tx.today()));
            format!("{hosts}定{how}举行{what}，请于{due_on}前答复是否参加，并报送参会人员名单。")
        }
    };
    if let (Some(matter), Some(due_on)) = (&meeting.row.decision_matter, meeting.row.opinions_due_on) {
        let due_on = chinese_day(due_on);
        text.push_str(&format!("事项：{matter}。请受邀党派团体于{due_on}前提出意见。"));
    }
    let title = format!("活动通知：{}", meeting.row.title);
    tell::send(tx, told, NoticeKind::MeetingConvened, subject, title, &text).await
}

/// Some working days before it begins, and never before today.
fn answers_due_on(timing: &Timing, meeting: &Meeting, today: NaiveDate) -> NaiveDate {
    let before = timing.term(TermKey::MeetingAnswer).amount;
    let due_on = timing
        .calendar
        .shift(shanghai_day(meeting.row.starts_at), -before);
    due_on.max(today)
}

/// Of organizations that are invited, and of the hosts for their guests; nobody answers for a day that is past.
pub async fn ask_for_answers(
    tx: &mut Tx<'_>,
    timing: &Timing,
    meeting: &Meeting,
    subject: &Subject,
    asked: &[&Invitation],
) -> Result<()> {
    if meeting.row.form == MeetingForm::Written || meeting.has_begun() {
        return Ok(());
    }
    let mut organizations: Vec<Uuid> = asked.iter().filter_map(|one| one.row.organization_id).collect();
    if asked.iter().any(|one| one.row.guest_kind.is_some()) {
        organizations.extend(meeting.hosts.iter().map(|host| host.id));
    }
    let asked: Vec<Uuid> = asked.iter().map(|one| one.row.id).collect();
    writes::ask_until(tx, &asked, meeting.row.starts_at).await?;
    // Nobody can answer once it has begun: nothing waits then, nobody is reminded, and who has not answered never did.
    let until = Until::DayAndEnd(answers_due_on(timing, meeting, tx.today()), meeting.row.starts_at);
    open(
        tx,
        timing,
        subject,
        TodoKind::AnswerInvitation,
        organizations,
        until,
    )
    .await
}

/// Of the parties among those invited, as long as there is time for it.
pub async fn ask_for_opinions(
    tx: &mut Tx<'_>,
    timing: &Timing,
    meeting: &Meeting,
    subject: &Subject,
    asked: &[&Invitation],
) -> Result<()> {
    let Some(due_on) = meeting.row.opinions_due_on.filter(|day| *day >= tx.today()) else {
        return Ok(());
    };
    let parties = asked.iter().filter(|one| one.kind == Some(Kind::Party));
    let parties = parties.filter_map(|one| one.row.organization_id).collect();
    open(
        tx,
        timing,
        subject,
        TodoKind::GiveOpinion,
        parties,
        Until::Day(due_on),
    )
    .await
}

async fn open(
    tx: &mut Tx<'_>,
    timing: &Timing,
    subject: &Subject,
    kind: TodoKind,
    organizations: Vec<Uuid>,
    until: Until,
) -> Result<()> {
    let new = organizations.into_iter().map(|organization| NewTodo {
        organization,
        kind,
        subject,
        until,
    });
    todos::open(tx, timing, &new.collect::<Vec<_>>()).await?;
    Ok(())
}

/// Another time: everybody is told and asked anew.
pub async fn postpone(
    tx: &mut Tx<'_>,
    permit: &Permit<ops::PostponeMeeting>,
    step: &Step<'_, Meeting>,
    to: &PostponeMeeting,
) -> Result<()> {
    let (directory, timing, meeting) = (step.directory, step.timing, &step.before);
    writes::postpone(tx, permit, meeting, to).await?;
    found::follow(tx, directory, meeting.row.id).await?;
    let mut moved = meeting.clone();
    moved.row.starts_at = to.starts_at;
    moved.row.place = to.place.clone().or(moved.row.place);
    moved.row.online_address = to.online_address.clone().or(moved.row.online_address);
    let id = meeting.row.id;
    let answering = Done {
        kinds: &[TodoKind::AnswerInvitation],
        organization: None,
    };
    todos::close(tx, id, answering).await?;
    let subject = tell::subject(meeting, directory)?;
    let all: Vec<&Invitation> = moved.invitations.iter().collect();
    ask_for_answers(tx, timing, &moved, &subject, &all).await?;
    let (hosts, what) = (tell::hosts(meeting, directory)?, tell::what(meeting));
    let (before, how) = (
        tell::chinese_time(meeting.row.starts_at),
        tell::when_and_where(&moved),
    );
    let mut text = format!("{hosts}原定于{before}的{what}，改{how}举行。");
    if let Some(reason) = &to.reason {
        text.push_str(&format!("改期原因：{}。", reason.trim_end_matches('。')));
    }
    if !moved.has_begun() && meeting.row.form == MeetingForm::Meeting {
        let due_on = chinese_day(answers_due_on(timing, &moved, tx.today()));
        text.push_str(&format!("原答复不再有效，请于{due_on}前重新答复。"));
    }
    let title = format!("改期通知：{}", meeting.row.title);
    let told = tell::all_but(meeting, permit.caller());
    tell::send(tx, &told, NoticeKind::MeetingPostponed, &subject, title, &text).await
}

/// Nothing waits any longer.
pub async fn cancel(
    tx: &mut Tx<'_>,
    permit: &Permit<ops::CancelMeeting>,
    step: &Step<'_, Meeting>,
    reason: &str,
) -> Result<()> {
    let (directory, meeting) = (step.directory, &step.before);
    writes::cancel(tx, permit, meeting.row.id, reason).await?;
    todos::close(tx, meeting.row.id, Done::default()).await?;
    let subject = tell::subject(meeting, directory)?;
    let (hosts, what) = (tell::hosts(meeting, directory)?, tell::what(meeting));
    let (when, reason) = (
        tell::chinese_time(meeting.row.starts_at),
        reason.trim_end_matches('。'),
    );
    let text = format!("{hosts}原定于{when}的{what}取消。取消原因：{reason}。");
    let title = format!("取消通知：{}", meeting.row.title);
    let told = tell::all_but(meeting, permit.caller());
    tell::send(tx, &told, NoticeKind::MeetingCancelled, &subject, title, &text).await
}

/// It took place: nobody answers any longer; attendance and minutes are the hosts' to record.
pub async fn hold(
    tx: &mut Tx<'_>,
    permit: &Permit<ops::HoldMeeting>,
    step: &Step<'_, Meeting>,
) -> Result<()> {
    let meeting = &step.before;
    writes::hold(tx, permit, meeting.row.id).await?;
    let answering = Done {
        kinds: &[TodoKind::AnswerInvitation],
        organization: None,
    };
    todos::close(tx, meeting.row.id, answering).await
}

/// The minutes hold, follow-ups are their owners' to do, and who is not on record as present was absent.
pub async fn conclude(
    tx: &mut Tx<'_>,
    permit: &Permit<ops::ConcludeMeeting>,
    step: &Step<'_, Meeting>,
) -> Result<()> {
    let (directory, timing, meeting) = (step.directory, step.timing, &step.before);
    let id = meeting.row.id;
    if meeting.row.form == MeetingForm::Meeting {
        let term = timing.term(TermKey::AttendanceDispute);
        let until = timing.calendar.due(tx.today(), term).on;
        writes::record_absent(tx, permit, id, until).await?;
    }
    writes::conclude(tx, permit, id).await?;
    found::follow(tx, directory, id).await?;
    let over = Done {
        kinds: &[
            TodoKind::ConcludeMeeting,
            TodoKind::GiveOpinion,
            TodoKind::AnswerInvitation,
        ],
        organization: None,
    };
    todos::close(tx, id, over).await?;
    let subject = tell::subject(meeting, directory)?;
    let owners = begin(tx, timing, directory, meeting).await?;
    let mut told = tell::all_but(meeting, permit.caller());
    told.extend(owners.into_iter().filter(|owner| !permit.caller().is_of(*owner)));
    told.sort_unstable();
    told.dedup();
    let (hosts, what) = (tell::hosts(meeting, directory)?, tell::what(meeting));
    let day = chinese_day(shanghai_day(meeting.row.starts_at));
    let mut text = format!("{hosts}{day}的{what}已办结，纪要可查阅。");
    if !meeting.follow_ups.is_empty() {
        text.push_str(&format!(
            "纪要明确后续事项{}项，请承办单位按期完成。",
            meeting.follow_ups.len()
        ));
    }
    let title = format!("活动办结：{}", meeting.row.title);
    tell::send(tx, &told, NoticeKind::MeetingConcluded, &subject, title, &text).await
}

impl Aggregate for Meeting {
    type Id = Uuid;
    type Recorded = MeetingView;
    type View = MeetingView;

    fn subject_id(&self) -> Uuid {
        self.row.id
    }

    async fn hold(tx: &mut Tx<'_>, id: &Uuid, directory: &Directory) -> Result<Self> {
        let found = queries::get_locked(tx, *id, directory).await?;
        found.seen_by(&tx.origin.caller)
    }

    async fn reread(&self, tx: &mut Tx<'_>, directory: &Directory) -> Result<Self> {
        let now = tx.now();
        queries::get(tx.conn, self.row.id, directory, now).await
    }

    fn recorded(&self, _: &Tx<'_>, directory: &Directory) -> Result<MeetingView> {
        MeetingView::new(self, directory)
    }

    async fn shown(
        &self,
        conn: &AsyncPgConnection,
        caller: &Caller,
        directory: &Directory,
        _: NaiveDate,
    ) -> Result<MeetingView> {
        record::view(conn, caller, self, directory).await
    }

    fn is_draft(&self) -> bool {
        Meeting::is_draft(self)
    }

    fn is_author(&self, caller: &Caller) -> bool {
        self.is_host(caller)
    }

    async fn record<O: Operation>(
        tx: &mut Tx<'_>,
        permit: &Permit<O>,
        event: &'static str,
        directory: &Directory,
        (before, after): (Option<&Self>, Option<&Self>),
    ) -> Result<()> {
        match (before, after) {
            (before, Some(after)) => record::changed(tx, permit, event, directory, before, after).await,
            (Some(before), None) => {
                let view = MeetingView::new(before, directory)?;
                let change = Change::new(event, before.row.id, Some(&view), None)?;
                tx.record(permit, change.kept_quiet()).await
            }
            (None, None) => Ok(()),
        }
    }
}
