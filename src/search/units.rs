//! A text as units: characters of Chinese, words and numbers of everything else, in one form each (`crate::text::fold`: NFKC, lower
//! case, radicals and traditional characters folded).

use crate::text::{fold, is_invisible};
use std::ops::Range;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Characters of a word or number that are looked at; what is longer is no word but data.
const LONGEST: usize = 64;

/// The units of one text.
#[derive(Debug, Default)]
pub struct Units {
    /// All of them, one behind the other, in the form that is compared.
    folded: String,
    units: Vec<Unit>,
}

#[derive(Debug)]
struct Unit {
    folded: Range<usize>,
    source: Range<usize>,
    /// Whether anything stands between it and the one before, such as a comma, or a space between words. A space or line
    /// break between two characters of Chinese is none: lines break wherever they are full.
    apart: bool,
}

impl Units {
    pub fn of(text: &str) -> Self {
        let mut units = Self::default();
        let mut apart = true;
        // Nothing but white space since a character that stands alone.
        let mut spaced = false;
        let mut word = 0;
        let mut cluster = String::new();
        let mut rest = text.char_indices().peekable();
        while let Some((start, first)) = rest.next() {
            // A character and its marks are put into one form together.
            cluster.clear();
            cluster.push(first);
            while let Some((_, mark)) = rest.next_if(|(_, next)| is_combining_mark(*next)) {
                cluster.push(mark);
            }
            let source = start..rest.peek().map_or(text.len(), |(next, _)| *next);
            if is_unified(first) && cluster.len() == first.len_utf8() {
                units.push(fold::simplified(first), source, apart);
                (apart, spaced, word) = (false, false, 0);
                continue;
            }
            for one in cluster.nfkc().map(fold::radical).flat_map(char::to_lowercase) {
                if is_invisible(one) {
                    continue;
                }
                if stands_alone(one) {
                    units.push(fold::simplified(one), source.clone(), apart);
                    (apart, spaced, word) = (false, false, 0);
                } else if one.is_alphanumeric() && word > 0 {
                    word += 1;
                    units.lengthen(one, source.end, word);
                } else if one.is_alphanumeric() {
                    units.push(one, source.clone(), apart || spaced);
                    (apart, spaced, word) = (false, false, 1);
                } else if is_combining_mark(one) && word > 0 {
                    units.lengthen(one, source.end, word);
                } else if one.is_whitespace() && word == 0 && !apart {
                    spaced = true;
                } else if !is_combining_mark(one) {
                    (apart, spaced, word) = (true, false, 0);
                }
            }
        }
        units
    }

    fn push(&mut self, one: char, source: Range<usize>, apart: bool) {
        let start = self.folded.len();
        self.folded.push(one);
        self.units.push(Unit {
            folded: start..self.folded.len(),
            source,
            apart,
        });
    }

    fn lengthen(&mut self, one: char, source_end: usize, length: usize) {
        if let Some(last) = self.units.last_mut() {
            last.source.end = source_end;
            if length <= LONGEST {
                self.folded.push(one);
                last.folded.end = self.folded.len();
            }
        }
    }

    pub fn len(&self) -> usize {
        self.units.len()
    }

    pub fn is_empty(&self) -> bool {
        self.units.is_empty()
    }

    /// One unit.
    pub fn single(&self, index: usize) -> &str {
        self.units
            .get(index)
            .map_or("", |unit| &self.folded[unit.folded.clone()])
    }

    /// A unit with the one behind it, where nothing stands between.
    pub fn pair(&self, index: usize) -> Option<&str> {
        let (first, second) = (self.units.get(index)?, self.units.get(index + 1)?);
        (!second.apart).then(|| &self.folded[first.folded.start..second.folded.end])
    }

    /// Whether a unit begins a new run.
    pub fn is_apart(&self, index: usize) -> bool {
        self.units.get(index).is_none_or(|unit| unit.apart)
    }

    /// Where units stand in the text that they were made from, in bytes.
    pub fn source(&self, units: Range<usize>) -> Range<usize> {
        match (self.units.get(units.start), units.end.checked_sub(1)) {
            (Some(first), Some(last)) => {
                let last = self.units.get(last).unwrap_or(first);
                first.source.start..last.source.end
            }
            _ => 0..0,
        }
    }
}

/// Ideographs that are already in the form that is compared: almost all there is.
fn is_unified(one: char) -> bool {
    matches!(one, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}')
}

/// Characters of scripts without spaces: each is a unit. Planes 2 and 3 are ideographs, those yet to be named included.
fn stands_alone(one: char) -> bool {
    is_unified(one)
        || matches!(one,
            '々' | '〇' | '\u{3040}'..='\u{30fa}' | '\u{30fc}'..='\u{30ff}' | '\u{3105}'..='\u{312f}' | '\u{31a0}'..='\u{31bf}'
            | '\u{31f0}'..='\u{31ff}' | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3fffd}')
}
