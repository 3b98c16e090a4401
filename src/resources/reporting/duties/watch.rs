//! What the clock asks of departments: a plan from the year's beginning on, a report once a year is over, and where a setting
//! asks for it, once a half year is.

use super::model::ReportingDutyKind;
use super::period::Period;
use super::queries;
use super::standing::{self, Documents, Standing};
use crate::directory::model::Organization;
use crate::directory::{self, Directory};
use crate::problem::Result;
use crate::state::Instance;
use crate::work::installation::installed_on;
use crate::work::{Origin, Tx};
use crate::workflow::subjects::{Subject, SubjectType};
use crate::workflow::todos::{self, NewTodo, Until};
use crate::workflow::{SwitchKey, Timing};
use chrono::{Datelike, NaiveDate};

/// What departments owe for one period.
#[derive(Clone, Copy, Debug)]
pub struct Owed {
    pub kind: ReportingDutyKind,
    pub period: Period,
}

/// Opens what is owed on the day, and brings what is open in line with what was sent.
///
/// # Errors
/// `database_unavailable`.
pub async fn open_due(instance: &Instance) -> Result<usize> {
    let origin = Origin::command_line(instance.clock.now());
    instance
        .db
        .transaction(&origin, async |tx| {
            tx.changes_nothing();
            let directory = directory::load(tx.conn).await?;
            let timing = instance.timing.in_transaction(tx).await?;
            keep(tx, &directory, &timing).await
        })
        .await
}

/// Does so in a transaction under way; answers how much has changed. What was due before the installation was made, or
/// before a setting asked for it, is not asked for: nobody begins late. What came due since then and was never opened, since
/// nothing ran, is opened late.
///
/// # Errors
/// `database_unavailable`.
pub async fn keep(tx: &mut Tx<'_>, directory: &Directory, timing: &Timing) -> Result<usize> {
    let today = tx.today();
    let installed_on = installed_on(tx).await?;
    let halves_since = timing
        .on_since(SwitchKey::HalfYearlyReports)
        .map(|day| day.max(installed_on));
    let mut changed = match halves_since {
        None => queries::drop_awaited_halves(tx).await?,
        Some(_) => 0,
    };
    for (owed, since) in owed_on(today, installed_on, halves_since) {
        for (department, start) in owed.by(directory, today) {
            let is_asked = owed.due(timing, start) >= since;
            if is_asked && directory.acting(department.id, today).is_some() {
                changed += usize::from(open(tx, directory, timing, owed, department, start).await?);
            }
        }
    }
    let duties = queries::all_locked(tx).await?;
    Ok(changed + standing::settle(tx, directory, timing, duties).await?)
}

/// The plans of the years since the installation, and the reports on those that are over; each with the day from which on
/// it is asked for. The second half is told of in the year's report.
fn owed_on(
    today: NaiveDate,
    installed_on: NaiveDate,
    halves_since: Option<NaiveDate>,
) -> Vec<(Owed, NaiveDate)> {
    let mut owed = Vec::new();
    // Of the year before, too: its report came due in the first year.
    for year in installed_on.year() - 1..=today.year() {
        let mut owe = |kind, period: Option<Period>, since| {
            owed.extend(period.map(|period| (Owed { kind, period }, since)));
        };
        owe(ReportingDutyKind::WorkPlan, Period::year(year), installed_on);
        owe(ReportingDutyKind::WorkReport, Period::year(year), installed_on);
        if let Some(since) = halves_since {
            owe(ReportingDutyKind::WorkReport, Period::first_half(year), since);
        }
    }
    owed.retain(|(owed, _)| owed.kind == ReportingDutyKind::WorkPlan || owed.period.to < today);
    owed.sort_by_key(|(owed, _)| owed.kind == ReportingDutyKind::WorkReport);
    owed
}

impl Owed {
    /// Who owes it, and from which day its term runs. A plan runs from the year's beginning, or for who liaises with a party
    /// only later, from the scheme's day of effect; a report from the period's last day.
    pub fn by<'d>(&self, directory: &'d Directory, today: NaiveDate) -> Vec<(&'d Organization, NaiveDate)> {
        let (from, to) = (self.period.from, self.period.to);
        if self.kind == ReportingDutyKind::WorkReport {
            let departments = directory.linked_departments(to).into_iter();
            return departments.map(|department| (department, to)).collect();
        }
        let at_once = directory.linked_departments(from);
        // Of a year that is over, who owed it on its last day.
        let day = today.min(to);
        let later = directory
            .scheme_on(day)
            .map_or(from, |scheme| scheme.effective_from.max(from));
        let departments = directory.linked_departments(day).into_iter();
        departments
            .map(|department| {
                let is_old = at_once.iter().any(|one| one.id == department.id);
                (department, if is_old { from } else { later })
            })
            .collect()
    }

    fn due(&self, timing: &Timing, start: NaiveDate) -> NaiveDate {
        let term = self.kind.todo().term().map(|key| timing.term(key));
        term.map_or(start, |term| timing.calendar.due(start, term).on)
    }
}

/// Opens one department's duty with its to-do, met where what is owed was sent before; answers whether it is new. Where
/// its own term is over already, another begins today: nobody is late because nothing ran.
///
/// # Errors
/// `database_unavailable`.
pub async fn open(
    tx: &mut Tx<'_>,
    directory: &Directory,
    timing: &Timing,
    owed: Owed,
    department: &Organization,
    start: NaiveDate,
) -> Result<bool> {
    let (today, due_on) = (tx.today(), owed.due(timing, start));
    let opened_late = due_on < today;
    let Some(id) = queries::insert(tx, owed.kind, department.id, owed.period, opened_late).await? else {
        return Ok(false);
    };
    queries::lock_departments(tx, &[department.id]).await?;
    let name = &department.name_on(start).name;
    let title = format!("{name}{}", owed.kind.chinese(owed.period));
    let subject = Subject::new(SubjectType::ReportingDuty, id, title);
    let mut todo = NewTodo {
        organization: department.id,
        kind: owed.kind.todo(),
        subject: &subject,
        until: Until::TermFrom(start),
    };
    let what = (owed.kind, owed.period);
    let standing = Documents::default()
        .standing(tx, directory, what, department.id)
        .await?;
    if let Standing::Sent(at) = standing {
        todos::put_done(tx, timing, &todo, at).await?;
        return Ok(true);
    }
    if opened_late {
        todo.until = Until::TermFrom(today);
    }
    if let Standing::Returned(version, on) = standing {
        standing::close_revision(tx, owed.kind, version).await?;
        if let Some(until) = standing::resubmission(timing, on, due_on.max(today)) {
            todo.kind = owed.kind.revision();
            todo.until = until;
        }
    }
    todos::open(tx, timing, &[todo]).await?;
    Ok(true)
}
