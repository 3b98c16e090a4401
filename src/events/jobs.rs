//! When each job was last done: a job that hangs, or fails again and again, is told to whoever watches.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A job that has been due for so long and is not done is worth a word.
pub const LATE: Duration = Duration::from_secs(60);

#[derive(Default)]
pub struct Jobs(Mutex<BTreeMap<&'static str, Run>>);

#[derive(Clone, Copy, Default)]
struct Run {
    due_since: Option<Instant>,
    done_at: Option<Instant>,
}

impl Jobs {
    /// It is tried now.
    pub fn begins(&self, job: &'static str) {
        self.runs()
            .entry(job)
            .or_default()
            .due_since
            .get_or_insert_with(Instant::now);
    }

    pub fn is_done(&self, job: &'static str) {
        let run = Run {
            due_since: None,
            done_at: Some(Instant::now()),
        };
        self.runs().insert(job, run);
    }

    /// Jobs that have been due for longer, and for how long.
    pub fn late(&self, by: Duration) -> Vec<(&'static str, Duration)> {
        let runs = self.runs();
        let due = runs
            .iter()
            .filter_map(|(job, run)| Some((*job, run.due_since?.elapsed())));
        due.filter(|(_, due)| *due >= by).collect()
    }

    /// Seconds since each job was last done; none where it never was.
    pub fn ages(&self) -> Vec<(&'static str, Option<Duration>)> {
        let runs = self.runs();
        runs.iter()
            .map(|(job, run)| (*job, run.done_at.map(|at| at.elapsed())))
            .collect()
    }

    fn runs(&self) -> MutexGuard<'_, BTreeMap<&'static str, Run>> {
        // A map of instants is whole whatever has happened.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
