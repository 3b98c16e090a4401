//! CSV (RFC 4180) that Excel opens with its Chinese whole and runs nothing of: UTF-8 with a byte order mark, CRLF, and
//! an apostrophe before what would be a formula.

use super::{Batches, Cell};
use crate::problem::{Problem, Result};
use actix_web::web::Bytes;
use async_stream::try_stream;
use futures_util::{Stream, StreamExt};
use std::borrow::Cow;

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

pub fn written(headings: Vec<String>, mut rows: Batches) -> impl Stream<Item = Result<Bytes>> + 'static {
    try_stream! {
        let headings: Vec<Cell> = headings.into_iter().map(Cell::Text).collect();
        let mut head = BYTE_ORDER_MARK.to_vec();
        head.extend(lines(&[headings])?);
        yield Bytes::from(head);
        while let Some(batch) = rows.next().await {
            let text = lines(&batch?)?;
            if !text.is_empty() {
                yield Bytes::from(text);
            }
        }
    }
}

fn lines(rows: &[Vec<Cell>]) -> Result<Vec<u8>> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    for row in rows {
        let fields = row.iter().map(|cell| match cell {
            Cell::Text(text) => defused(text),
            other => other.text(),
        });
        for field in fields {
            writer.write_field(field.as_bytes()).map_err(Problem::internal)?;
        }
        writer.write_record(None::<&[u8]>).map_err(Problem::internal)?;
    }
    writer
        .into_inner()
        .map_err(|error| Problem::internal(error.to_string()))
}

/// Spreadsheets run what begins like this (OWASP, CSV Injection); full-width signs are taken for the plain ones.
fn defused(text: &str) -> Cow<'_, str> {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']) {
        format!("'{text}").into()
    } else {
        text.into()
    }
}
