use super::model::{AuditFilter, AuditView};
use crate::http::call::Call;
use crate::http::extract::Query;
use crate::http::page::{Page, Paging};
use crate::http::registry::Registry;
use crate::problem::Result;
use actix_web::{HttpResponse, get};

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
    call.listed(filter.0, &paging.0, directory).await
}
