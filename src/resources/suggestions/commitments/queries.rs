use super::model::{CommitmentFilter, CommitmentSort, CommitmentState, CommitmentView, Context, Row};
use super::policy::Commitment;
use crate::db::schema::{commitments, suggestions};
use crate::directory::{Directory, Since};
use crate::http::listing::{Listing, Viewer, Views, in_order};
use crate::policy::{Permit, ops};
use crate::problem::{Problem, Result};
use crate::resources::suggestions::list::{Part, of_departments, of_parties};
use crate::work::Tx;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::HashMap;
use uuid::Uuid;

/// Which commitments are asked for, as far as the caller reaches.
#[derive(Clone, Debug)]
pub struct Scope {
    pub filter: CommitmentFilter,
    pub part: Part,
    /// The party that is asked for, with those that it acts for.
    pub parties: Option<Vec<Uuid>>,
    /// The same of the department.
    pub departments: Option<Vec<Uuid>>,
    pub since: Option<Since>,
    pub today: NaiveDate,
}

/// Those that are still owed.
const OWED: [&str; 2] = ["open", "abandonment_requested"];

fn filtered(scope: &Scope) -> commitments::BoxedQuery<'_, Pg> {
    let mut query = commitments::table.into_boxed();
    query = match &scope.part {
        Part::All => query,
        Part::Departments(own) => query.filter(commitments::suggestion_id.eq_any(of_departments(own))),
        Part::Parties(own) => query.filter(commitments::suggestion_id.eq_any(of_parties(own))),
    };
    let filter = &scope.filter;
    if !filter.suggestion.is_empty() {
        query = query.filter(commitments::suggestion_id.eq_any(&filter.suggestion));
    }
    if let Some(departments) = &scope.departments {
        query = query.filter(commitments::department_id.eq_any(departments));
    }
    if let Some(parties) = &scope.parties {
        let theirs = suggestions::table
            .filter(suggestions::party_id.eq_any(parties))
            .select(suggestions::id);
        query = query.filter(commitments::suggestion_id.eq_any(theirs));
    }
    if !filter.state.is_empty() {
        query = query.filter(commitments::state.eq_any(&filter.state));
    }
    query = match filter.overdue {
        None => query,
        Some(true) => query
            .filter(commitments::due_on.lt(scope.today))
            .filter(commitments::state.eq_any(OWED)),
        Some(false) => query.filter(
            commitments::due_on
                .ge(scope.today)
                .or(commitments::state.ne_all(OWED)),
        ),
    };
    if let Some(day) = filter.due_before {
        query = query.filter(commitments::due_on.lt(day));
    }
    if let Some(from) = filter.created_from {
        query = query.filter(commitments::created_at.ge(from));
    }
    if let Some(until) = filter.created_until {
        query = query.filter(commitments::created_at.lt(until));
    }
    if let Some(since) = &scope.since {
        let overdue = commitments::state
            .eq_any(OWED)
            .and(commitments::due_on.ge(since.due_from))
            .and(commitments::due_on.lt(since.today));
        let of_party = suggestions::table
            .filter(suggestions::party_id.eq_any(&since.renamed))
            .select(suggestions::id);
        let renamed = commitments::department_id
            .eq_any(&since.renamed)
            .or(commitments::suggestion_id.eq_any(of_party));
        query = query.filter(commitments::updated_at.ge(since.at).or(overdue).or(renamed));
    }
    query
}

impl Listing for Scope {
    type View = CommitmentView;

    in_order! { |scope| commitments as Row, filtered(scope), scope.filter.sort => {
        CommitmentSort::DueDay => asc due_on,
        CommitmentSort::Newest => desc created_at,
        CommitmentSort::Oldest => asc created_at,
    }}

    async fn views(&self, conn: &AsyncPgConnection, viewer: &Viewer, rows: Vec<Row>) -> Views<Self> {
        let found = with_contexts(conn, rows, &viewer.directory, self.today).await?;
        let views = found
            .iter()
            .map(|one| one.view(&viewer.caller, &viewer.directory, self.today));
        views.collect()
    }
}

/// With what they hang on.
pub async fn with_contexts(
    mut conn: &AsyncPgConnection,
    rows: Vec<Row>,
    directory: &Directory,
    today: NaiveDate,
) -> Result<Vec<Commitment>> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.suggestion_id).collect();
    let named: Vec<(Uuid, String, Option<String>, Uuid)> = suggestions::table
        .filter(suggestions::id.eq_any(&ids))
        .select((
            suggestions::id,
            suggestions::title,
            suggestions::number,
            suggestions::party_id,
        ))
        .load(&mut conn)
        .await?;
    let contexts = named.into_iter().map(|(id, title, number, party_id)| {
        let context = Context {
            title,
            number,
            party_id,
        };
        (id, context)
    });
    let contexts: HashMap<Uuid, Context> = contexts.collect();
    rows.into_iter()
        .map(|row| {
            let context = contexts.get(&row.suggestion_id).cloned();
            let context = context.ok_or_else(|| Problem::internal("a commitment without its suggestion"))?;
            Ok(Commitment::new(row, context, directory, today))
        })
        .collect()
}

/// # Errors
/// 404 where there is none.
pub async fn get(
    mut conn: &AsyncPgConnection,
    id: Uuid,
    directory: &Directory,
    today: NaiveDate,
) -> Result<Commitment> {
    let row = commitments::table
        .find(id)
        .select(Row::as_select())
        .first(&mut conn)
        .await?;
    let found = with_contexts(conn, vec![row], directory, today).await?;
    found.into_iter().next().ok_or_else(Problem::not_found)
}

/// Which suggestion it belongs to: that is held first, by whoever changes either.
pub async fn suggestion_of(mut conn: &AsyncPgConnection, id: Uuid) -> Result<Uuid> {
    Ok(commitments::table
        .find(id)
        .select(commitments::suggestion_id)
        .first(&mut conn)
        .await?)
}

/// Open ones of these departments.
pub async fn open_of(tx: &mut Tx<'_>, departments: &[Uuid]) -> Result<i64> {
    Ok(commitments::table
        .filter(commitments::department_id.eq_any(departments))
        .filter(commitments::state.eq_any(OWED))
        .count()
        .get_result(tx.conn)
        .await?)
}

#[derive(Insertable)]
#[diesel(table_name = commitments)]
pub struct NewRow<'a> {
    pub id: Uuid,
    pub suggestion_id: Uuid,
    pub reply_id: Uuid,
    pub department_id: Uuid,
    pub position: i32,
    pub text: &'a str,
    pub due_on: NaiveDate,
    pub state: CommitmentState,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

pub async fn insert(tx: &mut Tx<'_>, _: &Permit<ops::ReplyToSuggestion>, rows: &[NewRow<'_>]) -> Result<()> {
    diesel::insert_into(commitments::table)
        .values(rows)
        .execute(tx.conn)
        .await?;
    Ok(())
}

pub async fn hand_over(
    tx: &mut Tx<'_>,
    _: &Permit<ops::ReassignSuggestion>,
    ids: &[Uuid],
    department: Uuid,
) -> Result<()> {
    diesel::update(commitments::table.filter(commitments::id.eq_any(ids)))
        .set((
            commitments::department_id.eq(department),
            commitments::version.eq(commitments::version + 1),
            commitments::updated_at.eq(tx.now()),
        ))
        .execute(tx.conn)
        .await?;
    Ok(())
}

pub async fn end(
    tx: &mut Tx<'_>,
    _: &Permit<ops::WithdrawSuggestion>,
    ids: &[Uuid],
    reason: &str,
) -> Result<()> {
    diesel::update(commitments::table.filter(commitments::id.eq_any(ids)))
        .set((
            commitments::state.eq(CommitmentState::Abandoned),
            commitments::abandonment_reason.eq(reason),
            commitments::abandonment_decided_at.eq(tx.now()),
            commitments::version.eq(commitments::version + 1),
            commitments::updated_at.eq(tx.now()),
        ))
        .execute(tx.conn)
        .await?;
    Ok(())
}

pub async fn fulfil(tx: &mut Tx<'_>, _: &Permit<ops::FulfilCommitment>, id: Uuid, text: &str) -> Result<()> {
    diesel::update(commitments::table.find(id))
        .set((
            commitments::state.eq(CommitmentState::Fulfilled),
            commitments::fulfilment.eq(text),
            commitments::fulfilled_at.eq(tx.now()),
            commitments::version.eq(commitments::version + 1),
            commitments::updated_at.eq(tx.now()),
        ))
        .execute(tx.conn)
        .await?;
    Ok(())
}

pub async fn ask_to_abandon(
    tx: &mut Tx<'_>,
    _: &Permit<ops::AbandonCommitment>,
    id: Uuid,
    reason: &str,
) -> Result<()> {
    diesel::update(commitments::table.find(id))
        .set((
            commitments::state.eq(CommitmentState::AbandonmentRequested),
            commitments::abandonment_reason.eq(reason),
            commitments::abandonment_requested_at.eq(tx.now()),
            commitments::abandonment_granted.eq(None::<bool>),
            commitments::abandonment_decision.eq(None::<String>),
            commitments::abandonment_decided_at.eq(None::<DateTime<Utc>>),
            commitments::version.eq(commitments::version + 1),
            commitments::updated_at.eq(tx.now()),
        ))
        .execute(tx.conn)
        .await?;
    Ok(())
}

pub async fn decide(
    tx: &mut Tx<'_>,
    _: &Permit<ops::DecideCommitmentAbandonment>,
    id: Uuid,
    (granted, reason): (bool, &str),
) -> Result<()> {
    let state = match granted {
        true => CommitmentState::Abandoned,
        false => CommitmentState::Open,
    };
    diesel::update(commitments::table.find(id))
        .set((
            commitments::state.eq(state),
            commitments::abandonment_granted.eq(granted),
            commitments::abandonment_decision.eq(reason),
            commitments::abandonment_decided_at.eq(tx.now()),
            commitments::version.eq(commitments::version + 1),
            commitments::updated_at.eq(tx.now()),
        ))
        .execute(tx.conn)
        .await?;
    Ok(())
}
