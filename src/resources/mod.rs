//! One folder a resource: what it is (`mod.rs`), its routes, its shapes, its queries, its policy.

pub mod assignments;
pub mod attachments;
pub mod audit_log;
pub mod departments;
pub mod health;
pub mod meta;
pub mod offices;
pub mod organizations;
pub mod parties;
pub mod schemes;
pub mod session;
pub mod users;
