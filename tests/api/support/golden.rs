//! Files that are made from the code and committed. `LIAISON_UPDATE=1 cargo nextest run` writes them anew.

use std::path::Path;

/// Compares a committed file with what the code makes of it today.
#[track_caller]
pub fn compare(path: &str, made: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("LIAISON_UPDATE").is_some() {
        std::fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        std::fs::write(&file, made).expect("the file is written");
        return;
    }
    let committed = std::fs::read_to_string(&file).unwrap_or_default();
    let line = committed
        .lines()
        .zip(made.lines())
        .position(|(old, new)| old != new);
    let at = line.map_or_else(|| "at its end".to_owned(), |line| format!("at line {}", line + 1));
    assert!(
        committed == made,
        "{path} differs {at}: LIAISON_UPDATE=1 cargo nextest run writes it anew"
    );
}
