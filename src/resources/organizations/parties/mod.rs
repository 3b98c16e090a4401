//! 民主党派市委会、市工商联、市知联会: the counterparts that departments liaise with.
//!
//! All roles read; 市委统战部 writes; each party keeps its own contact, so that a department knows whom to call. The
//! contact's phone is shown whole to the party itself, the two offices and the departments that are linked with it today
//! (a read by another is put on record), masked to other departments and parties; the three administrators see neither
//! person nor phone.

pub mod model;
pub mod policy;
pub mod queries;
pub mod routes;
