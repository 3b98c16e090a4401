//! 审计日志: who did what, was refused what, and read what of others' personal data.
//!
//! Records are only ever added, by the writes and reads themselves (`events`); the database refuses to change one. The
//! audit administrator alone reads them, and takes them away as a file, which is a record itself.

pub mod model;
pub mod queries;
pub mod routes;
