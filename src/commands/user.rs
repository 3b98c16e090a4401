//! `liaison user`

use super::context::{Database, Envelope};
use crate::accounts::import::{ImportError, role_of};
use crate::accounts::{Accounts, OneTime, Wanted};
use crate::auth::password::{PasswordCost, PasswordHasher};
use crate::clock::Clock;
use crate::config::Storage;
use crate::policy::Role;
use crate::problem::Problem;
use std::io::Write;
use std::path::PathBuf;

/// Most faults of a file that are shown.
const FAULTS_SHOWN: usize = 200;

#[derive(clap::Subcommand, Debug)]
pub enum User {
    /// Make one account with a one-time password
    Add {
        #[arg(value_name = "NAME")]
        username: String,
        /// Name that people see
        #[arg(long, value_name = "TEXT")]
        display_name: String,
        #[command(flatten)]
        rights: Rights,
        #[command(flatten)]
        output: Output,
    },
    /// Make accounts from a CSV file (name, display_name, role, organization; or 用户名,显示名,角色,单位), all or none
    Import {
        #[arg(value_name = "FILE")]
        file: PathBuf,
        #[command(flatten)]
        output: Output,
    },
    /// List the accounts, separated by tabs
    List,
    /// Give an account a one-time password; whoever has it open is out
    ResetPassword {
        #[arg(value_name = "NAME")]
        username: String,
        #[command(flatten)]
        output: Output,
    },
    /// Give an account a role and its organization; without a role, take both. An administrator gets a one-time password
    /// with the role
    SetRole {
        #[arg(value_name = "NAME")]
        username: String,
        #[command(flatten)]
        rights: Rights,
        #[command(flatten)]
        output: Output,
    },
}

#[derive(clap::Args, Debug)]
pub struct Rights {
    /// coordinator, government_office, department, party, admin, security_admin or auditor
    #[arg(long, value_name = "ROLE", value_parser = parse_role)]
    pub role: Option<Role>,

    /// Code, id or name of the organization that it acts for
    #[arg(long, value_name = "CODE", requires = "role")]
    pub organization: Option<String>,
}

#[derive(clap::Args, Debug)]
pub struct Output {
    /// New file for the one-time passwords, which only its owner can read; without it they are shown at a terminal, or
    /// go to a file in the data folder
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

fn parse_role(text: &str) -> Result<Role, String> {
    role_of(text).ok_or_else(|| "no such role".to_owned())
}

/// # Errors
/// A text for the person who started it.
pub async fn run(command: User, storage: &Storage) -> Result<(), String> {
    let database = Database::open(storage).await?;
    let done = carry_out(command, &database, storage).await;
    done.and(database.close().await)
}

async fn carry_out(command: User, database: &Database, storage: &Storage) -> Result<(), String> {
    let accounts = Accounts {
        db: &database.db,
        passwords: &PasswordHasher::new(PasswordCost::default(), 1, 32).map_err(|error| error.to_string())?,
        now: Clock::system().now(),
    };
    match command {
        User::Add {
            username,
            display_name,
            rights: Rights { role, organization },
            output,
        } => {
            let envelope = output.envelope(storage)?;
            let wanted = Wanted {
                username,
                display_name,
                role,
                organization,
            };
            let made = accounts.create(&[wanted]).await;
            envelope.close(made.map_err(in_words))
        }
        User::Import { file, output } => {
            let bytes = std::fs::read(&file).map_err(|error| format!("{}: {error}", file.display()))?;
            let envelope = output.envelope(storage)?;
            envelope.close(accounts.import(&bytes).await.map_err(import_in_words))
        }
        User::List => list(&accounts).await,
        User::ResetPassword { username, output } => {
            let envelope = output.envelope(storage)?;
            let reset = accounts.reset_password(&username).await;
            envelope.close(reset.map(|one| vec![one]).map_err(in_words))
        }
        User::SetRole {
            username,
            rights: Rights { role, organization },
            output,
        } => {
            if !role.is_some_and(Role::is_administrator) {
                let set = accounts.set_role(&username, role, organization.as_deref());
                return set.await.map(|_| ()).map_err(in_words);
            }
            let envelope = output.envelope(storage)?;
            let set = accounts.set_role(&username, role, organization.as_deref());
            envelope.close(set.await.map(Vec::from_iter).map_err(in_words))
        }
    }
}

impl Output {
    fn envelope(&self, storage: &Storage) -> Result<Envelope, String> {
        Envelope::open(
            self.output.as_deref(),
            &storage.data_dir.join("one-time-passwords"),
        )
    }
}

impl Envelope {
    /// Gives the passwords out; where there are none, only the reason.
    fn close(self, passwords: Result<Vec<OneTime>, String>) -> Result<(), String> {
        match passwords {
            Ok(passwords) if passwords.is_empty() => {
                self.discard();
                Ok(())
            }
            Ok(passwords) => self.give(&passwords),
            Err(text) => {
                self.discard();
                Err(text)
            }
        }
    }
}

async fn list(accounts: &Accounts<'_>) -> Result<(), String> {
    let mut text = String::from("user name\tdisplay name\trole\torganization\tstate\n");
    for user in accounts.list().await.map_err(in_words)? {
        let columns = [
            user.username,
            user.display_name,
            user.role.map(|role| role.to_string()).unwrap_or_default(),
            user.organization.map(|one| one.code).unwrap_or_default(),
            <&str>::from(user.state).to_owned(),
        ];
        text.push_str(&columns.join("\t"));
        text.push('\n');
    }
    let written = std::io::stdout().write_all(text.as_bytes());
    written.map_err(|error| error.to_string())
}

fn in_words(problem: Problem) -> String {
    let lines = problem.faults().iter().map(|fault| {
        let (zh, en) = (&fault.detail.zh, &fault.detail.en);
        format!("\n  {zh} / {en}")
    });
    let title = problem.code().title();
    let cause = problem
        .cause()
        .map(|cause| format!(" ({cause})"))
        .unwrap_or_default();
    format!("{} / {}{cause}{}", title.zh, title.en, lines.collect::<String>())
}

fn import_in_words(error: ImportError) -> String {
    match error {
        ImportError::Problem(problem) => in_words(problem),
        ImportError::Faults(faults) => {
            let mut text = format!(
                "没有导入任何账号，共 {n} 处错误 / nothing was imported, {n} faults:",
                n = faults.len()
            );
            for fault in faults.iter().take(FAULTS_SHOWN) {
                text.push_str(&format!("\n  {fault}"));
            }
            if faults.len() > FAULTS_SHOWN {
                text.push_str("\n  …");
            }
            text
        }
    }
}
