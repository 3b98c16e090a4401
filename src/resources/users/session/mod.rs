//! 登录与本人: log-in, tokens and oneself.
//!
//! A session begins with a log-in and is a family of refresh tokens, each good for one use; its access tokens carry what
//! the account may do. It ends by log-out, by expiry, when a used refresh token turns up again, and with every change
//! of the account's rights or password. Log-in and refreshing are public; the rest is for every account that is
//! logged in, with or without a role.

mod attempts;
pub mod model;
pub mod queries;
pub mod routes;
