use super::model::{MeetingFilter, MeetingSort, MeetingView};
use super::parts::{AgendaRow, FollowUpRow, HostRow, InvitationRow, OpinionRow, PostponementRow, Row};
use super::policy::{Meeting, Parts};
use super::record;
use crate::clock::day_begins;
use crate::db::schema::{
    meeting_agenda_items as agenda, meeting_follow_ups as follow_ups, meeting_hosts as hosts,
    meeting_invitations as invitations, meeting_opinions as opinions, meeting_postponements as postponements,
    meetings,
};
use crate::directory::model::Kind;
use crate::directory::{Directory, Since};
use crate::http::listing::{Listing, Viewer, Views, in_order};
use crate::policy::{Caller, Op, Reach};
use crate::problem::{Problem, Result};
use crate::resources::attachments::carriers::Hold;
use crate::resources::organizations::on_behalf;
use crate::search::documents::OWN_DRAFTS;
use crate::vocabulary::meetings::{InvitationAnswer, MeetingForm, MeetingState};
use crate::work::Tx;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::dsl::exists;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::HashMap;
use uuid::Uuid;

/// How far a caller sees.
#[derive(Clone, Debug)]
pub struct Sight {
    /// The caller's organization and those that it acts for.
    pub own: Vec<Uuid>,
    /// Whatever is no draft; else what they host or are invited to, or have a follow-up of.
    pub all_issued: bool,
}

impl Sight {
    pub fn of(caller: &Caller, directory: &Directory, today: NaiveDate) -> Self {
        Self {
            own: directory.own(caller, today),
            all_issued: matches!(Op::ListMeetings.reach(caller), Reach::Any | Reach::Issued),
        }
    }
}

/// Which meetings are asked for, as far as the caller sees.
#[derive(Clone, Debug)]
pub struct Scope {
    pub sight: Sight,
    pub filter: MeetingFilter,
    pub hosts: Option<Vec<Uuid>>,
    pub parties: Option<Vec<Uuid>>,
    pub attended_by: Option<Vec<Uuid>>,
    pub since: Option<Since>,
}

/// The row alone, held where it is to stay.
pub async fn row(mut conn: &AsyncPgConnection, id: Uuid, hold: Hold) -> Result<Option<Row>> {
    let found = meetings::table.find(id).select(Row::as_select());
    let row = match hold {
        Hold::No => found.first(&mut conn).await,
        Hold::Yes => found.for_no_key_update().first(&mut conn).await,
    };
    Ok(row.optional()?)
}

/// # Errors
/// 404.
pub async fn get(
    conn: &AsyncPgConnection,
    id: Uuid,
    directory: &Directory,
    now: DateTime<Utc>,
) -> Result<Meeting> {
    let row = row(conn, id, Hold::No).await?.ok_or_else(Problem::not_found)?;
    let mut found = with_parts(conn, vec![row], directory, now).await?;
    found.pop().ok_or_else(Problem::not_found)
}

/// Those that there are of some, in no order.
///
/// # Errors
/// `database_unavailable`.
pub async fn of_ids(
    mut conn: &AsyncPgConnection,
    ids: &[Uuid],
    directory: &Directory,
    now: DateTime<Utc>,
) -> Result<Vec<Meeting>> {
    let rows = meetings::table
        .filter(meetings::id.eq_any(ids))
        .select(Row::as_select())
        .load(&mut conn)
        .await?;
    with_parts(conn, rows, directory, now).await
}

/// One, held against all who would change it or a part of it.
pub async fn get_locked(tx: &mut Tx<'_>, id: Uuid, directory: &Directory) -> Result<Meeting> {
    let row: Row = meetings::table
        .find(id)
        .select(Row::as_select())
        .for_update()
        .first(tx.conn)
        .await?;
    tx.holds(row.updated_at);
    let mut found = with_parts(tx.conn, vec![row], directory, tx.now()).await?;
    found.pop().ok_or_else(Problem::not_found)
}

/// Meetings with all their parts, in the order of the rows: seven queries for however many.
pub async fn with_parts(
    conn: &AsyncPgConnection,
    rows: Vec<Row>,
    directory: &Directory,
    now: DateTime<Utc>,
) -> Result<Vec<Meeting>> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let (mut c1, mut c2, mut c3, mut c4, mut c5, mut c6) = (conn, conn, conn, conn, conn, conn);
    let (all_hosts, all_items, all_invited, all_postponed, all_opinions, all_follow_ups) = futures_util::try_join!(
        hosts::table
            .filter(hosts::meeting_id.eq_any(&ids))
            .order(hosts::position)
            .select(HostRow::as_select())
            .load(&mut c1),
        agenda::table
            .filter(agenda::meeting_id.eq_any(&ids))
            .order(agenda::position)
            .select(AgendaRow::as_select())
            .load(&mut c2),
        invitations::table
            .filter(invitations::meeting_id.eq_any(&ids))
            .order(invitations::position)
            .select(InvitationRow::as_select())
            .load(&mut c3),
        postponements::table
            .filter(postponements::meeting_id.eq_any(&ids))
            .order((postponements::postponed_at, postponements::id))
            .select(PostponementRow::as_select())
            .load(&mut c4),
        opinions::table
            .filter(opinions::meeting_id.eq_any(&ids))
            .order((opinions::given_at, opinions::id))
            .select(OpinionRow::as_select())
            .load(&mut c5),
        follow_ups::table
            .filter(follow_ups::meeting_id.eq_any(&ids))
            .order(follow_ups::position)
            .select(FollowUpRow::as_select())
            .load(&mut c6),
    )?;
    let mut parts: HashMap<Uuid, Parts> = HashMap::new();
    macro_rules! share_out {
        ($($rows:ident => $part:ident),*) => {
            $(for one in $rows { parts.entry(one.meeting_id).or_default().$part.push(one); })*
        };
    }
    share_out!(
        all_hosts => hosts, all_items => agenda, all_invited => invitations, all_postponed => postponements,
        all_opinions => opinions, all_follow_ups => follow_ups
    );
    let found = rows.into_iter().map(|row| {
        let parts = parts.remove(&row.id).unwrap_or_default();
        Meeting::new(row, parts, directory, now)
    });
    let mut found = found.collect::<Vec<_>>();
    mind_unattended(conn, &mut found).await?;
    Ok(found)
}

/// Whom 市委统战部 can answer for, where there is still something to answer.
async fn mind_unattended(conn: &AsyncPgConnection, meetings: &mut [Meeting]) -> Result<()> {
    let open = |one: &Meeting| one.row.state == MeetingState::Convened && !one.has_begun();
    let acting =
        |one: &Meeting| -> Vec<Uuid> { one.invitations.iter().filter_map(|one| one.acting).collect() };
    let invited: Vec<Uuid> = meetings.iter().filter(|one| open(one)).flat_map(acting).collect();
    if invited.is_empty() {
        return Ok(());
    }
    let unattended = on_behalf::unattended(conn, &invited).await?;
    for meeting in meetings.iter_mut().filter(|one| open(one)) {
        let own = acting(meeting);
        meeting.unattended = unattended
            .iter()
            .copied()
            .filter(|one| own.contains(one))
            .collect();
    }
    Ok(())
}

/// A meeting of whose hosts one is among these.
macro_rules! hosted_by {
    ($organizations:expr) => {
        exists(
            hosts::table
                .filter(hosts::meeting_id.eq(meetings::id))
                .filter(hosts::organization_id.eq_any($organizations)),
        )
    };
}

/// A meeting to which one of these is invited.
macro_rules! inviting {
    ($organizations:expr $(, $further:expr)?) => {
        exists(
            invitations::table
                .filter(invitations::meeting_id.eq(meetings::id))
                .filter(invitations::organization_id.eq_any($organizations))
                $(.filter($further))?,
        )
    };
}

type Query<'a> = meetings::BoxedQuery<'a, Pg>;

pub fn seen(sight: &Sight) -> Query<'_> {
    let query = meetings::table.into_boxed();
    let issued = meetings::state.ne(MeetingState::Draft);
    if sight.all_issued {
        return query.filter(issued.or(hosted_by!(&sight.own)));
    }
    let owing = exists(
        follow_ups::table
            .filter(follow_ups::meeting_id.eq(meetings::id))
            .filter(follow_ups::owner_id.eq_any(&sight.own)),
    );
    query.filter(
        hosted_by!(&sight.own)
            .or(issued.and(inviting!(&sight.own)))
            .or(meetings::concluded_at.is_not_null().and(owing)),
    )
}

fn filtered(scope: &Scope) -> Query<'_> {
    let mut query = seen(&scope.sight);
    let filter = &scope.filter;
    if !filter.kind.is_empty() {
        query = query.filter(meetings::kind.eq_any(&filter.kind));
    }
    if !filter.state.is_empty() {
        query = query.filter(meetings::state.eq_any(&filter.state));
    }
    if !filter.form.is_empty() {
        query = query.filter(meetings::form.eq_any(&filter.form));
    }
    if let Some(hosts) = &scope.hosts {
        query = query.filter(hosted_by!(hosts));
    }
    if let Some(parties) = &scope.parties {
        query = query.filter(inviting!(parties));
    }
    if let Some(came) = &scope.attended_by {
        let there = invitations::present.eq(true).or(invitations::online.eq(true));
        query = query.filter(inviting!(came, there));
    }
    if filter.to_answer {
        let pending = invitations::answer.eq(InvitationAnswer::Pending);
        query = query
            .filter(meetings::state.eq(MeetingState::Convened))
            .filter(inviting!(&scope.sight.own, pending));
    }
    if let Some(since) = &scope.since {
        let held = hosts::table
            .filter(hosts::organization_id.eq_any(&since.renamed))
            .select(hosts::meeting_id);
        let organized = invitations::table
            .filter(invitations::co_host)
            .filter(invitations::organization_id.eq_any(&since.renamed))
            .select(invitations::meeting_id);
        let renamed = meetings::id.eq_any(held).or(meetings::id.eq_any(organized));
        query = query.filter(meetings::updated_at.ge(since.at).or(renamed));
    }
    query = in_period(query, filter);
    match filter.counts {
        None => query,
        Some(true) => query.filter(counted()),
        Some(false) => query.filter(diesel::dsl::not(counted())),
    }
}

fn in_period<'a>(mut query: Query<'a>, filter: &MeetingFilter) -> Query<'a> {
    if let Some(from) = filter.from.map(day_begins) {
        let until_then = meetings::starts_at
            .ge(from)
            .or(meetings::ends_at.gt(from).assume_not_null());
        query = query.filter(until_then);
    }
    if let Some(after) = filter.to.and_then(|day| day.succ_opt()).map(day_begins) {
        query = query.filter(meetings::starts_at.lt(after));
    }
    if let Some((from, until)) = filter.year.and_then(year) {
        query = query
            .filter(meetings::starts_at.ge(from))
            .filter(meetings::starts_at.lt(until));
    }
    query
}

/// A year in Asia/Shanghai.
pub fn year(year: i32) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    let first = |year| NaiveDate::from_ymd_opt(year, 1, 1).map(day_begins);
    Some((first(year)?, first(year + 1)?))
}

/// `counting::verdict` as a condition, for lists; a test holds the two against each other.
fn counted() -> Box<dyn BoxableExpression<meetings::table, Pg, SqlType = Bool>> {
    let nobody = || serde_json::Value::Array(Vec::new());
    let named = invitations::persons
        .ne(nobody())
        .or(invitations::attendees.ne(nobody()));
    let by_department = exists(
        hosts::table
            .filter(hosts::meeting_id.eq(meetings::id))
            .filter(hosts::organization_kind.eq(Kind::Department)),
    );
    let met = exists(
        invitations::table
            .filter(invitations::meeting_id.eq(meetings::id))
            .filter(invitations::organization_kind.eq(Kind::Party))
            .filter(invitations::present.eq(true))
            .filter(named),
    );
    Box::new(
        meetings::state
            .eq(MeetingState::Concluded)
            .and(meetings::form.eq(MeetingForm::Meeting))
            .and(by_department)
            .and(met),
    )
}

/// The newest drafts of one's own.
pub async fn drafts(mut conn: &AsyncPgConnection, sight: &Sight) -> Result<Vec<Row>> {
    Ok(meetings::table
        .filter(meetings::state.eq(MeetingState::Draft))
        .filter(hosted_by!(&sight.own))
        .order((meetings::created_at.desc(), meetings::id.desc()))
        .limit(OWN_DRAFTS)
        .select(Row::as_select())
        .load(&mut conn)
        .await?)
}

impl Listing for Scope {
    type View = MeetingView;

    const BATCH: usize = 500;

    in_order! { |scope| meetings as Row, filtered(scope), scope.filter.sort => {
        MeetingSort::LatestStart => desc starts_at,
        MeetingSort::EarliestStart => asc starts_at,
        MeetingSort::Newest => desc created_at,
        MeetingSort::Oldest => asc created_at,
    }}

    async fn views(&self, conn: &AsyncPgConnection, viewer: &Viewer, rows: Vec<Row>) -> Views<Self> {
        let meetings = with_parts(conn, rows, &viewer.directory, viewer.now).await?;
        record::views(conn, &viewer.caller, &meetings, &viewer.directory).await
    }
}

/// How many of these organizations' are neither over nor cancelled.
pub async fn open_of(tx: &mut Tx<'_>, organizations: &[Uuid]) -> Result<i64> {
    let open = [MeetingState::Convened, MeetingState::Held].map(<&str>::from);
    Ok(meetings::table
        .filter(meetings::state.eq_any(open))
        .filter(hosted_by!(organizations))
        .count()
        .get_result(tx.conn)
        .await?)
}
