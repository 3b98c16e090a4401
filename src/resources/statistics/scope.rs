//! Which figures are asked for, and which of them the caller sees.

use super::model::{DepartmentFigures, FigureView, PartyFigures, StatisticsQuery};
use crate::directory::model::{Kind, Organization};
use crate::directory::{Directory, within};
use crate::figures::compute::value;
use crate::figures::{Figure, Gathered, Group, Narrow, Period, Report, Scene, Values, gather};
use crate::http::call::Call;
use crate::policy::{Reach, Role};
use crate::problem::{Problem, Result};
use std::sync::Arc;
use uuid::Uuid;

/// What is asked for, and what of it the caller sees.
pub struct Scope {
    pub directory: Arc<Directory>,
    pub period: Period,
    /// The filters that were named, for links.
    department: Vec<String>,
    party: Vec<String>,
    /// What the filters leave of what the caller sees; none: all.
    departments: Option<Vec<Uuid>>,
    parties: Option<Vec<Uuid>>,
    /// The caller sees everything, and not its own with the city's totals alone.
    pub sees_all: bool,
}

impl Scope {
    /// # Errors
    /// 422 with every fault of the query.
    pub async fn of(call: &Call, query: &StatisticsQuery) -> Result<Self> {
        let directory = call.directory().await?;
        let asked = Period::asked(query.year, (query.from, query.to), query.as_of, call.today());
        let (period, mut faults) = match asked {
            Ok(period) => (Some(period), Vec::new()),
            Err(faults) => (None, faults),
        };
        let mut named = |parameter, names: &[String], kind| {
            directory.named(parameter, names, |one| one.is(kind), &mut faults)
        };
        let departments = named("department", &query.department, Kind::Department);
        let parties = named("party", &query.party, Kind::Party);
        let Some(period) = period.filter(|_| faults.is_empty()) else {
            return Err(Problem::invalid(faults));
        };
        let own = |role| own(call, &directory, role);
        let codes = |all: &Option<Vec<Uuid>>| {
            let all = all.iter().flatten();
            all.filter_map(|id| Some(directory.get(*id)?.code.clone()))
                .collect()
        };
        Ok(Self {
            department: codes(&departments),
            party: codes(&parties),
            departments: within(departments, own(Role::Department)),
            parties: within(parties, own(Role::Party)),
            sees_all: call.reach() == Reach::Any,
            period,
            directory,
        })
    }

    pub fn scene(&self) -> Scene<'_> {
        Scene {
            directory: &self.directory,
            period: &self.period,
        }
    }

    pub fn narrow(&self) -> Narrow<'_> {
        Narrow {
            departments: self.departments.as_deref(),
            parties: self.parties.as_deref(),
        }
    }

    /// What the totals are of: the whole city for whoever sees its own rows alone.
    pub fn narrow_of_totals(&self) -> Narrow<'_> {
        match self.sees_all {
            true => self.narrow(),
            false => Narrow::default(),
        }
    }

    /// The same departments with all that they act for on the day that counts, as records name them.
    pub fn departments_of_records(&self) -> Option<Vec<Uuid>> {
        let all = self.departments.as_ref()?;
        let on = self.period.settled_on;
        Some(
            all.iter()
                .flat_map(|one| self.directory.represented_by(*one, on))
                .collect(),
        )
    }

    pub async fn gather(&self, call: &Call, groups: &[Group]) -> Result<Gathered> {
        gather(&*call.reads().await?, &self.scene(), groups, call.today()).await
    }

    /// Figures of one row, in the order of the catalogue.
    fn views(
        &self,
        figures: &[Figure],
        values: Option<&Values>,
        whose: Option<(&str, &str)>,
    ) -> Vec<FigureView> {
        let views = figures.iter().map(|figure| {
            let found = value(values, *figure);
            FigureView {
                figure: *figure,
                numerator: found.numerator,
                denominator: figure.is_share().then_some(found.denominator),
                records: self.link(*figure, whose),
            }
        });
        views.collect()
    }

    fn link(&self, figure: Figure, whose: Option<(&str, &str)>) -> Option<String> {
        if figure == Figure::ActivitiesOwed || whose.is_none() && !self.sees_all {
            return None;
        }
        let Period { from, to, as_of, .. } = self.period;
        let code: &str = figure.into();
        let mut link = format!("/api/v1/statistics/records?figure={code}&from={from}&to={to}&as_of={as_of}");
        for (parameter, asked) in [("department", &self.department), ("party", &self.party)] {
            let of_row = whose.filter(|(of, _)| *of == parameter).map(|(_, code)| code);
            let codes = match of_row {
                Some(code) => vec![code],
                None => asked.iter().map(String::as_str).collect(),
            };
            for code in codes {
                link.push_str(&format!("&{parameter}={code}"));
            }
        }
        Some(link)
    }

    pub fn totals(&self, gathered: &Gathered, groups: &[Group], figures: &[Figure]) -> Vec<FigureView> {
        let report = gathered.report(groups, self.narrow_of_totals());
        self.views(figures, Some(&report.total), None)
    }

    /// A row for each department that has an assignment on the day that counts, or figures all the same.
    pub fn departments(
        &self,
        gathered: &Gathered,
        report: &Report,
        figures: &[Figure],
    ) -> Result<Vec<DepartmentFigures>> {
        let shown = |one: &&Organization| {
            (gathered.owing.contains(&one.id) && self.parties.is_none()
                || report.departments.contains_key(&one.id))
                && self.departments.as_ref().is_none_or(|all| all.contains(&one.id))
        };
        let departments = self.directory.of_kind(Kind::Department).filter(shown);
        departments
            .map(|one| {
                Ok(DepartmentFigures {
                    department: self.directory.reference(one.id, self.period.settled_on)?,
                    figures: self.views(
                        figures,
                        report.departments.get(&one.id),
                        Some(("department", &one.code)),
                    ),
                })
            })
            .collect()
    }

    /// A row for each party that stands on the day that counts, or has figures all the same.
    pub fn parties(&self, report: &Report, figures: &[Figure]) -> Result<Vec<PartyFigures>> {
        let shown = |one: &&Organization| {
            (one.stands_on(self.period.settled_on) && self.departments.is_none()
                || report.parties.contains_key(&one.id))
                && self.parties.as_ref().is_none_or(|all| all.contains(&one.id))
        };
        let parties = self.directory.of_kind(Kind::Party).filter(shown);
        parties
            .map(|one| {
                Ok(PartyFigures {
                    party: self.directory.reference(one.id, self.period.settled_on)?,
                    figures: self.views(figures, report.parties.get(&one.id), Some(("party", &one.code))),
                })
            })
            .collect()
    }
}

/// The caller's own organization with all that it acts for today, where it sees no more than that.
fn own(call: &Call, directory: &Directory, role: Role) -> Option<Vec<Uuid>> {
    if call.reach() == Reach::Any || call.caller.role != Some(role) {
        return None;
    }
    Some(directory.own(&call.caller, call.today()))
}
