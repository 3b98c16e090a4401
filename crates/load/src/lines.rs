//! Rows as `COPY` takes them.

use chrono::{DateTime, NaiveDate, Utc};
use std::fmt::Write;
use uuid::Uuid;

/// One value.
pub enum Cell<'a> {
    Null,
    Text(&'a str),
    Id(Uuid),
    Ids(&'a [Uuid]),
    At(DateTime<Utc>),
    Day(NaiveDate),
    Number(i64),
    Flag(bool),
}

impl<'a, T: Into<Cell<'a>>> From<Option<T>> for Cell<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Cell::Null, Into::into)
    }
}

macro_rules! cells {
    ($($from:ty => $cell:ident),*) => { $(
        impl<'a> From<$from> for Cell<'a> {
            fn from(value: $from) -> Self {
                Cell::$cell(value)
            }
        }
    )* };
}

cells! { &'a str => Text, Uuid => Id, &'a [Uuid] => Ids, DateTime<Utc> => At, NaiveDate => Day, i64 => Number, bool => Flag }

/// The rows of one table.
#[derive(Default)]
pub struct Lines(pub String);

impl Lines {
    pub fn add(&mut self, cells: &[Cell<'_>]) {
        let out = &mut self.0;
        for (index, cell) in cells.iter().enumerate() {
            if index > 0 {
                out.push('\t');
            }
            // Writing to a text does not fail.
            let _ = match cell {
                Cell::Null => out.write_str("\\N"),
                Cell::Text(text) => {
                    escaped(out, text);
                    Ok(())
                }
                Cell::Id(id) => write!(out, "{id}"),
                Cell::Ids(ids) => {
                    let ids: Vec<String> = ids.iter().map(Uuid::to_string).collect();
                    write!(out, "{{{}}}", ids.join(","))
                }
                Cell::At(at) => write!(out, "{}", at.format("%Y-%m-%d %H:%M:%S%.6f+00")),
                Cell::Day(day) => write!(out, "{day}"),
                Cell::Number(number) => write!(out, "{number}"),
                Cell::Flag(flag) => write!(out, "{}", if *flag { 't' } else { 'f' }),
            };
        }
        out.push('\n');
    }
}

fn escaped(out: &mut String, text: &str) {
    for one in text.chars() {
        match one {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            other => out.push(other),
        }
    }
}
