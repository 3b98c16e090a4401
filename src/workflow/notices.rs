//! 通知: what organizations are told, in the transaction of the change that it tells of. One row a notice, one a user who
//! is to read it; e-mail follows from the runner.

use crate::db::schema::{notices, notifications};
use crate::problem::Result;
use crate::work::Tx;
use crate::workflow::subjects::Subject;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// 通知类别
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    ToSchema,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::EnumIter,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum NoticeKind {
    LiaisonLeaderReported,
    LiaisonLeaderCorrected,
    LiaisonLeaderCompletionRequested,
    ProblemReportRaised,
    ProblemReportAnswered,
    ProblemReportClosed,
    WorkPlanSubmitted,
    WorkPlanAcknowledged,
    WorkPlanReturned,
    WorkReportSubmitted,
    WorkReportReceived,
    WorkReportReturned,
    WorkReportAcknowledged,
    AnnualSummaryPublished,
    /// 市委统战部 has recorded something for a unit that nobody can act for.
    RecordedOnBehalf,
    DeadlineMoved,
    Reminder,
    /// To one account: its password is about to expire.
    PasswordExpiring,
    BulletinSent,
    BulletinWithdrawn,
    MeetingConvened,
    MeetingPostponed,
    MeetingCancelled,
    MeetingAnswered,
    MeetingConcluded,
    MeetingAttendanceRecorded,
    MeetingAttendanceDisputed,
    MeetingDisputeDecided,
    MeetingOpinionGiven,
    MeetingOpinionAnswered,
    MeetingDecisionRecorded,
    MeetingFollowUpDone,
    // Suggestions, and what their replies promise.
    SuggestionSignaturesRequested,
    SuggestionSigned,
    SuggestionSubmitted,
    SuggestionAccepted,
    SuggestionReturned,
    SuggestionReturnDenied,
    SuggestionReassigned,
    SuggestionWithdrawn,
    SuggestionCommunicated,
    SuggestionOpinionGiven,
    SuggestionInterimReplied,
    SuggestionExtensionRequested,
    SuggestionExtensionDecided,
    SuggestionReplied,
    SuggestionEvaluated,
    SuggestionFiled,
    SuggestionFilingReturned,
    SuggestionFilingReported,
    SuggestionMediated,
    SuggestionCorrected,
    SuggestionUrged,
    SuggestionConcluded,
    CommitmentFulfilled,
    CommitmentAbandonmentRequested,
    CommitmentAbandonmentDecided,
    /// Somebody who could know the organization's calendar address no longer acts for it.
    CalendarAddressClosed,
}

/// 提醒对象: for whom within an organization a reminder is meant.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    ToSchema,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::EnumIter,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Level {
    Handler,
    Leader,
    Coordinator,
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
    let rows: Vec<_> = ids
        .iter()
        .zip(told)
        .map(|(id, (organization, notice))| {
            (
                notices::id.eq(*id),
                notices::organization_id.eq(*organization),
                notices::kind.eq(<&str>::from(notice.kind)),
                notices::level.eq(notice.level.map(<&str>::from)),
                notices::subject_type.eq(<&str>::from(notice.subject.kind)),
                notices::subject_id.eq(notice.subject.id),
                notices::title.eq(&notice.title),
                notices::text.eq(&notice.text),
                notices::created_at.eq(tx.now()),
            )
        })
        .collect();
    diesel::insert_into(notices::table)
        .values(rows)
        .execute(tx.conn)
        .await?;
    diesel::sql_query(
        "INSERT INTO notifications (user_id, notice_id, created_at)
         SELECT users.id, notices.id, notices.created_at
         FROM notices JOIN users ON users.organization_id = notices.organization_id
         WHERE notices.id = ANY($1) AND (users.disabled_at IS NULL OR notices.kind = $2)",
    )
    .bind::<diesel::sql_types::Array<diesel::sql_types::Uuid>, _>(ids)
    .bind::<diesel::sql_types::Text, _>(<&str>::from(NoticeKind::RecordedOnBehalf))
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
            notices::kind.eq(<&str>::from(notice.kind)),
            notices::subject_type.eq(<&str>::from(notice.subject.kind)),
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
