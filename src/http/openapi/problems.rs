//! Which problems each operation can answer with. Most follow from what kind of operation it is; conflicts that only some
//! operations meet stand in `CONFLICTS`. Every problem that a test receives is held against it.

use super::takes_idempotency_key;
use crate::http::etag::Match;
use crate::http::negotiate;
use crate::policy::Op;
use crate::policy::matrix::Access;
use crate::problem::Code;
use crate::workflow::machine::Machine;
use actix_web::http::StatusCode;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What there is to know of an operation's description.
#[derive(Clone, Copy)]
pub(super) struct Shape {
    has_path: bool,
    has_body: bool,
}

impl Shape {
    pub fn of(operation: &Value) -> Self {
        let mut parameters = operation["parameters"].as_array().into_iter().flatten();
        Self {
            has_path: parameters.any(|parameter| parameter["in"] == "path"),
            has_body: operation["requestBody"].is_object(),
        }
    }
}

/// The codes that one answer can carry.
type Codes = Vec<Code>;

/// Answers that several operations give: they stand once in the document.
pub(super) struct Shared<'m> {
    machines: &'m [&'m Machine],
    /// What such an answer is called.
    names: HashMap<Codes, String>,
}

/// How many operations give the same answer before it is said once for all of them.
const OFTEN: usize = 4;

impl<'m> Shared<'m> {
    pub fn new(document: &Value, machines: &'m [&'m Machine]) -> Self {
        let mut uses: HashMap<Codes, usize> = HashMap::new();
        for op in Op::ALL {
            let row = op.row();
            let operation = &document["paths"][row.path][row.method.as_str().to_ascii_lowercase()];
            if operation.is_object() {
                of(*op, Shape::of(operation), machines)
                    .into_values()
                    .for_each(|codes| *uses.entry(codes).or_default() += 1);
            }
        }
        let mut often: Vec<(Codes, usize)> = uses.into_iter().filter(|(_, count)| *count >= OFTEN).collect();
        // The most frequent answer of a status bears its number alone.
        let said = |codes: &Codes| codes.iter().map(|code| code.as_str()).collect::<Vec<_>>();
        often.sort_by_key(|(codes, count)| (std::cmp::Reverse(*count), said(codes)));
        let mut of_status: BTreeMap<u16, usize> = BTreeMap::new();
        let named = often.into_iter().map(|(codes, _)| {
            let status = codes[0].status().as_u16();
            let place = of_status.entry(status).or_default();
            *place += 1;
            let name = match place {
                1 => status.to_string(),
                place => format!("{status}-{place}"),
            };
            (codes, name)
        });
        let names = named.collect();
        Self { machines, names }
    }

    /// By status, the answers of an operation that tell of problems.
    pub fn of(&self, op: Op, shape: Shape) -> impl Iterator<Item = (String, Value)> {
        of(op, shape, self.machines).into_iter().map(|(status, codes)| {
            let answer = match self.names.get(&codes) {
                Some(name) => json!({ "$ref": format!("#/components/responses/{name}") }),
                None => response(&codes),
            };
            (status.to_string(), answer)
        })
    }

    pub fn responses(&self) -> Value {
        let mut responses: Map<String, Value> = self
            .names
            .iter()
            .map(|(codes, name)| (name.clone(), response(codes)))
            .collect();
        responses.sort_keys();
        responses.into()
    }
}

/// One example for each code, by its name.
pub(super) fn problem_examples() -> Value {
    let examples = Code::ALL
        .iter()
        .filter(|code| code.status() != StatusCode::METHOD_NOT_ALLOWED)
        .map(|code| {
            let example = json!({
                "summary": format!("{} · {}", code.title().zh, code.title().en),
                "value": {
                    "type": format!("/problems/{}", code.as_str()),
                    "title": code.title().zh,
                    "status": code.status().as_u16(),
                    "detail": code.explanation().zh,
                    "instance": "/api/v1/departments",
                    "code": code.as_str(),
                    "request_id": "0193d2a4-5c00-7000-8000-000000000001",
                },
            });
            (code.as_str().to_owned(), example)
        });
    examples.collect::<Map<_, _>>().into()
}

fn response(codes: &Codes) -> Value {
    let status = codes[0].status().as_u16();
    let header = |name: &str| {
        (
            name.to_owned(),
            json!({ "$ref": format!("#/components/headers/{name}") }),
        )
    };
    let mut headers: Map<String, Value> = ["X-Request-Id", "RateLimit", "Access-Control-Allow-Origin"]
        .map(header)
        .into_iter()
        .collect();
    match status {
        429 | 503 => headers.extend([header("Retry-After")]),
        416 => headers.extend([header("Content-Range")]),
        _ => {}
    }
    let lines = codes
        .iter()
        .map(|code| format!("- `{}` {} · {}", code.as_str(), code.title().zh, code.title().en));
    let examples = codes.iter().map(|code| {
        let reference = json!({ "$ref": format!("#/components/examples/{}", code.as_str()) });
        (code.as_str().to_owned(), reference)
    });
    json!({
        "description": lines.collect::<Vec<_>>().join("\n"),
        "headers": headers,
        "content": { "application/problem+json": {
            "schema": { "$ref": "#/components/schemas/Problem" },
            "examples": examples.collect::<Map<_, _>>(),
        } },
    })
}

/// By status, the codes in the order of the catalogue.
fn of(op: Op, shape: Shape, machines: &[&Machine]) -> BTreeMap<u16, Codes> {
    use Code::*;
    let mut codes = vec![
        BadRequest,
        Invalid,
        TooManyRequests,
        Internal,
        DatabaseUnavailable,
        TimedOut,
    ];
    if !op.is_public() {
        codes.push(Unauthenticated);
    }
    if matches!(op.row().access, Access::ByRole(_)) {
        codes.extend([
            RoleNotAllowed,
            NotYours,
            PasswordChangeRequired,
            OrganizationEnded,
        ]);
    }
    if shape.has_path {
        codes.push(NotFound);
    }
    if shape.has_body {
        codes.extend([BodyTooLarge, BodyTooSlow, UnsupportedMediaType]);
        if !op.is_upload() {
            codes.push(MalformedJson);
        }
    }
    match Match::of(op) {
        Match::Unused => {}
        Match::Honoured => codes.push(PreconditionFailed),
        Match::Required => codes.extend([PreconditionRequired, PreconditionFailed]),
    }
    if negotiate::is_negotiated(op) {
        codes.push(NotAcceptable);
    }
    if takes_idempotency_key(op) {
        codes.extend([IdempotencyKeyInUse, IdempotencyKeyReused]);
    }
    if op.is_write() && !op.is_public() {
        // A constraint of the database that has no code of its own.
        codes.push(Conflict);
    }
    if machines.iter().any(|machine| {
        machine
            .steps
            .iter()
            .any(|step| step.op == Some(op) && !step.from.is_empty())
    }) {
        codes.push(StepNotAllowed);
    }
    codes.extend(
        CONFLICTS
            .iter()
            .filter(|(_, ops)| ops.contains(&op))
            .map(|(code, _)| *code),
    );
    let codes: BTreeSet<&str> = codes.into_iter().map(Code::as_str).collect();
    let mut by_status: BTreeMap<u16, Codes> = BTreeMap::new();
    for code in Code::ALL.iter().filter(|code| codes.contains(code.as_str())) {
        by_status.entry(code.status().as_u16()).or_default().push(*code);
    }
    by_status
}

const CONFLICTS: &[(Code, &[Op])] = {
    use Op::*;
    &[
        (Code::LoginFailed, &[LogIn]),
        (Code::LoginLocked, &[LogIn, ChangeMyPassword]),
        (Code::PasswordWrong, &[ChangeMyPassword]),
        (Code::RefreshTokenInvalid, &[RefreshSession]),
        (
            Code::Busy,
            &[LogIn, ChangeMyPassword, CreateUser, ResetUserPassword],
        ),
        (Code::UploadTooSlow, &[CreateAttachment]),
        (Code::UploadsBusy, &[CreateAttachment]),
        (Code::FilesUnavailable, &[CreateAttachment, GetAttachmentContent]),
        (Code::RangeNotSatisfiable, &[GetAttachmentContent]),
        (Code::AttachmentSuperseded, &[CreateAttachment]),
        (Code::AttachmentKept, &[CreateAttachment, DeleteAttachment]),
        (Code::TooManyAttachments, &[CreateAttachment]),
        (Code::CodeTaken, &[CreateDepartment, CreateParty]),
        (
            Code::NameTaken,
            &[
                CreateDepartment,
                UpdateDepartment,
                RenameDepartment,
                CreateParty,
                UpdateParty,
                RenameParty,
            ],
        ),
        (
            Code::ShortNameTaken,
            &[
                CreateDepartment,
                UpdateDepartment,
                RenameDepartment,
                CreateParty,
                UpdateParty,
                RenameParty,
            ],
        ),
        (
            Code::SocialCreditCodeTaken,
            &[CreateDepartment, UpdateDepartment, CreateParty, UpdateParty],
        ),
        (
            Code::NameHistory,
            &[RenameDepartment, MergeDepartment, AbolishDepartment, RenameParty],
        ),
        (
            Code::DepartmentEnded,
            &[
                RenameDepartment,
                MergeDepartment,
                AbolishDepartment,
                CreateBulletin,
                CreateLiaisonLeader,
            ],
        ),
        (Code::SuccessorNeeded, &[AbolishDepartment]),
        (Code::DocumentNumberTaken, &[CreateScheme, UpdateScheme]),
        (Code::UsernameTaken, &[CreateUser, UpdateUser]),
        (
            Code::OwnAccount,
            &[
                UpdateUser,
                DisableUser,
                EnableUser,
                ResetUserPassword,
                UnlockUser,
                SetUserRole,
            ],
        ),
        (Code::LastAdministrator, &[DisableUser, SetUserRole]),
        (
            Code::SchemePublished,
            &[
                UpdateScheme,
                DeleteScheme,
                ReplaceSchemeAssignments,
                PublishScheme,
            ],
        ),
        (Code::SchemeIncomplete, &[PublishScheme]),
        (Code::SchemeDates, &[CreateScheme, UpdateScheme, PublishScheme]),
        (
            Code::AlreadyAcknowledged,
            &[
                AcknowledgeLiaisonLeader,
                AcknowledgeBulletin,
                AcknowledgeWorkReport,
            ],
        ),
        (
            Code::AppointmentExists,
            &[CreateLiaisonLeader, CorrectLiaisonLeader],
        ),
        (Code::NoAppointment, &[ConfirmLiaisonLeader]),
        (
            Code::StepNotAllowed,
            &[
                UpdateMeeting,
                DeleteMeeting,
                InviteToMeeting,
                WithdrawInvitation,
                RespondToInvitation,
                ReplaceAttendance,
                ReplaceMinutes,
                GiveOpinion,
                AnswerOpinion,
                CreateFeedbackReceipt,
            ],
        ),
        (Code::MeetingNotBegun, &[HoldMeeting]),
        (Code::MeetingBegun, &[RespondToInvitation]),
        (Code::MinutesMissing, &[ConcludeMeeting]),
        (Code::AlreadyInvited, &[InviteToMeeting]),
        (Code::AttendanceNotRecorded, &[DisputeAttendance]),
        (Code::AlreadyDisputed, &[DisputeAttendance]),
        (Code::DisputeTooLate, &[DisputeAttendance]),
        (Code::NoOpenDispute, &[DecideAttendanceDispute]),
        (Code::NothingToDecide, &[GiveOpinion, RecordDecision]),
        (Code::OpinionGiven, &[GiveOpinion, GiveSuggestionOpinion]),
        (Code::OpinionAnswered, &[AnswerOpinion]),
        (Code::NoSignaturesToRequest, &[RequestSuggestionSignatures]),
        (Code::AlreadySigned, &[CoSignSuggestion]),
        (Code::AlreadyDeclined, &[DeclineToSignSuggestion]),
        (Code::SignaturesMissing, &[SubmitSuggestion]),
        (Code::ReturnTooLate, &[ReturnSuggestion]),
        (Code::ReturnDenied, &[ReturnSuggestion]),
        (Code::CommunicationNeeded, &[ReplyToSuggestion]),
        (Code::ExtensionPending, &[RequestSuggestionExtension]),
        (Code::ExtensionUsed, &[RequestSuggestionExtension]),
        (Code::NoExtensionPending, &[DecideSuggestionExtension]),
        (Code::FilingNotReported, &[FileSuggestion, ReturnSuggestionFiling]),
        (Code::FilingNotReturned, &[ReportSuggestionFiling]),
        (Code::MediationNotNeeded, &[MediateSuggestion]),
        (Code::AlreadyEvaluated, &[CreateFeedbackReceipt]),
        (
            Code::WorkPlanExists,
            &[CreateWorkPlan, UpdateWorkPlan, ReviseWorkPlan],
        ),
        (Code::WorkPlanEmpty, &[SubmitWorkPlan]),
        (
            Code::WorkReportExists,
            &[CreateWorkReport, UpdateWorkReport, ReviseWorkReport],
        ),
        (
            Code::AlreadySubmitted,
            &[UpdateWorkPlan, DeleteWorkPlan, UpdateWorkReport, DeleteWorkReport],
        ),
        (
            Code::Superseded,
            &[
                SubmitWorkPlan,
                AcknowledgeWorkPlan,
                ReturnWorkPlan,
                ReviseWorkPlan,
                ReplaceWorkPlanItemMeetings,
                SubmitWorkReport,
                ReceiveWorkReport,
                ReturnWorkReport,
                AcknowledgeWorkReport,
                ReviseWorkReport,
            ],
        ),
        (Code::RevisionUnderWay, &[ReviseWorkPlan, ReviseWorkReport]),
        (Code::AnnualSummaryExists, &[CreateAnnualSummary]),
        (Code::SummaryWithoutText, &[PublishAnnualSummary]),
        (Code::BulletinSent, &[UpdateBulletin, DeleteBulletin]),
        (Code::NoRecipients, &[SendBulletin]),
        (Code::CalendarFeedExists, &[CreateCalendarFeed]),
    ]
};
