//! 日常信息交流 (三(三)): what one side of the liaison sends to the other, both ways: `draft` → `sent`, and `withdrawn` where it
//! was a mistake.
//!
//! A department writes to the parties that liaise with it, a party to its departments, unless it names others; 市委统战部
//! names whom it writes to. Whoever stands outside the assignment is marked as such, never refused. Each recipient
//! acknowledges (签收), and who has not is visible. 市委统战部 writes for an organization that
//! nobody can act for (代录). A draft is its author's alone; what was sent is seen by the sender, its
//! recipients and 市委统战部, is never edited, and can be withdrawn by the sender, which shows.

pub mod found;
pub mod model;
pub mod policy;
pub mod queries;
pub mod recipients;
pub mod routes;
pub mod states;
pub mod steps;
mod table;
