//! 账号: who can log in, and as what.
//!
//! 系统管理员 makes, disables and enables accounts and hands out one-time passwords; what an account may do comes from
//! a second person, 安全管理员, who gives it its role and organization and unlocks it (三员分立). Nobody does so to their
//! own account, and at least one working account of each of the three administrators stays. Accounts are never deleted.

mod changing;
pub mod model;
pub mod queries;
pub mod routes;
