use super::model::{UserFilter, UserRow, UserSort, UserView};
use crate::db::count;
use crate::db::pattern::{containing, matches, text_key};
use crate::db::schema::{former_passwords, login_failures, sessions, users};
use crate::directory::Since;
use crate::directory::model::Organization;
use crate::http::listing::{Listing, Viewer, Views};
use crate::policy::{Permit, Role, ops};
use crate::problem::{Code, Problem, Result};
use crate::resources::meetings::feeds::queries as feeds;
use crate::work::Tx;
use chrono::{DateTime, TimeDelta, Utc};
use diesel::dsl::exists;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel_async::{AsyncConnectionCore, AsyncPgConnection, RunQueryDsl};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Hashes of former passwords that are kept; more than any profile asks for.
const FORMER_PASSWORDS: i64 = 10;

/// Any number, the same in every instance: who takes an administrator away holds this lock.
const ADMINISTRATORS: i64 = 0x6c69_6169_736f_6e02;

/// One account by identifier or user name, and whether it is locked after failed log-ins.
///
/// # Errors
/// 404.
pub async fn find<C>(conn: &mut C, id_or_name: &str, now: DateTime<Utc>) -> Result<(UserRow, bool)>
where
    C: AsyncConnectionCore<Backend = Pg>,
{
    let query = users::table.into_boxed();
    let query = match Uuid::try_parse(id_or_name) {
        Ok(id) => query.filter(users::id.eq(id)),
        Err(_) => query.filter(users::username.eq(id_or_name)),
    };
    query
        .select((UserRow::as_select(), exists(locks(now))))
        .first(conn)
        .await
        .map_err(Problem::from)
}

#[diesel::dsl::auto_type(no_type_alias)]
fn locks(now: DateTime<Utc>) -> _ {
    login_failures::table
        .filter(login_failures::username.eq(users::username))
        .filter(login_failures::locked_until.gt(now))
}

/// One account, where there is one of that name.
///
/// # Errors
/// `database_unavailable`.
pub async fn by_name<C>(conn: &mut C, username: &str) -> Result<Option<UserRow>>
where
    C: AsyncConnectionCore<Backend = Pg>,
{
    let found = users::table
        .filter(users::username.eq(username))
        .select(UserRow::as_select())
        .first(conn)
        .await;
    Ok(found.optional()?)
}

/// One account, waited for until nobody else changes it.
///
/// # Errors
/// 404.
pub async fn lock(tx: &mut Tx<'_>, id: Uuid) -> Result<UserRow> {
    let found: UserRow = users::table
        .find(id)
        .select(UserRow::as_select())
        .for_no_key_update()
        .first(tx.conn)
        .await?;
    tx.holds(found.updated_at);
    Ok(found)
}

/// Which accounts are asked for.
pub struct Scope {
    pub filter: UserFilter,
    /// What the filter's names stand for.
    pub organizations: Option<Vec<Uuid>>,
    pub since: Option<Since>,
    pub now: DateTime<Utc>,
}

/// Where an account stands in the list.
#[derive(Deserialize, Serialize)]
pub enum UserKey {
    Username(String),
    Newest(DateTime<Utc>, Uuid),
}

impl Listing for Scope {
    type Row = (UserRow, bool);
    type Key = UserKey;
    type View = UserView;

    fn key(&self, (row, _): &(UserRow, bool)) -> UserKey {
        match self.filter.sort {
            UserSort::Username => UserKey::Username(row.username.clone()),
            UserSort::Newest => UserKey::Newest(row.created_at, row.id),
        }
    }

    async fn after(
        &self,
        mut conn: &AsyncPgConnection,
        after: Option<UserKey>,
        limit: usize,
    ) -> Result<Vec<(UserRow, bool)>> {
        let query = filtered(self);
        let query = match after {
            Some(UserKey::Username(name)) => query.filter(users::username.gt(name)),
            Some(UserKey::Newest(at, id)) => query
                .filter(users::created_at.le(at))
                .filter(users::created_at.lt(at).or(users::id.lt(id))),
            None => query,
        };
        let query = match self.filter.sort {
            UserSort::Username => query.order(users::username),
            UserSort::Newest => query.order((users::created_at.desc(), users::id.desc())),
        };
        let query = query.limit(i64::try_from(limit).unwrap_or(i64::MAX));
        let rows = query.select((UserRow::as_select(), exists(locks(self.now))));
        Ok(rows.load(&mut conn).await?)
    }

    async fn total(&self, conn: &AsyncPgConnection) -> Result<usize> {
        count::capped(conn, filtered(self).select(users::id)).await
    }

    async fn views(&self, _: &AsyncPgConnection, viewer: &Viewer, rows: Vec<(UserRow, bool)>) -> Views<Self> {
        let views = rows
            .iter()
            .map(|(row, locked)| UserView::new(row, *locked, &viewer.directory, viewer.today()));
        views.collect()
    }
}

/// All accounts, by user name.
///
/// # Errors
/// `database_unavailable`.
pub async fn all<C>(conn: &mut C, now: DateTime<Utc>) -> Result<Vec<(UserRow, bool)>>
where
    C: AsyncConnectionCore<Backend = Pg>,
{
    let rows = users::table
        .order(users::username)
        .select((UserRow::as_select(), exists(locks(now))))
        .load(conn)
        .await;
    rows.map_err(Problem::from)
}

fn filtered(scope: &Scope) -> users::BoxedQuery<'_, Pg> {
    let filter = &scope.filter;
    let mut query = users::table.into_boxed();
    if !filter.role.is_empty() {
        let names: Vec<&str> = filter.role.iter().map(|role| role.as_str()).collect();
        query = query.filter(users::role.eq_any(names).assume_not_null());
    }
    if let Some(organizations) = &scope.organizations {
        query = query.filter(users::organization_id.eq_any(organizations).assume_not_null());
    }
    match filter.disabled {
        Some(true) => query = query.filter(users::disabled_at.is_not_null()),
        Some(false) => query = query.filter(users::disabled_at.is_null()),
        None => {}
    }
    if filter.without_role {
        query = query.filter(users::role.is_null());
    }
    if let Some(words) = &filter.q {
        let pattern = containing(words);
        query = query
            .filter(matches(users::username, &pattern).or(matches(text_key(users::display_name), &pattern)));
    }
    if let Some(since) = &scope.since {
        let renamed = users::organization_id.eq_any(&since.renamed).assume_not_null();
        query = query.filter(users::updated_at.ge(since.at).or(renamed));
    }
    query
}

/// An account as it is made. No `Debug`: it holds a hash.
pub struct NewAccount<'a> {
    pub username: &'a str,
    pub display_name: &'a str,
    /// None over the API: an account gets its role from a second person.
    pub role: Option<Role>,
    pub organization: Option<&'a Organization>,
    pub password_hash: &'a str,
    pub must_change_password: bool,
}

/// # Errors
/// 409 where the user name is taken.
pub async fn create(
    tx: &mut Tx<'_>,
    _: &Permit<ops::CreateUser>,
    account: &NewAccount<'_>,
) -> Result<UserRow> {
    let now = tx.now();
    let row = diesel::insert_into(users::table)
        .values((
            users::id.eq(Uuid::now_v7()),
            users::username.eq(account.username),
            users::display_name.eq(account.display_name),
            users::role.eq(account.role.map(Role::as_str)),
            users::organization_id.eq(account.organization.map(|one| one.id)),
            users::organization_kind.eq(account.organization.map(|one| one.kind)),
            users::password_hash.eq(account.password_hash),
            users::password_changed_at.eq(now),
            users::must_change_password.eq(account.must_change_password),
            users::created_by.eq(&tx.origin.caller.username),
            users::password_set_by.eq(&tx.origin.caller.username),
            users::created_at.eq(now),
            users::updated_at.eq(now),
        ))
        .returning(UserRow::as_returning())
        .get_result(tx.conn)
        .await?;
    Ok(row)
}

pub async fn rename(
    tx: &mut Tx<'_>,
    _: &Permit<ops::UpdateUser>,
    id: Uuid,
    display_name: Option<&str>,
) -> Result<()> {
    let now = tx.now();
    diesel::update(users::table.find(id))
        .set((
            display_name.map(|name| users::display_name.eq(name)),
            users::version.eq(users::version + 1),
            users::updated_at.eq(now),
        ))
        .execute(tx.conn)
        .await?;
    Ok(())
}

/// Raises the version: whether an account is locked is in its answers.
pub async fn touch(tx: &mut Tx<'_>, _: &Permit<ops::UnlockUser>, id: Uuid) -> Result<()> {
    let now = tx.now();
    diesel::update(users::table.find(id))
        .set((users::version.eq(users::version + 1), users::updated_at.eq(now)))
        .execute(tx.conn)
        .await?;
    Ok(())
}

/// Disables an account and ends what it has open, calendars among it; gives its new epoch.
pub async fn disable(tx: &mut Tx<'_>, permit: &Permit<ops::DisableUser>, account: &UserRow) -> Result<i64> {
    let now = tx.now();
    diesel::update(users::table.find(account.id))
        .set(users::disabled_at.eq(now))
        .execute(tx.conn)
        .await?;
    let epoch = withdraw(tx, account.id).await?;
    feeds::remove_of_user(tx, permit, account.id).await?;
    if let Some(organization) = account.organization_id {
        feeds::close_of_organization(tx, permit, organization).await?;
    }
    Ok(epoch)
}

pub async fn enable(tx: &mut Tx<'_>, _: &Permit<ops::EnableUser>, id: Uuid) -> Result<()> {
    let now = tx.now();
    diesel::update(users::table.find(id))
        .set((
            users::disabled_at.eq(None::<DateTime<Utc>>),
            users::version.eq(users::version + 1),
            users::updated_at.eq(now),
        ))
        .execute(tx.conn)
        .await?;
    Ok(())
}

/// Gives or takes a role, and ends what the account has open; gives its new epoch.
pub async fn set_role(
    tx: &mut Tx<'_>,
    permit: &Permit<ops::SetUserRole>,
    account: &UserRow,
    role: Option<Role>,
    organization: Option<&Organization>,
) -> Result<i64> {
    diesel::update(users::table.find(account.id))
        .set((
            users::role.eq(role.map(Role::as_str)),
            users::organization_id.eq(organization.map(|one| one.id)),
            users::organization_kind.eq(organization.map(|one| one.kind)),
        ))
        .execute(tx.conn)
        .await?;
    let epoch = withdraw(tx, account.id).await?;
    if let Some(left) = account
        .organization_id
        .filter(|left| organization.is_none_or(|one| one.id != *left))
    {
        feeds::close_of_organization(tx, permit, left).await?;
    }
    Ok(epoch)
}

/// How a password comes in the place of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replacement {
    ByOwner,
    /// Good to set another.
    OneTime,
    /// The same, together with the password from before: whoever grants a role knows the one-time password alone, whoever
    /// made the account may know the other alone.
    Granted,
}

/// Sets a password, keeps the old one's hash for the history, and ends what the account has open; gives its new epoch.
pub async fn replace_password<O>(
    tx: &mut Tx<'_>,
    _: &Permit<O>,
    before: &UserRow,
    password_hash: &str,
    replacement: Replacement,
) -> Result<i64> {
    diesel::insert_into(former_passwords::table)
        .values((
            former_passwords::user_id.eq(before.id),
            former_passwords::changed_at.eq(before.password_changed_at),
            former_passwords::password_hash.eq(&before.password_hash),
        ))
        .execute(tx.conn)
        .await?;
    let kept = former_passwords::table
        .filter(former_passwords::user_id.eq(before.id))
        .order(former_passwords::changed_at.desc())
        .select(former_passwords::changed_at)
        .offset(FORMER_PASSWORDS)
        .limit(1);
    let oldest: Option<DateTime<Utc>> = kept.first(tx.conn).await.optional()?;
    if let Some(oldest) = oldest {
        diesel::delete(former_passwords::table)
            .filter(former_passwords::user_id.eq(before.id))
            .filter(former_passwords::changed_at.le(oldest))
            .execute(tx.conn)
            .await?;
    }
    let proof = match replacement {
        Replacement::ByOwner | Replacement::OneTime => None,
        // Of several grants without a change in between: what only the owner knows is from before the first.
        Replacement::Granted => before.grant_proof.as_ref().or(Some(&before.password_hash)),
    };
    // Later than the last in any case: the instants are the history's key and its order.
    let changed_at = tx
        .now()
        .max(before.password_changed_at + TimeDelta::microseconds(1));
    diesel::update(users::table.find(before.id))
        .set((
            users::password_hash.eq(password_hash),
            users::password_changed_at.eq(changed_at),
            users::password_set_by.eq(&tx.origin.caller.username),
            users::must_change_password.eq(replacement != Replacement::ByOwner),
            users::grant_proof.eq(proof),
            users::expiry_told_at.eq(None::<DateTime<Utc>>),
        ))
        .execute(tx.conn)
        .await?;
    withdraw(tx, before.id).await
}

/// The hashes of the account's last passwords, newest first, without the present one.
///
/// # Errors
/// `database_unavailable`.
pub async fn former_passwords<C>(conn: &mut C, id: Uuid) -> Result<Vec<String>>
where
    C: AsyncConnectionCore<Backend = Pg>,
{
    let hashes = former_passwords::table
        .filter(former_passwords::user_id.eq(id))
        .order(former_passwords::changed_at.desc())
        .select(former_passwords::password_hash)
        .load(conn)
        .await;
    hashes.map_err(Problem::from)
}

/// What tokens of the account carry no longer holds: a new epoch, and every session ended.
async fn withdraw(tx: &mut Tx<'_>, id: Uuid) -> Result<i64> {
    let now = tx.now();
    let epoch = diesel::update(users::table.find(id))
        .set((
            users::token_epoch.eq(users::token_epoch + 1),
            users::token_epoch_raised_at.eq(now),
            users::version.eq(users::version + 1),
            users::updated_at.eq(now),
        ))
        .returning(users::token_epoch)
        .get_result(tx.conn)
        .await?;
    diesel::update(sessions::table)
        .filter(sessions::user_id.eq(id))
        .filter(sessions::revoked_at.is_null())
        .set(sessions::revoked_at.eq(now))
        .execute(tx.conn)
        .await?;
    Ok(epoch)
}

#[diesel::declare_sql_function]
extern "SQL" {
    fn pg_advisory_xact_lock(id: BigInt) -> diesel::sql_types::Text;
}

/// Held until the end of the transaction by whoever may take an administrator away, so that two cannot take away one
/// each and leave none. Asked for before any row is locked.
pub async fn lock_administrators(tx: &mut Tx<'_>) -> Result<()> {
    diesel::select(pg_advisory_xact_lock(ADMINISTRATORS))
        .execute(tx.conn)
        .await?;
    Ok(())
}

/// 409 where the account is the last that works of one of the three administrators.
pub async fn refuse_last_administrator(tx: &mut Tx<'_>, account: &UserRow) -> Result<()> {
    let Some(role) = account.role.filter(|role| !role.acts_for_organization()) else {
        return Ok(());
    };
    let others = users::table
        .filter(users::role.eq(role.as_str()))
        .filter(users::disabled_at.is_null())
        .filter(users::id.ne(account.id));
    let another: bool = diesel::select(exists(others)).get_result(tx.conn).await?;
    if another || account.disabled_at.is_some() {
        Ok(())
    } else {
        Err(Problem::new(Code::LastAdministrator))
    }
}
