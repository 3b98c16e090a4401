//! Rate limits: per account, and per address for what needs no token.

use super::request::{Rate, RequestInfo};
use crate::config::Security;
use crate::problem::{Code, Problem, Result};
use governor::clock::{Clock, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use uuid::Uuid;

type Keyed<K> = RateLimiter<K, DashMapStateStore<K>, DefaultClock, StateInformationMiddleware>;

pub struct Limits {
    of_caller: Option<Keyed<Uuid>>,
    of_address: Option<Keyed<IpAddr>>,
}

impl Limits {
    pub fn new(settings: &Security) -> Self {
        Self {
            of_caller: keyed(settings.rate_limit),
            of_address: keyed(settings.rate_limit_of_address),
        }
    }

    pub fn check_caller(&self, info: &RequestInfo, caller: Uuid) -> Result<()> {
        check(&self.of_caller, info, &caller)
    }

    pub fn check_address(&self, info: &RequestInfo) -> Result<()> {
        match &info.address {
            Some(address) => check(&self.of_address, info, address),
            None => Ok(()),
        }
    }

    /// Lets go of who has not asked for long.
    pub fn forget_idle(&self) {
        if let Some(limiter) = &self.of_caller {
            limiter.retain_recent();
        }
        if let Some(limiter) = &self.of_address {
            limiter.retain_recent();
        }
    }
}

fn keyed<K: Hash + Eq + Clone>(per_minute: u32) -> Option<Keyed<K>> {
    let quota = Quota::per_minute(NonZeroU32::new(per_minute)?);
    Some(RateLimiter::dashmap(quota).with_middleware())
}

fn check<K: Hash + Eq + Clone>(limiter: &Option<Keyed<K>>, info: &RequestInfo, key: &K) -> Result<()> {
    let Some(limiter) = limiter else { return Ok(()) };
    match limiter.check_key(key) {
        Ok(state) => {
            let limit = state.quota().burst_size().get();
            info.rate.set(Some(Rate {
                limit,
                remaining: state.remaining_burst_capacity(),
            }));
            Ok(())
        }
        Err(denied) => {
            info.rate.set(Some(Rate {
                limit: denied.quota().burst_size().get(),
                remaining: 0,
            }));
            let wait = denied.wait_time_from(DefaultClock::default().now());
            Err(Problem::new(Code::TooManyRequests).retry_after(wait.as_secs() + 1))
        }
    }
}
