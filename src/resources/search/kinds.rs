//! The types of hits: whose records each is, and what of a record is shown. A new type is an arm in each match.

use super::model::HitType;
use crate::http::call::Call;
use crate::policy::{Op, Reach};
use crate::workflow::subjects::SubjectType;
use uuid::Uuid;

/// What is shown of a record that the caller sees.
pub struct Shown {
    pub title: String,
    /// The texts in which words may stand, by the names of their fields, the title first.
    pub texts: Vec<(&'static str, String)>,
}

impl HitType {
    /// The records among `search_documents`; none of what is in memory.
    pub fn subject(self) -> Option<SubjectType> {
        match self {
            Self::Department | Self::Party => None,
            Self::Suggestion => Some(SubjectType::Suggestion),
            Self::Meeting => Some(SubjectType::Meeting),
            Self::Bulletin => Some(SubjectType::Bulletin),
            Self::WorkReport => Some(SubjectType::WorkReport),
        }
    }

    /// The operation that a hit's link leads to.
    pub fn reads(self) -> Op {
        match self {
            Self::Department => Op::GetDepartment,
            Self::Party => Op::GetParty,
            Self::Suggestion => Op::GetSuggestion,
            Self::Meeting => Op::GetMeeting,
            Self::Bulletin => Op::GetBulletin,
            Self::WorkReport => Op::GetWorkReport,
        }
    }

    /// How far the caller sees them.
    pub fn reach(self, call: &Call) -> Reach {
        self.reads().reach(&call.caller)
    }

    /// Where a hit is.
    pub fn link(self, id: Uuid) -> String {
        match self.subject() {
            Some(subject) => subject.path(id),
            None if self == Self::Department => SubjectType::Department.path(id),
            None => format!("/api/v1/parties/{id}"),
        }
    }
}
