//! What an error of the database means to a client: by SQLSTATE and the name of the constraint, never by words.

use super::wire;
use crate::problem::{Code, Problem};
use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error as DieselError};

/// What the database has called the error that a problem comes from.
pub fn sqlstate(problem: &Problem) -> Option<&str> {
    match problem.cause()?.downcast_ref::<DieselError>()? {
        DieselError::DatabaseError(_, information) => wire::sqlstate(information.message()),
        _ => None,
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
        let problem = Self::new(code).source(error).retryable(retryable);
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
