//! Lists: pages by keyset, with opaque, signed cursors that are bound to their filters.

use super::cursors::Cursors;
use super::extract::query_without;
use crate::language::Text;
use crate::limits;
use crate::problem::{Fault, Place, Problem, Result};
use actix_web::HttpRequest;
use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::__dev::ComposeSchema;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, SchemaType, Type};
use utoipa::openapi::{Ref, RefOr, Schema};
use utoipa::{IntoParams, ToSchema};
use xxhash_rust::xxh3::xxh3_64;

/// Where in a list to begin, and how much of it to give.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Paging {
    /// Rows a page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    #[serde(default = "default_limit")]
    pub limit: u32,
    /// `next_cursor` of the page before.
    #[param(max_length = 1000)]
    pub cursor: Option<String>,
    /// Whether to count all rows (up to 10,000).
    #[param(default = false)]
    #[serde(default)]
    pub with_total: bool,
}

/// For lists that have no other filter.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ChangedSince {
    /// Changed at or after that instant.
    pub updated_since: Option<DateTime<Utc>>,
}

impl ChangedSince {
    pub fn takes(&self, updated_at: DateTime<Utc>) -> bool {
        self.updated_since.is_none_or(|since| updated_at >= since)
    }
}

fn default_limit() -> u32 {
    50
}

/// One page.
#[derive(Debug, Serialize)]
pub struct Page<T> {
    pub items: Vec<T>,
    pub next_cursor: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_is_capped: Option<bool>,
}

impl<T> Page<T> {
    /// # Errors
    /// The first of `change`.
    pub fn try_map<U>(mut self, change: impl FnMut(T) -> Result<U>) -> Result<Page<U>> {
        let items = self.take_items().into_iter().map(change).collect::<Result<_>>()?;
        Ok(self.with(items))
    }

    /// For what turns all rows into views at once.
    pub fn take_items(&mut self) -> Vec<T> {
        std::mem::take(&mut self.items)
    }

    /// The same page of the views of its rows.
    pub fn with<U>(self, items: Vec<U>) -> Page<U> {
        Page {
            items,
            next_cursor: self.next_cursor,
            total: self.total,
            total_is_capped: self.total_is_capped,
        }
    }
}

/// A request for a page of a list whose rows stand in the order of a key `K` that is unique and never changes its order.
pub struct Position<'a, K> {
    cursors: &'a Cursors,
    query: u64,
    /// The key of the last row that the client has.
    pub after: Option<K>,
    pub limit: usize,
    pub with_total: bool,
}

impl<'a, K: Serialize + DeserializeOwned> Position<'a, K> {
    /// # Errors
    /// 422 for a cursor of another list, other filters or another installation.
    pub fn new(cursors: &'a Cursors, request: &HttpRequest, paging: &Paging) -> Result<Self> {
        let bound_to = query_without(request, &["cursor", "limit", "with_total"])?;
        let query = xxh3_64(format!("{}?{bound_to}", request.path()).as_bytes());
        let after = match &paging.cursor {
            None => None,
            Some(cursor) => Some(cursors.read(query, cursor).ok_or_else(|| {
                let detail = Text::fixed(
                    "游标无效，或与筛选条件不符。",
                    "The cursor is not valid, or belongs to other filters.",
                );
                Problem::invalid(vec![Fault {
                    place: Place::Parameter("cursor".into()),
                    code: "invalid_cursor",
                    detail,
                }])
            })?),
        };
        Ok(Self {
            cursors,
            query,
            after,
            limit: paging.limit as usize,
            with_total: paging.with_total,
        })
    }

    /// All rows at once, for an export.
    pub fn everything(cursors: &'a Cursors) -> Self {
        Self {
            cursors,
            query: 0,
            after: None,
            limit: usize::MAX,
            with_total: false,
        }
    }

    /// The page, from rows that were read `limit + 1` at most, beginning after `after`.
    pub fn page<T>(&self, mut rows: Vec<T>, total: Option<usize>, key: impl Fn(&T) -> K) -> Result<Page<T>> {
        let more = rows.len() > self.limit;
        rows.truncate(self.limit);
        let next_cursor = match rows.last() {
            Some(last) if more => Some(self.cursors.write(self.query, &key(last))?),
            _ => None,
        };
        let total = total.filter(|_| self.with_total);
        Ok(Page {
            items: rows,
            next_cursor,
            total: total.map(|total| total.min(limits::TOTAL)),
            total_is_capped: total.map(|total| total > limits::TOTAL),
        })
    }

    /// The page out of all rows, for lists that are small by nature, such as the directory.
    pub fn slice<T>(&self, mut rows: Vec<T>, key: impl Fn(&T) -> K) -> Result<Page<T>>
    where
        K: Ord,
    {
        let total = rows.len();
        rows.sort_by_cached_key(&key);
        if let Some(after) = &self.after {
            rows.retain(|row| key(row) > *after);
        }
        rows.truncate(self.limit.saturating_add(1));
        self.page(rows, Some(total), key)
    }
}

// A derived generic schema inlines its items; this one refers to them.
impl<T: ToSchema> ComposeSchema for Page<T> {
    fn compose(_: Vec<RefOr<Schema>>) -> RefOr<Schema> {
        let text_or_null = SchemaType::from_iter([Type::String, Type::Null]);
        ObjectBuilder::new()
            .property(
                "items",
                ArrayBuilder::new().items(RefOr::<Schema>::Ref(Ref::from_schema_name(T::name()))),
            )
            .property(
                "next_cursor",
                ObjectBuilder::new()
                    .schema_type(text_or_null)
                    .max_length(Some(1000))
                    .description(Some("For `cursor` of the next page; null on the last.")),
            )
            .property(
                "total",
                ObjectBuilder::new()
                    .schema_type(Type::Integer)
                    .minimum(Some(0))
                    .maximum(Some(limits::TOTAL as f64)),
            )
            .property("total_is_capped", ObjectBuilder::new().schema_type(Type::Boolean))
            .required("items")
            .required("next_cursor")
            .into()
    }
}

impl<T: ToSchema> ToSchema for Page<T> {
    fn name() -> std::borrow::Cow<'static, str> {
        // utoipa appends the item's name; `openapi` turns the two around: `DepartmentPage`.
        "Page".into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((T::name().into_owned(), T::schema()));
        T::schemas(schemas);
    }
}
