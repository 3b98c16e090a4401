use std::collections::HashSet;

use chrono::TimeDelta;
use liaison::auth::password::{PasswordCost, PasswordHasher};
use liaison::auth::password_policy::{PasswordFault as Fault, PasswordPolicy, generate};
use liaison::config::PasswordProfile;
use proptest::prelude::*;

use super::now;

fn dengbao3() -> PasswordPolicy {
    PasswordPolicy::new(PasswordProfile::Dengbao3)
}

fn nist() -> PasswordPolicy {
    PasswordPolicy::new(PasswordProfile::Nist)
}

#[test]
fn profiles_are_what_the_documents_promise() {
    assert_eq!(PasswordPolicy::default(), dengbao3());
    assert_eq!(
        (dengbao3().min_chars, dengbao3().min_classes, dengbao3().history),
        (12, 3, 5)
    );
    assert_eq!(dengbao3().max_age, Some(TimeDelta::days(90)));
    assert_eq!(
        (
            nist().min_chars,
            nist().min_classes,
            nist().history,
            nist().max_age
        ),
        (15, 0, 0, None)
    );
    assert_eq!("dengbao3".parse(), Ok(PasswordProfile::Dengbao3));
    assert_eq!("nist".parse(), Ok(PasswordProfile::Nist));
    assert_eq!(PasswordProfile::Dengbao3.to_string(), "dengbao3");
}

#[test]
fn good_passwords_pass() {
    for password in [
        "Kettle-sings-2020!",
        "韶关市对口联系Plan7x",
        "river4Lantern Copper",
        "Ébène-und-7-Zwerge",
    ] {
        assert_eq!(dengbao3().check(password, "party-minge"), [], "{password}");
    }
    for password in [
        "river lantern copper",
        "落霞与孤鹜齐飞，秋水共长天一色",
        "Kettle-sings-2020!",
    ] {
        assert_eq!(nist().check(password, "party-minge"), [], "{password}");
    }
}

#[test]
fn each_fault_alone() {
    let dengbao3_cases = [
        ("Rk7-mP4x9Tq", Fault::TooShort { min: 12 }),
        ("riverlantern7", Fault::TooFewClasses { min: 3, found: 2 }),
        ("Password2026!", Fault::TooCommon),
        ("My-Minge-7-river", Fault::ContainsUsername),
        ("Rk7-mP4x\u{0}9TqW", Fault::ControlCharacter),
        ("Rk7-mP4x\t9TqW", Fault::ControlCharacter),
        ("Rk7-mP4x\u{202e}9TqW", Fault::ControlCharacter),
    ];
    for (password, fault) in dengbao3_cases {
        assert_eq!(dengbao3().check(password, "MINGE"), [fault], "{password:?}");
    }
    let long = "Rk7-mP4x9TqW".repeat(11);
    assert_eq!(dengbao3().check(&long[..128], "minge"), []);
    assert_eq!(
        dengbao3().check(&long[..129], "minge"),
        [Fault::TooLong { max: 128 }]
    );
    assert_eq!(
        nist().check("river lantern!", "minge"),
        [Fault::TooShort { min: 15 }]
    );
}

#[test]
fn every_fault_is_named_at_once() {
    assert_eq!(
        dengbao3().check("\u{1}bob\u{1}bob", "bob"),
        [
            Fault::TooShort { min: 12 },
            Fault::TooFewClasses { min: 3, found: 2 },
            Fault::TooCommon,
            Fault::ContainsUsername,
            Fault::ControlCharacter,
        ]
    );
    assert_eq!(
        dengbao3().check("", "bob"),
        [
            Fault::TooShort { min: 12 },
            Fault::TooFewClasses { min: 3, found: 0 }
        ]
    );
}

#[test]
fn length_counts_characters_and_chinese_is_the_fourth_class() {
    // 12 characters, 28 bytes; capital, digit, other.
    assert_eq!(
        dengbao3().check("春风又绿江南岸明月A7", "x"),
        [Fault::TooShort { min: 12 }]
    );
    assert_eq!(dengbao3().check("春风又绿江南岸明月㐀A7", "x"), []);
    assert_eq!(
        dengbao3().check("春风又绿江南岸明月𠮷㐀A", "x"),
        [Fault::TooFewClasses { min: 3, found: 2 }]
    );
}

#[test]
fn common_passwords_are_found_in_their_usual_dress() {
    let common = [
        "Password1234!",
        "P@ssw0rd2026!",
        "QWERTYUIOP123",
        "Woaini1314520",
        "1qaz@WSX3edc",
        "Admin@2020!!",
        "!!Iloveyou2020",
        "aaaaaaaaaaaaaaaa",
        "Aa1!Aa1!Aa1!Aa1!",
        "123456789012345",
        "987654321098765",
        "abcdefghijklmnop",
        "ABCDEFGHIJKLMNOP",
        "correct horse battery staple",
        "Zhongguo1949!",
        "Liaison-demo-2020!",
        "password1234A",
        "abcdefghijklmnoq",
        "1234567890123457",
        "Zaq12wsxCDE345tgb",
        "Shaoguan-lianxi-2026",
        "Adm1n1strat0r-2026-!!",
    ];
    for password in common {
        assert!(
            nist().check(password, "x").contains(&Fault::TooCommon),
            "{password}"
        );
        assert!(
            dengbao3().check(password, "x").contains(&Fault::TooCommon),
            "{password}"
        );
    }
    for password in [
        "my password is not this",
        "Demo-of-a-quiet-pelican-7",
        "abc-lantern-copper-123",
    ] {
        assert!(
            !nist().check(password, "x").contains(&Fault::TooCommon),
            "{password}"
        );
    }
}

#[test]
fn the_list_is_in_the_form_that_the_comparison_needs() {
    let text = include_str!("../../../src/auth/password_blocklist.txt");
    let lines: Vec<_> = text.lines().filter(|line| !line.starts_with("# ")).collect();
    assert!(lines.len() >= 500);
    assert_eq!(
        lines.iter().collect::<HashSet<_>>().len(),
        lines.len(),
        "no line twice"
    );
    for line in lines {
        assert_eq!(line, line.trim().to_lowercase());
        assert!(line.chars().count() >= 8, "{line}");
    }
}

#[test]
fn short_user_names_are_not_looked_for() {
    assert_eq!(dengbao3().check("Rk7-mP4x9TqW", "rk"), []);
    assert_eq!(dengbao3().check("Rk7-mP4x9TqW", ""), []);
    assert_eq!(dengbao3().check("Rk7-mP4x9TqW", "rk7"), [Fault::ContainsUsername]);
    assert_eq!(
        dengbao3().check("王小明-Rk7-mP4x9", "王小明"),
        [Fault::ContainsUsername]
    );
}

#[test]
fn codes_are_stable() {
    let faults = [
        (Fault::TooShort { min: 1 }, "too_short"),
        (Fault::TooLong { max: 1 }, "too_long"),
        (Fault::TooFewClasses { min: 3, found: 1 }, "too_few_classes"),
        (Fault::TooCommon, "too_common"),
        (Fault::ContainsUsername, "contains_username"),
        (Fault::ControlCharacter, "control_character"),
        (Fault::Reused { last: 5 }, "reused"),
    ];
    for (fault, code) in faults {
        assert_eq!(fault.code(), code);
    }
}

#[tokio::test]
async fn the_last_five_are_not_used_again() {
    let cost = PasswordCost {
        memory_kib: 8,
        iterations: 1,
        lanes: 1,
    };
    let hasher = PasswordHasher::new(cost, 2, 10).expect("allowed costs");
    let mut newest_first = Vec::new();
    for at in 0..6 {
        newest_first.push(hasher.hash(&format!("password {at}")).await.expect("a hash"));
    }
    for at in 0..6 {
        let fault = dengbao3()
            .check_history(&hasher, &format!("password {at}"), &newest_first)
            .await;
        let expected = (at < 5).then_some(Fault::Reused { last: 5 });
        assert_eq!(fault, Ok(expected), "password {at}");
        let none = nist()
            .check_history(&hasher, &format!("password {at}"), &newest_first)
            .await;
        assert_eq!(none, Ok(None));
    }
    assert!(
        dengbao3()
            .check_history(&hasher, "x", &["rubbish".to_owned()])
            .await
            .is_err()
    );
}

#[test]
fn passwords_expire_after_ninety_days_or_never() {
    let day = TimeDelta::days(1);
    assert!(!dengbao3().is_expired(now(), now() + day * 90 - TimeDelta::seconds(1)));
    assert!(dengbao3().is_expired(now(), now() + day * 90));
    assert!(
        !dengbao3().is_expired(now(), now() - day),
        "a clock set back expires nothing"
    );
    assert!(!nist().is_expired(now(), now() + day * 36_500));
}

#[test]
fn generated_passwords_are_good_clear_and_different() {
    let mut seen = HashSet::new();
    for _ in 0..500 {
        // A name of few letters is hit by chance at times: those are drawn again.
        let password = generate("acd");
        assert_eq!(password.chars().count(), 20);
        assert_eq!(dengbao3().check(&password, "acd"), []);
        assert_eq!(nist().check(&password, "acd"), []);
        assert!(
            !password.contains(|c: char| "0Oo1Il2Zz5Ss8Bi".contains(c)),
            "{password}"
        );
        assert!(seen.insert(password));
    }
}

proptest! {
    #[test]
    fn no_password_panics_and_every_text_has_its_length_fault(
        password in any::<String>(), username in any::<String>()
    ) {
        let faults = dengbao3().check(&password, &username);
        let chars = password.chars().count();
        prop_assert_eq!(faults.contains(&Fault::TooShort { min: 12 }), chars < 12);
        prop_assert_eq!(faults.contains(&Fault::TooLong { max: 128 }), chars > 128);
    }
}
