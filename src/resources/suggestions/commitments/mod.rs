//! 办理承诺: what a reply promises, with a due day: `open` → `fulfilled`, or `abandonment_requested` → `abandoned` with 市委统战部's
//! consent. Followed beyond the suggestion's conclusion; overdue ones show against the department.
//!
//! Seen by whom the suggestion concerns now, and the two offices.

pub mod model;
pub mod policy;
pub mod queries;
pub mod routes;
pub mod states;
pub mod steps;
