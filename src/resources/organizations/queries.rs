//! Every change of an organization raises its version, and with it, by trigger, the directory's revision. The caller
//! holds `directory::load_locked`, so that no two changes run beside each other.

use super::model::RenameOrganization;
use crate::db::schema::{organization_names as names, organizations};
use crate::directory::model::{Kind, PartyKind};
use crate::policy::Permit;
use crate::problem::Result;
use crate::work::Tx;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::dsl;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

/// A new organization, as departments and parties have it in common.
pub struct NewOrganization<'a> {
    pub kind: Kind,
    pub code: &'a str,
    pub name: &'a str,
    pub short_name: &'a str,
    pub party_kind: Option<PartyKind>,
    pub social_credit_code: Option<&'a str>,
    pub established_on: Option<NaiveDate>,
    pub position: Option<i32>,
}

/// `O` is the creation of either kind: the leave for it is asked of the caller.
pub async fn create<O>(tx: &mut Tx<'_>, _: &Permit<O>, new: NewOrganization<'_>) -> Result<Uuid> {
    let id = Uuid::now_v7();
    let now = tx.now();
    let established_on = new.established_on.unwrap_or_else(|| tx.today());
    let last: Option<i32> = organizations::table
        .filter(organizations::kind.eq(new.kind))
        .select(dsl::max(organizations::position))
        .first(tx.conn)
        .await?;
    diesel::insert_into(organizations::table)
        .values((
            organizations::id.eq(id),
            organizations::kind.eq(new.kind),
            organizations::code.eq(new.code),
            organizations::party_kind.eq(new.party_kind),
            organizations::social_credit_code.eq(new.social_credit_code),
            organizations::position.eq(new.position.unwrap_or(last.unwrap_or(0) + 1)),
            organizations::established_on.eq(established_on),
            organizations::created_at.eq(now),
            organizations::updated_at.eq(now),
        ))
        .execute(tx.conn)
        .await?;
    insert_name(tx, id, new.name, new.short_name, established_on, None).await?;
    Ok(id)
}

/// Ends the name that runs, and begins the next; `O` is the renaming of either kind.
pub async fn rename<O>(tx: &mut Tx<'_>, _: &Permit<O>, id: Uuid, rename: &RenameOrganization) -> Result<()> {
    let RenameOrganization {
        name,
        short_name,
        effective_from,
        reason,
    } = rename;
    let from = effective_from.unwrap_or_else(|| tx.today());
    diesel::update(
        names::table
            .filter(names::organization_id.eq(id))
            .filter(names::effective_until.is_null()),
    )
    .set(names::effective_until.eq(from))
    .execute(tx.conn)
    .await?;
    insert_name(tx, id, name, short_name, from, reason.as_deref()).await?;
    diesel::update(organizations::table.find(id))
        .set(changed(tx.now()))
        .execute(tx.conn)
        .await?;
    Ok(())
}

async fn insert_name(
    tx: &mut Tx<'_>,
    id: Uuid,
    name: &str,
    short_name: &str,
    effective_from: NaiveDate,
    reason: Option<&str>,
) -> Result<()> {
    diesel::insert_into(names::table)
        .values((
            names::id.eq(Uuid::now_v7()),
            names::organization_id.eq(id),
            names::name.eq(name),
            names::short_name.eq(short_name),
            names::effective_from.eq(effective_from),
            names::reason.eq(reason),
            names::created_at.eq(tx.now()),
        ))
        .execute(tx.conn)
        .await?;
    Ok(())
}

type Changed = (
    dsl::Eq<organizations::version, dsl::Add<organizations::version, i64>>,
    dsl::Eq<organizations::updated_at, DateTime<Utc>>,
);

/// Raises the version, with whatever else changes of the row.
pub fn changed(now: DateTime<Utc>) -> Changed {
    (
        organizations::version.eq(organizations::version + 1_i64),
        organizations::updated_at.eq(now),
    )
}
