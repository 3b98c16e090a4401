//! Every enumeration, as `meta/enums` and the OpenAPI document name it and its values.

use crate::directory::model::{Basis, EndKind, PartyKind};
use crate::figures::catalogue::Figure;
use crate::figures::counting::CountsReason;
use crate::figures::facts::RecordType;
use crate::policy::caller::Role;
use crate::resources::annual_summaries::evidence::RecordChangeKind;
use crate::resources::annual_summaries::model::AnnualSummaryState;
use crate::resources::attachments::carriers::Carrier;
use crate::resources::audit_log::model::AuditOutcome;
use crate::resources::bulletins::model::{BulletinCategory, BulletinState};
use crate::resources::liaison_leaders::confirmations::model::ConfirmationState;
use crate::resources::liaison_leaders::model::{AppointmentStatus, LiaisonLeaderState};
use crate::resources::liaison_leaders::rules::model::LiaisonRuleKind;
use crate::resources::meetings::feeds::model::CalendarScope;
use crate::resources::organizations::model::OrganizationState;
use crate::resources::organizations::offices::model::OfficeKind;
use crate::resources::problem_reports::model::ProblemReportState;
use crate::resources::reporting::duties::model::{ReportingDutyKind, ReportingDutyState};
use crate::resources::reporting::duties::period::PeriodKind;
use crate::resources::reporting::plans::model::WorkPlanState;
use crate::resources::reporting::reports::model::WorkReportState;
use crate::resources::schemes::model::SchemeState;
use crate::resources::search::model::HitType;
use crate::resources::settings::model::{SettingKey, SettingKind, TermBasis};
use crate::resources::statistics::model::FigurePart;
use crate::resources::suggestions::commitments::model::CommitmentState;
use crate::resources::suggestions::model::{
    CommunicationWay, Evaluation, ExtensionState, Filing, HandlingRole, Mediation, Satisfaction,
    SignatureState, SuggestionResult, SuggestionState,
};
use crate::resources::users::model::UserState;
use crate::resources::working_days::model::DayKind;
use crate::vocabulary::meetings::{
    ConsultationTiming, DisputeState, FollowUpState, GuestKind, InvitationAnswer, InvitationReply,
    MeetingForm, MeetingKind, MeetingState, OpinionAnswer, SocialServiceKind, SocialServiceWay,
};
use crate::vocabulary::{Labels, labels};
use crate::workflow::calendar::Unit;
use crate::workflow::machine::Actor;
use crate::workflow::notices::{Level, NoticeKind};
use crate::workflow::subjects::SubjectType;
use crate::workflow::terms::TermKey;
use crate::workflow::todos::TodoKind;
use std::sync::LazyLock;

pub static ENUMS: LazyLock<Vec<Labels>> = LazyLock::new(|| {
    vec![
        labels::<Role>(),
        labels::<RecordType>(),
        labels::<FigurePart>(),
        labels::<PartyKind>(),
        labels::<Basis>(),
        labels::<EndKind>(),
        labels::<UserState>(),
        labels::<OrganizationState>(),
        labels::<OfficeKind>(),
        labels::<SchemeState>(),
        labels::<Carrier>(),
        labels::<HitType>(),
        labels::<AuditOutcome>(),
        labels::<LiaisonLeaderState>(),
        labels::<AppointmentStatus>(),
        labels::<ConfirmationState>(),
        labels::<LiaisonRuleKind>(),
        labels::<ProblemReportState>(),
        labels::<ReportingDutyKind>(),
        labels::<ReportingDutyState>(),
        labels::<PeriodKind>(),
        labels::<WorkPlanState>(),
        labels::<WorkReportState>(),
        labels::<AnnualSummaryState>(),
        labels::<RecordChangeKind>(),
        labels::<MeetingKind>(),
        labels::<SubjectType>(),
        labels::<NoticeKind>(),
        labels::<Level>(),
        labels::<Actor>(),
        labels::<Unit>(),
        labels::<DayKind>(),
        labels::<SuggestionState>(),
        labels::<SuggestionResult>(),
        labels::<Filing>(),
        labels::<Evaluation>(),
        labels::<Mediation>(),
        labels::<ExtensionState>(),
        labels::<HandlingRole>(),
        labels::<SignatureState>(),
        labels::<CommunicationWay>(),
        labels::<Satisfaction>(),
        labels::<CommitmentState>(),
        labels::<SettingKind>(),
        labels::<TermBasis>(),
        labels::<CalendarScope>(),
        labels::<BulletinState>(),
        labels::<BulletinCategory>(),
        labels::<TodoKind>(),
        labels::<TermKey>(),
        labels::<SettingKey>(),
        labels::<Figure>(),
        labels::<SocialServiceKind>(),
        labels::<SocialServiceWay>(),
        labels::<MeetingForm>(),
        labels::<MeetingState>(),
        labels::<GuestKind>(),
        labels::<InvitationAnswer>(),
        labels::<InvitationReply>(),
        labels::<DisputeState>(),
        labels::<OpinionAnswer>(),
        labels::<ConsultationTiming>(),
        labels::<FollowUpState>(),
        labels::<CountsReason>(),
    ]
});
