//! First accounts: the three administrators of a fresh installation, and the demo's.

use crate::accounts::{self, Accounts, OneTime, Wanted};
use crate::auth::password::PasswordHasher;
use crate::db::Db;
use crate::directory::{self, model::Kind};
use crate::policy::Role;
use crate::problem::Result;
use crate::resources::users::queries::NewAccount;
use crate::work::Origin;

/// 三员: no business role, each for itself.
const ADMINISTRATORS: [(&str, &str, Role); 3] = [
    ("admin", "系统管理员", Role::Admin),
    ("security-admin", "安全管理员", Role::SecurityAdmin),
    ("auditor", "审计管理员", Role::Auditor),
];

/// The three administrators with one-time passwords, to be shown once.
///
/// # Errors
/// `database_unavailable`.
pub async fn administrators(db: &Db, origin: &Origin, hasher: &PasswordHasher) -> Result<Vec<OneTime>> {
    let wanted = ADMINISTRATORS.map(|(username, display_name, role)| Wanted {
        username: username.to_owned(),
        display_name: display_name.to_owned(),
        role: Some(role),
        organization: None,
    });
    let accounts = Accounts {
        db,
        passwords: hasher,
        now: origin.now,
    };
    accounts.create(&wanted).await
}

/// An account for every role and every organization, all with the same password.
///
/// # Errors
/// `database_unavailable`.
pub async fn demo_accounts(db: &Db, origin: &Origin, hasher: &PasswordHasher, password: &str) -> Result<()> {
    // One hash for all: the password is published anyway, and a hash each would cost a second of start.
    let password_hash = hasher.hash(password).await?;
    db.transaction(origin, async |tx| {
        let directory = directory::load(tx.conn).await?;
        for (username, display_name, role) in ADMINISTRATORS {
            let account = NewAccount {
                username,
                display_name,
                role: Some(role),
                organization: None,
                password_hash: &password_hash,
                must_change_password: false,
            };
            accounts::insert(tx, &directory, &account).await?;
        }
        for organization in directory.organizations.iter() {
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
                role: Some(role),
                organization: Some(organization),
                password_hash: &password_hash,
                must_change_password: false,
            };
            accounts::insert(tx, &directory, &account).await?;
        }
        Ok(())
    })
    .await
}
