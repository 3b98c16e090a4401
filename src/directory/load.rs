//! Reading the directory from the database.

use super::Directory;
use super::model::{
    Assignment, AssignmentRow, Contact, Name, Organization, OrganizationRow, Scheme, SchemeRow,
};
use crate::db::Db;
use crate::db::schema::{assignments, directory_revision, organization_names, organizations, schemes};
use crate::problem::{Problem, Result};
use crate::text::document_number::DocumentNumber;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::HashMap;
use uuid::Uuid;

/// One consistent snapshot of it.
pub(super) async fn snapshot(db: &Db) -> Result<Directory> {
    let mut connection = db.get().await?;
    connection
        .build_transaction()
        .repeatable_read()
        .read_only()
        .run(async |conn| load(conn).await)
        .await
}

/// The directory for a transaction that is about to change it. Whoever else is has to wait: every change raises the
/// revision at its end anyway, and what one checks, such as that nothing is open, another could undo unseen.
pub async fn load_locked(conn: &mut AsyncPgConnection) -> Result<Directory> {
    directory_revision::table
        .select(directory_revision::revision)
        .for_update()
        .first::<i64>(conn)
        .await?;
    load(conn).await
}

/// The directory as a transaction sees it.
pub async fn load(conn: &AsyncPgConnection) -> Result<Directory> {
    let (mut c1, mut c2, mut c3, mut c4, mut c5) = (conn, conn, conn, conn, conn);
    let (revision, organization_rows, names, scheme_rows, pairs) = futures_util::try_join!(
        directory_revision::table
            .select(directory_revision::revision)
            .first::<i64>(&mut c1),
        organizations::table
            .select(OrganizationRow::as_select())
            .order((organizations::kind, organizations::position, organizations::id))
            .load(&mut c2),
        organization_names::table
            .select(Name::as_select())
            .order((
                organization_names::organization_id,
                organization_names::effective_from.asc().nulls_first()
            ))
            .load(&mut c3),
        schemes::table
            .select(SchemeRow::as_select())
            .order((schemes::effective_from, schemes::created_at, schemes::id))
            .load(&mut c4),
        assignments::table
            .select(AssignmentRow::as_select())
            .load(&mut c5),
    )?;
    let mut names_of = grouped(names, |name: &Name| name.organization_id);
    let mut pairs_of = grouped(pairs, |pair: &AssignmentRow| pair.scheme_id);
    let organizations = organization_rows
        .into_iter()
        .map(|row| {
            let names = names_of.remove(&row.id).unwrap_or_default();
            organization(row, names)
        })
        .collect::<Result<Vec<_>>>()?;
    let position: HashMap<Uuid, i32> = organizations.iter().map(|one| (one.id, one.position)).collect();
    let schemes = scheme_rows
        .into_iter()
        .map(|row| {
            let mut pairs = pairs_of.remove(&row.id).unwrap_or_default();
            // In the order of the notice: departments as they come, parties by their place.
            pairs.sort_by_key(|pair| {
                (
                    position.get(&pair.department_id).copied(),
                    pair.department_id,
                    position.get(&pair.party_id).copied(),
                    pair.id,
                )
            });
            scheme(row, pairs)
        })
        .collect();
    Ok(Directory::new(revision, organizations, schemes))
}

fn grouped<T>(rows: Vec<T>, by: impl Fn(&T) -> Uuid) -> HashMap<Uuid, Vec<T>> {
    let mut groups: HashMap<Uuid, Vec<T>> = HashMap::new();
    for row in rows {
        groups.entry(by(&row)).or_default().push(row);
    }
    groups
}

fn organization(row: OrganizationRow, names: Vec<Name>) -> Result<Organization> {
    if names.is_empty() {
        return Err(Problem::internal(format!("organization {} has no name", row.id)));
    }
    Ok(Organization {
        id: row.id,
        kind: row.kind,
        code: row.code,
        party_kind: row.party_kind,
        social_credit_code: row.social_credit_code,
        position: row.position,
        established_on: row.established_on,
        ended_on: row.ended_on,
        end_kind: row.end_kind,
        end_reason: row.end_reason,
        successor_id: row.successor_id,
        contact: Contact {
            office: row.contact_office,
            person: row.contact_person,
            phone: row.contact_phone,
        },
        version: row.version,
        created_at: row.created_at,
        updated_at: row.updated_at,
        names,
    })
}

fn scheme(row: SchemeRow, pairs: Vec<AssignmentRow>) -> Scheme {
    let document = match (
        row.document_number,
        row.document_agency,
        row.document_year,
        row.document_serial,
    ) {
        (Some(text), Some(agency), Some(year), Some(serial)) => Some(DocumentNumber {
            text,
            agency,
            year,
            serial,
        }),
        _ => None,
    };
    Scheme {
        id: row.id,
        title: row.title,
        document,
        issued_on: row.issued_on,
        note: row.note,
        effective_from: row.effective_from,
        effective_until: row.effective_until,
        published_at: row.published_at,
        version: row.version,
        created_at: row.created_at,
        updated_at: row.updated_at,
        assignments: pairs
            .into_iter()
            .map(|pair| Assignment {
                id: pair.id,
                scheme_id: pair.scheme_id,
                department_id: pair.department_id,
                party_id: pair.party_id,
                basis: pair.basis,
            })
            .collect(),
    }
}
