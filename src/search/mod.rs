//! Chinese full text: what a text is found by, what a reader asks for, what is shown of a hit, and where it is kept.
//!
//! Chinese has no spaces, and a dictionary cuts words where its author would, not where the reader does (docs/decisions.md
//! has the figures). So every character is a unit, as is every Latin word or number, and every two neighbours are a
//! lexeme: whichever word of two characters stands in a text, it is found, and a longer one is its pairs in a row.

pub mod documents;
pub mod folding;
pub mod highlight;
pub mod query;
pub mod units;
pub mod vector;

pub use highlight::{Highlight, Piece};
pub use query::Words;
pub use vector::{Vector, Weight};
