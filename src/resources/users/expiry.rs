//! Passwords that are about to expire: their owners are told once, while there is time.

use crate::clock::shanghai_day;
use crate::db::schema::users;
use crate::problem::Result;
use crate::state::Instance;
use crate::work::{Origin, Tx};
use crate::workflow::notices::{Notice, NoticeKind, send_to_account};
use crate::workflow::subjects::{Subject, SubjectType, chinese_day};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

/// Days before the end on which the owner is told.
const DAYS_BEFORE: i64 = 14;

/// Accounts in one transaction.
const BATCH: i64 = 50;

/// Tells whoever is to be told; answers how many were.
///
/// # Errors
/// `database_unavailable`.
pub async fn tell(instance: &Instance) -> Result<usize> {
    let Some(life) = instance.password_policy.max_age else {
        return Ok(0);
    };
    let origin = Origin::runner(instance.clock.now());
    let mut told = 0;
    loop {
        let batch = instance.db.transaction(&origin, async |tx| {
            tx.changes_nothing();
            let expiring = claim(tx, life).await?;
            for (account, changed_at) in &expiring {
                tell_one(tx, *account, *changed_at + life).await?;
            }
            Ok(expiring.len())
        });
        match batch.await? {
            0 => return Ok(told),
            more => told += more,
        }
    }
}

/// Accounts whose password ends soon and who have not been told, held against all other instances.
async fn claim(tx: &mut Tx<'_>, life: TimeDelta) -> Result<Vec<(Uuid, DateTime<Utc>)>> {
    let (now, end) = (tx.now(), tx.now() - life);
    let expiring: Vec<(Uuid, DateTime<Utc>)> = users::table
        .filter(users::disabled_at.is_null())
        .filter(users::must_change_password.eq(false))
        .filter(users::expiry_told_at.is_null())
        .filter(users::password_changed_at.gt(end))
        .filter(users::password_changed_at.le(end + TimeDelta::days(DAYS_BEFORE)))
        .order(users::id)
        .limit(BATCH)
        .select((users::id, users::password_changed_at))
        .for_no_key_update()
        .skip_locked()
        .load(tx.conn)
        .await?;
    let ids: Vec<Uuid> = expiring.iter().map(|(id, _)| *id).collect();
    diesel::update(users::table.filter(users::id.eq_any(ids)))
        .set(users::expiry_told_at.eq(now))
        .execute(tx.conn)
        .await?;
    Ok(expiring)
}

async fn tell_one(tx: &mut Tx<'_>, account: Uuid, expires_at: DateTime<Utc>) -> Result<()> {
    let day = chinese_day(shanghai_day(expires_at));
    let subject = Subject::new(SubjectType::User, account, "本人账号");
    let notice = Notice {
        kind: NoticeKind::PasswordExpiring,
        level: None,
        subject: &subject,
        title: format!("密码将于{day}到期"),
        text: format!(
            "您的登录密码将于{day}到期。请在此之前修改（PUT /api/v1/me/password）；到期后登录，须先修改密码才能办理其他事项。"
        ),
    };
    send_to_account(tx, account, &notice).await
}
