//! `liaison openapi`

use std::io::{ErrorKind, Write};

/// Prints the OpenAPI document.
///
/// # Errors
/// A text for the person who started it: standard output is closed.
pub fn run() -> Result<(), String> {
    let text = serde_json::to_string_pretty(&crate::routes::document()).map_err(|error| error.to_string())?;
    match writeln!(std::io::stdout(), "{text}") {
        // Who reads only the beginning has what they want.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => written.map_err(|error| error.to_string()),
    }
}
