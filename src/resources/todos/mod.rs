//! 待办: what waits for the caller's organization, and for those that it acts for. Rows are opened and closed by the steps
//! of other resources (`workflow::todos`); here they are read. Administrators act for no organization, and nothing waits.

pub mod model;
pub mod queries;
pub mod routes;
