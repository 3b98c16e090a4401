use super::model::{
    AbolishDepartment, DepartmentFilter, DepartmentSort, DepartmentView, MergeDepartment, NewDepartment,
    PatchDepartment,
};
use super::queries::{self, End};
use crate::directory::model::{EndKind, Kind, Organization};
use crate::directory::{self, Directory};
use crate::http::call::Call;
use crate::http::extract::{Json, Path, Query};
use crate::http::idempotency::Answer;
use crate::http::page::{Page, Paging};
use crate::http::registry::Registry;
use crate::policy::{Operation, Permit, ops};
use crate::problem::{Code, Fault, Problem, Result};
use crate::resources::organizations::model::{AsOf, RenameOrganization, mentions};
use crate::resources::organizations::queries::{NewOrganization, create, rename};
use crate::resources::reporting::plans as work_plans;
use crate::resources::reporting::reports as work_reports;
use crate::resources::suggestions::commitments;
use crate::resources::{liaison_leaders, meetings, problem_reports, suggestions};
use crate::work::{Change, Tx};
use crate::workflow::todos::{self, Done, TodoKind};
use actix_web::{HttpResponse, get, patch, post};
use chrono::NaiveDate;
use uuid::Uuid;

pub fn configure(registry: &mut Registry) {
    registry
        .service(list_departments)
        .service(create_department)
        .service(get_department)
        .service(update_department)
        .service(rename_department)
        .service(merge_department)
        .service(abolish_department);
}

/// List departments
///
/// Those that stand today, in the order of the notice; `as_of` asks for another day, `include_ended` for those that
/// have ended, too.
#[utoipa::path(tag = "directory", params(Paging, DepartmentFilter), responses((status = 200, body = Page<DepartmentView>)))]
#[get("/api/v1/departments")]
async fn list_departments(
    call: Call,
    paging: Query<Paging>,
    filter: Query<DepartmentFilter>,
) -> Result<HttpResponse> {
    let directory = call.directory().await?;
    let filter = filter.0;
    let day = filter.as_of.unwrap_or(call.today());
    let views = directory
        .of_kind(Kind::Department)
        .filter(|one| one.stands_on(day) || filter.include_ended)
        .filter(|one| filter.q.as_ref().is_none_or(|words| mentions(one, words)))
        .map(|one| DepartmentView::new(one, &directory, day))
        .collect::<Result<Vec<_>>>()?;
    let views = views.into_iter();
    let views = views.filter(|view| filter.updated_since.is_none_or(|since| view.updated_at >= since));
    let views = views.collect();
    let sort = filter.sort;
    let page = call
        .position(&paging.0)?
        .slice(views, |view| sort_key(view, sort))?;
    call.list(&page).await
}

fn sort_key(view: &DepartmentView, sort: DepartmentSort) -> (i64, String, Uuid) {
    match sort {
        DepartmentSort::Position => (view.position.into(), String::new(), view.id),
        DepartmentSort::Code => (0, view.code.clone(), view.id),
        DepartmentSort::NewestChange => (-view.updated_at.timestamp_micros(), String::new(), view.id),
    }
}

/// Establish a department
///
/// By 市委统战部. Its pairs come with a new scheme.
#[utoipa::path(tag = "directory", request_body = NewDepartment, responses((status = 201, body = DepartmentView)))]
#[post("/api/v1/departments")]
async fn create_department(call: Call, body: Json<NewDepartment>) -> Result<HttpResponse> {
    let permit = call.caller.permit_any::<ops::CreateDepartment>()?;
    let new = &body.0;
    call.write(async |tx| {
        directory::load_locked(tx.conn).await?;
        let department = NewOrganization {
            kind: Kind::Department,
            code: &new.code,
            name: &new.name,
            short_name: &new.short_name,
            party_kind: None,
            social_credit_code: new.social_credit_code.as_deref(),
            established_on: new.established_on,
            position: new.position,
        };
        let id = create(tx, &permit, department).await?;
        let (view, version) = read(tx, id).await?;
        tx.record(&permit, Change::new("department.created", id, None, Some(&view))?)
            .await?;
        Answer::created(format!("/api/v1/departments/{id}"), version, &view)
    })
    .await
}

/// Get a department
///
/// By id or code, ended ones too.
#[utoipa::path(
    tag = "directory",
    params(("id" = String, Path, description = "Id or code", example = "education", max_length = 64), AsOf),
    responses((status = 200, body = DepartmentView))
)]
#[get("/api/v1/departments/{id}")]
async fn get_department(call: Call, id: Path<String>, query: Query<AsOf>) -> Result<HttpResponse> {
    let directory = call.directory().await?;
    let department = find(&directory, &id.0)?;
    let day = query.0.as_of.unwrap_or(call.today());
    call.one(
        department.version,
        &DepartmentView::new(department, &directory, day)?,
    )
}

fn find<'d>(directory: &'d Directory, id_or_code: &str) -> Result<&'d Organization> {
    directory
        .find_kind(Kind::Department, id_or_code)
        .ok_or_else(Problem::not_found)
}

/// Mend a department's record
///
/// By 市委统战部: credit code and place in lists. Names change by `rename`.
#[utoipa::path(
    tag = "directory",
    params(("id" = String, Path, description = "Id or code", example = "education", max_length = 64)),
    request_body = PatchDepartment,
    responses((status = 200, body = DepartmentView))
)]
#[patch("/api/v1/departments/{id}")]
async fn update_department(
    call: Call,
    id: Path<String>,
    body: Json<PatchDepartment>,
) -> Result<HttpResponse> {
    call.write(async |tx| {
        let directory = directory::load_locked(tx.conn).await?;
        let department = find(&directory, &id.0)?;
        let permit = call.caller.permit::<ops::UpdateDepartment>(department)?;
        tx.holds(department.updated_at);
        tx.matches(department.version)?;
        let before = DepartmentView::new(department, &directory, tx.today())?;
        queries::update(tx, &permit, before.id, &body.0).await?;
        finish(tx, &permit, "department.updated", before).await
    })
    .await
}

/// Rename a department
///
/// By 市委统战部. From a day on; the old name stays with what was done under it.
#[utoipa::path(
    tag = "directory",
    params(("id" = String, Path, description = "Id or code", example = "education", max_length = 64)),
    request_body = RenameOrganization,
    responses((status = 200, body = DepartmentView))
)]
#[post("/api/v1/departments/{id}/rename")]
async fn rename_department(
    call: Call,
    id: Path<String>,
    body: Json<RenameOrganization>,
) -> Result<HttpResponse> {
    call.write(async |tx| {
        let directory = directory::load_locked(tx.conn).await?;
        let (before, permit) = reforming::<ops::RenameDepartment>(&call, tx, &directory, &id.0)?;
        rename(tx, &permit, before.id, &body.0).await?;
        finish(tx, &permit, "department.renamed", before).await
    })
    .await
}

/// Merge a department into another
///
/// By 市委统战部. From that day the other acts on everything that is open.
#[utoipa::path(
    tag = "directory",
    params(("id" = String, Path, description = "Id or code", example = "financial-affairs", max_length = 64)),
    request_body = MergeDepartment,
    responses((status = 200, body = DepartmentView))
)]
#[post("/api/v1/departments/{id}/merge")]
async fn merge_department(call: Call, id: Path<String>, body: Json<MergeDepartment>) -> Result<HttpResponse> {
    call.write(async |tx| {
        let directory = directory::load_locked(tx.conn).await?;
        let on = body.0.effective_from.unwrap_or_else(|| tx.today());
        let successor = successor(&directory, &body.0.into, "/into", &id.0, on)?;
        let (before, permit) = reforming::<ops::MergeDepartment>(&call, tx, &directory, &id.0)?;
        let end = End {
            kind: EndKind::Merged,
            on,
            reason: body.0.reason.as_deref(),
            successor: Some(successor),
        };
        queries::end(tx, &permit, before.id, end).await?;
        end_appointments(tx, before.id).await?;
        finish(tx, &permit, "department.merged", before).await
    })
    .await
}

/// Abolish a department
///
/// By 市委统战部. While it has pairs in a scheme in force, problem reports that are not closed, meetings that are neither
/// concluded nor cancelled, suggestions that are open or commitments that it owes, it takes a successor.
#[utoipa::path(
    tag = "directory",
    params(("id" = String, Path, description = "Id or code", example = "financial-affairs", max_length = 64)),
    request_body = AbolishDepartment,
    responses((status = 200, body = DepartmentView))
)]
#[post("/api/v1/departments/{id}/abolish")]
async fn abolish_department(
    call: Call,
    id: Path<String>,
    body: Json<AbolishDepartment>,
) -> Result<HttpResponse> {
    call.write(async |tx| {
        let directory = directory::load_locked(tx.conn).await?;
        let on = body.0.effective_from.unwrap_or_else(|| tx.today());
        let named = body.0.successor.as_deref();
        let successor = named
            .map(|named| successor(&directory, named, "/successor", &id.0, on))
            .transpose()?;
        let (before, permit) = reforming::<ops::AbolishDepartment>(&call, tx, &directory, &id.0)?;
        if successor.is_none() {
            refuse_open_matters(tx, &directory, before.id, on).await?;
        }
        let end = End {
            kind: EndKind::Abolished,
            on,
            reason: body.0.reason.as_deref(),
            successor,
        };
        queries::end(tx, &permit, before.id, end).await?;
        end_appointments(tx, before.id).await?;
        finish(tx, &permit, "department.abolished", before).await
    })
    .await
}

/// Its leader goes with it, and nobody is asked for another.
async fn end_appointments(tx: &mut Tx<'_>, id: Uuid) -> Result<()> {
    liaison_leaders::queries::end_with_department(tx, id).await?;
    let done = Done {
        kinds: &[TodoKind::AppointLiaisonLeader, TodoKind::FillLiaisonVacancy],
        organization: None,
    };
    todos::close(tx, id, done).await
}

/// A department that a reform may still change, and the leave to do so: 404, 403 by relation, 412, 409.
fn reforming<O: Operation>(
    call: &Call,
    tx: &mut Tx<'_>,
    directory: &Directory,
    id_or_code: &str,
) -> Result<(DepartmentView, Permit<O>)> {
    let department = find(directory, id_or_code)?;
    let permit = call.caller.permit::<O>(department)?;
    tx.holds(department.updated_at);
    tx.matches(department.version)?;
    if department.ended_on.is_some() {
        return Err(Problem::new(Code::DepartmentEnded));
    }
    Ok((DepartmentView::new(department, directory, call.today())?, permit))
}

async fn read(tx: &mut Tx<'_>, id: Uuid) -> Result<(DepartmentView, i64)> {
    let directory = directory::load(tx.conn).await?;
    let department = directory.get(id).ok_or_else(Problem::not_found)?;
    Ok((
        DepartmentView::new(department, &directory, tx.today())?,
        department.version,
    ))
}

async fn finish<O: Operation>(
    tx: &mut Tx<'_>,
    permit: &Permit<O>,
    event: &'static str,
    before: DepartmentView,
) -> Result<Answer> {
    let (after, version) = read(tx, before.id).await?;
    tx.record(
        permit,
        Change::new(event, before.id, Some(&before), Some(&after))?,
    )
    .await?;
    Answer::ok(version, &after)
}

/// A department that stands on the day, and is not the one that ends.
fn successor(directory: &Directory, named: &str, pointer: &str, ending: &str, on: NaiveDate) -> Result<Uuid> {
    let ending = directory.find(ending).map(|ending| ending.id);
    directory
        .find_kind(Kind::Department, named)
        .filter(|found| Some(found.id) != ending && found.stands_on(on) && found.ended_on.is_none())
        .map(|found| found.id)
        .ok_or_else(|| Problem::invalid(vec![Fault::unknown_reference(pointer)]))
}

/// Without a successor nothing may be open: no pair in a scheme that is in force on the day or later, no problem report
/// that is not closed, no meeting that is convened and not over, no suggestion that it leads or joins in, nothing that it has
/// promised, no plan or report that waits for 市委统战部 or was returned.
async fn refuse_open_matters(tx: &mut Tx<'_>, directory: &Directory, id: Uuid, on: NaiveDate) -> Result<()> {
    let pairs = directory
        .schemes
        .iter()
        .filter(|scheme| scheme.is_published() && scheme.effective_until.is_none_or(|until| on < until))
        .flat_map(|scheme| &scheme.assignments)
        .filter(|pair| {
            directory
                .acting(pair.department_id, on)
                .is_some_and(|acting| acting.id == id)
        })
        .count();
    let represented = directory.represented_by(id, on);
    let reports = problem_reports::queries::open_of(tx, &represented).await?;
    let meetings = meetings::queries::open_of(tx, &represented).await?;
    let open_suggestions = suggestions::queries::open_of(tx, &represented).await?;
    let open_commitments = commitments::queries::open_of(tx, &represented).await?;
    let plans = work_plans::queries::open_of(tx, &represented).await?;
    let sent = work_reports::queries::open_of(tx, &represented).await?;
    let counts = [reports, meetings, open_suggestions, open_commitments, plans, sent];
    if pairs == 0 && counts.iter().all(|count| *count == 0) {
        Ok(())
    } else {
        Err(Problem::new(Code::SuccessorNeeded)
            .with("open_assignments", pairs)
            .with("open_problem_reports", reports)
            .with("open_meetings", meetings)
            .with("open_suggestions", open_suggestions)
            .with("open_commitments", open_commitments)
            .with("open_work_plans", plans)
            .with("open_work_reports", sent))
    }
}
