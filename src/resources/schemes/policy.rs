use crate::db::schema::schemes;
use crate::directory::Directory;
use crate::directory::model::Scheme;
use crate::policy::{Caller, Governed, Op, Reach};
use crate::problem::Result;
use crate::resources::attachments::carriers::{Hold, Rights};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
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
        Reach::Own | Reach::Carrier | Reach::Never => false,
    }
}

/// A scheme that is there for the caller; a draft of others is as if it did not exist.
pub fn visible(directory: &Directory, reach: Reach, id: Uuid) -> Option<&Scheme> {
    directory.scheme(id).filter(|scheme| is_visible(scheme, reach))
}

/// Who sees a scheme reads what hangs on it, the signed original above all; who drafts schemes attaches, also to what is
/// published. Of a draft's attachments nobody else hears.
pub async fn attachment_rights(
    mut conn: &AsyncPgConnection,
    caller: &Caller,
    id: Uuid,
    hold: Hold,
) -> Result<Option<Rights>> {
    let found = schemes::table
        .find(id)
        .select(schemes::published_at.is_not_null());
    let published: Option<bool> = match hold {
        Hold::No => found.first(&mut conn).await,
        Hold::Yes => found.for_no_key_update().first(&mut conn).await,
    }
    .optional()?;
    let reach = Op::GetScheme.reach(caller);
    Ok(published
        .filter(|published| reach == Reach::Any || reach == Reach::Issued && *published)
        .map(|published| Rights {
            attach: Op::UpdateScheme.reach(caller) == Reach::Any,
            kept: published,
            announced: published,
            personal: false,
        }))
}
