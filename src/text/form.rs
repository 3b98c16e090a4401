//! How each field is written. A field is known by its name, wherever it stands: the same name is the same kind of text in
//! every body and query.

use super::{Wrong, document_number, fold, forbidden, is_blank, is_forbidden, line, phone, turns_direction};
use crate::language::Text;
use std::borrow::Cow;

/// How a text is written, and what of it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Names, titles, codes: one line, trimmed, nothing invisible.
    Line,
    /// Free text: as it was sent, with its lines.
    Lines,
    /// Passwords, tokens, names of files: as they were sent; the rules are elsewhere.
    AsTyped,
    /// What is searched for.
    Words,
    /// 简称, which is a part of numbers such as 〔2026〕民盟-教育-003.
    ShortName,
    /// Kept as [`phone::normalized`] writes it.
    Phone,
    /// The same, of mobiles alone.
    Mobile,
    Email,
    /// 文号, kept as [`document_number::parse`] writes it.
    DocumentNumber,
    /// RFC 3339; kept to the microsecond, as the database keeps it.
    Instant,
}

/// The fields of all requests. A test compares it with the document; what is not here is a line.
const FORMS: &[(Form, &[&str])] = &[
    (
        Form::Lines,
        &[
            "background",
            "comment",
            "decisions",
            "description",
            "gist",
            "missing_opinions_reason",
            "note",
            "proposal",
            "reason",
            "text",
        ],
    ),
    (
        Form::AsTyped,
        &[
            "current_password",
            "former_password",
            "cursor",
            "file",
            "new_password",
            "password",
            "refresh_token",
        ],
    ),
    (Form::Words, &["q"]),
    (Form::ShortName, &["short_name"]),
    (Form::Phone, &["phone"]),
    (Form::Mobile, &["mobile"]),
    (Form::Email, &["email"]),
    (Form::DocumentNumber, &["document_number"]),
    (
        Form::Instant,
        &[
            "created_from",
            "created_until",
            "ends_at",
            "from",
            "raised_from",
            "raised_until",
            "sent_from",
            "sent_until",
            "starts_at",
            "submitted_from",
            "submitted_until",
            "until",
            "updated_since",
        ],
    ),
    (
        Form::Line,
        &[
            "attended_by",
            "authors",
            "category",
            "co_hosts",
            "code",
            "department",
            "departments",
            "display_name",
            "handler",
            "host",
            "hosts",
            "into",
            "joint_department",
            "joint_departments",
            "joint_parties",
            "lead_department",
            "matter",
            "name",
            "office",
            "offices",
            "online_address",
            "operation",
            "organization",
            "owner",
            "parties",
            "party",
            "person",
            "persons",
            "place",
            "presenter",
            "principal",
            "proposed_department",
            "recipient",
            "recipients",
            "request_id",
            "sender",
            "signatory",
            "social_credit_code",
            "stands_in_for",
            "subject_type",
            "successor",
            "title",
            "username",
            "waiting_for",
        ],
    ),
];

impl Form {
    /// Of the field of that name; none where it is not listed.
    pub fn listed(name: &str) -> Option<Self> {
        FORMS
            .iter()
            .find(|(_, names)| names.contains(&name))
            .map(|(form, _)| *form)
    }

    pub fn of(name: &str) -> Self {
        Self::listed(name).unwrap_or(Self::Line)
    }

    /// The text as it is kept.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn read(self, text: &str) -> Result<Cow<'_, str>, Wrong> {
        // Address books put embeddings around a number: in numbers and addresses all that is invisible goes.
        let strict = matches!(
            self,
            Self::Phone | Self::Mobile | Self::Email | Self::DocumentNumber
        );
        let refused = text
            .chars()
            .find(|c| is_forbidden(*c) && !(strict && turns_direction(*c)));
        if let Some(refused) = refused {
            return Err(forbidden(refused));
        }
        if is_blank(text) {
            return Err(("blank", Text::fixed("不能为空白。", "Must not be blank.")));
        }
        match self {
            Self::Line => line(text),
            Self::Lines | Self::AsTyped | Self::Words => Ok(Cow::Borrowed(text)),
            Self::ShortName => short_name(text),
            Self::Phone => phone(text, |_| true, ""),
            Self::Mobile => phone(text, phone::is_mobile, "应为 11 位手机号码。"),
            Self::Email => email(text).map(Cow::Owned),
            Self::DocumentNumber => match document_number::parse(text) {
                Some(number) => Ok(Cow::Owned(number.text)),
                None => Err((
                    "malformed",
                    Text::fixed(
                        "应为“机关代字〔年份〕序号号”，如 韶府办发函〔2020〕20号。",
                        "Agency, year in brackets, serial and 号, such as 韶府办发函〔2020〕20号.",
                    ),
                )),
            },
            Self::Instant => Ok(to_microseconds(text.trim())),
        }
    }
}

/// It stands between brackets and hyphens, and is read aloud: no brackets, hyphens, white space, nor digits alone.
fn short_name(text: &str) -> Result<Cow<'_, str>, Wrong> {
    let kept: String = line(text)?.chars().filter(|c| !super::is_invisible(*c)).collect();
    let folded = fold::bare(&kept);
    let misplaced = kept.chars().any(char::is_whitespace)
        || folded.contains(|c: char| c.is_ascii_punctuation() || is_bracket_or_dash(c));
    if misplaced || folded.chars().all(char::is_numeric) {
        return Err((
            "not_in_numbers",
            Text::fixed(
                "简称用于编号（如〔2026〕民盟-教育-003），不能含有空格、括号、连字符或标点，也不能全是数字。",
                "It forms numbers such as 〔2026〕民盟-教育-003: no spaces, brackets, hyphens or punctuation, nor digits alone.",
            ),
        ));
    }
    Ok(Cow::Owned(kept))
}

fn is_bracket_or_dash(c: char) -> bool {
    matches!(c, '\u{2010}'..='\u{2015}' | '\u{2043}' | '\u{2212}' | '\u{2e3a}' | '\u{2e3b}' | '\u{30fb}' | '\u{30fc}'
        | '\u{3001}'..='\u{3003}' | '\u{3008}'..='\u{3011}' | '\u{3014}'..='\u{301b}' | '〜' | '\u{2768}'..='\u{2775}'
        | '\u{27e6}'..='\u{27ef}' | '\u{2018}'..='\u{201f}' | '\u{2026}' | '\u{b7}')
}

fn phone<'t>(text: &str, fits: fn(&str) -> bool, otherwise: &'static str) -> Result<Cow<'t, str>, Wrong> {
    match phone::normalized(text) {
        Ok(number) if fits(&number) => Ok(Cow::Owned(number)),
        Ok(_) => Err(("malformed", Text::fixed(otherwise, "A mobile of 11 digits."))),
        Err(refused) => Err(("malformed", refused.words())),
    }
}

/// An address whichever way its signs were typed.
///
/// # Errors
/// `malformed`.
pub fn email(text: &str) -> Result<String, Wrong> {
    let address = fold::bare(text).replace('。', ".");
    match address.parse::<lettre::Address>() {
        Ok(_) if address.is_ascii() => Ok(address),
        _ => Err((
            "malformed",
            Text::fixed("不是有效的电子邮箱地址。", "Not an e-mail address."),
        )),
    }
}

/// Without the digits behind the sixth of a fraction of a second, which the database would round.
fn to_microseconds(instant: &str) -> Cow<'_, str> {
    const DIGITS: usize = 6;
    let Some((before, fraction)) = instant.split_once('.') else {
        return Cow::Borrowed(instant);
    };
    let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
    match digits > DIGITS {
        true => Cow::Owned(format!("{before}.{}{}", &fraction[..DIGITS], &fraction[digits..])),
        false => Cow::Borrowed(instant),
    }
}
