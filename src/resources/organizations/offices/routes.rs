use super::model::OfficeView;
use crate::http::call::Call;
use crate::http::extract::Query;
use crate::http::page::{ChangedSince, Page, Paging};
use crate::http::registry::Registry;
use crate::problem::Result;
use actix_web::{HttpResponse, get};

pub fn configure(registry: &mut Registry) {
    registry.service(list_offices);
}

/// List the two offices
///
/// 市委统战部, which coordinates, and 市政府办公室, which receives copies.
#[utoipa::path(tag = "directory", params(Paging, ChangedSince), responses((status = 200, body = Page<OfficeView>)))]
#[get("/api/v1/offices")]
async fn list_offices(call: Call, paging: Query<Paging>, since: Query<ChangedSince>) -> Result<HttpResponse> {
    let directory = call.directory().await?;
    let today = call.today();
    let views = directory
        .organizations
        .iter()
        .filter(|one| {
            since
                .0
                .takes(directory.changed_at(one.updated_at, [one.id], today))
        })
        .filter_map(|one| OfficeView::new(one, today))
        .collect();
    let page = call
        .position(&paging.0)?
        .slice(views, |view| (<&str>::from(view.kind).to_owned(), view.id))?;
    call.page(&page)
}
