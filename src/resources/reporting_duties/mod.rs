//! What each department with an assignment owes 市委统战部 (三(四)3): its plan of a year, its report on a half year and on a year,
//! until when, and whether it has sent it.
//!
//! A duty is opened by the clock and met by the first submission; late stays late. Who has sent nothing is visible.

pub mod model;
pub mod period;
pub mod policy;
pub mod queries;
pub mod routes;
pub mod watch;
