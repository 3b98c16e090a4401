//! Who liaises with whom, as a table: a row a department, a column a party.

use crate::directory::Directory;
use crate::directory::model::{Basis, Kind, Organization, OrganizationRef, Scheme};
use crate::http::negotiate::{Cell, Table};
use crate::language::{Language, Text};
use crate::problem::{Problem, Result};
use crate::resources::schemes::model::{SchemeCounts, SchemeRef};
use chrono::NaiveDate;
use serde::Serialize;
use std::collections::{HashMap, HashSet};
use utoipa::ToSchema;
use uuid::Uuid;

/// 对口联系矩阵
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = AssignmentMatrix)]
pub struct MatrixView {
    /// The day of names and successors.
    pub as_of: NaiveDate,
    /// Null: none is in force on the day.
    #[schema(required = true)]
    pub scheme: Option<SchemeRef>,
    /// The columns: parties that stand on the day or have a pair.
    pub parties: Vec<ColumnView>,
    pub rows: Vec<RowView>,
    pub totals: MatrixTotals,
}

/// 一列
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = MatrixParty)]
pub struct ColumnView {
    pub id: Uuid,
    #[schema(example = "minmeng", max_length = 64)]
    pub code: String,
    #[schema(example = "民盟市委会", max_length = 100)]
    pub name: String,
    #[schema(example = "民盟", max_length = 20)]
    pub short_name: String,
}

/// 一行
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = MatrixRow)]
pub struct RowView {
    pub department: OrganizationRef,
    #[schema(required = true)]
    pub acting_department: Option<OrganizationRef>,
    pub basis: Basis,
    /// In the order of the columns.
    pub cells: Vec<CellView>,
}

/// 一格
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = MatrixCell)]
pub struct CellView {
    #[schema(example = "minmeng", max_length = 64)]
    pub party: String,
    pub linked: bool,
}

/// 合计
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MatrixTotals {
    #[schema(example = 23, minimum = 0)]
    pub departments: usize,
    #[schema(example = 8, minimum = 0)]
    pub parties: usize,
    #[schema(example = 113, minimum = 0)]
    pub assignments: usize,
    #[schema(example = 64, minimum = 0)]
    pub common: usize,
    #[schema(example = 49, minimum = 0)]
    pub designated: usize,
    /// In the order of the columns.
    pub by_party: Vec<PartyTotals>,
}

/// 一列的合计
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PartyTotals {
    #[schema(example = "minmeng", max_length = 64)]
    pub party: String,
    #[schema(example = 15, minimum = 0)]
    pub assignments: usize,
    #[schema(example = 8, minimum = 0)]
    pub common: usize,
    #[schema(example = 7, minimum = 0)]
    pub designated: usize,
}

impl MatrixView {
    pub fn new(directory: &Directory, scheme: Option<&Scheme>, day: NaiveDate) -> Result<Self> {
        let pairs = scheme.map_or(&[][..], |scheme| &scheme.assignments);
        let basis: HashMap<(Uuid, Uuid), Basis> = pairs
            .iter()
            .map(|pair| ((pair.department_id, pair.party_id), pair.basis))
            .collect();
        let paired: HashSet<Uuid> = pairs.iter().map(|pair| pair.party_id).collect();
        let parties: Vec<&Organization> = directory
            .of_kind(Kind::Party)
            .filter(|party| party.stands_on(day) || paired.contains(&party.id))
            .collect();
        let mut departments: Vec<Uuid> = pairs.iter().map(|pair| pair.department_id).collect();
        // Pairs stand in the order of departments.
        departments.dedup();
        let rows = departments
            .into_iter()
            .map(|id| row(directory, id, &parties, &basis, day))
            .collect::<Result<Vec<_>>>()?;
        Ok(Self {
            as_of: day,
            scheme: scheme.map(SchemeRef::from),
            totals: totals(scheme, &parties, rows.len()),
            parties: parties.into_iter().map(|party| column(party, day)).collect(),
            rows,
        })
    }

    pub fn table(&self) -> Table {
        let fixed = [
            ("部门", "Department"),
            ("联系依据", "Basis"),
            ("现承办部门", "Acting department"),
        ];
        let mut table = Table::new(Text::fixed("对口联系矩阵", "Assignment matrix"), &fixed);
        let parties = self.parties.iter();
        table
            .columns
            .extend(parties.map(|party| Text::new(party.name.clone(), party.name.clone())));
        table
    }

    /// A row a department, and the sums of the columns.
    pub fn cells(&self, language: Language) -> Vec<Vec<Cell>> {
        let rows = self.rows.iter().map(|row| {
            let acting = row.acting_department.as_ref();
            let fixed = [
                row.department.name.as_str().into(),
                row.basis.label().get(language).into(),
                acting.map(|acting| acting.name.as_str()).into(),
            ];
            let marks = row.cells.iter().map(|cell| cell.linked.then_some("√").into());
            fixed.into_iter().chain(marks).collect()
        });
        let sum = Text::fixed("合计", "Total");
        let sums = self.totals.by_party.iter().map(|sum| sum.assignments.into());
        let last = [sum.get(language).into(), Cell::Empty, Cell::Empty]
            .into_iter()
            .chain(sums)
            .collect();
        rows.chain([last]).collect()
    }
}

fn column(party: &Organization, day: NaiveDate) -> ColumnView {
    let name = party.name_on(day);
    ColumnView {
        id: party.id,
        code: party.code.clone(),
        name: name.name.clone(),
        short_name: name.short_name.clone(),
    }
}

fn row(
    directory: &Directory,
    id: Uuid,
    parties: &[&Organization],
    basis: &HashMap<(Uuid, Uuid), Basis>,
    day: NaiveDate,
) -> Result<RowView> {
    let cells = parties.iter().map(|party| CellView {
        party: party.code.clone(),
        linked: basis.contains_key(&(id, party.id)),
    });
    Ok(RowView {
        department: directory.reference(id, day)?,
        acting_department: directory
            .acting(id, day)
            .map(|acting| OrganizationRef::new(acting, day)),
        // Only in a draft can the pairs of one department differ; common is what such a one is on its way to.
        basis: parties
            .iter()
            .filter_map(|party| basis.get(&(id, party.id)))
            .min()
            .copied()
            .ok_or_else(|| Problem::internal("a row of the matrix without a pair"))?,
        cells: cells.collect(),
    })
}

fn totals(scheme: Option<&Scheme>, parties: &[&Organization], departments: usize) -> MatrixTotals {
    let counts = scheme.map(SchemeCounts::of);
    let of_party = |party: &Organization| {
        let pairs = scheme.map_or(&[][..], |scheme| &scheme.assignments).iter();
        let (common, designated): (Vec<_>, Vec<_>) = pairs
            .filter(|pair| pair.party_id == party.id)
            .partition(|pair| pair.basis == Basis::Common);
        PartyTotals {
            party: party.code.clone(),
            assignments: common.len() + designated.len(),
            common: common.len(),
            designated: designated.len(),
        }
    };
    MatrixTotals {
        departments,
        parties: counts.map_or(0, |counts| counts.parties),
        assignments: counts.map_or(0, |counts| counts.assignments),
        common: counts.map_or(0, |counts| counts.common),
        designated: counts.map_or(0, |counts| counts.designated),
        by_party: parties.iter().map(|party| of_party(party)).collect(),
    }
}
