//! Figures over a list: how many there are of each kind.

use super::list::{Scope, SuggestionFilter, filtered};
use super::model::{Evaluation, Filing, SuggestionResult, SuggestionState};
use crate::db::schema::suggestions;
use crate::problem::Result;
use diesel::dsl::count_star;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::Serialize;
use utoipa::ToSchema;

/// 数量: how many there are, by what lists are filtered by.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
#[schema(as = SuggestionCounts)]
pub struct CountsView {
    #[schema(minimum = 0)]
    pub total: i64,
    /// In the order of a suggestion's life.
    #[schema(max_items = 10)]
    pub states: Vec<StateCount>,
    /// Somebody is past a deadline that still runs.
    #[schema(minimum = 0)]
    pub overdue: i64,
    #[schema(minimum = 0)]
    pub outside_assignment: i64,
    #[schema(minimum = 0)]
    pub second_round: i64,
    #[schema(max_items = 10)]
    pub results: Vec<ResultCount>,
    #[schema(max_items = 10)]
    pub filings: Vec<FilingCount>,
    #[schema(max_items = 10)]
    pub evaluations: Vec<EvaluationCount>,
}

/// 各状态数量
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = SuggestionStateCount)]
pub struct StateCount {
    pub state: SuggestionState,
    #[schema(minimum = 0)]
    pub count: i64,
    #[schema(minimum = 0)]
    pub overdue: i64,
}

/// 各办理结果数量
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = SuggestionResultCount)]
pub struct ResultCount {
    pub result: SuggestionResult,
    #[schema(minimum = 0)]
    pub count: i64,
}

/// 各备案情况数量
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = SuggestionFilingCount)]
pub struct FilingCount {
    pub filing: Filing,
    #[schema(minimum = 0)]
    pub count: i64,
}

/// 各评价情况数量
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = SuggestionEvaluationCount)]
pub struct EvaluationCount {
    pub evaluation: Evaluation,
    #[schema(minimum = 0)]
    pub count: i64,
}

/// Suggestions that are alike in all that is counted.
#[derive(Queryable)]
struct Group {
    state: SuggestionState,
    result: Option<SuggestionResult>,
    filing: Filing,
    evaluation: Evaluation,
    round: i32,
    outside: bool,
    count: i64,
}

/// Figures over what the list would show. What a former lead has handed over counts for those who have it now.
pub async fn counts(conn: &AsyncPgConnection, scope: &Scope) -> Result<CountsView> {
    // Where the filter says so already, all are late; where it says the contrary, none is.
    match scope.filter.overdue {
        None => {
            let late = Scope {
                filter: SuggestionFilter {
                    overdue: Some(true),
                    ..scope.filter.clone()
                },
                ..scope.clone()
            };
            let (all, late) = futures_util::try_join!(grouped(conn, scope), grouped(conn, &late))?;
            CountsView::new(&all, &late)
        }
        Some(true) => {
            let all = grouped(conn, scope).await?;
            CountsView::new(&all, &all)
        }
        Some(false) => CountsView::new(&grouped(conn, scope).await?, &[]),
    }
}

async fn grouped(mut conn: &AsyncPgConnection, scope: &Scope) -> Result<Vec<Group>> {
    use suggestions::{evaluation, filing, outside_assignment, result, round, state};
    // Of ids, since a boxed query cannot be grouped.
    let wanted = filtered(scope).select(suggestions::id);
    Ok(suggestions::table
        .filter(suggestions::id.eq_any(wanted))
        .group_by((state, result, filing, evaluation, round, outside_assignment))
        .select((
            state,
            result,
            filing,
            evaluation,
            round,
            outside_assignment,
            count_star(),
        ))
        .load(&mut conn)
        .await?)
}

impl CountsView {
    fn new(all: &[Group], late: &[Group]) -> Result<Self> {
        use strum::IntoEnumIterator;
        let sum = |groups: &[Group], wanted: &dyn Fn(&Group) -> bool| -> i64 {
            groups
                .iter()
                .filter(|group| wanted(group))
                .map(|group| group.count)
                .sum()
        };
        let states = SuggestionState::iter().map(|state| StateCount {
            state,
            count: sum(all, &|group| group.state == state),
            overdue: sum(late, &|group| group.state == state),
        });
        let results = SuggestionResult::iter().map(|result| ResultCount {
            result,
            count: sum(all, &|group| group.result == Some(result)),
        });
        let filings = Filing::iter().map(|filing| FilingCount {
            filing,
            count: sum(all, &|group| group.filing == filing),
        });
        let evaluations = Evaluation::iter().map(|evaluation| EvaluationCount {
            evaluation,
            count: sum(all, &|group| group.evaluation == evaluation),
        });
        Ok(Self {
            total: sum(all, &|_| true),
            states: states.collect(),
            overdue: sum(late, &|_| true),
            outside_assignment: sum(all, &|group| group.outside),
            second_round: sum(all, &|group| group.round == 2),
            results: results.collect(),
            filings: filings.collect(),
            evaluations: evaluations.collect(),
        })
    }
}
