//! 市委统战部 and 市政府办公室: the two offices that coordinate, and receive copies. There is one of each, for ever.

pub mod model;
pub mod routes;
