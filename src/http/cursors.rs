//! Cursors: opaque to clients, signed, and bound to the list and the filters that they belong to.

use crate::auth::secret::Key;
use crate::problem::{Problem, Result};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Signs and reads cursors.
pub struct Cursors(Key);

const SIGNATURE: usize = 12;

impl Cursors {
    pub fn new(key: Key) -> Self {
        Self(key)
    }

    pub fn write<K: Serialize>(&self, query: u64, key: &K) -> Result<String> {
        let body = serde_json::to_vec(&(query, key)).map_err(Problem::internal)?;
        let mut bytes = self.0.mac(&body)[..SIGNATURE].to_vec();
        bytes.extend(body);
        Ok(URL_SAFE_NO_PAD.encode(bytes))
    }

    pub fn read<K: DeserializeOwned>(&self, query: u64, cursor: &str) -> Option<K> {
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (signature, body) = bytes.split_at_checked(SIGNATURE)?;
        if self.0.mac(body)[..SIGNATURE] != *signature {
            return None;
        }
        let (bound_to, key): (u64, K) = serde_json::from_slice(body).ok()?;
        (bound_to == query).then_some(key)
    }
}
