//! Patterns for what lists find, on texts as they are compared (`text_key`).

use crate::text::fold;
use diesel::dsl::AsExprOf;
use diesel::sql_types::{Bool, Text};
use diesel::{Expression, IntoSql, define_sql_function};

define_sql_function! {
    /// What two texts that look the same have in common; [`fold::key`] in SQL.
    fn text_key(value: Text) -> Text;
}

diesel::infix_operator!(Matches, " ~ ", Bool, backend: diesel::pg::Pg);

/// Whether a text's key matches a pattern of [`containing`].
pub fn matches<T: Expression<SqlType = Text>>(key: T, pattern: &str) -> Matches<T, AsExprOf<String, Text>> {
    Matches::new(key, pattern.to_owned().into_sql::<Text>())
}

/// A regular expression for the keys of what contains these very words, in traditional characters or in simplified ones,
/// whichever were typed and whichever were written. Signs stand for themselves.
pub fn containing(words: &str) -> String {
    let mut pattern = String::new();
    for c in fold::key(words).chars() {
        match fold::alike(c) {
            [] | [_] if c.is_ascii() && !c.is_ascii_alphanumeric() => pattern.extend(['\\', c]),
            [] | [_] => pattern.push(c),
            several => {
                pattern.push('[');
                pattern.extend(several);
                pattern.push(']');
            }
        }
    }
    pattern
}
