//! `liaison openapi`

use std::io::Write;

/// Prints the OpenAPI document.
///
/// # Errors
/// A text for the person who started it: standard output is closed.
pub fn run() -> Result<(), String> {
    let text = serde_json::to_string_pretty(&crate::routes::document()).map_err(|error| error.to_string())?;
    writeln!(std::io::stdout(), "{text}").map_err(|error| error.to_string())
}
