//! The calendar at scale.

mod corrections;
