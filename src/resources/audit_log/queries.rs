use super::model::{AuditFilter, AuditRow, AuditSort};
use crate::db::count;
use crate::db::schema::audit_log;
use crate::http::several::Several;
use crate::limits;
use crate::problem::Result;
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
    let principals = filter.principal.iter();
    let (ids, names): (Vec<_>, Vec<_>) = principals
        .map(|principal| Uuid::try_parse(principal).map_err(|_| principal.as_str()))
        .partition(std::result::Result::is_ok);
    let ids: Vec<Uuid> = ids.into_iter().flatten().collect();
    let names: Vec<&str> = names.into_iter().filter_map(std::result::Result::err).collect();
    // One way of naming them has an index of its own.
    query = match (ids.is_empty(), names.is_empty()) {
        (true, true) => query,
        (false, true) => query.filter(audit_log::principal_id.eq_any(ids)),
        (true, false) => query.filter(audit_log::principal_name.eq_any(names)),
        (false, false) => query.filter(
            audit_log::principal_name
                .eq_any(names)
                .or(audit_log::principal_id.eq_any(ids).assume_not_null()),
        ),
    };
    if !filter.operation.is_empty() {
        query = query.filter(audit_log::operation.eq_any(&filter.operation));
    }
    if !filter.outcome.is_empty() {
        query = query.filter(audit_log::outcome.eq_any(filter.outcome.names()));
    }
    if !filter.subject_type.is_empty() {
        query = query.filter(audit_log::subject_type.eq_any(&filter.subject_type));
    }
    if !filter.subject_id.is_empty() {
        query = query.filter(audit_log::subject_id.eq_any(&filter.subject_id));
    }
    if let Some(request_id) = &filter.request_id {
        query = query.filter(audit_log::request_id.eq(request_id));
    }
    if let Some(from) = filter.from.max(filter.updated_since) {
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
    let query = filtered(filter)
        .select(audit_log::id)
        .limit(limits::TOTAL as i64 + 1);
    count::rows(conn, query).await
}
