//! The secret in an address.

use crate::auth::secret::random_bytes;
use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// 256 bits: nobody finds one by trying.
const BYTES: usize = 32;

/// A new one, as it stands in the address.
pub fn new() -> String {
    URL_SAFE_NO_PAD.encode(random_bytes::<BYTES>())
}

/// What is kept of it. Any text has one, so that a malformed secret is looked for like any other, and not found.
pub fn hash(secret: &str) -> Vec<u8> {
    digest::digest(&digest::SHA256, secret.as_bytes())
        .as_ref()
        .to_vec()
}
