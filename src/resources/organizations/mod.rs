//! What departments, parties and offices share: names over time, the state by the day, and the writes to both. No routes
//! of its own.

pub mod departments;
pub mod model;
pub mod offices;
pub mod on_behalf;
pub mod parties;
pub mod policy;
pub mod queries;
