//! By the name of the resource's folder.

mod assignments;
mod attachments;
mod audit_log;
mod bulletins;
mod calendar_feeds;
mod departments;
mod liaison_confirmations;
mod liaison_leaders;
mod meeting_attendance;
mod meeting_follow_ups;
mod meeting_invitations;
mod meeting_opinions;
mod meetings;
mod notifications;
mod offices;
mod parties;
mod problem_reports;
mod reporting_duties;
mod schemes;
mod session;
mod settings;
mod todos;
mod users;
mod work_plans;
mod work_reports;
mod working_days;
