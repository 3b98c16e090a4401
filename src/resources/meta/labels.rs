//! The words for every enumeration, in Chinese and English: what `meta/enums` answers, and what the OpenAPI document says
//! of their values.

use crate::figures::Figure;
use crate::figures::counting::CountsReason;
use crate::language::{Language, Text};
use crate::resources::settings::model::SettingKey;
use crate::vocabulary::Labels;
use crate::vocabulary::meetings as kinds;
use crate::workflow::TermKey;
use crate::workflow::todos::TodoKind;
use std::sync::LazyLock;
use strum::IntoEnumIterator;

/// The same, of an enumeration whose labels stand here.
struct Fixed {
    name: &'static str,
    schema: &'static str,
    values: &'static [(&'static str, &'static str, &'static str)],
}

pub static ENUMS: LazyLock<Vec<Labels>> = LazyLock::new(|| {
    let fixed = FIXED.iter().map(|fixed| Labels {
        name: fixed.name,
        schema: fixed.schema,
        values: fixed
            .values
            .iter()
            .map(|(code, zh, en)| (*code, (*zh).into(), (*en).into()))
            .collect(),
    });
    let derived = [
        derived("todo_kind", "TodoKind", TodoKind::label),
        derived("term_key", "TermKey", TermKey::label),
        setting_keys(),
        derived("figure", "FigureCode", Figure::label),
        derived("meeting_kind", "MeetingKind", kinds::MeetingKind::label),
        derived(
            "social_service_kind",
            "SocialServiceKind",
            kinds::SocialServiceKind::label,
        ),
        derived(
            "social_service_way",
            "SocialServiceWay",
            kinds::SocialServiceWay::label,
        ),
        derived("meeting_form", "MeetingForm", kinds::MeetingForm::label),
        derived("meeting_state", "MeetingState", kinds::MeetingState::label),
        derived("guest_kind", "GuestKind", kinds::GuestKind::label),
        derived(
            "invitation_answer",
            "InvitationAnswer",
            kinds::InvitationAnswer::label,
        ),
        derived(
            "invitation_reply",
            "InvitationReply",
            kinds::InvitationReply::label,
        ),
        derived("dispute_state", "DisputeState", kinds::DisputeState::label),
        derived("opinion_answer", "OpinionAnswer", kinds::OpinionAnswer::label),
        derived(
            "consultation_timing",
            "ConsultationTiming",
            kinds::ConsultationTiming::label,
        ),
        derived("follow_up_state", "FollowUpState", kinds::FollowUpState::label),
        derived("counts_reason", "CountsReason", CountsReason::label),
    ];
    fixed.chain(derived).collect()
});

/// Of an enumeration that has its labels with it.
fn derived<E: IntoEnumIterator + Into<&'static str> + Copy>(
    name: &'static str,
    schema: &'static str,
    label: fn(E) -> Text,
) -> Labels {
    let values = E::iter().map(|value| {
        let Text { zh, en } = label(value);
        (value.into(), zh, en)
    });
    Labels {
        name,
        schema,
        values: values.collect(),
    }
}

/// 设置项 are of two enumerations.
fn setting_keys() -> Labels {
    let values = SettingKey::iter().map(|key| {
        let Text { zh, en } = key.label();
        (key.into(), zh, en)
    });
    Labels {
        name: "setting_key",
        schema: "SettingKey",
        values: values.collect(),
    }
}

/// What a value is called; the value itself where it has no label, which a test would have found.
pub fn label(name: &str, value: &'static str, language: Language) -> &'static str {
    ENUMS
        .iter()
        .find(|labels| labels.name == name)
        .and_then(|labels| labels.values.iter().find(|(code, ..)| *code == value))
        .map_or(value, |(_, zh, en)| match language {
            Language::Chinese => zh,
            Language::English => en,
        })
}

/// 是 or 否
pub fn yes_or_no(value: bool, language: Language) -> &'static str {
    match (value, language) {
        (true, Language::Chinese) => "是",
        (false, Language::Chinese) => "否",
        (true, Language::English) => "Yes",
        (false, Language::English) => "No",
    }
}

const FIXED: &[Fixed] = &[
    Fixed {
        name: "role",
        schema: "Role",
        values: &[
            ("coordinator", "市委统战部", "United front work department"),
            ("government_office", "市政府办公室", "Government office"),
            ("department", "政府部门", "Department"),
            ("party", "党派团体", "Party"),
            ("admin", "系统管理员", "System administrator"),
            ("security_admin", "安全管理员", "Security administrator"),
            ("auditor", "审计管理员", "Audit administrator"),
        ],
    },
    Fixed {
        name: "figure_record_type",
        schema: "FigureRecordType",
        values: &[
            ("department", "部门", "Department"),
            ("party", "党派团体", "Party"),
            (
                "liaison_leader",
                "联络负责人任命",
                "Appointment of a liaison leader",
            ),
            ("meeting", "活动", "Activity"),
            ("reporting_duty", "应报事项", "What is to be reported"),
            ("work_plan", "工作计划", "Work plan"),
            ("suggestion", "意见建议", "Suggestion"),
            ("commitment", "办理承诺", "Commitment"),
        ],
    },
    Fixed {
        name: "figure_part",
        schema: "FigurePart",
        values: &[
            ("numerator", "计入的", "What is counted"),
            ("denominator", "全部", "All that it is counted of"),
        ],
    },
    Fixed {
        name: "party_kind",
        schema: "PartyKind",
        values: &[
            ("democratic_party", "民主党派", "Democratic party"),
            (
                "federation_of_industry_and_commerce",
                "工商联",
                "Federation of industry and commerce",
            ),
            (
                "non_party_intellectuals_association",
                "知联会",
                "Non-party intellectuals' association",
            ),
        ],
    },
    Fixed {
        name: "basis",
        schema: "Basis",
        values: &[
            ("common", "共同联系", "Common"),
            ("designated", "指定联系", "Designated"),
        ],
    },
    Fixed {
        name: "end_kind",
        schema: "EndKind",
        values: &[("merged", "合并", "Merged"), ("abolished", "撤销", "Abolished")],
    },
    Fixed {
        name: "user_state",
        schema: "UserState",
        values: &[
            ("active", "正常", "Active"),
            ("disabled", "已停用", "Disabled"),
            ("locked", "已锁定", "Locked after failed log-ins"),
        ],
    },
    Fixed {
        name: "organization_state",
        schema: "OrganizationState",
        values: &[
            ("planned", "未设立", "Not yet established"),
            ("active", "在册", "Active"),
            ("ended", "已终止", "Ended"),
        ],
    },
    Fixed {
        name: "office_kind",
        schema: "OfficeKind",
        values: &[
            ("coordinator", "市委统战部", "United front work department"),
            ("government_office", "市政府办公室", "Government office"),
        ],
    },
    Fixed {
        name: "scheme_state",
        schema: "SchemeState",
        values: &[
            ("draft", "草稿", "Draft"),
            ("scheduled", "待生效", "Scheduled"),
            ("in_force", "现行", "In force"),
            ("superseded", "已被取代", "Superseded"),
        ],
    },
    Fixed {
        name: "attachment_carrier",
        schema: "AttachmentCarrier",
        values: &[
            ("scheme", "对口联系方案", "Scheme"),
            (
                "liaison_leader",
                "联络负责人任命",
                "Appointment of a liaison leader",
            ),
            ("problem_report", "问题反映", "Problem report"),
            ("bulletin", "日常信息", "Bulletin"),
            ("meeting", "对口联系活动", "Meeting"),
            ("suggestion", "意见建议", "Suggestion"),
            (
                "suggestion_communication",
                "意见建议沟通",
                "Communication on a suggestion",
            ),
            ("suggestion_reply", "意见建议答复", "Reply to a suggestion"),
            ("work_plan", "年度工作计划", "Work plan"),
            ("work_report", "工作情况报告", "Work report"),
        ],
    },
    Fixed {
        name: "search_hit_type",
        schema: "HitType",
        values: &[
            ("department", "政府部门", "Department"),
            ("party", "党派团体", "Party"),
            ("suggestion", "意见建议", "Suggestion"),
            ("meeting", "对口联系活动", "Meeting"),
            ("bulletin", "日常信息", "Bulletin"),
            ("work_report", "工作情况报告", "Work report"),
        ],
    },
    Fixed {
        name: "audit_outcome",
        schema: "AuditOutcome",
        values: &[
            ("done", "已办理", "Done"),
            ("refused", "被拒绝", "Refused"),
            ("read", "查阅", "Read"),
        ],
    },
    Fixed {
        name: "liaison_leader_state",
        schema: "LiaisonLeaderState",
        values: &[
            ("reported", "已报送", "Reported"),
            ("completion_requested", "待补充", "To be completed"),
        ],
    },
    Fixed {
        name: "appointment_status",
        schema: "AppointmentStatus",
        values: &[
            ("future", "待生效", "Future"),
            ("current", "在任", "Current"),
            ("former", "已卸任", "Former"),
        ],
    },
    Fixed {
        name: "confirmation_state",
        schema: "ConfirmationState",
        values: &[
            ("awaited", "待确认", "Awaited"),
            ("unchanged", "无变动", "Unchanged"),
            ("changed", "已报变动", "Changed"),
        ],
    },
    Fixed {
        name: "liaison_rule_kind",
        schema: "LiaisonRuleKind",
        values: &[
            (
                "important_events",
                "邀请参加重要会议和重大活动",
                "Invitation to important meetings and major events",
            ),
            (
                "decision_consultation",
                "重大事项决策前咨询及通报",
                "Consultation and briefing before major decisions",
            ),
            ("joint_research", "参与调研", "Taking part in research"),
            ("information_exchange", "日常信息交流", "Exchange of information"),
            ("feedback", "反馈", "Feedback"),
            ("other", "其他", "Other"),
        ],
    },
    Fixed {
        name: "problem_report_state",
        schema: "ProblemReportState",
        values: &[
            ("raised", "待答复", "Raised"),
            ("answered", "已答复", "Answered"),
            ("closed", "已办结", "Closed"),
        ],
    },
    // Plans and reports.
    Fixed {
        name: "reporting_duty_kind",
        schema: "ReportingDutyKind",
        values: &[
            ("work_plan", "年度工作计划", "Work plan"),
            ("work_report", "工作情况报告", "Work report"),
        ],
    },
    Fixed {
        name: "reporting_duty_state",
        schema: "ReportingDutyState",
        values: &[
            ("awaited", "未报送", "Awaited"),
            ("submitted", "已报送", "Submitted"),
        ],
    },
    Fixed {
        name: "period_kind",
        schema: "PeriodKind",
        values: &[
            ("year", "年度", "Year"),
            ("half_year", "半年", "Half year"),
            ("special", "专题", "One matter"),
        ],
    },
    Fixed {
        name: "work_plan_state",
        schema: "WorkPlanState",
        values: &[
            ("draft", "草稿", "Draft"),
            ("submitted", "已报送", "Submitted"),
            ("acknowledged", "已签收", "Acknowledged"),
            ("returned", "已退回", "Returned"),
        ],
    },
    Fixed {
        name: "work_report_state",
        schema: "WorkReportState",
        values: &[
            ("draft", "草稿", "Draft"),
            ("submitted", "已报送", "Submitted"),
            ("received", "已接收", "Received"),
            ("returned", "已退回", "Returned"),
        ],
    },
    Fixed {
        name: "annual_summary_state",
        schema: "AnnualSummaryState",
        values: &[("draft", "草稿", "Draft"), ("published", "已发布", "Published")],
    },
    Fixed {
        name: "record_change_kind",
        schema: "RecordChangeKind",
        values: &[
            ("changed", "已变化", "Changed"),
            ("added", "新增", "Added"),
            ("gone", "不再计入", "Gone"),
        ],
    },
    Fixed {
        name: "meeting_kind",
        schema: "MeetingKind",
        values: &[
            ("liaison_meeting", "对口联系工作会议", "Liaison meeting"),
            ("important_meeting", "重要会议", "Important meeting"),
            ("major_event", "重大活动", "Major event"),
            (
                "decision_consultation",
                "重大事项决策前咨询",
                "Consultation before a decision",
            ),
            ("decision_briefing", "重大事项通报", "Briefing on a decision"),
            ("joint_research", "调研", "Joint research"),
            ("foreign_affairs_event", "外事活动", "Foreign affairs event"),
            ("visit", "走访", "Visit"),
            ("other", "其他对口联系活动", "Other liaison activity"),
            ("social_service", "社会服务", "Social service"),
        ],
    },
    Fixed {
        name: "subject_type",
        schema: "SubjectType",
        values: &[
            ("department", "部门", "Department"),
            ("liaison_leader", "联络负责人", "Liaison leader"),
            (
                "liaison_confirmation",
                "联络负责人季度确认",
                "Quarterly confirmation",
            ),
            ("problem_report", "问题反映", "Problem report"),
            ("bulletin", "日常信息", "Bulletin"),
            ("meeting", "对口联系活动", "Meeting"),
            ("meeting_follow_up", "会议后续事项", "Follow-up of a meeting"),
            ("suggestion", "意见建议", "Suggestion"),
            ("commitment", "办理承诺", "Commitment"),
            ("reporting_duty", "应报事项", "Plan or report that is owed"),
            ("work_plan", "年度工作计划", "Work plan"),
            ("work_report", "工作情况报告", "Work report"),
            ("annual_summary", "年度汇总", "Annual summary"),
            ("calendar_feed", "日历订阅", "Calendar feed"),
            ("user", "本人账号", "Own account"),
        ],
    },
    Fixed {
        name: "notice_kind",
        schema: "NoticeKind",
        values: &[
            (
                "liaison_leader_reported",
                "联络负责人已报送",
                "Liaison leader reported",
            ),
            (
                "liaison_leader_corrected",
                "联络负责人已更正",
                "Liaison leader corrected",
            ),
            (
                "liaison_leader_completion_requested",
                "联络负责人待补充",
                "Completion of a liaison leader asked for",
            ),
            ("problem_report_raised", "问题已反映", "Problem raised"),
            ("problem_report_answered", "问题已答复", "Problem answered"),
            ("problem_report_closed", "问题已办结", "Problem closed"),
            ("work_plan_submitted", "年度工作计划已报送", "Work plan submitted"),
            (
                "work_plan_acknowledged",
                "年度工作计划已签收",
                "Work plan acknowledged",
            ),
            ("work_plan_returned", "年度工作计划被退回", "Work plan returned"),
            (
                "work_report_submitted",
                "工作情况报告已报送",
                "Work report submitted",
            ),
            (
                "work_report_received",
                "工作情况报告已接收",
                "Work report received",
            ),
            (
                "work_report_returned",
                "工作情况报告被退回",
                "Work report returned",
            ),
            (
                "work_report_acknowledged",
                "抄送的工作情况报告已签收",
                "Copy of a work report acknowledged",
            ),
            (
                "annual_summary_published",
                "年度汇总已发布",
                "Annual summary published",
            ),
            ("recorded_on_behalf", "市委统战部代录", "Recorded on your behalf"),
            ("deadline_moved", "期限调整", "Deadline moved"),
            ("reminder", "到期或逾期提醒", "Reminder of a deadline"),
            ("password_expiring", "密码即将到期", "Password about to expire"),
            ("bulletin_sent", "收到日常信息", "Bulletin received"),
            ("bulletin_withdrawn", "日常信息已撤回", "Bulletin withdrawn"),
            ("meeting_convened", "活动通知", "Meeting convened"),
            ("meeting_postponed", "活动改期", "Meeting postponed"),
            ("meeting_cancelled", "活动取消", "Meeting cancelled"),
            ("meeting_answered", "邀请已答复", "Invitation answered"),
            ("meeting_concluded", "活动办结", "Meeting concluded"),
            (
                "meeting_attendance_recorded",
                "到会情况已登记",
                "Attendance recorded",
            ),
            (
                "meeting_attendance_disputed",
                "到会情况有异议",
                "Attendance disputed",
            ),
            (
                "meeting_dispute_decided",
                "到会情况异议已裁定",
                "Dispute of attendance decided",
            ),
            ("meeting_opinion_given", "意见已提出", "Opinion given"),
            ("meeting_opinion_answered", "意见已答复", "Opinion answered"),
            ("meeting_decision_recorded", "决策结果已登记", "Decision recorded"),
            ("meeting_follow_up_done", "后续事项已完成", "Follow-up done"),
            (
                "suggestion_signatures_requested",
                "征求联名",
                "Signature asked for",
            ),
            ("suggestion_signed", "联名结果", "Signed or declined"),
            ("suggestion_submitted", "意见建议已提交", "Suggestion submitted"),
            ("suggestion_accepted", "意见建议已签收", "Suggestion accepted"),
            ("suggestion_returned", "意见建议申退", "Return asked for"),
            ("suggestion_return_denied", "不准退办", "Return denied"),
            ("suggestion_reassigned", "意见建议已改派", "Suggestion reassigned"),
            ("suggestion_withdrawn", "意见建议已撤回", "Suggestion withdrawn"),
            ("suggestion_communicated", "沟通情况", "Communication recorded"),
            (
                "suggestion_opinion_given",
                "会办意见已提出",
                "Joint opinion given",
            ),
            ("suggestion_interim_replied", "阶段性答复", "Interim reply"),
            (
                "suggestion_extension_requested",
                "延期申请",
                "Extension asked for",
            ),
            (
                "suggestion_extension_decided",
                "延期审核结果",
                "Extension decided",
            ),
            ("suggestion_replied", "意见建议已答复", "Suggestion replied to"),
            ("suggestion_evaluated", "反馈回执", "Reply evaluated"),
            ("suggestion_filed", "意见建议已备案", "Suggestion filed"),
            ("suggestion_filing_returned", "备案退回补报", "Filing returned"),
            (
                "suggestion_filing_reported",
                "备案已补报",
                "Filing reported again",
            ),
            ("suggestion_mediated", "协商会", "Mediation held"),
            ("suggestion_corrected", "答复已更正", "Reply corrected"),
            ("suggestion_urged", "催办", "Suggestion urged"),
            ("suggestion_concluded", "意见建议已办结", "Suggestion concluded"),
            ("commitment_fulfilled", "办理承诺已兑现", "Commitment fulfilled"),
            (
                "commitment_abandonment_requested",
                "承诺终止申请",
                "Giving up a commitment asked for",
            ),
            (
                "commitment_abandonment_decided",
                "承诺终止审核结果",
                "Giving up a commitment decided",
            ),
            (
                "calendar_address_closed",
                "日历订阅地址失效",
                "Calendar address closed",
            ),
        ],
    },
    Fixed {
        name: "level",
        schema: "Level",
        values: &[
            ("handler", "经办人", "Handler"),
            ("leader", "分管领导", "Leader"),
            ("coordinator", "市委统战部", "Coordinator"),
        ],
    },
    Fixed {
        name: "actor",
        schema: "Actor",
        values: &[
            ("coordinator", "市委统战部", "Coordinator"),
            ("department", "本部门", "The department itself"),
            ("recipient", "受文单位", "Recipient"),
            ("raiser", "反映单位", "Who raised it"),
            ("lead", "主办单位", "Leading department"),
            ("joint", "会办单位", "Joint department"),
            ("party", "提出单位", "The party that raises it"),
            ("joint_party", "联名单位", "Joint party"),
            ("host", "举办单位", "Host"),
            ("invitee", "受邀单位", "Invited organization"),
            ("government_office", "市政府办公室", "The government office"),
            ("owner", "承办单位", "Whose it is to do"),
            ("system", "系统", "The system"),
            ("sender", "发送单位", "Sender"),
        ],
    },
    Fixed {
        name: "unit",
        schema: "Unit",
        values: &[
            ("working_days", "工作日", "Working days"),
            ("days", "日", "Days"),
            ("months", "个月", "Months"),
        ],
    },
    Fixed {
        name: "day_kind",
        schema: "DayKind",
        values: &[
            ("weekday", "平日", "Weekday"),
            ("weekend", "周末", "Weekend"),
            ("holiday", "节假日", "Holiday"),
            ("makeup_day", "调休上班日", "Make-up working day"),
        ],
    },
    // Suggestions, and what their replies promise.
    Fixed {
        name: "suggestion_state",
        schema: "SuggestionState",
        values: &[
            ("draft", "草稿", "Draft"),
            ("submitted", "待签收", "Submitted"),
            ("returned", "申退待审", "Return asked for"),
            ("accepted", "办理中", "Accepted"),
            ("replied", "已答复", "Replied"),
            ("withdrawn", "已撤回", "Withdrawn"),
            ("concluded", "已办结", "Concluded"),
        ],
    },
    Fixed {
        name: "suggestion_result",
        schema: "SuggestionResult",
        values: &[
            ("A", "已解决", "Solved"),
            ("B", "正在解决或列入计划", "In progress or planned"),
            ("C", "条件成熟时解决", "Later, when conditions allow"),
            ("D", "留作参考", "For reference"),
        ],
    },
    Fixed {
        name: "filing",
        schema: "Filing",
        values: &[
            ("none", "未报备", "Not reported"),
            ("reported", "待备案", "Reported"),
            ("returned", "退回补报", "Returned"),
            ("filed", "已备案", "Filed"),
        ],
    },
    Fixed {
        name: "evaluation",
        schema: "Evaluation",
        values: &[
            ("none", "无", "None"),
            ("awaited", "待评价", "Awaited"),
            ("received", "已评价", "Received"),
            ("lapsed", "未评价", "Lapsed"),
        ],
    },
    Fixed {
        name: "mediation",
        schema: "Mediation",
        values: &[
            ("none", "无需协商", "None"),
            ("needed", "待协商", "Needed"),
            ("held", "已协商", "Held"),
        ],
    },
    Fixed {
        name: "extension_state",
        schema: "ExtensionState",
        values: &[
            ("requested", "待审核", "Requested"),
            ("granted", "已同意", "Granted"),
            ("denied", "未同意", "Denied"),
        ],
    },
    Fixed {
        name: "handling_role",
        schema: "HandlingRole",
        values: &[("lead", "主办", "Lead"), ("joint", "会办", "Joint")],
    },
    Fixed {
        name: "signature_state",
        schema: "SignatureState",
        values: &[
            ("not_asked", "未征求", "Not asked yet"),
            ("asked", "待签名", "Asked"),
            ("signed", "已签名", "Signed"),
            ("declined", "已谢绝", "Declined"),
        ],
    },
    Fixed {
        name: "communication_way",
        schema: "CommunicationWay",
        values: &[
            ("visit", "走访", "Visit"),
            ("meeting", "座谈", "Meeting"),
            ("phone", "电话", "Phone"),
            ("field", "调研", "Field research"),
        ],
    },
    Fixed {
        name: "satisfaction",
        schema: "Satisfaction",
        values: &[
            ("satisfied", "满意", "Satisfied"),
            ("mostly_satisfied", "基本满意", "Mostly satisfied"),
            ("dissatisfied", "不满意", "Dissatisfied"),
        ],
    },
    Fixed {
        name: "commitment_state",
        schema: "CommitmentState",
        values: &[
            ("open", "办理中", "Open"),
            ("abandonment_requested", "申请终止", "Giving up asked for"),
            ("fulfilled", "已兑现", "Fulfilled"),
            ("abandoned", "已终止", "Given up"),
        ],
    },
    Fixed {
        name: "setting_kind",
        schema: "SettingKind",
        values: &[("term", "期限", "Term"), ("switch", "开关", "Switch")],
    },
    Fixed {
        name: "term_basis",
        schema: "TermBasis",
        values: &[("practice", "实践惯例", "Practice")],
    },
    Fixed {
        name: "calendar_scope",
        schema: "CalendarScope",
        values: &[
            ("user", "个人", "The caller alone"),
            ("organization", "本单位", "The organization"),
        ],
    },
    Fixed {
        name: "bulletin_state",
        schema: "BulletinState",
        values: &[
            ("draft", "草稿", "Draft"),
            ("sent", "已发出", "Sent"),
            ("withdrawn", "已撤回", "Withdrawn"),
        ],
    },
    Fixed {
        name: "bulletin_category",
        schema: "BulletinCategory",
        values: &[
            ("policy_document", "政策文件", "Policy document"),
            ("work_update", "工作动态", "Work update"),
            ("statistics", "统计资料", "Statistics"),
            ("comment_request", "征求意见", "Request for comments"),
            ("other", "其他", "Other"),
        ],
    },
];
