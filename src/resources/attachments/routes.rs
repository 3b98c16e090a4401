use super::carriers::{Carrier, Hold, Paper, Rights};
use super::content;
use super::model::{
    AttachmentFilter, AttachmentRow, AttachmentSort, AttachmentView, NewAttachment, type_mismatch,
};
use super::queries::{self, NewFile, Shelf, subject_of};
use crate::directory;
use crate::files::inspect::inspect;
use crate::files::spool::Received;
use crate::http::call::Call;
use crate::http::extract::{self, Id, Path, Query};
use crate::http::idempotency::Answer;
use crate::http::multipart::Upload;
use crate::http::page::{Page, Paging};
use crate::http::registry::Registry;
use crate::policy::{Permit, ops};
use crate::problem::{Code, Fault, Problem, Result};
use crate::resources::carriers;
use crate::resources::suggestions::steps::signing;
use crate::work::{Change, Tx};
use crate::workflow::step::Context;
use actix_web::{HttpResponse, delete, get, post};
use diesel_async::AsyncPgConnection;
use serde_json::json;
use std::cell::Cell;
use uuid::Uuid;

pub fn configure(registry: &mut Registry) {
    registry
        .service(list_attachments)
        .service(create_attachment)
        .service(get_attachment)
        .service(list_attachment_versions)
        .service(get_attachment_content)
        .service(delete_attachment);
}

/// List attachments
///
/// Of one record that the caller sees: the current version of each, with `include_ended` superseded ones too.
#[utoipa::path(
    tag = "attachments",
    params(Paging, AttachmentFilter),
    responses((status = 200, body = Page<AttachmentView>))
)]
#[get("/api/v1/attachments")]
async fn list_attachments(
    call: Call,
    paging: Query<Paging>,
    filter: Query<AttachmentFilter>,
) -> Result<HttpResponse> {
    let filter = filter.0;
    let reads = call.reads().await?;
    let (carrier, subject) = (filter.subject_type, filter.subject_id);
    carriers::rights(carrier, &reads, &call.caller, call.today(), subject, Hold::No)
        .await?
        .ok_or_else(|| Problem::invalid(vec![Fault::unknown_reference_in_query("subject_id")]))?;
    let until = carriers::seen_until(carrier, &reads, &call.caller, call.today(), subject).await?;
    let shelf = Shelf::of(&reads, carrier, subject).await?.until(until);
    let wanted = shelf
        .rows()
        .iter()
        .filter(|row| filter.include_ended || shelf.is_current(row));
    let mut views = views(&call, &shelf, wanted).await?;
    views.retain(|view| filter.updated_since.is_none_or(|since| view.updated_at >= since));
    let page = call.position(&paging.0)?.slice(views, |view| {
        let at = view.created_at.timestamp_micros();
        match filter.sort {
            AttachmentSort::Oldest => (at, view.id.as_u128() as i128),
            AttachmentSort::Newest => (-at, !view.id.as_u128() as i128),
        }
    })?;
    call.page(&page)
}

async fn views<'s>(
    call: &Call,
    shelf: &Shelf,
    rows: impl Iterator<Item = &'s AttachmentRow>,
) -> Result<Vec<AttachmentView>> {
    let directory = call.directory().await?;
    rows.map(|row| shelf.view(row, &directory, call.today()))
        .collect()
}

/// Upload an attachment
///
/// By whoever may change the record that it hangs on. The parts of the form stand in this order: those of text, then
/// `file`. The type is decided by the content, and the name must fit it. With `replaces` it becomes the next version of what
/// the caller's own organization has attached; the version before stays readable.
#[utoipa::path(
    tag = "attachments",
    request_body(content = NewAttachment, content_type = "multipart/form-data"),
    responses((status = 201, body = AttachmentView))
)]
#[post("/api/v1/attachments")]
async fn create_attachment(call: Call, upload: Upload<NewAttachment>) -> Result<HttpResponse> {
    let Upload { form, file } = upload;
    // Before a byte of the file is received: who may not attach fills no disk.
    admit(&call, &*call.reads().await?, &form, Hold::No).await?;
    let files = &call.worker.files;
    let account = call.caller.user_id();
    let account = account.ok_or_else(|| Problem::new(Code::Unauthenticated))?;
    let _place = files.begin_upload(account, call.origin().address.as_deref())?;
    files.prove(&call.worker.db).await?;
    let received = file.receive(&files.spool).await?;
    let new = describe(&call, &form, &received).await?;
    files.store.put(new.object_key, received).await?;
    let named = Cell::new(false);
    let answer = call
        .write(async |tx| {
            named.set(false);
            let (permit, rights, shelf) = admit(&call, tx.conn, &form, Hold::Yes).await?;
            let (version, changed_at) = new.carrier.mark(tx.conn, new.subject).await?;
            tx.holds(changed_at);
            tx.matches(version)?;
            let replaced = form.replaces.and_then(|id| shelf.find(id));
            queries::create(tx, &permit, &new, replaced).await?;
            signed_again(&call, tx, (new.carrier, new.subject)).await?;
            let (view, version) = read(tx, new.carrier, new.subject, new.id).await?;
            record(
                tx,
                &permit,
                rights,
                Change::new("attachment.added", new.id, None, Some(&view))?,
            )
            .await?;
            named.set(true);
            Answer::created(format!("/api/v1/attachments/{}", new.id), version, &view)
        })
        .await;
    if !named.get() {
        // An answer that was only given again, or a refusal. Where a row may have been committed the sweep looks first.
        if let Err(problem) = files.store.delete(new.object_key).await {
            tracing::warn!(%problem, "a file that nothing names stays until the sweep");
        }
    }
    answer
}

/// What is asked for can be done: 422 for what the caller cannot see, 403 for what it only sees, 409 for what is past.
async fn admit(
    call: &Call,
    conn: &AsyncPgConnection,
    form: &NewAttachment,
    hold: Hold,
) -> Result<(Permit<ops::CreateAttachment>, Rights, Shelf)> {
    let (carrier, subject) = (form.subject_type, form.subject_id);
    let rights = carriers::rights(carrier, conn, &call.caller, call.today(), subject, hold).await?;
    let rights = rights.ok_or_else(|| Problem::invalid(vec![Fault::unknown_reference("/subject_id")]))?;
    let shelf = Shelf::of(conn, carrier, subject).await?;
    let replaced = match form.replaces {
        None => None,
        Some(id) => Some(
            shelf
                .find(id)
                .ok_or_else(|| Problem::invalid(vec![Fault::unknown_reference("/replaces")]))?,
        ),
    };
    let permit = call.caller.permit(&rights)?;
    if let Some(row) = replaced {
        let paper = Paper::new(rights, row, &directory::load(conn).await?, call.today());
        call.caller.permit::<ops::CreateAttachment>(&paper)?;
        if !shelf.is_current(row) {
            return Err(Problem::new(Code::AttachmentSuperseded));
        }
    }
    Ok((permit, rights, shelf))
}

/// What a file is, once it has come in; also what a repetition under an `Idempotency-Key` is known by.
async fn describe(call: &Call, form: &NewAttachment, received: &Received) -> Result<NewFile> {
    let kind = inspect(received, "/file").await?;
    if !kind.fits(&form.file) {
        return Err(type_mismatch());
    }
    let (carrier, subject) = (form.subject_type, form.subject_id);
    let content = json!([carrier, subject, form.replaces, form.file, received.sha256]).to_string();
    extract::set_digest(&call.worker, &call.request, content.as_bytes());
    Ok(NewFile {
        id: Uuid::now_v7(),
        // Nothing of it can be guessed from the attachment's own identifier.
        object_key: Uuid::new_v4(),
        carrier,
        subject,
        file_name: form.file.clone(),
        kind,
        size: received.size,
        sha256: received.sha256,
    })
}

/// Get an attachment
///
/// What is known of it; `content` has its bytes.
#[utoipa::path(
    tag = "attachments",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = AttachmentView))
)]
#[get("/api/v1/attachments/{id}")]
async fn get_attachment(call: Call, id: Path<Id>) -> Result<HttpResponse> {
    let reads = call.reads().await?;
    let (shelf, _) = visible(&call, &reads, id.0.0, Hold::No).await?;
    let row = shelf.find(id.0.0).ok_or_else(Problem::not_found)?;
    let view = shelf.view(row, &*call.directory().await?, call.today())?;
    call.one(row.version, &view)
}

/// List an attachment's versions
///
/// The first one first, whichever of them is asked about.
#[utoipa::path(
    tag = "attachments",
    params(("id" = Uuid, Path), Paging),
    responses((status = 200, body = Page<AttachmentView>))
)]
#[get("/api/v1/attachments/{id}/versions")]
async fn list_attachment_versions(call: Call, id: Path<Id>, paging: Query<Paging>) -> Result<HttpResponse> {
    let reads = call.reads().await?;
    let (shelf, _) = visible(&call, &reads, id.0.0, Hold::No).await?;
    let row = shelf.find(id.0.0).ok_or_else(Problem::not_found)?;
    let views = views(&call, &shelf, shelf.chain(row.chain_id)).await?;
    let page = call
        .position(&paging.0)?
        .slice(views, |view| view.version_number)?;
    call.page(&page)
}

/// Download an attachment
///
/// The bytes as they were uploaded. One range may be asked for (`Range`, `If-Range`); the `ETag` is the SHA-256 of the file.
#[utoipa::path(tag = "attachments", params(("id" = Uuid, Path)), responses((status = 200)))]
#[get("/api/v1/attachments/{id}/content")]
async fn get_attachment_content(call: Call, id: Path<Id>) -> Result<HttpResponse> {
    let reads = call.reads().await?;
    let (shelf, rights) = visible(&call, &reads, id.0.0, Hold::No).await?;
    let row = shelf.find(id.0.0).ok_or_else(Problem::not_found)?;
    let answer = content::answer(&call, row).await?;
    if rights.personal {
        call.record_read("attachment", &[row.id]).await?;
    }
    Ok(answer)
}

/// Remove an attachment
///
/// By the organization that attached it, while the record that it hangs on is a draft; on a problem report until the answer,
/// on a communication until the reply. What was submitted, sent, signed or concluded keeps its papers. This version alone; the
/// one before it, where there is one, is current again. Its bytes are kept for some days, out of reach.
#[utoipa::path(tag = "attachments", params(("id" = Uuid, Path)), responses((status = 204)))]
#[delete("/api/v1/attachments/{id}")]
async fn delete_attachment(call: Call, id: Path<Id>) -> Result<HttpResponse> {
    call.write(async |tx| {
        let (shelf, rights) = visible(&call, tx.conn, id.0.0, Hold::Yes).await?;
        let row = shelf.find(id.0.0).ok_or_else(Problem::not_found)?;
        let directory = call.worker.directory_in(tx).await?;
        let paper = Paper::new(rights, row, &directory, tx.today());
        let permit = call.caller.permit::<ops::DeleteAttachment>(&paper)?;
        tx.matches(row.version)?;
        paper.removable()?;
        let before = shelf.view(row, &directory, tx.today())?;
        queries::remove(tx, &permit, row.id, shelf.neighbours(row)).await?;
        signed_again(&call, tx, (row.subject_type, row.subject_id)).await?;
        let mut change = Change::new("attachment.removed", row.id, Some(&before), None)?;
        // Who hears of it has to know whose it was.
        change.after = Some(json!({ "id": row.id, "subject": before.subject }));
        record(tx, &permit, rights, change).await?;
        Ok(Answer::nothing())
    })
    .await
}

/// All that hangs on the same record as an attachment, and what the caller may do with it.
///
/// # Errors
/// 404 where there is no such attachment, or the caller does not see what it hangs on.
async fn visible(call: &Call, conn: &AsyncPgConnection, id: Uuid, hold: Hold) -> Result<(Shelf, Rights)> {
    let (carrier, subject) = subject_of(conn, id).await?.ok_or_else(Problem::not_found)?;
    let rights = carriers::rights(carrier, conn, &call.caller, call.today(), subject, hold).await?;
    let rights = rights.ok_or_else(Problem::not_found)?;
    let until = carriers::seen_until(carrier, conn, &call.caller, call.today(), subject).await?;
    Ok((Shelf::of(conn, carrier, subject).await?.until(until), rights))
}

/// Papers of a suggestion are part of what is signed: who has signed the draft signs again.
async fn signed_again(call: &Call, tx: &mut Tx<'_>, (carrier, subject): (Carrier, Uuid)) -> Result<()> {
    if carrier != Carrier::Suggestion {
        return Ok(());
    }
    let directory = call.worker.directory_in(tx).await?;
    // Only read: signatures have no term, and the suggestion's row is held already.
    let timing = call.worker.timing.read(tx.conn).await?;
    let ground = Context {
        directory: &directory,
        timing: &timing,
    };
    signing::after_papers(tx, ground, subject).await
}

async fn record<O: crate::policy::Operation>(
    tx: &mut Tx<'_>,
    permit: &Permit<O>,
    rights: Rights,
    change: Change,
) -> Result<()> {
    let change = if rights.announced {
        change
    } else {
        change.kept_quiet()
    };
    tx.record(permit, change).await
}

async fn read(tx: &mut Tx<'_>, carrier: Carrier, subject: Uuid, id: Uuid) -> Result<(AttachmentView, i64)> {
    let shelf = Shelf::of(tx.conn, carrier, subject).await?;
    let row = shelf.find(id).ok_or_else(Problem::not_found)?;
    let directory = directory::load(tx.conn).await?;
    Ok((shelf.view(row, &directory, tx.today())?, row.version))
}
