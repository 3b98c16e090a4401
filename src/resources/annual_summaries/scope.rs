//! Whose records a list and its export are about.

use super::evidence::{RecordView, SummaryRecordFilter};
use super::policy::Sight;
use super::records;
use crate::directory::Directory;
use crate::directory::model::Kind;
use crate::http::call::Call;
use crate::http::negotiate::{Batches, Tabular};
use crate::problem::{Problem, Result};
use crate::resources::statistics::model::FigurePart;
use async_stream::try_stream;
use chrono::NaiveDate;
use std::sync::Arc;
use uuid::Uuid;

/// Records that an export reads at a time.
const BATCH: usize = 500;

/// What the filters leave of what the caller sees.
pub fn scope(call: &Call, directory: &Directory, filter: &SummaryRecordFilter) -> Result<records::Scope> {
    let mut faults = Vec::new();
    let mut named = |parameter, names: &[String], kind| {
        directory.named(parameter, names, |one| one.is(kind), &mut faults)
    };
    let department = named("department", &filter.department, Kind::Department);
    let party = named("party", &filter.party, Kind::Party);
    if !faults.is_empty() {
        return Err(Problem::invalid(faults));
    }
    let sight = Sight::of(&call.caller, directory, call.today());
    let within = |asked: Option<Vec<Uuid>>, own: Option<Vec<Uuid>>| match (asked, own) {
        (None, own) => own,
        (asked, None) => asked,
        (Some(asked), Some(own)) => Some(own.into_iter().filter(|one| asked.contains(one)).collect()),
    };
    Ok(records::Scope {
        figure: filter
            .figure
            .map(|figure| (figure, filter.part == FigurePart::Denominator)),
        departments: within(department, sight.departments),
        parties: within(party, sight.parties),
    })
}

/// All records, batch by batch, each from where the last ended.
pub fn everything(
    call: &Call,
    directory: Arc<Directory>,
    summary: Uuid,
    scope: records::Scope,
    day: NaiveDate,
) -> Batches {
    let (worker, language) = (call.worker.clone(), call.language());
    Box::pin(try_stream! {
        let mut after = None;
        loop {
            let connection = worker.reads.for_export().await?;
            let found = records::after(&connection, summary, &scope, after, BATCH).await?;
            let Some(last) = found.last() else { break };
            after = Some(last.position);
            let is_last = found.len() < BATCH;
            let mut batch = Vec::with_capacity(found.len());
            for record in &found {
                batch.push(RecordView::new(record, &directory, day)?.cells(language));
            }
            yield batch;
            if is_last {
                break;
            }
        }
    })
}
