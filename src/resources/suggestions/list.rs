//! Lists and their figures: filters, the caller's part, order, pages by keyset.

use super::found::Sought;
use super::model::{
    Evaluation, Filing, Handling, Head, Running, Signature, SuggestionResult, SuggestionState,
};
use super::policy::Suggestion;
use super::queries::{Loaded, deadlines, handlings, list_of, signatures};
use crate::db::count;
use crate::db::fragment::{Fragment, fragment};
use crate::db::schema::{suggestion_handlings as handled, suggestion_signatures as signed, suggestions};
use crate::directory::Directory;
use crate::directory::model::Kind;
use crate::http::call::Call;
use crate::http::page::TOTAL_CAP;
use crate::http::problem::{Fault, Problem, Result};
use crate::policy::Role;
use crate::search::documents::Place;
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use diesel::dsl::count_star;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Date, Timestamptz};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Filters of the list and its figures.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SuggestionFilter {
    #[param(inline)]
    pub state: Option<SuggestionState>,
    /// Who leads it now; code or id.
    #[param(max_length = 64)]
    pub lead_department: Option<String>,
    /// Who joins in now; code or id.
    #[param(max_length = 64)]
    pub joint_department: Option<String>,
    /// Who leads it or joins in now; code or id.
    #[param(max_length = 64)]
    pub department: Option<String>,
    /// Who raises it, the first of several; code or id.
    #[param(max_length = 64)]
    pub party: Option<String>,
    /// Of the last reply.
    #[param(inline)]
    pub result: Option<SuggestionResult>,
    #[param(inline)]
    pub evaluation: Option<Evaluation>,
    #[param(inline)]
    pub filing: Option<Filing>,
    #[param(minimum = 1, maximum = 2)]
    pub round: Option<i32>,
    pub outside_assignment: Option<bool>,
    #[param(max_length = 50)]
    pub category: Option<String>,
    /// Somebody is past a deadline that still runs, or nobody is.
    pub overdue: Option<bool>,
    /// The next deadline lies before that day.
    pub due_before: Option<NaiveDate>,
    /// Drafted at or after that instant.
    pub created_from: Option<DateTime<Utc>>,
    /// Drafted before that instant.
    pub created_until: Option<DateTime<Utc>>,
    /// Submitted at or after that instant.
    pub submitted_from: Option<DateTime<Utc>>,
    /// Submitted before that instant.
    pub submitted_until: Option<DateTime<Utc>>,
    /// Changed at or after that instant.
    pub updated_since: Option<DateTime<Utc>>,
    /// Words, which all have to stand in number, title, background, proposal or replies. Nothing in it is an operator.
    #[param(min_length = 1, max_length = 100)]
    pub q: Option<String>,
}

/// Order of the list.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SuggestionOrder {
    #[param(inline)]
    pub sort: Option<SuggestionSort>,
}

/// Order of the list; where not given `-created_at`, with `q` the best hits first. By `due_on` what has no deadline stands at the end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
pub enum SuggestionSort {
    #[default]
    #[serde(rename = "-created_at")]
    Newest,
    #[serde(rename = "created_at")]
    Oldest,
    #[serde(rename = "-submitted_at")]
    NewestSubmission,
    #[serde(rename = "submitted_at")]
    OldestSubmission,
    #[serde(rename = "due_on")]
    DueDay,
    #[serde(rename = "-updated_at")]
    NewestChange,
    #[serde(rename = "updated_at")]
    OldestChange,
}

/// As far as a caller reaches: what it has a part in now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    All,
    /// These departments lead or join in.
    Departments(Vec<Uuid>),
    /// These parties raise it, or were asked to sign.
    Parties(Vec<Uuid>),
}

impl Part {
    /// Whose part it is; none where it is all.
    pub fn organizations(&self) -> Option<&[Uuid]> {
        match self {
            Self::All => None,
            Self::Departments(own) | Self::Parties(own) => Some(own),
        }
    }
}

/// Which suggestions are asked for.
#[derive(Clone, Debug)]
pub struct Scope {
    pub filter: SuggestionFilter,
    pub sort: SuggestionSort,
    pub part: Part,
    pub lead: Option<Vec<Uuid>>,
    pub joint: Option<Vec<Uuid>>,
    pub either: Option<Vec<Uuid>>,
    pub parties: Option<Vec<Uuid>>,
    /// What is searched for.
    pub sought: Option<Sought>,
    pub today: NaiveDate,
}

/// Where a suggestion stands: its instant in microseconds or its day as a number, and its id.
pub type Key = (i64, Uuid);

/// What the caller's organization, with those that it acts for, has a part in.
pub fn part_of(call: &Call, directory: &Directory) -> Part {
    let own = call.caller.organization.as_ref();
    let own = || own.map_or_else(Vec::new, |own| directory.represented_by(own.id, call.today()));
    match call.caller.role {
        Some(Role::Department) => Part::Departments(own()),
        Some(Role::Party) => Part::Parties(own()),
        _ => Part::All,
    }
}

/// An organization that a query names, with those that it acts for.
///
/// # Errors
/// 422 for one that does not exist.
pub fn named_set(
    directory: &Directory,
    kind: Kind,
    named: Option<&str>,
    parameter: &str,
    today: NaiveDate,
) -> Result<Option<Vec<Uuid>>> {
    let Some(named) = named else { return Ok(None) };
    let found = directory.find_kind(kind, named);
    let unknown = || Problem::invalid(vec![Fault::unknown_reference_in_query(parameter)]);
    let id = found.ok_or_else(unknown)?.id;
    let mut set = directory.represented_by(id, today);
    if !set.contains(&id) {
        set.push(id);
    }
    Ok(Some(set))
}

impl Scope {
    /// # Errors
    /// 422 that names the first unknown organization.
    pub fn new(
        call: &Call,
        directory: &Directory,
        filter: SuggestionFilter,
        sort: SuggestionSort,
    ) -> Result<Self> {
        let today = call.today();
        let department = |named: &Option<String>, parameter| {
            named_set(directory, Kind::Department, named.as_deref(), parameter, today)
        };
        Ok(Self {
            part: part_of(call, directory),
            lead: department(&filter.lead_department, "lead_department")?,
            joint: department(&filter.joint_department, "joint_department")?,
            either: department(&filter.department, "department")?,
            parties: named_set(directory, Kind::Party, filter.party.as_deref(), "party", today)?,
            sought: None,
            filter,
            sort,
            today,
        })
    }

    /// Whether anything but words and the caller's part narrows the list.
    pub fn is_narrowed(&self) -> bool {
        let SuggestionFilter {
            state,
            lead_department,
            joint_department,
            department,
            party,
            result,
            evaluation,
            filing,
            round,
            outside_assignment,
            category,
            overdue,
            due_before,
            created_from,
            created_until,
            submitted_from,
            submitted_until,
            updated_since,
            q: _,
        } = &self.filter;
        let named = [lead_department, joint_department, department, party, category];
        let instants = [
            created_from,
            created_until,
            submitted_from,
            submitted_until,
            updated_since,
        ];
        state.is_some()
            || named.iter().any(|name| name.is_some())
            || instants.iter().any(|at| at.is_some())
            || result.is_some()
            || evaluation.is_some()
            || filing.is_some()
            || round.is_some()
            || outside_assignment.is_some()
            || overdue.is_some()
            || due_before.is_some()
    }

    /// A former lead has what it handed over in its list, but no question about what became of it finds it there: that
    /// would answer the question.
    fn asks_what_became(&self) -> bool {
        let filter = &self.filter;
        let asked = [
            filter.state.is_some(),
            self.lead.is_some(),
            self.joint.is_some(),
            self.either.is_some(),
            filter.result.is_some(),
            filter.evaluation.is_some(),
            filter.filing.is_some(),
            filter.round.is_some(),
            filter.outside_assignment.is_some(),
            filter.overdue.is_some(),
            filter.due_before.is_some(),
            filter.updated_since.is_some(),
            matches!(
                self.sort,
                SuggestionSort::DueDay | SuggestionSort::NewestChange | SuggestionSort::OldestChange
            ),
        ];
        asked.contains(&true)
    }

    /// Whether the filters alone keep to what the caller leads.
    fn is_led_by(&self, own: &[Uuid]) -> bool {
        self.lead
            .as_ref()
            .is_some_and(|lead| lead.iter().all(|one| own.contains(one)))
    }
}

/// Suggestions that these departments lead or join in now.
#[diesel::dsl::auto_type]
pub fn of_departments<'a>(own: &'a [Uuid]) -> _ {
    handled::table
        .filter(handled::department_id.eq_any(own))
        .filter(handled::ended_at.is_null())
        .select(handled::suggestion_id)
}

/// Suggestions that these parties raise, or were asked to sign. A draft's receipts and commitments there are none.
#[diesel::dsl::auto_type]
pub fn of_parties<'a>(own: &'a [Uuid]) -> _ {
    let asked: AskedToSign<'a> = asked_to_sign(own);
    suggestions::table
        .filter(
            suggestions::party_id
                .eq_any(own)
                .or(suggestions::id.eq_any(asked)),
        )
        .select(suggestions::id)
}

#[diesel::dsl::auto_type(type_name = "AskedToSign")]
fn asked_to_sign<'a>(own: &'a [Uuid]) -> _ {
    signed::table
        .filter(signed::party_id.eq_any(own))
        .filter(signed::requested_at.is_not_null())
        .select(signed::suggestion_id)
}

/// As the partial indexes have it: a bound value would keep the database from using them.
const fn submitted() -> Fragment<Bool> {
    fragment("suggestions.state <> 'draft'")
}

/// The same of expressions that indexes are made of.
const fn due_day() -> Fragment<Date> {
    fragment("coalesce(suggestions.due_on, 'infinity'::date)")
}

const fn submission() -> Fragment<Timestamptz> {
    fragment("coalesce(suggestions.submitted_at, '-infinity'::timestamptz)")
}

type Boxed<'a> = suggestions::BoxedQuery<'a, Pg>;

fn within<'a>(mut query: Boxed<'a>, scope: &'a Scope) -> Boxed<'a> {
    query = match &scope.part {
        Part::All => query.filter(submitted()),
        Part::Departments(own) if scope.is_led_by(own) => query.filter(submitted()),
        Part::Departments(own) if scope.asks_what_became() => query
            .filter(submitted())
            .filter(suggestions::id.eq_any(of_departments(own))),
        Part::Departments(own) => {
            let theirs = handled::table
                .filter(handled::department_id.eq_any(own))
                .filter(handled::ended_at.is_null().or(handled::role.eq("lead")))
                .select(handled::suggestion_id);
            query.filter(submitted()).filter(suggestions::id.eq_any(theirs))
        }
        Part::Parties(own) => query.filter(
            suggestions::party_id
                .eq_any(own)
                .or(suggestions::id.eq_any(asked_to_sign(own))),
        ),
    };
    query
}

/// One organization is compared, not looked up in a list: an index then gives the order, too.
fn is_led<'a>(query: Boxed<'a>, lead: &'a [Uuid]) -> Boxed<'a> {
    match lead {
        [one] => query.filter(suggestions::lead_department_id.eq(one)),
        several => query.filter(suggestions::lead_department_id.eq_any(several)),
    }
}

fn filtered(scope: &Scope) -> Boxed<'_> {
    let mut query = within(suggestions::table.into_boxed(), scope);
    let filter = &scope.filter;
    if let Some(state) = filter.state {
        query = query.filter(suggestions::state.eq(<&str>::from(state)));
    }
    if let Some(lead) = &scope.lead {
        query = is_led(query, lead);
    }
    if let Some(joint) = &scope.joint {
        let theirs = handled::table
            .filter(handled::department_id.eq_any(joint))
            .filter(handled::role.eq("joint"))
            .filter(handled::ended_at.is_null())
            .select(handled::suggestion_id);
        query = query.filter(suggestions::id.eq_any(theirs));
    }
    if let Some(either) = &scope.either {
        query = query.filter(suggestions::id.eq_any(of_departments(either)));
    }
    if let Some(parties) = &scope.parties {
        query = match &parties[..] {
            [one] => query.filter(suggestions::party_id.eq(one)),
            several => query.filter(suggestions::party_id.eq_any(several)),
        };
    }
    if let Some(result) = filter.result {
        query = query.filter(suggestions::result.eq(<&str>::from(result)));
    }
    if let Some(evaluation) = filter.evaluation {
        query = query.filter(suggestions::evaluation.eq(<&str>::from(evaluation)));
    }
    if let Some(filing) = filter.filing {
        query = query.filter(suggestions::filing.eq(<&str>::from(filing)));
    }
    if let Some(round) = filter.round {
        query = query.filter(suggestions::round.eq(round));
    }
    query = match filter.outside_assignment {
        None => query,
        Some(true) => query.filter(suggestions::outside_assignment),
        Some(false) => query.filter(diesel::dsl::not(suggestions::outside_assignment)),
    };
    if let Some(category) = &filter.category {
        query = query.filter(suggestions::category.eq(category));
    }
    if let Some(sought) = &scope.sought {
        query = query.filter(sought.holding(&scope.part));
    }
    in_time(query, scope)
}

/// Filters by days and instants.
fn in_time<'a>(mut query: Boxed<'a>, scope: &'a Scope) -> Boxed<'a> {
    let filter = &scope.filter;
    query = match filter.overdue {
        None => query,
        Some(true) => query.filter(due_day().lt(scope.today)),
        Some(false) => query.filter(due_day().ge(scope.today)),
    };
    if let Some(day) = filter.due_before {
        query = query.filter(due_day().lt(day));
    }
    if let Some(from) = filter.created_from {
        query = query.filter(suggestions::created_at.ge(from));
    }
    if let Some(until) = filter.created_until {
        query = query.filter(suggestions::created_at.lt(until));
    }
    if let Some(from) = filter.submitted_from {
        query = query.filter(submission().ge(from));
    }
    if let Some(until) = filter.submitted_until {
        query = query
            .filter(submission().lt(until))
            .filter(suggestions::submitted_at.is_not_null());
    }
    if let Some(since) = filter.updated_since {
        query = query.filter(suggestions::updated_at.ge(since));
    }
    query
}

/// Stands for an instant or day that is not there.
const NOTHING: i64 = i64::MIN;

pub fn key(head: &Head, sort: SuggestionSort) -> Key {
    let place = match sort {
        SuggestionSort::Newest | SuggestionSort::Oldest => head.created_at.timestamp_micros(),
        SuggestionSort::NewestSubmission | SuggestionSort::OldestSubmission => {
            head.submitted_at.map_or(NOTHING, |at| at.timestamp_micros())
        }
        SuggestionSort::DueDay => head.due_on.map_or(NOTHING, |day| day.num_days_from_ce().into()),
        SuggestionSort::NewestChange | SuggestionSort::OldestChange => head.updated_at.timestamp_micros(),
    };
    (place, head.id)
}

fn instant(place: i64) -> Result<DateTime<Utc>> {
    // A cursor is signed: it holds what `key` has put there.
    DateTime::from_timestamp_micros(place).ok_or_else(|| Problem::internal("a cursor without its instant"))
}

/// Behind a place. The first condition lets the index begin at the right place, the second tells suggestions of one instant
/// apart.
fn behind<'a>(query: Boxed<'a>, sort: SuggestionSort, (place, id): Key) -> Result<Boxed<'a>> {
    use suggestions::{created_at, id as own, updated_at};
    Ok(match (sort, place) {
        (SuggestionSort::Newest, _) => {
            let at = instant(place)?;
            query
                .filter(created_at.le(at))
                .filter(created_at.lt(at).or(own.lt(id)))
        }
        (SuggestionSort::Oldest, _) => {
            let at = instant(place)?;
            query
                .filter(created_at.ge(at))
                .filter(created_at.gt(at).or(own.gt(id)))
        }
        (SuggestionSort::NewestChange, _) => {
            let at = instant(place)?;
            query
                .filter(updated_at.le(at))
                .filter(updated_at.lt(at).or(own.lt(id)))
        }
        (SuggestionSort::OldestChange, _) => {
            let at = instant(place)?;
            query
                .filter(updated_at.ge(at))
                .filter(updated_at.gt(at).or(own.gt(id)))
        }
        (SuggestionSort::NewestSubmission, NOTHING) => query
            .filter(suggestions::submitted_at.is_null())
            .filter(own.lt(id)),
        (SuggestionSort::NewestSubmission, _) => {
            let at = instant(place)?;
            query
                .filter(submission().le(at))
                .filter(submission().lt(at).or(own.lt(id)))
        }
        (SuggestionSort::OldestSubmission, NOTHING) => {
            query.filter(suggestions::submitted_at.is_not_null().or(own.gt(id)))
        }
        (SuggestionSort::OldestSubmission, _) => {
            let at = instant(place)?;
            query
                .filter(submission().ge(at))
                .filter(submission().gt(at).or(own.gt(id)))
        }
        (SuggestionSort::DueDay, NOTHING) => query.filter(suggestions::due_on.is_null()).filter(own.gt(id)),
        (SuggestionSort::DueDay, _) => {
            let day = i32::try_from(place)
                .ok()
                .and_then(NaiveDate::from_num_days_from_ce_opt);
            let day = day.ok_or_else(|| Problem::internal("a cursor without its day"))?;
            query
                .filter(due_day().ge(day))
                .filter(due_day().gt(day).or(own.gt(id)))
        }
    })
}

fn ordered(query: Boxed<'_>, sort: SuggestionSort) -> Boxed<'_> {
    use suggestions::{created_at, id, updated_at};
    match sort {
        SuggestionSort::Newest => query.order((created_at.desc(), id.desc())),
        SuggestionSort::Oldest => query.order((created_at.asc(), id.asc())),
        SuggestionSort::NewestSubmission => query.order((submission().desc(), id.desc())),
        SuggestionSort::OldestSubmission => query.order((submission().asc(), id.asc())),
        SuggestionSort::DueDay => query.order((due_day().asc(), id.asc())),
        SuggestionSort::NewestChange => query.order((updated_at.desc(), id.desc())),
        SuggestionSort::OldestChange => query.order((updated_at.asc(), id.asc())),
    }
}

/// The newest submissions of the list, the caller's drafts among them, up to `limit`; from a place on backwards.
pub async fn newest(
    mut conn: &AsyncPgConnection,
    scope: &Scope,
    top: Option<Place>,
    limit: i64,
) -> Result<Vec<Uuid>> {
    let mut query = filtered(scope);
    if let Some((at, id)) = top {
        query = query
            .filter(submission().le(at))
            .filter(submission().lt(at).or(suggestions::id.le(id)));
    }
    Ok(ordered(query, SuggestionSort::NewestSubmission)
        .limit(limit)
        .select(suggestions::id)
        .load(&mut conn)
        .await?)
}

/// Some suggestions of the list, in no order, each with what belongs to it.
pub async fn some(
    mut conn: &AsyncPgConnection,
    scope: &Scope,
    ids: &[Uuid],
    directory: &Directory,
) -> Result<Vec<Suggestion>> {
    let rows: Vec<Listed> = within(suggestions::table.into_boxed(), scope)
        .filter(suggestions::id.eq_any(ids))
        .select((Head::as_select(), (handlings(), signatures(), deadlines())))
        .load(&mut conn)
        .await?;
    rows.into_iter()
        .map(|row| loaded(row, scope, directory))
        .collect()
}

fn loaded(
    (head, (handlings, signatures, deadlines)): Listed,
    scope: &Scope,
    directory: &Directory,
) -> Result<Suggestion> {
    let (handlings, signatures) = (list_of(handlings), list_of(signatures));
    let deadlines = list_of(deadlines);
    Suggestion::new(head, handlings, signatures, deadlines, directory, scope.today)
}

type Listed = (Head, (Loaded<Handling>, Loaded<Signature>, Loaded<Running>));

/// Up to `limit` suggestions behind one, each with what belongs to it, in one select.
pub async fn after(
    mut conn: &AsyncPgConnection,
    scope: &Scope,
    after: Option<Key>,
    limit: usize,
    directory: &Directory,
) -> Result<Vec<Suggestion>> {
    let mut query = filtered(scope);
    if let Some(after) = after {
        query = behind(query, scope.sort, after)?;
    }
    let rows: Vec<Listed> = ordered(query, scope.sort)
        .limit(i64::try_from(limit).unwrap_or(i64::MAX))
        .select((Head::as_select(), (handlings(), signatures(), deadlines())))
        .load(&mut conn)
        .await?;
    rows.into_iter()
        .map(|row| loaded(row, scope, directory))
        .collect()
}

/// How many there are, as far as a total is counted.
pub async fn total(conn: &AsyncPgConnection, scope: &Scope) -> Result<usize> {
    let query = filtered(scope)
        .select(suggestions::id)
        .limit(TOTAL_CAP as i64 + 1);
    count::rows(conn, query).await
}

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
    state: String,
    result: Option<String>,
    filing: String,
    evaluation: String,
    round: i32,
    outside: bool,
    count: i64,
}

/// Figures over what the list would show. What a former lead has handed over counts for those who have it now.
pub async fn counts(conn: &AsyncPgConnection, scope: &Scope) -> Result<CountsView> {
    let late = Scope {
        filter: SuggestionFilter {
            overdue: Some(true),
            ..scope.filter.clone()
        },
        ..scope.clone()
    };
    // Where the filter says so already, the one is the other; where it says the contrary, nothing is late.
    let (all, late) = match scope.filter.overdue {
        None => futures_util::try_join!(grouped(conn, scope), grouped(conn, &late))?,
        Some(true) => (grouped(conn, scope).await?, grouped(conn, scope).await?),
        Some(false) => (grouped(conn, scope).await?, Vec::new()),
    };
    CountsView::new(&all, &late)
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
        let states = SuggestionState::iter().map(|state| {
            let name: &str = state.into();
            StateCount {
                state,
                count: sum(all, &|group| group.state == name),
                overdue: sum(late, &|group| group.state == name),
            }
        });
        let results = SuggestionResult::iter().map(|result| {
            let name: &str = result.into();
            ResultCount {
                result,
                count: sum(all, &|group| group.result.as_deref() == Some(name)),
            }
        });
        let filings = Filing::iter().map(|filing| {
            let name: &str = filing.into();
            FilingCount {
                filing,
                count: sum(all, &|group| group.filing == name),
            }
        });
        let evaluations = Evaluation::iter().map(|evaluation| {
            let name: &str = evaluation.into();
            EvaluationCount {
                evaluation,
                count: sum(all, &|group| group.evaluation == name),
            }
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
