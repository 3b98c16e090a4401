//! 文号: the number of an official document, such as 韶府办发函〔2020〕20号 (党政机关公文格式 GB/T 9704-2012 §7.2.5).

use super::fold;

/// 文号, such as 韶府办发函〔2020〕20号.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentNumber {
    pub text: String,
    /// 机关代字: 韶府办发函
    pub agency: String,
    pub year: i32,
    pub serial: i32,
}

/// The parts of a number: agency, year in hexagonal brackets, serial without leading zeros. Other brackets that
/// keyboards offer are taken for the hexagonal ones, wide digits for digits; white space and what is invisible goes.
pub fn parse(text: &str) -> Option<DocumentNumber> {
    let bare: String = fold::bare(text)
        .chars()
        .map(|c| match fold::radical(c) {
            '[' | '(' | '【' | '〖' | '〘' | '〚' | '❲' | '⟦' => '〔',
            ']' | ')' | '】' | '〗' | '〙' | '〛' | '❳' | '⟧' => '〕',
            other => other,
        })
        .collect();
    let (agency, rest) = bare.split_once('〔')?;
    let (year, rest) = rest.split_once('〕')?;
    let serial = rest.strip_suffix('号')?;
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_agency = !agency.is_empty()
        && agency.chars().count() <= 30
        && !agency.contains(|c: char| c.is_control() || c == '〕');
    if !is_agency || year.len() != 4 || !is_digits(year) || !is_digits(serial) || serial.starts_with('0') {
        return None;
    }
    Some(DocumentNumber {
        agency: agency.to_owned(),
        year: year.parse().ok()?,
        serial: serial.parse().ok()?,
        text: bare.clone(),
    })
}
