//! What each department with an assignment owes 市委统战部 (三(四)3): its plan of a year, its report on a half year and on a year,
//! until when, and whether it has sent it.
//!
//! A duty is opened by the clock, and met for as long as a version of what is owed was sent and not returned, also before the duty was
//! opened; late stays late. Who has sent nothing is visible.

pub mod model;
pub mod period;
pub mod policy;
pub mod queries;
pub mod routes;
pub mod standing;
pub mod watch;
