//! 纪要: text or summary, decisions, and what is to be done by whom until when. Written by the hosts until the meeting is
//! concluded, which takes it; theirs alone until then, and for all who see the meeting from then on.

pub mod model;
pub mod routes;
pub mod steps;
