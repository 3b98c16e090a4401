use crate::directory::model::Organization;
use crate::policy::{Caller, Governed, Reach};

impl Governed for Organization {
    fn within(&self, caller: &Caller, reach: Reach) -> bool {
        reach == Reach::Own && caller.is_of(self.id)
    }
}
