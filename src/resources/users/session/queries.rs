use crate::auth::refresh::{Family, RefreshToken};
use crate::db::schema::{sessions, users};
use crate::policy::{Permit, ops};
use crate::problem::{Problem, Result};
use crate::resources::users::model::UserRow;
use crate::work::Tx;
use chrono::{DateTime, TimeDelta, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel_async::{AsyncConnectionCore, RunQueryDsl};
use uuid::Uuid;

/// Begins a session of an account.
pub async fn begin(
    tx: &mut Tx<'_>,
    _: &Permit<ops::LogIn>,
    user: Uuid,
    first: &RefreshToken,
    life: TimeDelta,
) -> Result<()> {
    let now = tx.now();
    diesel::insert_into(sessions::table)
        .values((
            sessions::id.eq(first.family()),
            sessions::user_id.eq(user),
            sessions::current_hash.eq(first.hash().to_vec()),
            sessions::rotated_at.eq(now),
            sessions::expires_at.eq(now + life),
            sessions::created_at.eq(now),
        ))
        .execute(tx.conn)
        .await?;
    Ok(())
}

/// Stores the same password at today's cost; nobody's rights change.
pub async fn rehash(tx: &mut Tx<'_>, _: &Permit<ops::LogIn>, user: Uuid, hash: &str) -> Result<()> {
    diesel::update(users::table.find(user))
        .set(users::password_hash.eq(hash))
        .execute(tx.conn)
        .await?;
    Ok(())
}

/// Whose session it is.
///
/// # Errors
/// `database_unavailable`.
pub async fn user_of<C>(conn: &mut C, session: Uuid) -> Result<Option<UserRow>>
where
    C: AsyncConnectionCore<Backend = Pg>,
{
    let found = sessions::table
        .inner_join(users::table.on(users::id.eq(sessions::user_id)))
        .filter(sessions::id.eq(session))
        .select(UserRow::as_select())
        .first(conn)
        .await;
    Ok(found.optional()?)
}

#[derive(Queryable)]
struct FamilyRow {
    current_hash: Vec<u8>,
    previous_hash: Option<Vec<u8>>,
    rotated_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    revoked_at: Option<DateTime<Utc>>,
}

/// The family, with whoever else presents one of its tokens kept waiting.
///
/// # Errors
/// 404 where it is gone.
pub async fn lock_family(tx: &mut Tx<'_>, session: Uuid) -> Result<Family> {
    let row: FamilyRow = sessions::table
        .find(session)
        .select((
            sessions::current_hash,
            sessions::previous_hash,
            sessions::rotated_at,
            sessions::expires_at,
            sessions::revoked_at,
        ))
        .for_update()
        .first(tx.conn)
        .await?;
    let hash = |bytes: Vec<u8>| {
        <[u8; 32]>::try_from(bytes).map_err(|_| Problem::internal("a stored token hash of another length"))
    };
    Ok(Family {
        current_hash: hash(row.current_hash)?,
        previous_hash: row.previous_hash.map(hash).transpose()?,
        rotated_at: row.rotated_at,
        expires_at: row.expires_at,
        revoked_at: row.revoked_at,
    })
}

/// Puts the successor in the place of the token that was used.
pub async fn rotate(
    tx: &mut Tx<'_>,
    _: &Permit<ops::RefreshSession>,
    used: &RefreshToken,
    successor: &RefreshToken,
) -> Result<()> {
    let now = tx.now();
    diesel::update(sessions::table.find(used.family()))
        .set((
            sessions::previous_hash.eq(used.hash().to_vec()),
            sessions::current_hash.eq(successor.hash().to_vec()),
            sessions::rotated_at.eq(now),
        ))
        .execute(tx.conn)
        .await?;
    Ok(())
}

/// Ends a session. `O` is a log-out, or a refresh that showed a copied token.
pub async fn end<O>(tx: &mut Tx<'_>, _: &Permit<O>, session: Uuid) -> Result<()> {
    let now = tx.now();
    diesel::update(sessions::table.find(session))
        .filter(sessions::revoked_at.is_null())
        .set(sessions::revoked_at.eq(now))
        .execute(tx.conn)
        .await?;
    Ok(())
}
