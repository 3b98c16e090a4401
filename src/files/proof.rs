//! Whether a store is the one of this database. A folder that is not mounted, or the bucket of another installation, takes files and
//! has none of those that the database names: so the store holds the id that the database knows, and nothing is kept or read
//! without it.

use super::{Files, unavailable};
use crate::db::Db;
use crate::db::schema::{attachment_store, attachments};
use crate::problem::Result;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use std::io;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// A bucket is asked over the network; it does not go away as easily as a folder.
const BELIEVED: Duration = Duration::from_secs(30);

/// Files of which one has to be there for a store without an id to be taken for this database's: it is older than ids are.
const SAMPLE: i64 = 5;

impl Files {
    /// # Errors
    /// 503 `files_unavailable` where the store is not this database's, or cannot be reached; `database_unavailable`.
    pub async fn prove(&self, db: &Db) -> Result<()> {
        let proven_at = self.proven_at.lock().ok().and_then(|at| *at);
        if !self.store.is_folder() && proven_at.is_some_and(|at| at.elapsed() < BELIEVED) {
            return Ok(());
        }
        let id = match self.store_id.get() {
            Some(id) => *id,
            None => {
                let id = attachment_store::table
                    .select(attachment_store::id)
                    .first(&mut db.get().await?)
                    .await?;
                *self.store_id.get_or_init(|| id)
            }
        };
        let proven = match self.store.id().await? {
            Some(found) => found == id,
            None => self.adopt(db, id).await?,
        };
        if let Ok(mut at) = self.proven_at.lock() {
            *at = proven.then(Instant::now);
        }
        match proven {
            true => Ok(()),
            false => Err(unavailable(io::Error::other(
                "the store of attached files is not this database's",
            ))),
        }
    }

    /// Gives a store its id: one that is new like the database, or that has what the database names.
    async fn adopt(&self, db: &Db, id: Uuid) -> Result<bool> {
        let newest: Vec<Uuid> = attachments::table
            .filter(attachments::purged_at.is_null())
            .order(attachments::id.desc())
            .limit(SAMPLE)
            .select(attachments::object_key)
            .load(&mut db.get().await?)
            .await?;
        let mut is_ours = newest.is_empty();
        for key in newest {
            is_ours = is_ours || self.store.has(key).await?;
        }
        if is_ours {
            self.store.set_id(id).await?;
        }
        Ok(is_ours)
    }
}
