//! Whose reports a list is about.

use super::model::WorkReportFilter;
use super::queries::{Scope, Seen};
use crate::directory::Directory;
use crate::directory::model::Kind;
use crate::http::call::Call;
use crate::policy::Role;
use crate::problem::Result;

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
