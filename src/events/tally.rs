//! What comes faster than it could be put on record one by one. Of refusals the first of a minute are, the rest in one row with
//! their number, so that whoever is refused over and over cannot flood the audit log; reads wait a moment for each other.

use crate::db::Db;
use crate::policy::Op;
use crate::problem::{Code, Result};
use crate::work::Origin;
use crate::work::record::{self, NotedRead};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Mutex, PoisonError};
use uuid::Uuid;

const MINUTE: TimeDelta = TimeDelta::minutes(1);

/// Refusals of one kind that an account has on record one by one in a minute.
const ONE_BY_ONE: u32 = 30;

/// Who is refused.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Refused {
    Account(Uuid),
    /// A user name at an address, or with no name all of an address: locked after failed log-ins.
    Locked {
        username: String,
        address: String,
    },
}

impl Refused {
    fn allowance(&self) -> u32 {
        match self {
            Self::Account(_) => ONE_BY_ONE,
            // That it is locked was put on record when it was.
            Self::Locked { .. } => 0,
        }
    }
}

/// Refusals that are counted and not yet on record.
struct Counted {
    began_at: DateTime<Utc>,
    written: u32,
    left_out: u64,
    /// Of the last one.
    origin: Origin,
}

#[derive(Default)]
pub struct Tally(Mutex<HashMap<(Refused, Op, Code), Counted>>);

impl Tally {
    /// Whether a refusal is to be put on record by itself; otherwise it is counted.
    pub fn admits(&self, who: Refused, origin: &Origin, op: Op, code: Code) -> bool {
        let allowance = who.allowance();
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let counted = match all.entry((who, op, code)) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => place.insert(Counted {
                began_at: origin.now,
                written: 0,
                left_out: 0,
                origin: origin.clone(),
            }),
        };
        if counted.left_out == 0 && origin.now - counted.began_at >= MINUTE {
            counted.began_at = origin.now;
            counted.written = 0;
        }
        if counted.written < allowance {
            counted.written += 1;
            return true;
        }
        counted.left_out += 1;
        counted.origin = origin.clone();
        false
    }

    /// What was counted in minutes that are over, or all of it.
    fn take(&self, now: DateTime<Utc>, all_of_it: bool) -> Vec<(Op, Code, Counted)> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.extract_if(|_, counted| all_of_it || now - counted.began_at >= MINUTE)
            .filter(|(_, counted)| counted.left_out > 0)
            .map(|((_, op, code), counted)| (op, code, counted))
            .collect()
    }
}

/// Most rows of one statement.
const ROWS: usize = 1_000;

/// Reads of personal data that wait to be put on record together, a few times a second: where a thing is read over and over,
/// a commit for each would cost more than the read.
#[derive(Default)]
pub struct Reads(Mutex<HashMap<WhoseRead, NotedRead>>);

/// Who has read what by which operation.
type WhoseRead = (Option<Uuid>, Op, Uuid);

impl Reads {
    pub fn note(&self, origin: Origin, op: Op, subject_type: &'static str, subject_id: Uuid) {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        noted
            .entry((origin.caller.user_id(), op, subject_id))
            .or_insert(NotedRead {
                origin,
                op,
                subject_type,
                subject_id,
            });
    }

    fn take(&self) -> Vec<NotedRead> {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        noted.drain().map(|(_, read)| read).collect()
    }

    /// What could not be written waits for the next time.
    fn put_back(&self, reads: Vec<NotedRead>) {
        for read in reads {
            self.note(read.origin, read.op, read.subject_type, read.subject_id);
        }
    }
}

/// Puts on record what was read, and what refusals were counted in minutes that are over; at the end of an instance, all.
///
/// # Errors
/// `database_unavailable`.
pub async fn write_down(
    db: &Db,
    (noted, refusals): (&Reads, &Tally),
    now: DateTime<Utc>,
    all_of_it: bool,
) -> Result<()> {
    let mut reads = noted.take();
    let counted = refusals.take(now, all_of_it);
    if counted.is_empty() && reads.is_empty() {
        return Ok(());
    }
    let mut connection = match db.get().await {
        Ok(connection) => connection,
        Err(problem) => {
            noted.put_back(reads);
            return Err(problem);
        }
    };
    while !reads.is_empty() {
        let rest = reads.split_off(reads.len().min(ROWS));
        if let Err(problem) = record::record_noted_reads(&mut connection, &reads).await {
            reads.extend(rest);
            noted.put_back(reads);
            return Err(problem);
        }
        reads = rest;
    }
    for (op, code, counted) in counted {
        record::record_refusals(
            &mut connection,
            &counted.origin,
            op,
            code.as_str(),
            counted.left_out,
        )
        .await?;
    }
    Ok(())
}
