use super::model::{HitView, SearchFilter};
use super::queries;
use crate::http::call::Call;
use crate::http::extract::Query;
use crate::http::page::{Page, Paging};
use crate::http::registry::Registry;
use crate::problem::Result;
use crate::search::Words;
use crate::search::documents::Key;
use actix_web::{HttpResponse, get};
use std::cmp::Reverse;

pub fn configure(registry: &mut Registry) {
    registry.service(search);
}

/// Search
///
/// In everything that the caller may see: suggestions, meetings, bulletins, work reports, departments, parties. The best hits
/// come first; of those in records the newest 1,000 are ranked, and own drafts stand before them: titles count most, then what the author wrote, then answers. All words have to stand in a
/// hit. Words of two characters are found wherever they stand.
#[utoipa::path(tag = "search", params(Paging, SearchFilter), responses((status = 200, body = Page<HitView>)))]
#[get("/api/v1/search")]
async fn search(call: Call, paging: Query<Paging>, filter: Query<SearchFilter>) -> Result<HttpResponse> {
    let position = call.position::<Key>(&paging.0)?;
    let directory = call.directory().await?;
    let words = Words::of(&filter.0.q);
    let after = position.after;
    let top = after.and_then(|(.., top)| top);
    let (mut found, top) = queries::find(&call, &directory, &words, &filter.0.kind, top).await?;
    let total = found.len();
    if let Some((rank, at, id, _)) = after {
        found.retain(|one| Reverse(one.key(None)) > Reverse((rank, at, id, None)));
    }
    let shown = queries::shown(&call, &directory, &words, &found, position.limit + 1).await?;
    let page = position.page(shown, Some(total), |(found, _)| found.key(top))?;
    call.page(&page.try_map(|(_, view)| Ok(view))?)
}
