//! 问题反映 (印发通知: “执行过程中遇到的问题,请径向市委统战部反映”): a department or party puts a difficulty to 市委统战部,
//! which answers and closes it: `raised` → `answered` → `closed`.
//!
//! Seen by who raised it, or acts for who did, and by 市委统战部 alone: for all others it does not exist. 市委统战部
//! records one for an organization that nobody can act for (代录).

pub mod model;
pub mod policy;
pub mod queries;
pub mod routes;
pub mod states;
pub mod steps;
