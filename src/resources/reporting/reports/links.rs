//! The meetings that reports tell of, and reports that are linked elsewhere.

use super::model::Row;
use super::policy::WorkReport;
use crate::db::schema::{meetings, work_report_meetings as told, work_reports as reports};
use crate::directory::Directory;
use crate::policy::{Caller, Op, Reach};
use crate::problem::Result;
use crate::resources::meetings::links::LinkedMeeting;
use crate::vocabulary::meetings::MeetingState;
use crate::work::Tx;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::HashMap;
use uuid::Uuid;

/// Of some reports those that the caller may read, as they are stored: without the facts of drafts and what was owed.
pub async fn seen(
    mut conn: &AsyncPgConnection,
    caller: &Caller,
    ids: &[Uuid],
    directory: &Directory,
    today: NaiveDate,
) -> Result<Vec<WorkReport>> {
    if Op::GetWorkReport.reach(caller) == Reach::Never || ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<Row> = reports::table
        .filter(reports::id.eq_any(ids))
        .select(Row::as_select())
        .load(&mut conn)
        .await?;
    let all = rows.into_iter().map(|row| WorkReport::new(row, directory, today));
    let all = all.collect::<Result<Vec<_>>>()?.into_iter();
    Ok(all.filter(|one| one.is_visible(caller)).collect())
}

/// The meetings that some reports tell of, in the order of time.
pub async fn meetings_of(
    mut conn: &AsyncPgConnection,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, Vec<LinkedMeeting>>> {
    type Told = (Uuid, Uuid, String, MeetingState, DateTime<Utc>);
    let told: Vec<Told> = told::table
        .inner_join(meetings::table.on(meetings::id.eq(told::meeting_id)))
        .filter(told::work_report_id.eq_any(ids))
        .order((meetings::starts_at, meetings::id))
        .select((
            told::work_report_id,
            meetings::id,
            meetings::title,
            meetings::state,
            meetings::starts_at,
        ))
        .load(&mut conn)
        .await?;
    let mut of_report: HashMap<Uuid, Vec<LinkedMeeting>> = HashMap::new();
    for (report, id, title, state, starts_at) in told {
        of_report.entry(report).or_default().push(LinkedMeeting {
            id,
            title,
            state,
            starts_at,
        });
    }
    Ok(of_report)
}

/// The meetings that a draft tells of from its beginning.
pub async fn insert(tx: &mut Tx<'_>, id: Uuid, meetings: &[Uuid]) -> Result<()> {
    let rows: Vec<_> = meetings
        .iter()
        .map(|meeting| (told::work_report_id.eq(id), told::meeting_id.eq(*meeting)))
        .collect();
    diesel::insert_into(told::table)
        .values(rows)
        .execute(tx.conn)
        .await?;
    Ok(())
}

/// These and no others.
pub async fn replace(tx: &mut Tx<'_>, id: Uuid, meetings: &[Uuid]) -> Result<()> {
    diesel::delete(told::table.filter(told::work_report_id.eq(id)))
        .execute(tx.conn)
        .await?;
    insert(tx, id, meetings).await
}

/// The next version begins with the same ones.
pub async fn keep(tx: &mut Tx<'_>, id: Uuid, next: Uuid) -> Result<()> {
    let meetings: Vec<Uuid> = told::table
        .filter(told::work_report_id.eq(id))
        .select(told::meeting_id)
        .load(tx.conn)
        .await?;
    insert(tx, next, &meetings).await
}
