//! The directory in memory: organizations and their names over time, schemes and their assignments.
//!
//! It is small by nature (31 organizations, 113 pairs a scheme) and read by nearly everything, so each instance keeps one
//! copy and asks the database at every use, with the cheapest query there is, whether it still holds: a change made
//! anywhere is seen by the next request everywhere.

pub mod answers;
mod load;
pub mod model;

use crate::clock::{day_begins, shanghai_day};
use crate::db::Db;
use crate::db::schema::directory_revision;
use crate::policy::Caller;
use crate::problem::{Fault, Problem, Result};
use answers::Answers;
use chrono::{DateTime, Days, NaiveDate, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use model::{Assignment, Kind, Organization, OrganizationRef, Scheme};
use std::collections::HashMap;
use std::sync::{Arc, RwLock};
use uuid::Uuid;

/// All of the directory, as of one revision.
#[derive(Debug)]
pub struct Directory {
    pub revision: i64,
    /// In the order of kind and position.
    pub organizations: Arc<Vec<Organization>>,
    /// In the order of the day of effect.
    pub schemes: Arc<Vec<Scheme>>,
    /// What was answered from this revision; it goes with it.
    pub answers: Answers,
    by_id: Arc<HashMap<Uuid, usize>>,
    by_code: Arc<HashMap<String, usize>>,
    /// An organization that has ended, as it reads its own past: it acts for itself.
    reader: Option<Uuid>,
}

/// Of the organizations that are asked for, those that are one's own; all where neither says which.
pub fn within(asked: Option<Vec<Uuid>>, own: Option<Vec<Uuid>>) -> Option<Vec<Uuid>> {
    match (asked, own) {
        (None, own) => own,
        (asked, None) => asked,
        (Some(asked), Some(own)) => Some(own.into_iter().filter(|one| asked.contains(one)).collect()),
    }
}

impl Directory {
    fn new(revision: i64, organizations: Vec<Organization>, schemes: Vec<Scheme>) -> Self {
        let by_id = organizations
            .iter()
            .enumerate()
            .map(|(index, one)| (one.id, index))
            .collect();
        let by_code = organizations
            .iter()
            .enumerate()
            .map(|(index, one)| (one.code.clone(), index))
            .collect();
        Self {
            revision,
            organizations: Arc::new(organizations),
            schemes: Arc::new(schemes),
            answers: Answers::default(),
            by_id: Arc::new(by_id),
            by_code: Arc::new(by_code),
            reader: None,
        }
    }

    /// The directory as an organization that has ended reads it: what was its own is so to it still, beside who acts for it now.
    pub fn read_by(&self, organization: Uuid) -> Self {
        Self {
            revision: self.revision,
            organizations: self.organizations.clone(),
            schemes: self.schemes.clone(),
            answers: Answers::default(),
            by_id: self.by_id.clone(),
            by_code: self.by_code.clone(),
            reader: Some(organization),
        }
    }

    /// As the caller reads it, whose organization may have ended.
    pub fn for_caller(self, caller: &Caller) -> Self {
        match caller.organization.as_ref().filter(|own| own.ended) {
            Some(own) => self.read_by(own.id),
            None => self,
        }
    }

    pub fn get(&self, id: Uuid) -> Option<&Organization> {
        self.by_id.get(&id).map(|index| &self.organizations[*index])
    }

    /// By identifier or code, as clients name an organization.
    pub fn find(&self, id_or_code: &str) -> Option<&Organization> {
        match Uuid::try_parse(id_or_code) {
            Ok(id) => self.get(id),
            Err(_) => self
                .by_code
                .get(id_or_code)
                .map(|index| &self.organizations[*index]),
        }
    }

    /// The same, of one kind alone.
    pub fn find_kind(&self, kind: Kind, id_or_code: &str) -> Option<&Organization> {
        self.find(id_or_code).filter(|found| found.kind == kind)
    }

    /// Organizations that a query names, each once; none where it names none. What is unknown is a fault of the parameter.
    pub fn named(
        &self,
        parameter: &str,
        names: &[String],
        fits: impl Fn(&Organization) -> bool,
        faults: &mut Vec<Fault>,
    ) -> Option<Vec<Uuid>> {
        let mut found = Vec::with_capacity(names.len());
        for name in names {
            match self.find(name).filter(|one| fits(one)) {
                Some(one) if found.contains(&one.id) => {}
                Some(one) => found.push(one.id),
                None => faults.push(Fault::unknown_reference_in_query(parameter)),
            }
        }
        (!names.is_empty()).then_some(found)
    }

    /// The same where it is all that can be wrong.
    ///
    /// # Errors
    /// 422 with what is unknown.
    pub fn all_named(
        &self,
        parameter: &str,
        names: &[String],
        fits: impl Fn(&Organization) -> bool,
    ) -> Result<Option<Vec<Uuid>>> {
        let mut faults = Vec::new();
        let found = self.named(parameter, names, fits, &mut faults);
        match faults.is_empty() {
            true => Ok(found),
            false => Err(Problem::invalid(faults)),
        }
    }

    /// The same of several parameters, each of one kind or of any.
    ///
    /// # Errors
    /// 422 with all that is unknown.
    pub fn sets_named<const N: usize>(
        &self,
        asked: [(&str, &[String], Option<Kind>); N],
    ) -> Result<[Option<Vec<Uuid>>; N]> {
        let mut faults = Vec::new();
        let found = asked.map(|(parameter, names, kind)| {
            let fits = |one: &Organization| kind.is_none_or(|kind| one.is(kind));
            self.named(parameter, names, fits, &mut faults)
        });
        match faults.is_empty() {
            true => Ok(found),
            false => Err(Problem::invalid(faults)),
        }
    }

    pub fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &Organization> {
        self.organizations.iter().filter(move |one| one.kind == kind)
    }

    /// `{id, code, name}` with the name of that day.
    ///
    /// # Errors
    /// 500 for an id that is not in the directory: foreign keys do not let that be.
    pub fn reference(&self, id: Uuid, day: NaiveDate) -> Result<OrganizationRef> {
        let found = self
            .get(id)
            .ok_or_else(|| Problem::internal(format!("organization {id} is not in the directory")))?;
        Ok(OrganizationRef::new(found, day))
    }

    /// When an answer last changed that shows organizations by their names of a day: a name that began to be shown later than
    /// the thing itself was changed is a change, too, and no row is written for it.
    pub fn changed_at(
        &self,
        changed_at: DateTime<Utc>,
        shown: impl IntoIterator<Item = Uuid>,
        day: NaiveDate,
    ) -> DateTime<Utc> {
        let renamed = shown.into_iter().filter_map(|id| self.get(id)?.renamed_at(day));
        renamed.fold(changed_at, DateTime::max)
    }

    /// `updated_since` of a list, with what changes answers although no row is written for it.
    pub fn since(&self, at: Option<DateTime<Utc>>, today: NaiveDate) -> Option<Since> {
        let at = at?;
        let renamed = self.organizations.iter();
        let renamed = renamed.filter(|one| one.renamed_at(today).is_some_and(|shown| shown >= at));
        let day = shanghai_day(at);
        let begun_from = if day_begins(day) == at {
            day
        } else {
            day + Days::new(1)
        };
        Some(Since {
            at,
            renamed: renamed.map(|one| one.id).collect(),
            begun_from,
            due_from: begun_from - Days::new(1),
            today,
        })
    }

    /// Who acts for an organization on a day: itself until it ends, then the last successor in the line of those that
    /// have ended by then; none where a line ends without one.
    pub fn acting(&self, id: Uuid, day: NaiveDate) -> Option<&Organization> {
        let mut current = self.get(id)?;
        // Successors cannot circle (each had to stand when it was named), but a bound costs nothing.
        for _ in 0..self.organizations.len() {
            if self.reader == Some(current.id) || current.ended_on.is_none_or(|end| day < end) {
                return Some(current);
            }
            current = self.get(current.successor_id?)?;
        }
        None
    }

    /// The scheme in force on a day.
    pub fn scheme_on(&self, day: NaiveDate) -> Option<&Scheme> {
        self.schemes.iter().find(|scheme| scheme.in_force_on(day))
    }

    pub fn scheme(&self, id: Uuid) -> Option<&Scheme> {
        self.schemes.iter().find(|scheme| scheme.id == id)
    }

    /// The pairs of the scheme in force on a day.
    pub fn assignments_on(&self, day: NaiveDate) -> &[Assignment] {
        self.scheme_on(day).map_or(&[], |scheme| &scheme.assignments)
    }

    /// The parties that liaise with a department, or one that it acts for, on a day; in the order of the notice.
    pub fn parties_of(&self, department: Uuid, day: NaiveDate) -> Vec<Uuid> {
        let mut parties: Vec<Uuid> = Vec::new();
        for pair in self.assignments_on(day) {
            let acting = self.acting(pair.department_id, day).map(|acting| acting.id);
            if acting == Some(department) && !parties.contains(&pair.party_id) {
                parties.push(pair.party_id);
            }
        }
        parties
    }

    /// The departments that liaise with some party on a day: those that act for what the scheme in force names.
    pub fn linked_departments(&self, day: NaiveDate) -> Vec<&Organization> {
        let mut departments: Vec<&Organization> = Vec::new();
        for pair in self.assignments_on(day) {
            if let Some(acting) = self.acting(pair.department_id, day)
                && !departments.iter().any(|known| known.id == acting.id)
            {
                departments.push(acting);
            }
        }
        departments
    }

    /// An organization and all that it acts for on a day: what waits for them waits for it.
    pub fn represented_by(&self, organization: Uuid, day: NaiveDate) -> Vec<Uuid> {
        let organizations = self.organizations.iter();
        organizations
            .filter(|one| {
                self.acting(one.id, day)
                    .is_some_and(|acting| acting.id == organization)
            })
            .map(|one| one.id)
            .collect()
    }

    /// All that the caller acts for on a day; none where it acts for no organization.
    pub fn own(&self, caller: &Caller, day: NaiveDate) -> Vec<Uuid> {
        let own = caller.organization.as_ref();
        own.map_or_else(Vec::new, |own| self.represented_by(own.id, day))
    }

    /// Whether a department, or one that it acts for, liaises with a party on a day.
    pub fn are_linked(&self, department: Uuid, party: Uuid, day: NaiveDate) -> bool {
        self.assignments_on(day).iter().any(|pair| {
            pair.party_id == party
                && self
                    .acting(pair.department_id, day)
                    .is_some_and(|acting| acting.id == department)
        })
    }
}

/// What makes an answer newer than an instant.
#[derive(Clone, Debug)]
pub struct Since {
    pub at: DateTime<Utc>,
    /// Organizations whose name of today began to be shown since then.
    pub renamed: Vec<Uuid>,
    /// The first day that has begun since then, if it is not after today.
    pub begun_from: NaiveDate,
    /// What was due on the day before it, or later, and before today, is overdue since then.
    pub due_from: NaiveDate,
    pub today: NaiveDate,
}

/// One instance's copy.
#[derive(Default)]
pub struct Cache(RwLock<Option<Arc<Directory>>>);

impl Cache {
    /// The directory of a revision that was read just now, or of a later one.
    ///
    /// # Errors
    /// `database_unavailable`.
    pub async fn get(&self, revision: i64, db: &Db) -> Result<Arc<Directory>> {
        let cached = self.0.read().map_err(|_| poisoned())?.clone();
        if let Some(directory) = cached.filter(|directory| directory.revision == revision) {
            return Ok(directory);
        }
        let fresh = Arc::new(load::snapshot(db).await?);
        *self.0.write().map_err(|_| poisoned())? = Some(fresh.clone());
        Ok(fresh)
    }

    /// For a transaction that relies on it, such as one that gives a department something to do: whoever would change it
    /// waits until that has ended. Those who only rely on it do not wait for each other.
    ///
    /// # Errors
    /// `database_unavailable`.
    pub async fn in_transaction(&self, conn: &mut AsyncPgConnection) -> Result<Arc<Directory>> {
        let revision: i64 = directory_revision::table
            .select(directory_revision::revision)
            .for_share()
            .first(conn)
            .await?;
        let cached = self.0.read().map_err(|_| poisoned())?.clone();
        match cached.filter(|directory| directory.revision == revision) {
            Some(directory) => Ok(directory),
            // Not kept: the transaction may see changes of its own that are not committed yet.
            None => Ok(Arc::new(load(conn).await?)),
        }
    }
}

/// How often it has been changed.
///
/// # Errors
/// `database_unavailable`.
pub async fn revision(mut conn: &AsyncPgConnection) -> Result<i64> {
    Ok(directory_revision::table
        .select(directory_revision::revision)
        .first(&mut conn)
        .await?)
}

fn poisoned() -> Problem {
    Problem::internal("the directory's lock is poisoned")
}

pub use load::{load, load_locked};
