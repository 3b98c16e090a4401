//! 文号: the number of an official document, such as 韶府办发函〔2020〕20号 (党政机关公文格式 GB/T 9704-2012 §7.2.5).

use super::model::DocumentNumber;

/// The parts of a number: agency, year in hexagonal brackets, serial without leading zeros. Other brackets that
/// keyboards offer are taken for the hexagonal ones.
pub fn parse(text: &str) -> Option<DocumentNumber> {
    let text: String = text
        .trim()
        .chars()
        .map(|c| match c {
            '[' | '［' | '(' | '（' | '【' => '〔',
            ']' | '］' | ')' | '）' | '】' => '〕',
            other => other,
        })
        .collect();
    let (agency, rest) = text.split_once('〔')?;
    let (year, rest) = rest.split_once('〕')?;
    let serial = rest.strip_suffix('号')?;
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_agency = !agency.is_empty()
        && agency.chars().count() <= 30
        && !agency
            .chars()
            .any(|c| c.is_whitespace() || c == '〔' || c == '〕');
    if !is_agency || year.len() != 4 || !is_digits(year) || !is_digits(serial) || serial.starts_with('0') {
        return None;
    }
    Some(DocumentNumber {
        agency: agency.to_owned(),
        year: year.parse().ok()?,
        serial: serial.parse().ok()?,
        text: text.clone(),
    })
}
