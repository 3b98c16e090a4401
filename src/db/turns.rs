//! Whose turn it is to write. All who change one thing wait for its row anyway: so that they do not wait with all connections of
//! the pool in their hands, only a share of them goes to one thing, and not all to one operation.

use crate::problem::{Code, Problem, Result};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// How long a turn is waited for.
const WAIT: Duration = Duration::from_secs(5);

/// Of a pool, for what is to be kept apart.
pub fn share(pool: usize) -> usize {
    (pool / 4).max(1)
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key {
    Operation(&'static str),
    Thing(String),
}

pub struct Turns {
    pool: usize,
    taken: Mutex<HashMap<Key, Arc<Semaphore>>>,
}

/// Ends when it is dropped.
pub struct Turn {
    turns: Arc<Turns>,
    key: Key,
    permit: Option<OwnedSemaphorePermit>,
}

impl Turns {
    pub fn new(pool: usize) -> Self {
        Self {
            pool,
            taken: Mutex::default(),
        }
    }

    /// A turn for an operation on a thing, where it has one.
    ///
    /// # Errors
    /// `busy` where others have it for too long.
    pub async fn take(
        self: &Arc<Self>,
        op: &'static str,
        thing: Option<&str>,
    ) -> Result<(Turn, Option<Turn>)> {
        let turns = async {
            // The thing first: who waits for it does not hold up others of its kind.
            let of_thing = match thing {
                Some(thing) => Some(self.one(Key::Thing(thing.to_owned()), share(self.pool)).await?),
                None => None,
            };
            let all_but_a_share = self.pool.saturating_sub(share(self.pool)).max(1);
            Ok((self.one(Key::Operation(op), all_but_a_share).await?, of_thing))
        };
        match timeout(WAIT, turns).await {
            Ok(turns) => turns,
            Err(_) => Err(Problem::new(Code::DatabaseUnavailable)
                .source("others wait for the same")
                .retry_after(2)),
        }
    }

    async fn one(self: &Arc<Self>, key: Key, at_once: usize) -> Result<Turn> {
        let semaphore = {
            let mut taken = self.taken.lock().map_err(|_| poisoned())?;
            taken
                .entry(key.clone())
                .or_insert_with(|| Arc::new(Semaphore::new(at_once)))
                .clone()
        };
        // Forgets the key, too, where the wait is given up.
        let mut turn = Turn {
            turns: self.clone(),
            key,
            permit: None,
        };
        turn.permit = Some(semaphore.acquire_owned().await.map_err(Problem::internal)?);
        Ok(turn)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.permit = None;
        if let Ok(mut taken) = self.turns.taken.lock()
            && taken
                .get(&self.key)
                .is_some_and(|semaphore| Arc::strong_count(semaphore) == 1)
        {
            taken.remove(&self.key);
        }
    }
}

fn poisoned() -> Problem {
    Problem::internal("the lock of the turns is poisoned")
}
