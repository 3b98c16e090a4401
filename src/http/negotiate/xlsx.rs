//! XLSX through a temporary file: rows go to disk as they come, and memory does not grow with them.

use super::{Batches, Cell};
use crate::problem::{Problem, Result};
use actix_web::web::Bytes;
use async_stream::try_stream;
use chrono::{Datelike, NaiveDateTime, Timelike};
use futures_util::{Stream, StreamExt};
use rust_xlsxwriter::{ExcelDateTime, Format, FormatAlign, Workbook, Worksheet, XlsxError};
use std::fs::File;
use std::io::{Seek, SeekFrom};
use tokio::io::AsyncReadExt;
use tokio::sync::mpsc;

/// Rows of a sheet, its headings included: the bound of the format.
pub const ROWS_OF_A_SHEET: u32 = 1_048_576;

/// Characters of a cell: the bound of the format.
const LONGEST_TEXT: usize = 32_767;

/// Columns are as wide as their widest text, within reason.
const WIDTHS: std::ops::RangeInclusive<usize> = 6..=70;

/// A heading that is wider than this, and than what stands below it, is broken into lines.
const WIDEST_HEADING: usize = 14;

/// Points of a line.
const LINE: f64 = 15.0;

/// Points of a row: the bound of the format.
const HIGHEST_ROW: f64 = 409.0;

/// With more columns than these, the first one stays in sight.
const COLUMNS_IN_SIGHT: usize = 12;

/// Bytes that are sent at once.
const CHUNK: usize = 64 * 1024;

/// The file, written by a thread of its own while the rows come.
pub async fn written(title: String, headings: Vec<String>, mut rows: Batches) -> Result<File> {
    let (sender, receiver) = mpsc::channel(2);
    let writing = tokio::task::spawn_blocking(move || write(&title, &headings, receiver, ROWS_OF_A_SHEET));
    while let Some(batch) = rows.next().await {
        // Who no longer takes rows has failed, and says below why.
        if sender.send(batch?).await.is_err() {
            break;
        }
    }
    drop(sender);
    writing
        .await
        .map_err(Problem::internal)?
        .map_err(Problem::internal)
}

/// A sheet: its name, its headings, its rows.
pub type Sheets = Vec<(String, Vec<String>, Vec<Vec<Cell>>)>;

/// The file out of tables that are all there.
pub async fn workbook(sheets: Sheets) -> Result<File> {
    let writing = tokio::task::spawn_blocking(move || write_sheets(&sheets));
    writing
        .await
        .map_err(Problem::internal)?
        .map_err(Problem::internal)
}

fn write_sheets(sheets: &Sheets) -> std::result::Result<File, XlsxError> {
    let mut workbook = Workbook::new();
    let top = |style: Format| style.set_align(FormatAlign::Top);
    let plain = Styles::new();
    let styles = Styles {
        day: top(plain.day),
        time: top(plain.time),
        number: top(plain.number),
        text: Some(top(Format::new().set_text_wrap())),
        ..plain
    };
    for (name, headings, rows) in sheets {
        let mut sheet = Sheet::begin(&mut workbook, name, headings, &styles)?;
        for row in rows {
            sheet.add(row, &styles)?;
        }
        sheet.finish()?;
    }
    saved(workbook)
}

fn saved(mut workbook: Workbook) -> std::result::Result<File, XlsxError> {
    let mut file = tempfile::tempfile().map_err(XlsxError::IoError)?;
    workbook.save_to_writer(&mut file)?;
    file.seek(SeekFrom::Start(0)).map_err(XlsxError::IoError)?;
    Ok(file)
}

/// Sends the file, which nobody else can reach and which is gone with its last handle.
pub fn sent(file: File) -> impl Stream<Item = std::io::Result<Bytes>> + 'static {
    try_stream! {
        let mut file = tokio::fs::File::from_std(file);
        loop {
            let mut chunk = Vec::with_capacity(CHUNK);
            if file.read_buf(&mut chunk).await? == 0 {
                break;
            }
            yield Bytes::from(chunk);
        }
    }
}

/// Writes all batches, beginning a further sheet wherever one is full.
///
/// # Errors
/// Where the temporary folder cannot be written.
pub fn write(
    title: &str,
    headings: &[String],
    mut batches: mpsc::Receiver<Vec<Vec<Cell>>>,
    rows_of_a_sheet: u32,
) -> std::result::Result<File, XlsxError> {
    let mut workbook = Workbook::new();
    let styles = Styles::new();
    let mut number = 1;
    let mut pending = Vec::new().into_iter();
    loop {
        let name = match number {
            1 => title.to_owned(),
            _ => format!("{title} {number}"),
        };
        let mut sheet = Sheet::begin(&mut workbook, &name, headings, &styles)?;
        let full = loop {
            let Some(row) = pending.next() else {
                match batches.blocking_recv() {
                    Some(batch) => pending = batch.into_iter(),
                    None => break false,
                }
                continue;
            };
            sheet.add(&row, &styles)?;
            if sheet.next_row == rows_of_a_sheet {
                break true;
            }
        };
        sheet.finish()?;
        // A full sheet may have been the last: the next is begun only for a row that is there.
        while full && pending.len() == 0 {
            match batches.blocking_recv() {
                Some(batch) => pending = batch.into_iter(),
                None => break,
            }
        }
        if pending.len() == 0 {
            break;
        }
        number += 1;
    }
    saved(workbook)
}

struct Styles {
    heading: Format,
    day: Format,
    time: Format,
    number: Format,
    /// Of what is to be read through, broken into lines.
    text: Option<Format>,
}

impl Styles {
    fn new() -> Self {
        Self {
            heading: Format::new()
                .set_bold()
                .set_text_wrap()
                .set_align(FormatAlign::VerticalCenter),
            day: Format::new().set_num_format("yyyy-mm-dd"),
            time: Format::new().set_num_format("yyyy-mm-dd hh:mm:ss"),
            number: Format::new(),
            text: None,
        }
    }
}

struct Sheet<'w> {
    worksheet: &'w mut Worksheet,
    next_row: u32,
    widths: Vec<usize>,
}

impl<'w> Sheet<'w> {
    fn begin(
        workbook: &'w mut Workbook,
        name: &str,
        headings: &[String],
        styles: &Styles,
    ) -> std::result::Result<Self, XlsxError> {
        let worksheet = workbook.add_worksheet_with_constant_memory()?;
        worksheet.set_name(name)?;
        worksheet.set_freeze_panes(1, u16::from(headings.len() > COLUMNS_IN_SIGHT))?;
        worksheet.set_landscape();
        worksheet.set_repeat_rows(0, 0)?;
        match headings.len() > COLUMNS_IN_SIGHT {
            true => worksheet.set_repeat_columns(0, 0)?,
            false => worksheet.set_print_fit_to_pages(1, 0),
        };
        let lines = headings
            .iter()
            .map(|heading| width(heading).div_ceil(WIDEST_HEADING));
        // A character of two columns may have to go to the next line.
        let lines = lines
            .max()
            .filter(|lines| *lines > 1)
            .map_or(1, |lines| lines + 1);
        worksheet.set_row_height(0, LINE * lines as f64)?;
        for (column, heading) in (0..).zip(headings) {
            worksheet.write_string_with_format(0, column, heading, &styles.heading)?;
        }
        let widths = headings.iter().map(|heading| width(heading).min(WIDEST_HEADING));
        Ok(Self {
            worksheet,
            next_row: 1,
            widths: widths.collect(),
        })
    }

    fn add(&mut self, cells: &[Cell], styles: &Styles) -> std::result::Result<(), XlsxError> {
        let row = self.next_row;
        for (widest, cell) in self.widths.iter_mut().zip(cells) {
            *widest = (*widest).max(width(&cell.text()));
        }
        if styles.text.is_some() {
            let lines = cells
                .iter()
                .map(|cell| width(&cell.text()).div_ceil(WIDTHS.end() - 2));
            let lines = lines.max().unwrap_or(1).max(1);
            self.worksheet
                .set_row_height(row, (LINE * lines as f64).min(HIGHEST_ROW))?;
        }
        for (column, cell) in (0..).zip(cells) {
            match cell {
                Cell::Empty => {}
                Cell::Text(text) => {
                    match &styles.text {
                        Some(style) => {
                            self.worksheet
                                .write_string_with_format(row, column, shortened(text), style)?
                        }
                        None => self.worksheet.write_string(row, column, shortened(text))?,
                    };
                }
                // Beyond 2^53 a number of Excel is another; no count of ours gets there.
                Cell::Number(number) => {
                    self.worksheet
                        .write_number_with_format(row, column, *number as f64, &styles.number)?;
                }
                Cell::Day(day) => {
                    let at = day.and_time(chrono::NaiveTime::MIN);
                    self.write_time(row, column, at, cell, &styles.day)?;
                }
                Cell::Time(at) => self.write_time(row, column, *at, cell, &styles.time)?,
            }
        }
        self.next_row += 1;
        Ok(())
    }

    /// Excel knows the years 1900 to 9999; other days are text.
    fn write_time(
        &mut self,
        row: u32,
        column: u16,
        at: NaiveDateTime,
        cell: &Cell,
        style: &Format,
    ) -> std::result::Result<(), XlsxError> {
        let known = u16::try_from(at.year())
            .ok()
            .and_then(|year| ExcelDateTime::from_ymd(year, at.month() as u8, at.day() as u8).ok())
            .and_then(|day| day.and_hms(at.hour() as u16, at.minute() as u8, at.second()).ok());
        match known {
            Some(time) => self
                .worksheet
                .write_datetime_with_format(row, column, &time, style)?,
            None => self.worksheet.write_string(row, column, cell.text())?,
        };
        Ok(())
    }

    fn finish(self) -> std::result::Result<(), XlsxError> {
        for (column, widest) in (0..).zip(self.widths) {
            let width = (widest + 2).clamp(*WIDTHS.start(), *WIDTHS.end());
            self.worksheet.set_column_width(column, width as f64)?;
        }
        Ok(())
    }
}

/// In columns of a terminal: what is outside Latin takes two.
fn width(text: &str) -> usize {
    text.lines()
        .map(|line| {
            line.chars()
                .map(|c| if (c as u32) < 0x1100 { 1 } else { 2 })
                .sum()
        })
        .max()
        .unwrap_or(0)
}

fn shortened(text: &str) -> String {
    // The bound counts UTF-16 units, as Excel does.
    let mut units = 0;
    let end = text.char_indices().find(|(_, c)| {
        units += c.len_utf16();
        units > LONGEST_TEXT
    });
    match end {
        Some((at, _)) => text[..at].to_owned(),
        None => text.to_owned(),
    }
}
