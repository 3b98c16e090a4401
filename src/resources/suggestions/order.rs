//! The orders of a list, and where in one a page begins.

use super::list::Boxed;
use super::model::Head;
use crate::db::fragment::{Fragment, fragment};
use crate::db::schema::suggestions;
use crate::http::listing::{Place, behind, placed};
use crate::problem::Result;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Date, Timestamptz};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Order of the list.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SuggestionOrder {
    #[param(inline)]
    pub sort: Option<SuggestionSort>,
}

/// Order of the list; where not given `-created_at`, with `q` the best hits first. By `due_on` what has no deadline stands at the end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
pub enum SuggestionSort {
    #[default]
    #[serde(rename = "-created_at")]
    Newest,
    #[serde(rename = "created_at")]
    Oldest,
    #[serde(rename = "-submitted_at")]
    NewestSubmission,
    #[serde(rename = "submitted_at")]
    OldestSubmission,
    #[serde(rename = "due_on")]
    DueDay,
    #[serde(rename = "-updated_at")]
    NewestChange,
    #[serde(rename = "updated_at")]
    OldestChange,
}

/// Where a suggestion stands: its instant in microseconds or its day as a number, and its id.
pub type Key = (i64, Uuid);

/// As the expressions that indexes are made of.
pub const fn due_day() -> Fragment<Date> {
    fragment("coalesce(suggestions.due_on, 'infinity'::date)")
}

pub const fn submission() -> Fragment<Timestamptz> {
    fragment("coalesce(suggestions.submitted_at, '-infinity'::timestamptz)")
}

/// Stands for an instant or day that is not there.
const NOTHING: i64 = i64::MIN;

pub fn key(head: &Head, sort: SuggestionSort) -> Key {
    let place = match sort {
        SuggestionSort::Newest | SuggestionSort::Oldest => head.created_at.number(),
        SuggestionSort::NewestSubmission | SuggestionSort::OldestSubmission => {
            head.submitted_at.map_or(NOTHING, Place::number)
        }
        SuggestionSort::DueDay => head.due_on.map_or(NOTHING, Place::number),
        SuggestionSort::NewestChange | SuggestionSort::OldestChange => head.updated_at.number(),
    };
    (place, head.id)
}

/// In an order, from behind a key on.
pub fn in_order<'a>(query: Boxed<'a>, sort: SuggestionSort, after: Option<Key>) -> Result<Boxed<'a>> {
    use suggestions::{created_at, id, updated_at};
    type At = DateTime<Utc>;
    Ok(match (sort, after) {
        (SuggestionSort::Newest, _) => behind!(query, placed::<At>(after)?, desc created_at, id),
        (SuggestionSort::Oldest, _) => behind!(query, placed::<At>(after)?, asc created_at, id),
        (SuggestionSort::NewestChange, _) => behind!(query, placed::<At>(after)?, desc updated_at, id),
        (SuggestionSort::OldestChange, _) => behind!(query, placed::<At>(after)?, asc updated_at, id),
        (SuggestionSort::NewestSubmission, Some((NOTHING, last))) => query
            .filter(suggestions::submitted_at.is_null())
            .filter(id.lt(last))
            .order((submission().desc(), id.desc())),
        (SuggestionSort::NewestSubmission, _) => behind!(query, placed::<At>(after)?, desc submission(), id),
        (SuggestionSort::OldestSubmission, Some((NOTHING, last))) => query
            .filter(suggestions::submitted_at.is_not_null().or(id.gt(last)))
            .order((submission().asc(), id.asc())),
        (SuggestionSort::OldestSubmission, _) => behind!(query, placed::<At>(after)?, asc submission(), id),
        (SuggestionSort::DueDay, Some((NOTHING, last))) => query
            .filter(suggestions::due_on.is_null())
            .filter(id.gt(last))
            .order((due_day().asc(), id.asc())),
        (SuggestionSort::DueDay, _) => behind!(query, placed::<NaiveDate>(after)?, asc due_day(), id),
    })
}
