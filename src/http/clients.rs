//! Whether a proxy stands before the service that it does not know of: then all clients seem to be one, and a few wrong
//! passwords of anybody lock an account for everybody.

use super::request::{RequestInfo, is_local};
use ipnet::IpNet;
use std::collections::HashSet;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use uuid::Uuid;

/// Accounts that all come from one address of the own network before that is said.
const ACCOUNTS: usize = 5;

pub struct Clients {
    /// Nothing more is to be learned: no request waits for the lock below.
    settled: AtomicBool,
    trusts_none: bool,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    address: Option<IpAddr>,
    accounts: HashSet<Uuid>,
}

impl Clients {
    pub fn new(trusted: &[IpNet]) -> Self {
        Self {
            settled: AtomicBool::new(false),
            trusts_none: trusted.is_empty(),
            seen: Mutex::default(),
        }
    }

    /// A request of somebody who is known; says once what is wrong.
    pub fn seen(&self, info: &RequestInfo, account: Uuid) {
        if self.settled.load(Ordering::Relaxed) {
            return;
        }
        let Some(address) = info.address else { return };
        if info.is_forwarded && is_local(&address) {
            return self.warn(address, "it forwards for others");
        }
        if !self.trusts_none {
            return;
        }
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if *seen.address.get_or_insert(address) != address || !is_local(&address) {
            self.settled.store(true, Ordering::Relaxed);
            return;
        }
        seen.accounts.insert(account);
        if seen.accounts.len() >= ACCOUNTS {
            self.warn(address, "all accounts come from it");
        }
    }

    fn warn(&self, address: IpAddr, why: &str) {
        if !self.settled.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                %address, why,
                "a proxy seems to stand before the service, and its clients count as one: name its network in \
                 LIAISON_TRUSTED_PROXIES"
            );
        }
    }
}
