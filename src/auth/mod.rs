//! Proof of who calls: passwords, signing keys, access and refresh tokens.
//!
//! What lies here touches no database and reads no clock: callers pass the records that they loaded and the
//! instant that they live in, so that every rule can be tested alone.

pub mod keys;
pub mod password;
pub mod password_policy;
pub mod refresh;
pub mod secret;
pub mod token;
