//! Reminders of deadlines: each is sent once, in one transaction with the mark that it was, on working days during office
//! hours, and never once the step is done.

use crate::clock::{shanghai_day, shanghai_time};
use crate::db::Db;
use crate::db::schema::{reminders, todos};
use crate::directory::{self, Directory, model::Kind};
use crate::problem::Result;
use crate::work::{Origin, Tx};
use crate::workflow::notices::{self, Level, Notice, NoticeKind};
use crate::workflow::subjects::{Subject, SubjectType, chinese_day};
use crate::workflow::todos::{ReminderStep, TodoKind};
use crate::workflow::{Timing, corrections, timing};
use chrono::{DateTime, NaiveDate, Timelike, Utc};
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

/// Office hours (Asia/Shanghai): from the first hour on, until the last begins.
const OFFICE_HOURS: std::ops::Range<u32> = 9..17;

/// To-dos a turn; more wait for the next.
const BATCH: i64 = 50;

/// Whether people are at work.
fn in_office_hours(timing: &Timing, now: DateTime<Utc>) -> bool {
    timing.calendar.is_working_day(shanghai_day(now)) && OFFICE_HOURS.contains(&shanghai_time(now).hour())
}

#[derive(Queryable)]
struct Due {
    todo: Uuid,
    step: ReminderStep,
    organization: Uuid,
    kind: TodoKind,
    subject_type: SubjectType,
    subject_id: Uuid,
    title: String,
    due_on: Option<NaiveDate>,
}

/// Sends what is due; answers how many reminders were dealt with.
///
/// # Errors
/// `database_unavailable`.
pub async fn send_due(db: &Db, timing: &timing::Cache, now: DateTime<Utc>) -> Result<usize> {
    if !is_any_due(db, shanghai_day(now)).await? {
        return Ok(0);
    }
    let origin = Origin::command_line(now);
    db.transaction(&origin, async |tx| {
        tx.changes_nothing();
        let timing = timing.read(tx.conn).await?;
        // A day that is about to move reminds nobody.
        let moving: bool = diesel::select(corrections::pending()).get_result(tx.conn).await?;
        if moving || !in_office_hours(&timing, now) {
            return Ok(0);
        }
        let due = claim(tx).await?;
        if due.is_empty() {
            return Ok(0);
        }
        let directory = directory::load(tx.conn).await?;
        for (index, one) in due.iter().enumerate() {
            // Of several that were missed, while no instance ran, the latest alone still tells the truth.
            let overtaken = due[index + 1..].iter().any(|later| later.todo == one.todo);
            if !overtaken {
                remind(tx, &directory, &timing, one).await?;
            }
            mark(tx, one).await?;
        }
        Ok(due.len())
    })
    .await
}

/// Looked up without a lock: most turns find nothing, and leave no trace in the database.
async fn is_any_due(db: &Db, today: NaiveDate) -> Result<bool> {
    let due = reminders::table
        .filter(reminders::sent_at.is_null())
        .filter(reminders::remind_on.le(today));
    let mut connection = db.get().await?;
    Ok(diesel::select(exists(due)).get_result(&mut connection).await?)
}

/// Reminders whose day has come, by to-do and day, held against all other instances. To-dos are claimed, with all that is due
/// of each: which of several steps is the latest is not to depend on where a batch ends.
async fn claim(tx: &mut Tx<'_>) -> Result<Vec<Due>> {
    let today = tx.today();
    let due = reminders::table
        .filter(reminders::todo_id.eq(todos::id))
        .filter(reminders::sent_at.is_null())
        .filter(reminders::remind_on.le(today));
    let claimed: Vec<Uuid> = todos::table
        .filter(todos::closed_at.is_null())
        .filter(todos::ends_at.is_null().or(todos::ends_at.gt(tx.now())))
        .filter(exists(due))
        .order(todos::id)
        .limit(BATCH)
        .select(todos::id)
        .for_update()
        .skip_locked()
        .load(tx.conn)
        .await?;
    Ok(reminders::table
        .inner_join(todos::table.on(todos::id.eq(reminders::todo_id)))
        .filter(reminders::sent_at.is_null())
        .filter(reminders::remind_on.le(today))
        .filter(reminders::todo_id.eq_any(claimed))
        .order((reminders::todo_id, reminders::remind_on))
        .select((
            reminders::todo_id,
            reminders::step,
            todos::organization_id,
            todos::kind,
            todos::subject_type,
            todos::subject_id,
            todos::title,
            todos::due_on,
        ))
        .load(tx.conn)
        .await?)
}

async fn mark(tx: &mut Tx<'_>, one: &Due) -> Result<()> {
    diesel::update(reminders::table.find((one.todo, one.step)))
        .set(reminders::sent_at.eq(tx.now()))
        .execute(tx.conn)
        .await?;
    Ok(())
}

async fn remind(tx: &mut Tx<'_>, directory: &Directory, timing: &Timing, one: &Due) -> Result<()> {
    let (step, kind, subject_type) = (one.step, one.kind, one.subject_type);
    let Some(due_on) = one.due_on else { return Ok(()) };
    let today = tx.today();
    // Whoever acts for it today: an organization that was merged is reminded in its successor.
    let Some(owner) = directory.acting(one.organization, today) else {
        return Ok(());
    };
    let coordinator = directory.of_kind(Kind::Coordinator).next();
    let (to, level) = match (step, coordinator) {
        (ReminderStep::HandlerFirst | ReminderStep::HandlerSecond, _) => (owner.id, Level::Handler),
        (ReminderStep::Coordinator, Some(coordinator)) => (coordinator.id, Level::Coordinator),
        (ReminderStep::Leader | ReminderStep::Coordinator, _) => (owner.id, Level::Leader),
    };
    let (what, who, due) = (&kind.label().zh, &owner.name_on(today).name, chinese_day(due_on));
    let days = timing.calendar.working_days_between(today, due_on);
    let when = match due_on >= today {
        true if days == 0 => format!("{due}（今天）到期"),
        true => format!("{due}到期，还有{days}个工作日"),
        false => format!("已于{due}到期，逾期{days}个工作日"),
    };
    let subject = Subject::new(subject_type, one.subject_id, &one.title);
    let link = subject_type.path(one.subject_id);
    let notice = Notice {
        kind: NoticeKind::Reminder,
        level: Some(level),
        subject: &subject,
        title: format!(
            "{}：{what}——{}",
            if due_on < today {
                "逾期提醒"
            } else {
                "到期提醒"
            },
            one.title
        ),
        text: format!(
            "{who}待办“{what}”：{}，{when}。请及时办理。事项地址：{link}",
            one.title
        ),
    };
    notices::send(tx, &[to], &notice).await
}
