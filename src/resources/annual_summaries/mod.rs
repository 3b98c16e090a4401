//! 年度汇总 (三(四)3: “报送市委统战部汇总”): the year compiled by 市委统战部: `draft` → `published`. One a year.
//!
//! The figures are those of `figures`: of a draft as they are at each reading, of a published summary as they were when it was
//! published, with their definitions and with the digest of every record behind them. Nothing of it changes afterwards, the
//! database refuses it; what has changed in the records since then is shown beside it. A draft is there for 市委统战部 alone;
//! what is published is read by all who take part, each with the records behind its own figures.

pub mod compile;
pub mod evidence;
pub mod model;
pub mod policy;
pub mod queries;
pub mod records;
pub mod routes;
pub mod scope;
pub mod states;
pub mod steps;
mod table;
