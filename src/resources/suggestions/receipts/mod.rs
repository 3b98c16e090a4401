//! 反馈回执（征询意见表）: a party's signed evaluation of a reply, on two axes, once a round, by that party alone. Departments
//! see nothing of one before it is recorded; who sees the suggestion sees it then. Silence is no receipt, and never counts as
//! satisfied.

pub mod model;
pub mod queries;
pub mod record;
pub mod routes;
