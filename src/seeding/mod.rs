//! What a fresh database is given: the directory of the notice (韶府办发函〔2020〕20号) and the working days, from data in
//! `seeds/`, and its first accounts.

mod accounts;
mod demo;
mod notice;
mod working_days;

pub use accounts::{administrators, demo_accounts};
pub use demo::demo_content;
pub use notice::load_notice;
pub use working_days::load_working_days;

use crate::accounts::OneTime;
use crate::auth::password::PasswordHasher;
use crate::db::Db;
use crate::db::connect::Purpose;
use crate::db::schema::{installation, organizations, users};
use crate::problem::{Code, Problem, Result};
use crate::work::Origin;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use std::net::SocketAddr;

/// Any number, the same in every instance: who gives the first data holds this lock.
const LOCK: i64 = 0x6c69_6169_736f_6e03;

/// Gives a fresh database its first data; leaves any other as it is. What a killed start has left undone is done by the
/// next; of instances that start together one does it. What is returned is shown once: the administrators' user names
/// and one-time passwords.
///
/// # Errors
/// `database_unavailable`, 500 where `seeds/` is broken, 409 for a demo on a database that is no demo's, or the other way
/// round.
pub async fn prepare(
    db: &Db,
    hasher: &PasswordHasher,
    now: DateTime<Utc>,
    demo_password: Option<&str>,
) -> Result<Vec<OneTime>> {
    // With its connection the lock ends, whatever happens.
    let mut guard = db.of_ones_own(Purpose::Maintenance).await?;
    guard
        .batch_execute(&format!(
            "SET statement_timeout = 0; SELECT pg_advisory_lock({LOCK})"
        ))
        .await?;
    prepare_alone(db, hasher, &Origin::command_line(now), demo_password).await
}

async fn prepare_alone(
    db: &Db,
    hasher: &PasswordHasher,
    origin: &Origin,
    demo_password: Option<&str>,
) -> Result<Vec<OneTime>> {
    let demo = demo_password.is_some();
    if made_for_demo(db, demo, origin.now).await? != demo {
        let problem = Problem::new(Code::Conflict);
        return Err(problem.detail(
            "数据库中的数据与启动方式不符：演示数据与正式数据不能混用。",
            "The database holds other data: no demo on it, and no real use of a demo's.",
        ));
    }
    let (organizations, accounts) = counts(db).await?;
    if organizations == 0 {
        load_notice(db, origin).await?;
    }
    load_working_days(db, origin).await?;
    match demo_password {
        None if accounts > 0 => Ok(Vec::new()),
        None => administrators(db, origin, hasher).await,
        Some(password) => {
            if accounts == 0 {
                demo_accounts(db, origin, hasher, password).await?;
            }
            // After the accounts, which are told of what happens in it.
            demo_content(db, origin).await?;
            Ok(Vec::new())
        }
    }
}

/// What the database was made for, which the first start says for good.
async fn made_for_demo(db: &Db, demo: bool, now: DateTime<Utc>) -> Result<bool> {
    let mut connection = db.get().await?;
    diesel::insert_into(installation::table)
        .values((installation::demo.eq(demo), installation::made_at.eq(now)))
        .on_conflict_do_nothing()
        .execute(&mut connection)
        .await?;
    Ok(installation::table
        .select(installation::demo)
        .first(&mut connection)
        .await?)
}

/// How many organizations and accounts there are.
async fn counts(db: &Db) -> Result<(i64, i64)> {
    let mut connection = db.get().await?;
    let organizations = organizations::table.count().get_result(&mut connection).await?;
    let accounts = users::table.count().get_result(&mut connection).await?;
    Ok((organizations, accounts))
}

/// What a person at the terminal wants to know of a demo.
pub fn demo_note(address: SocketAddr, password: &str) -> String {
    format!(
        "\n  liaison demo: http://{address}/docs/\n\n  \
         password    {password}\n  \
         user names  admin, security-admin, auditor, coordinator, government-office,\n              \
         department-CODE (department-education), party-CODE (party-minge)\n"
    )
}
