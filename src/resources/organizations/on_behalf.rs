//! 代录: 市委统战部 records what a unit itself would, for those units alone that nobody can act for. What is recorded so is
//! marked, and the unit is told. An evaluation is never recorded for anybody.

use crate::db::schema::users;
use crate::policy::{Caller, Role};
use crate::problem::{Code, Problem, Result};
use crate::work::Tx;
use crate::workflow::notices::{self, Notice, NoticeKind};
use crate::workflow::subjects::{Subject, chinese_day};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// Of some units those that nobody can act for: without an account that is enabled.
///
/// # Errors
/// `database_unavailable`.
pub async fn unattended(mut conn: &AsyncPgConnection, units: &[Uuid]) -> Result<Vec<Uuid>> {
    if units.is_empty() {
        return Ok(Vec::new());
    }
    let attended: Vec<Uuid> = users::table
        .filter(users::organization_id.eq_any(units))
        .filter(users::disabled_at.is_null())
        .select(users::organization_id.assume_not_null())
        .distinct()
        .load(&mut conn)
        .await?;
    let alone = units.iter().copied().filter(|unit| !attended.contains(unit));
    Ok(alone.collect())
}

/// Whether what the caller writes for a unit is recorded on its behalf.
///
/// # Errors
/// 403 `not_yours` for 市委统战部 where somebody can act for the unit.
pub async fn is_on_behalf(tx: &mut Tx<'_>, caller: &Caller, unit: Uuid) -> Result<bool> {
    if caller.role != Some(Role::Coordinator) || caller.is_of(unit) {
        return Ok(false);
    }
    match unattended(tx.conn, &[unit]).await?.is_empty() {
        true => Err(Problem::new(Code::NotYours)),
        false => Ok(true),
    }
}

/// Who really wrote it, behind what is said of a unit.
pub fn how(on_behalf: bool) -> &'static str {
    match on_behalf {
        true => "（由市委统战部代录）",
        false => "",
    }
}

/// Tells a unit what stands in its name now, where nothing else does.
///
/// # Errors
/// `database_unavailable`.
pub async fn tell(tx: &mut Tx<'_>, unit: Uuid, subject: &Subject, what: &str) -> Result<()> {
    let notice = Notice {
        kind: NoticeKind::RecordedOnBehalf,
        level: None,
        subject,
        title: format!("市委统战部代录：{}", subject.title),
        text: format!(
            "市委统战部于{}为你单位代录：{what}事项地址：{}",
            chinese_day(tx.today()),
            subject.kind.path(subject.id)
        ),
    };
    notices::send(tx, &[unit], &notice).await
}
