//! Is it alive, is it ready, what does it measure, what does it offer: for operators and tools, without a token.

pub mod routes;
