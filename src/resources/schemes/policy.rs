use crate::directory::Directory;
use crate::directory::model::Scheme;
use crate::policy::{Caller, Governed, Reach};
use uuid::Uuid;

impl Governed for Scheme {
    fn within(&self, _: &Caller, reach: Reach) -> bool {
        is_visible(self, reach)
    }
}

/// Drafts are for those alone whose reach takes in everything.
pub fn is_visible(scheme: &Scheme, reach: Reach) -> bool {
    match reach {
        Reach::Any => true,
        Reach::Issued => scheme.is_published(),
        Reach::Own | Reach::Never => false,
    }
}

/// A scheme that is there for the caller; a draft of others is as if it did not exist.
pub fn visible(directory: &Directory, reach: Reach, id: Uuid) -> Option<&Scheme> {
    directory.scheme(id).filter(|scheme| is_visible(scheme, reach))
}
