//! The pairs of a body, as clients name them, against the directory.

use super::model::NewAssignments;
use super::queries::Pair;
use crate::directory::Directory;
use crate::directory::model::Kind;
use crate::http::contract::pointer;
use crate::problem::{Fault, Problem, Result};
use serde_json::{Value, json};
use std::collections::HashSet;
use uuid::Uuid;

/// # Errors
/// 422 that names every unknown organization and every pair that stands there twice.
pub fn pairs(directory: &Directory, body: &NewAssignments) -> Result<Vec<Pair>> {
    let mut faults = Vec::new();
    let mut seen = HashSet::new();
    let mut pairs = Vec::new();
    for (index, item) in body.items.iter().enumerate() {
        let mut find = |kind, named: &str, field: &str| -> Option<Uuid> {
            let found = directory.find_kind(kind, named).map(|found| found.id);
            if found.is_none() {
                faults.push(Fault::unknown_reference(pointer(&[&"items", &index, &field])));
            }
            found
        };
        let department = find(Kind::Department, &item.department, "department");
        let party = find(Kind::Party, &item.party, "party");
        let Some((department, party)) = department.zip(party) else {
            continue;
        };
        if seen.insert((department, party)) {
            pairs.push(Pair {
                department,
                party,
                basis: item.basis,
            });
        } else {
            faults.push(Fault::at(
                pointer(&[&"items", &index]),
                "repeated",
                "该部门与该党派已在前面列出。",
                "The pair of department and party stands there before.",
            ));
        }
    }
    if faults.is_empty() {
        Ok(pairs)
    } else {
        Err(Problem::invalid(faults))
    }
}

/// By codes, for the audit log.
pub fn codes(directory: &Directory, pairs: &[Pair]) -> Value {
    let code = |id| directory.get(id).map(|one| one.code.as_str());
    let items: Vec<Value> = pairs
        .iter()
        .map(|pair| json!([code(pair.department), code(pair.party), pair.basis]))
        .collect();
    json!({ "assignments": items })
}
