use super::feed::{self, Frame};
use super::model::{CalendarFeedView, NewCalendarFeed};
use super::policy::Feed;
use super::{meetings, queries, secret};
use crate::directory::Directory;
use crate::http::call::Call;
use crate::http::extract::{Empty, Id, Json, Path, Query};
use crate::http::idempotency::Answer;
use crate::http::page::{ChangedSince, Page, Paging};
use crate::http::registry::Registry;
use crate::policy::{Operation, Permit, ops};
use crate::problem::{Problem, Result};
use crate::state::Worker;
use crate::work::Change;
use crate::work::Tx;
use actix_web::http::header;
use actix_web::{HttpResponse, delete, get, post, web};
use uuid::Uuid;

pub const MEDIA_TYPE: &str = "text/calendar; charset=utf-8";

pub fn configure(registry: &mut Registry) {
    registry
        .service(list_calendar_feeds)
        .service(create_calendar_feed)
        .service(get_calendar_feed)
        .service(rotate_calendar_feed)
        .service(delete_calendar_feed)
        .service(get_calendar);
}

/// List the caller's calendar feeds
///
/// The caller's own and that of its organization, where they have been made. Their addresses are not shown again.
#[utoipa::path(
    tag = "calendar",
    params(Paging, ChangedSince),
    responses((status = 200, body = Page<CalendarFeedView>))
)]
#[get("/api/v1/calendar-feeds")]
async fn list_calendar_feeds(
    call: Call,
    paging: Query<Paging>,
    since: Query<ChangedSince>,
) -> Result<HttpResponse> {
    let directory = call.directory().await?;
    let organization = call.caller.organization.as_ref().map(|own| own.id);
    let rows = queries::of(&*call.reads().await?, call.caller.user_id(), organization).await?;
    let views = rows.into_iter().map(|row| {
        let feed = Feed::seen_by(row, &call.caller)?;
        CalendarFeedView::new(&feed, &directory, call.today())
    });
    let mut views = views.collect::<Result<Vec<_>>>()?;
    views.retain(|view| since.0.takes(view.updated_at));
    call.page(&call.position(&paging.0)?.slice(views, |view| view.id)?)
}

/// Make a calendar feed
///
/// For the caller alone, or for its organization: one each. The address is in this answer, and never shown again; who has
/// lost it rotates it.
#[utoipa::path(
    tag = "calendar",
    request_body = NewCalendarFeed,
    responses((status = 201, body = CalendarFeedView))
)]
#[post("/api/v1/calendar-feeds")]
async fn create_calendar_feed(call: Call, body: Json<NewCalendarFeed>) -> Result<HttpResponse> {
    let permit = call.caller.permit_any::<ops::CreateCalendarFeed>()?;
    call.write(async |tx| {
        let directory = call.worker.directory_in(tx).await?;
        let secret = secret::new();
        let id = queries::insert(tx, &permit, body.0.scope, &secret).await?;
        let (feed, view) =
            recorded(&call, tx, &permit, "calendar_feed.created", &directory, None, id).await?;
        let shown = view.clone().with_address(address(&call, &secret)?);
        let location = format!("/api/v1/calendar-feeds/{id}");
        Answer::created(location, feed.row.version, &shown)?.keep_without(&view)
    })
    .await
}

fn address(call: &Call, secret: &str) -> Result<String> {
    let service = &call.worker.identity()?.address;
    Ok(format!("{service}/api/v1/calendar/{secret}.ics"))
}

/// Puts on record what was made of it; no other system has an interest in who subscribes.
async fn recorded<O: Operation>(
    call: &Call,
    tx: &mut Tx<'_>,
    permit: &Permit<O>,
    event: &'static str,
    directory: &Directory,
    before: Option<&CalendarFeedView>,
    id: Uuid,
) -> Result<(Feed, CalendarFeedView)> {
    let feed = Feed::seen_by(queries::get(tx.conn, id).await?, &call.caller)?;
    let view = CalendarFeedView::new(&feed, directory, call.today())?;
    let change = Change::new(event, id, before, Some(&view))?;
    tx.record(permit, change.kept_quiet()).await?;
    Ok((feed, view))
}

/// Get a calendar feed
///
/// The caller's own, or its organization's; without the address.
#[utoipa::path(
    tag = "calendar",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = CalendarFeedView))
)]
#[get("/api/v1/calendar-feeds/{id}")]
async fn get_calendar_feed(call: Call, id: Path<Id>) -> Result<HttpResponse> {
    let directory = call.directory().await?;
    let row = queries::get(&*call.reads().await?, id.0.0).await?;
    let feed = Feed::seen_by(row, &call.caller)?;
    let view = CalendarFeedView::new(&feed, &directory, call.today())?;
    call.one(feed.row.version, &view)
}

/// Give a calendar feed another address
///
/// The old one leads nowhere from then on. The new one is in this answer, and never shown again.
#[utoipa::path(
    tag = "calendar",
    params(("id" = Uuid, Path)),
    request_body = Empty,
    responses((status = 200, body = CalendarFeedView))
)]
#[post("/api/v1/calendar-feeds/{id}/rotate")]
async fn rotate_calendar_feed(call: Call, id: Path<Id>, _: Json<Empty>) -> Result<HttpResponse> {
    call.write(async |tx| {
        let directory = call.worker.directory_in(tx).await?;
        let before = Feed::seen_by(queries::get_locked(tx, id.0.0).await?, &call.caller)?;
        let permit = call.caller.permit::<ops::RotateCalendarFeed>(&before)?;
        tx.matches(before.row.version)?;
        let secret = secret::new();
        queries::rotate(tx, &permit, before.row.id, &secret).await?;
        let was = CalendarFeedView::new(&before, &directory, call.today())?;
        let (feed, view) = recorded(
            &call,
            tx,
            &permit,
            "calendar_feed.rotated",
            &directory,
            Some(&was),
            before.row.id,
        )
        .await?;
        let shown = view.clone().with_address(address(&call, &secret)?);
        Answer::ok(feed.row.version, &shown)?.keep_without(&view)
    })
    .await
}

/// Remove a calendar feed
///
/// Its address leads nowhere from then on.
#[utoipa::path(tag = "calendar", params(("id" = Uuid, Path)), responses((status = 204)))]
#[delete("/api/v1/calendar-feeds/{id}")]
async fn delete_calendar_feed(call: Call, id: Path<Id>) -> Result<HttpResponse> {
    call.write(async |tx| {
        let directory = call.worker.directory_in(tx).await?;
        let feed = Feed::seen_by(queries::get_locked(tx, id.0.0).await?, &call.caller)?;
        let permit = call.caller.permit::<ops::DeleteCalendarFeed>(&feed)?;
        tx.matches(feed.row.version)?;
        queries::delete(tx, &permit, feed.row.id).await?;
        let was = CalendarFeedView::new(&feed, &directory, call.today())?;
        let change = Change::new("calendar_feed.deleted", feed.row.id, Some(&was), None)?;
        tx.record(&permit, change.kept_quiet()).await?;
        Ok(Answer::nothing())
    })
    .await
}

/// Subscribe to a calendar
///
/// For calendar programs, without a token: whoever knows the address reads. The meetings that the organization hosts or is
/// invited to since the beginning of last year, as iCalendar (RFC 5545): times in Asia/Shanghai, a stable `UID`, a `SEQUENCE` that rises
/// with each change, `STATUS:CANCELLED` for what was called off, `TENTATIVE` for what the organization has not accepted or declined. A consultation in
/// writing is the whole day on which opinions end. No person is named in it. Query parameters are ignored.
#[utoipa::path(
    tag = "calendar",
    params(("secret" = String, Path, example = "VmVyeS1zZWNyZXQtYW5kLW5vdC1mb3ItdXNlLWFueXdoZXI", max_length = 200)),
    responses((status = 200, body = String, content_type = "text/calendar", example = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n"))
)]
#[get("/api/v1/calendar/{secret}.ics")]
async fn get_calendar(worker: web::Data<Worker>, secret: Path<String>) -> Result<HttpResponse> {
    let today = crate::clock::shanghai_day(worker.clock.now());
    let directory = worker.directory().await?;
    let reads = worker.reads.for_export().await?;
    let (scope, organization) = queries::organization_of(&reads, &secret.0).await?;
    let organization = directory
        .get(organization)
        .filter(|organization| organization.stands_on(today))
        .ok_or_else(Problem::not_found)?;
    let own = directory.represented_by(organization.id, today);
    let frame = Frame {
        scope,
        organization: &organization.name_on(today).name,
        public_url: &worker.identity()?.address,
        today,
    };
    let text = feed::write(&frame, &meetings::of(&reads, &own, today).await?, &directory)?;
    // Kept, but asked for again each time: rights are those of the moment.
    Ok(HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "private, no-cache"))
        .content_type(MEDIA_TYPE)
        .body(text))
}
