use super::model::Set;
use crate::db::schema::terms;
use crate::db::transaction::Tx;
use crate::http::problem::{Problem, Result};
use crate::policy::{Permit, ops};
use crate::workflow::{Term, TermKey};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::upsert::excluded;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::HashMap;
use uuid::Uuid;

/// Those that have been set.
pub async fn load(mut conn: &AsyncPgConnection) -> Result<HashMap<TermKey, Set>> {
    let rows: Vec<(String, i32, String, i64, DateTime<Utc>)> = terms::table
        .select((
            terms::key,
            terms::amount,
            terms::unit,
            terms::version,
            terms::updated_at,
        ))
        .load(&mut conn)
        .await?;
    rows.into_iter()
        .map(|(key, amount, unit, version, updated_at)| {
            let unit = unit.parse().map_err(Problem::internal)?;
            let set = Set {
                term: Term { amount, unit },
                version,
                updated_at,
            };
            Ok((key.parse().map_err(Problem::internal)?, set))
        })
        .collect()
}

/// Sets a term. The caller holds `timing::lock`. Answers what the audit log names it by.
pub async fn set(tx: &mut Tx<'_>, _: &Permit<ops::UpdateSetting>, key: TermKey, term: Term) -> Result<Uuid> {
    let id = diesel::insert_into(terms::table)
        .values((
            terms::key.eq(<&str>::from(key)),
            terms::id.eq(Uuid::now_v7()),
            terms::amount.eq(term.amount),
            terms::unit.eq(<&str>::from(term.unit)),
            terms::version.eq(1),
            terms::updated_at.eq(tx.now()),
        ))
        .on_conflict(terms::key)
        .do_update()
        .set((
            terms::amount.eq(excluded(terms::amount)),
            terms::unit.eq(excluded(terms::unit)),
            terms::version.eq(terms::version + 1),
            terms::updated_at.eq(excluded(terms::updated_at)),
        ))
        .returning(terms::id)
        .get_result(tx.conn)
        .await?;
    Ok(id)
}
