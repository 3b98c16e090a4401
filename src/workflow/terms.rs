//! THE list of terms that 市委统战部 can set. The notice gives no day counts: every default is practice (实践惯例), from
//! DOMAIN.md's deadlines.

use super::calendar::{Term, Unit};
use crate::vocabulary::enumeration;

macro_rules! terms {
    ($($name:ident $amount:literal $unit:ident [$zh:literal, $en:literal];)*) => {
        enumeration! {
            /// 期限设置
            pub enum TermKey { $($name [$zh, $en]),* }
        }

        impl TermKey {
            /// What holds until another is set.
            pub fn default_term(self) -> Term {
                match self { $(Self::$name => Term { amount: $amount, unit: Unit::$unit }),* }
            }
        }
    };
}

terms! {
    SuggestionAcceptance 5 WorkingDays ["意见建议签收", "Acceptance of a suggestion"];
    SuggestionReturnDecision 5 WorkingDays ["申退审核", "Decision on a return"];
    SuggestionOpinion 20 WorkingDays ["会办意见", "Opinion of a joint department"];
    SuggestionReply 3 Months ["意见建议答复", "Reply to a suggestion"];
    SuggestionExtension 6 Months ["延期后答复（自签收起总计）", "Reply with an extension, in all"];
    SuggestionFeedback 15 WorkingDays ["反馈回执", "Feedback receipt"];
    SuggestionSecondRound 1 Months ["第二轮办理", "Second round"];
    LeaderReport 5 WorkingDays ["联络负责人变动报送", "Report of a change of the liaison leader"];
    LeaderAcknowledgement 5 WorkingDays ["联络负责人签收", "Acknowledgement of a liaison leader"];
    LeaderCompletion 5 WorkingDays ["联络负责人补充完善", "Completion of what was reported of a liaison leader"];
    LeaderConfirmation 10 WorkingDays ["联络负责人季度确认（季度结束后）", "Quarterly confirmation, after the quarter's end"];
    ProblemReportAnswer 10 WorkingDays ["问题反映答复", "Answer to a problem report"];
    AttendanceDispute 10 WorkingDays ["到会情况异议", "Dispute of attendance"];
    MeetingAnswer 3 WorkingDays ["会前答复（会议前）", "Answer to an invitation, before the meeting"];
    OpinionBeforeDecision 5 WorkingDays ["决策前征求意见（决策前）", "Opinions, before the decision"];
    WorkPlan 1 Months ["年度工作计划报送（年初起）", "Work plan, from the year's beginning"];
    WorkReport 1 Months ["工作情况报送（期末起）", "Work report, from the period's end"];
    Resubmission 10 WorkingDays ["退回材料重新报送", "Resubmission of a plan or report that was returned"];
    ReminderHandlerFirst 10 WorkingDays ["第一次提醒经办人（到期前）", "First reminder of the handler, before the due day"];
    ReminderHandlerSecond 3 WorkingDays ["第二次提醒经办人（到期前）", "Second reminder of the handler, before the due day"];
    ReminderLeader 1 WorkingDays ["提醒分管领导（逾期后）", "Reminder of the leader, after the due day"];
    ReminderCoordinator 10 WorkingDays ["提醒市委统战部（逾期后）", "Reminder of the coordinator, after the due day"];
}

impl TermKey {
    /// Whether it can be set in working days alone: it is counted from or back to a working day.
    pub fn in_working_days_alone(self) -> bool {
        matches!(
            self,
            Self::MeetingAnswer
                | Self::OpinionBeforeDecision
                | Self::ReminderHandlerFirst
                | Self::ReminderHandlerSecond
                | Self::ReminderLeader
                | Self::ReminderCoordinator
        )
    }
}
