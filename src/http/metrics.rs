//! Prometheus metrics.

use crate::events::jobs::Jobs;
use crate::health::Report;
use crate::policy::Op;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Metric, Registry};
use std::sync::atomic::AtomicU64;
use std::time::Duration;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    operation: &'static str,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Operation {
    operation: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Job {
    job: &'static str,
}

/// Registers gauges under their names.
struct Gauges<'r>(&'r mut Registry);

impl Gauges<'_> {
    fn register<M: Metric + Clone + Default>(&mut self, name: &str, help: &str) -> M {
        let metric = M::default();
        self.0.register(name, help, metric.clone());
        metric
    }
}

pub struct Metrics {
    registry: Registry,
    requests: Family<Answered, Counter>,
    durations: Family<Operation, Histogram>,
    in_flight: Gauge,
    readable: Gauge,
    writable: Gauge,
    files: Gauge,
    clock_ahead: Gauge<f64, AtomicU64>,
    events_wait: Gauge<f64, AtomicU64>,
    jobs: Family<Job, Gauge<f64, AtomicU64>>,
    /// Running deadlines that a correction of the calendar has not reached yet.
    pub deadlines_to_move: Gauge,
}

impl Default for Metrics {
    fn default() -> Self {
        let requests = Family::<Answered, Counter>::default();
        let durations = Family::<Operation, Histogram>::new_with_constructor(|| {
            Histogram::new(exponential_buckets(0.0005, 2.0, 14))
        });
        let in_flight = Gauge::default();
        let mut registry = Registry::with_prefix("liaison");
        registry.register("http_requests", "Requests answered", requests.clone());
        registry.register(
            "http_request_duration_seconds",
            "Time from request to answer",
            durations.clone(),
        );
        registry.register("http_requests_in_flight", "Requests under way", in_flight.clone());
        let mut gauges = Gauges(&mut registry);
        Self {
            readable: gauges.register("database_readable", "1 where reads work"),
            writable: gauges.register("database_writable", "1 where writes work"),
            files: gauges.register(
                "files_usable",
                "1 where the store of attached files is this database's",
            ),
            clock_ahead: gauges.register(
                "clock_ahead_seconds",
                "By how much the machine's clock is ahead of the database's",
            ),
            events_wait: gauges.register(
                "events_waiting_seconds",
                "How long the first event without a position has been waiting",
            ),
            jobs: gauges.register(
                "job_last_done_age_seconds",
                "Time since a job of this instance was last done",
            ),
            deadlines_to_move: gauges.register(
                "calendar_deadlines_to_move",
                "Running deadlines that a correction of the calendar has not reached yet",
            ),
            registry,
            requests,
            durations,
            in_flight,
        }
    }
}

impl Metrics {
    pub fn began(&self) {
        self.in_flight.inc();
    }

    /// Paths that lead nowhere share one name, so that strangers cannot make series.
    pub fn ended(&self, op: Option<Op>, status: u16, took: Duration) {
        self.in_flight.dec();
        let operation = op.map_or("none", Op::id);
        self.requests.get_or_create(&Answered { operation, status }).inc();
        self.durations
            .get_or_create(&Operation { operation })
            .observe(took.as_secs_f64());
    }

    pub fn set_health(&self, report: &Report) {
        let flag = |gauge: &Gauge, is_well: bool| gauge.set(i64::from(is_well));
        flag(&self.readable, report.reads.is_none());
        flag(&self.writable, report.reads.is_none() && report.writes.is_none());
        flag(&self.files, !report.files_missing);
        let milliseconds = report.clock_ahead.num_milliseconds() as f64;
        self.clock_ahead.set(milliseconds / 1_000.0);
        self.events_wait.set(report.events_wait.as_secs_f64());
    }

    /// In OpenMetrics text.
    pub fn text(&self, jobs: &Jobs) -> String {
        for (job, age) in jobs.ages() {
            let age = age.map_or(f64::INFINITY, |age| age.as_secs_f64());
            self.jobs.get_or_create(&Job { job }).set(age);
        }
        let mut text = String::new();
        // Writing to a String cannot fail.
        let _ = prometheus_client::encoding::text::encode(&mut text, &self.registry);
        text
    }
}
