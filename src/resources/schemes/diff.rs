//! Two schemes side by side.

use super::model::SchemeRef;
use crate::directory::Directory;
use crate::directory::model::{Basis, OrganizationRef, Scheme};
use crate::problem::Result;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// What to compare with.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DiffQuery {
    /// Id of another scheme; the one in force today where not given.
    pub against: Option<Uuid>,
}

/// 方案比较
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = SchemeDiff)]
pub struct DiffView {
    /// Null: no scheme is in force today.
    #[schema(required = true)]
    pub against: Option<SchemeRef>,
    pub added: Vec<PairView>,
    pub removed: Vec<PairView>,
    /// With the same basis.
    pub kept: Vec<PairView>,
    pub changed_basis: Vec<ChangedPairView>,
    /// Departments of the scheme that would begin without a liaison leader: none on record for its first day (or today,
    /// where that is past), or a vacancy. Null for roles that do not see leaders.
    #[schema(required = true, max_items = 1000)]
    pub missing_leaders: Option<Vec<OrganizationRef>>,
    /// Pairs that the scheme does not have, with suggestions of theirs that are open: they stay where they are, outside the
    /// assignment. Null for roles that do not see suggestions.
    #[schema(required = true, max_items = 1000)]
    pub open_suggestions: Option<Vec<TouchedPairView>>,
    pub counts: DiffCounts,
}

/// 涉及在办意见建议的一对单位
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = TouchedAssignmentPair)]
pub struct TouchedPairView {
    pub department: OrganizationRef,
    pub party: OrganizationRef,
    #[schema(minimum = 1)]
    pub count: i64,
}

/// 一对单位
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = AssignmentPair)]
pub struct PairView {
    pub department: OrganizationRef,
    pub party: OrganizationRef,
    pub basis: Basis,
}

/// 依据有变的一对单位
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ChangedAssignmentPair)]
pub struct ChangedPairView {
    pub department: OrganizationRef,
    pub party: OrganizationRef,
    pub basis: Basis,
    pub basis_before: Basis,
}

/// 变动数量
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct DiffCounts {
    #[schema(minimum = 0)]
    pub added: usize,
    #[schema(minimum = 0)]
    pub removed: usize,
    #[schema(minimum = 0)]
    pub kept: usize,
    #[schema(minimum = 0)]
    pub changed_basis: usize,
}

impl DiffView {
    /// What `scheme` changes against another, or against nothing; with names as of the day.
    pub fn new(
        directory: &Directory,
        scheme: &Scheme,
        against: Option<&Scheme>,
        day: NaiveDate,
    ) -> Result<Self> {
        let pairs = |scheme: &Scheme| -> Vec<((Uuid, Uuid), Basis)> {
            let pairs = scheme.assignments.iter();
            pairs
                .map(|pair| ((pair.department_id, pair.party_id), pair.basis))
                .collect()
        };
        let (now, then) = (pairs(scheme), against.map(pairs).unwrap_or_default());
        let now_by_pair: HashMap<_, _> = now.iter().copied().collect();
        let then_by_pair: HashMap<_, _> = then.iter().copied().collect();
        let view = |((department, party), basis): ((Uuid, Uuid), Basis)| -> Result<PairView> {
            Ok(PairView {
                department: directory.reference(department, day)?,
                party: directory.reference(party, day)?,
                basis,
            })
        };
        let (mut added, mut kept, mut changed_basis) = (Vec::new(), Vec::new(), Vec::new());
        for (pair, basis) in now {
            let PairView {
                department, party, ..
            } = view((pair, basis))?;
            match then_by_pair.get(&pair) {
                Some(before) if *before != basis => changed_basis.push(ChangedPairView {
                    department,
                    party,
                    basis,
                    basis_before: *before,
                }),
                found => (if found.is_some() { &mut kept } else { &mut added }).push(PairView {
                    department,
                    party,
                    basis,
                }),
            }
        }
        let removed = then
            .into_iter()
            .filter(|(pair, _)| !now_by_pair.contains_key(pair))
            .map(view)
            .collect::<Result<Vec<_>>>()?;
        let counts = DiffCounts {
            added: added.len(),
            removed: removed.len(),
            kept: kept.len(),
            changed_basis: changed_basis.len(),
        };
        Ok(Self {
            against: against.map(SchemeRef::from),
            added,
            removed,
            kept,
            changed_basis,
            missing_leaders: None,
            open_suggestions: None,
            counts,
        })
    }

    /// The same, with the departments that have no leader among those that do.
    pub fn with_leaders(
        mut self,
        directory: &Directory,
        scheme: &Scheme,
        led: &[Uuid],
        day: NaiveDate,
    ) -> Result<Self> {
        let mut missing: Vec<Uuid> = Vec::new();
        for pair in &scheme.assignments {
            let acting = directory.acting(pair.department_id, day).map(|acting| acting.id);
            if let Some(department) = acting
                && !led.contains(&department)
                && !missing.contains(&department)
            {
                missing.push(department);
            }
        }
        let named = missing.into_iter().map(|id| directory.reference(id, day));
        self.missing_leaders = Some(named.collect::<Result<_>>()?);
        Ok(self)
    }

    /// The same, with the open suggestions of pairs that it ends: of those that it would be without, and the other has.
    pub fn with_suggestions(
        mut self,
        directory: &Directory,
        open: &[(Uuid, Uuid, i64)],
        day: NaiveDate,
    ) -> Result<Self> {
        let mut touched = Vec::new();
        for (department, party, count) in open {
            let acting = directory.acting(*department, day).map(|acting| acting.id);
            let ends = |pair: &PairView| {
                let of_pair = directory.acting(pair.department.id, day).map(|acting| acting.id);
                of_pair == acting && pair.party.id == *party
            };
            if self.removed.iter().any(ends) {
                touched.push(TouchedPairView {
                    department: directory.reference(*department, day)?,
                    party: directory.reference(*party, day)?,
                    count: *count,
                });
            }
        }
        self.open_suggestions = Some(touched);
        Ok(self)
    }
}
