//! 统计: every figure has its definition, its clause and its computation here, and nowhere else. `GET statistics/*`, the
//! annual summary and the facts of work reports all ask this module.
//!
//! A figure is a count of records (its numerator), of several where it is a share (its denominator): whatever is counted
//! can be listed, and the list is as long as the figure. What is small by nature (activities, plans, reports, leaders) is
//! read whole and counted in memory as `Fact`s; what grows without end (suggestions, commitments) is kept counted
//! (`suggestions`, the baseline migration).

pub mod activities;
pub mod behind;
pub mod catalogue;
pub mod compute;
pub mod counting;
pub mod facts;
pub mod leaders;
pub mod period;
pub mod records;
pub mod reporting;
pub mod suggestions;
pub mod tallies;

pub use catalogue::{Figure, Group};
pub use compute::{Gathered, Narrow, Report, Value, Values, gather};
pub use facts::{Fact, Record, RecordType, Scene};
pub use period::Period;
