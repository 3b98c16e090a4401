//! Whether what a department owes has been sent: one rule for duties that open, documents that are sent or returned, and the
//! runner. A duty is met as long as the current version of its plan or report stands; a returned one does not.

use super::model::{ReportingDutyKind, Row, Running};
use super::period::Period;
use super::queries;
use crate::clock::shanghai_day;
use crate::db::schema::{work_plans as plans, work_reports as reports};
use crate::directory::Directory;
use crate::problem::Result;
use crate::work::Tx;
use crate::workflow::subjects::Subject;
use crate::workflow::todos::{self, Done, NewTodo, TodoKind, Until};
use crate::workflow::{TermKey, Timing};
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use std::collections::HashMap;
use uuid::Uuid;

/// One submitted version of a plan or report.
#[derive(Queryable)]
struct Version {
    id: Uuid,
    department: Uuid,
    returned: bool,
    submitted_at: DateTime<Utc>,
    decided_at: Option<DateTime<Utc>>,
}

/// What a duty has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Nothing,
    /// The current version was returned on that day.
    Returned(Uuid, NaiveDate),
    /// Since then a version stands that was not returned.
    Sent(DateTime<Utc>),
}

/// The versions of each kind and period, read once.
#[derive(Default)]
pub struct Documents(HashMap<(ReportingDutyKind, Period), Vec<Version>>);

impl Documents {
    /// What a department's duty has come to. What its successor has sent since its end counts for it.
    ///
    /// # Errors
    /// `database_unavailable`.
    pub async fn standing(
        &mut self,
        tx: &mut Tx<'_>,
        directory: &Directory,
        (kind, period): (ReportingDutyKind, Period),
        department: Uuid,
    ) -> Result<Standing> {
        let versions = match self.0.entry((kind, period)) {
            std::collections::hash_map::Entry::Occupied(known) => known.into_mut(),
            std::collections::hash_map::Entry::Vacant(empty) => {
                empty.insert(versions(tx, kind, period).await?)
            }
        };
        let counts = |version: &&Version| {
            let acting = || directory.acting(department, shanghai_day(version.submitted_at));
            version.department == department || acting().is_some_and(|acting| acting.id == version.department)
        };
        let mut by: HashMap<Uuid, Vec<&Version>> = HashMap::new();
        for version in versions.iter().filter(counts) {
            by.entry(version.department).or_default().push(version);
        }
        let each: Vec<Standing> = by.into_values().map(|versions| of_one(&versions)).collect();
        let sent = each.iter().filter_map(|one| match one {
            Standing::Sent(at) => Some(*at),
            _ => None,
        });
        Ok(match sent.min() {
            Some(at) => Standing::Sent(at),
            None => each.into_iter().next().unwrap_or(Standing::Nothing),
        })
    }
}

/// Of one department's versions, in the order of their numbers.
fn of_one(versions: &[&Version]) -> Standing {
    let Some(current) = versions.last() else {
        return Standing::Nothing;
    };
    if current.returned {
        let on = shanghai_day(current.decided_at.unwrap_or(current.submitted_at));
        return Standing::Returned(current.id, on);
    }
    // A version that replaces one that stood is no later for it.
    let since_returned = versions.iter().rev().take_while(|version| !version.returned);
    let first = since_returned.map(|version| version.submitted_at).min();
    Standing::Sent(first.unwrap_or(current.submitted_at))
}

async fn versions(tx: &mut Tx<'_>, kind: ReportingDutyKind, period: Period) -> Result<Vec<Version>> {
    Ok(match kind {
        ReportingDutyKind::WorkPlan => {
            plans::table
                .filter(plans::year.eq(period.from.year()))
                .filter(plans::submitted_at.is_not_null())
                .order((plans::department_id, plans::number))
                .select((
                    plans::id,
                    plans::department_id,
                    plans::state.eq("returned"),
                    plans::submitted_at.assume_not_null(),
                    plans::decided_at,
                ))
                .load(tx.conn)
                .await?
        }
        ReportingDutyKind::WorkReport => {
            reports::table
                .filter(reports::period_kind.eq(period.kind))
                .filter(reports::period_from.eq(period.from))
                .filter(reports::submitted_at.is_not_null())
                .order((reports::department_id, reports::number))
                .select((
                    reports::id,
                    reports::department_id,
                    reports::state.eq("returned"),
                    reports::submitted_at.assume_not_null(),
                    reports::decided_at,
                ))
                .load(tx.conn)
                .await?
        }
    })
}

/// Brings duties in line with what was sent and returned; answers how many have changed.
///
/// # Errors
/// `database_unavailable`.
pub async fn settle(
    tx: &mut Tx<'_>,
    directory: &Directory,
    timing: &Timing,
    duties: Vec<(Row, Running)>,
) -> Result<usize> {
    let (mut documents, mut changed) = (Documents::default(), 0);
    for (duty, running) in duties {
        let what = (duty.kind, duty.period());
        let standing = documents
            .standing(tx, directory, what, duty.department_id)
            .await?;
        match (standing, running.closed_at) {
            (Standing::Sent(at), None) => todos::close_as_of(tx, duty.id, at).await?,
            (Standing::Returned(version, on), Some(_)) => {
                wait_again(tx, timing, &duty, running, (version, on)).await?;
            }
            _ => continue,
        }
        changed += 1;
    }
    Ok(changed)
}

/// Settles what some departments owe for one period, in the transaction of a step; answers how many duties have changed.
///
/// # Errors
/// `database_unavailable`.
pub async fn settle_period(
    tx: &mut Tx<'_>,
    directory: &Directory,
    timing: &Timing,
    (kind, period): (ReportingDutyKind, Period),
    departments: &[Uuid],
) -> Result<usize> {
    queries::lock_departments(tx, departments).await?;
    let duties = queries::of_period_locked(tx, kind, departments, period).await?;
    settle(tx, directory, timing, duties).await
}

/// Until when a returned version is to be submitted again, where that is later than the duty's own day.
pub fn resubmission(timing: &Timing, returned_on: NaiveDate, due_on: NaiveDate) -> Option<Until> {
    let again = timing
        .calendar
        .due(returned_on, timing.term(TermKey::Resubmission));
    (again.on > due_on).then_some(Until::TermFrom(returned_on))
}

/// A duty waits once more: by its own deadline where that is still ahead, else by the term of a resubmission. It takes the place
/// of the to-do that the returned version itself has.
async fn wait_again(
    tx: &mut Tx<'_>,
    timing: &Timing,
    duty: &Row,
    running: Running,
    (version, returned_on): (Uuid, NaiveDate),
) -> Result<()> {
    let kind = duty.kind;
    close_revision(tx, kind, version).await?;
    let Some(until) = running
        .due_on
        .and_then(|due_on| resubmission(timing, returned_on, due_on))
    else {
        return todos::reopen_last(tx, timing, duty.id).await;
    };
    let subject = Subject::new(
        crate::workflow::subjects::SubjectType::ReportingDuty,
        duty.id,
        running.title,
    );
    let todo = NewTodo {
        organization: duty.department_id,
        kind: kind.revision(),
        subject: &subject,
        until,
    };
    todos::open(tx, timing, &[todo]).await?;
    Ok(())
}

/// What a returned version waits with where nothing is owed.
pub async fn close_revision(tx: &mut Tx<'_>, kind: ReportingDutyKind, version: Uuid) -> Result<()> {
    let kinds: [TodoKind; 1] = [kind.revision()];
    let done = Done {
        kinds: &kinds,
        organization: None,
    };
    todos::close(tx, version, done).await
}
