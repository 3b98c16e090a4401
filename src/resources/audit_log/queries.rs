use super::model::{AuditFilter, AuditRow, AuditSort};
use crate::db::count;
use crate::db::schema::audit_log;
use crate::http::page::TOTAL_CAP;
use crate::http::problem::Result;
use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// Where a record stands in the list: its instant in microseconds, and its id.
pub type Key = (i64, Uuid);

type Boxed<'a> = audit_log::BoxedQuery<'a, Pg>;

fn filtered(filter: &AuditFilter) -> Boxed<'_> {
    let mut query = audit_log::table.into_boxed();
    if let Some(principal) = &filter.principal {
        query = match Uuid::try_parse(principal) {
            Ok(id) => query.filter(audit_log::principal_id.eq(id)),
            Err(_) => query.filter(audit_log::principal_name.eq(principal)),
        };
    }
    if let Some(operation) = &filter.operation {
        query = query.filter(audit_log::operation.eq(operation));
    }
    if let Some(outcome) = filter.outcome {
        query = query.filter(audit_log::outcome.eq(<&str>::from(outcome)));
    }
    if let Some(subject_type) = &filter.subject_type {
        query = query.filter(audit_log::subject_type.eq(subject_type));
    }
    if let Some(subject_id) = filter.subject_id {
        query = query.filter(audit_log::subject_id.eq(subject_id));
    }
    if let Some(request_id) = &filter.request_id {
        query = query.filter(audit_log::request_id.eq(request_id));
    }
    if let Some(from) = filter.from {
        query = query.filter(audit_log::occurred_at.ge(from));
    }
    if let Some(until) = filter.until {
        query = query.filter(audit_log::occurred_at.lt(until));
    }
    query
}

/// Up to `limit` records behind one.
pub async fn after(
    mut conn: &AsyncPgConnection,
    filter: &AuditFilter,
    after: Option<Key>,
    limit: usize,
) -> Result<Vec<AuditRow>> {
    let mut query = filtered(filter);
    let after = after.and_then(|(micros, id)| Some((DateTime::<Utc>::from_timestamp_micros(micros)?, id)));
    // The first condition lets the index begin at the right place, the second tells records of one instant apart.
    query = match (filter.sort, after) {
        (_, None) => query,
        (AuditSort::Newest, Some((at, id))) => query
            .filter(audit_log::occurred_at.le(at))
            .filter(audit_log::occurred_at.lt(at).or(audit_log::id.lt(id))),
        (AuditSort::Oldest, Some((at, id))) => query
            .filter(audit_log::occurred_at.ge(at))
            .filter(audit_log::occurred_at.gt(at).or(audit_log::id.gt(id))),
    };
    query = match filter.sort {
        AuditSort::Newest => query.order((audit_log::occurred_at.desc(), audit_log::id.desc())),
        AuditSort::Oldest => query.order((audit_log::occurred_at.asc(), audit_log::id.asc())),
    };
    let rows = query
        .limit(i64::try_from(limit).unwrap_or(i64::MAX))
        .select(AuditRow::as_select())
        .load(&mut conn)
        .await?;
    Ok(rows)
}

/// How many there are, as far as a total is counted.
pub async fn total(conn: &AsyncPgConnection, filter: &AuditFilter) -> Result<usize> {
    let query = filtered(filter).select(audit_log::id).limit(TOTAL_CAP as i64 + 1);
    count::rows(conn, query).await
}
