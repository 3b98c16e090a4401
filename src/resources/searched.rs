//! What can be searched: what each resource shows of its records, and what they are found by. A further kind is an arm in each match.

use crate::directory::model::Organization;
use crate::directory::{self, Directory};
use crate::http::call::Call;
use crate::problem::Result;
use crate::resources::reporting::reports as work_reports;
use crate::resources::search::kinds::Shown;
use crate::resources::search::model::HitType;
use crate::resources::{bulletins, meetings, suggestions};
use crate::search::{Vector, Words};
use crate::work::Tx;
use std::collections::HashMap;
use uuid::Uuid;

/// Of some records those that the caller sees, by the resource's own rule.
pub async fn shown(
    kind: HitType,
    call: &Call,
    directory: &Directory,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, Shown>> {
    match kind {
        HitType::Department | HitType::Party => {
            let found = ids.iter().filter_map(|id| directory.get(*id));
            Ok(found.map(|one| (one.id, organization(one, call))).collect())
        }
        HitType::Suggestion => suggestions::found::shown(call, directory, ids).await,
        HitType::Meeting => meetings::found::shown(call, directory, ids).await,
        HitType::Bulletin => bulletins::found::shown(call, directory, ids).await,
        HitType::WorkReport => work_reports::found::shown(call, directory, ids).await,
    }
}

/// What some records are found by, from what is stored of them.
pub async fn vectors(kind: HitType, tx: &mut Tx<'_>, ids: &[Uuid]) -> Result<Vec<(Uuid, Vector)>> {
    match kind {
        HitType::Department | HitType::Party => Ok(Vec::new()),
        HitType::Suggestion => suggestions::found::vectors(tx.conn, ids).await,
        HitType::Meeting => {
            let directory = directory::load(tx.conn).await?;
            meetings::found::vectors(tx.conn, &directory, tx.now(), ids).await
        }
        HitType::Bulletin => bulletins::found::vectors(tx.conn, ids).await,
        HitType::WorkReport => work_reports::found::vectors(tx.conn, ids).await,
    }
}

/// The caller's own drafts in which the words stand, which nobody else finds.
pub async fn drafts(kind: HitType, call: &Call, directory: &Directory, words: &Words) -> Result<Vec<Uuid>> {
    match kind {
        HitType::Department | HitType::Party => Ok(Vec::new()),
        HitType::Suggestion => suggestions::found::own_drafts(call, directory, words).await,
        HitType::Meeting => meetings::found::drafts(call, directory, words).await,
        HitType::Bulletin => bulletins::found::drafts(call, directory, words).await,
        HitType::WorkReport => work_reports::found::drafts(call, directory, words).await,
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
