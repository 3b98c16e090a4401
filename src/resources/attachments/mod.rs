//! 附件: files that hang on a record of another resource, its carrier.
//!
//! A correction is a new version, which supersedes the one before; nothing is overwritten. Whoever may read the carrier reads
//! what hangs on it, whoever may attach to it uploads; to all others an attachment does not exist. Who attached it replaces it,
//! and removes it while the carrier is its author's draft: what was submitted, sent, signed or concluded keeps its papers, and
//! the database refuses to let go of one (`Rights::kept`). What was removed stays in the audit log, its bytes for some days
//! more (`files::sweep`). 涉密 matter is not handled here: each upload says that it holds none.

pub mod carriers;
pub mod content;
pub mod model;
pub mod queries;
pub mod routes;
