//! 邀请: who is invited to a meeting, and what they say. Parties, departments, the two offices, and guests (experts, industry
//! representatives, special supervisors), for whom the hosts answer.
//!
//! Each is `pending` until its organization answers `accepted`, `declined` (with a reason) or `tentative` and names who comes
//! or stands in; it may answer again until the meeting begins, with which what waits for
//! an answer ends (never answered). A postponement makes all pending again. Hosts add invitations
//! also after convening, and take them back before. Invitations share the meeting's version.

pub mod model;
pub mod routes;
pub mod steps;
