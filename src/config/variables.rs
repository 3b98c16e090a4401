//! Names that are no setting, and what they may be meant for.

use std::collections::BTreeSet;
use std::ffi::OsString;

/// Variables that look like settings and are none: of the project's own scripts and tests, of the compose file, and those by which
/// Kubernetes and Docker tell of a service that is called `liaison`.
fn is_no_setting(name: &str, value: &str) -> bool {
    const EXACTLY: [&str; 3] = ["LIAISON_BIN", "LIAISON_DATABASE_PASSWORD", "LIAISON_UPDATE"];
    const BEGINNINGS: [&str; 6] = [
        "LIAISON_BENCH_",
        "LIAISON_CONSISTENCY_",
        "LIAISON_FAULT_",
        "LIAISON_PORT_",
        "LIAISON_SERVICE_",
        "LIAISON_TEST_",
    ];
    EXACTLY.contains(&name)
        || BEGINNINGS.iter().any(|beginning| name.starts_with(beginning))
        || (name == "LIAISON_PORT" && value.contains("://"))
}

/// A variable that is misspelt would have no effect, and nobody would notice.
///
/// # Errors
/// A text for the person who starts the program, with every variable that is no setting, and what it may be meant for.
pub fn check_variables(
    command: &clap::Command,
    variables: impl Iterator<Item = (OsString, OsString)>,
) -> Result<(), String> {
    let known: BTreeSet<String> = arguments(command)
        .filter_map(|argument| Some(argument.get_env()?.to_string_lossy().into_owned()))
        .collect();
    let mut unknown: Vec<String> = variables
        .map(|(name, value)| (name.to_string_lossy().into_owned(), value))
        .filter(|(name, value)| {
            name.starts_with("LIAISON_")
                && !known.contains(name)
                && !is_no_setting(name, &value.to_string_lossy())
        })
        .map(|(name, _)| format!("there is no setting {name}{}", nearest(&name, &known)))
        .collect();
    unknown.sort();
    if unknown.is_empty() {
        return Ok(());
    }
    Err(unknown.join("; "))
}

/// Those of a command and of all commands below it.
fn arguments(command: &clap::Command) -> Box<dyn Iterator<Item = &clap::Arg> + '_> {
    let below = command.get_subcommands().flat_map(arguments);
    Box::new(command.get_arguments().chain(below))
}

/// What a line of the settings file may be meant for.
pub(super) fn nearest_flag(command: &clap::Command, key: &str) -> String {
    let flags = arguments(command).filter_map(|argument| argument.get_long().map(str::to_owned));
    nearest(&key.replace('_', "-"), &flags.collect())
}

/// What a name may be meant for, where there is something like it.
fn nearest(name: &str, known: &BTreeSet<String>) -> String {
    const ALIKE: f64 = 0.8;
    let alike = |other: &String| strsim::normalized_damerau_levenshtein(name, other);
    known
        .iter()
        .map(|other| (alike(other), other))
        .filter(|(alike, _)| *alike >= ALIKE)
        .max_by(|one, other| one.0.total_cmp(&other.0))
        .map_or(String::new(), |(_, other)| format!(": did you mean {other}?"))
}
