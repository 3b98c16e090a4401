//! Telephone numbers: one way to write them, and how they are shown to those who need not know them.

/// The number as it is kept: a mobile as 11 digits, a landline as `0751-8880000`, with its extension as a third part;
/// none where it is no number of the mainland.
pub fn normalized(text: &str) -> Option<String> {
    let plain: String = text.chars().filter_map(plain).collect();
    let local = ["+86", "0086"]
        .iter()
        .find_map(|prefix| plain.strip_prefix(prefix))
        .unwrap_or(&plain)
        .trim_start_matches('-');
    let digits: String = local.chars().filter(|c| *c != '-').collect();
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let without_86 = digits.strip_prefix("86").filter(|rest| is_mobile(rest));
    if let Some(mobile) = without_86.or(is_mobile(&digits).then_some(&digits)) {
        return Some(mobile.to_owned());
    }
    // Behind the country's number the area's zero is left out.
    let abroad = local.len() < plain.len() && plain.starts_with(['+', '0']) && !local.starts_with('0');
    let local = if abroad {
        format!("0{local}")
    } else {
        local.to_owned()
    };
    landline(&local)
}

/// Digits, a leading plus and hyphens stay, whatever width they are typed in; blanks and brackets go.
fn plain(c: char) -> Option<char> {
    match c {
        '０'..='９' => char::from_digit(c as u32 - '０' as u32, 10),
        '＋' => Some('+'),
        '－' | '–' | '—' | '‐' | '转' => Some('-'),
        ')' | '）' => Some('-'),
        '(' | '（' | ' ' | '\u{3000}' | '\u{a0}' | '\t' => None,
        other => Some(other),
    }
}

/// 11 digits as mobiles have them.
pub fn is_mobile(digits: &str) -> bool {
    let bytes = digits.as_bytes();
    bytes.len() == 11
        && bytes[0] == b'1'
        && (b'3'..=b'9').contains(&bytes[1])
        && bytes.iter().all(u8::is_ascii_digit)
}

/// Area, number and, behind a hyphen of its own, extension.
fn landline(text: &str) -> Option<String> {
    let parts: Vec<&str> = text.split('-').filter(|part| !part.is_empty()).collect();
    let (area, number, extension) = match parts[..] {
        [whole] => {
            let (area, number) = whole.split_at_checked(area_length(whole)?)?;
            (area, number, None)
        }
        [area, number] if area.len() <= 4 => (area, number, None),
        [whole, extension] => {
            let (area, number) = whole.split_at_checked(area_length(whole)?)?;
            (area, number, Some(extension))
        }
        [area, number, extension] => (area, number, Some(extension)),
        _ => return None,
    };
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let fits = Some(area.len()) == area_length(area)
        && is_digits(area)
        && (7..=8).contains(&number.len())
        && is_digits(number)
        && !number.starts_with(['0', '1'])
        && extension.is_none_or(|extension| (1..=6).contains(&extension.len()) && is_digits(extension));
    fits.then(|| match extension {
        Some(extension) => format!("{area}-{number}-{extension}"),
        None => format!("{area}-{number}"),
    })
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
        (Some(area), Some(local)) if local.len() > 2 && local.is_ascii() => {
            format!(
                "{area}-{}{}",
                "*".repeat(local.len() - 2),
                &local[local.len() - 2..]
            )
        }
        _ => "*".repeat(number.chars().count()),
    }
}
