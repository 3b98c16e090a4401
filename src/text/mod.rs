//! Text, as one place: what shows nothing, what is refused, how each field is written, and when two texts are the same.
//! Bodies, queries, forms, imports and the command line ask here; `text_key` of the database is [`fold::key`] in SQL.
//!
//! - **Blank** is what shows nothing: white space (`White_Space`), default-ignorable code points
//!   (`Default_Ignorable_Code_Point` of Unicode: zero-width spaces, joiners, fillers, soft hyphens, variation selectors, tags),
//!   noncharacters, and the few characters beside them that are drawn empty, such as U+2800.
//! - **Refused** everywhere are control characters but line breaks and tabs, and bidirectional embeddings, overrides and
//!   isolates, which make a text read as another.
//! - **How a field is written** is its [`Form`]: names, titles and numbers have one line, no blanks around them and nothing
//!   invisible in them; texts keep their lines, and with them joiners and variation selectors of emoji and rare characters.
//! - **The same** ([`fold::key`]) is what looks the same: NFKC, lower case, radicals as characters, no white space.
//!   **Found** ([`fold::folded`]) is moreover what was written in traditional characters.
//!
//! What is stored is otherwise exactly what was sent: no character is put in the place of another.

pub mod document_number;
pub mod fold;
pub mod form;
pub mod phone;

pub use form::Form;

use crate::language::Text;
use std::borrow::Cow;

/// What is wrong with a text: a code, and words for a person.
pub type Wrong = (&'static str, Text);

/// Whether a character is neither seen nor takes room: default-ignorable code points, noncharacters, interlinear marks.
pub fn is_invisible(c: char) -> bool {
    let code = u32::from(c);
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}' | '\u{fdd0}'..='\u{fdef}')
        || code & 0xfffe == 0xfffe
}

/// Whether a character shows nothing, though it may take room.
pub fn shows_nothing(c: char) -> bool {
    // Drawn empty without being white space: Braille without dots, fillers and blanks of Khitan, music and hieroglyphs.
    let empty = matches!(
        c,
        '\u{2800}' | '\u{16fe4}' | '\u{1d159}' | '\u{13441}' | '\u{13442}'
    );
    c.is_whitespace() || c.is_control() || is_invisible(c) || empty
}

/// Whether a text shows nothing. What is not said is left out or null.
pub fn is_blank(text: &str) -> bool {
    text.chars().all(shows_nothing)
}

/// Chooses the ideograph or emoji that stands before it: U+FE00–FE0F and the ideographic variation sequences.
fn is_variation_selector(c: char) -> bool {
    matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

/// Bidirectional embeddings, overrides and isolates.
fn turns_direction(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn breaks_line(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{2028}' | '\u{2029}')
}

/// Whether no field takes a character, however it is written.
pub fn is_forbidden(c: char) -> bool {
    c.is_control() && !matches!(c, '\n' | '\r' | '\t') || turns_direction(c)
}

/// The fault of a text with a character that no field takes.
pub fn fault_of(text: &str) -> Option<Wrong> {
    text.chars().find(|c| is_forbidden(*c)).map(forbidden)
}

fn forbidden(c: char) -> Wrong {
    let name = format!("U+{:04X}", u32::from(c));
    let detail = Text::new(
        format!("含有不允许的字符 {name}。"),
        format!("Holds a character that is not allowed: {name}."),
    );
    ("forbidden_character", detail)
}

/// Of one line: without blanks around it or anything invisible in it. A variation selector stays behind the character that it
/// is for; a tab is a space.
///
/// # Errors
/// `line_break`.
fn line(text: &str) -> Result<Cow<'_, str>, Wrong> {
    let ends = |c: char| shows_nothing(c) && !is_variation_selector(c);
    let text = text.trim_start_matches(shows_nothing).trim_end_matches(ends);
    if text.chars().any(breaks_line) {
        let detail = Text::fixed("须为一行，中间不能换行。", "One line: no line breaks in it.");
        return Err(("line_break", detail));
    }
    if !text.chars().any(|c| c == '\t' || is_invisible(c)) {
        return Ok(Cow::Borrowed(text));
    }
    let mut kept = String::with_capacity(text.len());
    let mut before = ' ';
    for c in text.chars() {
        match c {
            '\t' => kept.push(' '),
            c if is_variation_selector(c) && !shows_nothing(before) => kept.push(c),
            c if is_invisible(c) => {}
            c => kept.push(c),
        }
        before = c;
    }
    kept.truncate(kept.trim_end_matches(ends).len());
    Ok(Cow::Owned(kept))
}
