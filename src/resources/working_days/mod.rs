//! 工作日: the State Council's arrangement of each year (holidays and make-up working days), and what is counted by it.
//!
//! Everybody reads and counts; 市委统战部 puts a year in its place, or imports several. A correction moves the deadlines that
//! run, in its own transaction, and says why. A year that is not loaded is a plain week, provisionally.

pub mod count;
pub mod model;
pub mod queries;
pub mod routes;
