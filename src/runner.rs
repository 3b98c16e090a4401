//! What has to happen without a request: changes get their positions, reminders go out, deadlines pass, mail is sent. Every
//! instance runs the same jobs; each claims its work in the transaction that does it, so that any number of them share it
//! and none does it twice, also where one is killed in the middle.

use crate::events::{ends, mail, positions, reminders};
use crate::problem::{Code, Problem, Result};
use crate::state::Instance;
use chrono::NaiveDate;
use futures_util::future::{LocalBoxFuture, join_all};
use std::time::Duration;
use tokio::time::timeout;

/// Between two looks for work.
const PERIOD: Duration = Duration::from_millis(500);

/// What takes longer than the longest piece of work is given up, and begun anew.
const LIMIT: Duration = Duration::from_secs(300);

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
        name: "ends",
        when: When::Always,
        run: |instance| Box::pin(ends::close_due(&instance.db, instance.clock.now())),
    },
    Job {
        name: "reminders",
        when: When::Always,
        run: |instance| {
            Box::pin(reminders::send_due(
                &instance.db,
                &instance.timing,
                instance.clock.now(),
            ))
        },
    },
    Job {
        name: "mail",
        when: When::Always,
        run: |instance| {
            Box::pin(async {
                match &instance.mailer {
                    Some(mailer) => {
                        let address = &instance.identity()?.address;
                        mail::send_due(&instance.db, &instance.clock, mailer, address).await
                    }
                    None => Ok(0),
                }
            })
        },
    },
];

/// Works until it is dropped; the jobs side by side, so that none waits for another's slow server.
pub async fn run(instance: &Instance, jobs: &[Job]) {
    join_all(JOBS.iter().chain(jobs).map(|job| keep_at(instance, job))).await;
}

/// One job, again and again.
async fn keep_at(instance: &Instance, job: &Job) {
    let mut ticks = tokio::time::interval(PERIOD);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut failing = false;
    let mut done_on: Option<NaiveDate> = None;
    loop {
        ticks.tick().await;
        let today = instance.clock.today();
        if job.when == When::Daily && done_on == Some(today) {
            continue;
        }
        instance.jobs.begins(job.name);
        let late = || Problem::new(Code::TimedOut).source("the job does not end");
        let result = match timeout(LIMIT, (job.run)(instance)).await {
            Ok(result) => result,
            Err(_) => Err(late()),
        };
        // Said once for each time that it begins to fail.
        match &result {
            Ok(_) => {
                instance.jobs.is_done(job.name);
                done_on = Some(today);
            }
            Err(problem) if !failing => {
                tracing::warn!(%problem, job = job.name, "could not be done; tried again and again");
            }
            Err(_) => {}
        }
        failing = result.is_err();
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
