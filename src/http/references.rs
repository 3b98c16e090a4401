//! What a body refers to: codes and ids of its schema's `x-reference`.
//!
//! Who acts on a body looks its references up in the transaction that relies on them. A body that has faults comes to nobody,
//! so that they are looked up here: what is not there is named together with all else.

use super::referent::{Reference, Referent};
use super::request::RequestInfo;
use crate::clock::shanghai_day;
use crate::directory::Directory;
use crate::directory::model::Kind;
use crate::limits;
use crate::policy::Caller;
use crate::problem::{Fault, Problem, Result};
use crate::state::Worker;
use actix_web::{HttpRequest, web};
use chrono::{DateTime, NaiveDate, Utc};
use futures_util::future::LocalBoxFuture;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use uuid::Uuid;

/// Which of some records the caller may refer to: resources know.
pub struct Asked {
    pub worker: web::Data<Worker>,
    pub caller: Arc<Caller>,
    /// As the caller reads it.
    pub directory: Arc<Directory>,
    pub now: DateTime<Utc>,
    pub to: Referent,
    pub ids: Vec<Uuid>,
    /// The record that the path names.
    pub within: Option<Uuid>,
}

/// Answers that; part of the application.
pub struct Resolver(pub fn(Asked) -> LocalBoxFuture<'static, Result<HashSet<Uuid>>>);

/// The faults of references that lead nowhere, or where the caller cannot go.
pub(super) async fn dangling(
    request: &HttpRequest,
    worker: &web::Data<Worker>,
    mut references: Vec<Reference>,
) -> Result<Vec<Fault>> {
    references.truncate(limits::REFERENCES);
    if references.is_empty() {
        return Ok(Vec::new());
    }
    let outside = || Problem::internal("a reference outside the application");
    let info = RequestInfo::of(request).ok_or_else(outside)?;
    let caller = info.caller.get().cloned();
    let (resolver, caller) = request.app_data::<Resolver>().zip(caller).ok_or_else(outside)?;
    let now = worker.clock.now();
    let directory = match info.directory.get() {
        Some(directory) => directory.clone(),
        None => worker.directory().await?,
    };
    let mut records: HashMap<Referent, Vec<Uuid>> = HashMap::new();
    for reference in references
        .iter()
        .filter(|reference| reference.to.kinds().is_none())
    {
        let id = Uuid::try_parse(&reference.named).ok();
        records.entry(reference.to).or_default().extend(id);
    }
    let within = request
        .match_info()
        .get("id")
        .and_then(|id| Uuid::try_parse(id).ok());
    let mut found = HashMap::new();
    for (to, ids) in records {
        let asked = Asked {
            worker: worker.clone(),
            caller: caller.clone(),
            directory: directory.clone(),
            now,
            to,
            ids,
            within,
        };
        found.insert(to, (resolver.0)(asked).await?);
    }
    let is_there = |reference: &Reference| match found.get(&reference.to) {
        None => reference
            .to
            .stands(&directory, &reference.named, shanghai_day(now)),
        // What is no id has another fault.
        Some(found) => Uuid::try_parse(&reference.named).is_ok_and(|id| found.contains(&id)),
    };
    let dangling = references.into_iter().filter(|reference| !is_there(reference));
    Ok(dangling
        .map(|reference| Fault::unknown_reference(reference.at))
        .collect())
}

impl Referent {
    /// Of an organization, its kinds; none for a record.
    fn kinds(self) -> Option<&'static [Kind]> {
        match self {
            Self::Department | Self::AnyDepartment => Some(&[Kind::Department]),
            Self::Party | Self::AnyParty => Some(&[Kind::Party]),
            Self::Office => Some(&[Kind::Coordinator, Kind::GovernmentOffice]),
            Self::Host => Some(&[Kind::Department, Kind::Coordinator]),
            Self::Organization => Some(&[
                Kind::Department,
                Kind::Party,
                Kind::Coordinator,
                Kind::GovernmentOffice,
            ]),
            _ => None,
        }
    }

    fn stands(self, directory: &Directory, named: &str, today: NaiveDate) -> bool {
        let ever = matches!(self, Self::AnyDepartment | Self::AnyParty);
        directory.find(named).is_some_and(|found| {
            self.kinds().is_some_and(|kinds| kinds.contains(&found.kind)) && (ever || found.stands_on(today))
        })
    }
}
