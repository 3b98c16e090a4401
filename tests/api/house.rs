//! The shape of the house, and its generated pages.

use crate::support::golden;
use clap::{CommandFactory, Parser};
use liaison::config::{Serve, Settings};
use std::fmt::Write;
use std::path::Path;

/// Who reads after its organization has ended reads the directory as its own past has it; only who is not known yet asks the
/// worker itself.
#[test]
fn handlers_read_the_directory_as_their_caller_does() {
    let mut found = Vec::new();
    let resources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/resources");
    visit(&resources, &mut |path, line| {
        if line.contains("worker.directory()") {
            let file = path.strip_prefix(&resources).unwrap_or(path);
            found.push(file.display().to_string());
        }
    });
    found.sort();
    assert_eq!(
        found,
        [
            "meetings/feeds/routes.rs",
            "users/session/routes.rs",
            "users/session/routes.rs"
        ]
    );
}

fn visit(path: &Path, see: &mut dyn FnMut(&Path, &str)) {
    if path.is_dir() {
        for entry in std::fs::read_dir(path).expect("a folder").flatten() {
            visit(&entry.path(), see);
        }
    } else if path.extension().is_some_and(|extension| extension == "rs") {
        for line in std::fs::read_to_string(path).expect("a file").lines() {
            see(path, line);
        }
    }
}

#[derive(Parser)]
struct All {
    #[command(flatten)]
    settings: Settings,
    #[command(flatten)]
    serve: Serve,
}

#[test]
fn the_page_of_settings_is_the_list() {
    let mut text = "# Settings\n\nMade from `src/config.rs`; a test compares the two. Each is a flag, an environment variable \
                    and a line of the TOML file that `--config` names (`listen = \"0.0.0.0:8080\"`), in that order of weight.\n\n\
                    | flag | variable | default | what it is |\n| --- | --- | --- | --- |\n"
        .to_owned();
    for argument in All::command().get_arguments() {
        let Some(flag) = argument.get_long().filter(|flag| *flag != "help") else {
            continue;
        };
        let variable = argument
            .get_env()
            .map(|name| format!("`{}`", name.to_string_lossy()))
            .unwrap_or_default();
        let default: Vec<String> = argument
            .get_default_values()
            .iter()
            .map(|value| value.to_string_lossy().into_owned())
            .collect();
        let default = if default.is_empty() || default == ["false"] {
            String::new()
        } else {
            format!("`{}`", default.join(","))
        };
        let help = argument
            .get_help()
            .map(ToString::to_string)
            .unwrap_or_default()
            .replace('|', "\\|");
        assert!(
            !help.is_empty() && !variable.is_empty(),
            "--{flag} has no help or no variable"
        );
        let _ = writeln!(text, "| `--{flag}` | {variable} | {default} | {help} |");
    }
    golden::compare("docs/settings.md", &text);
}

/// A resource whose routes nobody registers is served to nobody.
#[test]
fn every_resource_is_in_the_table_of_contents() {
    fn look(folder: &Path, module: &str, contents: &str) {
        for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
            let path = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            if path.is_dir() {
                look(&path, &format!("{module}::{name}"), contents);
            } else if name == "routes.rs" {
                let registered = contents.contains(&format!("{module}::routes::configure"));
                assert!(registered, "{module} in src/routes.rs");
            }
        }
    }
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let contents = std::fs::read_to_string(src.join("routes.rs")).expect("a file");
    look(&src.join("resources"), "resources", &contents);
}
