use super::diff::{DiffQuery, DiffView};
use super::model::{NewAssignments, NewScheme, PatchScheme, SchemeFilter, SchemeSort, SchemeView};
use super::policy::{is_visible, visible};
use super::queries::{self, pairs_of};
use super::{publish, references};
use crate::directory::model::Scheme;
use crate::directory::{self, Directory};
use crate::http::call::Call;
use crate::http::extract::{Empty, Id, Json, Path, Query};
use crate::http::idempotency::Answer;
use crate::http::negotiate::Format;
use crate::http::page::{Page, Paging};
use crate::http::registry::Registry;
use crate::policy::{Op, Operation, Permit, Reach, ops};
use crate::problem::{Code, Fault, Problem, Result};
use crate::resources::attachments::carriers::Carrier;
use crate::resources::attachments::queries::remove_all_of;
use crate::resources::organizations::model::AsOf;
use crate::resources::schemes::assignments::model::AssignmentView;
use crate::resources::{liaison_leaders, suggestions};
use crate::work::{Change, Tx};
use actix_web::{HttpResponse, delete, get, patch, post, put};
use uuid::Uuid;

pub fn configure(registry: &mut Registry) {
    registry
        .service(list_schemes)
        .service(create_scheme)
        .service(get_scheme)
        .service(update_scheme)
        .service(delete_scheme)
        .service(list_scheme_assignments)
        .service(replace_scheme_assignments)
        .service(diff_scheme)
        .service(publish_scheme);
}

/// List schemes
///
/// What is in force and what is to come, and for 市委统战部 its drafts; superseded ones with `include_ended` or by
/// `state`. `as_of` gives the one that was in force on a day.
#[utoipa::path(tag = "directory", params(Paging, SchemeFilter), responses((status = 200, body = Page<SchemeView>)))]
#[get("/api/v1/schemes")]
async fn list_schemes(
    call: Call,
    paging: Query<Paging>,
    filter: Query<SchemeFilter>,
) -> Result<HttpResponse> {
    let directory = call.directory().await?;
    let filter = filter.0;
    let day = filter.as_of.unwrap_or(call.today());
    let reach = call.reach();
    let views = directory
        .schemes
        .iter()
        .filter(|scheme| is_visible(scheme, reach) && filter.takes(scheme, day))
        .map(|scheme| SchemeView::new(scheme, day))
        .collect();
    let page = call
        .position(&paging.0)?
        .slice(views, |view| sort_key(view, filter.sort))?;
    call.list(&page).await
}

fn sort_key(view: &SchemeView, sort: SchemeSort) -> (i64, i64, Uuid) {
    use chrono::Datelike;
    let from = i64::from(view.effective_from.num_days_from_ce());
    match sort {
        SchemeSort::Latest => (-from, -view.created_at.timestamp_micros(), view.id),
        SchemeSort::Earliest => (from, view.created_at.timestamp_micros(), view.id),
        SchemeSort::NewestChange => (-view.updated_at.timestamp_micros(), 0, view.id),
    }
}

/// Draft a scheme
///
/// By 市委统战部, who alone sees it until it is published. `copy_from` takes over the pairs of another.
#[utoipa::path(tag = "directory", request_body = NewScheme, responses((status = 201, body = SchemeView)))]
#[post("/api/v1/schemes")]
async fn create_scheme(call: Call, body: Json<NewScheme>) -> Result<HttpResponse> {
    let permit = call.caller.permit_any::<ops::CreateScheme>()?;
    call.write(async |tx| {
        let directory = directory::load_locked(tx.conn).await?;
        let pairs = match body.0.copy_from {
            None => Vec::new(),
            Some(id) => pairs_of(
                visible(&directory, call.reach(), id)
                    .ok_or_else(|| Problem::invalid(vec![Fault::unknown_reference("/copy_from")]))?,
            ),
        };
        let id = queries::create(tx, &permit, &body.0, &pairs).await?;
        let (view, version) = read(tx, id).await?;
        let change = Change::new("scheme.created", id, None, Some(&view))?;
        tx.record(&permit, change.kept_quiet()).await?;
        Answer::created(format!("/api/v1/schemes/{id}"), version, &view)
    })
    .await
}

/// Get a scheme
///
/// A draft is there for 市委统战部 alone.
#[utoipa::path(
    tag = "directory",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = SchemeView))
)]
#[get("/api/v1/schemes/{id}")]
async fn get_scheme(call: Call, id: Path<Id>) -> Result<HttpResponse> {
    let directory = call.directory().await?;
    let scheme = visible(&directory, call.reach(), id.0.0).ok_or_else(Problem::not_found)?;
    call.one(scheme.version, &SchemeView::new(scheme, call.today()))
}

/// Edit a draft
///
/// By 市委统战部. A published scheme is never edited.
#[utoipa::path(
    tag = "directory",
    params(("id" = Uuid, Path)),
    request_body = PatchScheme,
    responses((status = 200, body = SchemeView))
)]
#[patch("/api/v1/schemes/{id}")]
async fn update_scheme(call: Call, id: Path<Id>, body: Json<PatchScheme>) -> Result<HttpResponse> {
    call.write(async |tx| {
        let directory = directory::load_locked(tx.conn).await?;
        let (scheme, permit) = draft::<ops::UpdateScheme>(&call, tx, &directory, id.0.0)?;
        queries::update(tx, &permit, scheme.id, &body.0).await?;
        let (after, version) = read(tx, scheme.id).await?;
        let before = SchemeView::new(scheme, tx.today());
        let change = Change::new("scheme.updated", scheme.id, Some(&before), Some(&after))?;
        tx.record(&permit, change.kept_quiet()).await?;
        Answer::ok(version, &after)
    })
    .await
}

/// Delete a draft
///
/// By 市委统战部. A published scheme stays.
#[utoipa::path(tag = "directory", params(("id" = Uuid, Path)), responses((status = 204)))]
#[delete("/api/v1/schemes/{id}")]
async fn delete_scheme(call: Call, id: Path<Id>) -> Result<HttpResponse> {
    call.write(async |tx| {
        let directory = directory::load_locked(tx.conn).await?;
        let (scheme, permit) = draft::<ops::DeleteScheme>(&call, tx, &directory, id.0.0)?;
        queries::delete(tx, &permit, scheme.id).await?;
        remove_all_of(tx, &permit, Carrier::Scheme, scheme.id).await?;
        let before = SchemeView::new(scheme, tx.today());
        let change = Change::new("scheme.deleted", scheme.id, Some(&before), None)?;
        tx.record(&permit, change.kept_quiet()).await?;
        Ok(Answer::nothing())
    })
    .await
}

/// List a scheme's pairs
///
/// In the order of the notice. The `ETag` is the scheme's.
#[utoipa::path(
    tag = "directory",
    params(("id" = Uuid, Path), Paging, AsOf),
    responses((status = 200, body = Page<AssignmentView>))
)]
#[get("/api/v1/schemes/{id}/assignments")]
async fn list_scheme_assignments(
    call: Call,
    id: Path<Id>,
    paging: Query<Paging>,
    query: Query<AsOf>,
) -> Result<HttpResponse> {
    let directory = call.directory().await?;
    let scheme = visible(&directory, call.reach(), id.0.0).ok_or_else(Problem::not_found)?;
    let views = AssignmentView::of_scheme(scheme, &directory, query.0.as_of.unwrap_or(call.today()))?;
    let page = call
        .position(&paging.0)?
        .slice(views, AssignmentView::by_department)?;
    match call.format() {
        Format::Json => call.page_of(scheme.version, &page),
        format => call.export_views(format, &page.items).await,
    }
}

/// Set a draft's pairs
///
/// By 市委统战部: these and no others. Every unknown or repeated one is named. Answers with all of them.
#[utoipa::path(
    tag = "directory",
    params(("id" = Uuid, Path)),
    request_body = NewAssignments,
    responses((status = 200, body = Page<AssignmentView>))
)]
#[put("/api/v1/schemes/{id}/assignments")]
async fn replace_scheme_assignments(
    call: Call,
    id: Path<Id>,
    body: Json<NewAssignments>,
) -> Result<HttpResponse> {
    call.write(async |tx| {
        let directory = directory::load_locked(tx.conn).await?;
        let pairs = references::pairs(&directory, &body.0)?;
        let (scheme, permit) = draft::<ops::ReplaceSchemeAssignments>(&call, tx, &directory, id.0.0)?;
        queries::replace_assignments(tx, &permit, scheme.id, &pairs).await?;
        let change = Change {
            before: Some(references::codes(&directory, &pairs_of(scheme))),
            after: Some(references::codes(&directory, &pairs)),
            ..Change::unannounced("scheme", scheme.id)
        };
        tx.record(&permit, change).await?;
        let directory = call.worker.directory_in(tx).await?;
        let scheme = directory.scheme(scheme.id).ok_or_else(Problem::not_found)?;
        let page = Page {
            items: AssignmentView::of_scheme(scheme, &directory, tx.today())?,
            next_cursor: None,
            total: None,
            total_is_capped: None,
        };
        Answer::ok(scheme.version, &page)
    })
    .await
}

/// Compare a scheme
///
/// With the one in force today, or another: pairs that it adds, removes, keeps, and those whose basis it changes.
#[utoipa::path(
    tag = "directory",
    params(("id" = Uuid, Path), DiffQuery),
    responses((status = 200, body = DiffView))
)]
#[get("/api/v1/schemes/{id}/diff")]
async fn diff_scheme(call: Call, id: Path<Id>, query: Query<DiffQuery>) -> Result<HttpResponse> {
    let directory = call.directory().await?;
    let reach = call.reach();
    let unknown = || Problem::invalid(vec![Fault::unknown_reference_in_query("against")]);
    let against = match query.0.against {
        Some(other) => Some(visible(&directory, reach, other).ok_or_else(unknown)?),
        None => directory.scheme_on(call.today()),
    };
    let scheme = visible(&directory, reach, id.0.0).ok_or_else(Problem::not_found)?;
    let mut diff = DiffView::new(&directory, scheme, against, call.today())?;
    if Op::GetLiaisonLeader.reach(&call.caller) != Reach::Never {
        let day = scheme.effective_from.max(call.today());
        let led = liaison_leaders::queries::departments_led(&*call.reads().await?, day).await?;
        diff = diff.with_leaders(&directory, scheme, &led, day)?;
    }
    // Counts alone, and all of them: for those who see every suggestion that is submitted.
    if Op::GetSuggestion.reach(&call.caller) == Reach::Issued {
        let open = suggestions::queries::open_by_pair(&*call.reads().await?).await?;
        diff = diff.with_suggestions(&directory, &open, call.today())?;
    }
    call.unversioned(&diff)
}

/// Publish a scheme
///
/// By 市委统战部. From its day of effect on it is in force, and the one before it no longer; it is never edited again.
#[utoipa::path(
    tag = "directory",
    params(("id" = Uuid, Path)),
    request_body = Empty,
    responses((status = 200, body = SchemeView))
)]
#[post("/api/v1/schemes/{id}/publish")]
async fn publish_scheme(call: Call, id: Path<Id>, _: Json<Empty>) -> Result<HttpResponse> {
    call.write(async |tx| {
        let directory = directory::load_locked(tx.conn).await?;
        let (scheme, permit) = permitted::<ops::PublishScheme>(&call, tx, &directory, id.0.0)?;
        let predecessor = publish::check(&directory, scheme)?;
        let ended = predecessor.map(|predecessor| predecessor.id);
        queries::publish(tx, &permit, scheme.id, scheme.effective_from, ended).await?;
        announce(tx, &permit, "scheme.published", scheme).await?;
        if let Some(predecessor) = predecessor {
            announce(tx, &permit, "scheme.superseded", predecessor).await?;
        }
        let (view, version) = read(tx, scheme.id).await?;
        Answer::ok(version, &view)
    })
    .await
}

async fn announce(
    tx: &mut Tx<'_>,
    permit: &Permit<ops::PublishScheme>,
    event: &'static str,
    before: &Scheme,
) -> Result<()> {
    let (after, _) = read(tx, before.id).await?;
    let before = SchemeView::new(before, tx.today());
    tx.record(permit, Change::new(event, after.id, Some(&before), Some(&after))?)
        .await
}

/// The scheme, and the leave to change it: 404, then 403 by relation, then 428 and 412.
fn permitted<'d, O: Operation>(
    call: &Call,
    tx: &mut Tx<'_>,
    directory: &'d Directory,
    id: Uuid,
) -> Result<(&'d Scheme, Permit<O>)> {
    let scheme = visible(directory, call.reach(), id).ok_or_else(Problem::not_found)?;
    let permit = call.caller.permit::<O>(scheme)?;
    tx.holds(scheme.updated_at);
    tx.matches(scheme.version)?;
    Ok((scheme, permit))
}

/// The same for an edit of a draft: then 409 for what is no draft any more.
fn draft<'d, O: Operation>(
    call: &Call,
    tx: &mut Tx<'_>,
    directory: &'d Directory,
    id: Uuid,
) -> Result<(&'d Scheme, Permit<O>)> {
    let (scheme, permit) = permitted(call, tx, directory, id)?;
    if scheme.is_published() {
        return Err(Problem::new(Code::SchemePublished));
    }
    Ok((scheme, permit))
}

async fn read(tx: &mut Tx<'_>, id: Uuid) -> Result<(SchemeView, i64)> {
    let directory = directory::load(tx.conn).await?;
    let scheme = directory.scheme(id).ok_or_else(Problem::not_found)?;
    Ok((SchemeView::new(scheme, tx.today()), scheme.version))
}
