use super::model::{FollowUpFilter, FollowUpSort, FollowUpView};
use super::policy::FollowUp;
use crate::db::schema::{meeting_follow_ups as follow_ups, meetings};
use crate::directory::{Directory, Since};
use crate::http::listing::{Listing, Viewer, Views, in_order};
use crate::policy::{Permit, ops};
use crate::problem::{Problem, Result};
use crate::resources::meetings::parts::FollowUpRow;
use crate::resources::meetings::queries::{Sight, seen};
use crate::vocabulary::meetings::FollowUpState;
use crate::work::Tx;
use chrono::NaiveDate;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// Which follow-ups are asked for, as far as the caller sees the meetings.
#[derive(Clone, Debug)]
pub struct Scope {
    pub sight: Sight,
    pub filter: FollowUpFilter,
    pub owners: Option<Vec<Uuid>>,
    pub since: Option<Since>,
    pub today: NaiveDate,
}

type Query<'a> = follow_ups::BoxedQuery<'a, Pg>;

/// Of meetings that are seen, once they are theirs to do.
fn visible(sight: &Sight) -> Query<'_> {
    follow_ups::table
        .filter(follow_ups::state.ne(FollowUpState::Planned))
        .filter(follow_ups::meeting_id.eq_any(seen(sight).select(meetings::id)))
        .into_boxed()
}

fn filtered(scope: &Scope) -> Query<'_> {
    let (mut query, filter) = (visible(&scope.sight), &scope.filter);
    if !filter.meeting.is_empty() {
        query = query.filter(follow_ups::meeting_id.eq_any(&filter.meeting));
    }
    if let Some(owners) = &scope.owners {
        query = query.filter(follow_ups::owner_id.eq_any(owners));
    }
    let open = FollowUpState::Open;
    query = match filter.done {
        None => query,
        Some(true) => query.filter(follow_ups::state.ne(open)),
        Some(false) => query.filter(follow_ups::state.eq(open)),
    };
    let late = follow_ups::state.eq(open).and(follow_ups::due_on.lt(scope.today));
    query = match filter.overdue {
        None => query,
        Some(true) => query.filter(late),
        Some(false) => query.filter(diesel::dsl::not(late)),
    };
    if let Some(since) = &scope.since {
        let overdue = follow_ups::done_at
            .is_null()
            .and(follow_ups::due_on.ge(since.due_from))
            .and(follow_ups::due_on.lt(since.today));
        let renamed = follow_ups::owner_id.eq_any(&since.renamed);
        query = query.filter(follow_ups::updated_at.ge(since.at).or(overdue).or(renamed));
    }
    query
}

impl Listing for Scope {
    type View = FollowUpView;

    in_order! { |scope| follow_ups as FollowUpRow, filtered(scope), scope.filter.sort => {
        FollowUpSort::EarliestDue => asc due_on,
        FollowUpSort::LatestDue => desc due_on,
    }}

    async fn views(&self, conn: &AsyncPgConnection, viewer: &Viewer, rows: Vec<FollowUpRow>) -> Views<Self> {
        let directory = &viewer.directory;
        let found = with_meetings(conn, rows, directory, self.today).await?;
        let views = found
            .iter()
            .map(|one| FollowUpView::for_caller(&viewer.caller, one, directory, self.today));
        views.collect()
    }
}

/// With what their meetings are called.
pub async fn with_meetings(
    mut conn: &AsyncPgConnection,
    rows: Vec<FollowUpRow>,
    directory: &Directory,
    today: NaiveDate,
) -> Result<Vec<FollowUp>> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.meeting_id).collect();
    let titles: Vec<(Uuid, String)> = meetings::table
        .filter(meetings::id.eq_any(ids))
        .select((meetings::id, meetings::title))
        .load(&mut conn)
        .await?;
    let named = |row: FollowUpRow| {
        let title = titles.iter().find(|(id, _)| *id == row.meeting_id);
        let title = title
            .map(|(_, title)| title.clone())
            .ok_or_else(Problem::not_found)?;
        Ok(FollowUp::new((row, title), directory, today))
    };
    rows.into_iter().map(named).collect()
}

/// One that the caller sees.
///
/// # Errors
/// 404.
pub async fn get(
    conn: &AsyncPgConnection,
    id: Uuid,
    sight: &Sight,
    directory: &Directory,
    today: NaiveDate,
) -> Result<FollowUp> {
    let row = visible(sight)
        .filter(follow_ups::id.eq(id))
        .select(FollowUpRow::as_select())
        .first(&mut &*conn)
        .await?;
    let mut found = with_meetings(conn, vec![row], directory, today).await?;
    found.pop().ok_or_else(Problem::not_found)
}

pub async fn complete(
    tx: &mut Tx<'_>,
    _: &Permit<ops::CompleteMeetingFollowUp>,
    id: Uuid,
    text: &str,
) -> Result<()> {
    diesel::update(follow_ups::table.find(id))
        .set((
            follow_ups::state.eq(FollowUpState::Done),
            follow_ups::done_at.eq(tx.now()),
            follow_ups::done_text.eq(text),
            follow_ups::version.eq(follow_ups::version + 1),
            follow_ups::updated_at.eq(tx.now()),
        ))
        .execute(tx.conn)
        .await?;
    Ok(())
}
