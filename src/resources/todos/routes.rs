use super::model::{TodoFilter, TodoPage};
use super::queries::{self, Scope};
use crate::http::call::Call;
use crate::http::extract::Query;
use crate::http::page::Paging;
use crate::http::registry::Registry;
use crate::problem::Result;
use actix_web::{HttpResponse, get};

pub fn configure(registry: &mut Registry) {
    registry.service(list_my_todos);
}

/// What waits for me
///
/// For the caller's organization and those that it acts for, by due day, what has none at the end. `counts` is over all of
/// it, whatever the filters. An account that acts for no organization has an empty list.
#[utoipa::path(tag = "attention", params(Paging, TodoFilter), responses((status = 200, body = TodoPage)))]
#[get("/api/v1/me/todos")]
async fn list_my_todos(call: Call, paging: Query<Paging>, filter: Query<TodoFilter>) -> Result<HttpResponse> {
    let (directory, timing) = (call.directory().await?, call.worker.timing().await?);
    // What an organization has left open waits for whoever acts for it now.
    let own = call.caller.organization.as_ref().filter(|own| !own.ended);
    let scope = Scope {
        organizations: own.map_or_else(Vec::new, |own| directory.represented_by(own.id, call.today())),
        since: directory.since(filter.0.updated_since, call.today()),
        filter: filter.0,
        now: call.now,
        today: call.today(),
        timing,
    };
    let page = call.page_of_list(&scope, &paging.0, directory).await?;
    let view = TodoPage {
        items: page.items,
        next_cursor: page.next_cursor,
        total: page.total,
        total_is_capped: page.total_is_capped,
        counts: queries::counts(&*call.reads().await?, &scope).await?,
    };
    call.listing(view.next_cursor.as_deref(), &view)
}
