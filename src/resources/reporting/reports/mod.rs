//! 工作情况报送 (三(四)3: “及时将有关对口联系工作情况报送市委统战部汇总,并抄送市政府办公室”): a department's report on a year, a half year
//! or one matter: `draft` → `submitted` → `received` or `returned` by 市委统战部; 市政府办公室 acknowledges its copy beside that.
//!
//! Each version is a row and an address of its own. After submission none is changed, its facts included: `revise` makes the
//! next as a draft, which takes its place when it is submitted; old versions stay readable. A draft is there for its author
//! alone: the department, or 市委统战部 where it records for a department without an account (代录). Parties see no reports.

pub mod facts;
pub mod found;
pub mod links;
pub mod model;
pub mod policy;
pub mod queries;
pub mod routes;
pub mod states;
pub mod steps;
pub mod table;
