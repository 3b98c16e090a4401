//! What things that live by rules and time share: state machines, to-dos and deadlines, working days.

pub mod calendar;
pub mod corrections;
pub mod deadlines;
pub mod machine;
pub mod notices;
pub mod step;
pub mod subjects;
pub mod switches;
pub mod terms;
pub mod timing;
pub mod todos;

pub use calendar::{Calendar, Term, Unit};
pub use switches::SwitchKey;
pub use terms::TermKey;
pub use timing::Timing;
