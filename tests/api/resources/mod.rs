//! By the name of the resource's folder.

mod assignments;
mod attachments;
mod audit_log;
mod departments;
mod offices;
mod parties;
mod schemes;
mod session;
mod users;
