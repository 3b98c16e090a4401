//! Proof of who calls: passwords, signing keys, access and refresh tokens.
//!
//! `guessable`, `keys`, `password`, `password_policy`, `refresh`, `secret` and `token` touch no database and read no clock: callers
//! pass the records that they loaded and the instant that they live in, so that every rule can be tested alone.
//! `issuer`, `keyring` and `revocation` are what an instance knows of the database's name, keys and withdrawn rights;
//! `lockout` counts attempts to log in there.

mod guessable;
pub mod issuer;
pub mod keyring;
pub mod keys;
pub mod lockout;
pub mod password;
pub mod password_policy;
pub mod refresh;
pub mod revocation;
pub mod secret;
pub mod token;
pub mod verified;
