//! 三(四)3: plans and reports, by the duties that departments have and the to-dos that say until when.

use super::Figure;
use super::facts::{Fact, Record, RecordType, Scene};
use crate::clock::shanghai_day;
use crate::db::schema::{
    meetings, planned_item_meetings as links, reporting_duties as duties, todos, work_plan_items as items,
    work_plans as plans,
};
use crate::language::Text;
use crate::problem::Result;
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::HashSet;
use uuid::Uuid;

const WORK_PLAN: &str = "work_plan";

/// A to-do of a duty: there is one more for each time that what was sent was returned.
type Duty = (
    Uuid,
    String,
    Uuid,
    String,
    Option<NaiveDate>,
    Option<DateTime<Utc>>,
);

/// How a duty stood on a day.
struct Sent {
    due_on: NaiveDate,
    on: Option<NaiveDate>,
    /// Sent late before it was returned.
    missed: bool,
}

/// A fact for each plan that begins in the period and each report whose own period ends in it, once it is sent or past due.
///
/// # Errors
/// `database_unavailable`.
pub async fn facts(mut conn: &AsyncPgConnection, scene: &Scene<'_>) -> Result<Vec<Fact>> {
    let period = scene.period;
    let owed: Vec<Duty> = duties::table
        .inner_join(todos::table.on(todos::subject_id.eq(duties::id)))
        .filter(
            duties::kind
                .eq(WORK_PLAN)
                .and(duties::period_from.between(period.from, period.to))
                .or(duties::kind
                    .ne(WORK_PLAN)
                    .and(duties::period_to.between(period.from, period.to))),
        )
        .filter(duties::created_at.lt(period.until()))
        .filter(todos::opened_at.lt(period.until()))
        .order((duties::period_to, duties::id, todos::id))
        .select((
            duties::id,
            duties::kind,
            duties::department_id,
            todos::title,
            todos::due_on,
            todos::closed_at,
        ))
        .load(&mut conn)
        .await?;
    let mut facts = Vec::new();
    for rows in owed.chunk_by(|one, other| one.0 == other.0) {
        let Some((
            (id, kind, department, title, ..),
            Sent {
                due_on,
                on: sent_on,
                missed,
            },
        )) = rows.first().zip(standing(rows, period.until()))
        else {
            continue;
        };
        let (id, department) = (*id, *department);
        let missing = sent_on.is_none() && due_on < period.as_of;
        if sent_on.is_none() && !missing {
            continue;
        }
        let note = match sent_on {
            None => Text::fixed("逾期未报", "Not sent"),
            Some(day) if missed || day > due_on => Text::fixed("逾期报送", "Sent late"),
            Some(_) => Text::fixed("按时报送", "Sent in time"),
        };
        let fact = |figure, counted| Fact {
            figure,
            department: Some(scene.acting(department)),
            party: None,
            counted,
            record: Record {
                key: id,
                kind: RecordType::ReportingDuty,
                id,
                title: title.clone(),
                on: Some(due_on),
                note: Some(note.clone()),
            },
        };
        let figure = match kind.as_str() == WORK_PLAN {
            true => Figure::PlanInTime,
            false => Figure::ReportsInTime,
        };
        facts.push(fact(figure, !missed && sent_on.is_some_and(|day| day <= due_on)));
        if missing {
            facts.push(fact(Figure::ReportsMissing, true));
        }
    }
    Ok(facts)
}

/// By the to-dos of one duty, in their order; none where no day was given.
fn standing(rows: &[Duty], known: DateTime<Utc>) -> Option<Sent> {
    let mut standing: Option<Sent> = None;
    for (.., due_on, closed_at) in rows {
        let due_on = (*due_on)?;
        let missed =
            standing.is_some_and(|before| before.missed || before.on.is_some_and(|day| day > before.due_on));
        let on = closed_at.filter(|at| *at < known).map(shanghai_day);
        standing = Some(Sent { due_on, on, missed });
    }
    standing
}

/// A fact for each item of the plans of the period's years, by the version that was current then; done by a concluded meeting.
///
/// # Errors
/// `database_unavailable`.
pub async fn items(mut conn: &AsyncPgConnection, scene: &Scene<'_>) -> Result<Vec<Fact>> {
    let (period, known) = (scene.period, scene.period.until());
    let mut years = period.from.year()..=period.to.year();
    // A year's plan is of the period in which the year begins.
    if period.from.ordinal() > 1 {
        years = period.from.year() + 1..=period.to.year();
    }
    let planned: Vec<(Uuid, Uuid, Uuid, String)> = plans::table
        .inner_join(items::table.on(items::work_plan_id.eq(plans::id)))
        .filter(plans::year.between(*years.start(), *years.end()))
        .filter(plans::submitted_at.lt(known))
        .filter(plans::superseded_at.is_null().or(plans::superseded_at.ge(known)))
        .order((plans::year, plans::id, items::position))
        .select((items::item_id, plans::id, plans::department_id, items::title))
        .load(&mut conn)
        .await?;
    let done: HashSet<Uuid> = links::table
        .inner_join(meetings::table.on(meetings::id.eq(links::meeting_id)))
        .filter(links::item_id.eq_any(planned.iter().map(|(item, ..)| *item)))
        .filter(links::linked_at.lt(known))
        .filter(meetings::state.eq("concluded"))
        .filter(meetings::concluded_at.lt(known))
        .select(links::item_id)
        .load::<Uuid>(&mut conn)
        .await?
        .into_iter()
        .collect();
    let facts = planned.into_iter().map(|(item, plan, department, title)| Fact {
        figure: Figure::PlanItemsDone,
        department: Some(scene.acting(department)),
        party: None,
        counted: done.contains(&item),
        record: Record {
            key: item,
            kind: RecordType::WorkPlan,
            id: plan,
            title,
            on: None,
            note: None,
        },
    });
    Ok(facts.collect())
}
