//! Every failure as a problem document (RFC 9457). What a client is told is made here alone; where an error came from
//! stays in the log.

mod catalogue;

pub use catalogue::Code;

use crate::language::{Language, Text};
use crate::limits;
use http::header::{self, HeaderName, HeaderValue};
use serde_json::{Map, Value, json};
use std::fmt;

/// Of every failure (RFC 9457).
pub const MEDIA_TYPE: &str = "application/problem+json";

pub type Result<T> = std::result::Result<T, Problem>;

/// A failure on its way to the client. Boxed, since results carry it everywhere.
pub struct Problem(Box<Inner>);

struct Inner {
    code: Code,
    detail: Option<Text>,
    faults: Vec<Fault>,
    /// Faults beside those that are named.
    omitted: usize,
    extensions: Map<String, Value>,
    headers: Vec<(HeaderName, HeaderValue)>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
    retryable: bool,
}

/// One fault of the input.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    pub place: Place,
    pub code: &'static str,
    pub detail: Text,
}

/// Where a fault is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// A JSON Pointer (RFC 6901) into the body; empty for the body itself.
    Pointer(String),
    /// A query parameter.
    Parameter(String),
    /// A request header.
    Header(&'static str),
}

impl Fault {
    pub fn at(pointer: impl Into<String>, code: &'static str, zh: &'static str, en: &'static str) -> Self {
        Self {
            place: Place::Pointer(pointer.into()),
            code,
            detail: Text::fixed(zh, en),
        }
    }

    /// A reference to what does not exist or cannot be reached: one and the same fault.
    pub fn unknown_reference(pointer: impl Into<String>) -> Self {
        Self::at(
            pointer,
            "unknown_reference",
            "没有这个单位或对象。",
            "There is no such thing.",
        )
    }

    /// The same, of a query parameter.
    pub fn unknown_reference_in_query(parameter: &str) -> Self {
        Self {
            place: Place::Parameter(parameter.to_owned()),
            ..Self::unknown_reference("")
        }
    }

    pub fn to_json(&self, language: Language) -> Value {
        let (key, place) = match &self.place {
            Place::Pointer(pointer) => ("pointer", pointer.as_str()),
            Place::Parameter(name) => ("parameter", name.as_str()),
            Place::Header(name) => ("header", *name),
        };
        let place = limits::clipped(place, limits::PLACE);
        let detail = limits::clipped(self.detail.get(language), limits::DETAIL);
        json!({ key: place, "code": self.code, "detail": detail })
    }
}

impl Problem {
    pub fn new(code: Code) -> Self {
        Self(Box::new(Inner {
            code,
            detail: None,
            faults: Vec::new(),
            omitted: 0,
            extensions: Map::new(),
            headers: Vec::new(),
            source: None,
            retryable: false,
        }))
    }

    pub fn not_found() -> Self {
        Self::new(Code::NotFound)
    }

    /// 422 with every fault, of which an answer names as many as anybody reads.
    pub fn invalid(mut faults: Vec<Fault>) -> Self {
        let mut problem = Self::new(Code::Invalid);
        problem.0.omitted = faults.len().saturating_sub(limits::FAULTS);
        faults.truncate(limits::FAULTS);
        problem.0.faults = faults;
        problem
    }

    /// Further faults, which were counted alone.
    pub fn omitting(mut self, further: usize) -> Self {
        self.0.omitted += further;
        self
    }

    /// 500: the source goes to the log, the client learns nothing of it.
    pub fn internal(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::new(Code::Internal).source(source)
    }

    pub fn detail(mut self, zh: impl Into<String>, en: impl Into<String>) -> Self {
        self.0.detail = Some(Text::new(zh, en));
        self
    }

    pub fn source(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// A further member of the document (RFC 9457 §3.2).
    pub fn with(mut self, member: &str, value: impl Into<Value>) -> Self {
        self.0.extensions.insert(member.to_owned(), value.into());
        self
    }

    pub fn header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.0.headers.push((name, value));
        }
        self
    }

    pub fn retry_after(self, seconds: u64) -> Self {
        self.header(header::RETRY_AFTER, &seconds.max(1).to_string())
    }

    pub fn code(&self) -> Code {
        self.0.code
    }

    pub fn faults(&self) -> &[Fault] {
        &self.0.faults
    }

    /// The faults that an answer has room for.
    fn named(&self, language: Language) -> Vec<Value> {
        let mut room = limits::FAULTS_BYTES;
        let faults = self.0.faults.iter().map(|fault| fault.to_json(language));
        faults
            .take_while(|fault| {
                let size = fault.to_string().len();
                let fits = size <= room;
                room = room.saturating_sub(size);
                fits
            })
            .collect()
    }

    /// The document, for the request that it answers.
    pub fn document(&self, language: Language, instance: &str, request_id: &str) -> Value {
        let code = self.0.code;
        let title = code.title();
        let mut body = json!({
            "type": format!("/problems/{}", code.as_str()),
            "title": title.get(language),
            "status": code.status().as_u16(),
            "detail": limits::clipped(self.0.detail.as_ref().unwrap_or(&code.explanation()).get(language), limits::DETAIL),
            "instance": instance,
            "code": code.as_str(),
            "request_id": request_id,
        });
        if let Some(object) = body.as_object_mut() {
            if !self.0.faults.is_empty() {
                let errors = self.named(language);
                let omitted = self.0.omitted + self.0.faults.len() - errors.len();
                object.insert("errors".into(), errors.into());
                if omitted > 0 {
                    object.insert("errors_omitted".into(), omitted.into());
                }
            }
            object.extend(self.0.extensions.clone());
        }
        body
    }

    /// Headers that the answer carries.
    pub fn headers(&self) -> &[(HeaderName, HeaderValue)] {
        &self.0.headers
    }

    pub fn cause(&self) -> Option<&(dyn std::error::Error + Send + Sync + 'static)> {
        self.0.source.as_deref()
    }

    /// Said of a transaction that failed only because another ran beside it.
    pub fn retryable(mut self, retryable: bool) -> Self {
        self.0.retryable = retryable;
        self
    }

    /// Whether the transaction failed only because another ran beside it.
    pub fn is_retryable(&self) -> bool {
        self.0.retryable
    }
}

impl fmt::Debug for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Problem")
            .field("code", &self.0.code.as_str())
            .field("detail", &self.0.detail)
            .field("faults", &self.0.faults)
            .field("source", &self.0.source)
            .finish()
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.0.code.as_str())?;
        if let Some(detail) = &self.0.detail {
            write!(formatter, ": {}", detail.en)?;
        }
        for fault in self.0.faults.iter().take(limits::FAULTS_LOGGED) {
            write!(formatter, "; {:?}: {}", fault.place, fault.detail.en)?;
        }
        let further = self.0.faults.len().saturating_sub(limits::FAULTS_LOGGED) + self.0.omitted;
        if further > 0 {
            write!(formatter, "; and {further} more")?;
        }
        if let Some(source) = &self.0.source {
            write!(formatter, " ({source})")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problem {}
