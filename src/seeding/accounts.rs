//! First accounts: the three administrators of a fresh installation, and the demo's.

use crate::auth::password::PasswordHasher;
use crate::auth::password_policy;
use crate::db::Db;
use crate::db::schema::users;
use crate::db::transaction::{Origin, Tx};
use crate::directory::{self, model::Kind};
use crate::events::Change;
use crate::http::problem::{Problem, Result};
use crate::policy::{Caller, Role, ops};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::json;
use uuid::Uuid;

/// 三员: no business role, each for itself.
const ADMINISTRATORS: [(&str, &str, Role); 3] = [
    ("admin", "系统管理员", Role::Admin),
    ("security-admin", "安全管理员", Role::SecurityAdmin),
    ("auditor", "审计管理员", Role::Auditor),
];

/// An account to make.
struct NewAccount<'a> {
    username: &'a str,
    display_name: &'a str,
    role: Role,
    organization: Option<(Uuid, Kind)>,
    password_hash: String,
    must_change_password: bool,
}

/// The three administrators with one-time passwords: user name and password of each, to be shown once.
///
/// # Errors
/// `database_unavailable`.
pub async fn administrators(
    db: &Db,
    origin: &Origin,
    hasher: &PasswordHasher,
) -> Result<Vec<(String, String)>> {
    let mut given = Vec::new();
    let mut hashes = Vec::new();
    for (username, _, _) in ADMINISTRATORS {
        let password = password_policy::generate(username);
        hashes.push(hasher.hash(&password).await.map_err(Problem::internal)?);
        given.push((username.to_owned(), password));
    }
    db.transaction(origin, async |tx| {
        for ((username, display_name, role), hash) in ADMINISTRATORS.into_iter().zip(&hashes) {
            let password_hash = hash.clone();
            let organization = None;
            insert(
                tx,
                NewAccount {
                    username,
                    display_name,
                    role,
                    organization,
                    password_hash,
                    must_change_password: true,
                },
            )
            .await?;
        }
        Ok(())
    })
    .await?;
    Ok(given)
}

/// An account for every role and every organization, all with the same password.
///
/// # Errors
/// `database_unavailable`.
pub async fn demo_accounts(db: &Db, origin: &Origin, hasher: &PasswordHasher, password: &str) -> Result<()> {
    // One hash for all: the password is published anyway, and a hash each would cost a second of start.
    let password_hash = hasher.hash(password).await.map_err(Problem::internal)?;
    db.transaction(origin, async |tx| {
        let directory = directory::load(tx.conn).await?;
        for (username, display_name, role) in ADMINISTRATORS {
            let (organization, password_hash) = (None, password_hash.clone());
            insert(
                tx,
                NewAccount {
                    username,
                    display_name,
                    role,
                    organization,
                    password_hash,
                    must_change_password: false,
                },
            )
            .await?;
        }
        for organization in &directory.organizations {
            let (username, role) = match organization.kind {
                Kind::Coordinator => ("coordinator".to_owned(), Role::Coordinator),
                Kind::GovernmentOffice => ("government-office".to_owned(), Role::GovernmentOffice),
                Kind::Department => (format!("department-{}", organization.code), Role::Department),
                Kind::Party => (format!("party-{}", organization.code), Role::Party),
            };
            let display_name = format!("{}联络员", organization.name_on(tx.today()).name);
            let account = NewAccount {
                username: &username,
                display_name: &display_name,
                role,
                organization: Some((organization.id, organization.kind)),
                password_hash: password_hash.clone(),
                must_change_password: false,
            };
            insert(tx, account).await?;
        }
        Ok(())
    })
    .await
}

async fn insert(tx: &mut Tx<'_>, account: NewAccount<'_>) -> Result<()> {
    let id = Uuid::now_v7();
    let now = tx.now();
    diesel::insert_into(users::table)
        .values((
            users::id.eq(id),
            users::username.eq(account.username),
            users::display_name.eq(account.display_name),
            users::role.eq(account.role.as_str()),
            users::organization_id.eq(account.organization.map(|(id, _)| id)),
            users::organization_kind.eq(account.organization.map(|(_, kind)| <&str>::from(kind))),
            users::password_hash.eq(account.password_hash),
            users::password_changed_at.eq(now),
            users::must_change_password.eq(account.must_change_password),
            users::created_at.eq(now),
            users::updated_at.eq(now),
        ))
        .execute(tx.conn)
        .await?;
    let permit = Caller::command_line().permit_any::<ops::CreateUser>()?;
    let mut change = Change::unannounced("user", id);
    change.event = Some("user.created");
    change.after = Some(json!({ "id": id, "username": account.username, "role": account.role }));
    tx.record(&permit, change).await
}
