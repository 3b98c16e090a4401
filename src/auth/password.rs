//! Password hashes: Argon2id (RFC 9106) as PHC strings, a bounded number at a time and off the worker threads.

use crate::problem::{Code, Problem};
use std::sync::Arc;

use crate::text::fold;
use argon2::password_hash::phc::{Output, PasswordHash, Salt};
use argon2::password_hash::{self, PasswordHasher as _, PasswordVerifier as _};
use argon2::{ARGON2ID_IDENT, Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

/// What one hash costs whoever computes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PasswordCost {
    /// Memory in KiB.
    pub memory_kib: u32,
    pub iterations: u32,
    pub lanes: u32,
}

impl Default for PasswordCost {
    /// 19 MiB, two passes, one lane: the first choice of the OWASP Password Storage Cheat Sheet, some 10 to 40 ms.
    fn default() -> Self {
        Self {
            memory_kib: 19 * 1024,
            iterations: 2,
            lanes: 1,
        }
    }
}

/// Why there is no verdict on a password. A wrong password is no error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordHashError {
    /// Too many are waiting already: answer 503 with `Retry-After`.
    #[error("too many password checks at once")]
    Busy,
    #[error("the stored text is no Argon2 hash")]
    Stored,
    #[error("these costs are outside what Argon2 allows")]
    Cost,
    #[error("hashing failed: {0}")]
    Failed(password_hash::Error),
}

/// Hashes and checks passwords. Clones share their limits.
#[derive(Debug, Clone)]
pub struct PasswordHasher {
    argon2: Argon2<'static>,
    /// A hash of the same cost that no password is known for.
    dummy: Arc<str>,
    running: Arc<Semaphore>,
    admitted: Arc<Semaphore>,
}

impl PasswordHasher {
    /// At most `concurrent` hashes run at once (each takes a core and `cost.memory_kib`), `waiting` more may
    /// queue; further ones are refused as [`PasswordHashError::Busy`]. `concurrent` is 1 at least.
    ///
    /// # Errors
    /// [`PasswordHashError::Cost`].
    pub fn new(cost: PasswordCost, concurrent: usize, waiting: usize) -> Result<Self, PasswordHashError> {
        let params = Params::new(cost.memory_kib, cost.iterations, cost.lanes, None)
            .map_err(|_| PasswordHashError::Cost)?;
        let concurrent = concurrent.max(1);
        Ok(Self {
            dummy: dummy_hash(&params).map_err(PasswordHashError::Failed)?.into(),
            argon2: Argon2::new(Algorithm::Argon2id, Version::V0x13, params),
            running: Arc::new(Semaphore::new(concurrent)),
            admitted: Arc::new(Semaphore::new(
                concurrent.saturating_add(waiting).min(Semaphore::MAX_PERMITS),
            )),
        })
    }

    /// The PHC string of a password, with a random salt: `$argon2id$v=19$m=…,t=…,p=…$salt$hash`.
    ///
    /// # Errors
    /// [`PasswordHashError::Busy`] or [`PasswordHashError::Failed`].
    pub async fn hash(&self, password: &str) -> Result<String, PasswordHashError> {
        let (argon2, password) = (self.argon2.clone(), fold::password(password).into_owned());
        self.run(move || match argon2.hash_password(password.as_bytes()) {
            Ok(hash) => Ok(hash.to_string()),
            Err(fault) => Err(PasswordHashError::Failed(fault)),
        })
        .await
    }

    /// Whether `password` is the one that `phc` was made of, at the cost that `phc` names: as it is hashed today, and as it was
    /// typed, which older hashes were made of.
    ///
    /// # Errors
    /// [`PasswordHashError::Stored`] if `phc` is no PHC string of Argon2; else as [`PasswordHasher::hash`].
    pub async fn verify(&self, password: &str, phc: &str) -> Result<bool, PasswordHashError> {
        let mut candidates = vec![fold::password(password).into_owned()];
        if candidates[0] != password {
            candidates.push(password.to_owned());
        }
        let argon2 = self.argon2.clone();
        let phc = PasswordHash::new(phc).map_err(|_| PasswordHashError::Stored)?;
        self.run(move || {
            for candidate in candidates {
                match argon2.verify_password(candidate.as_bytes(), &phc) {
                    Ok(()) => return Ok(true),
                    Err(password_hash::Error::PasswordInvalid) => {}
                    Err(password_hash::Error::OutOfMemory) => {
                        return Err(PasswordHashError::Failed(password_hash::Error::OutOfMemory));
                    }
                    Err(_) => return Err(PasswordHashError::Stored),
                }
            }
            Ok(false)
        })
        .await
    }

    /// Does the work of [`PasswordHasher::verify`] where there is no account, so that time tells nobody which
    /// user names exist.
    ///
    /// # Errors
    /// As [`PasswordHasher::verify`], so that both are refused alike.
    pub async fn verify_dummy(&self, password: &str) -> Result<(), PasswordHashError> {
        self.verify(password, &self.dummy).await.map(|_| ())
    }

    /// Whether `phc` was made in another way than [`PasswordHasher::hash`] would now: to be replaced at the next
    /// log-in, when the password is at hand.
    pub fn needs_rehash(&self, phc: &str) -> bool {
        let Ok(stored) = PasswordHash::new(phc) else {
            return true;
        };
        let Ok(params) = Params::try_from(&stored) else {
            return true;
        };
        let now = self.argon2.params();
        let cost = |params: &Params| {
            let length = params.output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN);
            (params.m_cost(), params.t_cost(), params.p_cost(), length)
        };
        stored.algorithm != ARGON2ID_IDENT
            || stored.version != Some(Version::V0x13.into())
            || cost(&params) != cost(now)
    }

    /// Runs `work` on the blocking pool under both limits.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, PasswordHashError> + Send + 'static,
    ) -> Result<T, PasswordHashError> {
        // Neither semaphore is ever closed, so that "closed" cannot occur.
        let admitted = Arc::clone(&self.admitted)
            .try_acquire_owned()
            .map_err(|_| PasswordHashError::Busy)?;
        let running = Arc::clone(&self.running)
            .acquire_owned()
            .await
            .map_err(|_| PasswordHashError::Busy)?;
        let task = tokio::task::spawn_blocking(move || {
            // Held by the work itself: a client that hangs up does not free a place that is still in use.
            let _places = (admitted, running);
            work()
        });
        task.await
            .map_err(|_| PasswordHashError::Failed(password_hash::Error::Internal))?
    }
}

/// A well-formed hash of the given cost, made without work: its bytes are no password's that anybody could find.
fn dummy_hash(params: &Params) -> Result<String, password_hash::Error> {
    let hash = PasswordHash {
        algorithm: ARGON2ID_IDENT,
        version: Some(Version::V0x13.into()),
        params: params.try_into()?,
        salt: Some(Salt::new(&[0x5a; 16])?),
        hash: Some(Output::new(&[0xa5; Params::DEFAULT_OUTPUT_LEN])?),
    };
    Ok(hash.to_string())
}

impl From<PasswordHashError> for Problem {
    fn from(error: PasswordHashError) -> Self {
        match error {
            PasswordHashError::Busy => Self::new(Code::Busy).retry_after(1).source(error),
            _ => Self::internal(error),
        }
    }
}
