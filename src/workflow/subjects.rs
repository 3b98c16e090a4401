//! What to-dos, notices and attachments are about.

use crate::vocabulary::enumeration;
use uuid::Uuid;

enumeration! {
    /// 事项类型
    pub enum SubjectType {
        Department ["部门", "Department"],
        LiaisonLeader ["联络负责人", "Liaison leader"],
        LiaisonConfirmation ["联络负责人季度确认", "Quarterly confirmation"],
        ProblemReport ["问题反映", "Problem report"],
        Bulletin ["日常信息", "Bulletin"],
        Meeting ["对口联系活动", "Meeting"],
        MeetingFollowUp ["会议后续事项", "Follow-up of a meeting"],
        Suggestion ["意见建议", "Suggestion"],
        Commitment ["办理承诺", "Commitment"],
        ReportingDuty ["应报事项", "Plan or report that is owed"],
        WorkPlan ["年度工作计划", "Work plan"],
        WorkReport ["工作情况报告", "Work report"],
        AnnualSummary ["年度汇总", "Annual summary"],
        CalendarFeed ["日历订阅", "Calendar feed"],
        /// The reader's own account.
        User ["本人账号", "Own account"],
    }
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
