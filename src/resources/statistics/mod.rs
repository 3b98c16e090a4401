//! 统计: who fulfils the scheme and who does not, for any period, as of any day (三(四)1, 三(四)3, 三(四)4). The figures are
//! those of `figures`; here is who sees which, and in what shape.
//!
//! Every figure names its definition and clause, and links to the records behind it: that list is as long as the figure. A
//! department sees its own rows, a party its own, both with the city's totals; the two offices see all.

pub mod model;
pub mod routes;
pub mod scope;
pub mod table;
