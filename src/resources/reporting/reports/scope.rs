//! Whose reports a list and its export are about.

use super::model::{WorkReportFilter, WorkReportView};
use super::queries::{self, Scope, Seen};
use crate::directory::Directory;
use crate::directory::model::Kind;
use crate::http::call::Call;
use crate::http::negotiate::{Batches, Tabular};
use crate::policy::Role;
use crate::problem::Result;
use async_stream::try_stream;
use std::sync::Arc;

/// Reports that an export reads at a time.
const BATCH: usize = 500;

/// As far as the caller reaches.
///
/// # Errors
/// 422 for what is no department.
pub fn scope(call: &Call, directory: &Directory, filter: WorkReportFilter) -> Result<Scope> {
    let departments =
        directory.all_named("department", &filter.department, |one| one.is(Kind::Department))?;
    let own = call.caller.organization.as_ref();
    let seen = match call.caller.role {
        Some(Role::Coordinator) => Seen::Submitted { recorded: true },
        Some(Role::GovernmentOffice) => Seen::Submitted { recorded: false },
        _ => Seen::Of(own.map_or_else(Vec::new, |own| directory.represented_by(own.id, call.today()))),
    };
    Ok(Scope {
        seen,
        since: directory.since(filter.updated_since, call.today()),
        filter,
        departments,
    })
}

/// All reports, batch by batch, each from where the last ended.
pub fn everything(call: &Call, directory: Arc<Directory>, scope: Scope) -> Batches {
    let (worker, today, language) = (call.worker.clone(), call.today(), call.language());
    Box::pin(try_stream! {
        let mut after = None;
        loop {
            let connection = worker.reads.for_export().await?;
            let rows = queries::after(&connection, &scope, after, BATCH).await?;
            let Some(last) = rows.last() else { break };
            after = Some((last.created_at.timestamp_micros(), last.id));
            let is_last = rows.len() < BATCH;
            let mut batch = Vec::with_capacity(rows.len());
            for report in queries::whole(&connection, rows, &directory, today).await? {
                batch.push(WorkReportView::new(&report, &directory, today)?.cells(language));
            }
            yield batch;
            if is_last {
                break;
            }
        }
    })
}
