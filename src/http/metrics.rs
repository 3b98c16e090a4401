//! Prometheus metrics.

use crate::policy::Op;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;
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

pub struct Metrics {
    registry: Registry,
    requests: Family<Answered, Counter>,
    durations: Family<Operation, Histogram>,
    in_flight: Gauge,
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
        let deadlines_to_move = Gauge::default();
        registry.register(
            "calendar_deadlines_to_move",
            "Running deadlines that a correction of the calendar has not reached yet",
            deadlines_to_move.clone(),
        );
        Self {
            registry,
            requests,
            durations,
            in_flight,
            deadlines_to_move,
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

    /// In OpenMetrics text.
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a String cannot fail.
        let _ = prometheus_client::encoding::text::encode(&mut text, &self.registry);
        text
    }
}
