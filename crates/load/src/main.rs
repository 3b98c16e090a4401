//! Fills the database of a demo.

use clap::Parser;
use liaison::commands::context::{self, Database};
use liaison::commands::stopping::unless_told;
use liaison::config::{Log, Storage};
use std::process::ExitCode;

/// Suggestions of believable text, for measuring: into a database that `liaison seed --demo` has made
#[derive(Parser)]
#[command(name = "liaison-load", version)]
struct Cli {
    /// How many there are to be
    count: u64,
    #[command(flatten)]
    storage: Storage,
    #[command(flatten)]
    log: Log,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let filled = context::start_log(&cli.log)
        .and_then(|()| actix_web::rt::System::new().block_on(unless_told(fill(&cli))));
    match filled {
        Ok(()) => ExitCode::SUCCESS,
        Err(text) => {
            eprintln!("liaison-load: {text}");
            ExitCode::FAILURE
        }
    }
}

async fn fill(cli: &Cli) -> Result<(), String> {
    let database = Database::open(&cli.storage).await?;
    let loaded = liaison_load::load(&database.db, cli.count).await;
    let loaded = loaded.map_err(|problem| problem.to_string())?;
    eprintln!("liaison-load: {loaded} suggestions loaded");
    database.close().await
}
