//! 零报告, where a setting asks for it (the notice does not): for each quarter a department says that its leader, office and contacts have not changed, or has reported what has.
//!
//! Each department that liaises with a party on the quarter's last day owes one once the quarter is over. A change that was
//! reported with a day of effect in the quarter settles it without further ado; who has said nothing is silent, and visible.

pub mod model;
pub mod policy;
pub mod queries;
pub mod routes;
pub mod states;
pub mod steps;
pub mod watch;
