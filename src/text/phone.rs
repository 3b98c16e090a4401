//! Telephone numbers: one way to write them, and how they are shown to those who need not know them.

use super::fold;
use crate::language::Text;

/// Why a text is no number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Something in it belongs to no number.
    Character,
    /// Two numbers, or a list.
    Several,
    /// Behind another country's prefix than 86.
    Foreign,
    NoArea,
    UnknownArea,
    Length,
}

impl Refusal {
    pub fn words(self) -> Text {
        match self {
            Self::Character => Text::fixed(
                "电话号码中有数字、连字符、括号、空格和分机以外的字符。",
                "There is something in it beside digits, hyphens, brackets, spaces and an extension.",
            ),
            Self::Several => Text::fixed("只能填写一个号码。", "One number only."),
            Self::Foreign => Text::fixed(
                "只接受中国内地的号码（国家代码 86）。",
                "Only numbers of the mainland (country code 86).",
            ),
            Self::NoArea => Text::fixed(
                "固定电话须带区号，如 0751-8880000。",
                "A landline needs its area, such as 0751-8880000.",
            ),
            Self::UnknownArea => Text::fixed("没有这个区号。", "There is no such area."),
            Self::Length => Text::fixed(
                "位数不符：应为 11 位手机号码、带区号的固定电话（如 0751-8880000），或服务号码（如 12345、4008880000）。",
                "Too few or too many digits for a mobile (11), a landline with its area (such as 0751-8880000), or a service \
                 number (such as 12345 or 4008880000).",
            ),
        }
    }
}

/// Written before an extension, the longer ones first.
const EXTENSION: [&str; 8] = ["extension", "分机号", "分机", "ext.", "ext", "转", "x", "#"];

/// The number as it is kept: a mobile or service number as digits, a landline as `0751-8880000`, an extension behind a hyphen.
///
/// # Errors
/// Why it is none of the mainland.
pub fn normalized(text: &str) -> Result<String, Refusal> {
    let text = spaced(text);
    let (number, extension) = split_extension(&text);
    if number.contains(['/', ';', ',', '、', '；', '，']) || number.matches('+').count() > 1 {
        return Err(Refusal::Several);
    }
    let mut number = Digits::of(number)?;
    let abroad = number.strip_country()?;
    let extension = extension.map(extension_of).transpose()?;
    let kept = match extension {
        Some(extension) => number.whole(abroad).and_then(|kept| extended(kept, &extension)),
        None => number
            .with_trailing_extension(abroad)
            .or_else(|| number.whole(abroad)),
    };
    kept.ok_or_else(|| number.refusal())
}

/// In compatibility form, in small letters, with plain spaces.
fn spaced(text: &str) -> String {
    let parts: Vec<String> = text.split(char::is_whitespace).map(fold::key).collect();
    parts.join(" ").trim().to_owned()
}

fn split_extension(text: &str) -> (&str, Option<&str>) {
    let marks = EXTENSION.iter();
    let found = marks.filter_map(|mark| text.split_once(mark)).next();
    match found {
        Some((number, extension)) => (number, Some(extension)),
        None => (text, None),
    }
}

fn extension_of(text: &str) -> Result<String, Refusal> {
    let text = text.trim_matches(|c: char| is_separator(c) || c == ':');
    match text.bytes().all(|byte| byte.is_ascii_digit()) {
        true if (1..=6).contains(&text.len()) => Ok(text.to_owned()),
        true => Err(Refusal::Length),
        false => Err(Refusal::Character),
    }
}

fn is_separator(c: char) -> bool {
    matches!(
        c,
        ' ' | '-' | '(' | ')' | '.' | '[' | ']' | '\u{2010}'..='\u{2015}' | '\u{2212}' | 'ー' | '一'
    )
}

/// The digits of a number, and where something stood between them.
struct Digits {
    digits: String,
    gaps: Vec<usize>,
    plus: bool,
}

impl Digits {
    fn of(text: &str) -> Result<Self, Refusal> {
        let text = text.trim_start_matches(is_separator);
        let (plus, text) = match text.strip_prefix('+') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (mut digits, mut gaps) = (String::new(), Vec::new());
        for c in text.chars() {
            match c {
                '0'..='9' => digits.push(c),
                c if is_separator(c) => gaps.push(digits.len()),
                _ => return Err(Refusal::Character),
            }
        }
        Ok(Self { digits, gaps, plus })
    }

    /// Takes the country's code away; whether it was there, so that the area's zero may be left out.
    fn strip_country(&mut self) -> Result<bool, Refusal> {
        let code = match () {
            () if self.plus && self.digits.starts_with("86") => 2,
            () if self.digits.starts_with("0086") => 4,
            () if self.plus => return Err(Refusal::Foreign),
            // No mobile, area or service number begins so.
            () if self.digits.starts_with("86") && self.digits.len() >= 11 => 2,
            () => 0,
        };
        self.digits.drain(..code);
        self.gaps.retain_mut(|gap| {
            *gap = gap.saturating_sub(code);
            *gap > 0
        });
        // +86(0)751: the zero is for those who call from within the country.
        if code > 0 && self.digits.starts_with('0') && is_mobile(&self.digits[1..]) {
            self.digits.remove(0);
        }
        Ok(code > 0)
    }

    /// As one number, wherever it is divided.
    fn whole(&self, abroad: bool) -> Option<String> {
        classified(&self.digits, abroad)
    }

    /// As a number that is complete before its last part, which is then its extension.
    fn with_trailing_extension(&self, abroad: bool) -> Option<String> {
        let gap = *self.gaps.iter().rfind(|gap| **gap < self.digits.len())?;
        let (number, extension) = self.digits.split_at(gap);
        let kept = classified(number, abroad).filter(|_| extension.len() <= 6)?;
        extended(kept, extension)
    }

    fn refusal(&self) -> Refusal {
        let starts_as_area = self.digits.starts_with('0');
        match self.digits.len() {
            7 | 8 if !starts_as_area => Refusal::NoArea,
            _ if starts_as_area && area_length(&self.digits).is_none() => Refusal::UnknownArea,
            _ => Refusal::Length,
        }
    }
}

/// Mobiles and the short numbers of services have no extensions.
fn extended(kept: String, extension: &str) -> Option<String> {
    let may = kept.starts_with('0') || kept.len() == 10;
    may.then(|| format!("{kept}-{extension}"))
}

fn classified(digits: &str, abroad: bool) -> Option<String> {
    if is_mobile(digits) || is_service(digits) {
        return Some(digits.to_owned());
    }
    if abroad && !digits.starts_with('0') {
        return landline(&format!("0{digits}"));
    }
    landline(digits)
}

/// 11 digits as mobiles have them.
pub fn is_mobile(digits: &str) -> bool {
    let bytes = digits.as_bytes();
    bytes.len() == 11
        && bytes[0] == b'1'
        && (b'3'..=b'9').contains(&bytes[1])
        && bytes.iter().all(u8::is_ascii_digit)
}

/// Numbers of services, which have no area: 400 and 800; 110, 12345, 10086, 116114; 95xxx and 96xxx (电信网编号计划).
fn is_service(digits: &str) -> bool {
    match digits.as_bytes() {
        [b'4' | b'8', b'0', b'0', rest @ ..] => rest.len() == 7,
        _ => is_short_service(digits),
    }
}

fn is_short_service(digits: &str) -> bool {
    match digits.as_bytes() {
        [b'1', b'1', b'6' | b'8', _, _, _] => true,
        [b'1', b'0'..=b'2', rest @ ..] => matches!(rest.len(), 1 | 3),
        [b'9', b'5' | b'6', rest @ ..] => (3..=6).contains(&rest.len()),
        _ => false,
    }
}

/// Area and number.
fn landline(digits: &str) -> Option<String> {
    let (area, number) = digits.split_at_checked(area_length(digits)?)?;
    let own = (7..=8).contains(&number.len()) && !number.starts_with(['0', '1']);
    (own || is_short_service(number)).then(|| format!("{area}-{number}"))
}

/// 010 and 02x have three digits, all other areas four.
fn area_length(text: &str) -> Option<usize> {
    match text.as_bytes() {
        [b'0', b'1', ..] => text.starts_with("010").then_some(3),
        [b'0', b'2', ..] => Some(3),
        [b'0', b'3'..=b'9', ..] => Some(4),
        _ => None,
    }
}

/// The number for those who need not know it: `138****5678`; of a landline the area and the last two digits stay.
pub fn masked(number: &str) -> String {
    if is_mobile(number) {
        return format!("{}****{}", &number[..3], &number[7..]);
    }
    let mut parts = number.split('-');
    match (parts.next(), parts.next()) {
        (Some(area), Some(local)) if area.starts_with('0') && local.len() > 3 && local.is_ascii() => {
            format!(
                "{area}-{}{}",
                "*".repeat(local.len() - 2),
                &local[local.len() - 2..]
            )
        }
        _ => "*".repeat(number.chars().count()),
    }
}
