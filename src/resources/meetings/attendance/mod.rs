//! 到会情况: who came, by organization and person, as the hosts record it once a meeting is held, until it is concluded. A party
//! may dispute what is recorded of it within some working days, once; 市委统战部 decides, and its decision holds.

pub mod model;
pub mod routes;
pub mod steps;
