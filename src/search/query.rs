//! What a reader asks for: words that all have to stand in a record, in any order.

use super::units::Units;
use std::fmt::Write;

/// The words of a search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words(Vec<Word>);

/// One word: its units in a row, with nothing between.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    pub units: Vec<String>,
    /// The unit itself where it is one; else every two neighbours.
    lexemes: Vec<String>,
}

impl Words {
    /// Whatever somebody typed: nothing in it is an operator. Without letters and digits there are no words, and no hits.
    pub fn of(typed: &str) -> Self {
        let mut words: Vec<Word> = Vec::new();
        for part in typed.split_whitespace() {
            Self::add(&mut words, &Units::of(part));
        }
        Self(words)
    }

    /// Adds the words of what was typed between two spaces.
    fn add(words: &mut Vec<Word>, units: &Units) {
        let mut start = 0;
        while start < units.len() {
            let mut end = start + 1;
            while end < units.len() && !units.is_apart(end) {
                end += 1;
            }
            let lexemes = match end - start {
                1 => vec![units.single(start).to_owned()],
                _ => (start..end - 1)
                    .filter_map(|at| units.pair(at))
                    .map(str::to_owned)
                    .collect(),
            };
            let word = Word {
                units: (start..end).map(|at| units.single(at).to_owned()).collect(),
                lexemes,
            };
            if !words.contains(&word) {
                words.push(word);
            }
            start = end;
        }
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = &Word> {
        self.0.iter()
    }

    /// As a `tsquery` that the index answers alone: all lexemes, wherever they stand.
    pub fn lexemes(&self) -> String {
        self.written(" & ", "")
    }

    /// As a `tsquery` that looks at positions too. None where no word is longer than a pair: then it says nothing more.
    pub fn in_order(&self) -> Option<String> {
        let longer = self.0.iter().any(|word| word.lexemes.len() > 1);
        longer.then(|| self.written(" <-> ", ""))
    }

    /// The exact one, whichever it is.
    pub fn exact(&self) -> String {
        self.written(" <-> ", "")
    }

    /// The exact one within what the author wrote: weights A and B.
    pub fn exact_of_author(&self) -> String {
        self.written(" <-> ", ":AB")
    }

    /// Lexemes are letters and digits alone, so that the quotes hold.
    fn written(&self, between: &str, weights: &str) -> String {
        let mut text = String::new();
        for word in &self.0 {
            if !text.is_empty() {
                text.push_str(" & ");
            }
            for (index, lexeme) in word.lexemes.iter().enumerate() {
                let before = if index == 0 { "(" } else { between };
                let _ = write!(text, "{before}'{lexeme}'{weights}");
            }
            text.push(')');
        }
        text
    }

    /// Whether all words stand in one of these texts or another: the same answer as the index gives.
    pub fn stand_in<'t>(&self, texts: impl IntoIterator<Item = &'t str>) -> bool {
        let texts: Vec<Units> = texts.into_iter().map(Units::of).collect();
        !self.is_empty()
            && self
                .0
                .iter()
                .all(|word| texts.iter().any(|text| word.first_in(text, 0).is_some()))
    }
}

impl Word {
    /// Where it stands first in a text, from a unit on.
    pub fn first_in(&self, text: &Units, from: usize) -> Option<usize> {
        let last = text.len().checked_sub(self.units.len())?;
        (from..=last).find(|start| {
            self.units.iter().enumerate().all(|(offset, unit)| {
                let at = start + offset;
                text.single(at) == unit && (offset == 0 || !text.is_apart(at))
            })
        })
    }
}
