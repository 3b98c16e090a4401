//! Whose records a list and its export are about.

use super::evidence::{RecordView, SummaryRecordFilter};
use super::policy::Sight;
use super::records;
use crate::directory::Directory;
use crate::directory::model::{Kind, Organization};
use crate::http::call::Call;
use crate::http::negotiate::{Batches, Tabular};
use crate::http::problem::{Fault, Problem, Result};
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
    let mut find = |kind, parameter, named: Option<&str>| -> Option<&Organization> {
        let found = directory.find_kind(kind, named?);
        if found.is_none() {
            faults.push(Fault::unknown_reference_in_query(parameter));
        }
        found
    };
    let department = find(Kind::Department, "department", filter.department.as_deref());
    let party = find(Kind::Party, "party", filter.party.as_deref());
    if !faults.is_empty() {
        return Err(Problem::invalid(faults));
    }
    let sight = Sight::of(&call.caller, directory, call.today());
    let within = |asked: Option<&Organization>, own: Option<Vec<Uuid>>| match (asked, own) {
        (None, own) => own,
        (Some(asked), None) => Some(vec![asked.id]),
        (Some(asked), Some(own)) => Some(own.into_iter().filter(|one| *one == asked.id).collect()),
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
