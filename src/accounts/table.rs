//! Comma-separated values as RFC 4180 says, and strictly: a program that guesses where a quotation mark ends makes one account of
//! many. Lines end with LF, CRLF or CR alone; `sep=;` in the first line names the separator, as Excel has it.

use super::import::{LineFault, at};

/// A row, and the line that it begins in.
#[derive(Debug, PartialEq, Eq)]
pub struct Row {
    pub line: u64,
    pub fields: Vec<String>,
}

impl Row {
    fn is_empty(&self) -> bool {
        self.fields.iter().all(|field| crate::text::is_blank(field))
    }
}

/// The rows of a table that have anything in them, and what cannot be read.
pub fn rows(text: &str) -> (Vec<Row>, Vec<LineFault>) {
    let mut reader = Reader::new(text);
    let mut rows = Vec::new();
    while reader.rest.peek().is_some() {
        let row = reader.row();
        if !row.is_empty() {
            rows.push(row);
        }
    }
    (rows, reader.faults)
}

struct Reader<'t> {
    rest: std::iter::Peekable<std::str::Chars<'t>>,
    separator: char,
    line: u64,
    faults: Vec<LineFault>,
}

impl<'t> Reader<'t> {
    fn new(text: &'t str) -> Self {
        let first = text.lines().next().unwrap_or_default();
        let named = first.trim_end_matches('\r').strip_prefix("sep=");
        let separator = named.and_then(|rest| rest.chars().next());
        let mut reader = Self {
            rest: text.chars().peekable(),
            separator: separator.unwrap_or(','),
            line: 1,
            faults: Vec::new(),
        };
        if separator.is_some() {
            while !reader.ends_line() {
                reader.rest.next();
            }
            reader.next_line();
        }
        reader
    }

    fn ends_line(&mut self) -> bool {
        matches!(self.rest.peek(), None | Some('\r' | '\n'))
    }

    /// Takes one end of a line.
    fn next_line(&mut self) {
        if self.rest.next() == Some('\r') {
            self.rest.next_if_eq(&'\n');
        }
        self.line += 1;
    }

    fn row(&mut self) -> Row {
        let line = self.line;
        let mut fields = vec![self.field()];
        while self.rest.next_if_eq(&self.separator).is_some() {
            fields.push(self.field());
        }
        self.next_line();
        Row { line, fields }
    }

    /// Up to the separator or the end of the line.
    fn field(&mut self) -> String {
        while self
            .rest
            .next_if(|c| matches!(c, ' ' | '\t') && *c != self.separator)
            .is_some()
        {}
        if self.rest.next_if_eq(&'"').is_some() {
            return self.quoted();
        }
        let mut field = String::new();
        while !self.ends_line() && self.rest.peek() != Some(&self.separator) {
            field.extend(self.rest.next());
        }
        if field.contains('"') {
            self.refuse(
                self.line,
                "字段中含有引号：须把整个字段放在引号内，其中的引号写两次。",
                "A quotation mark within a field: put the whole field in quotation marks, and each one in it twice.",
            );
        }
        field.trim_end().to_owned()
    }

    /// Behind the mark that opens it. Lines may break in it, which the form of the field decides about.
    fn quoted(&mut self) -> String {
        let opened = self.line;
        let mut field = String::new();
        loop {
            match self.rest.peek() {
                None => {
                    self.refuse(opened, "引号没有结束。", "The quotation mark is not closed.");
                    return field;
                }
                Some('\r' | '\n') => {
                    self.next_line();
                    field.push('\n');
                }
                Some('"') => {
                    self.rest.next();
                    if self.rest.next_if_eq(&'"').is_none() {
                        break;
                    }
                    field.push('"');
                }
                Some(_) => field.extend(self.rest.next()),
            }
        }
        let mut stray = false;
        while !self.ends_line() && self.rest.peek() != Some(&self.separator) {
            stray |= self.rest.next().is_some_and(|c| !c.is_whitespace());
        }
        if stray {
            self.refuse(
                opened,
                "引号结束之后还有内容。",
                "There is something behind the closing quotation mark.",
            );
        }
        field
    }

    fn refuse(&mut self, line: u64, zh: &'static str, en: &'static str) {
        self.faults.push(at(line, "", "quotation_mark", zh, en));
    }
}
