//! Patterns for `LIKE`, on texts as they are compared (`text_key`).

use crate::text::fold;
use diesel::define_sql_function;
use diesel::sql_types::Text;

define_sql_function! {
    /// What two texts that look the same have in common; [`fold::key`] in SQL.
    fn text_key(value: Text) -> Text;
}

/// Match the keys of what contains these very words, as they were typed and in simplified characters: the percent sign, the
/// underscore and the backslash stand for themselves.
pub fn containing(words: &str) -> [String; 2] {
    [fold::key(words), fold::folded(words)].map(|words| {
        let literal = words
            .replace('\\', "\\\\")
            .replace('%', "\\%")
            .replace('_', "\\_");
        format!("%{literal}%")
    })
}
