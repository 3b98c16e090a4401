//! Accounts as the command line manages them: made one by one or from a CSV file, listed, given a role or a one-time
//! password. Whoever runs it holds the database already; each change is on record all the same.

pub mod import;
pub mod table;

use crate::auth::password::PasswordHasher;
use crate::auth::password_policy;
use crate::db::Db;
use crate::db::schema::users;
use crate::directory::model::Organization;
use crate::directory::{self, Directory};
use crate::language::Text;
use crate::policy::{Role, ops};
use crate::problem::{Fault, Place, Problem, Result};
use crate::resources::users::model::{SetUserRole, UserRow, UserView, is_username};
use crate::resources::users::queries::{self, NewAccount, Replacement};
use crate::text::{Form, Wrong, fold};
use crate::work::Change;
use crate::work::{Origin, Tx};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use std::borrow::Cow;
use std::collections::HashSet;

/// User name and one-time password, to be shown once.
pub type OneTime = (String, String);

/// Longest display name, as the document says.
const DISPLAY_NAME_CHARS: usize = 100;

/// An account that somebody asks for.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub username: String,
    pub display_name: String,
    pub role: Option<Role>,
    /// Id, code or today's name.
    pub organization: Option<String>,
}

/// What stands between the command line and the accounts.
pub struct Accounts<'a> {
    pub db: &'a Db,
    pub passwords: &'a PasswordHasher,
    pub now: DateTime<Utc>,
}

impl Accounts<'_> {
    /// Makes accounts with one-time passwords, all or none.
    ///
    /// # Errors
    /// 422 with every fault of every account; `pointer` begins with its place among them.
    pub async fn create(&self, wanted: &[Wanted]) -> Result<Vec<OneTime>> {
        let wanted: Vec<Wanted> = wanted.iter().cloned().map(Wanted::cleaned).collect();
        let (directory, taken) = self.known().await?;
        let today = crate::clock::shanghai_day(self.now);
        let mut faults = Vec::new();
        for (index, account) in wanted.iter().enumerate() {
            faults.extend(
                account
                    .faults(&directory, &taken, today)
                    .into_iter()
                    .map(|fault| {
                        let Place::Pointer(field) = &fault.place else {
                            return fault;
                        };
                        let place = Place::Pointer(format!("/{index}{field}"));
                        Fault { place, ..fault }
                    }),
            );
        }
        if !faults.is_empty() {
            return Err(Problem::invalid(faults));
        }
        self.insert_all(&directory, &wanted).await
    }

    async fn insert_all(&self, directory: &Directory, wanted: &[Wanted]) -> Result<Vec<OneTime>> {
        let mut given = Vec::with_capacity(wanted.len());
        let mut hashes = Vec::with_capacity(wanted.len());
        for account in wanted {
            let password = password_policy::generate(&account.username);
            hashes.push(self.passwords.hash(&password).await?);
            given.push((account.username.clone(), password));
        }
        let made = async |tx: &mut Tx<'_>| {
            let today = tx.today();
            for (account, password_hash) in wanted.iter().zip(&hashes) {
                let organization = account
                    .organization(directory, today)
                    .map_err(|fault| Problem::invalid(vec![fault]))?;
                let account = NewAccount {
                    username: &account.username,
                    display_name: &account.display_name,
                    role: account.role,
                    organization,
                    password_hash,
                    must_change_password: true,
                };
                insert(tx, directory, &account).await?;
            }
            Ok(())
        };
        self.db.transaction(&self.origin(), made).await?;
        Ok(given)
    }

    /// Gives an account a one-time password; whoever has it open is out.
    ///
    /// # Errors
    /// 404.
    pub async fn reset_password(&self, username: &str) -> Result<OneTime> {
        let directory = self.directory().await?;
        let password = password_policy::generate(username);
        let hash = self.passwords.hash(&password).await?;
        let reset = async |tx: &mut Tx<'_>| {
            let permit = tx.origin.caller.permit_any::<ops::ResetUserPassword>()?;
            let before = locked(tx, username).await?;
            queries::replace_password(tx, &permit, &before, &hash, Replacement::OneTime).await?;
            let change = change(tx, "user.password_reset", &before, &directory).await?;
            tx.record(&permit, change).await
        };
        self.db.transaction(&self.origin(), reset).await?;
        Ok((username.to_owned(), password))
    }

    /// Gives an account a role and its organization, or takes both. An administrator gets a one-time password with the role:
    /// whoever made the account may know the one from before.
    ///
    /// # Errors
    /// 404; 422 where the two do not go together; 409 for the last of one of the three administrators.
    pub async fn set_role(
        &self,
        username: &str,
        role: Option<Role>,
        organization: Option<&str>,
    ) -> Result<Option<OneTime>> {
        let directory = self.directory().await?;
        let today = crate::clock::shanghai_day(self.now);
        let organization = organization_of(role, organization, &directory, today)
            .map_err(|fault| Problem::invalid(vec![fault]))?;
        let password = password_policy::generate(username);
        let hash = self.passwords.hash(&password).await?;
        let set = async |tx: &mut Tx<'_>| {
            let permit = tx.origin.caller.permit_any::<ops::SetUserRole>()?;
            queries::lock_administrators(tx).await?;
            let before = locked(tx, username).await?;
            let changes = before.role != role;
            if changes {
                queries::refuse_last_administrator(tx, &before).await?;
            }
            queries::set_role(tx, &permit, &before, role, organization).await?;
            let granted = changes && role.is_some_and(Role::is_administrator);
            if granted {
                queries::replace_password(tx, &permit, &before, &hash, Replacement::OneTime).await?;
            }
            let change = change(tx, "user.role_changed", &before, &directory).await?;
            tx.record(&permit, change).await?;
            Ok(granted)
        };
        let granted = self.db.transaction(&self.origin(), set).await?;
        Ok(granted.then(|| (username.to_owned(), password)))
    }

    /// All accounts, by user name.
    ///
    /// # Errors
    /// `database_unavailable`.
    pub async fn list(&self) -> Result<Vec<UserView>> {
        let directory = self.directory().await?;
        let today = crate::clock::shanghai_day(self.now);
        let rows = queries::all(&mut self.db.get().await?, self.now).await?;
        rows.iter()
            .map(|(row, locked)| UserView::new(row, *locked, &directory, today))
            .collect()
    }

    fn origin(&self) -> Origin {
        Origin::command_line(self.now)
    }

    async fn directory(&self) -> Result<Directory> {
        directory::load(&*self.db.get().await?).await
    }

    /// The directory, and the user names that are taken.
    async fn known(&self) -> Result<(Directory, HashSet<String>)> {
        let mut connection = self.db.get().await?;
        let directory = directory::load(&connection).await?;
        let names: Vec<String> = users::table.select(users::username).load(&mut connection).await?;
        Ok((directory, names.into_iter().collect()))
    }
}

impl Wanted {
    /// With each text as a line is kept; what cannot be one stays, and is refused.
    pub(crate) fn cleaned(self) -> Self {
        let line = |text: String| Form::Line.read(&text).map(Cow::into_owned).unwrap_or(text);
        Self {
            username: line(self.username),
            display_name: line(self.display_name),
            role: self.role,
            organization: self.organization.map(line),
        }
    }

    /// Every fault, by the field that it is in.
    fn faults(&self, directory: &Directory, taken: &HashSet<String>, today: NaiveDate) -> Vec<Fault> {
        let mut faults = Vec::new();
        if !is_username(&self.username) {
            faults.push(Fault::at(
                "/username",
                "malformed",
                "用户名须以小写字母开头，由 2 至 64 个小写字母、数字、点、下划线或连字符组成。",
                "A user name begins with a small letter and has 2 to 64 small letters, digits, dots, underscores or hyphens.",
            ));
        } else if taken.contains(&self.username) {
            faults.push(Fault::at(
                "/username",
                "taken",
                "用户名已被使用。",
                "The user name is taken.",
            ));
        }
        if let Some((code, detail)) = fault_of_name(&self.display_name) {
            let place = Place::Pointer("/display_name".into());
            faults.push(Fault { place, code, detail });
        }
        faults.extend(self.organization(directory, today).err());
        faults
    }

    fn organization<'d>(
        &self,
        directory: &'d Directory,
        today: NaiveDate,
    ) -> std::result::Result<Option<&'d Organization>, Fault> {
        organization_of(self.role, self.organization.as_deref(), directory, today)
    }
}

/// The organization that goes with a role; here it may also be called by its name.
fn organization_of<'d>(
    role: Option<Role>,
    named: Option<&str>,
    directory: &'d Directory,
    today: NaiveDate,
) -> std::result::Result<Option<&'d Organization>, Fault> {
    let by_name = |named: &str| {
        let all = directory.organizations.iter();
        all.filter(|one| one.ended_on.is_none_or(|end| today < end))
            .find(|one| fold::key(&one.name_on(today).name) == fold::key(named))
            .map_or_else(|| named.to_owned(), |one| one.code.clone())
    };
    let wanted = SetUserRole {
        role,
        organization: named.map(by_name),
    };
    wanted
        .organization(directory, today)
        .map_err(|fault| fault.at("/organization"))
}

fn fault_of_name(name: &str) -> Option<Wrong> {
    if name.chars().count() > DISPLAY_NAME_CHARS {
        let detail = Text::new(
            format!("超过 {DISPLAY_NAME_CHARS} 个字。"),
            format!("Longer than {DISPLAY_NAME_CHARS} characters."),
        );
        return Some(("too_long", detail));
    }
    Form::Line.read(name).err()
}

/// Makes one account, and puts it on record.
///
/// # Errors
/// 409 where the user name is taken.
pub async fn insert(tx: &mut Tx<'_>, directory: &Directory, account: &NewAccount<'_>) -> Result<()> {
    let permit = tx.origin.caller.permit_any::<ops::CreateUser>()?;
    let row = queries::create(tx, &permit, account).await?;
    let view = UserView::new(&row, false, directory, tx.today())?;
    let change = Change::new("user.created", row.id, None, Some(&view))?;
    tx.record(&permit, change).await
}

async fn locked(tx: &mut Tx<'_>, username: &str) -> Result<UserRow> {
    let now = tx.now();
    let (found, _) = queries::find(tx.conn, username, now).await?;
    queries::lock(tx, found.id).await
}

async fn change(
    tx: &mut Tx<'_>,
    event: &'static str,
    before: &UserRow,
    directory: &Directory,
) -> Result<Change> {
    let (now, today) = (tx.now(), tx.today());
    let (after, locked) = queries::find(tx.conn, &before.id.to_string(), now).await?;
    let before = UserView::new(before, locked, directory, today)?;
    let after = UserView::new(&after, locked, directory, today)?;
    Change::new(event, after.id, Some(&before), Some(&after))
}
