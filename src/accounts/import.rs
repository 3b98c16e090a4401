//! Accounts from a CSV file, as people save it from a table: UTF-8 with or without a byte order mark, or GB18030.

use super::table::{self, Row};
use super::{Accounts, OneTime, Wanted};
use crate::language::Text;
use crate::policy::Role;
use crate::problem::{Fault, Place, Problem};
use crate::text::{fold, is_blank};
use encoding_rs::GB18030;
use std::collections::HashMap;
use std::fmt;
use strum::IntoEnumIterator;

/// Why nothing was imported.
#[derive(Debug)]
pub enum ImportError {
    /// Everything that is wrong with the file.
    Faults(Vec<LineFault>),
    /// The file is right; the database was not to be had.
    Problem(Problem),
}

/// One fault, and the line of the file that it is in.
#[derive(Clone, Debug, PartialEq)]
pub struct LineFault {
    pub line: u64,
    pub fault: Fault,
}

impl fmt::Display for LineFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Text { zh, en } = &self.fault.detail;
        let field = match &self.fault.place {
            Place::Pointer(field) => field.trim_start_matches('/'),
            Place::Parameter(name) => name,
            Place::Header(name) => name,
        };
        let colon = if field.is_empty() { "" } else { ": " };
        write!(
            formatter,
            "第 {line} 行 / line {line}: {field}{colon}{zh} / {en}",
            line = self.line
        )
    }
}

impl From<Problem> for ImportError {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

/// The columns, with the names that a header can bear.
const COLUMNS: [(&str, &[&str]); 4] = [
    ("username", &["name", "username", "用户名"]),
    ("display_name", &["display_name", "显示名", "显示名称"]),
    ("role", &["role", "角色"]),
    ("organization", &["organization", "organisation", "单位"]),
];

impl Accounts<'_> {
    /// Makes the accounts of a file with one-time passwords: all of them, or none and every fault by its line.
    ///
    /// # Errors
    /// The file's faults, or `database_unavailable`.
    pub async fn import(&self, file: &[u8]) -> Result<Vec<OneTime>, ImportError> {
        let (lines, mut faults) = parse(file);
        let (directory, taken) = self.known().await?;
        let today = crate::clock::shanghai_day(self.now);
        for (line, wanted) in &lines {
            let of_line = wanted.faults(&directory, &taken, today).into_iter();
            faults.extend(of_line.map(|fault| LineFault { line: *line, fault }));
        }
        if !faults.is_empty() {
            faults.sort_by_key(|fault| fault.line);
            return Err(ImportError::Faults(faults));
        }
        let wanted: Vec<Wanted> = lines.into_iter().map(|(_, wanted)| wanted).collect();
        Ok(self.insert_all(&directory, &wanted).await?)
    }
}

/// The accounts of a file with their lines, and what is wrong with it that can be told without a database.
pub fn parse(file: &[u8]) -> (Vec<(u64, Wanted)>, Vec<LineFault>) {
    let text = match decode(file) {
        Ok(text) => text,
        Err(faults) => return (Vec::new(), faults),
    };
    let (rows, mut faults) = table::rows(&text);
    let mut rows = rows.into_iter();
    let Some(header) = rows.next() else {
        faults.push(at(1, "", "empty", "文件没有内容。", "The file is empty."));
        return (Vec::new(), faults);
    };
    let columns = columns(&header, &mut faults);
    if !faults.is_empty() {
        return (Vec::new(), faults);
    }
    let mut lines = Vec::new();
    let mut first_at: HashMap<String, u64> = HashMap::new();
    for row in rows {
        let line = row.line;
        let Some(wanted) = wanted(&row, &columns, &mut faults) else {
            continue;
        };
        if let Some(first) = first_at.get(&wanted.username) {
            let detail = Text::new(
                format!("与第 {first} 行的用户名重复。"),
                format!("The same user name as in line {first}."),
            );
            faults.push(LineFault {
                line,
                fault: Fault {
                    place: Place::Pointer("/username".into()),
                    code: "repeated",
                    detail,
                },
            });
        }
        first_at.entry(wanted.username.clone()).or_insert(line);
        lines.push((line, wanted));
    }
    if lines.is_empty() && faults.is_empty() {
        faults.push(at(
            1,
            "",
            "empty",
            "文件中没有账号。",
            "There is no account in the file.",
        ));
    }
    (lines, faults)
}

/// Where columns stand, and how many the header has.
struct Columns {
    places: [Option<usize>; 4],
    width: usize,
}

/// Where each of `COLUMNS` stands.
fn columns(header: &Row, faults: &mut Vec<LineFault>) -> Columns {
    let mut places = [None; 4];
    for (index, title) in header.fields.iter().enumerate() {
        let key = fold::key(title);
        let known = |(_, titles): &(&str, &[&str])| titles.contains(&key.as_str());
        match COLUMNS.iter().position(known) {
            Some(column) if places[column].is_none() => places[column] = Some(index),
            Some(_) => faults.push(at(
                header.line,
                title,
                "repeated",
                "列重复。",
                "The column stands twice.",
            )),
            // What tables leave behind where something once stood.
            None if key.is_empty() => {}
            None => faults.push(unknown_column(header.line, index, title)),
        }
    }
    for ((name, _), place) in COLUMNS.iter().zip(&places).take(3) {
        if place.is_none() {
            let fault = at(
                header.line,
                name,
                "required",
                "缺少这一列。",
                "This column is missing.",
            );
            faults.push(fault);
        }
    }
    Columns {
        places,
        width: header.fields.len(),
    }
}

fn unknown_column(line: u64, index: usize, title: &str) -> LineFault {
    let letter = letters(index);
    let detail = Text::new(
        format!("没有这一列（第 {letter} 列）；可用的列：用户名、显示名、角色、单位。"),
        format!("There is no such column ({letter}); wanted: name, display_name, role, organization."),
    );
    let place = Place::Pointer(title.to_owned());
    LineFault {
        line,
        fault: Fault {
            place,
            code: "unknown_column",
            detail,
        },
    }
}

/// As tables name their columns: A to Z, AA.
fn letters(index: usize) -> String {
    let last = char::from(b'A' + (index % 26) as u8);
    match index / 26 {
        0 => last.to_string(),
        before => format!("{}{last}", letters(before - 1)),
    }
}

fn wanted(row: &Row, columns: &Columns, faults: &mut Vec<LineFault>) -> Option<Wanted> {
    let named = |index: &usize| columns.places.contains(&Some(*index));
    let more = |(index, field): (usize, &String)| !named(&index) && !is_blank(field);
    let counted = match row.fields.len() {
        _ if row.fields.iter().enumerate().any(more) => {
            Some(("too_many", "字段多于表头。", "More fields than the header has."))
        }
        count if count < columns.width => Some((
            "too_few",
            "字段少于表头；没有内容的字段也须有分隔符。",
            "Fewer fields than the header has; empty ones need their separators, too.",
        )),
        _ => None,
    };
    if let Some((code, zh, en)) = counted {
        faults.push(at(row.line, "", code, zh, en));
        return None;
    }
    let field = |column: usize| {
        let text = columns.places[column].and_then(|place| row.fields.get(place));
        text.filter(|text| !is_blank(text)).cloned()
    };
    let role = field(2).map(|text| role_of(text.trim()));
    if role == Some(None) {
        faults.push(at(
            row.line,
            "/role",
            "not_allowed",
            "没有这个角色。",
            "There is no such role.",
        ));
        return None;
    }
    let wanted = Wanted {
        username: field(0).unwrap_or_default(),
        display_name: field(1).unwrap_or_default(),
        role: role.flatten(),
        organization: field(3),
    };
    Some(wanted.cleaned())
}

/// A role by its code or its Chinese label.
pub fn role_of(text: &str) -> Option<Role> {
    let by_label = Role::iter().find(|role| role.label().zh == text);
    by_label.or_else(|| text.parse().ok())
}

pub(super) fn at(
    line: u64,
    place: &str,
    code: &'static str,
    zh: &'static str,
    en: &'static str,
) -> LineFault {
    LineFault {
        line,
        fault: Fault::at(place, code, zh, en),
    }
}

/// The text of a file; nothing is replaced, what cannot be decoded is a fault of its line.
///
/// What is no UTF-8 as a whole is GB18030, unless most of its lines beyond ASCII are good UTF-8: then it is UTF-8 with
/// broken lines, and taking it for GB18030 would import other characters than were meant.
fn decode(file: &[u8]) -> Result<String, Vec<LineFault>> {
    let (file, marked) = match file.strip_prefix(b"\xef\xbb\xbf") {
        Some(rest) => (rest, true),
        None => (file, false),
    };
    if let Ok(text) = std::str::from_utf8(file) {
        return Ok(text.to_owned());
    }
    // No character of GB18030 has a line feed among its bytes.
    let lines = || file.split(|byte| *byte == b'\n');
    let beyond_ascii = lines().filter(|line| !line.is_ascii());
    let good = beyond_ascii
        .clone()
        .filter(|line| std::str::from_utf8(line).is_ok())
        .count();
    let is_utf8 = marked || good * 2 > beyond_ascii.count();
    let broken: Vec<LineFault> = (1..)
        .zip(lines())
        .filter(|(_, line)| match is_utf8 {
            true => std::str::from_utf8(line).is_err(),
            false => gb18030(line).is_none(),
        })
        .map(|(line, _)| {
            at(
                line,
                "",
                "encoding",
                "编码有误：既不是有效的 UTF-8，也不是有效的 GB18030。",
                "Neither good UTF-8 nor good GB18030.",
            )
        })
        .collect();
    match gb18030(file) {
        Some(text) if broken.is_empty() => Ok(text),
        _ => Err(broken),
    }
}

fn gb18030(bytes: &[u8]) -> Option<String> {
    // The standard of the web reads 0x80 as a euro sign, which GB 18030 does not have there.
    let text = GB18030.decode_without_bom_handling_and_without_replacement(bytes)?;
    (!text.contains('\u{20ac}') || GB18030.encode(&text).0 == bytes).then(|| text.into_owned())
}
