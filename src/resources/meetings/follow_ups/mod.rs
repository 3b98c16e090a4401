//! 后续事项: what the minutes of a concluded meeting give somebody to do, until a day: `open` → `done`, reported by its owner.
//!
//! Seen by all who see the meeting, which its owner does on that account. While minutes are being written, nothing of
//! theirs is here.

pub mod model;
pub mod policy;
pub mod queries;
pub mod routes;
pub mod states;
pub mod steps;
