//! What is shown of a hit: pieces of its texts, each marked as found or not. Pieces instead of markers or offsets: no text
//! can forge a marker, none is taken for HTML, and nobody has to count characters as the server does.

use super::query::Words;
use super::units::Units;
use serde::Serialize;
use std::ops::Range;
use utoipa::ToSchema;

/// Characters of an excerpt, about; and of them before the first hit.
const LENGTH: usize = 120;
const BEFORE: usize = 24;

/// A text in which words were found: whole where it is short, else around the first hit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Highlight {
    /// The name of the text, as in the record.
    #[schema(example = "title", max_length = 64)]
    pub field: String,
    /// To be shown one behind the other.
    #[schema(max_items = 200)]
    pub pieces: Vec<Piece>,
}

/// A piece of a text. Plain text, never HTML.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = HighlightPiece)]
pub struct Piece {
    #[schema(example = "骑楼", max_length = 1_000)]
    pub text: String,
    /// Whether it is one of the words that were asked for.
    pub hit: bool,
}

/// The text with its hits; none where there is no hit in it.
pub fn highlight(field: &str, text: &str, words: &Words) -> Option<Highlight> {
    let hits = hits(text, words);
    let first = hits.first()?.start;
    let window = window(text, first);
    let mut pieces = Vec::new();
    let mut piece = |range: Range<usize>, hit: bool| {
        if !range.is_empty() {
            pieces.push(Piece {
                text: text[range].to_owned(),
                hit,
            });
        }
    };
    let mut at = window.start;
    for hit in hits {
        if hit.start >= window.end {
            break;
        }
        piece(at..hit.start, false);
        at = hit.end.min(window.end);
        piece(hit.start..at, true);
    }
    piece(at..window.end, false);
    let ellipsis = || Piece {
        text: "…".to_owned(),
        hit: false,
    };
    if window.start > 0 {
        pieces.insert(0, ellipsis());
    }
    if window.end < text.len() {
        pieces.push(ellipsis());
    }
    Some(Highlight {
        field: field.to_owned(),
        pieces,
    })
}

/// Where words stand, in bytes, in order and without overlaps.
fn hits(text: &str, words: &Words) -> Vec<Range<usize>> {
    let units = Units::of(text);
    let mut found: Vec<Range<usize>> = Vec::new();
    for word in words.iter() {
        let mut from = 0;
        while let Some(start) = word.first_in(&units, from) {
            found.push(units.source(start..start + word.units.len()));
            from = start + word.units.len();
        }
    }
    found.sort_by_key(|hit| (hit.start, hit.end));
    let mut merged: Vec<Range<usize>> = Vec::with_capacity(found.len());
    for hit in found {
        match merged.last_mut() {
            Some(last) if hit.start < last.end => last.end = last.end.max(hit.end),
            _ => merged.push(hit),
        }
    }
    merged
}

/// The part of the text that is shown: all where it is short.
fn window(text: &str, first: usize) -> Range<usize> {
    let back = text[..first].char_indices().rev().nth(BEFORE - 1);
    let start = back.map_or(0, |(at, _)| at);
    let end = |from: usize| {
        let ahead = text[from..].char_indices().nth(LENGTH);
        ahead.map_or(text.len(), |(at, _)| from + at)
    };
    if end(0) == text.len() {
        return 0..text.len();
    }
    start..end(start)
}
