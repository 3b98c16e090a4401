use super::model::Row;
use crate::directory::Directory;
use crate::policy::{Caller, Reach};
use chrono::NaiveDate;

/// A department sees its own, and those of whom it acts for.
pub fn is_visible(row: &Row, caller: &Caller, reach: Reach, directory: &Directory, today: NaiveDate) -> bool {
    let acting = directory.acting(row.department_id, today);
    match reach {
        Reach::Any => true,
        Reach::Own => acting.is_some_and(|department| caller.is_of(department.id)),
        Reach::Issued | Reach::Carrier | Reach::Never => false,
    }
}
