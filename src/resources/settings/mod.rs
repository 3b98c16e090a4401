//! 设置: how long each step may take, and what is asked for at all. The notice gives no day counts, so every default is practice
//! (实践惯例), and 市委统战部 can set another. What runs already keeps the term that it began with.

pub mod model;
pub mod queries;
pub mod routes;
pub mod switching;
