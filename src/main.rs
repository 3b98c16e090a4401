//! The command line: one line a command.

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use liaison::commands::stopping::unless_told;
use liaison::commands::{self, doctor, keys, migrate, openapi, seed, serve, user};
use liaison::config::{self, Serve, Settings};
use std::path::PathBuf;
use std::process::ExitCode;

/// 对口联系: a municipal counterpart-liaison scheme as a JSON REST API
#[derive(Parser, Debug)]
#[command(name = "liaison", version, propagate_version = true)]
struct Cli {
    #[command(flatten)]
    settings: Settings,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Serve the API
    Serve(Box<Serve>),
    /// Apply the database migrations, or take some back
    Migrate(migrate::Migrate),
    /// Give a fresh database its first data, without serving
    Seed(seed::Seed),
    /// Print the OpenAPI document
    Openapi,
    /// Accounts
    #[command(subcommand)]
    User(user::User),
    /// Signing keys of the access tokens
    #[command(subcommand)]
    Keys(keys::Keys),
    /// Look at settings and database, and say what is wrong
    Doctor(doctor::Doctor),
    /// Ask a running service whether it is ready: exit status 0 or 1
    Probe(doctor::Probe),
}

fn main() -> ExitCode {
    let cli = match parse() {
        Ok(cli) => cli,
        Err(text) => return failed(&text),
    };
    if let Err(text) = commands::context::start_log(&cli.settings.log) {
        return failed(&text);
    }
    let storage = &cli.settings.storage;
    let done = actix_web::rt::System::new().block_on(async {
        match cli.command {
            Command::Serve(command) => serve::run(*command, storage).await,
            Command::Migrate(command) => unless_told(migrate::run(command, storage)).await,
            Command::Seed(command) => unless_told(seed::run(command, storage)).await,
            Command::Openapi => openapi::run(),
            Command::User(command) => unless_told(user::run(command, storage)).await,
            Command::Keys(command) => unless_told(keys::run(command, storage)).await,
            Command::Doctor(command) => unless_told(doctor::run(&command, storage)).await,
            Command::Probe(command) => doctor::probe(&command),
        }
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(text) => failed(&text),
    }
}

/// Flags over environment over the settings file, which therefore has to be found first.
fn parse() -> Result<Cli, String> {
    config::check_variables(&Cli::command(), std::env::vars_os())?;
    let first = Cli::command().get_matches();
    let matches = match first.get_one::<PathBuf>("config") {
        Some(file) => config::with_file(Cli::command(), file)?.get_matches(),
        None => first,
    };
    Cli::from_arg_matches(&matches).map_err(|error| error.to_string())
}

fn failed(text: &str) -> ExitCode {
    eprintln!("liaison: {text}");
    ExitCode::FAILURE
}
