//! Places for uploads: so many at once, and of one account or address no more than a share, so that whoever sends slowly in
//! all of them keeps nobody else out.

use crate::config::Files as Settings;
use crate::problem::{Code, Problem, Result};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use uuid::Uuid;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Share {
    Account(Uuid),
    Address(String),
}

#[derive(Default)]
struct Taken {
    all: usize,
    shares: HashMap<Share, usize>,
}

pub(super) struct Places {
    all: usize,
    of_account: usize,
    of_address: usize,
    taken: Arc<Mutex<Taken>>,
}

/// Leave to receive a file, until it is dropped.
pub struct Place {
    taken: Arc<Mutex<Taken>>,
    shares: Vec<Share>,
}

impl Places {
    pub(super) fn new(settings: &Settings) -> Self {
        Self {
            all: settings.uploads_at_once.into(),
            of_account: settings.uploads_of_account.into(),
            of_address: settings.uploads_of_address.into(),
            taken: Arc::default(),
        }
    }

    /// # Errors
    /// 429 where the account or the address has its share, 503 `uploads_busy` where all places are taken.
    pub(super) fn take(&self, account: Uuid, address: Option<&str>) -> Result<Place> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let address = address.map(|address| Share::Address(address.to_owned()));
        let shares: Vec<Share> = [Some(Share::Account(account)), address]
            .into_iter()
            .flatten()
            .collect();
        for share in &shares {
            let limit = match share {
                Share::Account(_) => self.of_account,
                Share::Address(_) => self.of_address,
            };
            if taken.shares.get(share).is_some_and(|count| *count >= limit) {
                return Err(share_is_taken(limit));
            }
        }
        if taken.all >= self.all {
            return Err(Problem::new(Code::UploadsBusy).retry_after(5));
        }
        taken.all += 1;
        for share in &shares {
            *taken.shares.entry(share.clone()).or_default() += 1;
        }
        Ok(Place {
            taken: self.taken.clone(),
            shares,
        })
    }
}

fn share_is_taken(limit: usize) -> Problem {
    Problem::new(Code::TooManyRequests).retry_after(5).detail(
        format!("同一账号或同一地址同时上传的文件不得超过 {limit} 个。"),
        format!("One account or address may upload {limit} files at once."),
    )
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.all -= 1;
        for share in &self.shares {
            if let Some(count) = taken.shares.get_mut(share) {
                *count -= 1;
                if *count == 0 {
                    taken.shares.remove(share);
                }
            }
        }
    }
}
