//! 对口联系方案: the issued document that says who liaises with whom.
//!
//! Life cycle: `draft` (only 市委统战部 knows of it: edited, compared, deleted) → published, and from then on never edited:
//! `scheduled` until its day of effect, `in_force` until the next one's, `superseded` after it. Which of the three is
//! a matter of the day, and computed; publishing ends the scheme before it in the same transaction.

pub mod assignments;
pub mod diff;
pub mod model;
pub mod policy;
pub mod publish;
pub mod queries;
mod references;
pub mod routes;
