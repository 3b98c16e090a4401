//! What has to happen without a request: changes get their positions, reminders go out, deadlines pass, mail is sent. Every
//! instance runs the same jobs; each claims its work in the transaction that does it, so that any number of them share it
//! and none does it twice, also where one is killed in the middle.

use super::{mail, positions, reminders};
use crate::app::Instance;
use crate::http::problem::Result;
use chrono::NaiveDate;
use futures_util::future::LocalBoxFuture;
use std::collections::HashMap;
use std::time::Duration;

/// Between two looks for work.
const PERIOD: Duration = Duration::from_millis(500);

/// One kind of work. It answers how much of it it has done; none where there was nothing to do.
pub struct Job {
    pub name: &'static str,
    pub when: When,
    pub run: for<'a> fn(&'a Instance) -> LocalBoxFuture<'a, Result<usize>>,
}

/// How often an instance looks for a kind of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Twice a second.
    Always,
    /// When it starts, and with each new day (Asia/Shanghai).
    Daily,
}

/// What every installation does, whatever its resources.
pub const JOBS: &[Job] = &[
    Job {
        name: "positions",
        when: When::Always,
        run: |instance| Box::pin(positions::stamp(&instance.db)),
    },
    Job {
        name: "reminders",
        when: When::Always,
        run: |instance| Box::pin(reminders::send_due(instance)),
    },
    Job {
        name: "mail",
        when: When::Always,
        run: |instance| Box::pin(mail::send_due(instance)),
    },
];

/// Works until it is dropped.
pub async fn run(instance: &Instance, jobs: &[Job]) {
    let mut ticks = tokio::time::interval(PERIOD);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut failing: Vec<&str> = Vec::new();
    let mut done_on: HashMap<&str, NaiveDate> = HashMap::new();
    loop {
        ticks.tick().await;
        let today = instance.clock.today();
        for job in JOBS.iter().chain(jobs) {
            if job.when == When::Daily && done_on.get(job.name) == Some(&today) {
                continue;
            }
            let result = (job.run)(instance).await;
            if result.is_ok() {
                done_on.insert(job.name, today);
            }
            // Said once for each time that it begins to fail.
            let was_failing = failing.contains(&job.name);
            match result {
                Ok(_) if was_failing => failing.retain(|name| *name != job.name),
                Err(problem) if !was_failing => {
                    tracing::warn!(%problem, job = job.name, "could not be done; tried again and again");
                    failing.push(job.name);
                }
                Ok(_) | Err(_) => {}
            }
        }
    }
}

/// Works until nothing is left, and answers how much was done.
///
/// # Errors
/// That of the first job that fails.
pub async fn run_until_idle(instance: &Instance, jobs: &[Job]) -> Result<usize> {
    let mut done = 0;
    loop {
        let mut now = 0;
        for job in JOBS.iter().chain(jobs) {
            now += (job.run)(instance).await?;
        }
        if now == 0 {
            return Ok(done);
        }
        done += now;
    }
}
