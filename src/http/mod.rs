//! What every route shares.

pub mod accept;
pub mod call;
pub mod catalogue;
pub mod clients;
pub mod contract;
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
pub mod ranges;
pub mod request;
pub mod text;
