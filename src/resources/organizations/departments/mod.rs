//! 市政府有关部门: the departments that owe liaison.
//!
//! A department is never deleted. In a reform (机构改革) it is renamed, merged into another or abolished; its history
//! keeps the old names, and a successor acts on everything that is open from that day. All roles read; 市委统战部 writes.

pub mod model;
pub mod queries;
pub mod routes;
