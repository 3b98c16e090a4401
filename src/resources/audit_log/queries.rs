use super::model::{AuditFilter, AuditRow, AuditSort, AuditView};
use crate::db::schema::audit_log;
use crate::http::listing::{Listing, Viewer, Views, in_order};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

fn filtered(filter: &AuditFilter) -> audit_log::BoxedQuery<'_, Pg> {
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
        query = query.filter(audit_log::outcome.eq_any(&filter.outcome));
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

impl Listing for AuditFilter {
    type View = AuditView;

    in_order! { |filter| audit_log as AuditRow, filtered(filter), filter.sort => {
        AuditSort::Newest => desc occurred_at,
        AuditSort::Oldest => asc occurred_at,
    }}

    async fn views(&self, _: &AsyncPgConnection, viewer: &Viewer, rows: Vec<AuditRow>) -> Views<Self> {
        let views = rows.into_iter().map(|row| AuditView::new(row, &viewer.directory));
        views.collect()
    }
}
