//! An attempt at a password, at the log-in or where it is changed: counted before it is judged.

use crate::auth::lockout::{self, Counted, Pair, Turn, Verdict};
use crate::events::tally::Refused;
use crate::policy::Op;
use crate::problem::{Code, Result};
use crate::state::Worker;
use crate::work::{Origin, Tx};
use diesel_async::AsyncPgConnection;

pub struct Attempt<'w> {
    worker: &'w Worker,
    origin: &'w Origin,
    op: Op,
    pair: Pair,
    counted: Counted,
    turn: Turn<'w>,
}

impl<'w> Attempt<'w> {
    /// Waits until attempts of the same pair that are under way are judged, and counts this one.
    ///
    /// # Errors
    /// 429 where the pair or the address is locked: the same for every name and every password.
    pub async fn new(worker: &'w Worker, origin: &'w Origin, op: Op, username: &str) -> Result<Self> {
        let pair = Pair::new(username, origin.address.as_deref());
        let turn = worker.turns.take(&pair).await;
        let count = async |tx: &mut Tx<'_>| {
            tx.changes_nothing();
            lockout::count(tx.conn, &pair, &worker.security, origin.now).await
        };
        match worker.db.for_log_ins().transaction(origin, count).await? {
            Verdict::Counted(counted) => Ok(Self {
                worker,
                origin,
                op,
                counted,
                turn,
                pair,
            }),
            Verdict::Locked(lock) => {
                let who = Refused::Locked {
                    username: match lock.of_address {
                        true => String::new(),
                        false => pair.username,
                    },
                    address: pair.address,
                };
                worker.refusals.admits(who, origin, op, Code::LoginLocked);
                Err(lockout::refusal(lock.wait))
            }
        }
    }

    /// The name of the account, as it is compared.
    pub fn username(&self) -> &str {
        &self.pair.username
    }

    /// Whether the password is the one of `hash`; where there is no account, no, after the same time.
    ///
    /// # Errors
    /// 503 where too many wait to be judged: then it does not count.
    pub async fn is_right(&self, password: &str, hash: Option<&str>) -> Result<bool> {
        let passwords = &self.worker.passwords;
        let judged = match hash {
            Some(hash) => passwords.verify(password, hash).await,
            None => passwords.verify_dummy(password).await.map(|()| false),
        };
        if judged.is_err() {
            lockout::take_back(&mut *self.worker.db.for_log_ins().get().await?, &self.pair, 1).await?;
        }
        Ok(judged?)
    }

    /// The password was right. The first of a rush, or one for itself, forgets what went before; one that has waited for others
    /// takes back itself alone, since among them may be guesses.
    pub async fn succeed(&self, conn: &mut AsyncPgConnection) -> Result<()> {
        let attempts = match self.turn.alone {
            true => self.counted.failures,
            false => 1,
        };
        lockout::take_back(conn, &self.pair, attempts).await
    }

    /// The password was wrong: it stays counted, and is on record. What an account does is on record as a refused write.
    pub async fn fail(&self) -> Result<()> {
        let (public, locks) = (self.op.is_public(), self.counted.locks);
        let record = async |tx: &mut Tx<'_>| {
            tx.changes_nothing();
            if public {
                tx.record_refusal(self.op, Code::LoginFailed).await?;
            }
            if locks {
                tx.record_refusal(self.op, Code::LoginLocked).await?;
            }
            Ok(())
        };
        match public || locks {
            true => {
                self.worker
                    .db
                    .for_log_ins()
                    .transaction(self.origin, record)
                    .await
            }
            false => Ok(()),
        }
    }
}
