use super::model::{MarkRow, NoticeRow, NotificationFilter, NotificationView};
use crate::db::count;
use crate::db::schema::{notices, notifications};
use crate::http::listing::{Listing, Place, Viewer, Views, behind, placed};
use crate::policy::{Caller, Permit, ops};
use crate::problem::{Problem, Result};
use crate::work::Tx;
use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// A user, in its present organization where it acts for one: what it was told as a member of another is none of its
/// business any more.
#[derive(Clone, Copy, Debug)]
pub struct Reader {
    user: Uuid,
    organization: Option<Uuid>,
}

impl Reader {
    /// None for whoever is no user.
    pub fn of(caller: &Caller) -> Option<Self> {
        Some(Self {
            user: caller.user_id()?,
            organization: caller.organization.as_ref().map(|organization| organization.id),
        })
    }
}

/// Of the notices, those to the account itself and to the organization that it acts for.
#[diesel::dsl::auto_type(no_type_alias)]
fn told(reader: Reader) -> _ {
    let organization: Option<Uuid> = reader.organization;
    notices::organization_id
        .is_null()
        .or(notices::organization_id.is_not_distinct_from(organization))
}

/// The rows that a reader's filters leave. A macro, since the type of a boxed join is longer than what it does.
macro_rules! filtered {
    ($reader:expr, $filter:expr) => {{
        let (reader, filter): (Reader, &NotificationFilter) = ($reader, $filter);
        let mut query = notifications::table
            .inner_join(notices::table.on(notices::id.eq(notifications::notice_id)))
            .filter(notifications::user_id.eq(reader.user))
            .filter(told(reader))
            .into_boxed::<Pg>();
        query = match filter.unread {
            None => query,
            Some(true) => query.filter(notifications::read_at.is_null()),
            Some(false) => query.filter(notifications::read_at.is_not_null()),
        };
        if !filter.kind.is_empty() {
            query = query.filter(notices::kind.eq_any(&filter.kind));
        }
        if let Some(since) = filter.updated_since {
            let read = notifications::read_at.ge(since).assume_not_null();
            query = query.filter(notifications::created_at.ge(since).or(read));
        }
        query
    }};
}

/// Which notifications are asked for; none of whoever is no user.
pub struct Scope {
    pub reader: Option<Reader>,
    pub filter: NotificationFilter,
}

impl Listing for Scope {
    type Row = (NoticeRow, MarkRow);
    /// Its instant in microseconds, and its notice.
    type Key = (i64, Uuid);
    type View = NotificationView;

    fn key(&self, (notice, mark): &(NoticeRow, MarkRow)) -> Self::Key {
        (mark.created_at.number(), notice.id)
    }

    /// The newest first.
    async fn after(
        &self,
        mut conn: &AsyncPgConnection,
        after: Option<Self::Key>,
        limit: usize,
    ) -> Result<Vec<(NoticeRow, MarkRow)>> {
        let Some(reader) = self.reader else {
            return Ok(Vec::new());
        };
        let after = placed::<DateTime<Utc>>(after)?;
        let query = filtered!(reader, &self.filter);
        let query = behind!(query, after, desc notifications::created_at, notifications::notice_id);
        Ok(query
            .limit(i64::try_from(limit).unwrap_or(i64::MAX))
            .select((NoticeRow::as_select(), MarkRow::as_select()))
            .load(&mut conn)
            .await?)
    }

    async fn total(&self, conn: &AsyncPgConnection) -> Result<usize> {
        let Some(reader) = self.reader else { return Ok(0) };
        count::capped(
            conn,
            filtered!(reader, &self.filter).select(notifications::notice_id),
        )
        .await
    }

    async fn views(&self, _: &AsyncPgConnection, _: &Viewer, rows: Vec<(NoticeRow, MarkRow)>) -> Views<Self> {
        Ok(rows.into_iter().map(NotificationView::new).collect())
    }
}

/// How many are unread, whatever the filters.
pub async fn unread(mut conn: &AsyncPgConnection, reader: Reader) -> Result<i64> {
    Ok(notifications::table
        .inner_join(notices::table.on(notices::id.eq(notifications::notice_id)))
        .filter(notifications::user_id.eq(reader.user))
        .filter(notifications::read_at.is_null())
        .filter(told(reader))
        .count()
        .get_result(&mut conn)
        .await?)
}

/// Marks one as read; whether it was unread until now.
///
/// # Errors
/// 404 for what the reader was not told.
pub async fn read(
    tx: &mut Tx<'_>,
    _: &Permit<ops::ReadNotification>,
    reader: Reader,
    notice: Uuid,
) -> Result<bool> {
    let read_at: Option<DateTime<Utc>> = notifications::table
        .inner_join(notices::table.on(notices::id.eq(notifications::notice_id)))
        .filter(notifications::user_id.eq(reader.user))
        .filter(notifications::notice_id.eq(notice))
        .filter(told(reader))
        .select(notifications::read_at)
        .first(tx.conn)
        .await
        .optional()?
        .ok_or_else(Problem::not_found)?;
    if read_at.is_some() {
        return Ok(false);
    }
    let marked = diesel::update(notifications::table.find((reader.user, notice)))
        .filter(notifications::read_at.is_null())
        .set(notifications::read_at.eq(tx.now()))
        .execute(tx.conn)
        .await?;
    Ok(marked == 1)
}

/// Marks all as read; how many were unread until now.
pub async fn read_all(
    tx: &mut Tx<'_>,
    _: &Permit<ops::ReadAllNotifications>,
    reader: Reader,
) -> Result<usize> {
    let told = notices::table.filter(told(reader)).select(notices::id);
    Ok(diesel::update(notifications::table)
        .filter(notifications::user_id.eq(reader.user))
        .filter(notifications::read_at.is_null())
        .filter(notifications::notice_id.eq_any(told))
        .set(notifications::read_at.eq(tx.now()))
        .execute(tx.conn)
        .await?)
}
