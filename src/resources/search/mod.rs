//! One box across everything that the caller may see: words are looked for in records and in the directory, the best hits
//! come first.
//!
//! A type of hit is a variant of `HitType` with its arms in `kinds.rs`; what is kept in `search_documents` is written by the
//! steps of its resource, through `crate::search::documents::put`, and the caller's own drafts are looked at themselves. Whether a hit may be seen is decided by its resource's own
//! rule when it is shown, not by what was written down when it was found.

pub mod kinds;
pub mod model;
pub mod queries;
pub mod refold;
pub mod routes;
