//! 日历订阅: everyone can subscribe to the meetings of their organization as an iCalendar feed (RFC 5545) at a secret address.
//!
//! An address is one user's own (`user`), and follows the user to wherever they act, or all of an organization's
//! (`organization`). It is shown once, when it is made or rotated, and only its hash is kept. Whoever knows it reads; so it
//! shows no personal data. Each reading goes by the rights of the moment: a user who is disabled or an organization that has
//! ended has no feed, and an invitation that was taken away is gone. Unknown, rotated, removed and malformed addresses are
//! one and the same 404.

pub mod feed;
pub mod ics;
pub mod meetings;
pub mod model;
pub mod policy;
pub mod queries;
pub mod routes;
pub mod secret;
