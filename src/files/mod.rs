//! Files that people hand in: received into a spool, inspected by their content, kept in an object store, swept when
//! nothing names them any more. What they hang on is the business of `resources/attachments`.

pub mod inspect;
pub mod kind;
pub mod name;
mod places;
mod proof;
pub mod spool;
pub mod store;
pub mod sweep;

use crate::config::{Files as Settings, Storage};
use crate::problem::{Code, Problem, Result};
use places::{Place, Places};
use spool::Spool;
use std::sync::{Mutex, OnceLock};
use std::time::Instant;
use store::Store;
use uuid::Uuid;

/// The files of one instance.
pub struct Files {
    pub settings: Settings,
    pub spool: Spool,
    pub store: Store,
    places: Places,
    /// What the database knows its store by.
    store_id: OnceLock<Uuid>,
    proven_at: Mutex<Option<Instant>>,
}

impl Files {
    /// Folders are made when they are first needed: a service without a file needs none.
    ///
    /// # Errors
    /// A text for the person who starts the program: the settings of the object store do not fit.
    pub fn new(settings: Settings, storage: &Storage) -> std::result::Result<Self, String> {
        let folder = storage.data_dir.join("attachments");
        Ok(Self {
            places: Places::new(&settings),
            spool: Spool::new(folder.join("uploads")),
            store: Store::new(&storage.objects, folder.join("objects"))?,
            settings,
            store_id: OnceLock::new(),
            proven_at: Mutex::new(None),
        })
    }

    /// Leave to receive a file: only so many at once, so that disk, memory and inspection stay bounded.
    ///
    /// # Errors
    /// 429 where the account or the address has its share, 503 `uploads_busy`.
    pub fn begin_upload(&self, account: Uuid, address: Option<&str>) -> Result<Place> {
        self.places.take(account, address)
    }
}

/// A store that cannot be reached, or a disk that is full.
fn unavailable(error: impl std::error::Error + Send + Sync + 'static) -> Problem {
    Problem::new(Code::FilesUnavailable).source(error).retry_after(5)
}
