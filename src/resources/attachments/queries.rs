use super::carriers::Carrier;
use super::model::{AttachmentRow, AttachmentView, Neighbours};
use crate::db::schema::attachments;
use crate::directory::Directory;
use crate::files::kind::Kind;
use crate::policy::{Permit, ops};
use crate::problem::{Code, Problem, Result};
use crate::work::Tx;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// Attachments of one record, all versions and removed ones included: enough for any record, and few enough to be read at
/// once.
const MAX_OF_SUBJECT: i64 = 200;

/// All that hangs on one record, but for what was removed, by document and version.
pub struct Shelf(Vec<AttachmentRow>);

impl Shelf {
    /// # Errors
    /// `database_unavailable`.
    pub async fn of(mut conn: &AsyncPgConnection, carrier: Carrier, subject: Uuid) -> Result<Self> {
        let rows = attachments::table
            .filter(attachments::subject_type.eq(carrier))
            .filter(attachments::subject_id.eq(subject))
            .filter(attachments::removed_at.is_null())
            .order((attachments::chain_id, attachments::version_number))
            .select(AttachmentRow::as_select())
            .load(&mut conn)
            .await?;
        Ok(Self(rows))
    }

    /// Without what came later than an instant, where there is one.
    pub fn until(mut self, until: Option<DateTime<Utc>>) -> Self {
        self.0
            .retain(|row| until.is_none_or(|until| row.created_at <= until));
        self
    }

    pub fn find(&self, id: Uuid) -> Option<&AttachmentRow> {
        self.0.iter().find(|row| row.id == id)
    }

    pub fn rows(&self) -> &[AttachmentRow] {
        &self.0
    }

    /// Versions of the same document, the oldest first.
    pub fn chain(&self, chain: Uuid) -> impl Iterator<Item = &AttachmentRow> {
        self.0.iter().filter(move |row| row.chain_id == chain)
    }

    pub fn neighbours(&self, of: &AttachmentRow) -> Neighbours {
        let mut neighbours = Neighbours::default();
        for row in self.chain(of.chain_id) {
            if row.version_number < of.version_number {
                neighbours.before = Some(row.id);
            } else if row.version_number > of.version_number && neighbours.after.is_none() {
                neighbours.after = Some(row.id);
            }
        }
        neighbours
    }

    pub fn is_current(&self, row: &AttachmentRow) -> bool {
        self.neighbours(row).after.is_none()
    }

    /// # Errors
    /// 500 for a row that this release cannot read.
    pub fn view(&self, row: &AttachmentRow, directory: &Directory, day: NaiveDate) -> Result<AttachmentView> {
        AttachmentView::new(row, self.neighbours(row), directory, day)
    }
}

/// What an attachment hangs on; none where there is no such attachment, or it was removed.
///
/// # Errors
/// `database_unavailable`.
pub async fn subject_of(mut conn: &AsyncPgConnection, id: Uuid) -> Result<Option<(Carrier, Uuid)>> {
    Ok(attachments::table
        .find(id)
        .filter(attachments::removed_at.is_null())
        .select((attachments::subject_type, attachments::subject_id))
        .first(&mut conn)
        .await
        .optional()?)
}

/// A file that is in the store already.
pub struct NewFile {
    pub id: Uuid,
    pub object_key: Uuid,
    pub carrier: Carrier,
    pub subject: Uuid,
    pub file_name: String,
    pub kind: Kind,
    pub size: u64,
    pub sha256: [u8; 32],
}

/// # Errors
/// 409 `attachment_superseded` where another has replaced the same version, `too_many_attachments`.
pub async fn create(
    tx: &mut Tx<'_>,
    permit: &Permit<ops::CreateAttachment>,
    new: &NewFile,
    replaces: Option<&AttachmentRow>,
) -> Result<()> {
    let there: i64 = attachments::table
        .filter(attachments::subject_type.eq(new.carrier))
        .filter(attachments::subject_id.eq(new.subject))
        .count()
        .get_result(tx.conn)
        .await?;
    if there >= MAX_OF_SUBJECT {
        return Err(Problem::new(Code::TooManyAttachments));
    }
    let chain = replaces.map_or(new.id, |row| row.chain_id);
    // Numbers are not given twice: what was removed keeps its own.
    let last: Option<i32> = attachments::table
        .filter(attachments::chain_id.eq(chain))
        .select(diesel::dsl::max(attachments::version_number))
        .first(tx.conn)
        .await?;
    let now = tx.now();
    diesel::insert_into(attachments::table)
        .values((
            attachments::id.eq(new.id),
            attachments::subject_type.eq(new.carrier),
            attachments::subject_id.eq(new.subject),
            attachments::chain_id.eq(chain),
            attachments::version_number.eq(last.unwrap_or(0) + 1),
            attachments::file_name.eq(&new.file_name),
            attachments::media_type.eq(new.kind.media_type()),
            attachments::size.eq(i64::try_from(new.size).map_err(Problem::internal)?),
            attachments::sha256.eq(new.sha256.as_slice()),
            attachments::object_key.eq(new.object_key),
            attachments::organization_id.eq(permit.caller().organization.as_ref().map(|own| own.id)),
            attachments::created_at.eq(now),
            attachments::updated_at.eq(now),
        ))
        .execute(tx.conn)
        .await?;
    touch(tx, replaces.map(|row| row.id)).await
}

/// The bytes stay for a while; who is beside it in its chain has another neighbour now.
pub async fn remove(
    tx: &mut Tx<'_>,
    _: &Permit<ops::DeleteAttachment>,
    id: Uuid,
    neighbours: Neighbours,
) -> Result<()> {
    diesel::update(attachments::table.find(id))
        .set((
            attachments::removed_at.eq(tx.now()),
            attachments::updated_at.eq(tx.now()),
            attachments::version.eq(attachments::version + 1),
        ))
        .execute(tx.conn)
        .await?;
    touch(tx, neighbours.before.into_iter().chain(neighbours.after)).await
}

/// Removes what hangs on a record that is deleted: part of that deletion, and in its audit record.
pub async fn remove_all_of<O>(tx: &mut Tx<'_>, _: &Permit<O>, carrier: Carrier, subject: Uuid) -> Result<()> {
    diesel::update(attachments::table)
        .filter(attachments::subject_type.eq(carrier))
        .filter(attachments::subject_id.eq(subject))
        .filter(attachments::removed_at.is_null())
        .set((
            attachments::removed_at.eq(tx.now()),
            attachments::updated_at.eq(tx.now()),
            attachments::version.eq(attachments::version + 1),
        ))
        .execute(tx.conn)
        .await?;
    Ok(())
}

async fn touch(tx: &mut Tx<'_>, ids: impl IntoIterator<Item = Uuid>) -> Result<()> {
    let ids: Vec<Uuid> = ids.into_iter().collect();
    diesel::update(attachments::table.filter(attachments::id.eq_any(ids)))
        .set((
            attachments::version.eq(attachments::version + 1),
            attachments::updated_at.eq(tx.now()),
        ))
        .execute(tx.conn)
        .await?;
    Ok(())
}
