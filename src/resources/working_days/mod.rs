//! 工作日: the State Council's arrangement of each year (holidays and make-up working days), and what is counted by it.
//!
//! Everybody reads and counts; 市委统战部 puts a year in its place, or imports several. A correction holds
//! at once, and the runner moves the deadlines that run (`workflow/corrections.rs`). A year that is not loaded is a plain week, provisionally.

pub mod count;
pub mod model;
pub mod queries;
pub mod routes;
