use super::content::Content;
use super::model::{
    CorrectLiaisonLeader, LiaisonLeaderFilter, LiaisonLeaderSort, LiaisonLeaderView, NewLiaisonLeader,
    ReceiptView, ReceiptsView, RequestCompletion, Row, VersionView, VersionsView,
};
use super::policy::{Appointment, Disclosure};
use super::{queries, report};
use crate::directory::{Directory, model::Kind};
use crate::http::call::Call;
use crate::http::extract::{Empty, Id, Json, Path, Query};
use crate::http::idempotency::Answer;
use crate::http::page::{Page, Paging};
use crate::http::registry::Registry;
use crate::policy::ops;
use crate::problem::{Fault, Problem, Result};
use crate::resources::organizations::model as organizations;
use crate::text::fold;
use crate::workflow::deadlines::{self, Deadlines};
use crate::workflow::step::Aggregate;
use actix_web::{HttpResponse, get, post};
use chrono::NaiveDate;
use uuid::Uuid;

pub fn configure(registry: &mut Registry) {
    registry
        .service(list_liaison_leaders)
        .service(create_liaison_leader)
        .service(get_liaison_leader)
        .service(correct_liaison_leader)
        .service(request_liaison_leader_completion)
        .service(acknowledge_liaison_leader)
        .service(list_liaison_leader_receipts)
        .service(list_liaison_leader_versions)
        .service(list_liaison_leader_deadlines);
}

/// Whether the caller gets another's mobile or e-mail address whole, which is put on record.
fn is_read(call: &Call, appointment: &Appointment, directory: &Directory) -> bool {
    appointment.content().is_personal()
        && !appointment.is_of(&call.caller)
        && appointment.disclosure(&call.caller, directory, call.today()) == Disclosure::Whole
}

/// List liaison leaders
///
/// Those in office today, by department; `as_of` asks for another day, `include_ended=true` for the whole history with
/// what lies ahead. Who reads mobiles and e-mail addresses whole, and who masked, stands with `LiaisonContact`.
#[utoipa::path(
    tag = "liaison-leaders",
    params(Paging, LiaisonLeaderFilter),
    responses((status = 200, body = Page<LiaisonLeaderView>))
)]
#[get("/api/v1/liaison-leaders")]
async fn list_liaison_leaders(
    call: Call,
    paging: Query<Paging>,
    filter: Query<LiaisonLeaderFilter>,
) -> Result<HttpResponse> {
    let (directory, filter) = (call.directory().await?, filter.0);
    let day = filter.as_of.unwrap_or(call.today());
    let departments = departments(&directory, &filter, day)?;
    let waiting_for = directory.all_named("waiting_for", &filter.waiting_for, |_| true)?;
    let reads = call.reads().await?;
    let since = directory.since(filter.updated_since, call.today());
    let of = (departments.as_deref(), waiting_for.as_deref());
    let mut rows = queries::list(&reads, &filter, day, of, since).await?;
    if !filter.include_ended {
        // One that was to begin later than its department ended never does.
        let stands = |id| {
            directory
                .get(id)
                .is_none_or(|department| department.ended_on.is_none_or(|end| day < end))
        };
        rows.retain(|row| stands(row.department_id));
    }
    if let Some(words) = &filter.q {
        let speaking = queries::with_contact_named(&reads, words).await?;
        rows.retain(|row| mentions(row, words, &directory) || speaking.contains(&row.id));
    }
    let place = |id| directory.get(id).map_or(0, |department| department.position);
    let mut page = call
        .position(&paging.0)?
        .slice(rows, |row| sort_key(row, filter.sort, place(row.department_id)))?;
    let appointments = queries::with_parts(&reads, page.take_items(), &directory, call.today()).await?;
    let read = appointments.iter().filter(|one| is_read(&call, one, &directory));
    call.record_read("liaison_leader", &read.map(|one| one.row.id).collect::<Vec<_>>())
        .await?;
    let views = appointments.iter().map(|appointment| {
        let mut view = LiaisonLeaderView::for_caller(&call.caller, appointment, &directory, call.today())?;
        // Whoever asks for a day gets the names of that day.
        view.department = directory.reference(appointment.row.department_id, day)?;
        Ok(view)
    });
    let page = page.with(views.collect::<Result<_>>()?);
    call.list(&page).await
}

/// One order for all: what is greatest first is negated.
fn sort_key(row: &Row, sort: LiaisonLeaderSort, place: i32) -> (i64, i64, Uuid) {
    use chrono::Datelike;
    let newest = -i64::from(row.effective_from.num_days_from_ce());
    match sort {
        LiaisonLeaderSort::Department => (place.into(), newest, row.id),
        LiaisonLeaderSort::Newest => (newest, place.into(), row.id),
        LiaisonLeaderSort::NewestReport => (-row.reported_at.timestamp_micros(), 0, row.id),
        LiaisonLeaderSort::NewestChange => (-row.updated_at.timestamp_micros(), 0, row.id),
    }
}

fn mentions(row: &Row, words: &str, directory: &Directory) -> bool {
    let contains = |text: &Option<String>| text.as_deref().is_some_and(|text| fold::mentions(text, words));
    contains(&row.leader_name)
        || contains(&row.office_name)
        || directory
            .get(row.department_id)
            .is_some_and(|department| organizations::mentions(department, words))
}

/// The departments that the filters leave; none: all.
fn departments(
    directory: &Directory,
    filter: &LiaisonLeaderFilter,
    day: NaiveDate,
) -> Result<Option<Vec<Uuid>>> {
    let [asked, parties] = directory.sets_named([
        ("department", &filter.department, Some(Kind::Department)),
        ("party", &filter.party, Some(Kind::Party)),
    ])?;
    let Some(parties) = parties else {
        return Ok(asked);
    };
    let liaises = |id| parties.iter().any(|party| directory.are_linked(id, *party, day));
    let linked = directory.linked_departments(day).into_iter();
    Ok(Some(
        linked
            .map(|one| one.id)
            .filter(|id| liaises(*id))
            .filter(|id| asked.as_ref().is_none_or(|asked| asked.contains(id)))
            .collect(),
    ))
}

/// Report a liaison leader
///
/// By the department, or 市委统战部 where nobody can act for it (代录), of which it is told. A change is a new appointment: it ends the one before on its day, whether
/// that day is past, today or ahead. 市委统战部 and every party that liaises with the department on that day are told in
/// the same transaction, and acknowledge.
#[utoipa::path(
    tag = "liaison-leaders",
    request_body = NewLiaisonLeader,
    responses((status = 201, body = LiaisonLeaderView))
)]
#[post("/api/v1/liaison-leaders")]
async fn create_liaison_leader(call: Call, body: Json<NewLiaisonLeader>) -> Result<HttpResponse> {
    call.write_in(async |tx, context| {
        let directory = context.directory;
        let department = match (&body.0.department, &call.caller.organization) {
            (Some(named), _) => directory.find_kind(Kind::Department, named),
            (None, Some(own)) => directory.get(own.id).filter(|own| own.kind == Kind::Department),
            (None, None) => None,
        };
        let department =
            department.ok_or_else(|| Problem::invalid(vec![Fault::unknown_reference("/department")]))?;
        let permit = call.caller.permit::<ops::CreateLiaisonLeader>(department)?;
        let content = body.0.content();
        let id = report::report(tx, &permit, directory, context.timing, department, &content).await?;
        let after = queries::get(tx.conn, id, directory, tx.today()).await?;
        Appointment::record(
            tx,
            &permit,
            "liaison_leader.reported",
            directory,
            (None, Some(&after)),
        )
        .await?;
        let view = LiaisonLeaderView::for_caller(&call.caller, &after, directory, call.today())?;
        Answer::created(format!("/api/v1/liaison-leaders/{id}"), after.row.version, &view)
    })
    .await
}

/// Get a liaison leader
///
/// One appointment, in office, former or ahead.
#[utoipa::path(
    tag = "liaison-leaders",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = LiaisonLeaderView))
)]
#[get("/api/v1/liaison-leaders/{id}")]
async fn get_liaison_leader(call: Call, id: Path<Id>) -> Result<HttpResponse> {
    let directory = call.directory().await?;
    let appointment = queries::get(&*call.reads().await?, id.0.0, &directory, call.today()).await?;
    if is_read(&call, &appointment, &directory) {
        call.record_read("liaison_leader", &[appointment.row.id]).await?;
    }
    let view = LiaisonLeaderView::for_caller(&call.caller, &appointment, &directory, call.today())?;
    call.one(appointment.row.version, &view)
}

/// Correct what was reported
///
/// By the department, or 市委统战部 where nobody can act for it. What is not said stays; the old version is kept, and who was told is told again.
/// A request for completion is settled by it.
#[utoipa::path(
    tag = "liaison-leaders",
    params(("id" = Uuid, Path)),
    request_body = CorrectLiaisonLeader,
    responses((status = 200, body = LiaisonLeaderView))
)]
#[post("/api/v1/liaison-leaders/{id}/correct")]
async fn correct_liaison_leader(
    call: Call,
    id: Path<Id>,
    body: Json<CorrectLiaisonLeader>,
) -> Result<HttpResponse> {
    let event = "liaison_leader.corrected";
    call.step::<ops::CorrectLiaisonLeader, Appointment>(id.0.0, event, async |tx, permit, step| {
        let content = body.0.apply(&step.before.content())?;
        report::correct(tx, permit, step, &content, &body.0.reason).await
    })
    .await
}

/// Ask for completion
///
/// By 市委统战部, which cannot refuse a report: the department completes it by `correct`.
#[utoipa::path(
    tag = "liaison-leaders",
    params(("id" = Uuid, Path)),
    request_body = RequestCompletion,
    responses((status = 200, body = LiaisonLeaderView))
)]
#[post("/api/v1/liaison-leaders/{id}/request-completion")]
async fn request_liaison_leader_completion(
    call: Call,
    id: Path<Id>,
    body: Json<RequestCompletion>,
) -> Result<HttpResponse> {
    let event = "liaison_leader.completion_requested";
    call.step::<ops::RequestLiaisonLeaderCompletion, Appointment>(id.0.0, event, async |tx, permit, step| {
        report::ask_for_completion(tx, permit, step, &body.0.text).await
    })
    .await
}

/// Acknowledge a liaison leader
///
/// 签收, by 市委统战部 and each party that was told. The appointment takes effect on its day whatever the receipts say.
#[utoipa::path(
    tag = "liaison-leaders",
    params(("id" = Uuid, Path)),
    request_body = Empty,
    responses((status = 200, body = LiaisonLeaderView))
)]
#[post("/api/v1/liaison-leaders/{id}/acknowledge")]
async fn acknowledge_liaison_leader(call: Call, id: Path<Id>, _: Json<Empty>) -> Result<HttpResponse> {
    let event = "liaison_leader.acknowledged";
    call.step::<ops::AcknowledgeLiaisonLeader, Appointment>(id.0.0, event, report::acknowledge)
        .await
}

/// Who was told, and who has acknowledged
///
/// For the two offices, the department itself and the organizations that were told.
#[utoipa::path(
    tag = "liaison-leaders",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = ReceiptsView))
)]
#[get("/api/v1/liaison-leaders/{id}/receipts")]
async fn list_liaison_leader_receipts(call: Call, id: Path<Id>) -> Result<HttpResponse> {
    let directory = call.directory().await?;
    let appointment = queries::get(&*call.reads().await?, id.0.0, &directory, call.today()).await?;
    call.caller
        .permit::<ops::ListLiaisonLeaderReceipts>(&appointment)?;
    let version = appointment.row.version;
    let receipts = appointment.receipts.into_iter();
    let items = receipts
        .map(|receipt| ReceiptView::new(receipt, &directory, call.today()))
        .collect::<Result<_>>()?;
    call.one(version, &ReceiptsView { items })
}

/// What it said before it was corrected
///
/// Masked as the appointment itself is.
#[utoipa::path(
    tag = "liaison-leaders",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = VersionsView))
)]
#[get("/api/v1/liaison-leaders/{id}/versions")]
async fn list_liaison_leader_versions(call: Call, id: Path<Id>) -> Result<HttpResponse> {
    let directory = call.directory().await?;
    let reads = call.reads().await?;
    let appointment = queries::get(&reads, id.0.0, &directory, call.today()).await?;
    let disclosure = appointment.disclosure(&call.caller, &directory, call.today());
    let rows = queries::versions(&reads, appointment.row.id).await?;
    let mut personal = false;
    let mut items = Vec::with_capacity(rows.len());
    for row in rows {
        let content: Content = serde_json::from_value(row.content).map_err(Problem::internal)?;
        personal |= content.is_personal();
        items.push(VersionView {
            version_number: row.version_number,
            content: content.shown(disclosure),
            replaced_at: row.replaced_at,
            replaced_by: row.replaced_by,
            reason: row.reason,
        });
    }
    if personal && disclosure == Disclosure::Whole && !appointment.is_of(&call.caller) {
        call.record_read("liaison_leader", &[appointment.row.id]).await?;
    }
    call.one(appointment.row.version, &VersionsView { items })
}

/// The deadlines of a liaison leader, explained
///
/// Who has to do what by when: start, rule, days that were skipped and why, and why a day was moved.
#[utoipa::path(
    tag = "liaison-leaders",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = Deadlines))
)]
#[get("/api/v1/liaison-leaders/{id}/deadlines")]
async fn list_liaison_leader_deadlines(call: Call, id: Path<Id>) -> Result<HttpResponse> {
    let (directory, timing) = (call.directory().await?, call.worker.timing().await?);
    let reads = call.reads().await?;
    let appointment = queries::get(&reads, id.0.0, &directory, call.today()).await?;
    call.caller
        .permit::<ops::ListLiaisonLeaderDeadlines>(&appointment)?;
    let mut deadlines =
        deadlines::of_subject(&reads, &directory, &timing, appointment.row.id, call.today()).await?;
    let reported = report::report_deadline(&appointment, &directory, &timing, call.today())?;
    deadlines.items.insert(0, reported);
    call.unversioned(&deadlines)
}
