//! The catalogue of problems: every `code` that an answer can carry, with its status, its title and the page that its
//! `type` URI leads to. Answers, the pages at `/problems/{code}` and the OpenAPI document are made from it.

use crate::language::Text;
use http::StatusCode;

macro_rules! problems {
    ($($variant:ident $status:literal $code:literal [$title_zh:literal, $title_en:literal] [$page_zh:literal, $page_en:literal];)*) => {
        /// What went wrong, for programs. The names are a contract: clients branch on them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Code { $($variant),* }

        impl Code {
            pub const ALL: &'static [Code] = &[$(Code::$variant),*];

            pub fn as_str(self) -> &'static str {
                match self { $(Code::$variant => $code),* }
            }

            fn status_number(self) -> u16 {
                match self { $(Code::$variant => $status),* }
            }

            pub fn title(self) -> Text {
                match self { $(Code::$variant => Text::fixed($title_zh, $title_en)),* }
            }

            /// When it happens and what to do about it.
            pub fn explanation(self) -> Text {
                match self { $(Code::$variant => Text::fixed($page_zh, $page_en)),* }
            }
        }
    };
}

impl Code {
    pub fn status(self) -> StatusCode {
        StatusCode::from_u16(self.status_number()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|known| known.as_str() == code)
    }
}

problems! {
    MalformedJson 400 "malformed_json"
        ["请求体不是有效的 JSON", "The body is not valid JSON"]
        ["请求体无法解析为 JSON：请检查 detail 指出的行和列、字符编码（UTF-8），以及同一对象中是否有重复的字段。",
         "The body cannot be parsed as JSON: check the line and column in the detail, the encoding (UTF-8), and whether an object has a member twice."];
    BadRequest 400 "bad_request"
        ["请求无法解析", "The request cannot be parsed"]
        ["请求行、请求头或编码有误，服务器无法理解。", "The request line, a header or an encoding is broken, so that the server cannot understand the request."];
    Unauthenticated 401 "unauthenticated"
        ["需要有效的访问令牌", "A valid access token is needed"]
        ["请求没有携带访问令牌，或令牌已过期、已撤销或无效。请重新登录，或用刷新令牌换取新的访问令牌。",
         "The request carries no access token, or one that has expired, was revoked or is not valid. Log in again, or exchange the refresh token for a new one."];
    LoginFailed 401 "login_failed"
        ["用户名或密码不正确", "The user name or the password is wrong"]
        ["用户名不存在、密码错误和账号停用时的回答相同。连续失败会暂时锁定。",
         "The answer is the same for an unknown user, a wrong password and a disabled account. Repeated failures lock the account for a while."];
    RefreshTokenInvalid 401 "refresh_token_invalid"
        ["刷新令牌无效", "The refresh token is not valid"]
        ["刷新令牌只能使用一次；已使用、已过期或已撤销的令牌不再有效。重复使用旧令牌会结束整个会话，请重新登录。",
         "A refresh token is good for one use; a used, expired or revoked one is not valid. Presenting an old one again ends the whole session: log in again."];
    RoleNotAllowed 403 "role_not_allowed"
        ["当前角色不能执行此操作", "This role may not do this"]
        ["每个操作允许的角色见 OpenAPI 文档的 x-roles；GET /api/v1/me 列出当前账号可以调用的操作。",
         "The roles of each operation stand in the OpenAPI document as x-roles; GET /api/v1/me lists the operations that the account may call."];
    NotYours 403 "not_yours"
        ["只能处理本单位的事项", "Only what belongs to your own organization"]
        ["当前账号看得到该对象，但它属于其他单位，不能由当前账号处理。", "The account may see this, but it belongs to another organization and is not for this account to act on."];
    PasswordChangeRequired 403 "password_change_required"
        ["须先修改密码", "The password must be changed first"]
        ["一次性密码或已过期的密码只能用于 PUT /api/v1/me/password。修改后请重新登录。",
         "A one-time or expired password is good only for PUT /api/v1/me/password. Log in again after the change."];
    NotFound 404 "not_found"
        ["没有这个对象", "There is no such thing"]
        ["地址有误，或者对象不存在、不在当前账号的可见范围内。", "The address is wrong, or the thing does not exist or is out of the account's reach."];
    MethodNotAllowed 405 "method_not_allowed"
        ["该地址不支持此方法", "The address does not take this method"]
        ["可用的方法见 Allow 响应头。", "The methods that it takes are in the Allow header."];
    NotAcceptable 406 "not_acceptable"
        ["没有这种格式", "Not to be had in this form"]
        ["Accept 要求的格式此处没有。各操作可用的格式见 OpenAPI 文档；不写 Accept 或写 application/json 即得 JSON。",
         "What Accept asks for is not to be had here. The forms of each operation stand in the OpenAPI document; without Accept, or with application/json, the answer is JSON."];
    UploadTooSlow 408 "upload_too_slow"
        ["上传过慢", "The upload is too slow"]
        ["上传长时间没有数据，或平均速度低于下限，已中止；没有保存任何内容。请检查网络后重试。",
         "The upload was silent for too long or below the least rate, and was broken off; nothing was kept. Try again over a better connection."];
    BodyTooSlow 408 "body_too_slow"
        ["请求体传送过慢", "The body comes too slowly"]
        ["请求体没有在规定时间内传完，已中止；没有保存任何内容。请检查网络后重试。",
         "The body did not arrive in time, and the request was broken off; nothing was kept. Try again over a better connection."];
    CodeTaken 409 "code_taken"
        ["代码已被使用", "The code is taken"]
        ["部门、党派和机构的代码互不重复，永久有效。", "Codes are unique across departments, parties and offices, for ever."];
    NameTaken 409 "name_taken"
        ["名称已被使用", "The name is taken"]
        ["同一时期内不能有两个同名单位。", "No two organizations bear one name at the same time."];
    ShortNameTaken 409 "short_name_taken"
        ["简称已被使用", "The short name is taken"]
        ["同一时期内不能有两个简称相同的单位：编号由简称构成。", "No two organizations bear one short name at the same time: it forms numbers."];
    SocialCreditCodeTaken 409 "social_credit_code_taken"
        ["统一社会信用代码已被使用", "The social credit code is taken"]
        ["该统一社会信用代码已登记在另一个单位名下。", "The social credit code stands with another organization."];
    DocumentNumberTaken 409 "document_number_taken"
        ["文号已被使用", "The document number is taken"]
        ["另一个方案已使用该文号。", "Another scheme bears this document number."];
    UsernameTaken 409 "username_taken"
        ["用户名已被使用", "The user name is taken"]
        ["请换一个用户名。", "Choose another user name."];
    SchemePublished 409 "scheme_published"
        ["已发布的方案不能修改", "A published scheme is never edited"]
        ["方案一经发布即不再修改；请另起草新的方案。", "A published scheme stays as it is: draft a new one instead."];
    SchemeIncomplete 409 "scheme_incomplete"
        ["方案尚不能发布", "The scheme cannot be published yet"]
        ["detail 说明缺少什么：例如没有任何分工，或共同联系单位没有联系全部党派。",
         "The detail says what is missing: no assignments at all, for example, or a common department that does not liaise with every party."];
    SchemeDates 409 "scheme_dates"
        ["生效日期与其他方案冲突", "The day of effect clashes with another scheme"]
        ["新方案的生效日期必须晚于现行方案的生效日期。", "A new scheme takes effect later than the one in force did."];
    OrganizationEnded 403 "organization_ended"
        ["本单位已合并或撤销", "Your organization has ended"]
        ["本单位已合并或撤销（ended_on 为终止之日），此后由承接单位（successor）办理；此前的记录仍可查阅，但不能再提交或办理。",
         "Your organization was merged or abolished on `ended_on`; its `successor` acts for it. What was its own stays readable, and nothing can be submitted or handled any more."];
    DepartmentEnded 409 "department_ended"
        ["该部门已被合并或撤销", "The department has been merged or abolished"]
        ["已合并或撤销的部门不能再更名、合并或撤销。", "A department that no longer stands can be neither renamed, merged nor abolished."];
    SuccessorNeeded 409 "successor_needed"
        ["须先指定承接单位", "A successor is needed first"]
        ["该部门还有未了结的事项（open_ 开头的成员列明各有几件）；请指定承接单位，或先改派。",
         "The department still has open matters (the members that begin with open_ count them): name a successor, or reassign them first."];
    NameHistory 409 "name_history"
        ["更名日期与历史名称冲突", "The day clashes with the history of names"]
        ["新名称的生效日期必须晚于最近一次更名。", "A new name takes effect later than the latest one did."];
    StepNotAllowed 409 "step_not_allowed"
        ["当前状态不允许此步骤", "The state does not allow this step"]
        ["state 是当前状态，allowed_actions 是当前账号此时可以执行的步骤；完整的状态机见 GET /api/v1/meta/state-machines/{name}。",
         "state is the state as it is, allowed_actions the steps that the account can take now; the whole machine is at GET /api/v1/meta/state-machines/{name}."];
    AlreadyAcknowledged 409 "already_acknowledged"
        ["本单位已签收", "Already acknowledged"]
        ["每个受文单位签收一次；签收情况见 receipts。", "Each recipient acknowledges once; receipts shows who has."];
    AppointmentExists 409 "appointment_exists"
        ["该部门当日已有任命", "The department has an appointment from that day on"]
        ["同一部门同一生效日期只能有一次任命；liaison_leader 指出已有的那一条。有误请用 correct 更正。",
         "A department has one appointment for a day of effect; liaison_leader names the one that is there. A mistake in it is mended by correct."];
    NoAppointment 409 "no_appointment"
        ["该部门尚未报送联络负责人", "The department has no liaison leader on record"]
        ["没有可确认的任命；请先报送联络负责人。", "There is nothing to confirm: report a liaison leader first."];
    MeetingNotBegun 409 "meeting_not_begun"
        ["活动尚未开始", "The meeting has not begun"]
        ["开始时间之前不能登记举行；时间有变请先改期（postpone）。", "It is not on record as held before it begins; where the time has changed, postpone it first."];
    MeetingBegun 409 "meeting_begun"
        ["活动已经开始", "The meeting has begun"]
        ["邀请只能在活动开始前答复；实际到会情况由举办单位登记。", "Invitations are answered before the meeting begins; who came is for its hosts to record."];
    MinutesMissing 409 "minutes_missing"
        ["尚无纪要", "There are no minutes yet"]
        ["办结前须写明纪要或摘要：PUT /api/v1/meetings/{id}/minutes。", "Minutes or a summary are written before it is concluded: PUT /api/v1/meetings/{id}/minutes."];
    AlreadyInvited 409 "already_invited"
        ["该单位已受邀请", "The organization is invited already"]
        ["每个单位受邀一次；邀请名单见 invitations。", "Each organization is invited once; invitations shows who is."];
    AttendanceNotRecorded 409 "attendance_not_recorded"
        ["到会情况尚未登记", "Attendance is not recorded yet"]
        ["举办单位登记到会情况后方可提出异议。", "It can be disputed once the hosts have recorded it."];
    AlreadyDisputed 409 "already_disputed"
        ["已提出过异议", "It has been disputed already"]
        ["对到会情况的异议每个单位提出一次；裁定后即为定论。", "Each party disputes its attendance once; the decision is final."];
    DisputeTooLate 409 "dispute_too_late"
        ["已过异议期限", "The term for disputes has passed"]
        ["期限从到会情况登记之日起算，见 disputable_until。", "The term began when the attendance was recorded; disputable_until is its last day."];
    NoOpenDispute 409 "no_open_dispute"
        ["没有待裁定的异议", "There is no dispute to decide"]
        ["该单位没有提出异议，或者异议已经裁定。", "The party has not disputed its attendance, or that has been decided."];
    NothingToDecide 409 "nothing_to_decide"
        ["该活动没有决策事项", "Nothing is to be decided"]
        ["只有重大事项决策前咨询和重大事项通报才征求意见、登记决策。", "Opinions and decisions belong to consultations and briefings alone."];
    OpinionGiven 409 "opinion_given"
        ["本单位已提出意见", "The opinion has been given"]
        ["每个单位对同一事项提出一次意见。", "Each organization gives one opinion on a matter."];
    OpinionAnswered 409 "opinion_answered"
        ["该意见已答复", "The opinion has been answered"]
        ["每条意见答复一次。", "Each opinion is answered once."];
    SignaturesMissing 409 "signatures_missing"
        ["联名尚未完成", "Signatures are missing"]
        ["每个联名单位须已就现有内容签名或已移除，方可提交；内容或附件有改动的须重新签名，signatures 列明各单位的联名情况。",
         "Each joint party has signed what the draft says now, papers included, or been removed before submission; signatures says who has."];
    NoSignaturesToRequest 409 "no_signatures_to_request"
        ["没有待征求的联名", "There is no signature to ask for"]
        ["没有联名单位，或均已征求。", "There are no joint parties, or all have been asked."];
    AlreadySigned 409 "already_signed"
        ["本单位已签名", "Already signed"]
        ["签名一次即可；草稿内容修改后须重新签名。", "One signature is enough; after a change of the draft it is asked for anew."];
    AlreadyDeclined 409 "already_declined"
        ["本单位已谢绝联名", "Already declined"]
        ["仍可改为签名（co-sign）。", "It can still be signed by co-sign."];
    ReturnDenied 409 "return_denied"
        ["申退已经审核，不得再次申退", "The return was denied before"]
        ["不准退办后，同一主办单位不得就同一件意见建议再次申退；请签收办理，或商请市委统战部改派。",
         "A lead whose return was denied does not return the suggestion again: accept it, or ask 市委统战部 to reassign it."];
    ReturnTooLate 409 "return_too_late"
        ["已过签收期限，不能申退", "Too late for a return"]
        ["申退须在签收期限内提出；此后请签收办理，或商请市委统战部改派。",
         "A return is asked for within the acceptance deadline; after that accept it, or ask 市委统战部 to reassign it."];
    CommunicationNeeded 409 "communication_needed"
        ["答复前须先沟通", "A communication comes before the reply"]
        ["本轮办理须至少有一次与党派的沟通（communicate），方可答复。", "In each round the department and the party talk at least once (communicate) before the reply."];
    ExtensionPending 409 "extension_pending"
        ["延期申请正在审核", "An extension is being decided"]
        ["须待市委统战部审核后再申请。", "Wait until 市委统战部 has decided."];
    ExtensionUsed 409 "extension_used"
        ["已延期一次", "It has been extended once"]
        ["一件意见建议只能延期一次。", "There is one extension in all."];
    NoExtensionPending 409 "no_extension_pending"
        ["没有待审核的延期申请", "No extension waits to be decided"]
        ["主办单位没有提出延期申请，或已审核。", "The lead department has not asked for one, or it has been decided."];
    FilingNotReported 409 "filing_not_reported"
        ["不在待备案状态", "It does not wait to be filed"]
        ["filing 为 reported 时方可备案或退回补报：已备案或已退回补报的，不能重复办理。",
         "It can be filed or returned while filing is reported: what has been filed or returned is not filed or returned again."];
    FilingNotReturned 409 "filing_not_returned"
        ["没有退回补报", "The filing has not been returned"]
        ["filing 为 returned 时方可补报。", "What is missing is reported while filing is returned."];
    MediationNotNeeded 409 "mediation_not_needed"
        ["无需召开协商会", "There is nothing to mediate"]
        ["第二次评价不满意后方可召开协商会，且只召开一次。", "Mediation follows the second dissatisfaction, once."];
    AlreadyEvaluated 409 "already_evaluated"
        ["本轮答复已评价", "The reply of this round has been evaluated"]
        ["每轮答复评价一次。", "Each round's reply is evaluated once."];
    WorkPlanExists 409 "work_plan_exists"
        ["该部门该年度已有工作计划", "The department has a plan for the year"]
        ["一个部门一个年度只有一份工作计划；work_plan 指出已有的最新一版。草稿可直接修改，已报送的请用 revise 修订。",
         "A department has one plan a year; work_plan names its latest version. A draft can be edited, what was submitted is revised."];
    WorkPlanEmpty 409 "work_plan_empty"
        ["工作计划没有任何项目", "The plan has no items"]
        ["请先填写计划项目，再报送。", "Put items into the plan first, then submit it."];
    WorkReportExists 409 "work_report_exists"
        ["该部门该期间已有工作情况报告", "The department has a report on the period"]
        ["一个部门对同一年度或半年度只有一份报告；work_report 指出已有的最新一版。草稿可直接修改，已报送的请用 revise 修订。专题报告不受此限。",
         "A department has one report on a year or half year; work_report names its latest version. A draft can be edited, what was submitted is revised. Reports on one matter are free."];
    AlreadySubmitted 409 "already_submitted"
        ["已报送的内容不能修改", "What was submitted is never changed"]
        ["报送后不再修改或删除；请用 revise 起草新的一版。", "After submission nothing is edited or deleted: make the next version with revise."];
    Superseded 409 "superseded"
        ["已有新的版本", "A later version took its place"]
        ["该版本已被新的版本取代，仅供查阅；superseded_by 指出新的版本。", "The version is for reading alone; its superseded_by names the later one."];
    RevisionUnderWay 409 "revision_under_way"
        ["正在修订", "A revision is under way"]
        ["下一版的草稿已经存在；请在草稿上修改，或先删除草稿。", "The draft of the next version is there already: edit it, or delete it first."];
    AnnualSummaryExists 409 "annual_summary_exists"
        ["该年度已有汇总", "The year has a summary"]
        ["每个年度只有一份汇总；annual_summary 指出已有的一份。草稿可直接修改或删除，已发布的不再更改。",
         "A year has one summary, which annual_summary names. A draft can be edited or deleted, what was published never changes."];
    SummaryWithoutText 409 "summary_without_text"
        ["年度汇总还没有文字说明", "The summary has no text yet"]
        ["请先填写市委统战部的文字说明，再发布。", "Write the coordinator's text first, then publish it."];
    OwnAccount 409 "own_account"
        ["不能对自己的账号执行此操作", "Not on one's own account"]
        ["角色授予、停用等操作须由另一位管理员办理。", "Roles are granted and accounts disabled by another administrator."];
    LastAdministrator 409 "last_administrator"
        ["不能失去最后一名管理员", "The last administrator must stay"]
        ["系统管理员、安全管理员和审计管理员各至少保留一个可用账号。", "At least one working account of each of the three administrators must remain."];
    PasswordWrong 409 "password_wrong"
        ["当前密码不正确", "The current password is wrong"]
        ["修改密码须提供正确的当前密码。", "A change of password needs the right current password."];
    AttachmentSuperseded 409 "attachment_superseded"
        ["附件已有新版本", "The attachment has a newer version"]
        ["只能替换最新的版本；请重新读取后再上传。", "Only the newest version can be replaced: read the list again, then upload."];
    AttachmentKept 409 "attachment_kept"
        ["附件随件留存，不能移除", "The attachment stays with its record"]
        ["所属事项已提交、发出、签署或办结，附件须留存；有误可上传新版本替换，旧版本仍可查阅。",
         "What it hangs on was submitted, sent, signed or concluded, and keeps its papers. A new version may supersede it; the old one stays readable."];
    TooManyAttachments 409 "too_many_attachments"
        ["附件过多", "Too many attachments"]
        ["一个对象最多可以有 200 个附件（含旧版本）。", "One thing carries 200 attachments at most, former versions included."];
    BulletinSent 409 "bulletin_sent"
        ["已发出的信息不能修改", "What was sent is never edited"]
        ["日常信息一经发出即不再修改或删除；有误请撤回后另行发送。", "A bulletin that was sent is neither edited nor deleted: withdraw it, and send another."];
    NoRecipients 409 "no_recipients"
        ["没有主送单位", "There is nobody to send it to"]
        ["发送单位今日没有对口联系单位，草稿也没有指定主送单位；请在草稿的 recipients 中指定。",
         "Nobody liaises with the sender today, and the draft names nobody: name recipients in the draft."];
    CalendarFeedExists 409 "calendar_feed_exists"
        ["订阅地址已存在", "There is a calendar feed already"]
        ["每个账号和每个单位各有一个订阅地址；遗失或外泄的，请用 rotate 更换。", "Each account and each organization has one address: rotate it where it is lost or known to others."];
    IdempotencyKeyInUse 409 "idempotency_key_in_use"
        ["相同的请求正在处理", "The same request is being carried out"]
        ["使用同一 Idempotency-Key 的请求尚未完成，请稍后重试。", "A request with this Idempotency-Key has not finished: try again in a moment."];
    Conflict 409 "conflict"
        ["与现有数据冲突", "In conflict with what is there"]
        ["数据库的约束不允许此更改。", "A constraint of the database does not allow this change."];
    PreconditionFailed 412 "precondition_failed"
        ["对象已被他人修改", "It has changed meanwhile"]
        ["If-Match 与当前版本不符。请重新读取后再修改。", "If-Match does not match the current version: read it again, then change it."];
    BodyTooLarge 413 "body_too_large"
        ["请求体过大", "The body is too large"]
        ["JSON 请求体和附件不得超过设置的上限（默认 1 MiB 和 20 MiB）。", "A JSON body and an attached file may have the set limits at most (1 MiB and 20 MiB by default)."];
    UnsupportedMediaType 415 "unsupported_media_type"
        ["不支持的媒体类型", "The media type is not supported"]
        ["请使用 Content-Type: application/json（PATCH 也可用 application/merge-patch+json，上传附件用 multipart/form-data）。",
         "Use Content-Type: application/json (PATCH takes application/merge-patch+json too, uploads take multipart/form-data)."];
    RangeNotSatisfiable 416 "range_not_satisfiable"
        ["请求的范围超出文件", "The range is not in the file"]
        ["Range 应为 bytes=起-止；文件的长度见 Content-Range 响应头。", "Range is bytes=first-last; the length of the file is in the Content-Range header."];
    Invalid 422 "invalid"
        ["请求内容有误", "The request has faults"]
        ["errors 逐一列出每一处错误：pointer 指向请求体中的位置（RFC 6901），parameter 指明查询参数。",
         "errors lists every fault: pointer is the place in the body (RFC 6901), parameter the query parameter."];
    IdempotencyKeyReused 422 "idempotency_key_reused"
        ["Idempotency-Key 已用于另一请求", "The Idempotency-Key was used for another request"]
        ["同一个键只能用于内容完全相同的请求。", "One key goes with one request and its exact content."];
    PreconditionRequired 428 "precondition_required"
        ["需要 If-Match", "If-Match is needed"]
        ["修改和删除须携带 If-Match，值为读取时得到的 ETag。", "Changes and deletions carry If-Match with the ETag that reading gave."];
    TooManyRequests 429 "too_many_requests"
        ["请求过于频繁", "Too many requests"]
        ["请按 Retry-After 指出的秒数等待后重试。", "Wait for the seconds that Retry-After gives, then try again."];
    LoginLocked 429 "login_locked"
        ["登录已暂时锁定", "Log-in is locked for a while"]
        ["连续失败次数过多。请按 Retry-After 等待，或请安全管理员解锁。", "Too many failures in a row. Wait as Retry-After says, or ask the security administrator to unlock the account."];
    Internal 500 "internal"
        ["服务器内部错误", "Internal error"]
        ["请把 request_id 告知管理员。", "Tell an administrator the request_id."];
    DatabaseUnavailable 503 "database_unavailable"
        ["数据库暂时不可用", "The database is unavailable for the moment"]
        ["请求没有得到确认。请按 Retry-After 等待后重试；带 Idempotency-Key 的请求可安全重试。",
         "The request was not acknowledged. Try again after Retry-After; with an Idempotency-Key that is safe."];
    Busy 503 "busy"
        ["服务器繁忙", "The server is busy"]
        ["同时进行的密码校验过多。请按 Retry-After 等待后重试。", "Too many passwords are being checked at once. Try again after Retry-After."];
    UploadsBusy 503 "uploads_busy"
        ["上传繁忙", "Too many uploads"]
        ["同时进行的上传过多。请按 Retry-After 等待后重试。", "Too many files are being uploaded at once. Try again after Retry-After."];
    FilesUnavailable 503 "files_unavailable"
        ["文件存储暂时不可用", "The file store is unavailable for the moment"]
        ["附件暂时无法保存或读取。请按 Retry-After 等待后重试。", "Attached files can neither be kept nor read for the moment. Try again after Retry-After."];
    TimedOut 503 "timed_out"
        ["处理超时", "The request took too long"]
        ["请求在时限内没有完成，也没有得到确认。请稍后重试。", "The request did not finish in time and was not acknowledged. Try again later."];
}
