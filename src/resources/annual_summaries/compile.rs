//! The year compiled: its figures for the city, each department and each party, with their definitions.

use crate::directory::Directory;
use crate::directory::model::{Kind, Organization, OrganizationRef};
use crate::figures::catalogue::Definition;
use crate::figures::compute::value;
use crate::figures::{Figure, Gathered, Group, Narrow, Period, Scene, Values};
use crate::problem::{Problem, Result};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

pub const GROUPS: &[Group] = &[
    Group::Activities,
    Group::Coverage,
    Group::Plans,
    Group::Reports,
    Group::Leaders,
    Group::Suggestions,
    Group::Commitments,
    Group::Attendance,
];

/// What is published, and kept: its fields are never taken away, since old summaries have them. The same of figures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Compiled {
    pub period: Period,
    pub definitions: Vec<Definition>,
    pub total: Vec<FigureValue>,
    pub departments: Vec<Line>,
    pub parties: Vec<Line>,
    pub not_sent: Vec<NotSent>,
}

/// Figures of one organization.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    pub organization: OrganizationRef,
    pub figures: Vec<FigureValue>,
}

/// One figure: how many, and of how many where it is a share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FigureValue {
    pub figure: Figure,
    pub numerator: i64,
    pub denominator: Option<i64>,
}

/// 逾期未报: a plan or report that was due and did not come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ReportNotSent)]
pub struct NotSent {
    pub department: OrganizationRef,
    /// What was owed.
    #[schema(example = "市教育局2026年度对口联系工作计划", max_length = 300)]
    pub title: String,
    #[schema(required = true)]
    pub due_on: Option<NaiveDate>,
}

/// The calendar year as it is known on a day.
///
/// # Errors
/// 500 for a year that the CHECK constraint does not let be.
pub fn period_of(year: i32, as_of: NaiveDate) -> Result<Period> {
    Period::of_year(year, as_of).ok_or_else(|| Problem::internal(format!("no year {year}")))
}

pub fn compile(scene: &Scene<'_>, gathered: &Gathered) -> Result<Compiled> {
    let report = gathered.report(GROUPS, Narrow::default());
    let (directory, day) = (scene.directory, scene.period.settled_on);
    let all: Vec<Figure> = Figure::in_groups(GROUPS).collect();
    let departments =
        |one: &Organization| gathered.owing.contains(&one.id) || report.departments.contains_key(&one.id);
    let parties = |one: &Organization| one.stands_on(day) || report.parties.contains_key(&one.id);
    let missing = gathered.facts.iter();
    let missing = missing.filter(|fact| fact.figure == Figure::ReportsMissing && fact.counted);
    Ok(Compiled {
        period: *scene.period,
        definitions: all.iter().copied().map(Definition::from).collect(),
        total: values(&all, Some(&report.total)),
        departments: lines(directory, day, Kind::Department, departments, |one| {
            let figures = all.iter().copied().filter(|figure| figure.is_of_departments());
            values(&figures.collect::<Vec<_>>(), report.departments.get(&one))
        })?,
        parties: lines(directory, day, Kind::Party, parties, |one| {
            let figures = all.iter().copied().filter(|figure| figure.is_of_parties());
            values(&figures.collect::<Vec<_>>(), report.parties.get(&one))
        })?,
        not_sent: missing
            .map(|fact| {
                Ok(NotSent {
                    department: directory.reference(fact.department.unwrap_or_default(), day)?,
                    title: fact.record.title.clone(),
                    due_on: fact.record.on,
                })
            })
            .collect::<Result<_>>()?,
    })
}

fn lines(
    directory: &Directory,
    day: NaiveDate,
    kind: Kind,
    shown: impl Fn(&Organization) -> bool,
    figures: impl Fn(Uuid) -> Vec<FigureValue>,
) -> Result<Vec<Line>> {
    directory
        .of_kind(kind)
        .filter(|one| shown(one))
        .map(|one| {
            Ok(Line {
                organization: directory.reference(one.id, day)?,
                figures: figures(one.id),
            })
        })
        .collect()
}

fn values(figures: &[Figure], of: Option<&Values>) -> Vec<FigureValue> {
    let values = figures.iter().map(|figure| {
        let found = value(of, *figure);
        FigureValue {
            figure: *figure,
            numerator: found.numerator,
            denominator: figure.is_share().then_some(found.denominator),
        }
    });
    values.collect()
}
