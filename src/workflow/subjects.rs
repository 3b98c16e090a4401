//! What to-dos, notices and attachments are about.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// 事项类型
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
pub enum SubjectType {
    Department,
    LiaisonLeader,
    LiaisonConfirmation,
    ProblemReport,
    Bulletin,
    Meeting,
    MeetingFollowUp,
    Suggestion,
    Commitment,
    ReportingDuty,
    WorkPlan,
    WorkReport,
    AnnualSummary,
    CalendarFeed,
    /// The reader's own account.
    User,
}

impl SubjectType {
    /// Where such a thing is.
    pub fn path(self, id: Uuid) -> String {
        let collection = match self {
            Self::User => return "/api/v1/me".to_owned(),
            Self::Department => "departments",
            Self::LiaisonLeader => "liaison-leaders",
            Self::LiaisonConfirmation => "liaison-confirmations",
            Self::ProblemReport => "problem-reports",
            Self::Bulletin => "bulletins",
            Self::Meeting => "meetings",
            Self::MeetingFollowUp => "meeting-follow-ups",
            Self::Suggestion => "suggestions",
            Self::Commitment => "commitments",
            Self::ReportingDuty => "reporting-duties",
            Self::WorkPlan => "work-plans",
            Self::WorkReport => "work-reports",
            Self::AnnualSummary => "annual-summaries",
            Self::CalendarFeed => "calendar-feeds",
        };
        format!("/api/v1/{collection}/{id}")
    }
}

/// One thing, and what it is called.
#[derive(Clone, Debug)]
pub struct Subject {
    pub kind: SubjectType,
    pub id: Uuid,
    /// In Chinese, self-contained: 市教育局联络负责人（自2026年3月2日起）
    pub title: String,
}

impl Subject {
    pub fn new(kind: SubjectType, id: Uuid, title: impl Into<String>) -> Self {
        Self {
            kind,
            id,
            title: title.into(),
        }
    }
}

/// A day as Chinese documents write it: 2026年3月2日
pub fn chinese_day(day: chrono::NaiveDate) -> String {
    day.format("%Y年%-m月%-d日").to_string()
}
