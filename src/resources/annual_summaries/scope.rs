//! Whose records a list is about.

use super::evidence::SummaryRecordFilter;
use super::policy::Sight;
use super::records;
use crate::directory::model::Kind;
use crate::directory::{Directory, within};
use crate::http::call::Call;
use crate::problem::Result;
use crate::resources::statistics::model::FigurePart;

/// What the filters leave of what the caller sees.
pub fn scope(call: &Call, directory: &Directory, filter: &SummaryRecordFilter) -> Result<records::Scope> {
    let [department, party] = directory.sets_named([
        ("department", &filter.department, Some(Kind::Department)),
        ("party", &filter.party, Some(Kind::Party)),
    ])?;
    let sight = Sight::of(&call.caller, directory, call.today());
    Ok(records::Scope {
        figure: filter
            .figure
            .map(|figure| (figure, filter.part == FigurePart::Denominator)),
        departments: within(department, sight.departments),
        parties: within(party, sight.parties),
    })
}
