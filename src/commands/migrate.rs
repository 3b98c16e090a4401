//! `liaison migrate`

use super::context::Database;
use crate::config::Storage;
use crate::db::migrate::{Direction, standing};

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
    let done = migrate(&database, storage, direction).await;
    let closed = database.close().await;
    done.and(closed)
}

async fn migrate(database: &Database, storage: &Storage, direction: Direction) -> Result<(), String> {
    let done = database.migrate(storage, direction).await?;
    for name in &done {
        println!("{name}");
    }
    if let Some(newer) = standing(database.db.connector()).await?.newer {
        println!("{newer}");
    }
    println!(
        "{} migrations {}",
        done.len(),
        match direction {
            Direction::Up => "applied",
            Direction::Down(_) => "taken back",
        }
    );
    Ok(())
}
