//! Every failure as a problem document (RFC 9457). What a client is told is made here alone; where an error came from
//! stays in the log.

use super::catalogue::Code;
use super::cost;
use super::language::{Language, Text};
use crate::auth::password::PasswordHashError;
use crate::db::wire;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::{HttpResponse, ResponseError};
use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error as DieselError};
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

    fn to_json(&self, language: Language) -> Value {
        let (key, place) = match &self.place {
            Place::Pointer(pointer) => ("pointer", pointer.as_str()),
            Place::Parameter(name) => ("parameter", name.as_str()),
            Place::Header(name) => ("header", *name),
        };
        let place = cost::clipped(place, cost::PLACE);
        let detail = cost::clipped(self.detail.get(language), cost::DETAIL);
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
        problem.0.omitted = faults.len().saturating_sub(cost::FAULTS);
        faults.truncate(cost::FAULTS);
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

    pub fn cause(&self) -> Option<&(dyn std::error::Error + Send + Sync)> {
        self.0.source.as_deref()
    }

    /// What the database has called the error that this comes from.
    pub fn sqlstate(&self) -> Option<&str> {
        match self.0.source.as_ref()?.downcast_ref::<DieselError>()? {
            DieselError::DatabaseError(_, information) => wire::sqlstate(information.message()),
            _ => None,
        }
    }

    /// Whether the transaction failed only because another ran beside it.
    pub fn is_retryable(&self) -> bool {
        self.0.retryable
    }

    /// The faults that an answer has room for.
    fn named(&self, language: Language) -> Vec<Value> {
        let mut room = cost::FAULTS_BYTES;
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

    /// The answer, for the request that it belongs to.
    pub fn render(&self, language: Language, instance: &str, request_id: &str) -> HttpResponse {
        let code = self.0.code;
        let title = code.title();
        let mut body = json!({
            "type": format!("/problems/{}", code.as_str()),
            "title": title.get(language),
            "status": code.status().as_u16(),
            "detail": cost::clipped(self.0.detail.as_ref().unwrap_or(&code.explanation()).get(language), cost::DETAIL),
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
        let mut builder = HttpResponse::build(code.status());
        for (name, value) in &self.0.headers {
            builder.insert_header((name.clone(), value.clone()));
        }
        if code.status() == StatusCode::UNAUTHORIZED {
            // RFC 9110 §11.6.1; no error attribute, since all bad tokens get one answer.
            builder.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
        }
        builder
            .insert_header((header::CONTENT_TYPE, MEDIA_TYPE))
            .insert_header((header::CONTENT_LANGUAGE, language.tag()))
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .body(body.to_string())
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
        for fault in self.0.faults.iter().take(cost::FAULTS_LOGGED) {
            write!(formatter, "; {:?}: {}", fault.place, fault.detail.en)?;
        }
        let further = self.0.faults.len().saturating_sub(cost::FAULTS_LOGGED) + self.0.omitted;
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

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.0.code.status()
    }

    /// Without a body: `observe` renders it, since it knows the request.
    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status_code())
    }
}

/// The constraints of the database that a client can run into, and what it is told then.
const CONSTRAINTS: &[(&str, Code)] = &[
    ("organizations_code", Code::CodeTaken),
    ("organization_names_unique_name", Code::NameTaken),
    ("organization_names_unique_short_name", Code::ShortNameTaken),
    ("organization_names_one_at_a_time", Code::NameHistory),
    ("organization_names_effective", Code::NameHistory),
    ("organizations_social_credit_code", Code::SocialCreditCodeTaken),
    ("schemes_document_number", Code::DocumentNumberTaken),
    ("schemes_published", Code::SchemePublished),
    ("schemes_one_in_force", Code::SchemeDates),
    ("schemes_effective", Code::SchemeDates),
    ("attachments_version", Code::AttachmentSuperseded),
    ("attachments_kept_with_record", Code::AttachmentKept),
    ("users_username", Code::UsernameTaken),
    ("liaison_leaders_one_at_a_time", Code::AppointmentExists),
    ("liaison_leaders_effective", Code::AppointmentExists),
    ("bulletins_kept", Code::BulletinSent),
    ("calendar_feeds_of_user", Code::CalendarFeedExists),
    ("calendar_feeds_of_organization", Code::CalendarFeedExists),
    ("meeting_invitations_once", Code::AlreadyInvited),
    ("meeting_opinions_once", Code::OpinionGiven),
    ("work_plans_versions", Code::WorkPlanExists),
    ("work_plans_draft", Code::WorkPlanExists),
    ("work_reports_versions", Code::WorkReportExists),
    ("work_reports_draft", Code::WorkReportExists),
    ("annual_summaries_once", Code::AnnualSummaryExists),
];

impl From<PasswordHashError> for Problem {
    fn from(error: PasswordHashError) -> Self {
        match error {
            PasswordHashError::Busy => Self::new(Code::Busy).retry_after(1).source(error),
            _ => Self::internal(error),
        }
    }
}

impl From<DieselError> for Problem {
    fn from(error: DieselError) -> Self {
        let (code, retryable) = match &error {
            DieselError::NotFound => (Code::NotFound, false),
            DieselError::DatabaseError(kind, information) => of_database(kind, information.as_ref()),
            // What is told is why it was to be committed in vain.
            DieselError::RollbackErrorOnCommit { commit_error, .. } => match &**commit_error {
                DieselError::DatabaseError(kind, information) => of_database(kind, information.as_ref()),
                _ => (Code::DatabaseUnavailable, false),
            },
            // A connection was lost in the middle.
            DieselError::BrokenTransactionManager => (Code::DatabaseUnavailable, false),
            _ => (Code::Internal, false),
        };
        let mut problem = Self::new(code).source(error);
        problem.0.retryable = retryable;
        if code == Code::DatabaseUnavailable {
            problem.retry_after(2)
        } else {
            problem
        }
    }
}

/// By SQLSTATE, never by words: they are in the language of the server. What has none did not reach it.
fn of_database(kind: &DatabaseErrorKind, information: &dyn DatabaseErrorInformation) -> (Code, bool) {
    use DatabaseErrorKind::{ClosedConnection, UnableToSendCommand};
    if matches!(kind, UnableToSendCommand | ClosedConnection) {
        return (Code::DatabaseUnavailable, false);
    }
    let state = wire::sqlstate(information.message()).unwrap_or_default();
    let constraint = information.constraint_name().unwrap_or_default();
    match state {
        // Serialization, deadlock: only another's simultaneous work stood in the way.
        "40001" | "40P01" => (Code::DatabaseUnavailable, true),
        // Our own key of kept answers: the same request ran beside this one and has just committed.
        "23505" if constraint == "idempotency_keys_pkey" => (Code::IdempotencyKeyInUse, true),
        "23001" | "23503" | "23505" | "23514" | "23P01" => {
            let known = CONSTRAINTS.iter().find(|(name, _)| *name == constraint);
            (known.map_or(Code::Conflict, |(_, code)| *code), false)
        }
        // Read-only; a transaction that was idle for too long.
        "25006" | "25P03" => (Code::DatabaseUnavailable, false),
        _ => match state.get(..2) {
            Some("08" | "40" | "53" | "55" | "57" | "58" | "XX") => (Code::DatabaseUnavailable, false),
            _ => (Code::Internal, false),
        },
    }
}
