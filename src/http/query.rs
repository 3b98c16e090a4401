//! What stands behind `?`, and in a path, as text: percent-encoded UTF-8 (RFC 3986 §2.5), and nothing else.

use crate::problem::{Code, Problem, Result};
use percent_encoding::percent_decode_str;

/// Names and values in their order, as forms write them: `+` is a blank (WHATWG URL §5.1).
///
/// # Errors
/// 400 for what is not percent-encoded UTF-8.
pub fn pairs(query: &str) -> Result<Vec<(String, String)>> {
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Ok((part(name)?, part(value)?))
        })
        .collect()
}

fn part(text: &str) -> Result<String> {
    decoded(&text.replace('+', " "))
}

/// # Errors
/// The same.
pub fn decoded(text: &str) -> Result<String> {
    if !is_encoded(text.as_bytes()) {
        return Err(Problem::new(Code::BadRequest).detail(
            "地址中的百分号编码有误：% 之后须为两位十六进制数。",
            "The address is not percent-encoded: two hexadecimal digits follow a %.",
        ));
    }
    let decoded = percent_decode_str(text).decode_utf8();
    decoded.map(std::borrow::Cow::into_owned).map_err(|error| {
        Problem::new(Code::BadRequest)
            .detail(
                "地址不是 UTF-8 编码（例如使用了 GBK）：请以 UTF-8 作百分号编码。",
                "The address is not in UTF-8 (but in GBK, for example): percent-encode it as UTF-8.",
            )
            .source(error)
    })
}

fn is_encoded(text: &[u8]) -> bool {
    let mut percents = text.iter().enumerate().filter(|(_, byte)| **byte == b'%');
    percents.all(|(at, _)| {
        let digits = text.get(at + 1..at + 3);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    })
}
