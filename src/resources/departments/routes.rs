use super::model::{
    AbolishDepartment, AsOf, DepartmentFilter, DepartmentSort, DepartmentView, MergeDepartment,
    NewDepartment, PatchDepartment, RenameDepartment,
};
use super::queries::{self, End};
use crate::db::transaction::Tx;
use crate::directory::model::{EndKind, Kind, Organization};
use crate::directory::{self, Directory};
use crate::events::Change;
use crate::http::call::Call;
use crate::http::catalogue::Code;
use crate::http::etag;
use crate::http::extract::{Json, Path, Query};
use crate::http::idempotency::Answer;
use crate::http::page::{Page, Paging};
use crate::http::problem::{Fault, Problem, Result};
use crate::policy::{Operation, Permit, ops};
use actix_web::{HttpResponse, get, patch, post};
use chrono::NaiveDate;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub fn configure(config: &mut ServiceConfig) {
    config
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
    let directory = call.worker.directory().await?;
    let filter = filter.0;
    let day = filter.as_of.unwrap_or(call.today());
    let views = directory
        .of_kind(Kind::Department)
        .filter(|one| one.stands_on(day) || filter.include_ended)
        .filter(|one| filter.updated_since.is_none_or(|since| one.updated_at >= since))
        .filter(|one| filter.q.as_ref().is_none_or(|words| mentions(one, words)))
        .map(|one| DepartmentView::new(one, &directory, day))
        .collect::<Result<Vec<_>>>()?;
    let sort = filter.sort;
    let page = call
        .position(&paging.0)?
        .slice(views, |view| sort_key(view, sort))?;
    call.page(&page)
}

fn mentions(organization: &Organization, words: &str) -> bool {
    organization.code.contains(words)
        || organization
            .names
            .iter()
            .any(|name| name.name.contains(words) || name.short_name.contains(words))
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
    call.write(async |tx| {
        let id = queries::create(tx, &permit, &body.0).await?;
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
    let directory = call.worker.directory().await?;
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
        let (before, permit) = locked::<ops::UpdateDepartment>(&call, tx, &id.0, true).await?;
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
    request_body = RenameDepartment,
    responses((status = 200, body = DepartmentView))
)]
#[post("/api/v1/departments/{id}/rename")]
async fn rename_department(
    call: Call,
    id: Path<String>,
    body: Json<RenameDepartment>,
) -> Result<HttpResponse> {
    call.write(async |tx| {
        let (before, permit) = locked::<ops::RenameDepartment>(&call, tx, &id.0, false).await?;
        refuse_ended(&before)?;
        let RenameDepartment {
            name,
            short_name,
            effective_from,
            reason,
        } = &body.0;
        let from = effective_from.unwrap_or_else(|| tx.today());
        queries::rename(tx, &permit, before.id, name, short_name, from, reason.as_deref()).await?;
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
        let (before, permit) = locked::<ops::MergeDepartment>(&call, tx, &id.0, false).await?;
        refuse_ended(&before)?;
        let on = body.0.effective_from.unwrap_or_else(|| tx.today());
        let successor = successor(tx, &body.0.into, "/into", before.id, on).await?;
        let reason = body.0.reason.as_deref();
        let end = End {
            kind: EndKind::Merged,
            on,
            reason,
            successor: Some(successor),
        };
        queries::end(tx, &permit, before.id, end).await?;
        finish(tx, &permit, "department.merged", before).await
    })
    .await
}

/// Abolish a department
///
/// By 市委统战部. While it has pairs in a scheme in force, it takes a successor.
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
        let (before, permit) = locked::<ops::AbolishDepartment>(&call, tx, &id.0, false).await?;
        refuse_ended(&before)?;
        let on = body.0.effective_from.unwrap_or_else(|| tx.today());
        let successor = match &body.0.successor {
            Some(named) => Some(successor(tx, named, "/successor", before.id, on).await?),
            None => {
                refuse_open_matters(tx, before.id, on).await?;
                None
            }
        };
        let reason = body.0.reason.as_deref();
        queries::end(
            tx,
            &permit,
            before.id,
            End {
                kind: EndKind::Abolished,
                on,
                reason,
                successor,
            },
        )
        .await?;
        finish(tx, &permit, "department.abolished", before).await
    })
    .await
}

/// The department as the transaction finds it, locked, and the leave to change it. In the order of API.md: 404, 403 by
/// relation, then `If-Match` where the method needs it.
async fn locked<O: Operation>(
    call: &Call,
    tx: &mut Tx<'_>,
    id_or_code: &str,
    precondition: bool,
) -> Result<(DepartmentView, Permit<O>)> {
    // Over the transaction's own connection: to wait for another of the pool while holding one could wait for ever.
    let id = queries::lock(tx, id_or_code).await?;
    let directory = directory::load(tx.conn).await?;
    let department = directory.get(id).ok_or_else(Problem::not_found)?;
    let permit = call.caller.permit::<O>(department)?;
    if precondition {
        etag::require_match(&call.request, department.version)?;
    }
    Ok((DepartmentView::new(department, &directory, tx.today())?, permit))
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

fn refuse_ended(department: &DepartmentView) -> Result<()> {
    match department.ended_on {
        None => Ok(()),
        Some(_) => Err(Problem::new(Code::DepartmentEnded)),
    }
}

/// A department that stands on the day, and is not the one that ends.
async fn successor(tx: &mut Tx<'_>, named: &str, pointer: &str, ending: Uuid, on: NaiveDate) -> Result<Uuid> {
    let directory = directory::load(tx.conn).await?;
    directory
        .find_kind(Kind::Department, named)
        .filter(|found| found.id != ending && found.stands_on(on) && found.ended_on.is_none())
        .map(|found| found.id)
        .ok_or_else(|| Problem::invalid(vec![Fault::unknown_reference(pointer)]))
}

/// Without a successor nothing may be open: no pair in a scheme that is in force on the day or later.
async fn refuse_open_matters(tx: &mut Tx<'_>, id: Uuid, on: NaiveDate) -> Result<()> {
    let directory = directory::load(tx.conn).await?;
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
    if pairs == 0 {
        Ok(())
    } else {
        Err(Problem::new(Code::SuccessorNeeded).with("open_assignments", pairs))
    }
}
