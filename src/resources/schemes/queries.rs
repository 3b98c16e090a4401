//! Writes to drafts. That a published scheme stays as it is, the database sees to as well.

use super::model::{NewScheme, PatchScheme};
use crate::db::schema::{assignments, schemes};
use crate::directory::model::{Basis, Scheme};
use crate::policy::{Permit, ops};
use crate::problem::Result;
use crate::text::document_number;
use crate::work::Tx;
use chrono::NaiveDate;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

/// A pair as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Pair {
    pub department: Uuid,
    pub party: Uuid,
    pub basis: Basis,
}

pub fn pairs_of(scheme: &Scheme) -> Vec<Pair> {
    let pairs = scheme.assignments.iter();
    pairs
        .map(|pair| Pair {
            department: pair.department_id,
            party: pair.party_id,
            basis: pair.basis,
        })
        .collect()
}

pub async fn create(
    tx: &mut Tx<'_>,
    _: &Permit<ops::CreateScheme>,
    new: &NewScheme,
    pairs: &[Pair],
) -> Result<Uuid> {
    let id = Uuid::now_v7();
    let now = tx.now();
    diesel::insert_into(schemes::table)
        .values((
            schemes::id.eq(id),
            schemes::title.eq(&new.title),
            numbered(new.document_number.as_deref()),
            schemes::issued_on.eq(new.issued_on),
            schemes::note.eq(&new.note),
            schemes::effective_from.eq(new.effective_from),
            schemes::created_at.eq(now),
            schemes::updated_at.eq(now),
        ))
        .execute(tx.conn)
        .await?;
    insert_pairs(tx, id, pairs).await?;
    Ok(id)
}

pub async fn update(
    tx: &mut Tx<'_>,
    _: &Permit<ops::UpdateScheme>,
    id: Uuid,
    patch: &PatchScheme,
) -> Result<()> {
    diesel::update(schemes::table.find(id))
        .set((
            schemes::version.eq(schemes::version + 1),
            schemes::updated_at.eq(tx.now()),
            patch.title.as_ref().map(|title| schemes::title.eq(title)),
            patch.issued_on.map(|day| schemes::issued_on.eq(day)),
            patch.note.as_ref().map(|note| schemes::note.eq(note)),
            patch.effective_from.map(|day| schemes::effective_from.eq(day)),
            patch
                .document_number
                .as_ref()
                .map(|number| numbered(number.as_deref())),
        ))
        .execute(tx.conn)
        .await?;
    Ok(())
}

type Numbered = (
    diesel::dsl::Eq<schemes::document_number, Option<String>>,
    diesel::dsl::Eq<schemes::document_agency, Option<String>>,
    diesel::dsl::Eq<schemes::document_year, Option<i32>>,
    diesel::dsl::Eq<schemes::document_serial, Option<i32>>,
);

/// The number as printed, and its parts; what cannot be parsed has been refused before.
fn numbered(text: Option<&str>) -> Numbered {
    let number = text.and_then(document_number::parse);
    let (year, serial) = (
        number.as_ref().map(|number| number.year),
        number.as_ref().map(|number| number.serial),
    );
    let (text, agency) = number.map(|number| (number.text, number.agency)).unzip();
    (
        schemes::document_number.eq(text),
        schemes::document_agency.eq(agency),
        schemes::document_year.eq(year),
        schemes::document_serial.eq(serial),
    )
}

/// Its pairs go with it.
pub async fn delete(tx: &mut Tx<'_>, _: &Permit<ops::DeleteScheme>, id: Uuid) -> Result<()> {
    diesel::delete(schemes::table.find(id)).execute(tx.conn).await?;
    Ok(())
}

/// Puts these pairs in the place of all that there were.
pub async fn replace_assignments(
    tx: &mut Tx<'_>,
    _: &Permit<ops::ReplaceSchemeAssignments>,
    id: Uuid,
    pairs: &[Pair],
) -> Result<()> {
    diesel::delete(assignments::table.filter(assignments::scheme_id.eq(id)))
        .execute(tx.conn)
        .await?;
    insert_pairs(tx, id, pairs).await?;
    touch(tx, id).await
}

async fn insert_pairs(tx: &mut Tx<'_>, scheme: Uuid, pairs: &[Pair]) -> Result<()> {
    let rows: Vec<_> = pairs
        .iter()
        .map(|pair| {
            (
                assignments::id.eq(Uuid::now_v7()),
                assignments::scheme_id.eq(scheme),
                assignments::department_id.eq(pair.department),
                assignments::party_id.eq(pair.party),
                assignments::basis.eq(pair.basis),
            )
        })
        .collect();
    diesel::insert_into(assignments::table)
        .values(rows)
        .execute(tx.conn)
        .await?;
    Ok(())
}

/// Puts a scheme in force from its day on, and ends the one before it on that day.
pub async fn publish(
    tx: &mut Tx<'_>,
    _: &Permit<ops::PublishScheme>,
    id: Uuid,
    effective_from: NaiveDate,
    predecessor: Option<Uuid>,
) -> Result<()> {
    // In this order: for no moment are two in force on one day.
    if let Some(predecessor) = predecessor {
        diesel::update(schemes::table.find(predecessor))
            .set(schemes::effective_until.eq(effective_from))
            .execute(tx.conn)
            .await?;
        touch(tx, predecessor).await?;
    }
    diesel::update(schemes::table.find(id))
        .set((
            schemes::published_at.eq(tx.now()),
            schemes::version.eq(schemes::version + 1),
            schemes::updated_at.eq(tx.now()),
        ))
        .execute(tx.conn)
        .await?;
    Ok(())
}

async fn touch(tx: &mut Tx<'_>, id: Uuid) -> Result<()> {
    diesel::update(schemes::table.find(id))
        .set((
            schemes::version.eq(schemes::version + 1),
            schemes::updated_at.eq(tx.now()),
        ))
        .execute(tx.conn)
        .await?;
    Ok(())
}
