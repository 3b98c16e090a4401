use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// 活动类别
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
pub enum MeetingKind {
    LiaisonMeeting,
    ImportantMeeting,
    MajorEvent,
    DecisionConsultation,
    DecisionBriefing,
    JointResearch,
    ForeignAffairsEvent,
    Visit,
    Other,
    SocialService,
}
