use super::counts::{self, CountsView};
use super::found::{self, Sought};
use super::input::{NewSuggestion, PatchSuggestion};
use super::list::{self, Scope, SuggestionFilter};
use super::model::SuggestionState;
use super::order::{SuggestionOrder, SuggestionSort};
use super::policy::{Dossier, Suggestion};
use super::steps::{changed, drafting};
use super::timeline::{self, Sight, TimelineView};
use super::view::{ListedView, RepliesView, ReplyView, SuggestionView, reads_opinions};
use super::{queries, step_routes};
use crate::directory::Directory;
use crate::directory::model::Kind;
use crate::http::call::Call;
use crate::http::extract::{Id, Json, Path, Query};
use crate::http::idempotency::Answer;
use crate::http::negotiate::Format;
use crate::http::page::{Page, Paging};
use crate::http::registry::Registry;
use crate::policy::ops;
use crate::problem::{Problem, Result};
use crate::search::documents::{self, Hit};
use crate::workflow::deadlines::{self, Deadlines};
use actix_web::{HttpResponse, delete, get, patch, post};
use diesel_async::AsyncPgConnection;
use std::collections::HashMap;
use std::sync::Arc;
use uuid::Uuid;

pub fn configure(registry: &mut Registry) {
    registry
        .service(list_suggestions)
        .service(count_suggestions)
        .service(create_suggestion)
        .service(get_suggestion)
        .service(update_suggestion)
        .service(delete_suggestion)
        .service(get_suggestion_timeline)
        .service(list_suggestion_deadlines)
        .service(list_suggestion_replies)
        .configure(step_routes::configure);
}

/// List suggestions
///
/// The newest first. A party sees its own, drafts included, and those that it was asked to sign; a department those that it
/// leads or joins in, and what it led before as it was then; the two offices all that are submitted.
///
/// With `q` and no `sort` the best hits come first: own drafts, then of the newest 1,000 hits those with the words in the title, in
/// what the party wrote, in the answers. Parties do not read joint opinions, and nobody finds anything by them.
#[utoipa::path(
    tag = "suggestions",
    params(Paging, SuggestionFilter, SuggestionOrder),
    responses((status = 200, body = Page<ListedView>))
)]
#[get("/api/v1/suggestions")]
async fn list_suggestions(
    call: Call,
    paging: Query<Paging>,
    filter: Query<SuggestionFilter>,
    order: Query<SuggestionOrder>,
) -> Result<HttpResponse> {
    let directory = call.directory().await?;
    let sort = order.0.sort;
    let mut scope = Scope::new(&call, &directory, filter.0, sort.unwrap_or_default())?;
    // A search takes longer than the shared connection may be held up.
    let own = match &scope.filter.q {
        Some(typed) => {
            let own = call.worker.db.get().await?;
            scope.sought = Some(Sought::new(&own, &scope.part, typed).await?);
            Some(own)
        }
        None => None,
    };
    match (own, call.format()) {
        (Some(mut own), Format::Json) if sort.is_none() => {
            best(&call, &mut own, &paging.0, &scope, directory).await
        }
        (Some(own), Format::Json) => {
            let page = call.page_over(&own, &scope, &paging.0, directory).await?;
            call.page(&page)
        }
        _ => call.listed(scope, &paging.0, directory).await,
    }
}

/// A page of the hits of a search, the best first.
async fn best(
    call: &Call,
    conn: &mut AsyncPgConnection,
    paging: &Paging,
    scope: &Scope,
    directory: Arc<Directory>,
) -> Result<HttpResponse> {
    let position = call.position::<documents::Key>(paging)?;
    let after = position.after;
    let top = after.and_then(|(.., top)| top);
    let mut hits = found::ranked(conn, &call.worker.newest, scope, top.and_then(documents::place)).await?;
    let top = top.or(documents::newest_of(&hits));
    let total = hits.len();
    if let Some((rank, at, id, _)) = after {
        hits.retain(|hit| hit.key(None) < (rank, at, id, None));
    }
    hits.truncate(position.limit + 1);
    let ids: Vec<Uuid> = hits.iter().map(|hit| hit.id).collect();
    let mut known: HashMap<Uuid, Suggestion> = HashMap::new();
    for one in list::some(conn, scope, &ids, &directory).await? {
        known.insert(one.head.id, one);
    }
    // What is found is seen, but for what has changed hands just now.
    let found = hits
        .into_iter()
        .filter_map(|hit| Some((known.remove(&hit.id)?, hit)));
    let mut page = position.page(found.collect(), Some(total), |(_, hit): &(Suggestion, Hit)| {
        hit.key(top)
    })?;
    let found = page.take_items().into_iter().map(|(one, _)| one).collect();
    let views = list::views(conn, scope, &call.viewer(directory), found).await?;
    call.page(&page.with(views))
}

/// Count suggestions
///
/// For tabs: by state, overdue and the other filters, over what the list would show with the same filters. What a former lead has
/// handed over is not counted for it.
#[utoipa::path(
    tag = "suggestions",
    params(SuggestionFilter),
    responses((status = 200, body = CountsView))
)]
#[get("/api/v1/suggestions/counts")]
async fn count_suggestions(call: Call, filter: Query<SuggestionFilter>) -> Result<HttpResponse> {
    let directory = call.directory().await?;
    let mut scope = Scope::new(&call, &directory, filter.0, SuggestionSort::Newest)?;
    // A figure by state asks what became of each.
    scope.sort = SuggestionSort::NewestChange;
    let counts = match &scope.filter.q {
        Some(typed) => {
            let own = call.worker.db.get().await?;
            scope.sought = Some(Sought::new(&own, &scope.part, typed).await?);
            counts::counts(&own, &scope).await?
        }
        None => counts::counts(&*call.reads().await?, &scope).await?,
    };
    call.unversioned(&counts)
}

/// Draft a suggestion
///
/// By a party, for itself. Nobody else sees it but the joint parties, once they are asked to sign.
#[utoipa::path(
    tag = "suggestions",
    request_body = NewSuggestion,
    responses((status = 201, body = SuggestionView))
)]
#[post("/api/v1/suggestions")]
async fn create_suggestion(call: Call, body: Json<NewSuggestion>) -> Result<HttpResponse> {
    let permit = call.caller.permit_any::<ops::CreateSuggestion>()?;
    // Not held: a draft gives nobody anything to do. Submission looks again.
    let directory = call.directory().await?;
    let own = call
        .caller
        .organization
        .as_ref()
        .and_then(|own| directory.get(own.id));
    let party = own
        .filter(|own| own.kind == Kind::Party)
        .ok_or_else(|| Problem::internal("a party's account without its party"))?;
    call.write(async |tx| {
        let dossier = drafting::create(tx, &permit, &directory, party, &body.0).await?;
        let change = changed("suggestion.created", &directory, None, &dossier)?;
        tx.record(&permit, change).await?;
        let head = &dossier.suggestion.head;
        let location = format!("/api/v1/suggestions/{}", head.id);
        let view = SuggestionView::for_caller(&call.caller, &dossier, &directory)?;
        Answer::created(location, head.version, &view)
    })
    .await
}

/// Get a suggestion
///
/// For whom it concerns; for a former lead as its reassignment left it; for all others it does not exist. Parties see that a
/// joint opinion was given, not what it says.
#[utoipa::path(
    tag = "suggestions",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = SuggestionView))
)]
#[get("/api/v1/suggestions/{id}")]
async fn get_suggestion(call: Call, id: Path<Id>) -> Result<HttpResponse> {
    let directory = call.directory().await?;
    let dossier = seen(&call, id.0, &directory).await?;
    let view = SuggestionView::for_caller(&call.caller, &dossier, &directory)?;
    let is_own = call.caller.is_of(dossier.suggestion.head.party_id);
    if !is_own
        && view
            .contact
            .as_ref()
            .is_some_and(|contact| contact.phone.is_some())
    {
        call.note_read("suggestion", view.summary.id);
    }
    call.one(dossier.suggestion.head.version, &view)
}

async fn seen(call: &Call, id: Id, directory: &Directory) -> Result<Dossier> {
    let dossier = queries::get(&*call.reads().await?, id.0, directory, call.today()).await?;
    dossier.seen_by(&call.caller)
}

/// Change a draft
///
/// By its party. Whatever changes but the joint parties themselves, those who have signed or declined are asked again.
#[utoipa::path(
    tag = "suggestions",
    params(("id" = Uuid, Path)),
    request_body = PatchSuggestion,
    responses((status = 200, body = SuggestionView))
)]
#[patch("/api/v1/suggestions/{id}")]
async fn update_suggestion(call: Call, id: Path<Id>, body: Json<PatchSuggestion>) -> Result<HttpResponse> {
    call.step::<ops::UpdateSuggestion, Dossier>(id.0.0, "suggestion.updated", async |tx, permit, case| {
        drafting::edit(tx, permit, case, &body.0).await
    })
    .await
}

/// Delete a draft
///
/// By its party, with what hangs on it. What is submitted is withdrawn instead.
#[utoipa::path(tag = "suggestions", params(("id" = Uuid, Path)), responses((status = 204)))]
#[delete("/api/v1/suggestions/{id}")]
async fn delete_suggestion(call: Call, id: Path<Id>) -> Result<HttpResponse> {
    call.delete::<ops::DeleteSuggestion, Dossier>(id.0.0, "suggestion.deleted", drafting::delete)
        .await
}

/// The timeline of a suggestion
///
/// Every step with its actor and day, the oldest first, and where the calendar has moved a deadline. Parties do not read what
/// a joint department said; a former lead reads up to its reassignment.
#[utoipa::path(
    tag = "suggestions",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = TimelineView))
)]
#[get("/api/v1/suggestions/{id}/timeline")]
async fn get_suggestion_timeline(call: Call, id: Path<Id>) -> Result<HttpResponse> {
    let directory = call.directory().await?;
    let dossier = seen(&call, id.0, &directory).await?;
    let suggestion = &dossier.suggestion;
    let sight = Sight {
        until: suggestion.cut_at,
        opinions: reads_opinions(&call.caller),
    };
    let timeline = timeline::of(&*call.reads().await?, &directory, suggestion.head.id, sight).await?;
    call.one(suggestion.head.version, &timeline)
}

/// The deadlines of a suggestion, explained
///
/// Who has to do what by when: start, rule, days that were skipped and why, and why a day was moved; by which step each began
/// and ended.
#[utoipa::path(
    tag = "suggestions",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = Deadlines))
)]
#[get("/api/v1/suggestions/{id}/deadlines")]
async fn list_suggestion_deadlines(call: Call, id: Path<Id>) -> Result<HttpResponse> {
    let (directory, timing) = (call.directory().await?, call.worker.timing().await?);
    let dossier = seen(&call, id.0, &directory).await?;
    let suggestion = &dossier.suggestion;
    let (id, today, until) = (suggestion.head.id, suggestion.today, suggestion.cut_at);
    let reads = call.reads().await?;
    let deadlines = match suggestion.state {
        SuggestionState::Draft => Deadlines { items: Vec::new() },
        _ => deadlines::as_seen(&reads, &directory, &timing, id, today, until).await?,
    };
    call.unversioned(&deadlines)
}

/// All versions of the replies
///
/// Of each round, the oldest first: what was corrected stays as it was.
#[utoipa::path(
    tag = "suggestions",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = RepliesView))
)]
#[get("/api/v1/suggestions/{id}/replies")]
async fn list_suggestion_replies(call: Call, id: Path<Id>) -> Result<HttpResponse> {
    let directory = call.directory().await?;
    let dossier = seen(&call, id.0, &directory).await?;
    let items = dossier
        .replies
        .iter()
        .map(|reply| ReplyView::new(reply, &directory));
    let view = RepliesView {
        items: items.collect::<Result<_>>()?,
    };
    call.one(dossier.suggestion.head.version, &view)
}
