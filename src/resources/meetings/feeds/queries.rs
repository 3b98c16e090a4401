use super::model::{CalendarScope, Row};
use super::secret;
use crate::db::schema::{calendar_feeds as feeds, users};
use crate::policy::{Operation, Permit, ops};
use crate::problem::{Code, Problem, Result};
use crate::work::{Change, Tx};
use crate::workflow::notices::{self, Notice, NoticeKind};
use crate::workflow::subjects::{Subject, SubjectType};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// The feeds of a user and of the organization that it acts for.
pub async fn of(
    mut conn: &AsyncPgConnection,
    user: Option<Uuid>,
    organization: Option<Uuid>,
) -> Result<Vec<Row>> {
    Ok(feeds::table
        .filter(
            feeds::user_id
                .eq(user)
                .or(feeds::organization_id.eq(organization)),
        )
        .order(feeds::id)
        .select(Row::as_select())
        .load(&mut conn)
        .await?)
}

/// # Errors
/// 404.
pub async fn get(mut conn: &AsyncPgConnection, id: Uuid) -> Result<Row> {
    Ok(feeds::table
        .find(id)
        .select(Row::as_select())
        .first(&mut conn)
        .await?)
}

/// The same, held against all who would change it.
pub async fn get_locked(tx: &mut Tx<'_>, id: Uuid) -> Result<Row> {
    let row: Row = feeds::table
        .find(id)
        .select(Row::as_select())
        .for_update()
        .first(tx.conn)
        .await?;
    tx.holds(row.updated_at);
    Ok(row)
}

/// Whose meetings the feed with this secret shows: those of its organization, or of the one that its user acts for today.
///
/// # Errors
/// 404 where there is none, or its user is disabled or acts for nobody.
pub async fn organization_of(mut conn: &AsyncPgConnection, secret: &str) -> Result<(CalendarScope, Uuid)> {
    let (user, organization): (Option<Uuid>, Option<Uuid>) = feeds::table
        .filter(feeds::secret_hash.eq(secret::hash(secret)))
        .select((feeds::user_id, feeds::organization_id))
        .first(&mut conn)
        .await?;
    let Some(user) = user else {
        let organization = organization.ok_or_else(Problem::not_found)?;
        return Ok((CalendarScope::Organization, organization));
    };
    let organization: Option<Uuid> = users::table
        .find(user)
        .filter(users::disabled_at.is_null())
        .select(users::organization_id)
        .first(&mut conn)
        .await?;
    organization
        .map(|organization| (CalendarScope::User, organization))
        .ok_or_else(Problem::not_found)
}

/// # Errors
/// 409 `calendar_feed_exists`.
pub async fn insert(
    tx: &mut Tx<'_>,
    permit: &Permit<ops::CreateCalendarFeed>,
    scope: CalendarScope,
    secret: &str,
) -> Result<Uuid> {
    let caller = permit.caller();
    let (user, organization) = match scope {
        CalendarScope::User => (caller.user_id(), None),
        CalendarScope::Organization => (None, caller.organization.as_ref().map(|own| own.id)),
    };
    if user.is_none() && organization.is_none() {
        return Err(Problem::new(Code::RoleNotAllowed));
    }
    let id = Uuid::now_v7();
    diesel::insert_into(feeds::table)
        .values((
            feeds::id.eq(id),
            feeds::user_id.eq(user),
            feeds::organization_id.eq(organization),
            feeds::secret_hash.eq(secret::hash(secret)),
            feeds::created_at.eq(tx.now()),
            feeds::updated_at.eq(tx.now()),
        ))
        .execute(tx.conn)
        .await?;
    Ok(id)
}

/// Gives it another address; the one before leads nowhere from then on.
pub async fn rotate(
    tx: &mut Tx<'_>,
    _: &Permit<ops::RotateCalendarFeed>,
    id: Uuid,
    secret: &str,
) -> Result<()> {
    diesel::update(feeds::table.find(id))
        .set((
            feeds::secret_hash.eq(secret::hash(secret)),
            feeds::rotated_at.eq(tx.now()),
            feeds::version.eq(feeds::version + 1),
            feeds::updated_at.eq(tx.now()),
        ))
        .execute(tx.conn)
        .await?;
    Ok(())
}

pub async fn delete(tx: &mut Tx<'_>, _: &Permit<ops::DeleteCalendarFeed>, id: Uuid) -> Result<()> {
    diesel::delete(feeds::table.find(id)).execute(tx.conn).await?;
    Ok(())
}

/// Closes the address of an organization that an account no longer acts for: it may know it, and whoever knows it reads. The
/// organization is told, and makes another by rotating it.
///
/// # Errors
/// `database_unavailable`.
pub async fn close_of_organization<O: Operation>(
    tx: &mut Tx<'_>,
    permit: &Permit<O>,
    organization: Uuid,
) -> Result<()> {
    let closed: Option<Uuid> = diesel::update(feeds::table)
        .filter(feeds::organization_id.eq(organization))
        .set((
            // Of a secret that nobody is told.
            feeds::secret_hash.eq(secret::hash(&secret::new())),
            feeds::rotated_at.eq(tx.now()),
            feeds::version.eq(feeds::version + 1),
            feeds::updated_at.eq(tx.now()),
        ))
        .returning(feeds::id)
        .get_result(tx.conn)
        .await
        .optional()?;
    let Some(id) = closed else { return Ok(()) };
    tx.record(permit, Change::unannounced("calendar_feed", id))
        .await?;
    let subject = Subject::new(SubjectType::CalendarFeed, id, "本单位日历订阅");
    let notice = Notice {
        kind: NoticeKind::CalendarAddressClosed,
        level: None,
        subject: &subject,
        title: "本单位日历订阅地址已失效".to_owned(),
        text: format!(
            "本单位有账号变动，原日历订阅地址即日起失效。如需继续订阅，请更换地址后重新订阅。事项地址：{}",
            subject.kind.path(id)
        ),
    };
    notices::send(tx, &[organization], &notice).await
}

/// Removes the address of an account that is disabled: it does not come back with it.
///
/// # Errors
/// `database_unavailable`.
pub async fn remove_of_user<O: Operation>(tx: &mut Tx<'_>, permit: &Permit<O>, user: Uuid) -> Result<()> {
    let removed: Option<Uuid> = diesel::delete(feeds::table.filter(feeds::user_id.eq(user)))
        .returning(feeds::id)
        .get_result(tx.conn)
        .await
        .optional()?;
    match removed {
        Some(id) => tx.record(permit, Change::unannounced("calendar_feed", id)).await,
        None => Ok(()),
    }
}
