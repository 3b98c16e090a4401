//! THE table: every operation of the service, and how far each role reaches with it. Data only.
//!
//! From it come the gate, the list scopes, `x-roles` of the OpenAPI document, `GET me`'s operations and the readable
//! table in `docs/policy.md`; tests compare it with the running router and the document.

use super::caller::{Caller, Principal, Role};
use super::permit::Operation;
use http::Method;

/// How far a role reaches with an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::Display)]
#[strum(serialize_all = "snake_case")]
pub enum Reach {
    /// Refused before anything is read: 403.
    Never,
    /// Everything of the resource.
    Any,
    /// What is of the caller's own organization.
    Own,
    /// What has been issued: drafts do not exist for the caller.
    Issued,
    /// What the record allows that the thing hangs on.
    Carrier,
}

/// One row of the matrix.
#[derive(Debug)]
pub struct Row {
    pub op: Op,
    pub method: Method,
    pub path: &'static str,
    pub access: Access,
}

/// Who comes through the gate.
#[derive(Debug)]
pub enum Access {
    /// Anybody, without a token.
    Public,
    /// Every account that is logged in, whatever its role, or none: its own session and self.
    LoggedIn,
    /// By role, in the order of `Role`.
    ByRole([Reach; 7]),
}

macro_rules! reach {
    (-) => {
        Reach::Never
    };
    (any) => {
        Reach::Any
    };
    (own) => {
        Reach::Own
    };
    (issued) => {
        Reach::Issued
    };
    (carrier) => {
        Reach::Carrier
    };
}

macro_rules! access {
    (public) => { Access::Public };
    (logged_in) => { Access::LoggedIn };
    ($($reach:tt)*) => { Access::ByRole([$(reach!($reach)),*]) };
}

macro_rules! operations {
    ($($name:ident $method:ident $path:literal [$($access:tt)*];)*) => {
        /// Every operation. Its snake_case name is the `operationId` and the name of the handler.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, strum::IntoStaticStr, strum::EnumCount)]
        #[strum(serialize_all = "snake_case")]
        pub enum Op { $($name),* }

        impl Op {
            pub const ALL: &'static [Op] = &[$(Op::$name),*];
        }

        /// The same operations as types, for permits.
        pub mod ops {
            $(pub struct $name;
            impl super::Operation for $name { const OP: super::Op = super::Op::$name; })*
        }

        static ROWS: &[Row] = &[$(Row {
            op: Op::$name,
            method: Method::$method,
            path: $path,
            access: access!($($access)*),
        }),*];
    };
}

operations! {
    // operation               method  path                                              coordinator
    //                                                                                   |      government_office
    //                                                                                   |      |      department
    //                                                                                   |      |      |      party
    //                                                                                   |      |      |      |      admin
    //                                                                                   |      |      |      |      |      security_admin
    //                                                                                   |      |      |      |      |      |      auditor
    GetLiveness                GET     "/livez"                                          [public];
    GetReadiness               GET     "/readyz"                                         [public];
    GetMetrics                 GET     "/metrics"                                        [public];
    GetOpenapi                 GET     "/openapi.json"                                   [public];
    GetDocs                    GET     "/docs"                                           [public];
    GetDocsPage                GET     "/docs/"                                          [public];
    GetDocsAsset               GET     "/docs/{*asset}"                                  [public];
    GetProblem                 GET     "/problems/{code}"                                [public];
    GetJwks                    GET     "/.well-known/jwks.json"                          [public];

    LogIn                      POST    "/api/v1/auth/login"                              [public];
    RefreshSession             POST    "/api/v1/auth/refresh"                            [public];
    LogOut                     POST    "/api/v1/auth/logout"                             [logged_in];
    GetMe                      GET     "/api/v1/me"                                      [logged_in];
    ChangeMyPassword           PUT     "/api/v1/me/password"                             [logged_in];

    ListUsers                  GET     "/api/v1/users"                                   [-      -      -      -      any    any    -];
    CreateUser                 POST    "/api/v1/users"                                   [-      -      -      -      any    -      -];
    GetUser                    GET     "/api/v1/users/{id}"                              [-      -      -      -      any    any    -];
    UpdateUser                 PATCH   "/api/v1/users/{id}"                              [-      -      -      -      any    -      -];
    DisableUser                POST    "/api/v1/users/{id}/disable"                      [-      -      -      -      any    -      -];
    EnableUser                 POST    "/api/v1/users/{id}/enable"                       [-      -      -      -      any    -      -];
    ResetUserPassword          POST    "/api/v1/users/{id}/reset-password"               [-      -      -      -      any    -      -];
    UnlockUser                 POST    "/api/v1/users/{id}/unlock"                       [-      -      -      -      -      any    -];
    SetUserRole                PUT     "/api/v1/users/{id}/role"                         [-      -      -      -      -      any    -];

    ListDepartments            GET     "/api/v1/departments"                             [any    any    any    any    any    any    any];
    CreateDepartment           POST    "/api/v1/departments"                             [any    -      -      -      -      -      -];
    GetDepartment              GET     "/api/v1/departments/{id}"                        [any    any    any    any    any    any    any];
    UpdateDepartment           PATCH   "/api/v1/departments/{id}"                        [any    -      -      -      -      -      -];
    RenameDepartment           POST    "/api/v1/departments/{id}/rename"                 [any    -      -      -      -      -      -];
    MergeDepartment            POST    "/api/v1/departments/{id}/merge"                  [any    -      -      -      -      -      -];
    AbolishDepartment          POST    "/api/v1/departments/{id}/abolish"                [any    -      -      -      -      -      -];

    ListParties                GET     "/api/v1/parties"                                 [any    any    any    any    any    any    any];
    CreateParty                POST    "/api/v1/parties"                                 [any    -      -      -      -      -      -];
    GetParty                   GET     "/api/v1/parties/{id}"                            [any    any    any    any    any    any    any];
    UpdateParty                PATCH   "/api/v1/parties/{id}"                            [any    -      -      -      -      -      -];
    RenameParty                POST    "/api/v1/parties/{id}/rename"                     [any    -      -      -      -      -      -];
    ReplacePartyContact        PUT     "/api/v1/parties/{id}/contact"                    [any    -      -      own    -      -      -];

    ListOffices                GET     "/api/v1/offices"                                 [any    any    any    any    any    any    any];

    ListSchemes                GET     "/api/v1/schemes"                                 [any    issued issued issued issued issued issued];
    CreateScheme               POST    "/api/v1/schemes"                                 [any    -      -      -      -      -      -];
    GetScheme                  GET     "/api/v1/schemes/{id}"                            [any    issued issued issued issued issued issued];
    UpdateScheme               PATCH   "/api/v1/schemes/{id}"                            [any    -      -      -      -      -      -];
    DeleteScheme               DELETE  "/api/v1/schemes/{id}"                            [any    -      -      -      -      -      -];
    ListSchemeAssignments      GET     "/api/v1/schemes/{id}/assignments"                [any    issued issued issued issued issued issued];
    ReplaceSchemeAssignments   PUT     "/api/v1/schemes/{id}/assignments"                [any    -      -      -      -      -      -];
    DiffScheme                 GET     "/api/v1/schemes/{id}/diff"                       [any    issued issued issued issued issued issued];
    PublishScheme              POST    "/api/v1/schemes/{id}/publish"                    [any    -      -      -      -      -      -];

    ListAssignments            GET     "/api/v1/assignments"                             [any    issued issued issued issued issued issued];
    GetAssignment              GET     "/api/v1/assignments/{id}"                        [any    any    any    any    any    any    any];
    GetAssignmentMatrix        GET     "/api/v1/assignments/matrix"                      [any    issued issued issued issued issued issued];

    ListLiaisonLeaders         GET     "/api/v1/liaison-leaders"                         [any    any    any    any    -      -      -];
    CreateLiaisonLeader        POST    "/api/v1/liaison-leaders"                         [any    -      own    -      -      -      -];
    GetLiaisonLeader           GET     "/api/v1/liaison-leaders/{id}"                    [any    any    any    any    -      -      -];
    CorrectLiaisonLeader       POST    "/api/v1/liaison-leaders/{id}/correct"            [any    -      own    -      -      -      -];
    RequestLiaisonLeaderCompletion POST "/api/v1/liaison-leaders/{id}/request-completion" [any   -      -      -      -      -      -];
    AcknowledgeLiaisonLeader   POST    "/api/v1/liaison-leaders/{id}/acknowledge"        [own    -      -      own    -      -      -];
    ListLiaisonLeaderReceipts  GET     "/api/v1/liaison-leaders/{id}/receipts"           [any    any    own    own    -      -      -];
    ListLiaisonLeaderVersions  GET     "/api/v1/liaison-leaders/{id}/versions"           [any    any    any    any    -      -      -];
    ListLiaisonLeaderDeadlines GET     "/api/v1/liaison-leaders/{id}/deadlines"          [any    any    own    own    -      -      -];

    ListDepartmentRules        GET     "/api/v1/departments/{id}/rules"                  [any    any    any    any    -      -      -];
    CreateDepartmentRule       POST    "/api/v1/departments/{id}/rules"                  [any    -      own    -      -      -      -];
    GetDepartmentRule          GET     "/api/v1/departments/{id}/rules/{rule}"           [any    any    any    any    -      -      -];
    UpdateDepartmentRule       PATCH   "/api/v1/departments/{id}/rules/{rule}"           [any    -      own    -      -      -      -];

    ListLiaisonConfirmations   GET     "/api/v1/liaison-confirmations"                   [any    any    own    -      -      -      -];
    GetLiaisonConfirmation     GET     "/api/v1/liaison-confirmations/{id}"              [any    any    own    -      -      -      -];
    ConfirmLiaisonLeader       POST    "/api/v1/liaison-confirmations/{id}/confirm"      [any    -      own    -      -      -      -];

    CountWorkingDays           GET     "/api/v1/working-days"                            [any    any    any    any    any    any    any];
    ImportWorkingDays          POST    "/api/v1/working-days/import"                     [any    -      -      -      -      -      -];
    GetWorkingDayYear          GET     "/api/v1/working-days/{year}"                     [any    any    any    any    any    any    any];
    ReplaceWorkingDayYear      PUT     "/api/v1/working-days/{year}"                     [any    -      -      -      -      -      -];

    ListSettings               GET     "/api/v1/settings"                                [any    any    any    any    any    -      -];
    GetSetting                 GET     "/api/v1/settings/{key}"                          [any    any    any    any    any    -      -];
    UpdateSetting              PATCH   "/api/v1/settings/{key}"                          [any    -      -      -      -      -      -];

    ListProblemReports         GET     "/api/v1/problem-reports"                         [any    -      own    own    -      -      -];
    CreateProblemReport        POST    "/api/v1/problem-reports"                         [any    -      own    own    -      -      -];
    GetProblemReport           GET     "/api/v1/problem-reports/{id}"                    [any    -      own    own    -      -      -];
    AnswerProblemReport        POST    "/api/v1/problem-reports/{id}/answer"             [any    -      -      -      -      -      -];
    CloseProblemReport         POST    "/api/v1/problem-reports/{id}/close"              [any    -      -      -      -      -      -];
    ListProblemReportDeadlines GET     "/api/v1/problem-reports/{id}/deadlines"          [any    -      own    own    -      -      -];

    ListBulletins              GET     "/api/v1/bulletins"                               [issued own    own    own    -      -      -];
    CreateBulletin             POST    "/api/v1/bulletins"                               [any    -      any    any    -      -      -];
    GetBulletin                GET     "/api/v1/bulletins/{id}"                          [issued own    own    own    -      -      -];
    UpdateBulletin             PATCH   "/api/v1/bulletins/{id}"                          [own    -      own    own    -      -      -];
    DeleteBulletin             DELETE  "/api/v1/bulletins/{id}"                          [own    -      own    own    -      -      -];
    SendBulletin               POST    "/api/v1/bulletins/{id}/send"                     [own    -      own    own    -      -      -];
    AcknowledgeBulletin        POST    "/api/v1/bulletins/{id}/acknowledge"              [own    own    own    own    -      -      -];
    WithdrawBulletin           POST    "/api/v1/bulletins/{id}/withdraw"                 [own    -      own    own    -      -      -];
    ListBulletinReceipts       GET     "/api/v1/bulletins/{id}/receipts"                 [issued own    own    own    -      -      -];

    ListCalendarFeeds          GET     "/api/v1/calendar-feeds"                          [own    own    own    own    -      -      -];
    CreateCalendarFeed         POST    "/api/v1/calendar-feeds"                          [any    any    any    any    -      -      -];
    GetCalendarFeed            GET     "/api/v1/calendar-feeds/{id}"                     [own    own    own    own    -      -      -];
    RotateCalendarFeed         POST    "/api/v1/calendar-feeds/{id}/rotate"              [own    own    own    own    -      -      -];
    DeleteCalendarFeed         DELETE  "/api/v1/calendar-feeds/{id}"                     [own    own    own    own    -      -      -];
    GetCalendar                GET     "/api/v1/calendar/{secret}.ics"                   [public];
    ListMeetings               GET     "/api/v1/meetings"                                [issued issued own    own    -      -      -];
    CreateMeeting              POST    "/api/v1/meetings"                                [own    -      own    -      -      -      -];
    GetMeeting                 GET     "/api/v1/meetings/{id}"                           [issued issued own    own    -      -      -];
    UpdateMeeting              PATCH   "/api/v1/meetings/{id}"                           [own    -      own    -      -      -      -];
    DeleteMeeting              DELETE  "/api/v1/meetings/{id}"                           [own    -      own    -      -      -      -];
    ConveneMeeting             POST    "/api/v1/meetings/{id}/convene"                   [own    -      own    -      -      -      -];
    PostponeMeeting            POST    "/api/v1/meetings/{id}/postpone"                  [own    -      own    -      -      -      -];
    CancelMeeting              POST    "/api/v1/meetings/{id}/cancel"                    [own    -      own    -      -      -      -];
    HoldMeeting                POST    "/api/v1/meetings/{id}/hold"                      [own    -      own    -      -      -      -];
    ConcludeMeeting            POST    "/api/v1/meetings/{id}/conclude"                  [own    -      own    -      -      -      -];
    ListMeetingDeadlines       GET     "/api/v1/meetings/{id}/deadlines"                 [issued issued own    own    -      -      -];
    ListInvitations            GET     "/api/v1/meetings/{id}/invitations"               [issued issued own    own    -      -      -];
    InviteToMeeting            POST    "/api/v1/meetings/{id}/invitations"               [own    -      own    -      -      -      -];
    WithdrawInvitation         DELETE  "/api/v1/meetings/{id}/invitations/{invitation}"  [own    -      own    -      -      -      -];
    RespondToInvitation        POST    "/api/v1/meetings/{id}/invitations/{invitation}/respond" [own own own  own    -      -      -];
    DisputeAttendance          POST    "/api/v1/meetings/{id}/invitations/{invitation}/dispute" [-   -   -    own    -      -      -];
    DecideAttendanceDispute    POST    "/api/v1/meetings/{id}/invitations/{invitation}/decide-dispute" [any - - -    -      -      -];
    GetAttendance              GET     "/api/v1/meetings/{id}/attendance"                [issued issued own    own    -      -      -];
    ReplaceAttendance          PUT     "/api/v1/meetings/{id}/attendance"                [own    -      own    -      -      -      -];
    GetMinutes                 GET     "/api/v1/meetings/{id}/minutes"                   [issued issued own    own    -      -      -];
    ReplaceMinutes             PUT     "/api/v1/meetings/{id}/minutes"                   [own    -      own    -      -      -      -];
    ListOpinions               GET     "/api/v1/meetings/{id}/opinions"                  [issued issued own    own    -      -      -];
    GiveOpinion                POST    "/api/v1/meetings/{id}/opinions"                  [-      -      -      own    -      -      -];
    AnswerOpinion              POST    "/api/v1/meetings/{id}/opinions/{opinion}/answer" [own    -      own    -      -      -      -];
    RecordDecision             POST    "/api/v1/meetings/{id}/record-decision"           [own    -      own    -      -      -      -];
    ListMeetingFollowUps       GET     "/api/v1/meeting-follow-ups"                      [issued issued own    own    -      -      -];
    GetMeetingFollowUp         GET     "/api/v1/meeting-follow-ups/{id}"                 [issued issued own    own    -      -      -];
    CompleteMeetingFollowUp    POST    "/api/v1/meeting-follow-ups/{id}/complete"        [own    own    own    own    -      -      -];
    ListSuggestions            GET     "/api/v1/suggestions"                             [issued issued own    own    -      -      -];
    CountSuggestions           GET     "/api/v1/suggestions/counts"                      [issued issued own    own    -      -      -];
    CreateSuggestion           POST    "/api/v1/suggestions"                             [-      -      -      any    -      -      -];
    GetSuggestion              GET     "/api/v1/suggestions/{id}"                        [issued issued own    own    -      -      -];
    UpdateSuggestion           PATCH   "/api/v1/suggestions/{id}"                        [-      -      -      own    -      -      -];
    DeleteSuggestion           DELETE  "/api/v1/suggestions/{id}"                        [-      -      -      own    -      -      -];
    RequestSuggestionSignatures POST   "/api/v1/suggestions/{id}/request-signatures"     [-      -      -      own    -      -      -];
    CoSignSuggestion           POST    "/api/v1/suggestions/{id}/co-sign"                [-      -      -      own    -      -      -];
    DeclineToSignSuggestion    POST    "/api/v1/suggestions/{id}/decline-to-sign"        [-      -      -      own    -      -      -];
    SubmitSuggestion           POST    "/api/v1/suggestions/{id}/submit"                 [-      -      -      own    -      -      -];
    AcceptSuggestion           POST    "/api/v1/suggestions/{id}/accept"                 [-      -      own    -      -      -      -];
    ReturnSuggestion           POST    "/api/v1/suggestions/{id}/return"                 [-      -      own    -      -      -      -];
    DenySuggestionReturn       POST    "/api/v1/suggestions/{id}/deny-return"            [any    -      -      -      -      -      -];
    ReassignSuggestion         POST    "/api/v1/suggestions/{id}/reassign"               [any    -      -      -      -      -      -];
    WithdrawSuggestion         POST    "/api/v1/suggestions/{id}/withdraw"               [-      -      -      own    -      -      -];
    CommunicateOnSuggestion    POST    "/api/v1/suggestions/{id}/communicate"            [-      -      own    own    -      -      -];
    GiveSuggestionOpinion      POST    "/api/v1/suggestions/{id}/opinion"                [-      -      own    -      -      -      -];
    GiveSuggestionInterimReply POST    "/api/v1/suggestions/{id}/interim-reply"          [-      -      own    -      -      -      -];
    RequestSuggestionExtension POST    "/api/v1/suggestions/{id}/request-extension"      [-      -      own    -      -      -      -];
    DecideSuggestionExtension  POST    "/api/v1/suggestions/{id}/decide-extension"       [any    -      -      -      -      -      -];
    ReplyToSuggestion          POST    "/api/v1/suggestions/{id}/reply"                  [-      -      own    -      -      -      -];
    FileSuggestion             POST    "/api/v1/suggestions/{id}/file"                   [any    -      -      -      -      -      -];
    ReturnSuggestionFiling     POST    "/api/v1/suggestions/{id}/return-filing"          [any    -      -      -      -      -      -];
    ReportSuggestionFiling     POST    "/api/v1/suggestions/{id}/report-filing"          [-      -      own    -      -      -      -];
    MediateSuggestion          POST    "/api/v1/suggestions/{id}/mediate"                [any    -      -      -      -      -      -];
    CorrectSuggestionReply     POST    "/api/v1/suggestions/{id}/correct"                [-      -      own    -      -      -      -];
    UrgeSuggestion             POST    "/api/v1/suggestions/{id}/urge"                   [any    -      -      own    -      -      -];
    GetSuggestionTimeline      GET     "/api/v1/suggestions/{id}/timeline"               [issued issued own    own    -      -      -];
    ListSuggestionDeadlines    GET     "/api/v1/suggestions/{id}/deadlines"              [issued issued own    own    -      -      -];
    ListSuggestionReplies      GET     "/api/v1/suggestions/{id}/replies"                [issued issued own    own    -      -      -];
    ListFeedbackReceipts       GET     "/api/v1/feedback-receipts"                       [any    any    own    own    -      -      -];
    CreateFeedbackReceipt      POST    "/api/v1/feedback-receipts"                       [-      -      -      any    -      -      -];
    GetFeedbackReceipt         GET     "/api/v1/feedback-receipts/{id}"                  [any    any    own    own    -      -      -];
    ListCommitments            GET     "/api/v1/commitments"                             [any    any    own    own    -      -      -];
    GetCommitment              GET     "/api/v1/commitments/{id}"                        [any    any    own    own    -      -      -];
    FulfilCommitment           POST    "/api/v1/commitments/{id}/fulfil"                 [-      -      own    -      -      -      -];
    AbandonCommitment          POST    "/api/v1/commitments/{id}/abandon"                [-      -      own    -      -      -      -];
    DecideCommitmentAbandonment POST   "/api/v1/commitments/{id}/decide-abandonment"     [any    -      -      -      -      -      -];
    ListReportingDuties        GET     "/api/v1/reporting-duties"                        [any    any    own    -      -      -      -];
    GetReportingDuty           GET     "/api/v1/reporting-duties/{id}"                   [any    any    own    -      -      -      -];
    ListReportingDutyDeadlines GET     "/api/v1/reporting-duties/{id}/deadlines"         [any    any    own    -      -      -      -];

    ListWorkPlans              GET     "/api/v1/work-plans"                              [issued issued own    -      -      -      -];
    CreateWorkPlan             POST    "/api/v1/work-plans"                              [any    -      own    -      -      -      -];
    GetWorkPlan                GET     "/api/v1/work-plans/{id}"                         [issued issued own    -      -      -      -];
    UpdateWorkPlan             PATCH   "/api/v1/work-plans/{id}"                         [any    -      own    -      -      -      -];
    DeleteWorkPlan             DELETE  "/api/v1/work-plans/{id}"                         [any    -      own    -      -      -      -];
    SubmitWorkPlan             POST    "/api/v1/work-plans/{id}/submit"                  [any    -      own    -      -      -      -];
    AcknowledgeWorkPlan        POST    "/api/v1/work-plans/{id}/acknowledge"             [any    -      -      -      -      -      -];
    ReturnWorkPlan             POST    "/api/v1/work-plans/{id}/return"                  [any    -      -      -      -      -      -];
    ReviseWorkPlan             POST    "/api/v1/work-plans/{id}/revise"                  [any    -      own    -      -      -      -];
    ReplaceWorkPlanItemMeetings PUT    "/api/v1/work-plans/{id}/items/{item}/meetings"   [-      -      own    -      -      -      -];

    ListWorkReports            GET     "/api/v1/work-reports"                            [issued issued own    -      -      -      -];
    CreateWorkReport           POST    "/api/v1/work-reports"                            [any    -      own    -      -      -      -];
    GetWorkReport              GET     "/api/v1/work-reports/{id}"                       [issued issued own    -      -      -      -];
    UpdateWorkReport           PATCH   "/api/v1/work-reports/{id}"                       [any    -      own    -      -      -      -];
    DeleteWorkReport           DELETE  "/api/v1/work-reports/{id}"                       [any    -      own    -      -      -      -];
    SubmitWorkReport           POST    "/api/v1/work-reports/{id}/submit"                [any    -      own    -      -      -      -];
    ReceiveWorkReport          POST    "/api/v1/work-reports/{id}/receive"               [any    -      -      -      -      -      -];
    ReturnWorkReport           POST    "/api/v1/work-reports/{id}/return"                [any    -      -      -      -      -      -];
    AcknowledgeWorkReport      POST    "/api/v1/work-reports/{id}/acknowledge"           [-      any    -      -      -      -      -];
    ReviseWorkReport           POST    "/api/v1/work-reports/{id}/revise"                [any    -      own    -      -      -      -];

    ListAnnualSummaries        GET     "/api/v1/annual-summaries"                        [any    issued issued issued -      -      -];
    CreateAnnualSummary        POST    "/api/v1/annual-summaries"                        [any    -      -      -      -      -      -];
    GetAnnualSummary           GET     "/api/v1/annual-summaries/{id}"                   [any    issued issued issued -      -      -];
    UpdateAnnualSummary        PATCH   "/api/v1/annual-summaries/{id}"                   [any    -      -      -      -      -      -];
    DeleteAnnualSummary        DELETE  "/api/v1/annual-summaries/{id}"                   [any    -      -      -      -      -      -];
    PublishAnnualSummary       POST    "/api/v1/annual-summaries/{id}/publish"           [any    -      -      -      -      -      -];
    ListAnnualSummaryChanges   GET     "/api/v1/annual-summaries/{id}/changes"           [any    issued issued issued -      -      -];
    ListAnnualSummaryRecords   GET     "/api/v1/annual-summaries/{id}/records"           [any    issued issued issued -      -      -];

    ListMyTodos                GET     "/api/v1/me/todos"                                [any    any    any    any    any    any    any];
    ListNotifications          GET     "/api/v1/notifications"                           [any    any    any    any    any    any    any];
    ReadNotification           POST    "/api/v1/notifications/{id}/read"                 [any    any    any    any    any    any    any];
    ReadAllNotifications       POST    "/api/v1/notifications/read-all"                  [any    any    any    any    any    any    any];
    ListAttachments            GET     "/api/v1/attachments"                             [carrier carrier carrier carrier carrier carrier carrier];
    CreateAttachment           POST    "/api/v1/attachments"                             [carrier carrier carrier carrier -       -       -];
    GetAttachment              GET     "/api/v1/attachments/{id}"                        [carrier carrier carrier carrier carrier carrier carrier];
    DeleteAttachment           DELETE  "/api/v1/attachments/{id}"                        [carrier carrier carrier carrier -       -       -];
    ListAttachmentVersions     GET     "/api/v1/attachments/{id}/versions"               [carrier carrier carrier carrier carrier carrier carrier];
    GetAttachmentContent       GET     "/api/v1/attachments/{id}/content"                [carrier carrier carrier carrier carrier carrier carrier];

    GetComplianceStatistics    GET     "/api/v1/statistics/compliance"                   [any    any    own    own    -      -      -];
    GetCoverageStatistics      GET     "/api/v1/statistics/coverage"                     [any    any    own    own    -      -      -];
    GetSuggestionStatistics    GET     "/api/v1/statistics/suggestions"                  [any    any    own    own    -      -      -];
    GetDepartmentStatistics    GET     "/api/v1/statistics/departments"                  [any    any    own    own    -      -      -];
    GetPartyStatistics         GET     "/api/v1/statistics/parties"                      [any    any    own    own    -      -      -];
    ListFigureRecords          GET     "/api/v1/statistics/records"                      [any    any    own    own    -      -      -];

    ListAuditLog               GET     "/api/v1/audit-log"                               [-      -      -      -      -      -      any];

    Search                     GET     "/api/v1/search"                                  [any    any    any    any    any    any    any];

    GetEnums                   GET     "/api/v1/meta/enums"                              [public];
    GetStateMachine            GET     "/api/v1/meta/state-machines/{name}"              [public];
}

impl Op {
    pub fn id(self) -> &'static str {
        self.into()
    }

    pub fn row(self) -> &'static Row {
        // ROWS and Op are made from the same list, in the same order.
        &ROWS[self as usize]
    }

    /// The resource that it belongs to: `departments`.
    pub fn resource(self) -> &'static str {
        let path = self.row().path.trim_start_matches("/api/v1/");
        path.split('/').next().unwrap_or(path)
    }

    /// How far the caller reaches with this operation.
    pub fn reach(self, caller: &Caller) -> Reach {
        if caller.principal == Principal::CommandLine {
            return Reach::Any;
        }
        match (&self.row().access, caller.role) {
            (Access::Public | Access::LoggedIn, _) => Reach::Any,
            (Access::ByRole(_), Some(_))
                if caller.has_ended() && self.is_write() && !self.is_of_account() =>
            {
                Reach::Never
            }
            (Access::ByRole(reaches), Some(role)) => reaches[role as usize],
            (Access::ByRole(_), None) => Reach::Never,
        }
    }

    /// Whether its role would open it to the caller.
    pub fn is_for_role(self, caller: &Caller) -> bool {
        match (&self.row().access, caller.role) {
            (Access::ByRole(reaches), Some(role)) => reaches[role as usize] != Reach::Never,
            _ => false,
        }
    }

    /// Whether it concerns the account alone, and stays open to it when its organization has ended.
    fn is_of_account(self) -> bool {
        matches!(self, Self::ReadNotification | Self::ReadAllNotifications)
    }

    pub fn is_public(self) -> bool {
        matches!(self.row().access, Access::Public)
    }

    /// The roles that come through the gate; empty for a public operation.
    pub fn roles(self) -> Vec<Role> {
        use strum::IntoEnumIterator;
        Role::iter()
            .filter(|role| match &self.row().access {
                Access::Public => false,
                Access::LoggedIn => true,
                Access::ByRole(reaches) => reaches[*role as usize] != Reach::Never,
            })
            .collect()
    }

    /// Whether its body is a file, which may take longer than other requests.
    pub fn is_upload(self) -> bool {
        self == Self::CreateAttachment
    }

    /// Whether it is a page for people, which is no operation of the API and not in its document.
    pub fn is_page(self) -> bool {
        matches!(self, Self::GetDocs | Self::GetDocsPage | Self::GetDocsAsset)
    }

    /// Whether it changes anything.
    pub fn is_write(self) -> bool {
        self.row().method != Method::GET
    }
}
