//! One list, three forms: JSON by pages, or the whole of it as CSV or XLSX, by `Accept`. What people read in a file is in
//! their language, days and instants are those of Asia/Shanghai.

mod csv;
pub mod xlsx;

use super::accept::weighted;
use super::call::Call;
use super::extract;
use super::page::Page;
use crate::language::{Language, Text};
use crate::policy::Op;
use crate::problem::{Code, Problem, Result};
use crate::work::record;
use actix_web::http::header::{self, HeaderMap};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use futures_util::{Stream, StreamExt, stream};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde::Serialize;
use std::pin::Pin;

pub const CSV: &str = "text/csv";
pub const MERMAID: &str = "text/vnd.mermaid";
pub const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// The operations whose answers are tables that can be taken away, and what the audit log calls their rows: what handlers, and
/// the OpenAPI document, go by.
const EXPORTED: &[(Op, &str)] = &[
    (Op::ListDepartments, "department"),
    (Op::ListParties, "party"),
    (Op::ListSchemes, "scheme"),
    (Op::ListSchemeAssignments, "assignment"),
    (Op::ListAssignments, "assignment"),
    (Op::GetAssignmentMatrix, "assignment"),
    (Op::ListLiaisonLeaders, "liaison_leader"),
    (Op::ListLiaisonConfirmations, "liaison_confirmation"),
    (Op::ListDepartmentRules, "liaison_rule"),
    (Op::ListProblemReports, "problem_report"),
    (Op::GetComplianceStatistics, "statistics"),
    (Op::GetCoverageStatistics, "statistics"),
    (Op::GetSuggestionStatistics, "statistics"),
    (Op::GetDepartmentStatistics, "statistics"),
    (Op::GetPartyStatistics, "statistics"),
    (Op::ListMeetings, "meeting"),
    (Op::ListMeetingFollowUps, "meeting_follow_up"),
    (Op::ListReportingDuties, "reporting_duty"),
    (Op::ListWorkPlans, "work_plan"),
    (Op::ListWorkReports, "work_report"),
    (Op::GetAnnualSummary, "annual_summary"),
    (Op::ListAnnualSummaryRecords, "annual_summary"),
    (Op::ListAuditLog, "audit_log"),
    (Op::ListSuggestions, "suggestion"),
    (Op::ListFeedbackReceipts, "feedback_receipt"),
    (Op::ListCommitments, "commitment"),
    (Op::ListBulletins, "bulletin"),
];

pub fn is_exported(op: Op) -> bool {
    EXPORTED.iter().any(|(exported, _)| *exported == op)
}

/// Whether an answer is JSON, perhaps among other forms, so that a file that is asked for may not be to be had.
pub fn is_negotiated(op: Op) -> bool {
    let other = [
        Op::GetMetrics,
        Op::GetLiveness,
        Op::GetReadiness,
        Op::GetDocs,
        Op::GetDocsPage,
        Op::GetDocsAsset,
        Op::GetProblem,
        Op::GetCalendar,
        Op::GetAttachmentContent,
    ];
    !op.is_write() && !other.contains(&op)
}

/// 406 where `Accept` wants nothing but files that are not to be had. What browsers and tools send for pages gets JSON.
///
/// # Errors
/// That.
pub fn refuse_unknown_form(op: Op, headers: &HeaderMap) -> Result<()> {
    if !is_negotiated(op) || !headers.contains_key(header::ACCEPT) {
        return Ok(());
    }
    let had = |media_type: &str| match media_type {
        "*/*" | "application/*" | "text/*" | "text/html" | "text/plain" | "application/xhtml+xml" => true,
        CSV | XLSX => is_exported(op),
        MERMAID => op == Op::GetStateMachine,
        other => other == "application/json" || other.ends_with("+json"),
    };
    let wanted = weighted(headers, header::ACCEPT).filter(|(form, weight)| *weight > 0.0 && !form.is_empty());
    let mut wanted = wanted.map(|(form, _)| form).peekable();
    // An empty header wants nothing in particular.
    match wanted.peek().is_none() || wanted.any(|form| had(&form)) {
        true => Ok(()),
        false => Err(Problem::new(Code::NotAcceptable)),
    }
}

/// The form of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Json,
    Csv,
    Xlsx,
}

impl Format {
    /// The form of highest weight among the three (RFC 9110 §12.5.1); JSON where none is asked for, or several alike.
    pub fn of(request: &HttpRequest) -> Self {
        let mut best = (0.0, Self::Json);
        for (media_type, weight) in weighted(request.headers(), header::ACCEPT) {
            let format = match media_type.as_str() {
                "application/json" | "application/*" | "*/*" => Self::Json,
                CSV | "text/*" => Self::Csv,
                XLSX => Self::Xlsx,
                _ => continue,
            };
            if weight > best.0 || weight == best.0 && weight > 0.0 && format == Self::Json {
                best = (weight, format);
            }
        }
        best.1
    }

    fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Csv => "text/csv; charset=utf-8",
            Self::Xlsx => XLSX,
        }
    }

    pub fn extension(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
        }
    }
}

/// What stands in one place of a table.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    Empty,
    Text(String),
    Number(i64),
    Day(NaiveDate),
    /// In Asia/Shanghai.
    Time(NaiveDateTime),
}

impl Cell {
    /// As text, for CSV.
    fn text(&self) -> std::borrow::Cow<'_, str> {
        match self {
            Self::Empty => "".into(),
            Self::Text(text) => text.as_str().into(),
            Self::Number(number) => number.to_string().into(),
            Self::Day(day) => day.format("%Y-%m-%d").to_string().into(),
            Self::Time(time) => time.format("%Y-%m-%d %H:%M:%S").to_string().into(),
        }
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i32> for Cell {
    fn from(number: i32) -> Self {
        Self::Number(number.into())
    }
}

impl From<usize> for Cell {
    fn from(number: usize) -> Self {
        // A count of rows in memory.
        Self::Number(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<NaiveDate> for Cell {
    fn from(day: NaiveDate) -> Self {
        Self::Day(day)
    }
}

impl From<DateTime<Utc>> for Cell {
    fn from(at: DateTime<Utc>) -> Self {
        Self::Time(crate::clock::shanghai_time(at))
    }
}

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Empty, T::into)
    }
}

/// The name of a table and the headings of its columns.
#[derive(Clone, Debug)]
pub struct Table {
    pub title: Text,
    pub columns: Vec<Text>,
}

impl Table {
    pub fn new(title: Text, columns: &[(&'static str, &'static str)]) -> Self {
        let columns = columns.iter().map(|(zh, en)| Text::fixed(zh, en)).collect();
        Self { title, columns }
    }

    fn headings(&self, language: Language) -> Vec<String> {
        self.columns
            .iter()
            .map(|heading| heading.get(language).to_owned())
            .collect()
    }
}

/// A view that is a row of a table.
pub trait Tabular {
    fn table() -> Table;

    /// As many as the table has columns.
    fn cells(&self, language: Language) -> Vec<Cell>;
}

/// A view as a row of a table: what the table is called, and a line a column with its heading and what stands below it.
macro_rules! table {
    (|$row:ident: $view:ty, $language:ident| ($title_zh:literal, $title_en:literal):
        $(($zh:literal, $en:literal) => $cell:expr),+ $(,)?
    ) => {
        impl $crate::http::negotiate::Tabular for $view {
            fn table() -> $crate::http::negotiate::Table {
                let title = $crate::language::Text::fixed($title_zh, $title_en);
                $crate::http::negotiate::Table::new(title, &[$(($zh, $en)),+])
            }

            fn cells(&self, $language: $crate::language::Language) -> Vec<$crate::http::negotiate::Cell> {
                let $row = self;
                vec![$($cell.into()),+]
            }
        }
    };
}
pub(crate) use table;

/// Rows as they come, some at a time.
pub type Batches = Pin<Box<dyn Stream<Item = Result<Vec<Vec<Cell>>>>>>;

impl Call {
    /// The form that the client asks for; JSON wherever there is no other.
    pub fn format(&self) -> Format {
        if is_exported(self.op) {
            Format::of(&self.request)
        } else {
            Format::Json
        }
    }

    /// 200 with one page, or with all of a list that is small by nature, as a file.
    pub async fn list<V: Serialize + Tabular>(&self, page: &Page<V>) -> Result<HttpResponse> {
        match self.format() {
            Format::Json => self.page(page),
            format => self.export_views(format, &page.items).await,
        }
    }

    /// 200 with a file out of views that are all there.
    pub async fn export_views<V: Tabular>(&self, format: Format, views: &[V]) -> Result<HttpResponse> {
        let language = self.language();
        let rows = views.iter().map(|view| view.cells(language)).collect();
        self.export(format, &V::table(), Box::pin(stream::once(async { Ok(rows) })))
            .await
    }

    /// 200 with a file out of rows as they come. The first are awaited, so that what fails at once is still a problem;
    /// what fails later breaks the answer off, and no client takes it for whole.
    pub async fn export(&self, format: Format, table: &Table, mut rows: Batches) -> Result<HttpResponse> {
        self.record_export(format).await?;
        let language = self.language();
        let headings = table.headings(language);
        let title = table.title.get(language);
        let first = rows.next().await.transpose()?.unwrap_or_default();
        let rows: Batches = Box::pin(stream::once(async { Ok(first) }).chain(rows));
        let mut response = self.file(title, format);
        match format {
            Format::Csv => Ok(response.streaming(csv::written(headings, rows))),
            Format::Xlsx => {
                let file = xlsx::written(title.to_owned(), headings, rows).await?;
                Ok(response.streaming(xlsx::sent(file)))
            }
            Format::Json => Err(Problem::internal("JSON is no export")),
        }
    }

    /// 200 with a workbook of several small tables, a sheet each.
    pub async fn export_workbook(
        &self,
        title: &Text,
        tables: Vec<(Table, Vec<Vec<Cell>>)>,
    ) -> Result<HttpResponse> {
        self.record_export(Format::Xlsx).await?;
        let language = self.language();
        let sheets = tables.into_iter().map(|(table, rows)| {
            let name = table.title.get(language).to_owned();
            (name, table.headings(language), rows)
        });
        let file = xlsx::workbook(sheets.collect()).await?;
        let mut response = self.file(title.get(language), Format::Xlsx);
        Ok(response.streaming(xlsx::sent(file)))
    }

    /// Puts it on record that a list is taken away whole: which, by what query, in which form.
    async fn record_export(&self, format: Format) -> Result<()> {
        let subject_type = EXPORTED
            .iter()
            .find(|(op, _)| *op == self.op)
            .map(|(_, what)| *what);
        let query = extract::query_without(&self.request, &[])?;
        let what = serde_json::json!({ "format": format.extension(), "query": query });
        let mut connection = self.worker.db.get().await?;
        record::record_export(&mut connection, &self.origin(), self.op, subject_type, &what).await
    }

    fn file(&self, title: &str, format: Format) -> HttpResponseBuilder {
        let mut response = HttpResponse::Ok();
        response
            .insert_header((header::CONTENT_TYPE, format.media_type()))
            .insert_header((header::CONTENT_DISPOSITION, self.disposition(title, format)))
            .insert_header((header::CONTENT_LANGUAGE, self.language().tag()))
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .insert_header((header::VARY, "Authorization, Accept, Accept-Language"));
        response
    }

    /// RFC 6266 with the name in UTF-8 (RFC 8187), and a plain one for clients that cannot read it.
    fn disposition(&self, title: &str, format: Format) -> String {
        /// RFC 8187 §3.2.1: what may stand as it is.
        const ATTR: &AsciiSet = &CONTROLS
            .add(b' ')
            .add(b'"')
            .add(b'\'')
            .add(b'(')
            .add(b')')
            .add(b'*')
            .add(b',')
            .add(b'/')
            .add(b':')
            .add(b';')
            .add(b'<')
            .add(b'=')
            .add(b'>')
            .add(b'?')
            .add(b'@')
            .add(b'[')
            .add(b'\\')
            .add(b']')
            .add(b'{')
            .add(b'}')
            .add(b'%');
        let (day, extension) = (self.today(), format.extension());
        let name = format!("{title}-{day}.{extension}");
        let plain = format!("{}-{day}.{extension}", self.op.id());
        format!(
            "attachment; filename=\"{plain}\"; filename*=UTF-8''{}",
            utf8_percent_encode(&name, ATTR)
        )
    }
}
