//! 待办: what waits for an organization, and until when. Steps open and close them in their own transaction; they stay when
//! they are done, so that late stays late. A to-do with a term is a running deadline: a correction of the calendar moves
//! it and says why, a setting changed later does not.

use super::subjects::Subject;
use super::{TermKey, Timing, corrections};
use crate::db::schema::{deadline_moves, reminders, todos};
use crate::problem::Result;
use crate::vocabulary::{closed_set, enumeration};
use crate::work::Tx;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Timestamptz};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

macro_rules! todo_kinds {
    ($($(#[$doc:meta])* $name:ident [$zh:literal, $en:literal] $term:expr;)*) => {
        enumeration! {
            /// 待办类别
            pub enum TodoKind { $($(#[$doc])* $name [$zh, $en]),* }
        }

        impl TodoKind {
            /// The term that its deadline runs by; none where it has no deadline, or one that somebody names.
            pub fn term(self) -> Option<TermKey> {
                match self { $(Self::$name => $term),* }
            }
        }
    };
}

todo_kinds! {
    AppointLiaisonLeader ["报送联络负责人", "Report a liaison leader"] Some(TermKey::LeaderReport);
    FillLiaisonVacancy ["补齐空缺的联络负责人", "Fill the vacancy of a liaison leader"] None;
    AcknowledgeLiaisonLeader ["签收联络负责人情况", "Acknowledge a liaison leader"] Some(TermKey::LeaderAcknowledgement);
    CompleteLiaisonLeader ["补充完善联络负责人情况", "Complete what was reported of a liaison leader"] Some(TermKey::LeaderCompletion);
    ConfirmLiaisonLeader ["季度确认联络负责人（零报告）", "Confirm the liaison leader for the quarter"] Some(TermKey::LeaderConfirmation);
    AnswerProblemReport ["答复问题反映", "Answer a problem report"] Some(TermKey::ProblemReportAnswer);
    CloseProblemReport ["办结问题反映", "Close a problem report"] None;
    AcknowledgeBulletin ["签收日常信息", "Acknowledge a bulletin"] None;
    AnswerInvitation ["答复活动邀请", "Answer an invitation"] None;
    GiveOpinion ["提出决策前意见", "Give an opinion before a decision"] None;
    AnswerOpinion ["答复党派团体意见", "Answer opinions of parties"] None;
    ConcludeMeeting ["登记活动情况并办结", "Record what took place, and conclude the meeting"] None;
    DecideAttendanceDispute ["裁定到会情况异议", "Decide a dispute of attendance"] None;
    CompleteMeetingFollowUp ["完成会议后续事项", "Do what follows from a meeting"] None;
    // Suggestions, and what their replies promise.
    SignSuggestion ["联名意见建议", "Sign a suggestion"] None;
    AcceptSuggestion ["签收意见建议", "Accept a suggestion"] Some(TermKey::SuggestionAcceptance);
    DecideSuggestionReturn ["审核申退", "Decide on a return"] Some(TermKey::SuggestionReturnDecision);
    GiveSuggestionOpinion ["提出会办意见", "Give a joint opinion"] Some(TermKey::SuggestionOpinion);
    ReplyToSuggestion ["答复意见建议", "Reply to a suggestion"] Some(TermKey::SuggestionReply);
    DecideSuggestionExtension ["审核延期申请", "Decide on an extension"] None;
    EvaluateSuggestionReply ["反馈对答复的评价", "Evaluate a reply"] Some(TermKey::SuggestionFeedback);
    FileSuggestion ["备案意见建议办理情况", "File a suggestion"] None;
    ReportSuggestionFiling ["补报备案材料", "Report what is missing for the filing"] None;
    MediateSuggestion ["召开协商会", "Mediate"] None;
    FulfilCommitment ["兑现办理承诺", "Fulfil a commitment"] None;
    DecideCommitmentAbandonment ["审核承诺终止申请", "Decide on giving up a commitment"] None;
    SubmitWorkPlan ["报送年度工作计划", "Submit the work plan of the year"] Some(TermKey::WorkPlan);
    AcknowledgeWorkPlan ["签收年度工作计划", "Acknowledge a work plan"] None;
    ReviseWorkPlan ["修订并重新报送年度工作计划", "Revise a work plan that was returned"] Some(TermKey::Resubmission);
    SubmitWorkReport ["报送工作情况报告", "Submit the work report of the period"] Some(TermKey::WorkReport);
    ReceiveWorkReport ["接收工作情况报告", "Receive a work report"] None;
    AcknowledgeWorkReport ["签收抄送的工作情况报告", "Acknowledge the copy of a work report"] None;
    ReviseWorkReport ["修订并重新报送工作情况报告", "Revise a work report that was returned"] Some(TermKey::Resubmission);
}

impl TodoKind {
    /// Whether a step that ends such a to-do does what was to be done: an acceptance that a reassignment ends was never given,
    /// nor an evaluation that the conclusion did not wait for. What no step is on record for was done.
    pub fn is_met_by(self, step: Option<&str>) -> bool {
        let meeting: &[&str] = match self {
            Self::AcceptSuggestion => &["accept", "return"],
            Self::DecideSuggestionReturn => &["deny-return", "reassign"],
            Self::GiveSuggestionOpinion => &["opinion"],
            Self::ReplyToSuggestion => &["reply"],
            Self::EvaluateSuggestionReply => &["feedback-receipts"],
            _ => return true,
        };
        step.is_none_or(|step| meeting.contains(&step))
    }
}

/// A to-do that begins.
pub struct NewTodo<'a> {
    pub organization: Uuid,
    pub kind: TodoKind,
    pub subject: &'a Subject,
    pub until: Until,
}

/// Until when something may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// By the term of its kind, where that has one, from a day on, which itself is not counted.
    TermFrom(NaiveDate),
    /// By another term than its kind's, from a day on.
    OtherTermFrom(TermKey, NaiveDate),
    /// A day that somebody has named.
    Day(NaiveDate),
    /// A day that somebody has named, and an instant from which on nobody can do it: with that it ends, whether the runner has
    /// closed it or not.
    DayAndEnd(NaiveDate, DateTime<Utc>),
}

closed_set! {
    /// When reminders of a deadline go out, and for whom.
    pub enum ReminderStep {
    HandlerFirst,
    HandlerSecond,
    Leader,
    Coordinator,
}
}

impl ReminderStep {
    /// The day, by the settings of today.
    fn day(self, timing: &Timing, due_on: NaiveDate) -> NaiveDate {
        let days = |key| timing.term(key).amount;
        timing.calendar.shift(
            due_on,
            match self {
                Self::HandlerFirst => -days(TermKey::ReminderHandlerFirst),
                Self::HandlerSecond => -days(TermKey::ReminderHandlerSecond),
                Self::Leader => days(TermKey::ReminderLeader),
                Self::Coordinator => days(TermKey::ReminderCoordinator),
            },
        )
    }
}

/// Opens to-dos; one that is open already stays as it is. Answers how many are new.
pub async fn open(tx: &mut Tx<'_>, timing: &Timing, new: &[NewTodo<'_>]) -> Result<usize> {
    open_by(tx, timing, new, None).await
}

/// The same, with the step that they begin by on record.
pub async fn open_by(
    tx: &mut Tx<'_>,
    timing: &Timing,
    new: &[NewTodo<'_>],
    step: Option<&str>,
) -> Result<usize> {
    let mut opened = 0;
    for one in new {
        opened += insert(tx, timing, one, step, None).await?;
    }
    Ok(opened)
}

/// Puts on record what was done before it was asked for: its deadline, and when it was done. Nobody is reminded of it.
pub async fn put_done(tx: &mut Tx<'_>, timing: &Timing, done: &NewTodo<'_>, at: DateTime<Utc>) -> Result<()> {
    insert(tx, timing, done, None, Some(at)).await?;
    Ok(())
}

async fn insert(
    tx: &mut Tx<'_>,
    timing: &Timing,
    new: &NewTodo<'_>,
    step: Option<&str>,
    done_at: Option<DateTime<Utc>>,
) -> Result<usize> {
    let counted = match new.until {
        Until::TermFrom(start) => new.kind.term().map(|key| (start, timing.term(key))),
        Until::OtherTermFrom(key, start) => Some((start, timing.term(key))),
        Until::Day(_) | Until::DayAndEnd(..) => None,
    };
    let due_on = match new.until {
        Until::Day(day) | Until::DayAndEnd(day, _) => Some(day),
        _ => counted.map(|(start, term)| timing.calendar.due(start, term).on),
    };
    let ends_at = match new.until {
        Until::DayAndEnd(_, at) => Some(at),
        _ => None,
    };
    let id = Uuid::now_v7();
    let inserted = diesel::insert_into(todos::table)
        .values((
            todos::id.eq(id),
            todos::organization_id.eq(new.organization),
            todos::kind.eq(new.kind),
            todos::subject_type.eq(new.subject.kind),
            todos::subject_id.eq(new.subject.id),
            todos::title.eq(&new.subject.title),
            todos::opened_at.eq(tx.now()),
            todos::started_on.eq(counted.map(|(start, _)| start)),
            todos::amount.eq(counted.map(|(_, term)| term.amount)),
            todos::unit.eq(counted.map(|(_, term)| term.unit)),
            todos::due_on.eq(due_on),
            todos::opened_by.eq(step),
            todos::closed_at.eq(done_at),
            todos::ends_at.eq(ends_at),
        ))
        .on_conflict_do_nothing()
        .execute(tx.conn)
        .await?;
    if let Some(due_on) = due_on.filter(|_| inserted == 1 && done_at.is_none()) {
        plan_reminders(tx, timing, id, due_on).await?;
    }
    Ok(inserted)
}

/// Those that lie ahead; what would have been sent before today is left out.
async fn plan_reminders(tx: &mut Tx<'_>, timing: &Timing, todo: Uuid, due_on: NaiveDate) -> Result<()> {
    let days = reminder_days(timing, due_on, tx.today());
    let rows: Vec<_> = days.into_iter().map(|step| (todo, step)).collect();
    insert_reminders(tx, &rows).await
}

/// The reminders of a deadline that lie ahead of today.
pub(super) fn reminder_days(
    timing: &Timing,
    due_on: NaiveDate,
    today: NaiveDate,
) -> Vec<(ReminderStep, NaiveDate)> {
    use strum::IntoEnumIterator;
    ReminderStep::iter()
        .map(|step| (step, step.day(timing, due_on)))
        .filter(|(_, day)| *day > today)
        .collect()
}

/// One that has gone out stays, and is not sent again when the deadline moves.
pub(super) async fn insert_reminders(
    tx: &mut Tx<'_>,
    planned: &[(Uuid, (ReminderStep, NaiveDate))],
) -> Result<()> {
    use diesel::sql_types::{Array, Date, Text, Uuid as SqlUuid};
    let steps = planned.iter().map(|(_, (step, _))| <&str>::from(*step));
    // Three lists: a correction of the calendar plans thousands.
    diesel::sql_query(
        "INSERT INTO reminders (todo_id, step, remind_on) SELECT * FROM unnest($1, $2, $3) ON CONFLICT DO NOTHING",
    )
    .bind::<Array<SqlUuid>, _>(planned.iter().map(|(todo, _)| *todo).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(steps.collect::<Vec<_>>())
    .bind::<Array<Date>, _>(planned.iter().map(|(_, (_, day))| *day).collect::<Vec<_>>())
    .execute(tx.conn)
    .await?;
    Ok(())
}

/// Which of a thing's to-dos are done.
#[derive(Clone, Copy, Debug, Default)]
pub struct Done<'a> {
    /// All kinds where empty.
    pub kinds: &'a [TodoKind],
    /// Of all organizations where none is named.
    pub organization: Option<Uuid>,
}

/// Closes to-dos of a thing, and takes back what would still have reminded of them.
pub async fn close(tx: &mut Tx<'_>, subject: Uuid, done: Done<'_>) -> Result<()> {
    close_by(tx, subject, done, None).await
}

/// Closes all of a thing's as of the instant at which it was done.
pub async fn close_as_of(tx: &mut Tx<'_>, subject: Uuid, at: DateTime<Utc>) -> Result<()> {
    close_at(tx, subject, Done::default(), None, at).await
}

/// Closes to-dos with the step that they end by on record: what another step has ended was not done.
pub async fn close_by(tx: &mut Tx<'_>, subject: Uuid, done: Done<'_>, step: Option<&str>) -> Result<()> {
    let now = tx.now();
    close_at(tx, subject, done, step, now).await
}

async fn close_at(
    tx: &mut Tx<'_>,
    subject: Uuid,
    done: Done<'_>,
    step: Option<&str>,
    at: DateTime<Utc>,
) -> Result<()> {
    // Always in one order: two that close the same to-dos wait for each other, and never in a circle.
    let open: Vec<(Uuid, Uuid, String, bool)> = todos::table
        .filter(todos::subject_id.eq(subject))
        .filter(todos::closed_at.is_null())
        .select((
            todos::id,
            todos::organization_id,
            todos::kind,
            corrections::pending(),
        ))
        .order(todos::id)
        .for_update()
        .load(tx.conn)
        .await?;
    // Whether it was in time is judged by the day that it has in the calendar of today.
    if open.iter().any(|(.., pending)| *pending) {
        corrections::settle(tx, subject).await?;
    }
    let kinds: Vec<&'static str> = done.kinds.iter().map(|kind| (*kind).into()).collect();
    let ids: Vec<Uuid> = open
        .into_iter()
        .filter(|(_, organization, ..)| done.organization.is_none_or(|only| only == *organization))
        .filter(|(_, _, kind, _)| kinds.is_empty() || kinds.contains(&kind.as_str()))
        .map(|(id, ..)| id)
        .collect();
    if ids.is_empty() {
        return Ok(());
    }
    // What had ended before was not done later.
    let closed_at = sql::<Nullable<Timestamptz>>("LEAST(")
        .bind::<Timestamptz, _>(at)
        .sql(", ends_at)");
    diesel::update(todos::table.filter(todos::id.eq_any(&ids)))
        .set((todos::closed_at.eq(closed_at), todos::closed_by.eq(step)))
        .execute(tx.conn)
        .await?;
    forget_reminders(tx, &ids).await
}

async fn forget_reminders(tx: &mut Tx<'_>, ids: &[Uuid]) -> Result<()> {
    diesel::delete(
        reminders::table
            .filter(reminders::todo_id.eq_any(ids))
            .filter(reminders::sent_at.is_null()),
    )
    .execute(tx.conn)
    .await?;
    Ok(())
}

/// What was done no longer is: a thing's last to-do runs on by its own deadline.
pub async fn reopen_last(tx: &mut Tx<'_>, timing: &Timing, subject: Uuid) -> Result<()> {
    let last: Option<(Uuid, Option<NaiveDate>)> = todos::table
        .filter(todos::subject_id.eq(subject))
        .order(todos::id.desc())
        .select((todos::id, todos::due_on))
        .for_update()
        .first(tx.conn)
        .await
        .optional()?;
    let Some((id, due_on)) = last else { return Ok(()) };
    diesel::update(todos::table.find(id))
        .set((
            todos::closed_at.eq(None::<DateTime<Utc>>),
            todos::closed_by.eq(None::<&str>),
        ))
        .execute(tx.conn)
        .await?;
    match due_on {
        Some(due_on) => plan_reminders(tx, timing, id, due_on).await,
        None => Ok(()),
    }
}

/// Until when something was last asked of an organization itself; none where it never was, or without a day.
pub async fn last_due_on(tx: &mut Tx<'_>, subject: Uuid, kind: TodoKind) -> Result<Option<NaiveDate>> {
    Ok(todos::table
        .filter(todos::subject_id.eq(subject))
        .filter(todos::kind.eq(kind))
        .order(todos::id.desc())
        .select(todos::due_on)
        .first::<Option<NaiveDate>>(tx.conn)
        .await
        .optional()?
        .flatten())
}

/// Closes what could be done only until an instant that has passed, as of that instant; answers how many to-dos.
///
/// # Errors
/// `database_unavailable`.
pub async fn close_ended(tx: &mut Tx<'_>) -> Result<usize> {
    let ended: Vec<Uuid> = todos::table
        .filter(todos::closed_at.is_null())
        .filter(todos::ends_at.le(tx.now()))
        .order(todos::id)
        .select(todos::id)
        .for_update()
        .skip_locked()
        .load(tx.conn)
        .await?;
    diesel::update(todos::table.filter(todos::id.eq_any(&ended)))
        .set((todos::closed_at.eq(todos::ends_at), todos::closed_by.eq("end")))
        .execute(tx.conn)
        .await?;
    forget_reminders(tx, &ended).await?;
    Ok(ended.len())
}

/// Gives a deadline that runs another day, for good: the calendar moves it no more. The reason stays with it.
pub async fn extend(
    tx: &mut Tx<'_>,
    timing: &Timing,
    subject: &Subject,
    kind: TodoKind,
    until: NaiveDate,
    reason: &str,
) -> Result<()> {
    let running: Vec<(Uuid, Option<NaiveDate>)> = todos::table
        .filter(todos::subject_id.eq(subject.id))
        .filter(todos::kind.eq(kind))
        .filter(todos::closed_at.is_null())
        .select((todos::id, todos::due_on))
        .order(todos::id)
        .for_update()
        .load(tx.conn)
        .await?;
    for (id, before) in running {
        let Some(before) = before else { continue };
        set_due_day(tx, timing, id, (before, until), reason).await?;
        diesel::update(todos::table.find(id))
            .set(todos::extended_at.eq(tx.now()))
            .execute(tx.conn)
            .await?;
    }
    Ok(())
}

/// The new day, the move on record, and reminders by the new day.
async fn set_due_day(
    tx: &mut Tx<'_>,
    timing: &Timing,
    todo: Uuid,
    (before, after): (NaiveDate, NaiveDate),
    reason: &str,
) -> Result<()> {
    diesel::update(todos::table.find(todo))
        .set(todos::due_on.eq(after))
        .execute(tx.conn)
        .await?;
    diesel::insert_into(deadline_moves::table)
        .values((
            deadline_moves::id.eq(Uuid::now_v7()),
            deadline_moves::todo_id.eq(todo),
            deadline_moves::moved_at.eq(tx.now()),
            deadline_moves::due_before.eq(before),
            deadline_moves::due_after.eq(after),
            deadline_moves::reason.eq(reason),
        ))
        .execute(tx.conn)
        .await?;
    diesel::delete(
        reminders::table
            .filter(reminders::todo_id.eq(todo))
            .filter(reminders::sent_at.is_null()),
    )
    .execute(tx.conn)
    .await?;
    plan_reminders(tx, timing, todo, after).await
}
