//! What a record is found by: a `tsvector` of its texts, as PostgreSQL reads it.

use super::units::Units;
use std::fmt::Write;

/// How much a hit in a text counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// Titles and numbers.
    A,
    /// What the author wrote.
    B,
    /// What was answered.
    C,
}

/// Bytes of lexemes and positions of one record: a `tsvector` takes 1 MiB. Some 50,000 characters; what is beyond is not
/// found.
const ROOM: usize = 900_000;

/// PostgreSQL's greatest position. Beyond, positions begin again: neighbours stay neighbours.
const POSITIONS: usize = 16_383;

/// A `tsvector` in the making.
#[derive(Debug, Default)]
pub struct Vector {
    text: String,
    used: usize,
    position: usize,
}

impl Vector {
    /// Adds a text.
    pub fn with(mut self, text: &str, weight: Weight) -> Self {
        let units = Units::of(text);
        // A gap: the end of one text and the beginning of the next are no neighbours.
        self.position += 1;
        for index in 0..units.len() {
            self.position += 1 + usize::from(units.is_apart(index));
            self.lexeme(units.single(index), weight);
            if let Some(pair) = units.pair(index) {
                self.lexeme(pair, weight);
            }
            if self.used > ROOM {
                break;
            }
        }
        self
    }

    /// Adds a text that may not be there.
    pub fn with_some(self, text: Option<&str>, weight: Weight) -> Self {
        match text {
            Some(text) => self.with(text, weight),
            None => self,
        }
    }

    /// Lexemes are letters and digits alone, so that the quotes hold.
    fn lexeme(&mut self, lexeme: &str, weight: Weight) {
        let position = 1 + self.position % POSITIONS;
        let _ = write!(self.text, "'{lexeme}':{position}{weight:?} ");
        self.used += lexeme.len() + 4;
    }

    /// For `::tsvector`.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}
