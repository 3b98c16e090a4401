//! What each step changes, whom it tells, and what waits then.

use crate::db::schema::meeting_follow_ups as follow_ups;
use crate::directory::Directory;
use crate::policy::{Caller, Permit, ops};
use crate::problem::Result;
use crate::resources::meetings;
use crate::resources::meetings::follow_ups::model::FollowUpView;
use crate::resources::meetings::follow_ups::policy::FollowUp;
use crate::resources::meetings::follow_ups::queries;
use crate::resources::meetings::policy::Meeting;
use crate::resources::meetings::tell;
use crate::work::Tx;
use crate::workflow::Timing;
use crate::workflow::notices::NoticeKind;
use crate::workflow::step::{Aggregate, Step};
use crate::workflow::subjects::{Subject, SubjectType, chinese_day};
use crate::workflow::todos::{self, Done, NewTodo, TodoKind, Until};
use chrono::NaiveDate;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

fn subject(id: Uuid, meeting: &str, text: &str) -> Subject {
    let short: String = text.chars().take(100).collect();
    let title = format!("《{meeting}》后续事项：{short}");
    Subject::new(SubjectType::MeetingFollowUp, id, title)
}

/// The follow-ups of a meeting that has just been concluded wait for their owners, who are answered.
pub async fn begin(
    tx: &mut Tx<'_>,
    timing: &Timing,
    directory: &Directory,
    meeting: &Meeting,
) -> Result<Vec<Uuid>> {
    let subjects: Vec<Subject> = meeting
        .follow_ups
        .iter()
        .map(|one| subject(one.id, &meeting.row.title, &one.text))
        .collect();
    let new = meeting
        .follow_ups
        .iter()
        .zip(&subjects)
        .map(|(one, subject)| NewTodo {
            organization: one.owner_id,
            kind: TodoKind::CompleteMeetingFollowUp,
            subject,
            until: Until::Day(one.due_on),
        });
    todos::open(tx, timing, &new.collect::<Vec<_>>()).await?;
    let today = tx.today();
    let owners = meeting
        .follow_ups
        .iter()
        .filter_map(|one| directory.acting(one.owner_id, today));
    Ok(owners.map(|owner| owner.id).collect())
}

/// Done; the hosts of the meeting are told.
pub async fn complete(
    tx: &mut Tx<'_>,
    permit: &Permit<ops::CompleteMeetingFollowUp>,
    step: &Step<'_, FollowUp>,
    text: &str,
) -> Result<()> {
    let (follow_up, directory) = (&step.before, step.directory);
    let meeting = meetings::queries::get(tx.conn, follow_up.row.meeting_id, directory, tx.now()).await?;
    let meeting = &meeting;
    let row = &follow_up.row;
    queries::complete(tx, permit, row.id, text).await?;
    todos::close(tx, row.id, Done::default()).await?;
    let subject = subject(row.id, &follow_up.meeting, &row.text);
    let who = directory.reference(row.owner_id, tx.today())?.name;
    let day = chinese_day(tx.today());
    let said = format!(
        "{who}于{day}报告《{}》后续事项“{}”已完成：{text}",
        follow_up.meeting, row.text
    );
    let title = format!("后续事项完成：{}", follow_up.meeting);
    let told = tell::hosts_but(meeting, permit.caller());
    tell::send(tx, &told, NoticeKind::MeetingFollowUpDone, &subject, title, &said).await
}

impl Aggregate for FollowUp {
    type Id = Uuid;
    type Recorded = FollowUpView;
    type View = FollowUpView;

    fn subject_id(&self) -> Uuid {
        self.row.id
    }

    async fn hold(tx: &mut Tx<'_>, id: &Uuid, directory: &Directory) -> Result<Self> {
        let changed_at = follow_ups::table
            .find(id)
            .select(follow_ups::updated_at)
            .for_update()
            .first(tx.conn)
            .await?;
        tx.holds(changed_at);
        Self::seen(tx, *id, directory).await
    }

    async fn reread(&self, tx: &mut Tx<'_>, directory: &Directory) -> Result<Self> {
        Self::seen(tx, self.row.id, directory).await
    }

    fn recorded(&self, tx: &Tx<'_>, directory: &Directory) -> Result<FollowUpView> {
        FollowUpView::new(self, directory, tx.today())
    }

    async fn shown(
        &self,
        _: &AsyncPgConnection,
        caller: &Caller,
        directory: &Directory,
        today: NaiveDate,
    ) -> Result<FollowUpView> {
        FollowUpView::for_caller(caller, self, directory, today)
    }
}
