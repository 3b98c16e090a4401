use super::matrix::MatrixView;
use super::model::{AssignmentFilter, AssignmentSort, AssignmentView, MatrixQuery};
use crate::directory::Directory;
use crate::directory::model::{Kind, Scheme};
use crate::http::call::Call;
use crate::http::extract::{Id, Path, Query};
use crate::http::negotiate::Format;
use crate::http::page::{Page, Paging};
use crate::http::registry::Registry;
use crate::http::several::Several;
use crate::problem::{Fault, Problem, Result};
use crate::resources::schemes::policy::visible;
use actix_web::{HttpResponse, get};
use chrono::NaiveDate;
use futures_util::stream;
use uuid::Uuid;

pub fn configure(registry: &mut Registry) {
    registry
        .service(list_assignments)
        .service(get_assignment_matrix)
        .service(get_assignment);
}

/// List assignments
///
/// The pairs of the scheme in force today, in the order of the notice.
#[utoipa::path(tag = "directory", params(Paging, AssignmentFilter), responses((status = 200, body = Page<AssignmentView>)))]
#[get("/api/v1/assignments")]
async fn list_assignments(
    call: Call,
    paging: Query<Paging>,
    filter: Query<AssignmentFilter>,
) -> Result<HttpResponse> {
    let directory = call.directory().await?;
    let page = || {
        let views = views(&call, &directory, &filter.0)?;
        let position = call.position(&paging.0)?;
        match filter.0.sort {
            AssignmentSort::Department => position.slice(views, AssignmentView::by_department),
            AssignmentSort::Party => position.slice(views, AssignmentView::by_party),
        }
    };
    match call.format() {
        Format::Json => call.kept_page(&directory, page),
        format => call.export_views(format, &page()?.items).await,
    }
}

fn views(call: &Call, directory: &Directory, filter: &AssignmentFilter) -> Result<Vec<AssignmentView>> {
    let day = filter.as_of.unwrap_or(call.today());
    let mut faults = Vec::new();
    let scheme = scheme(call, directory, filter.scheme, day, &mut faults);
    let mut named = |parameter, names: &[String], kind| {
        directory.named(parameter, names, |one| one.is(kind), &mut faults)
    };
    let departments = named("department", &filter.department, Kind::Department);
    let parties = named("party", &filter.party, Kind::Party);
    if !faults.is_empty() {
        return Err(Problem::invalid(faults));
    }
    let schemes: Vec<&Scheme> = match filter.scheme {
        None if filter.include_ended => {
            let all = directory.schemes.iter();
            all.filter(|scheme| scheme.is_published()).collect()
        }
        _ => scheme.into_iter().collect(),
    };
    let is_of = |departments: &Vec<Uuid>, id: Uuid| {
        let acting = directory.acting(id, day).map(|acting| acting.id);
        departments.contains(&id) || acting.is_some_and(|acting| departments.contains(&acting))
    };
    let pairs = schemes
        .into_iter()
        .flat_map(|scheme| scheme.assignments.iter().map(move |pair| (scheme, pair)));
    pairs
        .filter(|(_, pair)| {
            departments
                .as_ref()
                .is_none_or(|all| is_of(all, pair.department_id))
        })
        .filter(|(_, pair)| parties.as_ref().is_none_or(|all| all.contains(&pair.party_id)))
        .filter(|(_, pair)| filter.basis.take(&pair.basis))
        .filter(|(scheme, pair)| {
            let shown = [pair.department_id, pair.party_id];
            let changed_at = directory.changed_at(scheme.updated_at, shown, day);
            filter.updated_since.is_none_or(|since| changed_at >= since)
        })
        .map(|(scheme, pair)| AssignmentView::new(scheme, pair, directory, day))
        .collect()
}

/// The scheme that is named, or the one in force on the day.
fn scheme<'d>(
    call: &Call,
    directory: &'d Directory,
    named: Option<Uuid>,
    day: NaiveDate,
    faults: &mut Vec<Fault>,
) -> Option<&'d Scheme> {
    let Some(id) = named else {
        return directory.scheme_on(day);
    };
    let found = visible(directory, call.reach(), id);
    if found.is_none() {
        faults.push(Fault::unknown_reference_in_query("scheme"));
    }
    found
}

/// Get an assignment
///
/// Of any published scheme. Pairs of a draft come and go with it, and have no address of their own.
#[utoipa::path(
    tag = "directory",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = AssignmentView))
)]
#[get("/api/v1/assignments/{id}")]
async fn get_assignment(call: Call, id: Path<Id>) -> Result<HttpResponse> {
    let directory = call.directory().await?;
    let published = directory.schemes.iter().filter(|scheme| scheme.is_published());
    let (scheme, pair) = published
        .flat_map(|scheme| scheme.assignments.iter().map(move |pair| (scheme, pair)))
        .find(|(_, pair)| pair.id == id.0.0)
        .ok_or_else(Problem::not_found)?;
    let view = AssignmentView::new(scheme, pair, &directory, call.today())?;
    call.one(scheme.version, &view)
}

/// The matrix
///
/// Departments against parties, by the scheme in force today; as a table for people in CSV or XLSX.
#[utoipa::path(tag = "directory", params(MatrixQuery), responses((status = 200, body = MatrixView)))]
#[get("/api/v1/assignments/matrix")]
async fn get_assignment_matrix(call: Call, query: Query<MatrixQuery>) -> Result<HttpResponse> {
    let directory = call.directory().await?;
    let matrix = || {
        let day = query.0.as_of.unwrap_or(call.today());
        let mut faults = Vec::new();
        let scheme = scheme(&call, &directory, query.0.scheme, day, &mut faults);
        if !faults.is_empty() {
            return Err(Problem::invalid(faults));
        }
        MatrixView::new(&directory, scheme, day)
    };
    match call.format() {
        Format::Json => call.kept_view(&directory, matrix),
        format => {
            let matrix = matrix()?;
            let cells = matrix.cells(call.language());
            let rows = Box::pin(stream::once(async { Ok(cells) }));
            call.export(format, &matrix.table(), rows).await
        }
    }
}
