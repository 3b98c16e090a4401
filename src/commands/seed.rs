//! `liaison seed`

use super::context::{self, Database};
use crate::auth::keyring;
use crate::auth::password::{PasswordCost, PasswordHasher};
use crate::clock::Clock;
use crate::config::Storage;
use crate::db::migrate::Direction;
use crate::seeding;

#[derive(clap::Args, Debug)]
pub struct Seed {
    /// The demo accounts with a published password, too; never for real use
    #[arg(long, env = "LIAISON_DEMO")]
    pub demo: bool,

    /// Password of the demo accounts
    #[arg(long, env = "LIAISON_DEMO_PASSWORD", hide_env_values = true, default_value = crate::config::DEMO_PASSWORD, value_name = "TEXT")]
    pub demo_password: String,
}

/// Migrates, and gives a fresh database its first data without serving.
///
/// # Errors
/// A text for the person who started it.
pub async fn run(command: Seed, storage: &Storage) -> Result<(), String> {
    let secret = context::secret(storage)?;
    let database = Database::open(storage).await?;
    database.migrate(storage, Direction::Up).await?;
    let now = Clock::system().now();
    let hasher = PasswordHasher::new(PasswordCost::default(), 1, 32).map_err(|error| error.to_string())?;
    let seeded = async {
        keyring::ensure(&database.db, &secret, now).await?;
        let password = command.demo.then_some(command.demo_password.as_str());
        seeding::prepare(&database.db, &hasher, now, password).await
    };
    let passwords = seeded.await.map_err(|problem| problem.to_string())?;
    context::show_once(&passwords, &storage.data_dir.join("one-time-passwords"))?;
    database.close().await
}
