//! The types of hits: whose records each is, and what of a record is shown. A new type is an arm in each match.

use super::model::HitType;
use crate::directory::model::Organization;
use crate::directory::{self, Directory};
use crate::http::call::Call;
use crate::policy::{Op, Reach};
use crate::problem::Result;
use crate::resources::reporting::reports as work_reports;
use crate::resources::{bulletins, meetings, suggestions};
use crate::search::{Vector, Words};
use crate::work::Tx;
use crate::workflow::subjects::SubjectType;
use std::collections::HashMap;
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

    /// Of some records those that the caller sees, by the resource's own rule.
    pub async fn shown(
        self,
        call: &Call,
        directory: &Directory,
        ids: &[Uuid],
    ) -> Result<HashMap<Uuid, Shown>> {
        match self {
            Self::Department | Self::Party => {
                let found = ids.iter().filter_map(|id| directory.get(*id));
                Ok(found.map(|one| (one.id, organization(one, call))).collect())
            }
            Self::Suggestion => suggestions::found::shown(call, directory, ids).await,
            Self::Meeting => meetings::found::shown(call, directory, ids).await,
            Self::Bulletin => bulletins::found::shown(call, directory, ids).await,
            Self::WorkReport => work_reports::found::shown(call, directory, ids).await,
        }
    }

    /// What some records are found by, from what is stored of them.
    pub async fn vectors(self, tx: &mut Tx<'_>, ids: &[Uuid]) -> Result<Vec<(Uuid, Vector)>> {
        match self {
            Self::Department | Self::Party => Ok(Vec::new()),
            Self::Suggestion => suggestions::found::vectors(tx.conn, ids).await,
            Self::Meeting => {
                let directory = directory::load(tx.conn).await?;
                meetings::found::vectors(tx.conn, &directory, tx.now(), ids).await
            }
            Self::Bulletin => bulletins::found::vectors(tx.conn, ids).await,
            Self::WorkReport => work_reports::found::vectors(tx.conn, ids).await,
        }
    }

    /// The caller's own drafts in which the words stand, which nobody else finds.
    pub async fn drafts(self, call: &Call, directory: &Directory, words: &Words) -> Result<Vec<Uuid>> {
        match self {
            Self::Department | Self::Party => Ok(Vec::new()),
            Self::Suggestion => suggestions::found::own_drafts(call, directory, words).await,
            Self::Meeting => meetings::found::drafts(call, directory, words).await,
            Self::Bulletin => bulletins::found::drafts(call, directory, words).await,
            Self::WorkReport => work_reports::found::drafts(call, directory, words).await,
        }
    }
}

/// By its names, today's first.
fn organization(organization: &Organization, call: &Call) -> Shown {
    let today = organization.name_on(call.today());
    let names = organization
        .names
        .iter()
        .rev()
        .filter(|name| name.name != today.name);
    let former = names.map(|name| ("former_name", name.name.clone()));
    let own = [
        ("name", today.name.clone()),
        ("short_name", today.short_name.clone()),
        ("code", organization.code.clone()),
    ];
    Shown {
        title: today.name.clone(),
        texts: own.into_iter().chain(former).take(10).collect(),
    }
}
