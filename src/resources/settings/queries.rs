use super::model::{Set, SettingKey, Value};
use crate::db::schema::{switches, terms};
use crate::policy::{Permit, ops};
use crate::problem::Result;
use crate::work::Tx;
use crate::workflow::calendar::Unit;
use crate::workflow::{SwitchKey, Term, TermKey};
use chrono::{DateTime, Utc};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Timestamptz;
use diesel::upsert::excluded;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::HashMap;
use uuid::Uuid;

/// Those that have been set.
pub async fn load(conn: &AsyncPgConnection) -> Result<HashMap<SettingKey, Set>> {
    type TermRow = (TermKey, i32, Unit, i64, DateTime<Utc>);
    type SwitchRow = (SwitchKey, bool, i64, DateTime<Utc>);
    let (mut c1, mut c2) = (conn, conn);
    let (of_terms, of_switches) = futures_util::try_join!(
        terms::table
            .select((
                terms::key,
                terms::amount,
                terms::unit,
                terms::version,
                terms::updated_at,
            ))
            .load::<TermRow>(&mut c1),
        switches::table
            .select((
                switches::key,
                switches::enabled,
                switches::version,
                switches::updated_at,
            ))
            .load::<SwitchRow>(&mut c2),
    )?;
    let of_terms = of_terms
        .into_iter()
        .map(|(key, amount, unit, version, updated_at)| {
            let value = Value::Term(Term { amount, unit });
            (SettingKey::Term(key), value, version, updated_at)
        });
    let of_switches = of_switches
        .into_iter()
        .map(|(key, enabled, version, updated_at)| {
            (
                SettingKey::Switch(key),
                Value::Switch(enabled),
                version,
                updated_at,
            )
        });
    let set = of_terms
        .chain(of_switches)
        .map(|(key, value, version, updated_at)| {
            let set = Set {
                value,
                version,
                updated_at,
            };
            (key, set)
        });
    Ok(set.collect())
}

/// Sets a term. The caller holds `timing::lock`. Answers what the audit log names it by.
pub async fn set_term(
    tx: &mut Tx<'_>,
    _: &Permit<ops::UpdateSetting>,
    key: TermKey,
    term: Term,
) -> Result<Uuid> {
    Ok(diesel::insert_into(terms::table)
        .values((
            terms::key.eq(key),
            terms::id.eq(Uuid::now_v7()),
            terms::amount.eq(term.amount),
            terms::unit.eq(term.unit),
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
        .await?)
}

/// Sets a switch. The caller holds `timing::lock`. Answers what the audit log names it by.
pub async fn set_switch(
    tx: &mut Tx<'_>,
    _: &Permit<ops::UpdateSetting>,
    key: SwitchKey,
    enabled: bool,
) -> Result<Uuid> {
    Ok(diesel::insert_into(switches::table)
        .values((
            switches::key.eq(key),
            switches::id.eq(Uuid::now_v7()),
            switches::enabled.eq(enabled),
            switches::version.eq(1),
            switches::updated_at.eq(tx.now()),
        ))
        .on_conflict(switches::key)
        .do_update()
        .set((
            switches::enabled.eq(excluded(switches::enabled)),
            switches::version.eq(switches::version + 1),
            // Since when it is as it is: to set it again changes nothing about that.
            switches::updated_at.eq(sql::<Timestamptz>(
                "CASE WHEN switches.enabled = excluded.enabled THEN switches.updated_at ELSE excluded.updated_at END",
            )),
        ))
        .returning(switches::id)
        .get_result(tx.conn)
        .await?)
}
