//! 相关制度 (三(二)): what a department has laid down for its liaison. Recorded by the department, or 市委统战部 for it; a rule
//! that no longer holds gets a last day and stays on record.

pub mod model;
pub mod policy;
pub mod queries;
pub mod routes;
