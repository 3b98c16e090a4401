//! 账号: who can log in, and as what.
//!
//! 系统管理员 makes, disables and enables accounts and hands out one-time passwords; what an account may do comes from
//! a second person, 安全管理员, who gives it its role and organization and unlocks it (三员分立). With the role of an
//! administrator it gets another password: the granter hands over one that is good together with the one from before alone, so
//! that neither who made the account nor who grants becomes a second administrator by it. Nobody does so to their own account, and at least one working account of each of the three administrators stays. Accounts are never deleted.

mod changing;
pub mod expiry;
pub mod model;
pub mod queries;
pub mod routes;
pub mod session;
