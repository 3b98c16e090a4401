//! 通知: what organizations are told, in the transaction of the change that it tells of. One row a notice, one a user who
//! is to read it; e-mail follows from the runner.

use crate::db::schema::{notices, notifications};
use crate::problem::Result;
use crate::vocabulary::enumeration;
use crate::work::Tx;
use crate::workflow::subjects::Subject;
use diesel::prelude::*;
use diesel::sql_types::{Array, Nullable, Text as SqlText, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

enumeration! {
    /// 通知类别
    pub enum NoticeKind {
        LiaisonLeaderReported ["联络负责人已报送", "Liaison leader reported"],
        LiaisonLeaderCorrected ["联络负责人已更正", "Liaison leader corrected"],
        LiaisonLeaderCompletionRequested ["联络负责人待补充", "Completion of a liaison leader asked for"],
        ProblemReportRaised ["问题已反映", "Problem raised"],
        ProblemReportAnswered ["问题已答复", "Problem answered"],
        ProblemReportClosed ["问题已办结", "Problem closed"],
        WorkPlanSubmitted ["年度工作计划已报送", "Work plan submitted"],
        WorkPlanAcknowledged ["年度工作计划已签收", "Work plan acknowledged"],
        WorkPlanReturned ["年度工作计划被退回", "Work plan returned"],
        WorkReportSubmitted ["工作情况报告已报送", "Work report submitted"],
        WorkReportReceived ["工作情况报告已接收", "Work report received"],
        WorkReportReturned ["工作情况报告被退回", "Work report returned"],
        WorkReportAcknowledged ["抄送的工作情况报告已签收", "Copy of a work report acknowledged"],
        AnnualSummaryPublished ["年度汇总已发布", "Annual summary published"],
        /// 市委统战部 has recorded something for a unit that nobody can act for.
        RecordedOnBehalf ["市委统战部代录", "Recorded on your behalf"],
        DeadlineMoved ["期限调整", "Deadline moved"],
        Reminder ["到期或逾期提醒", "Reminder of a deadline"],
        /// To one account: its password is about to expire.
        PasswordExpiring ["密码即将到期", "Password about to expire"],
        BulletinSent ["收到日常信息", "Bulletin received"],
        BulletinWithdrawn ["日常信息已撤回", "Bulletin withdrawn"],
        MeetingConvened ["活动通知", "Meeting convened"],
        MeetingPostponed ["活动改期", "Meeting postponed"],
        MeetingCancelled ["活动取消", "Meeting cancelled"],
        MeetingAnswered ["邀请已答复", "Invitation answered"],
        MeetingConcluded ["活动办结", "Meeting concluded"],
        MeetingAttendanceRecorded ["到会情况已登记", "Attendance recorded"],
        MeetingAttendanceDisputed ["到会情况有异议", "Attendance disputed"],
        MeetingDisputeDecided ["到会情况异议已裁定", "Dispute of attendance decided"],
        MeetingOpinionGiven ["意见已提出", "Opinion given"],
        MeetingOpinionAnswered ["意见已答复", "Opinion answered"],
        MeetingDecisionRecorded ["决策结果已登记", "Decision recorded"],
        MeetingFollowUpDone ["后续事项已完成", "Follow-up done"],
        // Suggestions, and what their replies promise.
        SuggestionSignaturesRequested ["征求联名", "Signature asked for"],
        SuggestionSigned ["联名结果", "Signed or declined"],
        SuggestionSubmitted ["意见建议已提交", "Suggestion submitted"],
        SuggestionAccepted ["意见建议已签收", "Suggestion accepted"],
        SuggestionReturned ["意见建议申退", "Return asked for"],
        SuggestionReturnDenied ["不准退办", "Return denied"],
        SuggestionReassigned ["意见建议已改派", "Suggestion reassigned"],
        SuggestionWithdrawn ["意见建议已撤回", "Suggestion withdrawn"],
        SuggestionCommunicated ["沟通情况", "Communication recorded"],
        SuggestionOpinionGiven ["会办意见已提出", "Joint opinion given"],
        SuggestionInterimReplied ["阶段性答复", "Interim reply"],
        SuggestionExtensionRequested ["延期申请", "Extension asked for"],
        SuggestionExtensionDecided ["延期审核结果", "Extension decided"],
        SuggestionReplied ["意见建议已答复", "Suggestion replied to"],
        SuggestionEvaluated ["反馈回执", "Reply evaluated"],
        SuggestionFiled ["意见建议已备案", "Suggestion filed"],
        SuggestionFilingReturned ["备案退回补报", "Filing returned"],
        SuggestionFilingReported ["备案已补报", "Filing reported again"],
        SuggestionMediated ["协商会", "Mediation held"],
        SuggestionCorrected ["答复已更正", "Reply corrected"],
        SuggestionUrged ["催办", "Suggestion urged"],
        SuggestionConcluded ["意见建议已办结", "Suggestion concluded"],
        CommitmentFulfilled ["办理承诺已兑现", "Commitment fulfilled"],
        CommitmentAbandonmentRequested ["承诺终止申请", "Giving up a commitment asked for"],
        CommitmentAbandonmentDecided ["承诺终止审核结果", "Giving up a commitment decided"],
        /// Somebody who could know the organization's calendar address no longer acts for it.
        CalendarAddressClosed ["日历订阅地址失效", "Calendar address closed"],
    }
}

enumeration! {
    /// 提醒对象: for whom within an organization a reminder is meant.
    pub enum Level {
        Handler ["经办人", "Handler"],
        Leader ["分管领导", "Leader"],
        Coordinator ["市委统战部", "Coordinator"],
    }
}

/// What is told. Title and text are Chinese and stand alone: what, who, when, where.
pub struct Notice<'a> {
    pub kind: NoticeKind,
    pub level: Option<Level>,
    pub subject: &'a Subject,
    pub title: String,
    pub text: String,
}

/// Tells organizations: every account that acts for them today has it unread. What was recorded on behalf waits for disabled ones,
/// too: they are all that such a unit has.
pub async fn send(tx: &mut Tx<'_>, to: &[Uuid], notice: &Notice<'_>) -> Result<()> {
    let told: Vec<_> = to.iter().map(|organization| (*organization, notice)).collect();
    deliver(tx, &told).await
}

/// Tells each organization something of its own.
pub async fn send_each(tx: &mut Tx<'_>, told: &[(Uuid, Notice<'_>)]) -> Result<()> {
    let told: Vec<_> = told
        .iter()
        .map(|(organization, notice)| (*organization, notice))
        .collect();
    deliver(tx, &told).await
}

async fn deliver(tx: &mut Tx<'_>, told: &[(Uuid, &Notice<'_>)]) -> Result<()> {
    let ids: Vec<Uuid> = told.iter().map(|_| Uuid::now_v7()).collect();
    // A list for each column: a correction of the calendar tells thousands.
    let texts = |get: fn(&Notice<'_>) -> &'static str| -> Vec<&'static str> {
        told.iter().map(|(_, notice)| get(notice)).collect()
    };
    diesel::sql_query(
        "INSERT INTO notices (id, created_at, organization_id, kind, level, subject_type, subject_id, title, text)
         SELECT id, $1, organization_id, kind, level, subject_type, subject_id, title, text
         FROM unnest($2, $3, $4, $5, $6, $7, $8, $9)
            AS told (id, organization_id, kind, level, subject_type, subject_id, title, text)",
    )
    .bind::<Timestamptz, _>(tx.now())
    .bind::<Array<SqlUuid>, _>(&ids)
    .bind::<Array<SqlUuid>, _>(told.iter().map(|(organization, _)| *organization).collect::<Vec<_>>())
    .bind::<Array<SqlText>, _>(texts(|notice| notice.kind.into()))
    .bind::<Array<Nullable<SqlText>>, _>(
        told.iter()
            .map(|(_, notice)| notice.level.map(<&str>::from))
            .collect::<Vec<_>>(),
    )
    .bind::<Array<SqlText>, _>(texts(|notice| notice.subject.kind.into()))
    .bind::<Array<SqlUuid>, _>(told.iter().map(|(_, notice)| notice.subject.id).collect::<Vec<_>>())
    .bind::<Array<SqlText>, _>(told.iter().map(|(_, notice)| notice.title.as_str()).collect::<Vec<_>>())
    .bind::<Array<SqlText>, _>(told.iter().map(|(_, notice)| notice.text.as_str()).collect::<Vec<_>>())
    .execute(tx.conn)
    .await?;
    diesel::sql_query(
        "INSERT INTO notifications (user_id, notice_id, created_at)
         SELECT users.id, notices.id, notices.created_at
         FROM notices JOIN users ON users.organization_id = notices.organization_id
         WHERE notices.id = ANY($1) AND (users.disabled_at IS NULL OR notices.kind = $2)",
    )
    .bind::<Array<SqlUuid>, _>(ids)
    .bind::<SqlText, _>(<&str>::from(NoticeKind::RecordedOnBehalf))
    .execute(tx.conn)
    .await?;
    Ok(())
}

/// Tells one account, whatever it acts for; nobody else reads it, and no e-mail goes out, since accounts have no address.
pub async fn send_to_account(tx: &mut Tx<'_>, account: Uuid, notice: &Notice<'_>) -> Result<()> {
    let id = Uuid::now_v7();
    diesel::insert_into(notices::table)
        .values((
            notices::id.eq(id),
            notices::kind.eq(notice.kind),
            notices::subject_type.eq(notice.subject.kind),
            notices::subject_id.eq(notice.subject.id),
            notices::title.eq(&notice.title),
            notices::text.eq(&notice.text),
            notices::created_at.eq(tx.now()),
            notices::mailed_at.eq(tx.now()),
        ))
        .execute(tx.conn)
        .await?;
    diesel::insert_into(notifications::table)
        .values((
            notifications::user_id.eq(account),
            notifications::notice_id.eq(id),
            notifications::created_at.eq(tx.now()),
        ))
        .execute(tx.conn)
        .await?;
    Ok(())
}
