use super::model::{Context, ReceiptFilter, ReceiptSort, ReceiptView, Row};
use crate::db::schema::{feedback_receipts as receipts, suggestion_replies as replies, suggestions};
use crate::directory::Directory;
use crate::http::listing::{Listing, Viewer, Views, in_order};
use crate::problem::{Problem, Result};
use crate::resources::suggestions::list::{Part, of_departments, of_parties};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::HashMap;
use uuid::Uuid;

/// Which receipts are asked for, as far as the caller reaches.
#[derive(Clone, Debug)]
pub struct Scope {
    pub filter: ReceiptFilter,
    pub part: Part,
    /// The party that is asked for, with those that it acts for.
    pub parties: Option<Vec<Uuid>>,
    /// The same of the department.
    pub departments: Option<Vec<Uuid>>,
}

fn filtered(scope: &Scope) -> receipts::BoxedQuery<'_, Pg> {
    let mut query = receipts::table.into_boxed();
    query = match &scope.part {
        Part::All => query,
        Part::Departments(own) => query.filter(receipts::suggestion_id.eq_any(of_departments(own))),
        Part::Parties(own) => query.filter(receipts::suggestion_id.eq_any(of_parties(own))),
    };
    let filter = &scope.filter;
    if !filter.suggestion.is_empty() {
        query = query.filter(receipts::suggestion_id.eq_any(&filter.suggestion));
    }
    if let Some(parties) = &scope.parties {
        query = query.filter(receipts::party_id.eq_any(parties));
    }
    if let Some(departments) = &scope.departments {
        let theirs = replies::table
            .filter(replies::department_id.eq_any(departments))
            .select(replies::id);
        query = query.filter(receipts::reply_id.eq_any(theirs));
    }
    if !filter.attitude.is_empty() {
        query = query.filter(receipts::attitude.eq_any(&filter.attitude));
    }
    if !filter.result.is_empty() {
        query = query.filter(receipts::result.eq_any(&filter.result));
    }
    if let Some(round) = filter.round {
        query = query.filter(receipts::round.eq(round));
    }
    if let Some(late) = filter.late {
        query = query.filter(receipts::late.eq(late));
    }
    if let Some(from) = filter.created_from {
        query = query.filter(receipts::created_at.ge(from));
    }
    if let Some(until) = filter.created_until {
        query = query.filter(receipts::created_at.lt(until));
    }
    if let Some(since) = filter.updated_since {
        query = query.filter(receipts::created_at.ge(since));
    }
    query
}

impl Listing for Scope {
    type View = ReceiptView;

    in_order! { |scope| receipts as Row, filtered(scope), scope.filter.sort => {
        ReceiptSort::Newest => desc created_at,
        ReceiptSort::Oldest => asc created_at,
    }}

    async fn views(&self, conn: &AsyncPgConnection, viewer: &Viewer, rows: Vec<Row>) -> Views<Self> {
        views(conn, rows, &viewer.directory).await
    }
}

pub async fn get(mut conn: &AsyncPgConnection, id: Uuid) -> Result<Row> {
    Ok(receipts::table
        .find(id)
        .select(Row::as_select())
        .first(&mut conn)
        .await?)
}

/// With what they hang on.
pub async fn views(
    conn: &AsyncPgConnection,
    rows: Vec<Row>,
    directory: &Directory,
) -> Result<Vec<ReceiptView>> {
    let suggestion_ids: Vec<Uuid> = rows.iter().map(|row| row.suggestion_id).collect();
    let reply_ids: Vec<Uuid> = rows.iter().map(|row| row.reply_id).collect();
    let (mut c1, mut c2) = (conn, conn);
    let named = suggestions::table
        .filter(suggestions::id.eq_any(&suggestion_ids))
        .select((suggestions::id, (suggestions::title, suggestions::number)))
        .load::<(Uuid, (String, Option<String>))>(&mut c1);
    let read = replies::table
        .filter(replies::id.eq_any(&reply_ids))
        .select((replies::id, (replies::department_id, replies::version_number)))
        .load::<(Uuid, (Uuid, i32))>(&mut c2);
    let (named, read) = futures_util::try_join!(named, read)?;
    let (named, read): (HashMap<_, _>, HashMap<_, _>) =
        (named.into_iter().collect(), read.into_iter().collect());
    let view = |row: Row| {
        let found = named.get(&row.suggestion_id).zip(read.get(&row.reply_id));
        let ((title, number), (department_id, version_number)) =
            found.ok_or_else(|| Problem::internal("a receipt without its reply"))?;
        let context = Context {
            title: title.clone(),
            number: number.clone(),
            department_id: *department_id,
            version_number: *version_number,
        };
        ReceiptView::new(row, context, directory)
    };
    rows.into_iter().map(view).collect()
}
