//! `liaison keys`

use super::context::{self, Database};
use crate::auth::keyring;
use crate::clock::Clock;
use crate::config::Storage;

#[derive(clap::Subcommand, Debug)]
pub enum Keys {
    /// Sign with a new key from now on; the one before goes on verifying until its last token has expired
    Rotate,
}

/// # Errors
/// A text for the person who started it.
pub async fn run(command: Keys, storage: &Storage) -> Result<(), String> {
    let Keys::Rotate = command;
    let secret = context::secret(storage)?;
    let database = Database::open(storage).await?;
    let rotated = async {
        let mut connection = database.db.get().await?;
        keyring::rotate(&mut connection, &secret, Clock::system().now()).await
    };
    let kid = rotated.await.map_err(|problem| problem.to_string())?;
    println!("{kid}");
    database.close().await
}
