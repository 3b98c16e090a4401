//! The enumerations of meetings, each with its labels.

use super::enumeration;

enumeration! {
    /// 活动类别
    pub enum MeetingKind {
        LiaisonMeeting ["对口联系工作会议", "Liaison meeting"],
        ImportantMeeting ["重要会议", "Important meeting"],
        MajorEvent ["重大活动", "Major event"],
        DecisionConsultation ["重大事项决策前咨询", "Consultation before a decision"],
        DecisionBriefing ["重大事项通报", "Briefing on a decision"],
        JointResearch ["调研", "Joint research"],
        ForeignAffairsEvent ["外事活动", "Foreign affairs event"],
        Visit ["走访", "Visit"],
        SocialService ["社会服务", "Social service"],
        Other ["其他对口联系活动", "Other liaison activity"],
    }

    /// 社会服务类别
    pub enum SocialServiceKind {
        InvestmentPromotion ["招商引资", "Investment promotion"],
        AgriculturalScience ["科技支农", "Science for agriculture"],
        FreeClinic ["医疗义诊", "Free clinic"],
        PovertyRelief ["扶贫帮困", "Poverty relief"],
        Other ["其他", "Other"],
    }

    /// 社会服务方式: organized together with parties, or with parties taking part.
    pub enum SocialServiceWay {
        JointlyOrganized ["联办", "Jointly organized"],
        TakenPart ["参与", "Taken part in"],
    }

    /// 活动形式
    pub enum MeetingForm {
        /// 现场或线上: people meet
        Meeting ["会议", "Meeting"],
        /// 书面: nobody meets
        Written ["书面", "In writing"],
    }

    /// 活动状态
    pub enum MeetingState {
        Draft ["草稿", "Draft"],
        Convened ["已召集", "Convened"],
        Held ["已举行", "Held"],
        Concluded ["已办结", "Concluded"],
        Cancelled ["已取消", "Cancelled"],
    }

    /// 邀请类别
    pub enum GuestKind {
        Expert ["专家", "Expert"],
        IndustryRepresentative ["行业代表", "Industry representative"],
        SpecialSupervisor ["特邀监督员", "Special supervisor"],
        Other ["其他", "Other"],
    }

    /// 邀请答复
    pub enum InvitationAnswer {
        Pending ["待答复", "Pending"],
        Accepted ["参加", "Accepted"],
        Declined ["不参加", "Declined"],
        Tentative ["待定", "Tentative"],
    }

    /// 答复内容
    pub enum InvitationReply {
        Accepted ["参加", "Accepted"],
        Declined ["不参加", "Declined"],
        Tentative ["待定", "Tentative"],
    }

    /// 异议状态
    pub enum DisputeState {
        Open ["待裁定", "Open"],
        Granted ["异议成立", "Granted"],
        Dismissed ["异议不成立", "Dismissed"],
    }

    /// 意见采纳情况
    pub enum OpinionAnswer {
        Adopted ["采纳", "Adopted"],
        PartlyAdopted ["部分采纳", "Partly adopted"],
        NotAdopted ["未采纳", "Not adopted"],
    }

    /// 征求意见是否在决策之前
    pub enum ConsultationTiming {
        /// Nothing is decided yet, and no opinion has come after the planned day
        Pending ["尚未决策", "Not decided yet"],
        BeforeDecision ["决策前征求意见", "Before the decision"],
        /// Some opinions came before, some after
        PartlyAfterDecision ["部分意见在决策后提出", "Partly after the decision"],
        AfterDecision ["决策后征求意见", "After the decision"],
    }

    /// 后续事项状态
    pub enum FollowUpState {
        /// Written down in minutes that are not final
        Planned ["拟定", "Planned"],
        Open ["待办理", "Open"],
        Done ["已完成", "Done"],
    }
}

impl MeetingKind {
    /// Whether something is to be decided, and parties are heard on it.
    pub fn is_about_decision(self) -> bool {
        matches!(self, Self::DecisionConsultation | Self::DecisionBriefing)
    }
}
