use super::model::{
    NewProblemReport, ProblemReportFilter, ProblemReportSort, ProblemReportState, ProblemReportView, Row,
};
use super::policy::ProblemReport;
use crate::db::pattern::{containing, matches};
use crate::db::schema::problem_reports as reports;
use crate::directory::model::Organization;
use crate::directory::{Directory, Since};
use crate::http::listing::{Listing, Viewer, Views, in_order};
use crate::policy::{Permit, ops};
use crate::problem::Result;
use crate::work::Tx;
use chrono::NaiveDate;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// Which reports are asked for, as far as the caller reaches.
#[derive(Clone, Debug)]
pub struct Scope {
    pub filter: ProblemReportFilter,
    /// Of these organizations alone; of all where none is named.
    pub organizations: Option<Vec<Uuid>>,
    pub since: Option<Since>,
}

pub async fn get(
    mut conn: &AsyncPgConnection,
    id: Uuid,
    directory: &Directory,
    today: NaiveDate,
) -> Result<ProblemReport> {
    let row = reports::table
        .find(id)
        .select(Row::as_select())
        .first(&mut conn)
        .await?;
    Ok(ProblemReport::new(row, directory, today))
}

fn filtered(scope: &Scope) -> reports::BoxedQuery<'_, Pg> {
    let mut query = reports::table.into_boxed();
    let filter = &scope.filter;
    if let Some(organizations) = &scope.organizations {
        query = query.filter(reports::organization_id.eq_any(organizations));
    }
    if !filter.state.is_empty() {
        query = query.filter(reports::state.eq_any(&filter.state));
    }
    if let Some(from) = filter.raised_from {
        query = query.filter(reports::created_at.ge(from));
    }
    if let Some(until) = filter.raised_until {
        query = query.filter(reports::created_at.lt(until));
    }
    if let Some(since) = &scope.since {
        let renamed = reports::organization_id.eq_any(&since.renamed);
        query = query.filter(reports::updated_at.ge(since.at).or(renamed));
    }
    if let Some(words) = &filter.q {
        query = query.filter(matches(reports::searched, &containing(words)));
    }
    query
}

impl Listing for Scope {
    type View = ProblemReportView;

    in_order! { |scope| reports as Row, filtered(scope), scope.filter.sort => {
        ProblemReportSort::Newest => desc created_at,
        ProblemReportSort::Oldest => asc created_at,
    }}

    async fn views(&self, _: &AsyncPgConnection, viewer: &Viewer, rows: Vec<Row>) -> Views<Self> {
        let (directory, today) = (&viewer.directory, viewer.today());
        let view = |row| {
            let report = ProblemReport::new(row, directory, today);
            ProblemReportView::for_caller(&viewer.caller, &report, directory, today)
        };
        rows.into_iter().map(view).collect()
    }
}

/// How many of these organizations' are not closed.
pub async fn open_of(tx: &mut Tx<'_>, organizations: &[Uuid]) -> Result<i64> {
    Ok(reports::table
        .filter(reports::organization_id.eq_any(organizations))
        .filter(reports::state.ne(ProblemReportState::Closed))
        .count()
        .get_result(tx.conn)
        .await?)
}

pub async fn insert(
    tx: &mut Tx<'_>,
    _: &Permit<ops::CreateProblemReport>,
    organization: &Organization,
    new: &NewProblemReport,
    on_behalf: bool,
) -> Result<Uuid> {
    let id = Uuid::now_v7();
    diesel::insert_into(reports::table)
        .values((
            reports::id.eq(id),
            reports::organization_id.eq(organization.id),
            reports::organization_kind.eq(organization.kind),
            reports::title.eq(&new.title),
            reports::text.eq(&new.text),
            reports::state.eq(ProblemReportState::Raised),
            reports::no_secrets.eq(new.no_secrets.unwrap_or(false)),
            reports::recorded_on_behalf.eq(on_behalf),
            reports::created_at.eq(tx.now()),
            reports::updated_at.eq(tx.now()),
        ))
        .execute(tx.conn)
        .await?;
    Ok(id)
}

pub async fn answer(
    tx: &mut Tx<'_>,
    _: &Permit<ops::AnswerProblemReport>,
    id: Uuid,
    text: &str,
) -> Result<()> {
    diesel::update(reports::table.find(id))
        .set((
            reports::state.eq(ProblemReportState::Answered),
            reports::answer.eq(text),
            reports::answered_at.eq(tx.now()),
            reports::version.eq(reports::version + 1),
            reports::updated_at.eq(tx.now()),
        ))
        .execute(tx.conn)
        .await?;
    Ok(())
}

pub async fn close(tx: &mut Tx<'_>, _: &Permit<ops::CloseProblemReport>, id: Uuid) -> Result<()> {
    diesel::update(reports::table.find(id))
        .set((
            reports::state.eq(ProblemReportState::Closed),
            reports::closed_at.eq(tx.now()),
            reports::version.eq(reports::version + 1),
            reports::updated_at.eq(tx.now()),
        ))
        .execute(tx.conn)
        .await?;
    Ok(())
}
