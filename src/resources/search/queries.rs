use super::kinds::Shown;
use super::model::{HitType, HitView};
use crate::directory::Directory;
use crate::directory::model::{Kind, Organization};
use crate::http::call::Call;
use crate::http::several::Several;
use crate::policy::Reach;
use crate::problem::Result;
use crate::resources::searched;
use crate::search::documents::{self, Key, Search};
use crate::search::highlight::highlight;
use crate::search::{Highlight, Words};
use crate::workflow::subjects::SubjectType;
use chrono::{DateTime, Utc};
use std::cmp::Reverse;
use std::collections::HashMap;
use strum::IntoEnumIterator;
use uuid::Uuid;

/// What stands in the directory under the very name is what was meant.
const NAMED: i64 = 10_000_000;
/// One's own drafts stand before what others see, too.
const OWN_DRAFT: i64 = 5_000_000;
/// Texts that are shown of a hit.
const SHOWN: usize = 10;

/// Something found, not yet looked at.
#[derive(Clone, Debug)]
pub struct Found {
    pub kind: HitType,
    pub id: Uuid,
    pub at: Option<DateTime<Utc>>,
    pub rank: i64,
}

impl Found {
    pub fn key(&self, top: Option<(i64, Uuid)>) -> Key {
        let at = self.at.map_or(i64::MAX, |at| at.timestamp_micros());
        (self.rank, at, self.id, top)
    }
}

/// Everything in which the words stand, the best first, and the newest of the records.
pub async fn find(
    call: &Call,
    directory: &Directory,
    words: &Words,
    wanted: &[HitType],
    top: Option<(i64, Uuid)>,
) -> Result<(Vec<Found>, Option<(i64, Uuid)>)> {
    let kinds: Vec<HitType> = HitType::iter().filter(|one| wanted.take(one)).collect();
    let records = records(call, directory, words, &kinds, top).await?;
    let newest = records
        .iter()
        .filter_map(|one| Some((one.at?.timestamp_micros(), one.id)))
        .max();
    let mut found = in_directory(directory, words, &kinds);
    found.extend(drafts(call, directory, words, &kinds).await?);
    found.extend(records);
    found.sort_by_cached_key(|one| Reverse(one.key(None)));
    Ok((found, top.or(newest)))
}

/// Departments and parties by any of their names, and by code.
fn in_directory(directory: &Directory, words: &Words, kinds: &[HitType]) -> Vec<Found> {
    let of = |kind: HitType, of: Kind| {
        let organizations = directory.of_kind(of).filter(move |_| kinds.contains(&kind));
        organizations
            .filter(|one| words.stand_in(names(one)))
            .map(move |one| Found {
                kind,
                id: one.id,
                at: None,
                rank: NAMED - i64::from(one.position),
            })
    };
    let departments = of(HitType::Department, Kind::Department);
    departments.chain(of(HitType::Party, Kind::Party)).collect()
}

async fn drafts(call: &Call, directory: &Directory, words: &Words, kinds: &[HitType]) -> Result<Vec<Found>> {
    let mut found = Vec::new();
    if words.is_empty() {
        return Ok(found);
    }
    for kind in kinds.iter().filter(|kind| kind.reach(call) != Reach::Never) {
        let drafts = searched::drafts(*kind, call, directory, words).await?;
        found.extend(drafts.into_iter().map(|id| Found {
            kind: *kind,
            id,
            at: None,
            rank: OWN_DRAFT,
        }));
    }
    Ok(found)
}

fn names(organization: &Organization) -> impl Iterator<Item = &str> {
    let names = organization.names.iter();
    names
        .flat_map(|name| [name.name.as_str(), name.short_name.as_str()])
        .chain([organization.code.as_str()])
}

async fn records(
    call: &Call,
    directory: &Directory,
    words: &Words,
    kinds: &[HitType],
    top: Option<(i64, Uuid)>,
) -> Result<Vec<Found>> {
    let reaching = |wanted: fn(Reach) -> bool| -> Vec<SubjectType> {
        let reached = kinds.iter().filter(|kind| wanted(kind.reach(call)));
        reached.filter_map(|kind| kind.subject()).collect()
    };
    let search = Search {
        words,
        whole: reaching(|reach| matches!(reach, Reach::Any | Reach::Issued)),
        own: reaching(|reach| reach == Reach::Own),
        organizations: directory.own(&call.caller, call.today()),
    };
    // Before it takes a connection of its own.
    if search.finds_nothing() {
        return Ok(Vec::new());
    }
    let top = top.and_then(documents::place);
    let hits = documents::newest(
        &mut *call.worker.db.get().await?,
        &call.worker.newest,
        &search,
        top,
    )
    .await?;
    let kind_of = |subject| HitType::iter().find(|kind| kind.subject() == Some(subject));
    let found = hits.into_iter().filter_map(|hit| {
        Some(Found {
            kind: kind_of(hit.kind)?,
            id: hit.id,
            at: Some(hit.at),
            rank: hit.rank,
        })
    });
    Ok(found.collect())
}

/// The first `limit` of them that the caller sees, as they are shown.
pub async fn shown(
    call: &Call,
    directory: &Directory,
    words: &Words,
    found: &[Found],
    limit: usize,
) -> Result<Vec<(Found, HitView)>> {
    let mut views = Vec::with_capacity(limit);
    // What is found is seen, but for what has changed hands just now.
    for some in found.chunks(limit.max(1)) {
        let mut known: HashMap<Uuid, Shown> = HashMap::new();
        for kind in HitType::iter() {
            let ids: Vec<Uuid> = some
                .iter()
                .filter(|one| one.kind == kind)
                .map(|one| one.id)
                .collect();
            if !ids.is_empty() {
                known.extend(searched::shown(kind, call, directory, &ids).await?);
            }
        }
        let seen = some.iter().filter_map(|one| Some((one, known.remove(&one.id)?)));
        views.extend(seen.map(|(one, shown)| (one.clone(), view(one, shown, words))));
        if views.len() >= limit {
            break;
        }
    }
    views.truncate(limit);
    Ok(views)
}

fn view(found: &Found, shown: Shown, words: &Words) -> HitView {
    let texts = shown.texts.iter();
    let highlights: Vec<Highlight> = texts
        .filter_map(|(field, text)| highlight(field, text, words))
        .take(SHOWN)
        .collect();
    HitView {
        kind: found.kind,
        id: found.id,
        title: shown.title,
        highlights,
        link: found.kind.link(found.id),
        at: found.at,
    }
}
