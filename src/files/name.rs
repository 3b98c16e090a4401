//! Names of files: kept exactly as they came, refused where they could be read as something else.

use crate::text;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Characters that a name may have; also the limit of `attachments_file_name`.
pub const MAX_CHARACTERS: usize = 200;

/// What is wrong with a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameFault {
    Missing,
    TooLong,
    /// `/` or `\`: a place, not a name.
    Path,
    /// `.`, `..`, or spaces and what is invisible at an end, which systems drop in silence.
    Reserved,
    /// Control characters, line breaks included, and bidirectional overrides.
    ForbiddenCharacter,
}

/// # Errors
/// The first fault.
pub fn check(name: &str) -> Result<(), NameFault> {
    if text::is_blank(name) && text::fault_of(name).is_none() {
        return Err(NameFault::Missing);
    }
    if name.chars().count() > MAX_CHARACTERS {
        return Err(NameFault::TooLong);
    }
    if name.contains(['/', '\\']) || is_drive(name) {
        return Err(NameFault::Path);
    }
    if text::fault_of(name).is_some() || name.chars().any(char::is_control) {
        return Err(NameFault::ForbiddenCharacter);
    }
    if matches!(name, "." | "..") || name.trim_matches(text::shows_nothing) != name {
        return Err(NameFault::Reserved);
    }
    Ok(())
}

/// `C:文件.pdf` names a place on a drive even without a separator.
fn is_drive(name: &str) -> bool {
    let bytes = name.as_bytes();
    bytes.len() > 2 && bytes[0].is_ascii_alphabetic() && bytes[1] == b':'
}

/// `Content-Disposition` of a download: the name in UTF-8 (RFC 8187), and for clients that cannot read it one of plain ASCII
/// (RFC 6266 appendix D: no backslash, quote or percent sign).
pub fn disposition(name: &str) -> String {
    /// RFC 8187 §3.2.1: what may stand as it is.
    const ATTR: &AsciiSet = &NON_ALPHANUMERIC
        .remove(b'!')
        .remove(b'#')
        .remove(b'$')
        .remove(b'&')
        .remove(b'+')
        .remove(b'-')
        .remove(b'.')
        .remove(b'^')
        .remove(b'_')
        .remove(b'`')
        .remove(b'|')
        .remove(b'~');
    let plain: String = name
        .chars()
        .map(|c| match c {
            '"' | '\\' | '%' => '_',
            c if c.is_ascii_graphic() || c == ' ' => c,
            _ => '_',
        })
        .collect();
    let extended = utf8_percent_encode(name, ATTR);
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{extended}")
}
