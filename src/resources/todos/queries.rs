use super::model::{Row, TodoCount, TodoFilter, TodoView};
use crate::db::count;
use crate::db::schema::{deadline_moves, todos};
use crate::directory::Since;
use crate::http::listing::{Listing, Viewer, Views};
use crate::problem::Result;
use crate::workflow::Timing;
use crate::workflow::todos::TodoKind;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::dsl::sql;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Date};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::sync::Arc;
use uuid::Uuid;

/// What waits for some organizations, as of a day.
pub struct Scope {
    pub organizations: Vec<Uuid>,
    pub filter: TodoFilter,
    pub now: DateTime<Utc>,
    pub since: Option<Since>,
    pub today: NaiveDate,
    pub timing: Arc<Timing>,
}

/// What has ended waits no longer, also where the runner has not closed it yet.
fn open(scope: &Scope) -> todos::BoxedQuery<'_, Pg> {
    todos::table
        .filter(todos::organization_id.eq_any(&scope.organizations))
        .filter(todos::closed_at.is_null())
        .filter(todos::ends_at.is_null().or(todos::ends_at.gt(scope.now)))
        .into_boxed()
}

fn filtered(scope: &Scope) -> todos::BoxedQuery<'_, Pg> {
    let mut query = open(scope);
    let filter = &scope.filter;
    if !filter.kind.is_empty() {
        query = query.filter(todos::kind.eq_any(&filter.kind));
    }
    if !filter.subject_type.is_empty() {
        query = query.filter(todos::subject_type.eq_any(&filter.subject_type));
    }
    query = match filter.overdue {
        None => query,
        Some(true) => query.filter(todos::due_on.lt(scope.today)),
        Some(false) => query.filter(todos::due_on.ge(scope.today).or(todos::due_on.is_null())),
    };
    if let Some(since) = &scope.since {
        let moved = deadline_moves::table
            .filter(deadline_moves::moved_at.ge(since.at))
            .select(deadline_moves::todo_id);
        let overdue = todos::due_on
            .between(since.due_from, since.today.pred_opt().unwrap_or(since.today))
            .assume_not_null();
        query = query.filter(
            todos::opened_at
                .ge(since.at)
                .or(todos::organization_id.eq_any(&since.renamed))
                .or(todos::id.eq_any(moved))
                .or(overdue),
        );
    }
    if let Some(day) = filter.due_before {
        query = query.filter(todos::due_on.lt(day));
    }
    query
}

impl Listing for Scope {
    type Row = Row;
    /// Its due day, those without one at the end, and its id.
    type Key = (Option<NaiveDate>, Uuid);
    type View = TodoView;

    fn key(&self, row: &Row) -> Self::Key {
        (row.due_on, row.id)
    }

    async fn after(
        &self,
        mut conn: &AsyncPgConnection,
        after: Option<Self::Key>,
        limit: usize,
    ) -> Result<Vec<Row>> {
        let query = filtered(self);
        let query = match after {
            None => query,
            Some((None, id)) => query.filter(todos::due_on.is_null().and(todos::id.gt(id))),
            Some((Some(due), id)) => query.filter(
                todos::due_on
                    .gt(due)
                    .or(todos::due_on.is_null())
                    .or(todos::due_on.eq(due).and(todos::id.gt(id))),
            ),
        };
        Ok(query
            // As the index has it.
            .order((sql::<Date>("coalesce(due_on, 'infinity'::date)"), todos::id))
            .limit(i64::try_from(limit).unwrap_or(i64::MAX))
            .select(Row::as_select())
            .load(&mut conn)
            .await?)
    }

    async fn total(&self, conn: &AsyncPgConnection) -> Result<usize> {
        count::capped(conn, filtered(self).select(todos::id)).await
    }

    async fn views(&self, _: &AsyncPgConnection, viewer: &Viewer, rows: Vec<Row>) -> Views<Self> {
        let view = |row| TodoView::new(row, &viewer.directory, &self.timing.calendar, self.today);
        rows.into_iter().map(view).collect()
    }
}

/// How many of each kind are open, whatever the filters.
pub async fn counts(mut conn: &AsyncPgConnection, scope: &Scope) -> Result<Vec<TodoCount>> {
    let overdue = sql::<BigInt>("count(*) FILTER (WHERE ")
        .sql("due_on < ")
        .bind::<Date, _>(scope.today)
        .sql(")");
    let rows: Vec<(TodoKind, i64, i64)> = todos::table
        .filter(todos::organization_id.eq_any(&scope.organizations))
        .filter(todos::closed_at.is_null())
        .filter(todos::ends_at.is_null().or(todos::ends_at.gt(scope.now)))
        .group_by(todos::kind)
        .order(todos::kind)
        .select((todos::kind, diesel::dsl::count_star(), overdue))
        .load(&mut conn)
        .await?;
    let counts = rows
        .into_iter()
        .map(|(kind, count, overdue)| TodoCount { kind, count, overdue });
    Ok(counts.collect())
}
