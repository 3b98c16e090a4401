//! 对口联系分工: who liaises with whom, as one list and as a matrix.
//!
//! Read only: pairs come with schemes. Shown is what is in force today; `as_of` asks for another day. After a reform the
//! successor of an ended department acts for it (`acting_department`).

pub mod matrix;
pub mod model;
pub mod routes;
