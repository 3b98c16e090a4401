use super::model::{
    BulletinFilter, BulletinView, NewBulletin, PatchBulletin, ReceiptView, ReceiptsView, SendBulletin,
    WithdrawBulletin,
};
use super::policy::Bulletin;
use super::queries::{self, Content, Scope};
use super::{recipients, steps};
use crate::directory::Directory;
use crate::directory::model::{Kind, Organization};
use crate::http::call::Call;
use crate::http::extract::{Empty, Id, Json, Path, Query};
use crate::http::idempotency::Answer;
use crate::http::page::{Page, Paging};
use crate::http::registry::Registry;
use crate::policy::{Reach, ops};
use crate::problem::{Code, Problem, Result};
use crate::resources::attachments::carriers::Carrier;
use crate::resources::attachments::queries::remove_all_of;
use crate::resources::organizations::on_behalf::is_on_behalf;
use crate::workflow::step::{Aggregate, leave};
use actix_web::{HttpResponse, delete, get, patch, post};
use uuid::Uuid;

pub fn configure(registry: &mut Registry) {
    registry
        .service(list_bulletins)
        .service(create_bulletin)
        .service(get_bulletin)
        .service(update_bulletin)
        .service(delete_bulletin)
        .service(send_bulletin)
        .service(acknowledge_bulletin)
        .service(withdraw_bulletin)
        .service(list_bulletin_receipts);
}

/// List bulletins
///
/// The newest first: what the caller's organization has sent or drafted, and what was sent to it; for 市委统战部 whatever was
/// sent.
#[utoipa::path(
    tag = "bulletins",
    params(Paging, BulletinFilter),
    responses((status = 200, body = Page<BulletinView>))
)]
#[get("/api/v1/bulletins")]
async fn list_bulletins(
    call: Call,
    paging: Query<Paging>,
    filter: Query<BulletinFilter>,
) -> Result<HttpResponse> {
    let directory = call.directory().await?;
    let scope = scope(&call, &directory, filter.0)?;
    call.listed(scope, &paging.0, directory).await
}

fn view(call: &Call, bulletin: &Bulletin, directory: &Directory) -> Result<BulletinView> {
    BulletinView::for_caller(&call.caller, bulletin, directory)
}

/// Whose are asked for, as far as the caller reaches.
fn scope(call: &Call, directory: &Directory, filter: BulletinFilter) -> Result<Scope> {
    let [senders, recipients] = directory.sets_named([
        ("sender", &filter.sender, None),
        ("recipient", &filter.recipient, None),
    ])?;
    Ok(Scope {
        senders,
        recipients,
        since: directory.since(filter.updated_since, call.today()),
        filter,
        own: directory.own(&call.caller, call.today()),
        all_sent: call.reach() != Reach::Own,
    })
}

/// Draft a bulletin
///
/// By a department, a party or 市委统战部, which alone see it until it is sent; 市委统战部 also for an organization that nobody
/// can act for (代录), of which that is told. It goes to those that are named, or, where none
/// is, to all that liaise with the sender on the day of sending; whoever stands outside the assignment is marked as such.
#[utoipa::path(
    tag = "bulletins",
    request_body = NewBulletin,
    responses((status = 201, body = BulletinView))
)]
#[post("/api/v1/bulletins")]
async fn create_bulletin(call: Call, body: Json<NewBulletin>) -> Result<HttpResponse> {
    let permit = call.caller.permit_any::<ops::CreateBulletin>()?;
    call.write_in(async |tx, context| {
        let directory = context.directory;
        let own = own(&call, directory)?;
        let sender = match &body.0.sender {
            None => Some(own),
            Some(named) => directory.find(named).filter(|one| can_send(one)),
        };
        let id = Uuid::now_v7();
        let to = recipients::named(directory, sender, &body.0.recipients, tx.today())?;
        let sender = sender.ok_or_else(Problem::not_found)?;
        let on_behalf = is_on_behalf(tx, &call.caller, sender.id).await?;
        if !on_behalf && sender.id != own.id {
            return Err(Problem::new(Code::NotYours));
        }
        if !sender.stands_on(tx.today()) {
            return Err(Problem::new(Code::DepartmentEnded));
        }
        let content = Content {
            category: body.0.category,
            title: &body.0.title,
            text: &body.0.text,
            to_linked: to.is_empty(),
            recipients: &recipients::rows(directory, sender, id, &to, tx.today()),
        };
        queries::insert(tx, &permit, id, (sender, on_behalf), &content).await?;
        let after = queries::get(tx.conn, id, directory, tx.today()).await?;
        Bulletin::record(tx, &permit, "bulletin.drafted", directory, (None, Some(&after))).await?;
        let location = format!("/api/v1/bulletins/{id}");
        Answer::created(location, after.row.version, &view(&call, &after, directory)?)
    })
    .await
}

fn can_send(organization: &Organization) -> bool {
    organization.kind != Kind::GovernmentOffice
}

/// The caller's own organization.
fn own<'d>(call: &Call, directory: &'d Directory) -> Result<&'d Organization> {
    let own = call.caller.organization.as_ref();
    own.and_then(|own| directory.get(own.id))
        .ok_or_else(|| Problem::new(Code::RoleNotAllowed))
}

/// Get a bulletin
///
/// For the sender, and once it is sent for its recipients and 市委统战部; for all others it does not exist. Reading it is no
/// receipt: `acknowledge` is.
#[utoipa::path(
    tag = "bulletins",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = BulletinView))
)]
#[get("/api/v1/bulletins/{id}")]
async fn get_bulletin(call: Call, id: Path<Id>) -> Result<HttpResponse> {
    let directory = call.directory().await?;
    let bulletin = queries::get(&*call.reads().await?, id.0.0, &directory, call.today())
        .await?
        .seen_by(&call.caller)?;
    call.one(bulletin.row.version, &view(&call, &bulletin, &directory)?)
}

/// Edit a draft
///
/// By its sender. What was sent is never edited.
#[utoipa::path(
    tag = "bulletins",
    params(("id" = Uuid, Path)),
    request_body = PatchBulletin,
    responses((status = 200, body = BulletinView))
)]
#[patch("/api/v1/bulletins/{id}")]
async fn update_bulletin(call: Call, id: Path<Id>, body: Json<PatchBulletin>) -> Result<HttpResponse> {
    call.write_in(async |tx, context| {
        let directory = context.directory;
        let sender = own(&call, directory)?;
        let named = match &body.0.recipients {
            Some(names) => Some(recipients::named(directory, Some(sender), names, tx.today())?),
            None => None,
        };
        let before = Bulletin::hold(tx, &id.0.0, directory).await?;
        let permit = leave::<ops::UpdateBulletin>(tx, &before)?;
        let row = &before.row;
        let (to_linked, to) = match named {
            Some(named) => (named.is_empty(), named),
            None if row.to_linked => (true, Vec::new()),
            None => (
                false,
                before.recipients.iter().map(|one| one.organization_id).collect(),
            ),
        };
        let content = Content {
            category: body.0.category.unwrap_or(before.row.category),
            title: body.0.title.as_ref().unwrap_or(&row.title),
            text: body.0.text.as_ref().unwrap_or(&row.text),
            to_linked,
            recipients: &recipients::rows(directory, sender, row.id, &to, tx.today()),
        };
        queries::update(tx, &permit, row.id, &content).await?;
        let after = before.reread(tx, directory).await?;
        let both = (Some(&before), Some(&after));
        Bulletin::record(tx, &permit, "bulletin.updated", directory, both).await?;
        Answer::ok(after.row.version, &view(&call, &after, directory)?)
    })
    .await
}

/// Delete a draft
///
/// By its sender, with what hangs on it. What was sent stays.
#[utoipa::path(tag = "bulletins", params(("id" = Uuid, Path)), responses((status = 204)))]
#[delete("/api/v1/bulletins/{id}")]
async fn delete_bulletin(call: Call, id: Path<Id>) -> Result<HttpResponse> {
    let event = "bulletin.deleted";
    call.delete::<ops::DeleteBulletin, Bulletin>(id.0.0, event, async |tx, permit, step| {
        queries::delete(tx, permit, step.before.row.id).await?;
        remove_all_of(tx, permit, Carrier::Bulletin, step.before.row.id).await
    })
    .await
}

/// Send a bulletin
///
/// By its sender, who declares that nothing in it is classified. The recipients are told, and have it to acknowledge.
#[utoipa::path(
    tag = "bulletins",
    params(("id" = Uuid, Path)),
    request_body = SendBulletin,
    responses((status = 200, body = BulletinView))
)]
#[post("/api/v1/bulletins/{id}/send")]
async fn send_bulletin(call: Call, id: Path<Id>, _: Json<SendBulletin>) -> Result<HttpResponse> {
    call.step::<ops::SendBulletin, Bulletin>(id.0.0, "bulletin.sent", steps::send)
        .await
}

/// Acknowledge a bulletin
///
/// 签收, by each recipient, once.
#[utoipa::path(
    tag = "bulletins",
    params(("id" = Uuid, Path)),
    request_body = Empty,
    responses((status = 200, body = BulletinView))
)]
#[post("/api/v1/bulletins/{id}/acknowledge")]
async fn acknowledge_bulletin(call: Call, id: Path<Id>, _: Json<Empty>) -> Result<HttpResponse> {
    call.step::<ops::AcknowledgeBulletin, Bulletin>(id.0.0, "bulletin.acknowledged", steps::acknowledge)
        .await
}

/// Withdraw a bulletin
///
/// By its sender, with the reason. It stays readable to whoever got it, and says that it no longer holds; nobody has to
/// acknowledge it any longer.
#[utoipa::path(
    tag = "bulletins",
    params(("id" = Uuid, Path)),
    request_body = WithdrawBulletin,
    responses((status = 200, body = BulletinView))
)]
#[post("/api/v1/bulletins/{id}/withdraw")]
async fn withdraw_bulletin(call: Call, id: Path<Id>, body: Json<WithdrawBulletin>) -> Result<HttpResponse> {
    call.step::<ops::WithdrawBulletin, Bulletin>(id.0.0, "bulletin.withdrawn", async |tx, permit, step| {
        steps::withdraw(tx, permit, step, &body.0).await
    })
    .await
}

/// Who was told, and who has acknowledged
///
/// For whoever sees the bulletin. Of a draft: to whom it would go today.
#[utoipa::path(
    tag = "bulletins",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = ReceiptsView))
)]
#[get("/api/v1/bulletins/{id}/receipts")]
async fn list_bulletin_receipts(call: Call, id: Path<Id>) -> Result<HttpResponse> {
    let directory = call.directory().await?;
    let bulletin = queries::get(&*call.reads().await?, id.0.0, &directory, call.today())
        .await?
        .seen_by(&call.caller)?;
    let receipts = bulletin.recipients.iter();
    let items = receipts
        .map(|one| ReceiptView::new(one, &directory, bulletin.day()))
        .collect::<Result<_>>()?;
    call.one(bulletin.row.version, &ReceiptsView { items })
}
