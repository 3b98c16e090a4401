//! What a scheme needs before it takes effect.

use crate::directory::Directory;
use crate::directory::model::{Assignment, Basis, Kind, Scheme};
use crate::problem::{Code, Problem, Result};
use serde_json::{Value, json};
use std::collections::{BTreeSet, HashSet};
use uuid::Uuid;

/// The published scheme that this one takes the place of; none where it is the first.
///
/// # Errors
/// 409 that says what stands in the way: it is published, incomplete, or not later than the latest one.
pub fn check<'d>(directory: &'d Directory, scheme: &Scheme) -> Result<Option<&'d Scheme>> {
    if scheme.is_published() {
        return Err(Problem::new(Code::SchemePublished));
    }
    check_complete(directory, scheme)?;
    let latest = directory
        .schemes
        .iter()
        .filter(|one| one.is_published())
        .max_by_key(|one| one.effective_from);
    match latest {
        Some(latest) if scheme.effective_from <= latest.effective_from => {
            Err(Problem::new(Code::SchemeDates)
                .with("latest_effective_from", latest.effective_from.to_string()))
        }
        latest => Ok(latest),
    }
}

fn check_complete(directory: &Directory, scheme: &Scheme) -> Result<()> {
    if scheme.assignments.is_empty() {
        return Err(
            Problem::new(Code::SchemeIncomplete).detail("方案没有任何分工。", "It has no assignments.")
        );
    }
    let gaps: Vec<Value> = not_standing(directory, scheme)
        .into_iter()
        .chain(without_common(directory, scheme))
        .collect();
    if gaps.is_empty() {
        return Ok(());
    }
    let count = gaps.len();
    Err(Problem::new(Code::SchemeIncomplete)
        .detail(
            format!("有 {count} 处不完整，见 gaps：生效之日不存在的单位，或未联系全部党派的共同联系单位。"),
            format!(
                "{count} gaps, listed in the answer: organizations that do not stand on the day of effect, or \
                 common departments that do not liaise with every party."
            ),
        )
        .with("gaps", gaps))
}

/// Organizations in pairs that do not stand on the day of effect.
fn not_standing(directory: &Directory, scheme: &Scheme) -> Vec<Value> {
    let ids: BTreeSet<Uuid> = scheme
        .assignments
        .iter()
        .flat_map(|pair| [pair.department_id, pair.party_id])
        .collect();
    ids.into_iter()
        .filter_map(|id| directory.get(id))
        .filter(|one| !one.stands_on(scheme.effective_from))
        .map(|one| json!({ "reason": "organization_not_standing", "organization": one.code }))
        .collect()
}

/// A common department liaises with every party that stands on the day of effect, and as such.
fn without_common(directory: &Directory, scheme: &Scheme) -> Vec<Value> {
    let is_common = |pair: &&Assignment| pair.basis == Basis::Common;
    let pairs: HashSet<(Uuid, Uuid)> = scheme
        .assignments
        .iter()
        .filter(is_common)
        .map(|pair| (pair.department_id, pair.party_id))
        .collect();
    let departments: BTreeSet<Uuid> = pairs.iter().map(|(department, _)| *department).collect();
    let mut gaps = Vec::new();
    for department in departments.into_iter().filter_map(|id| directory.get(id)) {
        for party in directory.of_kind(Kind::Party) {
            if party.stands_on(scheme.effective_from) && !pairs.contains(&(department.id, party.id)) {
                gaps.push(json!({
                    "reason": "common_without_party",
                    "organization": department.code,
                    "party": party.code,
                }));
            }
        }
    }
    gaps
}
