//! One folder a resource: what it is (`mod.rs`), its routes, its shapes, its queries, its policy.

pub mod departments;
pub mod health;
pub mod meta;
pub mod session;
pub mod users;
