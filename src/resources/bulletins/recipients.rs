//! To whom a bulletin goes, and who of them stands outside the assignment.

use super::model::RecipientRow;
use crate::directory::Directory;
use crate::directory::model::{Kind, Organization};
use crate::http::contract::pointer;
use crate::problem::{Fault, Problem, Result};
use chrono::NaiveDate;
use uuid::Uuid;

/// Those that liaise with the sender on a day: a department's parties, a party's departments. 市委统战部 liaises with none by
/// the scheme.
pub fn linked(directory: &Directory, sender: &Organization, day: NaiveDate) -> Vec<Uuid> {
    match sender.kind {
        Kind::Department => directory.parties_of(sender.id, day),
        Kind::Party => {
            let departments = directory.linked_departments(day).into_iter();
            departments
                .map(|department| department.id)
                .filter(|department| directory.are_linked(*department, sender.id, day))
                .collect()
        }
        Kind::Coordinator | Kind::GovernmentOffice => Vec::new(),
    }
}

/// Whether the scheme of the day has no pair of the two. The two offices stand above the pairs: what they send or get is
/// never outside.
fn is_outside(directory: &Directory, sender: &Organization, recipient: Uuid, day: NaiveDate) -> bool {
    let Some(recipient) = directory.get(recipient) else {
        return true;
    };
    match (sender.kind, recipient.kind) {
        (Kind::Department, Kind::Party) => !directory.are_linked(sender.id, recipient.id, day),
        (Kind::Party, Kind::Department) => !directory.are_linked(recipient.id, sender.id, day),
        (Kind::Department, Kind::Department) | (Kind::Party, Kind::Party) => true,
        _ => false,
    }
}

/// The organizations that a body names; none for a sender that does not exist.
///
/// # Errors
/// 422 that names every one that does not stand today, stands there twice or is the sender itself.
pub fn named(
    directory: &Directory,
    sender: Option<&Organization>,
    names: &[String],
    today: NaiveDate,
) -> Result<Vec<Uuid>> {
    let (mut faults, mut found) = (Vec::new(), Vec::with_capacity(names.len()));
    if sender.is_none() {
        faults.push(Fault::unknown_reference("/sender"));
    }
    for (index, name) in names.iter().enumerate() {
        let place = || pointer(&[&"recipients", &index]);
        match directory.find(name).filter(|one| one.stands_on(today)) {
            None => faults.push(Fault::unknown_reference(place())),
            Some(one) if sender.is_some_and(|sender| sender.id == one.id) => faults.push(Fault::at(
                place(),
                "not_allowed",
                "不能发给本单位。",
                "Not to the sender itself.",
            )),
            Some(one) if found.contains(&one.id) => faults.push(Fault::at(
                place(),
                "repeated",
                "该单位已在前面列出。",
                "The organization stands there before.",
            )),
            Some(one) => found.push(one.id),
        }
    }
    if faults.is_empty() {
        Ok(found)
    } else {
        Err(Problem::invalid(faults))
    }
}

/// To whom a draft would go on a day, and from whom: those that liaise with the sender, or those that are named, each by who
/// acts for it.
pub fn of_draft(
    directory: &Directory,
    sender: &Organization,
    to_linked: bool,
    named: impl Iterator<Item = Uuid>,
    day: NaiveDate,
) -> Vec<Uuid> {
    if to_linked {
        return linked(directory, sender, day);
    }
    let mut acting: Vec<Uuid> = Vec::new();
    for one in named.filter_map(|id| directory.acting(id, day)) {
        if one.id != sender.id && !acting.contains(&one.id) {
            acting.push(one.id);
        }
    }
    acting
}

/// The rows of those to whom it goes.
pub fn rows(
    directory: &Directory,
    sender: &Organization,
    bulletin: Uuid,
    to: &[Uuid],
    day: NaiveDate,
) -> Vec<RecipientRow> {
    to.iter()
        .map(|organization| RecipientRow {
            bulletin_id: bulletin,
            organization_id: *organization,
            outside_assignment: is_outside(directory, sender, *organization, day),
            told_at: None,
            acknowledged_at: None,
            acknowledged_by: None,
        })
        .collect()
}
