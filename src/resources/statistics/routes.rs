use super::model::{
    ComplianceItem, ComplianceStatistics, ComplianceTotal, CoverageMatrix, CoverageRow, CoverageTotal,
    CoverageView, DepartmentStatistics, FigurePart, FigureRecord, JudgedMeeting, KindCount, PairView,
    PartyStatistics, RecordsQuery, StatisticsQuery, SuggestionStatistics,
};
use super::scope::Scope;
use super::table;
use crate::directory::model::Kind;
use crate::figures::activities::Pair;
use crate::figures::catalogue::Definition;
use crate::figures::compute::OWED;
use crate::figures::records::{Found, Wanted};
use crate::figures::{Fact, Figure, Gathered, Group, Narrow};
use crate::http::call::Call;
use crate::http::extract::Query;
use crate::http::negotiate::Format;
use crate::http::page::{Page, Paging};
use crate::http::registry::Registry;
use crate::policy::Role;
use crate::problem::Result;
use crate::vocabulary::meetings::MeetingKind;
use crate::workflow::machine::Label;
use actix_web::{HttpResponse, get};
use chrono::NaiveDate;
use strum::IntoEnumIterator;
use uuid::Uuid;

pub fn configure(registry: &mut Registry) {
    registry
        .service(get_compliance_statistics)
        .service(get_coverage_statistics)
        .service(get_suggestion_statistics)
        .service(get_department_statistics)
        .service(get_party_statistics)
        .service(list_figure_records);
}

const COMPLIANCE: &[Group] = &[Group::Activities, Group::Coverage];
const SUGGESTIONS: &[Group] = &[Group::Suggestions, Group::Commitments];
const DEPARTMENTS: &[Group] = &[
    Group::Activities,
    Group::Coverage,
    Group::Plans,
    Group::Reports,
    Group::Leaders,
    Group::Suggestions,
    Group::Commitments,
];
const PARTIES: &[Group] = &[
    Group::Coverage,
    Group::Suggestions,
    Group::Commitments,
    Group::Attendance,
];

/// Activities against two a year
///
/// Each department with an assignment: what it owes, what counts, each activity with the verdict and why, and which of its
/// pairs met. `party` leaves the departments that liaise with that party. As a table in CSV or XLSX.
#[utoipa::path(
    tag = "statistics",
    params(StatisticsQuery),
    responses((status = 200, body = ComplianceStatistics))
)]
#[get("/api/v1/statistics/compliance")]
async fn get_compliance_statistics(call: Call, query: Query<StatisticsQuery>) -> Result<HttpResponse> {
    let scope = Scope::of(&call, &query.0).await?;
    let gathered = scope.gather(&call, COMPLIANCE).await?;
    // A party's own figures are of its pairs: whether a department has done its duty is the department's.
    let items = match call.caller.role {
        Some(Role::Party) => Vec::new(),
        _ => compliance(&scope, &gathered, scope.narrow())?,
    };
    match call.format() {
        Format::Json => call.unversioned(&ComplianceStatistics {
            year: scope.period.year(),
            period: scope.period,
            definition: Label::from(&Figure::ActivitiesCounted.definition()),
            clause: Figure::ActivitiesCounted.clause(),
            total: total(&compliance(&scope, &gathered, scope.narrow_of_totals())?),
            items,
        }),
        format => call.export_views(format, &items).await,
    }
}

fn compliance(scope: &Scope, gathered: &Gathered, narrow: Narrow<'_>) -> Result<Vec<ComplianceItem>> {
    let day = scope.period.settled_on;
    let of = |department: Uuid| -> Result<ComplianceItem> {
        let held = gathered.activities.iter();
        let held: Vec<_> = held.filter(|one| one.department_id == department).collect();
        let counted = |kind: Option<MeetingKind>| {
            let counted = held.iter().filter(|one| one.counts.counts);
            counted
                .filter(|one| kind.is_none_or(|kind| one.kind == kind))
                .count()
        };
        let pairs = gathered.pairs.iter().filter(|pair| pair.department == department);
        let pairs = pairs
            .map(|pair| PairView::new(pair, &scope.directory, day))
            .collect::<Result<Vec<_>>>()?;
        Ok(ComplianceItem {
            department: scope.directory.reference(department, day)?,
            owed: OWED,
            counted: counted(None),
            met: counted(None) >= OWED,
            by_kind: MeetingKind::iter()
                .map(|kind| KindCount {
                    kind,
                    counted: counted(Some(kind)),
                })
                .collect(),
            meetings: held.iter().map(|one| JudgedMeeting::from(*one)).collect(),
            coverage: CoverageView {
                linked: pairs.len(),
                met: pairs.iter().filter(|pair| pair.met).count(),
                pairs,
            },
        })
    };
    let linked = |department: Uuid| {
        let mut pairs = gathered.pairs.iter().filter(|pair| pair.department == department);
        narrow.parties.is_none() || pairs.any(|pair| narrow.takes(Some(department), Some(pair.party)))
    };
    let owing = gathered.owing.iter().copied();
    owing
        .filter(|department| narrow.departments.is_none_or(|all| all.contains(department)))
        .filter(|department| linked(*department))
        .map(of)
        .collect()
}

fn total(items: &[ComplianceItem]) -> ComplianceTotal {
    let sum = |of: fn(&ComplianceItem) -> usize| items.iter().map(of).sum();
    ComplianceTotal {
        departments: items.len(),
        met: items.iter().filter(|item| item.met).count(),
        owed: sum(|item| item.owed),
        counted: sum(|item| item.counted),
        coverage: CoverageTotal {
            linked: sum(|item| item.coverage.linked),
            met: sum(|item| item.coverage.met),
        },
    }
}

/// Which pairs met, and how long ago
///
/// Departments against parties, with the days since each pair last met in person; as a table for people in CSV or XLSX.
#[utoipa::path(tag = "statistics", params(StatisticsQuery), responses((status = 200, body = CoverageMatrix)))]
#[get("/api/v1/statistics/coverage")]
async fn get_coverage_statistics(call: Call, query: Query<StatisticsQuery>) -> Result<HttpResponse> {
    let scope = Scope::of(&call, &query.0).await?;
    let gathered = scope.gather(&call, &[Group::Coverage]).await?;
    let (day, narrow) = (scope.period.settled_on, scope.narrow());
    let taken = |pair: &&Pair| narrow.takes(Some(pair.department), Some(pair.party));
    let pairs: Vec<&Pair> = gathered.pairs.iter().filter(taken).collect();
    let parties = scope.directory.of_kind(Kind::Party);
    let parties = parties
        .filter(|party| pairs.iter().any(|pair| pair.party == party.id))
        .map(|party| scope.directory.reference(party.id, day))
        .collect::<Result<Vec<_>>>()?;
    let mut rows: Vec<CoverageRow> = Vec::new();
    for department in &gathered.owing {
        let of_it = pairs.iter().filter(|pair| pair.department == *department);
        let row = CoverageRow {
            department: scope.directory.reference(*department, day)?,
            pairs: of_it
                .map(|pair| PairView::new(pair, &scope.directory, day))
                .collect::<Result<_>>()?,
        };
        if !row.pairs.is_empty() {
            rows.push(row);
        }
    }
    let totals = scope.narrow_of_totals();
    let all = || {
        let all = gathered.pairs.iter();
        all.filter(|pair| totals.takes(Some(pair.department), Some(pair.party)))
    };
    let matrix = CoverageMatrix {
        year: scope.period.year(),
        period: scope.period,
        parties,
        rows,
        total: CoverageTotal {
            linked: all().count(),
            met: all().filter(|pair| pair.met).count(),
        },
    };
    match call.format() {
        Format::Json => call.unversioned(&matrix),
        format => table::exported(&call, format, table::of_coverage(&matrix, call.language())).await,
    }
}

/// Suggestions and commitments
///
/// Received, accepted and answered in time, results, satisfaction on both axes with how many were never evaluated,
/// commitments kept: by department and by party. `department` and `party` together leave one pair. As a table in CSV or XLSX.
#[utoipa::path(
    tag = "statistics",
    params(StatisticsQuery),
    responses((status = 200, body = SuggestionStatistics))
)]
#[get("/api/v1/statistics/suggestions")]
async fn get_suggestion_statistics(call: Call, query: Query<StatisticsQuery>) -> Result<HttpResponse> {
    let scope = Scope::of(&call, &query.0).await?;
    let gathered = scope.gather(&call, SUGGESTIONS).await?;
    let report = gathered.report(SUGGESTIONS, scope.narrow());
    let all: Vec<Figure> = Figure::in_groups(SUGGESTIONS).collect();
    let (of_departments, of_parties) = (of_departments(SUGGESTIONS), of_parties(SUGGESTIONS));
    let statistics = SuggestionStatistics {
        year: scope.period.year(),
        period: scope.period,
        definitions: all.iter().copied().map(Definition::from).collect(),
        total: scope.totals(&gathered, SUGGESTIONS, &all),
        departments: scope.departments(&gathered, &report, &of_departments)?,
        parties: scope.parties(&report, &of_parties)?,
    };
    match call.format() {
        Format::Json => call.unversioned(&statistics),
        format => table::exported(&call, format, table::of_suggestions(&statistics, call.language())).await,
    }
}

fn of_departments(groups: &[Group]) -> Vec<Figure> {
    Figure::in_groups(groups)
        .filter(|figure| figure.is_of_departments())
        .collect()
}

fn of_parties(groups: &[Group]) -> Vec<Figure> {
    Figure::in_groups(groups)
        .filter(|figure| figure.is_of_parties())
        .collect()
}

/// Figures of departments
///
/// Activities, coverage, plans, reports, leaders, suggestions and commitments of each. As a table in CSV or XLSX.
#[utoipa::path(
    tag = "statistics",
    params(StatisticsQuery),
    responses((status = 200, body = DepartmentStatistics))
)]
#[get("/api/v1/statistics/departments")]
async fn get_department_statistics(call: Call, query: Query<StatisticsQuery>) -> Result<HttpResponse> {
    let scope = Scope::of(&call, &query.0).await?;
    let gathered = scope.gather(&call, DEPARTMENTS).await?;
    let figures = of_departments(DEPARTMENTS);
    let items = match call.caller.role {
        Some(Role::Party) => Vec::new(),
        _ => scope.departments(&gathered, &gathered.report(DEPARTMENTS, scope.narrow()), &figures)?,
    };
    let statistics = DepartmentStatistics {
        year: scope.period.year(),
        period: scope.period,
        definitions: figures.iter().copied().map(Definition::from).collect(),
        total: scope.totals(&gathered, DEPARTMENTS, &figures),
        items,
    };
    match call.format() {
        Format::Json => call.unversioned(&statistics),
        format => table::exported(&call, format, table::of_departments(&statistics, call.language())).await,
    }
}

/// Figures of parties
///
/// Suggestions raised and what came of them, receipts in time, invitations attended, departments that met it. As a table in
/// CSV or XLSX.
#[utoipa::path(tag = "statistics", params(StatisticsQuery), responses((status = 200, body = PartyStatistics)))]
#[get("/api/v1/statistics/parties")]
async fn get_party_statistics(call: Call, query: Query<StatisticsQuery>) -> Result<HttpResponse> {
    let scope = Scope::of(&call, &query.0).await?;
    let gathered = scope.gather(&call, PARTIES).await?;
    let figures = of_parties(PARTIES);
    let items = match call.caller.role {
        Some(Role::Department) => Vec::new(),
        _ => scope.parties(&gathered.report(PARTIES, scope.narrow()), &figures)?,
    };
    let statistics = PartyStatistics {
        year: scope.period.year(),
        period: scope.period,
        definitions: figures.iter().copied().map(Definition::from).collect(),
        total: scope.totals(&gathered, PARTIES, &figures),
        items,
    };
    match call.format() {
        Format::Json => call.unversioned(&statistics),
        format => table::exported(&call, format, table::of_parties(&statistics, call.language())).await,
    }
}

/// Where a record stands: its day, its id, and whose figure it is in.
type Key = (NaiveDate, Uuid, Uuid, Uuid);

/// The records behind a figure
///
/// As many as the figure says: what is counted, or with `part=denominator` all that it is counted of. Of what the caller sees
/// figures of.
#[utoipa::path(
    tag = "statistics",
    params(Paging, RecordsQuery),
    responses((status = 200, body = Page<FigureRecord>))
)]
#[get("/api/v1/statistics/records")]
async fn list_figure_records(
    call: Call,
    paging: Query<Paging>,
    query: Query<RecordsQuery>,
) -> Result<HttpResponse> {
    let scope = Scope::of(&call, &query.0.statistics()).await?;
    let position = call.position::<Key>(&paging.0)?;
    let (figure, whole) = (query.0.figure, query.0.part == FigurePart::Denominator);
    if figure.counted().is_none() {
        let gathered = scope.gather(&call, &[figure.group()]).await?;
        let narrow = scope.narrow();
        let facts = gathered.facts.into_iter();
        let facts = facts
            .filter(|fact| fact.figure == figure && (whole || fact.counted))
            .filter(|fact| narrow.takes(fact.department, fact.party));
        let page = position.slice(facts.collect(), key_of_fact)?;
        return call.page(&page.try_map(|fact| fact_view(&scope, fact))?);
    }
    let departments = scope.departments_of_records();
    let wanted = Wanted {
        figure,
        whole,
        period: &scope.period,
        today: call.today(),
        narrow: Narrow {
            departments: departments.as_deref(),
            ..scope.narrow()
        },
    };
    let reads = call.reads().await?;
    let after = position.after.map(|(day, key, ..)| (day, key));
    let found = wanted.after(&reads, after, position.limit + 1).await?;
    let total = match position.with_total {
        true => Some(wanted.total(&reads).await?),
        false => None,
    };
    let page = position.page(found, total, |one| {
        (one.on_day, one.key, Uuid::nil(), Uuid::nil())
    })?;
    call.page(&page.try_map(|one| found_view(&scope, &wanted, one))?)
}

fn key_of_fact(fact: &Fact) -> Key {
    (
        fact.record.on.unwrap_or(NaiveDate::MIN),
        fact.record.key,
        fact.department.unwrap_or_default(),
        fact.party.unwrap_or_default(),
    )
}

fn fact_view(scope: &Scope, fact: Fact) -> Result<FigureRecord> {
    let day = scope.period.settled_on;
    let named = |id: Option<Uuid>| id.map(|id| scope.directory.reference(id, day)).transpose();
    Ok(FigureRecord {
        kind: fact.record.kind,
        id: fact.record.id,
        title: fact.record.title,
        on: fact.record.on,
        department: named(fact.department)?,
        party: named(fact.party)?,
        counted: fact.counted,
        note: fact.record.note.as_ref().map(Label::from),
        link: fact.record.kind.path(fact.record.id),
    })
}

fn found_view(scope: &Scope, wanted: &Wanted<'_>, found: Found) -> Result<FigureRecord> {
    let day = scope.period.settled_on;
    Ok(FigureRecord {
        kind: wanted.kind(),
        id: found.id,
        title: found.title,
        on: Some(found.on_day),
        department: Some(
            scope
                .directory
                .reference(scope.scene().acting(found.department_id), day)?,
        ),
        party: Some(scope.directory.reference(found.party_id, day)?),
        counted: !wanted.whole,
        note: None,
        link: wanted.kind().path(found.id),
    })
}
