//! All that the load takes of the service, in one place.

pub use liaison::clock::shanghai_day;
pub use liaison::db::Db;
pub use liaison::db::connect::Purpose;
pub use liaison::db::schema::{installation, suggestions, users};
pub use liaison::directory::model::{Kind, Organization};
pub use liaison::directory::{self, Directory};
pub use liaison::problem::Code;
pub use liaison::problem::{Problem, Result};
pub use liaison::search::{Vector, Weight};
pub use liaison::workflow::calendar::{Term, Unit};
pub use liaison::workflow::{Timing, timing};
