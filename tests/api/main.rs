//! The one integration-test binary: every test of the package.

mod auth;
mod resources;
mod support;
