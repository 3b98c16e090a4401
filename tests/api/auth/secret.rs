use std::collections::HashSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;

use liaison::auth::secret::{OpenError, Secret, SecretError, equal, random_bytes};
use proptest::prelude::*;

use super::{hex, unhex};

const TEXT: &str = "0123456789abcdef-a-test-secret-not-in-use";

fn secret() -> Secret {
    Secret::from_setting(TEXT).expect("a good secret")
}

/// The values come from Python's hmac and cryptography: a change of the derivation would end all sessions and
/// lose all sealed keys, so it must not happen by accident.
#[test]
fn derivation_and_seal_format_are_pinned() {
    let key = secret().derive("test");
    assert_eq!(
        hex(&key.mac(b"message")),
        "791653786aca2e512f332951358f807c0d88572f4b49cece670f24bb5d4688fe"
    );
    let sealed = unhex("01000102030405060708090a0b5bfaae4f38c74536f093ad887dda59827676680977");
    assert_eq!(key.open(&sealed, b"context").as_deref(), Ok(b"plain".as_slice()));
}

#[test]
fn purposes_and_secrets_give_unrelated_keys() {
    let other = Secret::from_setting("another-test-secret-0123456789abcdef").expect("a good secret");
    let macs: HashSet<_> = [
        secret().derive("a"),
        secret().derive("b"),
        secret().derive(""),
        other.derive("a"),
    ]
    .iter()
    .map(|key| key.mac(b"x"))
    .collect();
    assert_eq!(macs.len(), 4);
    assert_eq!(secret().derive("a").mac(b"x"), secret().derive("a").mac(b"x"));
}

#[test]
fn mac_is_verified_whole() {
    let key = secret().derive("test");
    let mac = key.mac(b"data");
    assert!(key.verify(b"data", &mac));
    assert!(!key.verify(b"dat", &mac));
    assert!(!key.verify(b"data", &mac[..31]));
    assert!(!key.verify(b"data", b""));
    assert!(!secret().derive("other").verify(b"data", &mac));
    assert!(equal(b"ab", b"ab") && !equal(b"ab", b"ac") && !equal(b"ab", b"abc") && equal(b"", b""));
}

#[test]
fn settings_are_judged() {
    let refused = |text: &str| Secret::from_setting(text).expect_err("a bad secret");
    assert!(matches!(refused(""), SecretError::TooShort));
    assert!(matches!(
        refused(&format!("  {}  ", &TEXT[..31])),
        SecretError::TooShort
    ));
    assert!(matches!(refused(&"ab".repeat(40)), SecretError::TooUniform));
    let hex = "8f1c2e7a9b0d4e6f8a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f6071";
    for good in [
        hex,
        "k9VtZ0mJ1w8uQyX3n5s7D2fGhL4pR6bA0cEeKiOoUq4=",
        "一二三四五六七八九十百千万".repeat(3).as_str(),
    ] {
        Secret::from_setting(good).expect("base64, hex and phrases are good");
    }
    // White space around it is what editors and shells add.
    let spaced = Secret::from_setting(&format!("{TEXT}\n")).expect("a good secret");
    assert_eq!(spaced.derive("x").mac(b""), secret().derive("x").mac(b""));
}

#[test]
fn file_is_made_once_and_private() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("secret");
    let macs: HashSet<_> = std::thread::scope(|scope| {
        let starters: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(|| {
                    Secret::load_or_create(&path)
                        .expect("a secret")
                        .derive("x")
                        .mac(b"")
                })
            })
            .collect();
        starters
            .into_iter()
            .map(|starter| starter.join().expect("no panic"))
            .collect()
    });
    assert_eq!(macs.len(), 1, "eight starters at once end up with one secret");
    assert_eq!(
        fs::metadata(&path).expect("the file").permissions().mode() & 0o777,
        0o600
    );
    assert_eq!(
        fs::read_dir(folder.path()).expect("the folder").count(),
        1,
        "nothing is left over"
    );

    let text = fs::read_to_string(&path).expect("the file");
    let by_setting = Secret::from_setting(&text).expect("the text works as a setting");
    assert!(macs.contains(&by_setting.derive("x").mac(b"")));
    let again = tempfile::tempdir().expect("a folder");
    let other = Secret::load_or_create(&again.path().join("secret")).expect("a secret");
    assert!(
        !macs.contains(&other.derive("x").mac(b"")),
        "another installation has another secret"
    );
}

#[test]
fn file_faults_stop_the_start() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("secret");
    fs::write(&path, TEXT).expect("writable");
    for mode in [0o644, 0o640, 0o604] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("own file");
        let fault = Secret::load_or_create(&path).expect_err("others may read it");
        assert!(
            matches!(fault, SecretError::Exposed { mode: found, .. } if found == mode),
            "{fault}"
        );
    }
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("own file");
    Secret::load_or_create(&path).expect("private now");

    fs::write(&path, "short").expect("writable");
    let fault = Secret::load_or_create(&path).expect_err("too short");
    assert!(matches!(fault, SecretError::TooShort));
    assert_eq!(
        fs::read_to_string(&path).expect("the file"),
        "short",
        "a bad file is never replaced"
    );
    let nowhere = folder.path().join("no/such/folder");
    assert!(matches!(
        Secret::load_or_create(&nowhere),
        Err(SecretError::Io { .. })
    ));
}

#[test]
fn sealing_is_random_and_bound_to_its_context() {
    let key = secret().derive("test");
    let sealed = key.seal(b"plain", b"row 1");
    assert_ne!(sealed, key.seal(b"plain", b"row 1"), "nonces are random");
    assert_eq!(key.open(&sealed, b"row 1").as_deref(), Ok(b"plain".as_slice()));
    assert_eq!(key.open(&sealed, b"row 2"), Err(OpenError));
    assert_eq!(secret().derive("other").open(&sealed, b"row 1"), Err(OpenError));
    assert_eq!(key.open(&key.seal(b"", b""), b"").as_deref(), Ok(b"".as_slice()));
}

proptest! {
    #[test]
    fn altered_or_cut_seals_do_not_open(at in any::<prop::sample::Index>(), flip in 1_u8..) {
        let key = secret().derive("test");
        let sealed = key.seal(b"some private key", b"row");
        let at = at.index(sealed.len());
        let mut altered = sealed.clone();
        altered[at] ^= flip;
        prop_assert_eq!(key.open(&altered, b"row"), Err(OpenError));
        prop_assert_eq!(key.open(&sealed[..at], b"row"), Err(OpenError));
    }

    #[test]
    fn foreign_bytes_do_not_open(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        prop_assert_eq!(secret().derive("test").open(&bytes, b""), Err(OpenError));
    }
}

#[test]
fn debug_shows_nothing() {
    assert_eq!(
        format!("{:?} {:?}", secret(), secret().derive("x")),
        "Secret(..) Key(..)"
    );
}

#[test]
fn random_bytes_differ() {
    assert_ne!(random_bytes::<32>(), random_bytes::<32>());
}
