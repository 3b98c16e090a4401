//! What the command line can do; one file a command.

pub mod context;
pub mod migrate;
pub mod openapi;
pub mod serve;
