use std::time::{Duration, Instant};

use argon2::PasswordHasher as _;

use futures_util::future::join_all;
use liaison::auth::password::{PasswordCost, PasswordHashError, PasswordHasher};

const CHEAP: PasswordCost = PasswordCost {
    memory_kib: 8,
    iterations: 1,
    lanes: 1,
};

/// Long enough that two of them overlap for certain.
const SLOW: PasswordCost = PasswordCost {
    memory_kib: 19 * 1024,
    iterations: 4,
    lanes: 1,
};

fn hasher(cost: PasswordCost) -> PasswordHasher {
    PasswordHasher::new(cost, 2, 100).expect("allowed costs")
}

#[tokio::test]
async fn hashes_are_salted_and_verify() {
    let hasher = hasher(CHEAP);
    let phc = hasher.hash("正确的密码 horse").await.expect("a hash");
    assert!(phc.starts_with("$argon2id$v=19$m=8,t=1,p=1$"), "{phc}");
    assert_ne!(phc, hasher.hash("正确的密码 horse").await.expect("a hash"));
    assert_eq!(hasher.verify("正确的密码 horse", &phc).await, Ok(true));
    for wrong in ["", "正确的密码 Horse", "正确的密码 horse ", "正确的密码 horse\0"] {
        assert_eq!(hasher.verify(wrong, &phc).await, Ok(false), "{wrong:?}");
    }
}

/// Made by argon2-cffi, the reference implementation in C.
#[tokio::test]
async fn another_implementations_hash_verifies() {
    let phc =
        "$argon2id$v=19$m=64,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$TCNo532pbPCXQop5QDrTNiTdixPU3Y00VKCL95mY0wE";
    assert_eq!(hasher(CHEAP).verify("Liaison-demo-2020!", phc).await, Ok(true));
    assert_eq!(hasher(CHEAP).verify("Liaison-demo-2020?", phc).await, Ok(false));
}

#[tokio::test]
async fn the_default_is_what_the_documents_promise() {
    let phc = hasher(PasswordCost::default()).hash("x").await.expect("a hash");
    assert!(phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{phc}");
}

#[tokio::test]
async fn stored_rubbish_is_an_error_and_no_match() {
    let long = format!("$argon2id$v=19$m=8,t=1,p=1${}", "A".repeat(10_000));
    for stored in [
        "",
        "plain text",
        "$argon2id$",
        "$2b$12$abcdefghijklmnopqrstuv",
        "$argon2id$v=19$m=1,t=1,p=1$c2FsdHNhbHQ$aGFzaA",
        &long,
    ] {
        let verdict = hasher(CHEAP).verify("", stored).await;
        assert_eq!(verdict, Err(PasswordHashError::Stored), "{stored}");
    }
}

#[tokio::test]
async fn older_and_weaker_hashes_are_renewed() {
    let current = hasher(PasswordCost {
        memory_kib: 16,
        iterations: 2,
        lanes: 1,
    });
    let phc = current.hash("x").await.expect("a hash");
    assert!(!current.needs_rehash(&phc));
    for (cost, why) in [
        (
            PasswordCost {
                memory_kib: 8,
                iterations: 2,
                lanes: 1,
            },
            "memory",
        ),
        (
            PasswordCost {
                memory_kib: 16,
                iterations: 1,
                lanes: 1,
            },
            "iterations",
        ),
        (
            PasswordCost {
                memory_kib: 16,
                iterations: 2,
                lanes: 2,
            },
            "lanes",
        ),
    ] {
        assert!(
            current.needs_rehash(&hasher(cost).hash("x").await.expect("a hash")),
            "{why}"
        );
    }
    assert!(current.needs_rehash(&phc.replace("argon2id", "argon2i")));
    assert!(current.needs_rehash(&phc.replace("v=19", "v=16")));
    assert!(current.needs_rehash(&phc[..phc.len() - 11]), "a shorter hash");
    assert!(current.needs_rehash("rubbish"));
    // The hash names its own cost, so that it still verifies.
    let weaker = hasher(CHEAP).hash("x").await.expect("a hash");
    assert_eq!(current.verify("x", &weaker).await, Ok(true));
}

#[test]
fn impossible_costs_are_refused_at_the_start() {
    for cost in [
        PasswordCost {
            memory_kib: 7,
            ..CHEAP
        },
        PasswordCost {
            iterations: 0,
            ..CHEAP
        },
        PasswordCost { lanes: 0, ..CHEAP },
    ] {
        assert_eq!(
            PasswordHasher::new(cost, 1, 1).err(),
            Some(PasswordHashError::Cost)
        );
    }
}

#[tokio::test]
async fn the_queue_is_bounded() {
    let hasher = PasswordHasher::new(SLOW, 1, 2).expect("allowed costs");
    let verdicts = join_all((0..5).map(|_| hasher.hash("x"))).await;
    let (done, busy): (Vec<_>, Vec<_>) = verdicts.into_iter().partition(Result::is_ok);
    assert_eq!((done.len(), busy.len()), (3, 2));
    assert!(
        busy.iter()
            .all(|verdict| *verdict == Err(PasswordHashError::Busy))
    );
    assert!(hasher.hash("x").await.is_ok(), "places come back");
    // No oracle: an unknown user meets the same limit.
    let (_, dummy) = tokio::join!(
        join_all((0..3).map(|_| hasher.hash("x"))),
        hasher.verify_dummy("x")
    );
    assert_eq!(dummy, Err(PasswordHashError::Busy));
}

#[tokio::test]
async fn a_client_that_hangs_up_keeps_its_place_until_the_work_ends() {
    let hasher = PasswordHasher::new(SLOW, 1, 0).expect("allowed costs");
    let mut abandoned = Box::pin(hasher.hash("x"));
    assert!(futures_util::poll!(abandoned.as_mut()).is_pending());
    drop(abandoned);
    assert_eq!(hasher.hash("x").await.err(), Some(PasswordHashError::Busy));
    let patience = Instant::now() + Duration::from_secs(30);
    while hasher.hash("x").await.is_err() {
        assert!(Instant::now() < patience, "the place never came back");
        tokio::task::yield_now().await;
    }
}

/// The fastest run of each, and as many runs as a busy machine needs to show them: a dummy that did nothing
/// would be a thousand times faster in every one.
#[tokio::test]
async fn unknown_users_cost_the_same() {
    let hasher = hasher(PasswordCost::default());
    let phc = hasher.hash("x").await.expect("a hash");
    let (mut known, mut unknown) = (Duration::MAX, Duration::MAX);
    let patience = Instant::now() + Duration::from_secs(30);
    loop {
        let start = Instant::now();
        assert_eq!(hasher.verify("wrong", &phc).await, Ok(false));
        known = known.min(start.elapsed());
        let start = Instant::now();
        hasher.verify_dummy("wrong").await.expect("not busy");
        unknown = unknown.min(start.elapsed());
        if (0.67..1.5).contains(&(unknown.as_secs_f64() / known.as_secs_f64())) {
            break;
        }
        assert!(Instant::now() < patience, "{unknown:?} against {known:?}");
    }
}

#[tokio::test]
async fn debug_shows_no_password() {
    assert!(!format!("{:?}", hasher(CHEAP)).contains("secret"));
    let fault = hasher(CHEAP)
        .verify("hunter2-secret", "$argon2id$stored-secret")
        .await
        .expect_err("rubbish");
    assert!(!format!("{fault:?} {fault}").contains("secret"));
}

/// As one keyboard types it and another: é as one character or two, wide letters as narrow ones.
#[tokio::test]
async fn a_password_is_the_same_from_every_keyboard() {
    let hasher = hasher(CHEAP);
    for (set, typed) in [
        ("Caf\u{e9}-2026-密码", "Cafe\u{301}-2026-密码"),
        ("Cafe\u{301}-2026-密码", "Caf\u{e9}-2026-密码"),
        ("Ｐassword－１２", "Password-12"),
        ("\u{1112}\u{1161}\u{11ab}글-Pass-2026", "\u{d55c}글-Pass-2026"),
    ] {
        let phc = hasher.hash(set).await.expect("a hash");
        assert_eq!(hasher.verify(typed, &phc).await, Ok(true), "{typed}");
        assert_eq!(hasher.verify(&format!("{typed}x"), &phc).await, Ok(false));
    }
    // Set before passwords were normalized: a hash of the bytes as they were typed.
    let old = argon2::Argon2::default().hash_password("Cafe\u{301}-2026".as_bytes());
    let old = &*old.expect("a hash").to_string();
    assert_eq!(hasher.verify("Cafe\u{301}-2026", old).await, Ok(true));
    assert_eq!(hasher.verify("Caf\u{e9}-2026", old).await, Ok(false));
}
