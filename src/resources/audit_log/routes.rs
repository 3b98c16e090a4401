use super::model::{AuditFilter, AuditRow, AuditView};
use super::queries::{self, Key};
use crate::directory::Directory;
use crate::http::call::Call;
use crate::http::extract::Query;
use crate::http::negotiate::{Batches, Format, Tabular};
use crate::http::page::{Page, Paging};
use crate::http::registry::Registry;
use crate::problem::Result;
use crate::state::Worker;
use actix_web::{HttpResponse, get, web};
use async_stream::try_stream;
use std::sync::Arc;

/// Records that an export reads at a time.
const BATCH: usize = 1_000;

pub fn configure(registry: &mut Registry) {
    registry.service(list_audit_log);
}

/// List the audit log
///
/// By the audit administrator. The newest first; taken away as CSV or XLSX, that is put on record itself.
#[utoipa::path(tag = "audit", params(Paging, AuditFilter), responses((status = 200, body = Page<AuditView>)))]
#[get("/api/v1/audit-log")]
async fn list_audit_log(
    call: Call,
    paging: Query<Paging>,
    filter: Query<AuditFilter>,
) -> Result<HttpResponse> {
    let directory = call.directory().await?;
    let filter = filter.0;
    let format = call.format();
    if format != Format::Json {
        let rows = everything(call.worker.clone(), directory, filter, call.language());
        return call.export(format, &AuditView::table(), rows).await;
    }
    let position = call.position::<Key>(&paging.0)?;
    let connection = call.reads().await?;
    let rows = queries::after(&connection, &filter, position.after, position.limit + 1).await?;
    let total = match position.with_total {
        true => Some(queries::total(&connection, &filter).await?),
        false => None,
    };
    let page = position.page(rows, total, key)?;
    call.page(&page.try_map(|row| AuditView::new(row, &directory))?)
}

fn key(row: &AuditRow) -> Key {
    (row.occurred_at.timestamp_micros(), row.id)
}

/// All records, batch by batch, each from where the last ended.
fn everything(
    worker: web::Data<Worker>,
    directory: Arc<Directory>,
    filter: AuditFilter,
    language: crate::language::Language,
) -> Batches {
    Box::pin(try_stream! {
        let mut after = None;
        loop {
            let connection = worker.reads.for_export().await?;
            let rows = queries::after(&connection, &filter, after, BATCH).await?;
            let Some(last) = rows.last() else { break };
            after = Some(key(last));
            let is_last = rows.len() < BATCH;
            let mut batch = Vec::with_capacity(rows.len());
            for row in rows {
                batch.push(AuditView::new(row, &directory)?.cells(language));
            }
            yield batch;
            if is_last {
                break;
            }
        }
    })
}
