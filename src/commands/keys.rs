//! `liaison keys`

use super::context::{self, Database};
use crate::auth::keyring;
use crate::clock::Clock;
use crate::config::Storage;
use crate::problem::{Code, Problem};

#[derive(clap::Subcommand, Debug)]
pub enum Keys {
    /// Sign with a new key from now on; the one before goes on verifying until its last token has expired
    Rotate,
    /// End a key at once, as after a leak: all tokens that it has signed are refused. Where it signs now, a new one takes its
    /// place
    Revoke {
        /// Identifier of the key, as `liaison keys list` shows it
        #[arg(value_name = "KID")]
        kid: String,
    },
    /// List the keys, separated by tabs
    List,
}

/// # Errors
/// A text for the person who started it.
pub async fn run(command: Keys, storage: &Storage) -> Result<(), String> {
    let secret = context::secret(storage)?;
    let database = Database::open(storage).await?;
    let (db, now) = (&database.db, Clock::system().now());
    let done = match &command {
        Keys::Rotate => keyring::rotate(db, &secret, now)
            .await
            .map(|kid| println!("{kid}"))
            .map_err(|problem| problem.to_string()),
        Keys::Revoke { kid } => match keyring::revoke(db, &secret, kid, now).await {
            Ok(Some(next)) => {
                println!("{kid} is revoked; {next} signs from now on");
                Ok(())
            }
            Ok(None) => {
                println!("{kid} is revoked");
                Ok(())
            }
            Err(problem) => Err(refused(kid, &problem)),
        },
        Keys::List => list(&database).await,
    };
    done.and(database.close().await)
}

fn refused(kid: &str, problem: &Problem) -> String {
    match problem.code() {
        Code::NotFound => format!("there is no key {kid}: see `liaison keys list`"),
        _ => problem.to_string(),
    }
}

async fn list(database: &Database) -> Result<(), String> {
    let keys = keyring::list(&database.db)
        .await
        .map_err(|problem| problem.to_string())?;
    println!("kid\tmade\tstate\tsince");
    for key in keys {
        let (state, since) = match (key.revoked_at, key.retired_at) {
            (Some(at), _) => ("revoked", at),
            (None, Some(at)) => ("retired", at),
            (None, None) => ("signs", key.created_at),
        };
        let (made, since) = (key.created_at.to_rfc3339(), since.to_rfc3339());
        println!("{}\t{made}\t{state}\t{since}", key.kid);
    }
    Ok(())
}
