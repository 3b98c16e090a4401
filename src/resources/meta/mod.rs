//! What a front end needs to know to speak of the rest: every enumeration with its labels. Public.

pub mod machines;
pub mod routes;
