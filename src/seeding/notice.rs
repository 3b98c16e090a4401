//! The organizations and the scheme of the notice.

use crate::db::Db;
use crate::db::schema::{assignments, organization_names, organizations, schemes};
use crate::directory::model::{Basis, Kind, PartyKind};
use crate::policy::{Caller, ops};
use crate::problem::{Problem, Result};
use crate::work::Change;
use crate::work::{Origin, Tx};
use chrono::NaiveDate;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde::Deserialize;
use std::collections::HashMap;
use uuid::Uuid;

const ORGANIZATIONS: &str = include_str!("../../seeds/organizations.json");
const SCHEME: &str = include_str!("../../seeds/scheme-2020.json");

#[derive(Deserialize)]
struct Organizations {
    departments: Vec<Department>,
    parties: Vec<Party>,
    offices: Vec<Office>,
}

#[derive(Deserialize)]
struct Department {
    #[serde(flatten)]
    named: Named,
}

#[derive(Deserialize)]
struct Party {
    #[serde(flatten)]
    named: Named,
    kind: PartyKind,
}

#[derive(Deserialize)]
struct Office {
    #[serde(flatten)]
    named: Named,
    kind: Kind,
}

#[derive(Deserialize)]
struct Named {
    code: String,
    name: String,
    short_name: String,
}

#[derive(Deserialize)]
struct Scheme {
    title: String,
    document_number: String,
    issued_on: NaiveDate,
    effective_from: NaiveDate,
    common: Vec<String>,
    designated: Vec<Designated>,
}

#[derive(Deserialize)]
struct Designated {
    department: String,
    parties: Vec<String>,
}

/// Puts the notice into an empty database, in one transaction.
///
/// # Errors
/// 500 where the data in `seeds/` is broken, which a test would have found.
pub async fn load_notice(db: &Db, origin: &Origin) -> Result<()> {
    let all: Organizations = serde_json::from_str(ORGANIZATIONS).map_err(Problem::internal)?;
    let scheme: Scheme = serde_json::from_str(SCHEME).map_err(Problem::internal)?;
    db.transaction(origin, async |tx| {
        let mut ids = HashMap::new();
        for (index, office) in all.offices.iter().enumerate() {
            insert(tx, &mut ids, office.kind, None, index, &office.named).await?;
        }
        for (index, department) in all.departments.iter().enumerate() {
            insert(tx, &mut ids, Kind::Department, None, index, &department.named).await?;
        }
        for (index, party) in all.parties.iter().enumerate() {
            insert(tx, &mut ids, Kind::Party, Some(party.kind), index, &party.named).await?;
        }
        let parties: Vec<&str> = all
            .parties
            .iter()
            .map(|party| party.named.code.as_str())
            .collect();
        publish(tx, &ids, &scheme, &parties).await
    })
    .await
}

async fn insert(
    tx: &mut Tx<'_>,
    ids: &mut HashMap<String, Uuid>,
    kind: Kind,
    party_kind: Option<PartyKind>,
    index: usize,
    named: &Named,
) -> Result<()> {
    let id = Uuid::now_v7();
    let now = tx.now();
    let position = i32::try_from(index + 1).map_err(Problem::internal)?;
    diesel::insert_into(organizations::table)
        .values((
            organizations::id.eq(id),
            organizations::kind.eq(kind),
            organizations::code.eq(&named.code),
            organizations::party_kind.eq(party_kind),
            organizations::position.eq(position),
            organizations::created_at.eq(now),
            organizations::updated_at.eq(now),
        ))
        .execute(tx.conn)
        .await?;
    diesel::insert_into(organization_names::table)
        .values((
            organization_names::id.eq(Uuid::now_v7()),
            organization_names::organization_id.eq(id),
            organization_names::name.eq(&named.name),
            organization_names::short_name.eq(&named.short_name),
            organization_names::created_at.eq(now),
        ))
        .execute(tx.conn)
        .await?;
    ids.insert(named.code.clone(), id);
    Ok(())
}

async fn publish(
    tx: &mut Tx<'_>,
    ids: &HashMap<String, Uuid>,
    scheme: &Scheme,
    parties: &[&str],
) -> Result<()> {
    let id = Uuid::now_v7();
    let now = tx.now();
    let number = crate::text::document_number::parse(&scheme.document_number)
        .ok_or_else(|| Problem::internal("seeds: the document number cannot be parsed"))?;
    diesel::insert_into(schemes::table)
        .values((
            schemes::id.eq(id),
            schemes::title.eq(&scheme.title),
            schemes::document_number.eq(&number.text),
            schemes::document_agency.eq(&number.agency),
            schemes::document_year.eq(number.year),
            schemes::document_serial.eq(number.serial),
            schemes::issued_on.eq(scheme.issued_on),
            schemes::effective_from.eq(scheme.effective_from),
            schemes::created_at.eq(now),
            schemes::updated_at.eq(now),
        ))
        .execute(tx.conn)
        .await?;
    let common = scheme.common.iter().flat_map(|department| {
        parties
            .iter()
            .map(move |party| (department.as_str(), *party, Basis::Common))
    });
    let designated = scheme.designated.iter().flat_map(|one| {
        one.parties
            .iter()
            .map(move |party| (one.department.as_str(), party.as_str(), Basis::Designated))
    });
    let id_of = |code: &str| {
        ids.get(code)
            .copied()
            .ok_or_else(|| Problem::internal(format!("seeds: no organization {code}")))
    };
    let rows = common
        .chain(designated)
        .map(|(department, party, basis)| {
            Ok((
                assignments::id.eq(Uuid::now_v7()),
                assignments::scheme_id.eq(id),
                assignments::department_id.eq(id_of(department)?),
                assignments::party_id.eq(id_of(party)?),
                assignments::basis.eq(basis),
            ))
        })
        .collect::<Result<Vec<_>>>()?;
    diesel::insert_into(assignments::table)
        .values(rows)
        .execute(tx.conn)
        .await?;
    diesel::update(schemes::table.find(id))
        .set(schemes::published_at.eq(now))
        .execute(tx.conn)
        .await?;
    let permit = Caller::command_line().permit_any::<ops::PublishScheme>()?;
    let mut change = Change::unannounced("scheme", id);
    change.event = Some("scheme.published");
    change.after = Some(serde_json::json!({ "id": id, "title": scheme.title }));
    tx.record(&permit, change).await
}
