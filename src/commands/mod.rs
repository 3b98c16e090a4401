//! What the command line can do; one file a command.

pub mod context;
pub mod doctor;
pub mod keys;
pub mod migrate;
pub mod openapi;
pub mod seed;
pub mod serve;
pub mod stopping;
pub mod user;
