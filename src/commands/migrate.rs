//! `liaison migrate`

use super::context::Database;
use crate::config::Storage;
use crate::db::migrate::Direction;

#[derive(clap::Args, Debug)]
pub struct Migrate {
    /// Take back the last N migrations instead; what they made is lost
    #[arg(long, value_name = "N")]
    pub down: Option<usize>,
}

/// # Errors
/// A text for the person who started it.
pub async fn run(command: Migrate, storage: &Storage) -> Result<(), String> {
    let database = Database::open(storage).await?;
    let direction = command.down.map_or(Direction::Up, Direction::Down);
    let done = database.migrate(storage, direction).await?;
    for name in &done {
        println!("{name}");
    }
    println!(
        "{} migrations {}",
        done.len(),
        if command.down.is_some() {
            "taken back"
        } else {
            "applied"
        }
    );
    database.close().await
}
