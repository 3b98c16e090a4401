//! By the name of the resource's folder.

mod assignments;
mod attachments;
mod audit_log;
mod departments;
mod liaison_confirmations;
mod liaison_leaders;
mod notifications;
mod offices;
mod parties;
mod problem_reports;
mod schemes;
mod search;
mod session;
mod settings;
mod suggestions;
mod todos;
mod users;
mod working_days;
