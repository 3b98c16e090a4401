use super::content::Content;
use super::model::{ContactRow, LiaisonLeaderFilter, ReceiptRow, Row};
use super::policy::Appointment;
use crate::db::pattern::{containing, matches, text_key};
use crate::db::schema::{
    liaison_contacts as contacts, liaison_leader_receipts as receipts, liaison_leader_versions as versions,
    liaison_leaders as leaders,
};
use crate::directory::{Directory, Since};
use crate::policy::{Permit, ops};
use crate::problem::{Problem, Result};
use crate::resources::liaison_leaders::model::LiaisonLeaderState;
use crate::resources::organizations::on_behalf::unattended;
use crate::work::Tx;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::HashMap;
use uuid::Uuid;

/// Appointments with their contacts and receipts.
pub async fn with_parts(
    conn: &AsyncPgConnection,
    rows: Vec<Row>,
    directory: &Directory,
    today: NaiveDate,
) -> Result<Vec<Appointment>> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let acting = rows
        .iter()
        .filter_map(|row| directory.acting(row.department_id, today));
    let acting: Vec<Uuid> = acting.map(|department| department.id).collect();
    let (mut c1, mut c2) = (conn, conn);
    let (unattended, contact_rows, receipt_rows) = futures_util::try_join!(
        unattended(conn, &acting),
        async {
            Ok(contacts::table
                .filter(contacts::liaison_leader_id.eq_any(&ids))
                .order((contacts::liaison_leader_id, contacts::position))
                .select(ContactRow::as_select())
                .load(&mut c1)
                .await?)
        },
        async {
            Ok(receipts::table
                .filter(receipts::liaison_leader_id.eq_any(&ids))
                .select(ReceiptRow::as_select())
                .load(&mut c2)
                .await?)
        },
    )?;
    let mut contacts_of: HashMap<Uuid, Vec<ContactRow>> = HashMap::new();
    for contact in contact_rows {
        contacts_of
            .entry(contact.liaison_leader_id)
            .or_default()
            .push(contact);
    }
    let mut receipts_of: HashMap<Uuid, Vec<ReceiptRow>> = HashMap::new();
    for receipt in receipt_rows {
        receipts_of
            .entry(receipt.liaison_leader_id)
            .or_default()
            .push(receipt);
    }
    Ok(rows
        .into_iter()
        .map(|row| {
            let contacts = contacts_of.remove(&row.id).unwrap_or_default();
            let mut receipts = receipts_of.remove(&row.id).unwrap_or_default();
            // The two offices first, then the parties in the order of the notice.
            receipts.sort_by_key(|receipt| {
                directory
                    .get(receipt.organization_id)
                    .map(|one| (one.kind == crate::directory::model::Kind::Party, one.position))
            });
            Appointment::new(row, contacts, receipts, (directory, &unattended), today)
        })
        .collect())
}

/// One appointment.
///
/// # Errors
/// 404.
pub async fn get(
    mut conn: &AsyncPgConnection,
    id: Uuid,
    directory: &Directory,
    today: NaiveDate,
) -> Result<Appointment> {
    let row = leaders::table
        .find(id)
        .select(Row::as_select())
        .first(&mut conn)
        .await?;
    one(with_parts(conn, vec![row], directory, today).await?)
}

fn one(mut found: Vec<Appointment>) -> Result<Appointment> {
    found.pop().ok_or_else(Problem::not_found)
}

/// All appointments of one department are changed one after the other.
pub async fn lock_department(tx: &mut Tx<'_>, department: Uuid) -> Result<()> {
    use crate::db::schema::organizations;
    organizations::table
        .find(department)
        .select(organizations::id)
        .for_no_key_update()
        .first::<Uuid>(tx.conn)
        .await?;
    Ok(())
}

/// Rows by what the database can filter; a department has some four a year, so that lists are small by nature.
pub async fn list(
    mut conn: &AsyncPgConnection,
    filter: &LiaisonLeaderFilter,
    day: NaiveDate,
    (departments, waiting_for): (Option<&[Uuid]>, Option<&[Uuid]>),
    since: Option<Since>,
) -> Result<Vec<Row>> {
    let mut query = leaders::table.into_boxed();
    if !filter.include_ended {
        query = query.filter(leaders::effective_from.le(day)).filter(
            leaders::effective_until
                .is_null()
                .or(leaders::effective_until.gt(day)),
        );
    }
    if let Some(departments) = departments {
        query = query.filter(leaders::department_id.eq_any(departments.to_vec()));
    }
    if !filter.state.is_empty() {
        query = query.filter(leaders::state.eq_any(&filter.state));
    }
    if let Some(vacant) = filter.vacant {
        query = query.filter(leaders::vacant.eq(vacant));
    }
    if let Some(late) = filter.late {
        query = query.filter(leaders::late.eq(late));
    }
    if let Some(since) = since {
        // Begun or ended since then.
        let days = || (since.begun_from, since.today);
        let passed = leaders::effective_from
            .between(days().0, days().1)
            .or(leaders::effective_until
                .between(days().0, days().1)
                .assume_not_null());
        let renamed = leaders::department_id.eq_any(since.renamed.clone());
        query = query.filter(leaders::updated_at.ge(since.at).or(passed).or(renamed));
    }
    if let Some(organizations) = waiting_for {
        let waiting = receipts::table
            .filter(receipts::organization_id.eq_any(organizations.to_vec()))
            .filter(receipts::acknowledged_at.is_null())
            .select(receipts::liaison_leader_id);
        query = query.filter(leaders::id.eq_any(waiting));
    }
    Ok(query.select(Row::as_select()).load(&mut conn).await?)
}

/// Departments that have a leader on record on a day, vacant or not.
pub async fn departments_with_one(mut conn: &AsyncPgConnection, day: NaiveDate) -> Result<Vec<Uuid>> {
    Ok(leaders::table
        .filter(leaders::effective_from.le(day))
        .filter(
            leaders::effective_until
                .is_null()
                .or(leaders::effective_until.gt(day)),
        )
        .select(leaders::department_id)
        .load(&mut conn)
        .await?)
}

/// Departments that are led on a day: with somebody on record who is no vacancy.
pub async fn departments_led(mut conn: &AsyncPgConnection, day: NaiveDate) -> Result<Vec<Uuid>> {
    Ok(leaders::table
        .filter(leaders::vacant.eq(false))
        .filter(leaders::effective_from.le(day))
        .filter(
            leaders::effective_until
                .is_null()
                .or(leaders::effective_until.gt(day)),
        )
        .select(leaders::department_id)
        .load(&mut conn)
        .await?)
}

/// The appointment of a department that takes effect on that very day.
pub async fn on_day(tx: &mut Tx<'_>, department: Uuid, day: NaiveDate) -> Result<Option<Uuid>> {
    Ok(leaders::table
        .filter(leaders::department_id.eq(department))
        .filter(leaders::effective_from.eq(day))
        .select(leaders::id)
        .first(tx.conn)
        .await
        .optional()?)
}

/// Whether a department has, or had, anybody on record.
pub async fn has_any(tx: &mut Tx<'_>, department: Uuid) -> Result<bool> {
    let of_department = leaders::table.filter(leaders::department_id.eq(department));
    Ok(diesel::select(exists(of_department)).get_result(tx.conn).await?)
}

/// Whether an appointment was the first that its department reported.
pub async fn is_first(tx: &mut Tx<'_>, row: &Row) -> Result<bool> {
    let earlier = leaders::table
        .filter(leaders::department_id.eq(row.department_id))
        .filter(leaders::id.ne(row.id))
        .filter(leaders::reported_at.le(row.reported_at));
    Ok(!diesel::select(exists(earlier))
        .get_result::<bool>(tx.conn)
        .await?)
}

/// How a report came in.
pub struct Reported {
    pub department: Uuid,
    pub due_on: NaiveDate,
    pub late: bool,
    pub on_behalf: bool,
}

pub async fn insert(
    tx: &mut Tx<'_>,
    _: &Permit<ops::CreateLiaisonLeader>,
    reported: &Reported,
    content: &Content,
) -> Result<Uuid> {
    let id = Uuid::now_v7();
    defer_overlap(tx).await?;
    diesel::insert_into(leaders::table)
        .values((
            (
                leaders::id.eq(id),
                leaders::department_id.eq(reported.department),
                leaders::effective_from.eq(content.effective_from),
                leaders::vacant.eq(content.vacant),
                leaders::reason.eq(&content.reason),
                leaders::state.eq(LiaisonLeaderState::Reported),
            ),
            (
                leaders::reported_at.eq(tx.now()),
                leaders::report_due_on.eq(reported.due_on),
                leaders::late.eq(reported.late),
                leaders::recorded_on_behalf.eq(reported.on_behalf),
                leaders::created_at.eq(tx.now()),
                leaders::updated_at.eq(tx.now()),
            ),
            people(content),
        ))
        .execute(tx.conn)
        .await?;
    insert_contacts(tx, id, content).await?;
    relink(tx, reported.department).await?;
    Ok(id)
}

type People<'a> = (
    diesel::dsl::Eq<leaders::leader_name, Option<&'a str>>,
    diesel::dsl::Eq<leaders::leader_title, Option<&'a str>>,
    diesel::dsl::Eq<leaders::office_name, Option<&'a str>>,
    diesel::dsl::Eq<leaders::office_phone, Option<&'a str>>,
);

fn people(content: &Content) -> People<'_> {
    let (leader, office) = (content.leader.as_ref(), content.office.as_ref());
    (
        leaders::leader_name.eq(leader.map(|leader| leader.name.as_str())),
        leaders::leader_title.eq(leader.and_then(|leader| leader.title.as_deref())),
        leaders::office_name.eq(office.map(|office| office.name.as_str())),
        leaders::office_phone.eq(office.and_then(|office| office.phone.as_deref())),
    )
}

async fn insert_contacts(tx: &mut Tx<'_>, id: Uuid, content: &Content) -> Result<()> {
    let rows: Vec<ContactRow> = content
        .contacts
        .iter()
        .zip(1..)
        .map(|(contact, position)| ContactRow {
            liaison_leader_id: id,
            position,
            name: contact.name.clone(),
            title: contact.title.clone(),
            mobile: contact.mobile.clone(),
            email: contact.email.clone(),
        })
        .collect();
    diesel::insert_into(contacts::table)
        .values(rows)
        .execute(tx.conn)
        .await?;
    Ok(())
}

async fn defer_overlap(tx: &mut Tx<'_>) -> Result<()> {
    diesel::sql_query("SET CONSTRAINTS liaison_leaders_one_at_a_time DEFERRED")
        .execute(tx.conn)
        .await?;
    Ok(())
}

/// The department has ended, or will: its appointments end with it.
pub async fn end_with_department(tx: &mut Tx<'_>, department: Uuid) -> Result<()> {
    defer_overlap(tx).await?;
    relink(tx, department).await
}

/// Each appointment ends where the next begins, or with its department; then the rule against overlap is asked.
async fn relink(tx: &mut Tx<'_>, department: Uuid) -> Result<()> {
    diesel::sql_query(
        "UPDATE liaison_leaders AS one
         SET effective_until = ordered.next, version = version + 1, updated_at = $2
         FROM (SELECT leader.id, CASE WHEN leader.effective_from < department.ended_on
                    THEN least(lead(leader.effective_from) OVER (ORDER BY leader.effective_from), department.ended_on)
                    ELSE lead(leader.effective_from) OVER (ORDER BY leader.effective_from) END AS next
               FROM liaison_leaders AS leader JOIN organizations AS department ON department.id = leader.department_id
               WHERE leader.department_id = $1) AS ordered
         WHERE one.id = ordered.id AND one.effective_until IS DISTINCT FROM ordered.next",
    )
    .bind::<diesel::sql_types::Uuid, _>(department)
    .bind::<diesel::sql_types::Timestamptz, _>(tx.now())
    .execute(tx.conn)
    .await?;
    diesel::sql_query("SET CONSTRAINTS liaison_leaders_one_at_a_time IMMEDIATE")
        .execute(tx.conn)
        .await?;
    Ok(())
}

/// Keeps what the appointment said, and puts the corrected content in its place.
pub async fn correct(
    tx: &mut Tx<'_>,
    _: &Permit<ops::CorrectLiaisonLeader>,
    before: &Appointment,
    content: &Content,
    reported: &Reported,
    reason: &str,
) -> Result<()> {
    let (row, person) = (&before.row, tx.person().await?);
    diesel::insert_into(versions::table)
        .values((
            versions::liaison_leader_id.eq(row.id),
            versions::version_number.eq(row.version_number),
            versions::content.eq(serde_json::to_value(before.content()).map_err(Problem::internal)?),
            versions::replaced_at.eq(tx.now()),
            versions::replaced_by.eq(person),
            versions::reason.eq(reason),
        ))
        .execute(tx.conn)
        .await?;
    defer_overlap(tx).await?;
    diesel::update(leaders::table.find(row.id))
        .set((
            leaders::effective_from.eq(content.effective_from),
            leaders::vacant.eq(content.vacant),
            people(content),
            leaders::state.eq(LiaisonLeaderState::Reported),
            leaders::report_due_on.eq(reported.due_on),
            leaders::late.eq(reported.late),
            leaders::version_number.eq(row.version_number + 1),
            leaders::version.eq(leaders::version + 1),
            leaders::updated_at.eq(tx.now()),
        ))
        .execute(tx.conn)
        .await?;
    diesel::delete(contacts::table.filter(contacts::liaison_leader_id.eq(row.id)))
        .execute(tx.conn)
        .await?;
    insert_contacts(tx, row.id, content).await?;
    relink(tx, row.department_id).await
}

pub async fn request_completion(
    tx: &mut Tx<'_>,
    _: &Permit<ops::RequestLiaisonLeaderCompletion>,
    id: Uuid,
    text: &str,
) -> Result<()> {
    diesel::update(leaders::table.find(id))
        .set((
            leaders::state.eq(LiaisonLeaderState::CompletionRequested),
            leaders::completion_text.eq(text),
            leaders::completion_requested_at.eq(tx.now()),
            leaders::version.eq(leaders::version + 1),
            leaders::updated_at.eq(tx.now()),
        ))
        .execute(tx.conn)
        .await?;
    Ok(())
}

/// Puts on record who is told; who was told before stays as it is.
pub async fn tell(tx: &mut Tx<'_>, id: Uuid, organizations: &[Uuid]) -> Result<()> {
    let rows: Vec<_> = organizations
        .iter()
        .map(|organization| {
            (
                receipts::liaison_leader_id.eq(id),
                receipts::organization_id.eq(*organization),
                receipts::told_at.eq(tx.now()),
            )
        })
        .collect();
    diesel::insert_into(receipts::table)
        .values(rows)
        .on_conflict_do_nothing()
        .execute(tx.conn)
        .await?;
    Ok(())
}

pub async fn acknowledge(
    tx: &mut Tx<'_>,
    id: Uuid,
    organizations: &[Uuid],
    version_number: i32,
) -> Result<()> {
    let person = tx.person().await?;
    diesel::update(
        receipts::table
            .filter(receipts::liaison_leader_id.eq(id))
            .filter(receipts::organization_id.eq_any(organizations))
            .filter(receipts::acknowledged_at.is_null()),
    )
    .set((
        receipts::acknowledged_at.eq(tx.now()),
        receipts::acknowledged_by.eq(person),
        receipts::acknowledged_version.eq(version_number),
    ))
    .execute(tx.conn)
    .await?;
    diesel::update(leaders::table.find(id))
        .set((
            leaders::version.eq(leaders::version + 1),
            leaders::updated_at.eq(tx.now()),
        ))
        .execute(tx.conn)
        .await?;
    Ok(())
}

#[derive(Queryable)]
pub struct VersionRow {
    pub version_number: i32,
    pub content: serde_json::Value,
    pub replaced_at: DateTime<Utc>,
    pub replaced_by: String,
    pub reason: String,
}

/// What it said before each correction, the oldest first.
pub async fn versions(mut conn: &AsyncPgConnection, id: Uuid) -> Result<Vec<VersionRow>> {
    Ok(versions::table
        .filter(versions::liaison_leader_id.eq(id))
        .order(versions::version_number)
        .select((
            versions::version_number,
            versions::content,
            versions::replaced_at,
            versions::replaced_by,
            versions::reason,
        ))
        .load(&mut conn)
        .await?)
}

/// Whether the last appointment of a department is a vacancy.
pub async fn last_is_vacant(tx: &mut Tx<'_>, department: Uuid) -> Result<bool> {
    let vacant: Option<bool> = leaders::table
        .filter(leaders::department_id.eq(department))
        .order(leaders::effective_from.desc())
        .select(leaders::vacant)
        .first(tx.conn)
        .await
        .optional()?;
    Ok(vacant.unwrap_or(false))
}

/// Appointments with a contact whose name has these words in it.
pub async fn with_contact_named(mut conn: &AsyncPgConnection, words: &str) -> Result<Vec<Uuid>> {
    Ok(contacts::table
        .filter(matches(text_key(contacts::name), &containing(words)))
        .select(contacts::liaison_leader_id)
        .distinct()
        .load(&mut conn)
        .await?)
}
