//! What the clock asks of departments: a plan from the year's beginning on, a report once a half year or year is over.

use super::model::ReportingDutyKind;
use super::period::Period;
use super::queries;
use crate::app::Instance;
use crate::clock::shanghai_day;
use crate::db::transaction::{Origin, Tx};
use crate::directory::model::Organization;
use crate::directory::{self, Directory};
use crate::http::problem::{Problem, Result};
use crate::workflow::Timing;
use crate::workflow::subjects::{Subject, SubjectType};
use crate::workflow::todos::{self, NewTodo, Until};
use chrono::{Datelike, NaiveDate};

/// What departments owe for one period.
#[derive(Clone, Copy, Debug)]
pub struct Owed {
    pub kind: ReportingDutyKind,
    pub period: Period,
}

/// Opens what is owed on the day, for each department that liaises with a party; what is there stays as it is. What was due
/// before it could be opened is not asked for: an installation does not begin with everybody late.
///
/// # Errors
/// `database_unavailable`.
pub async fn open_due(instance: &Instance) -> Result<usize> {
    let now = instance.clock.now();
    let origin = Origin::command_line(now);
    let today = shanghai_day(now);
    instance
        .db
        .transaction(&origin, async |tx| {
            tx.changes_nothing();
            let directory = directory::load(tx.conn).await?;
            let timing = instance.timing.in_transaction(tx).await?;
            let mut opened = 0;
            for owed in owed_on(today)? {
                for (department, start) in owed.by(&directory, today) {
                    if owed.due(&timing, start) >= today {
                        opened += usize::from(open(tx, &timing, owed, department, start).await?);
                    }
                }
            }
            Ok(opened)
        })
        .await
}

/// The plan of the running year, and the reports on the half year and the year that ended last. The second half is told
/// of in the year's report.
fn owed_on(today: NaiveDate) -> Result<[Owed; 3]> {
    let year = today.year();
    let half = Period::first_half(if today.month() > 6 { year } else { year - 1 });
    let (this, last) = (Period::year(year), Period::year(year - 1));
    let (Some(this), Some(last), Some(half)) = (this, last, half) else {
        return Err(Problem::internal(format!("no periods around {today}")));
    };
    Ok([
        Owed {
            kind: ReportingDutyKind::WorkPlan,
            period: this,
        },
        Owed {
            kind: ReportingDutyKind::WorkReport,
            period: half,
        },
        Owed {
            kind: ReportingDutyKind::WorkReport,
            period: last,
        },
    ])
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
        let later = directory
            .scheme_on(today)
            .map_or(from, |scheme| scheme.effective_from.max(from));
        let departments = directory.linked_departments(today).into_iter();
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

/// Opens one department's duty with its to-do; answers whether it is new.
pub async fn open(
    tx: &mut Tx<'_>,
    timing: &Timing,
    owed: Owed,
    department: &Organization,
    start: NaiveDate,
) -> Result<bool> {
    let Some(id) = queries::insert(tx, owed.kind, department.id, owed.period).await? else {
        return Ok(false);
    };
    let name = &department.name_on(start).name;
    let title = format!("{name}{}", owed.kind.chinese(owed.period));
    let subject = Subject::new(SubjectType::ReportingDuty, id, title);
    let todo = NewTodo {
        organization: department.id,
        kind: owed.kind.todo(),
        subject: &subject,
        until: Until::TermFrom(start),
    };
    todos::open(tx, timing, &[todo]).await?;
    Ok(true)
}
