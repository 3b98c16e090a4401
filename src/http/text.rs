//! Text that no field takes: characters that break PostgreSQL, terminals or the reading order, and blanks.

use super::language::Text;
use super::problem::{Fault, Place};
use serde_json::Value;

/// The fault of one text, where it has one. Line breaks and tabs are text; other control characters and the
/// bidirectional overrides (U+202A–E, U+2066–9), which can make a text read as another, are not.
pub fn fault_of(text: &str) -> Option<(&'static str, Text)> {
    text.chars()
        .find(|c| {
            c.is_control() && !matches!(c, '\n' | '\r' | '\t')
                || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        })
        .map(|c| {
            let name = format!("U+{:04X}", c as u32);
            (
                "forbidden_character",
                Text::new(
                    format!("含有不允许的字符 {name}。"),
                    format!("Holds a character that is not allowed: {name}."),
                ),
            )
        })
}

/// Collects the faults of every text in a body, keys included. A text that is there is not blank: what is not said is
/// left out or null.
pub fn check(value: &Value, path: &mut String, faults: &mut Vec<Fault>) {
    match value {
        Value::String(text) => {
            let blank = || {
                text.trim()
                    .is_empty()
                    .then_some(("blank", Text::fixed("不能为空白。", "Must not be blank.")))
            };
            if let Some((code, detail)) = fault_of(text).or_else(blank) {
                faults.push(Fault {
                    place: Place::Pointer(path.clone()),
                    code,
                    detail,
                });
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                within(path, &index.to_string(), item, faults);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                within(path, &name.replace('~', "~0").replace('/', "~1"), member, faults);
            }
        }
        _ => {}
    }
}

fn within(path: &mut String, segment: &str, value: &Value, faults: &mut Vec<Fault>) {
    let length = path.len();
    path.push('/');
    path.push_str(segment);
    check(value, path, faults);
    path.truncate(length);
}
