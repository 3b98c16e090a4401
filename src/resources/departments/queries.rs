use super::model::{NewDepartment, PatchDepartment};
use crate::db::schema::{organization_names as names, organizations};
use crate::db::transaction::Tx;
use crate::directory::model::{EndKind, Kind};
use crate::http::problem::Result;
use crate::policy::{Permit, ops};
use chrono::NaiveDate;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

pub async fn create(tx: &mut Tx<'_>, _: &Permit<ops::CreateDepartment>, new: &NewDepartment) -> Result<Uuid> {
    let id = Uuid::now_v7();
    let now = tx.now();
    let established_on = new.established_on.unwrap_or_else(|| tx.today());
    let last: Option<i32> = organizations::table
        .filter(organizations::kind.eq(<&str>::from(Kind::Department)))
        .select(diesel::dsl::max(organizations::position))
        .first(tx.conn)
        .await?;
    diesel::insert_into(organizations::table)
        .values((
            organizations::id.eq(id),
            organizations::kind.eq(<&str>::from(Kind::Department)),
            organizations::code.eq(&new.code),
            organizations::social_credit_code.eq(&new.social_credit_code),
            organizations::position.eq(new.position.unwrap_or(last.unwrap_or(0) + 1)),
            organizations::established_on.eq(established_on),
            organizations::created_at.eq(now),
            organizations::updated_at.eq(now),
        ))
        .execute(tx.conn)
        .await?;
    insert_name(tx, id, &new.name, &new.short_name, Some(established_on), None).await?;
    Ok(id)
}

async fn insert_name(
    tx: &mut Tx<'_>,
    id: Uuid,
    name: &str,
    short_name: &str,
    effective_from: Option<NaiveDate>,
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

/// The department by id or code, after waiting for whoever is changing it: what is read then is what will be changed.
pub async fn lock(tx: &mut Tx<'_>, id_or_code: &str) -> Result<Uuid> {
    let departments = organizations::table
        .filter(organizations::kind.eq(<&str>::from(Kind::Department)))
        .select(organizations::id)
        .for_update();
    Ok(match Uuid::try_parse(id_or_code) {
        Ok(id) => {
            departments
                .filter(organizations::id.eq(id))
                .first(tx.conn)
                .await?
        }
        Err(_) => {
            departments
                .filter(organizations::code.eq(id_or_code))
                .first(tx.conn)
                .await?
        }
    })
}

pub async fn update(
    tx: &mut Tx<'_>,
    _: &Permit<ops::UpdateDepartment>,
    id: Uuid,
    patch: &PatchDepartment,
) -> Result<()> {
    let now = tx.now();
    diesel::update(organizations::table.find(id))
        .set((
            patch
                .social_credit_code
                .as_ref()
                .map(|code| organizations::social_credit_code.eq(code)),
            patch
                .position
                .map(|position| organizations::position.eq(position)),
            organizations::version.eq(organizations::version + 1),
            organizations::updated_at.eq(now),
        ))
        .execute(tx.conn)
        .await?;
    Ok(())
}

/// Ends the name that runs, and begins the next.
pub async fn rename(
    tx: &mut Tx<'_>,
    _: &Permit<ops::RenameDepartment>,
    id: Uuid,
    name: &str,
    short_name: &str,
    effective_from: NaiveDate,
    reason: Option<&str>,
) -> Result<()> {
    diesel::update(
        names::table
            .filter(names::organization_id.eq(id))
            .filter(names::effective_until.is_null()),
    )
    .set(names::effective_until.eq(effective_from))
    .execute(tx.conn)
    .await?;
    insert_name(tx, id, name, short_name, Some(effective_from), reason).await?;
    touch(tx, id).await
}

async fn touch(tx: &mut Tx<'_>, id: Uuid) -> Result<()> {
    let now = tx.now();
    diesel::update(organizations::table.find(id))
        .set((
            organizations::version.eq(organizations::version + 1),
            organizations::updated_at.eq(now),
        ))
        .execute(tx.conn)
        .await?;
    Ok(())
}

/// How and from when a department ends.
pub struct End<'a> {
    pub kind: EndKind,
    pub on: NaiveDate,
    pub reason: Option<&'a str>,
    pub successor: Option<Uuid>,
}

/// `O` is merging or abolishing: the leave for either is asked of the caller.
pub async fn end<O>(tx: &mut Tx<'_>, _: &Permit<O>, id: Uuid, end: End<'_>) -> Result<()> {
    let now = tx.now();
    diesel::update(organizations::table.find(id))
        .set((
            organizations::ended_on.eq(end.on),
            organizations::end_kind.eq(<&str>::from(end.kind)),
            organizations::end_reason.eq(end.reason),
            organizations::successor_id.eq(end.successor),
            organizations::version.eq(organizations::version + 1),
            organizations::updated_at.eq(now),
        ))
        .execute(tx.conn)
        .await?;
    Ok(())
}
