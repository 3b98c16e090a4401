//! Figures out of what was gathered: for each department, each party and the whole city.

use super::activities::{self, Pair};
use super::catalogue::{Figure, Group};
use super::facts::{Fact, Scene};
use super::suggestions::{self, Tally};
use super::{leaders, reporting};
use crate::figures::counting::Judged;
use crate::problem::Result;
use chrono::NaiveDate;
use diesel_async::AsyncPgConnection;
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

/// Activities that a department owes a year (三(四)1).
pub const OWED: usize = 2;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Value {
    pub numerator: i64,
    pub denominator: i64,
}

pub type Values = BTreeMap<Figure, Value>;

/// What figures are made from.
#[derive(Clone, Debug, Default)]
pub struct Gathered {
    pub facts: Vec<Fact>,
    pub tallies: Vec<Tally>,
    pub activities: Vec<Judged>,
    pub pairs: Vec<Pair>,
    /// Departments with an assignment on the day that counts, in the order of the notice.
    pub owing: Vec<Uuid>,
}

/// Some departments, or some parties, alone.
#[derive(Clone, Copy, Debug, Default)]
pub struct Narrow<'a> {
    pub departments: Option<&'a [Uuid]>,
    pub parties: Option<&'a [Uuid]>,
}

impl Narrow<'_> {
    pub fn takes(&self, department: Option<Uuid>, party: Option<Uuid>) -> bool {
        let within = |all: Option<&[Uuid]>, one: Option<Uuid>| {
            all.is_none_or(|all| one.is_some_and(|one| all.contains(&one)))
        };
        within(self.departments, department) && within(self.parties, party)
    }
}

/// The figures of a period.
#[derive(Clone, Debug, Default)]
pub struct Report {
    pub total: Values,
    pub departments: HashMap<Uuid, Values>,
    pub parties: HashMap<Uuid, Values>,
}

/// Reads what the figures of some groups are made from.
///
/// # Errors
/// `database_unavailable`.
pub async fn gather(
    conn: &AsyncPgConnection,
    scene: &Scene<'_>,
    groups: &[Group],
    today: NaiveDate,
) -> Result<Gathered> {
    let has = |group| groups.contains(&group);
    let mut gathered = Gathered {
        owing: scene.owing(),
        ..Gathered::default()
    };
    if has(Group::Activities) || has(Group::Coverage) {
        gathered.activities = activities::judged(conn, scene).await?;
        gathered.facts.extend(activities::facts(&gathered.activities));
    }
    if has(Group::Coverage) {
        gathered.pairs = activities::pairs(conn, scene, &gathered.activities).await?;
        gathered
            .facts
            .extend(activities::pair_facts(scene, &gathered.pairs));
    }
    if has(Group::Attendance) {
        gathered.facts.extend(activities::attendance(conn, scene).await?);
        gathered.facts.extend(activities::answers(conn, scene).await?);
    }
    if has(Group::Leaders) {
        gathered.facts.extend(leaders::facts(conn, scene).await?);
    }
    if has(Group::Plans) || has(Group::Reports) {
        gathered.facts.extend(reporting::facts(conn, scene).await?);
        gathered.facts.extend(reporting::items(conn, scene).await?);
    }
    if has(Group::Suggestions) || has(Group::Commitments) {
        gathered.tallies = match scene.period.as_of == today {
            true => suggestions::today(conn, scene.period, today).await?,
            false => suggestions::earlier(conn, scene.period).await?,
        };
        for tally in &mut gathered.tallies {
            tally.department_id = scene.acting(tally.department_id);
        }
    }
    gathered.facts.retain(|fact| has(fact.figure.group()));
    Ok(gathered)
}

impl Gathered {
    /// The figures of some groups, of what is taken in.
    pub fn report(&self, groups: &[Group], narrow: Narrow<'_>) -> Report {
        let mut report = Report::default();
        let takes = |department, party| narrow.takes(department, party);
        if groups.contains(&Group::Activities) && narrow.parties.is_none() {
            for department in self.owing.iter().filter(|one| takes(Some(**one), None)) {
                report.add(
                    Figure::ActivitiesOwed,
                    (Some(*department), None),
                    (OWED as i64, OWED as i64),
                );
            }
        }
        for fact in self
            .facts
            .iter()
            .filter(|fact| takes(fact.department, fact.party))
        {
            report.add(
                fact.figure,
                (fact.department, fact.party),
                (i64::from(fact.counted), 1),
            );
        }
        // Which figures a mark is part of: a few of them each.
        let mut of_mark: HashMap<&str, Vec<(Figure, bool, bool)>> = HashMap::new();
        for figure in Figure::in_groups(groups) {
            let Some(counted) = figure.counted() else { continue };
            let marks = counted.marks.iter().chain(counted.whole.iter());
            let mut marks: Vec<&str> = marks.copied().collect();
            marks.sort_unstable();
            marks.dedup();
            for mark in marks {
                let (part, whole) = (counted.marks.contains(&mark), counted.whole.contains(&mark));
                of_mark.entry(mark).or_default().push((figure, part, whole));
            }
        }
        for tally in &self.tallies {
            let (department, party) = (Some(tally.department_id), Some(tally.party_id));
            if !takes(department, party) {
                continue;
            }
            for (figure, part, whole) in of_mark.get(tally.mark.as_str()).into_iter().flatten() {
                let n = |taken: bool| if taken { tally.n } else { 0 };
                report.add(*figure, (department, party), (n(*part), n(*whole)));
            }
        }
        report
    }
}

impl Report {
    fn add(
        &mut self,
        figure: Figure,
        (department, party): (Option<Uuid>, Option<Uuid>),
        (numerator, denominator): (i64, i64),
    ) {
        let add = |values: &mut Values| {
            let value = values.entry(figure).or_default();
            value.numerator += numerator;
            value.denominator += denominator;
        };
        add(&mut self.total);
        if let Some(department) = department.filter(|_| figure.is_of_departments()) {
            add(self.departments.entry(department).or_default());
        }
        if let Some(party) = party.filter(|_| figure.is_of_parties()) {
            add(self.parties.entry(party).or_default());
        }
    }
}

/// A figure that nothing was counted for is nought.
pub fn value(values: Option<&Values>, figure: Figure) -> Value {
    values
        .and_then(|values| values.get(&figure))
        .copied()
        .unwrap_or_default()
}
