//! The settings of the object store: what does not fit together stops the start, and no secret is ever shown.

use clap::Parser;
use liaison::config::Storage;
use liaison::files::store::Store;

#[derive(Parser)]
struct Settings {
    #[command(flatten)]
    storage: Storage,
}

fn store(settings: &[&str]) -> Result<Store, String> {
    let storage = Settings::parse_from(std::iter::once(&"test").chain(settings)).storage;
    let shown = format!("{storage:?}");
    assert!(!shown.contains("keep-me-secret"), "{shown}");
    Store::new(&storage.objects, storage.data_dir.join("objects"))
}

const KEYS: [&str; 4] = ["--s3-access-key", "key", "--s3-secret-key", "keep-me-secret"];

#[test]
fn a_folder_or_a_bucket() {
    assert!(matches!(store(&[]), Ok(Store::Folder { .. })));
    for place in ["s3://bucket", "s3://bucket/", "s3://bucket/some/prefix/"] {
        let settings = [&["--object-store-url", place], &KEYS[..]].concat();
        assert!(matches!(store(&settings), Ok(Store::S3(_))), "{place}");
    }
    let own = ["--s3-endpoint", "https://oss.example.cn", "--s3-virtual-hosted"];
    let settings = [&["--object-store-url", "s3://bucket"], &KEYS[..], &own].concat();
    assert!(matches!(store(&settings), Ok(Store::S3(_))));
}

#[test]
fn what_does_not_fit_stops_the_start() {
    let bucket = ["--object-store-url", "s3://bucket"];
    let missing = ["--s3-ca", "/nowhere/ca.pem"];
    for (settings, reason) in [
        (bucket.to_vec(), "--s3-secret-key are needed"),
        (
            [&["--object-store-url", "https://bucket"], &KEYS[..]].concat(),
            "should be s3://",
        ),
        (
            [&["--object-store-url", "s3://bucket//a//b"], &KEYS[..]].concat(),
            "--object-store-url",
        ),
        ([&bucket, &KEYS[..], &missing].concat(), "--s3-ca /nowhere/ca.pem"),
    ] {
        let Err(error) = store(&settings) else {
            panic!("{settings:?} was taken")
        };
        assert!(error.contains(reason), "{error}");
        assert!(!error.contains("keep-me-secret"), "{error}");
    }
}
