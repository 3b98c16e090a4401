//! The directory in memory: organizations and their names over time, schemes and their assignments.
//!
//! It is small by nature (31 organizations, 113 pairs a scheme) and read by nearly everything, so each instance keeps one
//! copy and asks the database at every use, with the cheapest query there is, whether it still holds: a change made
//! anywhere is seen by the next request everywhere.

pub mod answers;
mod load;
pub mod model;

use crate::db::Db;
use crate::db::schema::directory_revision;
use crate::http::problem::{Problem, Result};
use answers::Answers;
use chrono::NaiveDate;
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
    pub organizations: Vec<Organization>,
    /// In the order of the day of effect.
    pub schemes: Vec<Scheme>,
    /// What was answered from this revision; it goes with it.
    pub answers: Answers,
    by_id: HashMap<Uuid, usize>,
    by_code: HashMap<String, usize>,
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
            organizations,
            schemes,
            answers: Answers::default(),
            by_id,
            by_code,
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

    /// Who acts for an organization on a day: itself until it ends, then the last successor in the line of those that
    /// have ended by then; none where a line ends without one.
    pub fn acting(&self, id: Uuid, day: NaiveDate) -> Option<&Organization> {
        let mut current = self.get(id)?;
        // Successors cannot circle (each had to stand when it was named), but a bound costs nothing.
        for _ in 0..self.organizations.len() {
            if current.ended_on.is_none_or(|end| day < end) {
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
