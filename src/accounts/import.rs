//! Accounts from a CSV file, as people save it from a table: UTF-8 with or without a byte order mark, or GB18030.

use super::{Accounts, OneTime, Wanted};
use crate::http::language::Text;
use crate::http::problem::{Fault, Place, Problem};
use crate::policy::Role;
use crate::resources::meta::labels::ENUMS;
use encoding_rs::GB18030;
use std::collections::HashMap;
use std::fmt;

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
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let mut records = reader.records().filter_map(Result::ok);
    let Some(header) = records.next() else {
        return (
            Vec::new(),
            vec![at(1, "", "empty", "文件没有内容。", "The file is empty.")],
        );
    };
    let mut faults = Vec::new();
    let columns = columns(&header, &mut faults);
    if !faults.is_empty() {
        return (Vec::new(), faults);
    }
    let mut lines = Vec::new();
    let mut counter = LineCounter {
        text: &text,
        counted: 0,
        line: 1,
    };
    let mut first_at: HashMap<String, u64> = HashMap::new();
    for record in records.filter(|record| record.iter().any(|field| !field.is_empty())) {
        let line = counter.line_of(&record);
        let Some(wanted) = wanted(&record, &columns, line, &mut faults) else {
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

/// The lines of records as an editor counts them. The reader's own count stops before the line feed of `\r\n` and
/// before empty lines.
struct LineCounter<'t> {
    text: &'t str,
    counted: usize,
    line: u64,
}

impl LineCounter<'_> {
    /// Of records in their order.
    fn line_of(&mut self, record: &csv::StringRecord) -> u64 {
        let at = record
            .position()
            .and_then(|position| usize::try_from(position.byte()).ok())
            .unwrap_or(self.counted);
        let bytes = self.text.as_bytes();
        let is_break = |byte: &u8| matches!(byte, b'\r' | b'\n');
        let breaks = bytes.iter().skip(at).take_while(|byte| is_break(byte)).count();
        let begins = at + breaks;
        let passed = bytes.get(self.counted..begins).unwrap_or_default();
        self.line += passed.iter().map(|byte| u64::from(*byte == b'\n')).sum::<u64>();
        self.counted = self.counted.max(begins);
        self.line
    }
}

/// Where each of `COLUMNS` stands.
fn columns(header: &csv::StringRecord, faults: &mut Vec<LineFault>) -> [Option<usize>; 4] {
    let mut places = [None; 4];
    for (index, title) in header.iter().enumerate() {
        let known = |(_, titles): &(&str, &[&str])| titles.contains(&title.to_lowercase().as_str());
        match COLUMNS.iter().position(known) {
            Some(column) if places[column].is_none() => places[column] = Some(index),
            Some(_) => faults.push(at(1, title, "repeated", "列重复。", "The column stands twice.")),
            None => faults.push(at(
                1,
                title,
                "unknown_column",
                "没有这一列；可用的列：用户名、显示名、角色、单位。",
                "There is no such column; wanted: name, display_name, role, organization.",
            )),
        }
    }
    for ((name, _), place) in COLUMNS.iter().zip(&places).take(3) {
        if place.is_none() {
            faults.push(at(1, name, "required", "缺少这一列。", "This column is missing."));
        }
    }
    places
}

fn wanted(
    record: &csv::StringRecord,
    columns: &[Option<usize>; 4],
    line: u64,
    faults: &mut Vec<LineFault>,
) -> Option<Wanted> {
    let widest = columns.iter().flatten().max().map_or(0, |last| last + 1);
    if record.iter().skip(widest).any(|field| !field.is_empty()) {
        faults.push(at(
            line,
            "",
            "too_many",
            "字段多于表头。",
            "More fields than the header has.",
        ));
        return None;
    }
    let field = |column: usize| {
        let text = columns[column].and_then(|place| record.get(place));
        text.filter(|text| !text.is_empty()).map(str::to_owned)
    };
    let role = field(2).map(|text| role_of(&text));
    if role == Some(None) {
        faults.push(at(
            line,
            "/role",
            "not_allowed",
            "没有这个角色。",
            "There is no such role.",
        ));
        return None;
    }
    Some(Wanted {
        username: field(0).unwrap_or_default(),
        display_name: field(1).unwrap_or_default(),
        role: role.flatten(),
        organization: field(3),
    })
}

/// A role by its code or its Chinese label.
pub fn role_of(text: &str) -> Option<Role> {
    let labels = ENUMS.iter().find(|labels| labels.name == "role")?;
    let by_label = labels.values.iter().find(|(_, zh, _)| *zh == text);
    by_label.map_or(text, |(code, _, _)| code).parse().ok()
}

fn at(line: u64, place: &str, code: &'static str, zh: &'static str, en: &'static str) -> LineFault {
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
