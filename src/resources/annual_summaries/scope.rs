//! Whose records a list is about.

use super::evidence::SummaryRecordFilter;
use super::policy::Sight;
use super::records;
use crate::directory::Directory;
use crate::directory::model::Kind;
use crate::http::call::Call;
use crate::problem::Result;
use crate::resources::statistics::model::FigurePart;
use uuid::Uuid;

/// What the filters leave of what the caller sees.
pub fn scope(call: &Call, directory: &Directory, filter: &SummaryRecordFilter) -> Result<records::Scope> {
    let [department, party] = directory.sets_named([
        ("department", &filter.department, Some(Kind::Department)),
        ("party", &filter.party, Some(Kind::Party)),
    ])?;
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
