//! 意见建议 (三(四)4: “对提出的意见建议要认真办理,及时反馈,并报市委统战部备案”): what a party raises with a department.
//! `draft` → `submitted` → `accepted` → `replied` → `concluded`, with returns, reassignment, withdrawal and a second round.
//!
//! A draft is its party's, and that of the joint parties which were asked to sign. What is submitted is seen by those whom it
//! concerns: its parties, the departments that lead or join in the handling, and the two offices; a former lead reads up
//! to its reassignment; for all others it does not exist. Parties see that a joint opinion was given, not what it says.

pub mod commitments;
pub mod counts;
pub mod found;
pub mod input;
pub mod list;
pub mod model;
pub mod order;
pub mod parts;
pub mod policy;
pub mod queries;
pub mod receipts;
pub mod routes;
pub mod states;
pub mod step_routes;
pub mod steps;
pub mod timeline;
pub mod view;
pub mod watch;
pub mod writes;
