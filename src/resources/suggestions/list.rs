//! Lists: filters, the caller's part, pages by keyset.

use super::found::{self, Sought, Texts};
use super::model::{Evaluation, Filing, Head, SuggestionResult, SuggestionState};
use super::order::{self, Key, SuggestionSort, due_day, in_order, submission};
use super::parts::{Handling, Running, Signature, deadlines, handlings, signatures};
use super::policy::Suggestion;
use super::view::{ListedView, SummaryView};
use crate::db::fragment::{Fragment, fragment};
use crate::db::schema::{
    suggestion_handlings as handled, suggestion_signatures as signed, suggestions, todos,
};
use crate::db::{count, rung};
use crate::directory::model::Kind;
use crate::directory::{Directory, Since};
use crate::http::call::Call;
use crate::http::listing::{Listing, Viewer, Views};
use crate::http::negotiate::Format;
use crate::policy::Role;
use crate::problem::Result;
use crate::search::documents::Place;
use crate::workflow::subjects::SubjectType;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

/// Filters of the list and its figures.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SuggestionFilter {
    #[param(inline)]
    #[serde(default)]
    pub state: Vec<SuggestionState>,
    /// Who leads it now; code or id.
    #[param(max_length = 64)]
    #[serde(default)]
    pub lead_department: Vec<String>,
    /// Who joins in now; code or id.
    #[param(max_length = 64)]
    #[serde(default)]
    pub joint_department: Vec<String>,
    /// Who leads it or joins in now; code or id.
    #[param(max_length = 64)]
    #[serde(default)]
    pub department: Vec<String>,
    /// Who raises it, the first of several; code or id.
    #[param(max_length = 64)]
    #[serde(default)]
    pub party: Vec<String>,
    /// Of the last reply.
    #[param(inline)]
    #[serde(default)]
    pub result: Vec<SuggestionResult>,
    #[param(inline)]
    #[serde(default)]
    pub evaluation: Vec<Evaluation>,
    #[param(inline)]
    #[serde(default)]
    pub filing: Vec<Filing>,
    #[param(minimum = 1, maximum = 2)]
    pub round: Option<i32>,
    pub outside_assignment: Option<bool>,
    #[param(max_length = 50)]
    #[serde(default)]
    pub category: Vec<String>,
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
    pub since: Option<Since>,
    pub part: Part,
    pub lead: Option<Vec<Uuid>>,
    pub joint: Option<Vec<Uuid>>,
    pub either: Option<Vec<Uuid>>,
    pub parties: Option<Vec<Uuid>>,
    /// What is searched for.
    pub sought: Option<Sought>,
    pub today: NaiveDate,
}

/// What the caller's organization, with those that it acts for, has a part in.
pub fn part_of(call: &Call, directory: &Directory) -> Part {
    let own = || directory.own(&call.caller, call.today());
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
    named: &[String],
    parameter: &str,
    today: NaiveDate,
) -> Result<Option<Vec<Uuid>>> {
    let found = directory.all_named(parameter, named, |one| one.is(kind))?;
    let Some(found) = found else { return Ok(None) };
    let mut set = Vec::with_capacity(found.len());
    for one in found {
        let acted_for = directory.represented_by(one, today).into_iter();
        for id in acted_for.chain([one]) {
            if !set.contains(&id) {
                set.push(id);
            }
        }
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
        let department =
            |named: &[String], parameter| named_set(directory, Kind::Department, named, parameter, today);
        Ok(Self {
            part: part_of(call, directory),
            lead: department(&filter.lead_department, "lead_department")?,
            joint: department(&filter.joint_department, "joint_department")?,
            either: department(&filter.department, "department")?,
            parties: named_set(directory, Kind::Party, &filter.party, "party", today)?,
            sought: None,
            since: directory.since(filter.updated_since, today),
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
        let is_named = named.iter().any(|names| !names.is_empty());
        let instants = [
            created_from,
            created_until,
            submitted_from,
            submitted_until,
            updated_since,
        ];
        !state.is_empty()
            || is_named
            || instants.iter().any(|at| at.is_some())
            || !result.is_empty()
            || !evaluation.is_empty()
            || !filing.is_empty()
            || round.is_some()
            || outside_assignment.is_some()
            || overdue.is_some()
            || due_before.is_some()
    }

    /// Whether an index has what is asked for in the order of its creation.
    fn has_own_index(&self) -> bool {
        let filter = &self.filter;
        let one = |named: &Option<Vec<Uuid>>| named.as_ref().is_some_and(|all| all.len() == 1);
        filter.state.len() == 1
            || one(&self.lead)
            || one(&self.parties)
            || !filter.result.is_empty()
            || !filter.evaluation.is_empty() && !filter.evaluation.contains(&Evaluation::None)
            || !filter.filing.is_empty() && !filter.filing.contains(&Filing::None)
            || !filter.category.is_empty()
            || filter.round == Some(2)
            || filter.outside_assignment == Some(true)
    }

    /// A former lead has what it handed over in its list, but no question about what became of it finds it there: that
    /// would answer the question.
    fn asks_what_became(&self) -> bool {
        let filter = &self.filter;
        let asked = [
            !filter.state.is_empty(),
            self.lead.is_some(),
            self.joint.is_some(),
            self.either.is_some(),
            !filter.result.is_empty(),
            !filter.evaluation.is_empty(),
            !filter.filing.is_empty(),
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

/// Allows the index of all by their creation. Where an index of what is asked for has the same order, the database must not have
/// the choice: it thinks that every so many have the state asked for, and reads through all the newest, which do not.
const fn in_order_of_creation() -> Fragment<Bool> {
    fragment("suggestions.submitted_at IS NOT NULL")
}

pub type Boxed<'a> = suggestions::BoxedQuery<'a, Pg>;

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

/// What is asked for, as far as the caller reaches.
pub fn filtered(scope: &Scope) -> Boxed<'_> {
    let mut query = within(suggestions::table.into_boxed(), scope);
    let filter = &scope.filter;
    // Drafts, which parties see, are not in it.
    if !matches!(scope.part, Part::Parties(_)) && !scope.has_own_index() {
        query = query.filter(in_order_of_creation());
    }
    query = match filter.state[..] {
        [] => query,
        // Compared, as with one organization.
        [state] => query.filter(suggestions::state.eq(state)),
        _ => query.filter(suggestions::state.eq_any(&filter.state)),
    };
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
    if !filter.result.is_empty() {
        query = query.filter(suggestions::result.eq_any(&filter.result));
    }
    if !filter.evaluation.is_empty() {
        query = query.filter(suggestions::evaluation.eq_any(&filter.evaluation));
    }
    if !filter.filing.is_empty() {
        query = query.filter(suggestions::filing.eq_any(&filter.filing));
    }
    if let Some(round) = filter.round {
        query = query.filter(suggestions::round.eq(round));
    }
    query = match filter.outside_assignment {
        None => query,
        Some(true) => query.filter(suggestions::outside_assignment),
        Some(false) => query.filter(diesel::dsl::not(suggestions::outside_assignment)),
    };
    if !filter.category.is_empty() {
        query = query.filter(suggestions::category.eq_any(&filter.category));
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
    if let Some(since) = &scope.since {
        query = query.filter(
            suggestions::updated_at
                .ge(since.at)
                .or(changed_without_a_row(since)),
        );
    }
    query
}

/// Those that show another name, or something overdue, since then.
fn changed_without_a_row(
    since: &Since,
) -> Box<dyn BoxableExpression<suggestions::table, Pg, SqlType = Bool> + '_> {
    let handled = handled::table
        .filter(handled::department_id.eq_any(&since.renamed))
        .select(handled::suggestion_id);
    let signed = signed::table
        .filter(signed::party_id.eq_any(&since.renamed))
        .select(signed::suggestion_id);
    let late = todos::table
        .filter(todos::subject_type.eq(SubjectType::Suggestion))
        .filter(todos::closed_at.is_null())
        .filter(todos::due_on.ge(since.due_from))
        .filter(todos::due_on.lt(since.today))
        .select(todos::subject_id);
    Box::new(
        suggestions::party_id
            .eq_any(&since.renamed)
            .or(suggestions::id.eq_any(handled))
            .or(suggestions::id.eq_any(signed))
            .or(suggestions::id.eq_any(late)),
    )
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
    Ok(in_order(query, SuggestionSort::NewestSubmission, None)?
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
    let loaded = rows.into_iter().map(|row| loaded(row, scope, directory));
    Ok(loaded.collect())
}

fn loaded(
    (head, (handlings, signatures, deadlines)): Listed,
    scope: &Scope,
    directory: &Directory,
) -> Suggestion {
    Suggestion::new(head, handlings, signatures, deadlines, directory, scope.today)
}

pub type Listed = (Head, (Vec<Handling>, Vec<Signature>, Vec<Running>));

impl Listing for Scope {
    type Row = Listed;
    type Key = Key;
    type View = ListedView;

    fn key(&self, (head, _): &Listed) -> Key {
        order::key(head, self.sort)
    }

    /// Each with what belongs to it, in one select.
    async fn after(
        &self,
        mut conn: &AsyncPgConnection,
        after: Option<Key>,
        limit: usize,
    ) -> Result<Vec<Listed>> {
        let query = in_order(filtered(self), self.sort, after)?;
        let query = query.select((Head::as_select(), (handlings(), signatures(), deadlines())));
        let mut rows: Vec<Listed> = rung::at_least(limit, query).load(&mut conn).await?;
        rows.truncate(limit);
        Ok(rows)
    }

    async fn total(&self, conn: &AsyncPgConnection) -> Result<usize> {
        count::capped(conn, filtered(self).select(suggestions::id)).await
    }

    async fn views(&self, conn: &AsyncPgConnection, viewer: &Viewer, rows: Vec<Listed>) -> Views<Self> {
        let rows = rows.into_iter();
        let found = rows.map(|row| loaded(row, self, &viewer.directory));
        views(conn, self, viewer, found.collect()).await
    }
}

/// As the caller sees them; a page of a search with what it has found in each.
pub async fn views(
    conn: &AsyncPgConnection,
    scope: &Scope,
    viewer: &Viewer,
    found: Vec<Suggestion>,
) -> Result<Vec<ListedView>> {
    let sought = scope.sought.as_ref().filter(|_| viewer.format == Format::Json);
    let mut texts = match sought {
        Some(_) => found::texts_of(conn, &found).await?,
        None => Texts::new(),
    };
    let view = |one: Suggestion| {
        let seen = one.seen_by(&viewer.caller)?;
        Ok(ListedView {
            highlights: sought.map(|sought| {
                let texts = texts.remove(&seen.head.id).unwrap_or_default();
                found::highlights(&seen, &texts, &sought.words)
            }),
            summary: SummaryView::for_caller(&viewer.caller, &seen, &viewer.directory)?,
        })
    };
    found.into_iter().map(view).collect()
}
