use crate::directory::Directory;
use crate::policy::{Caller, Governed, Reach};
use chrono::NaiveDate;
use uuid::Uuid;

/// The rules of one department: `own` are those of the department itself, or of its successor.
pub struct OfDepartment(pub Option<Uuid>);

impl OfDepartment {
    pub fn new(department: Uuid, directory: &Directory, today: NaiveDate) -> Self {
        Self(directory.acting(department, today).map(|acting| acting.id))
    }
}

impl Governed for OfDepartment {
    fn within(&self, caller: &Caller, reach: Reach) -> bool {
        reach == Reach::Own && self.0.is_some_and(|department| caller.is_of(department))
    }
}
