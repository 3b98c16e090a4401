//! 三(二) 落实责任: each department has exactly one leader (分管领导), one liaison office (联络科室) and one or more contacts
//! (联络人员) at any moment; a vacancy is explicit.
//!
//! An appointment runs until the next one's day of effect, so a change is a new appointment and never an edit of the old one.
//! It is *reported* to 市委统战部, which may ask for completion but cannot refuse it, and told to every party that liaises
//! with the department on the day of the change, in the same transaction; each recipient acknowledges (签收). A mistake is
//! mended by `correct`, which keeps the old version.
//!
//! The department reports and corrects, 市委统战部 does so where nobody can act for it (代录). Mobiles and e-mail addresses are whole
//! for the two offices, the department itself and the parties that liaise with it today (such a read is put on record), and
//! masked for all others.

pub mod confirmations;
pub mod content;
pub mod model;
pub mod policy;
pub mod queries;
pub mod report;
pub mod routes;
pub mod rules;
pub mod states;
mod table;
pub mod watch;
