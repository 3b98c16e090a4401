use super::model::{
    BulletinDirection, BulletinFilter, BulletinSort, BulletinState, BulletinView, RecipientRow, Row,
};
use super::policy::Bulletin;
use crate::db::pattern::{containing, matches};
use crate::db::schema::{bulletin_recipients as recipients, bulletins};
use crate::directory::model::Organization;
use crate::directory::{Directory, Since};
use crate::http::listing::{Listing, Viewer, Views, in_order};
use crate::policy::{Permit, ops};
use crate::problem::{Problem, Result};
use crate::resources::bulletins::model::BulletinCategory;
use crate::work::Tx;
use chrono::NaiveDate;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::HashMap;
use uuid::Uuid;

/// Which bulletins are asked for, as far as the caller reaches.
#[derive(Clone, Debug)]
pub struct Scope {
    pub filter: BulletinFilter,
    /// Those that the caller acts for.
    pub own: Vec<Uuid>,
    /// Whatever was sent or recorded on behalf, and not only what concerns them.
    pub all_sent: bool,
    pub senders: Option<Vec<Uuid>>,
    pub recipients: Option<Vec<Uuid>>,
    pub since: Option<Since>,
}

/// Bulletins with those to whom they go.
pub async fn with_recipients(
    mut conn: &AsyncPgConnection,
    rows: Vec<Row>,
    directory: &Directory,
    today: NaiveDate,
) -> Result<Vec<Bulletin>> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let found: Vec<RecipientRow> = recipients::table
        .filter(recipients::bulletin_id.eq_any(&ids))
        .select(RecipientRow::as_select())
        .load(&mut conn)
        .await?;
    let mut of: HashMap<Uuid, Vec<RecipientRow>> = HashMap::new();
    for one in found {
        of.entry(one.bulletin_id).or_default().push(one);
    }
    Ok(rows
        .into_iter()
        .map(|row| {
            let recipients = of.remove(&row.id).unwrap_or_default();
            Bulletin::new(row, recipients, directory, today)
        })
        .collect())
}

/// # Errors
/// 404.
pub async fn get(
    mut conn: &AsyncPgConnection,
    id: Uuid,
    directory: &Directory,
    today: NaiveDate,
) -> Result<Bulletin> {
    let row = bulletins::table
        .find(id)
        .select(Row::as_select())
        .first(&mut conn)
        .await?;
    let mut found = with_recipients(conn, vec![row], directory, today).await?;
    found.pop().ok_or_else(Problem::not_found)
}

type Condition = Box<dyn BoxableExpression<bulletins::table, Pg, SqlType = Bool>>;

/// Sent to one of these organizations; a draft has reached nobody.
fn sent_to(organizations: Vec<Uuid>) -> Condition {
    let of = recipients::table
        .filter(recipients::organization_id.eq_any(organizations))
        .filter(recipients::told_at.is_not_null())
        .select(recipients::bulletin_id);
    Box::new(bulletins::id.eq_any(of))
}

/// Sent to one of these organizations, and not acknowledged by it.
fn unread_by(organizations: Vec<Uuid>) -> Condition {
    let of = recipients::table
        .filter(recipients::organization_id.eq_any(organizations))
        .filter(recipients::told_at.is_not_null())
        .filter(recipients::acknowledged_at.is_null())
        .select(recipients::bulletin_id);
    let sent = bulletins::state.eq(BulletinState::Sent);
    Box::new(bulletins::id.eq_any(of).and(sent))
}

fn filtered(scope: &Scope) -> bulletins::BoxedQuery<'_, Pg> {
    let filter = &scope.filter;
    let from_own = || bulletins::sender_id.eq_any(scope.own.clone());
    let mut query = bulletins::table.into_boxed();
    query = match scope.all_sent {
        true => query.filter(
            from_own()
                .or(bulletins::sent_at.is_not_null())
                .or(bulletins::recorded_on_behalf),
        ),
        false => query.filter(from_own().or(sent_to(scope.own.clone()))),
    };
    query = match filter.direction {
        None => query,
        Some(BulletinDirection::Sent) => query.filter(from_own()),
        Some(BulletinDirection::Received) => query.filter(sent_to(scope.own.clone())),
    };
    query = match filter.unread {
        None => query,
        Some(true) => query.filter(unread_by(scope.own.clone())),
        Some(false) => query.filter(diesel::dsl::not(unread_by(scope.own.clone()))),
    };
    if let Some(senders) = &scope.senders {
        query = query.filter(bulletins::sender_id.eq_any(senders));
    }
    if let Some(recipients) = &scope.recipients {
        query = query.filter(sent_to(recipients.clone()));
    }
    if !filter.category.is_empty() {
        query = query.filter(bulletins::category.eq_any(&filter.category));
    }
    if !filter.state.is_empty() {
        query = query.filter(bulletins::state.eq_any(&filter.state));
    }
    if let Some(from) = filter.sent_from {
        query = query.filter(bulletins::sent_at.ge(from).assume_not_null());
    }
    if let Some(until) = filter.sent_until {
        query = query.filter(bulletins::sent_at.lt(until).assume_not_null());
    }
    if let Some(since) = &scope.since {
        let to = recipients::table
            .filter(recipients::organization_id.eq_any(&since.renamed))
            .select(recipients::bulletin_id);
        let renamed = bulletins::sender_id
            .eq_any(&since.renamed)
            .or(bulletins::id.eq_any(to));
        query = query.filter(bulletins::updated_at.ge(since.at).or(renamed));
    }
    if let Some(words) = &filter.q {
        query = query.filter(matches(bulletins::searched, &containing(words)));
    }
    query
}

impl Listing for Scope {
    type View = BulletinView;

    in_order! { |scope| bulletins as Row, filtered(scope), scope.filter.sort => {
        BulletinSort::Newest => desc dated_at,
        BulletinSort::Oldest => asc dated_at,
        BulletinSort::NewestChange => desc updated_at,
    }}

    async fn views(&self, conn: &AsyncPgConnection, viewer: &Viewer, rows: Vec<Row>) -> Views<Self> {
        let found = with_recipients(conn, rows, &viewer.directory, viewer.today()).await?;
        let views = found
            .iter()
            .map(|one| BulletinView::for_caller(&viewer.caller, one, &viewer.directory));
        views.collect()
    }
}

/// What a draft says.
pub struct Content<'a> {
    pub category: BulletinCategory,
    pub title: &'a str,
    pub text: &'a str,
    pub to_linked: bool,
    /// Those that are named.
    pub recipients: &'a [RecipientRow],
}

pub async fn insert(
    tx: &mut Tx<'_>,
    _: &Permit<ops::CreateBulletin>,
    id: Uuid,
    (sender, on_behalf): (&Organization, bool),
    content: &Content<'_>,
) -> Result<()> {
    diesel::insert_into(bulletins::table)
        .values((
            bulletins::id.eq(id),
            bulletins::sender_id.eq(sender.id),
            bulletins::sender_kind.eq(sender.kind),
            bulletins::category.eq(content.category),
            bulletins::title.eq(content.title),
            bulletins::text.eq(content.text),
            bulletins::state.eq(BulletinState::Draft),
            bulletins::to_linked.eq(content.to_linked),
            bulletins::recorded_on_behalf.eq(on_behalf),
            bulletins::dated_at.eq(tx.now()),
            bulletins::created_at.eq(tx.now()),
            bulletins::updated_at.eq(tx.now()),
        ))
        .execute(tx.conn)
        .await?;
    insert_recipients(tx, content.recipients).await
}

async fn insert_recipients(tx: &mut Tx<'_>, rows: &[RecipientRow]) -> Result<()> {
    diesel::insert_into(recipients::table)
        .values(rows)
        .execute(tx.conn)
        .await?;
    Ok(())
}

async fn delete_recipients(tx: &mut Tx<'_>, id: Uuid) -> Result<()> {
    diesel::delete(recipients::table.filter(recipients::bulletin_id.eq(id)))
        .execute(tx.conn)
        .await?;
    Ok(())
}

pub async fn update(
    tx: &mut Tx<'_>,
    _: &Permit<ops::UpdateBulletin>,
    id: Uuid,
    content: &Content<'_>,
) -> Result<()> {
    diesel::update(bulletins::table.find(id))
        .set((
            bulletins::category.eq(content.category),
            bulletins::title.eq(content.title),
            bulletins::text.eq(content.text),
            bulletins::to_linked.eq(content.to_linked),
            bulletins::dated_at.eq(tx.now()),
            bulletins::version.eq(bulletins::version + 1),
            bulletins::updated_at.eq(tx.now()),
        ))
        .execute(tx.conn)
        .await?;
    delete_recipients(tx, id).await?;
    insert_recipients(tx, content.recipients).await
}

pub async fn delete(tx: &mut Tx<'_>, _: &Permit<ops::DeleteBulletin>, id: Uuid) -> Result<()> {
    delete_recipients(tx, id).await?;
    diesel::delete(bulletins::table.find(id)).execute(tx.conn).await?;
    Ok(())
}

/// From the sender as it is on the day, to all these.
pub async fn send(
    tx: &mut Tx<'_>,
    _: &Permit<ops::SendBulletin>,
    id: Uuid,
    sender: &Organization,
    mut to: Vec<RecipientRow>,
) -> Result<()> {
    for one in &mut to {
        one.told_at = Some(tx.now());
    }
    delete_recipients(tx, id).await?;
    insert_recipients(tx, &to).await?;
    diesel::update(bulletins::table.find(id))
        .set((
            bulletins::state.eq(BulletinState::Sent),
            bulletins::sender_id.eq(sender.id),
            bulletins::sender_kind.eq(sender.kind),
            bulletins::no_secrets.eq(true),
            bulletins::sent_at.eq(tx.now()),
            bulletins::dated_at.eq(tx.now()),
            bulletins::version.eq(bulletins::version + 1),
            bulletins::updated_at.eq(tx.now()),
        ))
        .execute(tx.conn)
        .await?;
    Ok(())
}

pub async fn acknowledge(
    tx: &mut Tx<'_>,
    _: &Permit<ops::AcknowledgeBulletin>,
    id: Uuid,
    organizations: &[Uuid],
) -> Result<()> {
    let person = tx.person().await?;
    diesel::update(
        recipients::table
            .filter(recipients::bulletin_id.eq(id))
            .filter(recipients::organization_id.eq_any(organizations))
            .filter(recipients::acknowledged_at.is_null()),
    )
    .set((
        recipients::acknowledged_at.eq(tx.now()),
        recipients::acknowledged_by.eq(person),
    ))
    .execute(tx.conn)
    .await?;
    diesel::update(bulletins::table.find(id))
        .set((
            bulletins::version.eq(bulletins::version + 1),
            bulletins::updated_at.eq(tx.now()),
        ))
        .execute(tx.conn)
        .await?;
    Ok(())
}

pub async fn withdraw(
    tx: &mut Tx<'_>,
    _: &Permit<ops::WithdrawBulletin>,
    id: Uuid,
    reason: &str,
) -> Result<()> {
    diesel::update(bulletins::table.find(id))
        .set((
            bulletins::state.eq(BulletinState::Withdrawn),
            bulletins::withdrawn_at.eq(tx.now()),
            bulletins::withdrawal_reason.eq(reason),
            bulletins::version.eq(bulletins::version + 1),
            bulletins::updated_at.eq(tx.now()),
        ))
        .execute(tx.conn)
        .await?;
    Ok(())
}
