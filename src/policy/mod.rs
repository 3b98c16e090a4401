//! Who may do what. `matrix` is the table; the gate asks it before a body is read; `permit` turns a loaded row into the
//! leave to change it.

pub mod caller;
pub mod matrix;
pub mod permit;

pub use caller::{Caller, Organization, Principal, Role};
pub use matrix::{Op, Reach, ops};
pub use permit::{Governed, Operation, Permit};
