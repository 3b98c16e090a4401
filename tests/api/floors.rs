//! The shape of the house, as its imports draw it: rooms stand on floors, and import only what stands below.

use crate::support::golden;
use petgraph::algo::tarjan_scc;
use petgraph::graphmap::DiGraphMap;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// From the ground up. What stands on one floor may import what stands on those below; the rooms of one floor know nothing of
/// each other, but for the last two that are named together.
const FLOORS: &[&[&str]] = &[
    &["clock", "language", "limits", "memory"],
    &["problem", "text", "vocabulary"],
    &["config"],
    &["db"],
    &["policy"],
    &["work"],
    &["auth", "directory", "files"],
    &["health", "workflow"],
    &["events", "figures", "search"],
    // The instance holds what requests need, and requests find it there.
    &["state", "http"],
    &["runner"],
    &["resources"],
    &["routes"],
    &["accounts", "app"],
    &["housekeeping", "seeding"],
    &["commands"],
];

/// Rooms of one floor that may import each other.
const TOGETHER: [&str; 2] = ["state", "http"];

/// Files of the largest circle of imports.
const LARGEST_CIRCLE: usize = 23;

/// Folders of resources that know another.
const DEPENDENCIES: usize = 34;

fn src() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Each file by the module that it is.
fn files() -> BTreeMap<String, String> {
    fn collect(folder: &Path, module: &str, files: &mut BTreeMap<String, String>) {
        for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
            let path = entry.path();
            let name = path
                .file_stem()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            let inner = match (module, name.as_str()) {
                ("", "lib" | "main") => continue,
                (_, "mod") => module.to_owned(),
                ("", _) => name,
                _ => format!("{module}::{name}"),
            };
            if path.is_dir() {
                collect(&path, &inner, files);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.insert(inner, std::fs::read_to_string(&path).expect("a file"));
            }
        }
    }
    let mut all = BTreeMap::new();
    collect(&src(), "", &mut all);
    all
}

/// `a::{b, c::{d}}` as `a::b` and `a::c::d`.
fn spread(path: &str) -> Vec<String> {
    let Some((before, group)) = path.split_once('{') else {
        return vec![path.split(" as ").next().unwrap_or_default().trim().to_owned()];
    };
    let group = group.trim_end().strip_suffix('}').unwrap_or(group);
    let (mut depth, mut parts) = (0, vec![String::new()]);
    for character in group.chars() {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        parts.last_mut().expect("a part").push(character);
    }
    let parts = parts
        .iter()
        .map(|part| part.trim())
        .filter(|part| !part.is_empty());
    parts
        .flat_map(|part| spread(&format!("{}{part}", before.trim())))
        .collect()
}

/// What a file names of the crate, as paths from its root.
fn named(module: &str, text: &str) -> BTreeSet<String> {
    let code: Vec<&str> = text
        .lines()
        .map(|line| line.split("//").next().unwrap_or_default())
        .collect();
    let code = code.join("\n");
    let mut found = BTreeSet::new();
    let uses = code.split("use ").skip(1).filter_map(|rest| rest.split_once(';'));
    for (path, _) in uses {
        found.extend(
            spread(path)
                .into_iter()
                .map(|path| path.replace(char::is_whitespace, "")),
        );
    }
    for start in ["crate::", "super::"] {
        for (at, _) in code.match_indices(start) {
            let path: String = code[at..]
                .chars()
                .take_while(|one| one.is_alphanumeric() || "_:".contains(*one))
                .collect();
            found.insert(path);
        }
    }
    found
        .into_iter()
        .filter_map(|path| {
            let mut parts: Vec<&str> = path.split("::").collect();
            let mut from: Vec<&str> = module.split("::").collect();
            match *parts.first()? {
                "crate" => from.clear(),
                "super" => {}
                _ => return None,
            }
            while matches!(parts.first(), Some(&("super" | "crate"))) {
                from.pop();
                parts.remove(0);
            }
            from.extend(parts);
            Some(from.join("::"))
        })
        .collect()
}

/// Which file imports which, by module.
fn imports() -> BTreeMap<String, BTreeSet<String>> {
    let files = files();
    let target = |path: &str| {
        let parts: Vec<&str> = path.split("::").collect();
        (1..=parts.len())
            .rev()
            .map(|length| parts[..length].join("::"))
            .find(|module| files.contains_key(module))
    };
    files
        .iter()
        .map(|(module, text)| {
            let found = named(module, text)
                .iter()
                .filter_map(|path| target(path))
                .collect();
            (module.clone(), found)
        })
        .collect()
}

fn room(module: &str) -> &str {
    module.split("::").next().unwrap_or_default()
}

#[test]
fn rooms_import_only_what_stands_below_them() {
    let floor = |room: &str| FLOORS.iter().position(|floor| floor.contains(&room));
    let mut wrong = BTreeSet::new();
    for (module, imported) in imports() {
        let from = room(&module);
        let Some(own) = floor(from) else {
            wrong.insert(format!("{from} stands on no floor"));
            continue;
        };
        for to in imported.iter().filter(|to| room(to) != from) {
            let together = TOGETHER.contains(&from) && TOGETHER.contains(&room(to));
            if !together && floor(room(to)).is_none_or(|other| other >= own) {
                wrong.insert(format!("{module} imports {to}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn circles_of_imports_stay_small() {
    let imports = imports();
    let graph: DiGraphMap<&str, ()> = imports
        .iter()
        .flat_map(|(from, all)| all.iter().map(move |to| (from.as_str(), to.as_str())))
        .filter(|(from, to)| from != to)
        .collect();
    let largest = tarjan_scc(&graph)
        .into_iter()
        .max_by_key(Vec::len)
        .unwrap_or_default();
    assert!(
        largest.len() <= LARGEST_CIRCLE,
        "{} files: {largest:#?}",
        largest.len()
    );
}

/// What one resource needs of another may only become less.
#[test]
fn resources_know_few_others() {
    // What stands beside the folders registers what is in them: it is nobody's need of another.
    let folder = |module: &str| {
        let name = room(module.strip_prefix("resources::")?);
        src()
            .join("resources")
            .join(name)
            .is_dir()
            .then(|| name.to_owned())
    };
    let mut pairs = BTreeSet::new();
    for (module, imported) in imports() {
        let Some(from) = folder(&module) else { continue };
        for to in imported
            .iter()
            .filter_map(|to| folder(to))
            .filter(|to| *to != from)
        {
            pairs.insert((from.clone(), to));
        }
    }
    let mut text = String::new();
    for (from, to) in &pairs {
        let _ = writeln!(text, "{from} -> {to}");
    }
    assert!(
        pairs.len() <= DEPENDENCIES,
        "{} dependencies:\n{text}",
        pairs.len()
    );
    golden::compare("tests/api/dependencies.txt", &text);
}
