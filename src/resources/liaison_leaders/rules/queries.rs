use super::model::{LiaisonRuleFilter, NewLiaisonRule, PatchLiaisonRule, Row};
use crate::db::schema::liaison_rules as rules;
use crate::policy::{Permit, ops};
use crate::problem::Result;
use crate::work::Tx;
use chrono::NaiveDate;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

pub async fn list(
    mut conn: &AsyncPgConnection,
    department: Uuid,
    filter: &LiaisonRuleFilter,
    day: NaiveDate,
) -> Result<Vec<Row>> {
    let mut query = rules::table
        .filter(rules::department_id.eq(department))
        .into_boxed();
    if !filter.include_ended {
        query = query
            .filter(rules::issued_on.le(day))
            .filter(rules::ended_on.is_null().or(rules::ended_on.gt(day)));
    }
    if !filter.kind.is_empty() {
        query = query.filter(rules::kind.eq_any(&filter.kind));
    }
    Ok(query.select(Row::as_select()).load(&mut conn).await?)
}

/// One rule of a department.
///
/// # Errors
/// 404.
pub async fn get(mut conn: &AsyncPgConnection, department: Uuid, id: Uuid) -> Result<Row> {
    Ok(rules::table
        .find(id)
        .filter(rules::department_id.eq(department))
        .select(Row::as_select())
        .first(&mut conn)
        .await?)
}

pub async fn get_locked(tx: &mut Tx<'_>, department: Uuid, id: Uuid) -> Result<Row> {
    let row: Row = rules::table
        .find(id)
        .filter(rules::department_id.eq(department))
        .select(Row::as_select())
        .for_update()
        .first(tx.conn)
        .await?;
    tx.holds(row.updated_at);
    Ok(row)
}

pub async fn insert(
    tx: &mut Tx<'_>,
    _: &Permit<ops::CreateDepartmentRule>,
    department: Uuid,
    new: &NewLiaisonRule,
    on_behalf: bool,
) -> Result<Uuid> {
    let id = Uuid::now_v7();
    diesel::insert_into(rules::table)
        .values((
            rules::id.eq(id),
            rules::department_id.eq(department),
            rules::kind.eq(new.kind),
            rules::title.eq(&new.title),
            rules::document_number.eq(&new.document_number),
            rules::issued_on.eq(new.issued_on),
            rules::recorded_on_behalf.eq(on_behalf),
            rules::created_at.eq(tx.now()),
            rules::updated_at.eq(tx.now()),
        ))
        .execute(tx.conn)
        .await?;
    Ok(id)
}

pub async fn update(
    tx: &mut Tx<'_>,
    _: &Permit<ops::UpdateDepartmentRule>,
    id: Uuid,
    patch: &PatchLiaisonRule,
    on_behalf: bool,
) -> Result<()> {
    diesel::update(rules::table.find(id))
        .set((
            rules::version.eq(rules::version + 1),
            rules::recorded_on_behalf.eq(on_behalf),
            rules::updated_at.eq(tx.now()),
            patch.kind.map(|kind| rules::kind.eq(kind)),
            patch.title.as_ref().map(|title| rules::title.eq(title)),
            patch
                .document_number
                .as_ref()
                .map(|number| rules::document_number.eq(number)),
            patch.issued_on.map(|day| rules::issued_on.eq(day)),
            patch.ended_on.map(|day| rules::ended_on.eq(day)),
        ))
        .execute(tx.conn)
        .await?;
    Ok(())
}
