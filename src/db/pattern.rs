//! Patterns for `LIKE`.

/// Matches what contains these very words: the percent sign, the underscore and the backslash stand for themselves.
pub fn containing(words: &str) -> String {
    let literal = words
        .replace('\\', "\\\\")
        .replace('%', "\\%")
        .replace('_', "\\_");
    format!("%{literal}%")
}
