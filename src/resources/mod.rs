//! One folder a resource: what it is (`mod.rs`), its routes, its shapes, its queries, its policy.

pub mod annual_summaries;
pub mod attachments;
pub mod audit_log;
pub mod bulletins;
pub mod carriers;
pub mod enumerations;
pub mod health;
pub mod liaison_leaders;
pub mod machines;
pub mod meetings;
pub mod meta;
pub mod no_secrets;
pub mod notifications;
pub mod organizations;
pub mod problem_reports;
pub mod references;
pub mod reporting;
pub mod schemes;
pub mod search;
pub mod searched;
pub mod settings;
pub mod statistics;
pub mod suggestions;
pub mod todos;
pub mod users;
pub mod working_days;

use crate::runner::{Job, When};

/// What resources have to do without a request.
pub const JOBS: &[Job] = &[
    Job {
        name: "missing liaison leaders",
        when: When::Daily,
        run: |instance| Box::pin(liaison_leaders::watch::ask_for_missing(instance)),
    },
    Job {
        name: "quarterly confirmations",
        when: When::Daily,
        run: |instance| Box::pin(liaison_leaders::confirmations::watch::open_quarters(instance)),
    },
    Job {
        name: "calendar corrections",
        when: When::Always,
        run: |instance| {
            Box::pin(crate::workflow::corrections::carry_on(
                &instance.db,
                &instance.clock,
                &instance.timing,
                |left| {
                    instance.metrics.deadlines_to_move.set(left);
                },
            ))
        },
    },
    Job {
        name: "figures",
        when: When::Always,
        run: |instance| Box::pin(crate::figures::tallies::add_up(&instance.db)),
    },
    Job {
        name: "suggestions that nobody evaluates",
        when: When::Daily,
        run: |instance| Box::pin(suggestions::watch::pass(instance)),
    },
    Job {
        name: "search vectors of an older folding",
        when: When::Daily,
        run: |instance| Box::pin(search::refold::refold(instance)),
    },
    Job {
        name: "passwords about to expire",
        when: When::Daily,
        run: |instance| Box::pin(users::expiry::tell(instance)),
    },
    Job {
        name: "plans and reports",
        when: When::Daily,
        run: |instance| Box::pin(reporting::duties::watch::open_due(instance)),
    },
];
