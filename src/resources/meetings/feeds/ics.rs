//! iCalendar as it is written (RFC 5545 §3): properties, escaped and folded. The crate `icalendar` writes no time zone without
//! its parser, escapes no calendar's name, lets a quotation mark break a parameter and searches each fold from the beginning
//! of its line, so that these few lines are ours; tests read them with another's parser.

use std::fmt::Display;

/// Octets that a line may have without its end.
const LINE: usize = 75;

/// A text in the making.
#[derive(Default)]
pub struct Writer(String);

impl Writer {
    /// A property whose value is not text: a name, a number, an instant, a URI.
    pub fn raw(&mut self, name: &str, value: impl Display) -> &mut Self {
        self.line(&format!("{name}:{value}"))
    }

    /// A property whose value is text, of any characters and lines.
    pub fn text(&mut self, name: &str, text: &str) -> &mut Self {
        self.line(&format!("{name}:{}", escaped(text)))
    }

    fn line(&mut self, line: &str) -> &mut Self {
        let (mut rest, mut room) = (line, LINE);
        while rest.len() > room {
            // At most three octets back: a character has four.
            let cut = (1..=room)
                .rev()
                .find(|index| rest.is_char_boundary(*index))
                .unwrap_or(rest.len());
            self.0.push_str(&rest[..cut]);
            self.0.push_str("\r\n ");
            rest = &rest[cut..];
            // The blank that a continued line begins with counts.
            room = LINE - 1;
        }
        self.0.push_str(rest);
        self.0.push_str("\r\n");
        self
    }

    pub fn finish(self) -> String {
        self.0
    }
}

/// As a value of type TEXT (§3.3.11): one line, whatever it is.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.replace("\r\n", "\n").chars() {
        match character {
            '\\' => out.push_str("\\\\"),
            ';' => out.push_str("\\;"),
            ',' => out.push_str("\\,"),
            '\n' | '\r' => out.push_str("\\n"),
            // Other control characters have no place in a calendar.
            control if control.is_control() && control != '\t' => {}
            other => out.push(other),
        }
    }
    out
}

/// As a parameter's value (§3.2), in quotation marks, which it cannot hold itself (RFC 6868 writes them otherwise).
pub fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("^'"),
            '^' => out.push_str("^^"),
            '\n' => out.push_str("^n"),
            control if control.is_control() => {}
            other => out.push(other),
        }
    }
    out.push('"');
    out
}
