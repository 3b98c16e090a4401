//! A summary to be taken away: a workbook with a sheet a table, or one long table with a line a figure.

use super::evidence::RecordView;
use super::model::AnnualSummaryView;
use crate::figures::Figure;
use crate::http::negotiate::{Cell, Table, table};
use crate::language::{Language, Text};
use crate::resources::statistics::model::FigureView;
use crate::resources::statistics::table::{Filled, filled};

pub fn title(view: &AnnualSummaryView) -> Text {
    let year = view.year;
    Text::new(
        format!("{year}年度对口联系工作汇总"),
        format!("Annual summary {year}"),
    )
}

pub fn sheets(view: &AnnualSummaryView, language: Language) -> Vec<Filled> {
    let departments = Text::fixed("各部门", "Departments");
    let parties = Text::fixed("各党派团体", "Parties");
    let of = |whole: &dyn Fn(Figure) -> bool| {
        let definitions = view.definitions.iter();
        definitions
            .filter(|one| whole(one.code))
            .cloned()
            .collect::<Vec<_>>()
    };
    let of_departments = of(&Figure::is_of_departments);
    let of_parties = of(&Figure::is_of_parties);
    let lines = view.departments.iter();
    let lines = lines.map(|row| (vec![row.department.name.as_str()], row.figures.as_slice()));
    let by_department = filled(departments, &[("部门", "Department")], &of_departments, lines);
    let lines = view.parties.iter();
    let lines = lines.map(|row| (vec![row.party.name.as_str()], row.figures.as_slice()));
    let by_party = filled(parties, &[("党派团体", "Party")], &of_parties, lines);
    vec![
        about(view, language),
        total(view, language),
        by_department,
        by_party,
        not_sent(view),
    ]
}

/// What it is, and the text, a paragraph a line.
fn about(view: &AnnualSummaryView, language: Language) -> Filled {
    let table = Table::new(
        Text::fixed("汇总说明", "About"),
        &[("项目", "Item"), ("内容", "Content")],
    );
    let text = view.text.as_deref().unwrap_or_default();
    let paragraphs = text.lines().filter(|line| !line.trim().is_empty());
    let state = view.state.label().get(language);
    let mut rows: Vec<(Text, Cell)> = vec![
        (Text::fixed("年度", "Year"), view.year.into()),
        (Text::fixed("状态", "State"), state.into()),
        (Text::fixed("统计期间起", "Period from"), view.period.from.into()),
        (Text::fixed("统计期间止", "Period to"), view.period.to.into()),
        (Text::fixed("统计日", "As of"), view.period.as_of.into()),
        (Text::fixed("发布时间", "Published at"), view.published_at.into()),
        (
            Text::fixed("内容摘要（SHA-256）", "SHA-256"),
            view.sha256.as_deref().into(),
        ),
    ];
    rows.extend(paragraphs.map(|line| (Text::fixed("市委统战部说明", "Text"), line.into())));
    let rows = rows.into_iter();
    let rows = rows.map(|(item, content)| vec![Cell::from(item.get(language)), content]);
    (table, rows.collect())
}

fn total(view: &AnnualSummaryView, language: Language) -> Filled {
    let table = Table::new(
        Text::fixed("全市", "City"),
        &[
            ("指标", "Figure"),
            ("数值", "Number"),
            ("分母", "Of"),
            ("条款", "Clause"),
            ("定义", "Definition"),
        ],
    );
    let rows = view.total.iter().map(|one| {
        let mut cells = vec![label(view, one.figure, language)];
        cells.extend(numbers(one));
        cells.extend(defined(view, one.figure, language));
        cells
    });
    (table, rows.collect())
}

fn numbers(one: &FigureView) -> [Cell; 2] {
    [
        Cell::Number(one.numerator),
        one.denominator.map_or(Cell::Empty, Cell::Number),
    ]
}

/// What the figure was called when it was published.
fn label(view: &AnnualSummaryView, figure: Figure, language: Language) -> Cell {
    let found = view.definitions.iter().find(|one| one.code == figure);
    found.map(|one| one.label.get(language)).into()
}

/// Clause and definition, as they were then.
fn defined(view: &AnnualSummaryView, figure: Figure, language: Language) -> [Cell; 2] {
    let found = view.definitions.iter().find(|one| one.code == figure);
    found.map_or([Cell::Empty, Cell::Empty], |one| {
        [one.clause.as_str().into(), one.definition.get(language).into()]
    })
}

fn not_sent(view: &AnnualSummaryView) -> Filled {
    let table = Table::new(
        Text::fixed("逾期未报", "Not sent"),
        &[
            ("部门", "Department"),
            ("事项", "What is owed"),
            ("期限", "Due on"),
        ],
    );
    let rows = view.not_sent.iter().map(|one| {
        vec![
            one.department.name.as_str().into(),
            one.title.as_str().into(),
            one.due_on.into(),
        ]
    });
    (table, rows.collect())
}

pub fn of_lines(view: &AnnualSummaryView) -> Table {
    Table::new(
        title(view),
        &[
            ("年度", "Year"),
            ("范围", "Scope"),
            ("单位", "Organization"),
            ("指标", "Figure"),
            ("数值", "Number"),
            ("分母", "Of"),
            ("条款", "Clause"),
            ("定义", "Definition"),
        ],
    )
}

/// Every figure of the city, of each department and of each party.
pub fn lines(view: &AnnualSummaryView, language: Language) -> Vec<Vec<Cell>> {
    let scopes = [
        Text::fixed("全市", "City"),
        Text::fixed("部门", "Department"),
        Text::fixed("党派团体", "Party"),
    ];
    let [city, department, party] = scopes.map(|scope| scope.get(language).to_owned());
    let total = std::iter::once((&city, "", view.total.as_slice()));
    let departments = view.departments.iter();
    let departments =
        departments.map(|row| (&department, row.department.name.as_str(), row.figures.as_slice()));
    let parties = view.parties.iter();
    let parties = parties.map(|row| (&party, row.party.name.as_str(), row.figures.as_slice()));
    let all = total.chain(departments).chain(parties);
    let lines = all.flat_map(|(scope, name, figures)| {
        figures.iter().map(move |one| {
            let mut cells: Vec<Cell> = vec![
                view.year.into(),
                scope.as_str().into(),
                name.into(),
                label(view, one.figure, language),
            ];
            cells.extend(numbers(one));
            cells.extend(defined(view, one.figure, language));
            cells
        })
    });
    lines.collect()
}

table! { |view: RecordView, language| ("汇总依据", "Records"):
    ("类别", "Type") => view.kind.label().get(language),
    ("名称", "Title") => view.title.as_str(),
    ("日期", "Day") => view.on,
    ("部门", "Department") => view.department.as_ref().map(|one| one.name.as_str()),
    ("党派团体", "Party") => view.party.as_ref().map(|one| one.name.as_str()),
    ("计入的指标", "Counted in") => labels_of(&view.counted, language),
    ("作为分母的指标", "Counted of") => labels_of(&view.counted_of, language),
    ("摘要（SHA-256）", "SHA-256") => view.sha256.as_str(),
}

fn labels_of(figures: &[Figure], language: Language) -> String {
    let labels = figures
        .iter()
        .map(|figure| figure.label().get(language).to_owned());
    labels.collect::<Vec<_>>().join("；")
}
