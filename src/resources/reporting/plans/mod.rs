//! 年度工作计划 (三(四)3: “把开展对口联系工作纳入各部门年度工作计划”): each department's plan for a year, with items that meetings are
//! linked to: `draft` → `submitted` → `acknowledged` or `returned`, put to 市委统战部.
//!
//! Each version is a row and an address of its own. After submission none is changed: `revise` makes the next as a draft, which
//! takes its place when it is submitted; old versions stay readable. An item keeps its id from version to version, and with it
//! its meetings: it is done when one of them is concluded. A draft is there for its author alone: the department, or 市委统战部
//! where it records for a department without an account (代录). Parties see no plans.

pub mod items;
pub mod links;
pub mod model;
pub mod policy;
pub mod queries;
pub mod routes;
pub mod states;
pub mod steps;
pub mod table;
