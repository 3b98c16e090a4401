//! What every route shares.

pub mod accept;
pub mod call;
pub mod catalogue;
pub mod contract;
pub mod cost;
pub mod etag;
pub mod extract;
pub mod idempotency;
pub mod language;
pub mod limits;
pub mod metrics;
pub mod multipart;
pub mod negotiate;
pub mod observe;
pub mod openapi;
pub mod page;
pub mod problem;
pub mod query;
pub mod ranges;
pub mod references;
pub mod request;
pub mod schema;
pub mod shape;
pub mod text;
