use super::model::{NotificationFilter, NotificationPage, ReadNotifications};
use super::queries::{self, Reader, Scope};
use crate::http::call::Call;
use crate::http::extract::{Empty, Id, Json, Path, Query};
use crate::http::idempotency::Answer;
use crate::http::page::Paging;
use crate::http::registry::Registry;
use crate::policy::ops;
use crate::problem::{Problem, Result};
use crate::work::Change;
use actix_web::{HttpResponse, get, post};

pub fn configure(registry: &mut Registry) {
    registry
        .service(list_notifications)
        .service(read_all_notifications)
        .service(read_notification);
}

/// What I was told
///
/// The newest first; `unread_count` is over all of it, whatever the filters. What the caller's organization was told, and what
/// concerns the account itself.
#[utoipa::path(
    tag = "attention",
    params(Paging, NotificationFilter),
    responses((status = 200, body = NotificationPage))
)]
#[get("/api/v1/notifications")]
async fn list_notifications(
    call: Call,
    paging: Query<Paging>,
    filter: Query<NotificationFilter>,
) -> Result<HttpResponse> {
    let scope = Scope {
        reader: Reader::of(&call.caller),
        filter: filter.0,
    };
    let directory = call.directory().await?;
    let page = call.page_of_list(&scope, &paging.0, directory).await?;
    let unread_count = match scope.reader {
        None => 0,
        Some(reader) => queries::unread(&*call.reads().await?, reader).await?,
    };
    let view = NotificationPage {
        items: page.items,
        next_cursor: page.next_cursor,
        total: page.total,
        total_is_capped: page.total_is_capped,
        unread_count,
    };
    call.listing(view.next_cursor.as_deref(), &view)
}

/// Mark a notification as read
///
/// For the caller alone; once more changes nothing.
#[utoipa::path(
    tag = "attention",
    params(("id" = Uuid, Path)),
    request_body = Empty,
    responses((status = 204))
)]
#[post("/api/v1/notifications/{id}/read")]
async fn read_notification(call: Call, id: Path<Id>, _: Json<Empty>) -> Result<HttpResponse> {
    let permit = call.caller.permit_any::<ops::ReadNotification>()?;
    let reader = Reader::of(&call.caller).ok_or_else(Problem::not_found)?;
    call.write(async |tx| {
        if queries::read(tx, &permit, reader, id.0.0).await? {
            tx.record(&permit, Change::unannounced("notification", id.0.0))
                .await?;
        } else {
            tx.changes_nothing();
        }
        Ok(Answer::nothing())
    })
    .await
}

/// Mark all notifications as read
///
/// For the caller alone.
#[utoipa::path(tag = "attention", request_body = Empty, responses((status = 200, body = ReadNotifications)))]
#[post("/api/v1/notifications/read-all")]
async fn read_all_notifications(call: Call, _: Json<Empty>) -> Result<HttpResponse> {
    let permit = call.caller.permit_any::<ops::ReadAllNotifications>()?;
    let (user, reader) = call
        .caller
        .user_id()
        .zip(Reader::of(&call.caller))
        .ok_or_else(Problem::not_found)?;
    call.write(async |tx| {
        let read = queries::read_all(tx, &permit, reader).await?;
        tx.record(&permit, Change::unannounced("user", user)).await?;
        Answer::ok(0, &ReadNotifications { read })
    })
    .await
}
