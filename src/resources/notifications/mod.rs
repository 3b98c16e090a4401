//! 通知: what the caller's organization was told (`events::notices`), with the caller's own marks of what it has read. A user
//! who moves to another organization sees what that one is told from then on, and no longer what the one before was.

pub mod model;
pub mod queries;
pub mod routes;
