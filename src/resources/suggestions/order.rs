//! The orders of a list, and where in one a page begins.

use super::list::Boxed;
use super::model::Head;
use crate::db::fragment::{Fragment, fragment};
use crate::db::schema::suggestions;
use crate::problem::{Problem, Result};
use chrono::{DateTime, Datelike, NaiveDate, Utc};
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
        SuggestionSort::Newest | SuggestionSort::Oldest => head.created_at.timestamp_micros(),
        SuggestionSort::NewestSubmission | SuggestionSort::OldestSubmission => {
            head.submitted_at.map_or(NOTHING, |at| at.timestamp_micros())
        }
        SuggestionSort::DueDay => head.due_on.map_or(NOTHING, |day| day.num_days_from_ce().into()),
        SuggestionSort::NewestChange | SuggestionSort::OldestChange => head.updated_at.timestamp_micros(),
    };
    (place, head.id)
}

fn instant(place: i64) -> Result<DateTime<Utc>> {
    // A cursor is signed: it holds what `key` has put there.
    DateTime::from_timestamp_micros(place).ok_or_else(|| Problem::internal("a cursor without its instant"))
}

/// Behind a place. The first condition lets the index begin at the right place, the second tells suggestions of one instant
/// apart.
pub fn behind<'a>(query: Boxed<'a>, sort: SuggestionSort, (place, id): Key) -> Result<Boxed<'a>> {
    use suggestions::{created_at, id as own, updated_at};
    Ok(match (sort, place) {
        (SuggestionSort::Newest, _) => {
            let at = instant(place)?;
            query
                .filter(created_at.le(at))
                .filter(created_at.lt(at).or(own.lt(id)))
        }
        (SuggestionSort::Oldest, _) => {
            let at = instant(place)?;
            query
                .filter(created_at.ge(at))
                .filter(created_at.gt(at).or(own.gt(id)))
        }
        (SuggestionSort::NewestChange, _) => {
            let at = instant(place)?;
            query
                .filter(updated_at.le(at))
                .filter(updated_at.lt(at).or(own.lt(id)))
        }
        (SuggestionSort::OldestChange, _) => {
            let at = instant(place)?;
            query
                .filter(updated_at.ge(at))
                .filter(updated_at.gt(at).or(own.gt(id)))
        }
        (SuggestionSort::NewestSubmission, NOTHING) => query
            .filter(suggestions::submitted_at.is_null())
            .filter(own.lt(id)),
        (SuggestionSort::NewestSubmission, _) => {
            let at = instant(place)?;
            query
                .filter(submission().le(at))
                .filter(submission().lt(at).or(own.lt(id)))
        }
        (SuggestionSort::OldestSubmission, NOTHING) => {
            query.filter(suggestions::submitted_at.is_not_null().or(own.gt(id)))
        }
        (SuggestionSort::OldestSubmission, _) => {
            let at = instant(place)?;
            query
                .filter(submission().ge(at))
                .filter(submission().gt(at).or(own.gt(id)))
        }
        (SuggestionSort::DueDay, NOTHING) => query.filter(suggestions::due_on.is_null()).filter(own.gt(id)),
        (SuggestionSort::DueDay, _) => {
            let day = i32::try_from(place)
                .ok()
                .and_then(NaiveDate::from_num_days_from_ce_opt);
            let day = day.ok_or_else(|| Problem::internal("a cursor without its day"))?;
            query
                .filter(due_day().ge(day))
                .filter(due_day().gt(day).or(own.gt(id)))
        }
    })
}

pub fn ordered(query: Boxed<'_>, sort: SuggestionSort) -> Boxed<'_> {
    use suggestions::{created_at, id, updated_at};
    match sort {
        SuggestionSort::Newest => query.order((created_at.desc(), id.desc())),
        SuggestionSort::Oldest => query.order((created_at.asc(), id.asc())),
        SuggestionSort::NewestSubmission => query.order((submission().desc(), id.desc())),
        SuggestionSort::OldestSubmission => query.order((submission().asc(), id.asc())),
        SuggestionSort::DueDay => query.order((due_day().asc(), id.asc())),
        SuggestionSort::NewestChange => query.order((updated_at.desc(), id.desc())),
        SuggestionSort::OldestChange => query.order((updated_at.asc(), id.asc())),
    }
}
