//! Figures as tables for Excel: a row an organization, a column a figure, and beside a share what it is of.

use super::model::{
    ComplianceItem, CoverageMatrix, DepartmentStatistics, FigureView, PartyStatistics, SuggestionStatistics,
};
use crate::figures::Figure;
use crate::figures::catalogue::Definition;
use crate::http::call::Call;
use crate::http::negotiate::{Cell, Format, Table, Tabular};
use crate::language::{Language, Text};
use crate::problem::Result;
use crate::vocabulary::yes_or_no;
use actix_web::HttpResponse;
use futures_util::stream;

/// A table with its rows.
pub type Filled = (Table, Vec<Vec<Cell>>);

pub async fn exported(call: &Call, format: Format, (table, rows): Filled) -> Result<HttpResponse> {
    let rows = Box::pin(stream::once(async { Ok(rows) }));
    call.export(format, &table, rows).await
}

impl Tabular for ComplianceItem {
    fn table() -> Table {
        let mut table = Table::new(
            Text::fixed("对口联系活动履职情况", "Activities against two a year"),
            &[
                ("部门", "Department"),
                ("应开展", "Owed"),
                ("计入", "Counted"),
                ("是否达标", "Done"),
                ("结对数", "Pairs"),
                ("已联系", "Met"),
            ],
        );
        let kinds = Figure::in_groups(&[crate::figures::Group::Activities]);
        let kinds =
            kinds.filter(|figure| !matches!(figure, Figure::ActivitiesOwed | Figure::ActivitiesCounted));
        table.columns.extend(kinds.map(|figure| figure.label().clone()));
        table
    }

    fn cells(&self, language: Language) -> Vec<Cell> {
        let mut cells = vec![
            self.department.name.as_str().into(),
            self.owed.into(),
            self.counted.into(),
            yes_or_no(self.met, language).into(),
            self.coverage.linked.into(),
            self.coverage.met.into(),
        ];
        cells.extend(self.by_kind.iter().map(|kind| Cell::from(kind.counted)));
        cells
    }
}

/// Days since each pair met; blank where there is none.
pub fn of_coverage(matrix: &CoverageMatrix, language: Language) -> Filled {
    let title = Text::fixed("距上次联系天数", "Days since the last contact");
    let mut table = Table::new(title, &[("部门", "Department")]);
    let parties = matrix.parties.iter();
    table
        .columns
        .extend(parties.map(|party| Text::new(party.name.clone(), party.name.clone())));
    let never = Text::fixed("未联系", "Never");
    let rows = matrix.rows.iter().map(|row| {
        let cells = matrix.parties.iter().map(|party| {
            let pair = row.pairs.iter().find(|pair| pair.party.id == party.id);
            match pair.map(|pair| pair.days_since) {
                None => Cell::Empty,
                Some(None) => never.get(language).into(),
                Some(Some(days)) => Cell::Number(days),
            }
        });
        [Cell::from(row.department.name.as_str())]
            .into_iter()
            .chain(cells)
            .collect()
    });
    (table, rows.collect())
}

pub fn of_suggestions(statistics: &SuggestionStatistics, language: Language) -> Filled {
    let title = Text::fixed("意见建议办理统计", "Suggestions and commitments");
    let (department, party) = (
        Text::fixed("主办部门", "Lead department"),
        Text::fixed("提出单位", "Party"),
    );
    let kinds = [&department, &party].map(|kind| kind.get(language));
    let departments = statistics
        .departments
        .iter()
        .map(|row| (vec![kinds[0], &row.department.name], row.figures.as_slice()));
    let parties = statistics
        .parties
        .iter()
        .map(|row| (vec![kinds[1], &row.party.name], row.figures.as_slice()));
    let sum = Text::fixed("合计", "Total");
    let total = (vec!["", sum.get(language)], statistics.total.as_slice());
    let heads = &[("类别", "Kind"), ("单位", "Organization")];
    let rows = departments.chain(parties).chain([total]);
    filled(title, heads, &statistics.definitions, rows)
}

pub fn of_departments(statistics: &DepartmentStatistics, language: Language) -> Filled {
    let title = Text::fixed("部门对口联系工作统计", "Figures of departments");
    let items = statistics.items.iter();
    let items = items.map(|row| (vec![row.department.name.as_str()], row.figures.as_slice()));
    let sum = Text::fixed("合计", "Total");
    let total = (vec![sum.get(language)], statistics.total.as_slice());
    let heads = &[("部门", "Department")];
    filled(title, heads, &statistics.definitions, items.chain([total]))
}

pub fn of_parties(statistics: &PartyStatistics, language: Language) -> Filled {
    let title = Text::fixed("党派团体对口联系工作统计", "Figures of parties");
    let items = statistics.items.iter();
    let items = items.map(|row| (vec![row.party.name.as_str()], row.figures.as_slice()));
    let sum = Text::fixed("合计", "Total");
    let total = (vec![sum.get(language)], statistics.total.as_slice());
    let heads = &[("党派团体", "Party")];
    filled(title, heads, &statistics.definitions, items.chain([total]))
}

/// A column a figure, and one more for what a share is of; blank where an organization has no such figure.
pub fn filled<'a>(
    title: Text,
    heads: &[(&'static str, &'static str)],
    definitions: &[Definition],
    rows: impl Iterator<Item = (Vec<&'a str>, &'a [FigureView])>,
) -> Filled {
    let mut table = Table::new(title, heads);
    for definition in definitions {
        let label = Text::new(definition.label.zh.clone(), definition.label.en.clone());
        if definition.share {
            let (zh, en) = (format!("{}（分母）", label.zh), format!("{} (of)", label.en));
            table.columns.extend([label, Text::new(zh, en)]);
        } else {
            table.columns.push(label);
        }
    }
    let rows = rows.map(|(heads, figures)| {
        let mut cells: Vec<Cell> = heads.into_iter().map(Cell::from).collect();
        for definition in definitions {
            let found = figures.iter().find(|figure| figure.figure == definition.code);
            cells.push(found.map_or(Cell::Empty, |figure| Cell::Number(figure.numerator)));
            if definition.share {
                let of = found.and_then(|figure| figure.denominator);
                cells.push(of.map_or(Cell::Empty, Cell::Number));
            }
        }
        cells
    });
    (table, rows.collect())
}
