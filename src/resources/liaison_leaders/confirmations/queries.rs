use super::model::{ConfirmationFilter, ConfirmationState, Quarter, Row};
use super::policy::Confirmation;
use crate::db::schema::{liaison_confirmations as confirmations, liaison_leaders as leaders};
use crate::directory::{Directory, Since};
use crate::policy::{Permit, ops};
use crate::problem::{Code, Problem, Result};
use crate::work::Tx;
use crate::workflow::todos::{self, Done};
use chrono::NaiveDate;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

pub async fn get(
    mut conn: &AsyncPgConnection,
    id: Uuid,
    directory: &Directory,
    today: NaiveDate,
) -> Result<Confirmation> {
    let row = confirmations::table
        .find(id)
        .select(Row::as_select())
        .first(&mut conn)
        .await?;
    one(conn, row, directory, today).await
}

pub async fn one(
    conn: &AsyncPgConnection,
    row: Row,
    directory: &Directory,
    today: NaiveDate,
) -> Result<Confirmation> {
    let mut all = Confirmation::all(conn, vec![row], directory, today).await?;
    all.pop().ok_or_else(Problem::not_found)
}

/// By what the database can filter; there are some ninety a year.
pub async fn list(
    mut conn: &AsyncPgConnection,
    filter: &ConfirmationFilter,
    departments: Option<&[Uuid]>,
    since: Option<Since>,
) -> Result<Vec<Row>> {
    let mut query = confirmations::table.into_boxed();
    if let Some(year) = filter.year {
        query = query.filter(confirmations::year.eq(year));
    }
    if let Some(quarter) = filter.quarter {
        query = query.filter(confirmations::quarter.eq(quarter));
    }
    if let Some(departments) = departments {
        query = query.filter(confirmations::department_id.eq_any(departments.to_vec()));
    }
    if !filter.state.is_empty() {
        let settled = confirmations::outcome.eq_any(&filter.state).assume_not_null();
        query = match filter.state.contains(&ConfirmationState::Awaited) {
            true => query.filter(settled.or(confirmations::outcome.is_null())),
            false => query.filter(confirmations::outcome.is_not_null()).filter(settled),
        };
    }
    if let Some(since) = since {
        let overdue = confirmations::settled_at
            .is_null()
            .and(confirmations::due_on.ge(since.due_from))
            .and(confirmations::due_on.lt(since.today));
        let renamed = confirmations::department_id.eq_any(since.renamed);
        query = query.filter(confirmations::updated_at.ge(since.at).or(overdue).or(renamed));
    }
    Ok(query.select(Row::as_select()).load(&mut conn).await?)
}

/// Makes what a department owes for a quarter; none where it is there already.
pub async fn open(
    tx: &mut Tx<'_>,
    department: Uuid,
    quarter: Quarter,
    due_on: NaiveDate,
    opened_late: bool,
) -> Result<Option<Uuid>> {
    let id = Uuid::now_v7();
    let inserted = diesel::insert_into(confirmations::table)
        .values((
            confirmations::id.eq(id),
            confirmations::department_id.eq(department),
            confirmations::year.eq(quarter.year),
            confirmations::quarter.eq(quarter.number),
            confirmations::due_on.eq(due_on),
            confirmations::opened_late.eq(opened_late),
            confirmations::created_at.eq(tx.now()),
            confirmations::updated_at.eq(tx.now()),
        ))
        .on_conflict_do_nothing()
        .execute(tx.conn)
        .await?;
    Ok((inserted == 1).then_some(id))
}

/// Confirmations are asked for no longer: what was not settled waits no more; what was stays on record.
pub async fn drop_awaited(tx: &mut Tx<'_>) -> Result<usize> {
    let awaited: Vec<Uuid> = confirmations::table
        .filter(confirmations::outcome.is_null())
        .order(confirmations::id)
        .select(confirmations::id)
        .for_update()
        .load(tx.conn)
        .await?;
    for confirmation in &awaited {
        todos::close(tx, *confirmation, Done::default()).await?;
    }
    diesel::delete(confirmations::table.filter(confirmations::id.eq_any(&awaited)))
        .execute(tx.conn)
        .await?;
    Ok(awaited.len())
}

/// The appointment that a department had on the last day of a quarter, and whether it took effect in it.
pub async fn appointment_in(
    tx: &mut Tx<'_>,
    department: Uuid,
    quarter: Quarter,
) -> Result<Option<(Uuid, bool)>> {
    let last_day = quarter.last_day()?;
    let found: Option<(Uuid, NaiveDate)> = leaders::table
        .filter(leaders::department_id.eq(department))
        .filter(leaders::effective_from.le(last_day))
        .order(leaders::effective_from.desc())
        .select((leaders::id, leaders::effective_from))
        .first(tx.conn)
        .await
        .optional()?;
    Ok(found.map(|(id, from)| (id, Quarter::of(from) == quarter)))
}

/// Says that nothing has changed in the quarter.
///
/// # Errors
/// 409 `no_appointment` where there is nothing that could have stayed as it was.
pub async fn confirm(
    tx: &mut Tx<'_>,
    permit: &Permit<ops::ConfirmLiaisonLeader>,
    confirmation: &Row,
) -> Result<()> {
    let quarter = Quarter {
        year: confirmation.year,
        number: confirmation.quarter,
    };
    let Some((appointment, _)) = appointment_in(tx, confirmation.department_id, quarter).await? else {
        return Err(Problem::new(Code::NoAppointment));
    };
    let on_behalf = permit.caller().role == Some(crate::policy::Role::Coordinator);
    diesel::update(confirmations::table.find(confirmation.id))
        .set(confirmations::recorded_on_behalf.eq(on_behalf))
        .execute(tx.conn)
        .await?;
    settle(tx, confirmation.id, ConfirmationState::Unchanged, appointment).await
}

/// Settles the quarter that a reported change takes effect in, where it is still owed.
pub async fn settle_by_change(
    tx: &mut Tx<'_>,
    department: Uuid,
    effective_from: NaiveDate,
    appointment: Uuid,
) -> Result<()> {
    let quarter = Quarter::of(effective_from);
    let owed: Option<Uuid> = confirmations::table
        .filter(confirmations::department_id.eq(department))
        .filter(confirmations::year.eq(quarter.year))
        .filter(confirmations::quarter.eq(quarter.number))
        .filter(confirmations::outcome.is_null())
        .select(confirmations::id)
        .for_update()
        .first(tx.conn)
        .await
        .optional()?;
    match owed {
        Some(id) => settle(tx, id, ConfirmationState::Changed, appointment).await,
        None => Ok(()),
    }
}

/// Puts the outcome on record, and closes what waited for it.
pub async fn settle(tx: &mut Tx<'_>, id: Uuid, outcome: ConfirmationState, appointment: Uuid) -> Result<()> {
    diesel::update(confirmations::table.find(id))
        .set((
            confirmations::outcome.eq(outcome),
            confirmations::settled_at.eq(tx.now()),
            confirmations::liaison_leader_id.eq(appointment),
            confirmations::version.eq(confirmations::version + 1),
            confirmations::updated_at.eq(tx.now()),
        ))
        .execute(tx.conn)
        .await?;
    todos::close(tx, id, Done::default()).await
}
