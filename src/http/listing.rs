//! Lists out of the database, said once: a page by keyset with its total, or the whole list as a file, batch by batch. A
//! resource's scope says which rows it takes, in which orders they stand, and how they are shown.

use super::call::Call;
use super::negotiate::{Batches, Format, Tabular};
use super::page::{Page, Paging};
use crate::clock::shanghai_day;
use crate::directory::Directory;
use crate::language::Language;
use crate::policy::Caller;
use crate::problem::{Problem, Result};
use crate::state::Worker;
use actix_web::{HttpResponse, web};
use async_stream::try_stream;
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use diesel_async::AsyncPgConnection;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;
use uuid::Uuid;

/// For whom rows are shown, out of which directory, when, and in which form.
pub struct Viewer {
    pub caller: Arc<Caller>,
    pub directory: Arc<Directory>,
    pub now: DateTime<Utc>,
    pub format: Format,
}

impl Viewer {
    pub fn today(&self) -> NaiveDate {
        shanghai_day(self.now)
    }
}

/// What the rows of a list show, one view a row.
pub type Views<L> = Result<Vec<<L as Listing>::View>>;

/// Which rows are asked for, as far as the caller reaches. `in_order!` writes all but `views`, where the rows of a table
/// stand in the order of an instant or a day.
#[expect(async_fn_in_trait, reason = "handlers stay on the thread that they began on")]
pub trait Listing: Sized + 'static {
    type Row;
    /// Where a row stands in its list; unique, and what cursors hold.
    type Key: Serialize + DeserializeOwned;
    type View: Serialize;

    /// Rows that an export reads at a time.
    const BATCH: usize = 1_000;

    fn key(&self, row: &Self::Row) -> Self::Key;

    /// Up to `limit` rows behind one.
    async fn after(
        &self,
        conn: &AsyncPgConnection,
        after: Option<Self::Key>,
        limit: usize,
    ) -> Result<Vec<Self::Row>>;

    /// How many there are, as far as a total is counted.
    async fn total(&self, conn: &AsyncPgConnection) -> Result<usize>;

    /// What rows show, with what belongs to them; one view a row, in their order.
    async fn views(&self, conn: &AsyncPgConnection, viewer: &Viewer, rows: Vec<Self::Row>) -> Views<Self>;
}

/// What a list stands in the order of, as a number in its cursors.
pub trait Place: Sized {
    fn number(self) -> i64;

    fn of(number: i64) -> Option<Self>;
}

/// What a key that a cursor holds stands for.
///
/// # Errors
/// 500: cursors are signed, and hold what `number` has put there.
pub fn placed<P: Place>(key: Option<(i64, Uuid)>) -> Result<Option<(P, Uuid)>> {
    let placed = |(number, id)| Some((P::of(number)?, id));
    let lost = || Problem::internal("a cursor without its place");
    key.map(|key| placed(key).ok_or_else(lost)).transpose()
}

/// The same for a column, whose type is that of the row's field.
pub fn placed_as<R, P: Place>(key: Option<(i64, Uuid)>, _: impl Fn(&R) -> P) -> Result<Option<(P, Uuid)>> {
    placed(key)
}

impl Place for DateTime<Utc> {
    fn number(self) -> i64 {
        self.timestamp_micros()
    }

    fn of(number: i64) -> Option<Self> {
        Self::from_timestamp_micros(number)
    }
}

impl Place for NaiveDate {
    fn number(self) -> i64 {
        self.num_days_from_ce().into()
    }

    fn of(number: i64) -> Option<Self> {
        Self::from_num_days_from_ce_opt(i32::try_from(number).ok()?)
    }
}

/// A boxed query in the order of a column and then of ids, from behind a key on.
///
/// The first condition lets the index begin at the right place, the second tells rows of one instant or day apart.
macro_rules! behind {
    ($query:expr, $after:expr, desc $column:expr, $id:expr) => {
        $crate::http::listing::behind!($query, $after, ($column, le, lt, desc), $id)
    };
    ($query:expr, $after:expr, asc $column:expr, $id:expr) => {
        $crate::http::listing::behind!($query, $after, ($column, ge, gt, asc), $id)
    };
    ($query:expr, $after:expr, ($column:expr, $from:ident, $past:ident, $order:ident), $id:expr) => {{
        let mut query = $query;
        if let Some((place, last)) = $after {
            query = query
                .filter($column.$from(place))
                .filter($column.$past(place).or($id.$past(last)));
        }
        query.order(($column.$order(), $id.$order()))
    }};
}
pub(crate) use behind;

/// Of a list, its rows, its keys, what stands behind one, and its total; from a boxed query over a table and a column for
/// each order.
macro_rules! in_order {
    (|$scope:ident| $table:ident as $row:ty, $query:expr, $sort:expr => {
        $($case:pat => $direction:ident $column:ident),+ $(,)?
    }) => {
        type Row = $row;
        type Key = (i64, uuid::Uuid);

        fn key(&self, row: &$row) -> Self::Key {
            let $scope = self;
            let place = match $sort {
                $($case => $crate::http::listing::Place::number(row.$column)),+
            };
            (place, row.id)
        }

        async fn after(
            &self,
            mut conn: &diesel_async::AsyncPgConnection,
            after: Option<Self::Key>,
            limit: usize,
        ) -> $crate::problem::Result<Vec<$row>> {
            let $scope = self;
            let query = match $sort {
                $($case => {
                    let after = $crate::http::listing::placed_as(after, |row: &$row| row.$column)?;
                    $crate::http::listing::behind!($query, after, $direction $table::$column, $table::id)
                })+
            };
            let rows = query
                .limit(i64::try_from(limit).unwrap_or(i64::MAX))
                .select(<$row>::as_select())
                .load(&mut conn)
                .await?;
            Ok(rows)
        }

        async fn total(&self, conn: &diesel_async::AsyncPgConnection) -> $crate::problem::Result<usize> {
            let $scope = self;
            $crate::db::count::capped(conn, $query.select($table::id)).await
        }
    };
}
pub(crate) use in_order;

impl Call {
    /// 200 with a page of a list, or with all of it as a file.
    pub async fn listed<L: Listing>(
        &self,
        list: L,
        paging: &Paging,
        directory: Arc<Directory>,
    ) -> Result<HttpResponse>
    where
        L::View: Tabular,
    {
        match self.format() {
            Format::Json => self.page(&self.page_of_list(&list, paging, directory).await?),
            format => {
                let viewer = self.viewer(directory);
                let rows = everything(self.worker.clone(), list, viewer, self.language());
                self.export(format, &L::View::table(), rows).await
            }
        }
    }

    /// A page of a list.
    pub async fn page_of_list<L: Listing>(
        &self,
        list: &L,
        paging: &Paging,
        directory: Arc<Directory>,
    ) -> Result<Page<L::View>> {
        self.page_over(&*self.reads().await?, list, paging, directory)
            .await
    }

    /// The same over a connection of one's own, for what takes longer than the shared one may be held up.
    pub async fn page_over<L: Listing>(
        &self,
        conn: &AsyncPgConnection,
        list: &L,
        paging: &Paging,
        directory: Arc<Directory>,
    ) -> Result<Page<L::View>> {
        let mut position = self.position::<L::Key>(paging)?;
        let after = position.after.take();
        let rows = list.after(conn, after, position.limit + 1).await?;
        let total = match position.with_total {
            true => Some(list.total(conn).await?),
            false => None,
        };
        let mut page = position.page(rows, total, |row| list.key(row))?;
        let rows = page.take_items();
        let views = list.views(conn, &self.viewer(directory), rows).await?;
        Ok(page.with(views))
    }

    pub fn viewer(&self, directory: Arc<Directory>) -> Viewer {
        Viewer {
            caller: self.caller.clone(),
            directory,
            now: self.now,
            format: self.format(),
        }
    }
}

/// All of a list, batch by batch, each from where the last ended.
fn everything<L: Listing>(worker: web::Data<Worker>, list: L, viewer: Viewer, language: Language) -> Batches
where
    L::View: Tabular,
{
    Box::pin(try_stream! {
        let mut after = None;
        loop {
            let connection = worker.reads.for_export().await?;
            let rows = list.after(&connection, after, L::BATCH).await?;
            let Some(last) = rows.last() else { break };
            after = Some(list.key(last));
            let is_last = rows.len() < L::BATCH;
            let views = list.views(&connection, &viewer, rows).await?;
            yield views.iter().map(|view| view.cells(language)).collect();
            if is_last {
                break;
            }
        }
    })
}
