//! By the name of the resource's folder.

mod departments;
mod session;
mod users;
