use super::model::{NewContact, NewParty, PartyFilter, PartySort, PartyView, PatchParty};
use super::policy::Disclosure;
use super::queries;
use crate::directory::model::{Kind, Organization};
use crate::directory::{self, Directory};
use crate::http::call::Call;
use crate::http::extract::{Json, Path, Query};
use crate::http::idempotency::Answer;
use crate::http::page::{Page, Paging};
use crate::http::registry::Registry;
use crate::http::several::Several;
use crate::policy::{Operation, Permit, ops};
use crate::problem::{Problem, Result};
use crate::resources::organizations::model::{AsOf, RenameOrganization, mentions};
use crate::resources::organizations::queries::{NewOrganization, create, rename};
use crate::work::Change;
use crate::work::Tx;
use actix_web::{HttpResponse, get, patch, post, put};
use uuid::Uuid;

pub fn configure(registry: &mut Registry) {
    registry
        .service(list_parties)
        .service(create_party)
        .service(get_party)
        .service(update_party)
        .service(rename_party)
        .service(replace_party_contact);
}

/// List parties
///
/// Those that stand today, in the order of the notice; `as_of` asks for another day.
#[utoipa::path(tag = "directory", params(Paging, PartyFilter), responses((status = 200, body = Page<PartyView>)))]
#[get("/api/v1/parties")]
async fn list_parties(call: Call, paging: Query<Paging>, filter: Query<PartyFilter>) -> Result<HttpResponse> {
    let directory = call.directory().await?;
    let filter = filter.0;
    let day = filter.as_of.unwrap_or(call.today());
    let views = directory
        .of_kind(Kind::Party)
        .filter(|one| one.stands_on(day) || filter.include_ended)
        .filter(|one| one.party_kind.is_some_and(|kind| filter.kind.take(&kind)))
        .filter(|one| filter.q.as_ref().is_none_or(|words| mentions(one, words)))
        .map(|one| PartyView::new(one, day, disclosure(&call, one, &directory)))
        .collect::<Result<Vec<_>>>()?;
    let views = views.into_iter();
    let views = views.filter(|view| filter.updated_since.is_none_or(|since| view.updated_at >= since));
    let views = views.collect();
    let page = call
        .position(&paging.0)?
        .slice(views, |view| sort_key(view, filter.sort))?;
    let shown = page.items.iter().filter_map(|view| directory.get(view.id));
    let read: Vec<Uuid> = shown
        .filter(|party| is_read(&call, party, &directory))
        .map(|party| party.id)
        .collect();
    call.record_read("party", &read).await?;
    call.list(&page).await
}

fn sort_key(view: &PartyView, sort: PartySort) -> (i64, String, Uuid) {
    match sort {
        PartySort::Position => (view.position.into(), String::new(), view.id),
        PartySort::Code => (0, view.code.clone(), view.id),
        PartySort::NewestChange => (-view.updated_at.timestamp_micros(), String::new(), view.id),
    }
}

fn disclosure(call: &Call, party: &Organization, directory: &Directory) -> Disclosure {
    Disclosure::of(&call.caller, party, directory, call.today())
}

/// Whether the caller gets another's phone whole, which is put on record.
fn is_read(call: &Call, party: &Organization, directory: &Directory) -> bool {
    party.contact.phone.is_some()
        && !call.caller.is_of(party.id)
        && disclosure(call, party, directory) == Disclosure::Whole
}

/// Establish a party
///
/// By 市委统战部. Its pairs come with a new scheme.
#[utoipa::path(tag = "directory", request_body = NewParty, responses((status = 201, body = PartyView)))]
#[post("/api/v1/parties")]
async fn create_party(call: Call, body: Json<NewParty>) -> Result<HttpResponse> {
    let permit = call.caller.permit_any::<ops::CreateParty>()?;
    let new = &body.0;
    call.write(async |tx| {
        directory::load_locked(tx.conn).await?;
        let party = NewOrganization {
            kind: Kind::Party,
            code: &new.code,
            name: &new.name,
            short_name: &new.short_name,
            party_kind: Some(new.kind),
            social_credit_code: None,
            established_on: new.established_on,
            position: new.position,
        };
        let id = create(tx, &permit, party).await?;
        let directory = call.worker.directory_in(tx).await?;
        let party = directory.get(id).ok_or_else(Problem::not_found)?;
        let view = PartyView::new(party, tx.today(), Disclosure::Masked)?;
        tx.record(&permit, Change::new("party.created", id, None, Some(&view))?)
            .await?;
        Answer::created(format!("/api/v1/parties/{id}"), party.version, &view)
    })
    .await
}

/// Get a party
///
/// By id or code.
#[utoipa::path(
    tag = "directory",
    params(("id" = String, Path, description = "Id or code", example = "minmeng", max_length = 64), AsOf),
    responses((status = 200, body = PartyView))
)]
#[get("/api/v1/parties/{id}")]
async fn get_party(call: Call, id: Path<String>, query: Query<AsOf>) -> Result<HttpResponse> {
    let directory = call.directory().await?;
    let party = find(&directory, &id.0)?;
    let day = query.0.as_of.unwrap_or(call.today());
    let view = PartyView::new(party, day, disclosure(&call, party, &directory))?;
    if is_read(&call, party, &directory) {
        call.record_read("party", &[party.id]).await?;
    }
    call.one(party.version, &view)
}

fn find<'d>(directory: &'d Directory, id_or_code: &str) -> Result<&'d Organization> {
    directory
        .find_kind(Kind::Party, id_or_code)
        .ok_or_else(Problem::not_found)
}

/// Mend a party's record
///
/// By 市委统战部: kind and place in lists. Names change by `rename`, the contact by `contact`.
#[utoipa::path(
    tag = "directory",
    params(("id" = String, Path, description = "Id or code", example = "minmeng", max_length = 64)),
    request_body = PatchParty,
    responses((status = 200, body = PartyView))
)]
#[patch("/api/v1/parties/{id}")]
async fn update_party(call: Call, id: Path<String>, body: Json<PatchParty>) -> Result<HttpResponse> {
    call.write(async |tx| {
        let before = directory::load_locked(tx.conn).await?;
        let party = find(&before, &id.0)?;
        let permit = call.caller.permit::<ops::UpdateParty>(party)?;
        tx.holds(party.updated_at);
        tx.matches(party.version)?;
        queries::update(tx, &permit, party.id, &body.0).await?;
        finish(&call, tx, &permit, "party.updated", party).await
    })
    .await
}

/// Rename a party
///
/// By 市委统战部. From a day on; the old name stays with what was done under it.
#[utoipa::path(
    tag = "directory",
    params(("id" = String, Path, description = "Id or code", example = "minmeng", max_length = 64)),
    request_body(content = RenameOrganization),
    responses((status = 200, body = PartyView))
)]
#[post("/api/v1/parties/{id}/rename")]
async fn rename_party(call: Call, id: Path<String>, body: Json<RenameOrganization>) -> Result<HttpResponse> {
    call.write(async |tx| {
        let before = directory::load_locked(tx.conn).await?;
        let party = find(&before, &id.0)?;
        let permit = call.caller.permit::<ops::RenameParty>(party)?;
        tx.holds(party.updated_at);
        tx.matches(party.version)?;
        rename(tx, &permit, party.id, &body.0).await?;
        finish(&call, tx, &permit, "party.renamed", party).await
    })
    .await
}

/// Say whom to call
///
/// By the party itself, or 市委统战部 for it. Who reads the phone whole, and who masked, stands with `PartyContact`.
#[utoipa::path(
    tag = "directory",
    params(("id" = String, Path, description = "Id or code", example = "minmeng", max_length = 64)),
    request_body = NewContact,
    responses((status = 200, body = PartyView))
)]
#[put("/api/v1/parties/{id}/contact")]
async fn replace_party_contact(call: Call, id: Path<String>, body: Json<NewContact>) -> Result<HttpResponse> {
    call.write(async |tx| {
        let before = directory::load_locked(tx.conn).await?;
        let party = find(&before, &id.0)?;
        let permit = call.caller.permit::<ops::ReplacePartyContact>(party)?;
        tx.holds(party.updated_at);
        tx.matches(party.version)?;
        queries::replace_contact(tx, &permit, party.id, &body.0.contact()).await?;
        finish(&call, tx, &permit, "party.contact_replaced", party).await
    })
    .await
}

/// The record and the answer. What is put on record and announced has its phone masked: both are read by others than the
/// caller, auditors among them.
async fn finish<O: Operation>(
    call: &Call,
    tx: &mut Tx<'_>,
    permit: &Permit<O>,
    event: &'static str,
    before: &Organization,
) -> Result<Answer> {
    let today = tx.today();
    let directory = call.worker.directory_in(tx).await?;
    let after = directory.get(before.id).ok_or_else(Problem::not_found)?;
    let masked = |party| PartyView::new(party, today, Disclosure::Masked);
    let change = Change::new(event, before.id, Some(&masked(before)?), Some(&masked(after)?))?;
    tx.record(permit, change).await?;
    let view = PartyView::new(after, today, disclosure(call, after, &directory))?;
    Answer::ok(after.version, &view)
}
