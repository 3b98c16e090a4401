//! Tokens as an attacker would make them.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use liaison::auth::keys::Algorithm;
use liaison::auth::token::{MAX_TOKEN_BYTES, TokenError};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::now;
use super::token::{issue, part, parts, ring, sign, verify, with, without};

#[test]
fn the_algorithm_is_the_keys_own() {
    let ring = ring(Algorithm::EdDSA);
    let (header, claims) = parts(&ring);
    for alg in [
        "none", "None", "NONE", "", "ES256", "HS256", "RS256", "eddsa", "Ed25519",
    ] {
        let header = with(&header, "alg", json!(alg));
        let signed = sign(&ring, &header, &claims);
        assert_eq!(verify(&ring, &signed), Err(TokenError::Algorithm), "{alg}");
        let unsigned = format!("{}.{}.", part(&header), part(&claims));
        assert_eq!(verify(&ring, &unsigned), Err(TokenError::Algorithm), "{alg}");
    }
    let stripped = format!("{}.{}.", part(&header), part(&claims));
    assert_eq!(verify(&ring, &stripped), Err(TokenError::Signature));
}

/// The classic: the public key, in every form that a library might keep it in, as the secret of an HMAC.
#[test]
fn the_public_key_is_no_hmac_secret() {
    let ring = ring(Algorithm::ES256);
    let (header, claims) = parts(&ring);
    let jwk = ring.active().public().jwk();
    let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).expect("base64url");
    let point = [
        vec![4],
        decode(&jwk.x),
        decode(jwk.y.as_deref().expect("a point")),
    ]
    .concat();
    let secrets = [
        point.clone(),
        STANDARD.encode(point).into_bytes(),
        json!(jwk).to_string().into_bytes(),
        vec![],
    ];
    for secret in secrets {
        for alg in ["HS256", "ES256"] {
            let message = format!("{}.{}", part(&with(&header, "alg", json!(alg))), part(&claims));
            let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &secret), message.as_bytes());
            let forged = format!("{message}.{}", URL_SAFE_NO_PAD.encode(tag));
            let expected = if alg == "HS256" {
                TokenError::Algorithm
            } else {
                TokenError::Signature
            };
            assert_eq!(verify(&ring, &forged), Err(expected));
        }
    }
}

/// CVE-2022-21449: R = S = 0 verified for every message in one runtime.
#[test]
fn degenerate_signatures_are_refused() {
    for algorithm in [Algorithm::EdDSA, Algorithm::ES256] {
        let ring = ring(algorithm);
        let good = issue(&ring);
        let message = good.rsplit_once('.').expect("three parts").0;
        for signature in [vec![0; 64], vec![0xff; 64], vec![0; 63], vec![0; 65], vec![]] {
            let forged = format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature));
            assert_eq!(verify(&ring, &forged), Err(TokenError::Signature));
        }
    }
}

#[test]
fn keys_are_found_by_our_own_ids_alone() {
    let ring = ring(Algorithm::EdDSA);
    let (header, claims) = parts(&ring);
    let kids = [
        "",
        "unknown",
        "../../../dev/null",
        "/etc/passwd",
        "' OR 1=1 --",
        "http://127.0.0.1/k",
        "a\u{0}b",
    ];
    for kid in kids {
        let token = sign(&ring, &with(&header, "kid", json!(kid)), &claims);
        assert_eq!(verify(&ring, &token), Err(TokenError::UnknownKey), "{kid}");
    }
    let stranger = self::ring(Algorithm::EdDSA);
    let theirs = sign(&stranger, &header, &claims);
    assert_eq!(
        verify(&ring, &theirs),
        Err(TokenError::Signature),
        "our id, another key"
    );
    assert_eq!(verify(&ring, &issue(&stranger)), Err(TokenError::UnknownKey));
}

#[test]
fn headers_have_the_three_members_and_no_other() {
    let ring = ring(Algorithm::EdDSA);
    let (header, claims) = parts(&ring);
    let own_key = json!(ring.active().public().jwk());
    for (member, value) in [
        ("jku", json!("https://evil.example/jwks.json")),
        ("jwk", own_key),
        ("x5u", json!("https://evil.example/cert.pem")),
        ("x5c", json!(["MIIB"])),
        ("x5t", json!("abc")),
        ("x5t#S256", json!("abc")),
        ("crit", json!(["exp"])),
        ("crit", json!([])),
        ("b64", json!(false)),
        ("zip", json!("DEF")),
        ("enc", json!("A128GCM")),
        ("cty", json!("JWT")),
        ("url", json!("https://evil.example")),
        ("JKU", Value::Null),
    ] {
        let token = sign(&ring, &with(&header, member, value), &claims);
        assert_eq!(verify(&ring, &token), Err(TokenError::Header), "{member}");
    }
    for member in ["alg", "typ", "kid"] {
        assert_eq!(
            verify(&ring, &sign(&ring, &without(&header, member), &claims)),
            Err(TokenError::Header)
        );
        for value in [Value::Null, json!(1), json!(["x"]), json!({"x": 1})] {
            let token = sign(&ring, &with(&header, member, value), &claims);
            assert_eq!(verify(&ring, &token), Err(TokenError::Header), "{member}");
        }
    }
    for typ in [
        "JWT",
        "jwt",
        "",
        "at+JWT",
        "dpop+jwt",
        "refresh+jwt",
        "application/at+jwt ",
    ] {
        let token = sign(&ring, &with(&header, "typ", json!(typ)), &claims);
        assert_eq!(verify(&ring, &token), Err(TokenError::Type), "{typ}");
    }
    // A member given twice means one thing to one parser and another to the next.
    let kid = ring.active().kid();
    let twice = format!(r#"{{"alg":"none","alg":"EdDSA","typ":"at+jwt","kid":"{kid}"}}"#);
    let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(twice), part(&claims));
    let signature = ring.active().sign(message.as_bytes()).expect("a signature");
    let token = format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature));
    assert_eq!(verify(&ring, &token), Err(TokenError::Header));
}

#[test]
fn shapes_that_are_no_token() {
    let ring = ring(Algorithm::EdDSA);
    let good = issue(&ring);
    for text in [
        "".to_owned(),
        ".".to_owned(),
        "..".to_owned(),
        "...".to_owned(),
        format!("{good}."),
        format!(".{good}"),
        format!("{good}.x"),
        format!(" {good}"),
        format!("{good}="),
        format!("{good}\n"),
        format!("Bearer {good}"),
        good.replace('.', ","),
        good.replacen('.', "..", 1),
        "令牌.令牌.令牌".to_owned(),
        "\u{0}.\u{0}.\u{0}".to_owned(),
    ] {
        assert!(verify(&ring, &text).is_err(), "{text:?}");
    }
    let (header, claims) = parts(&ring);
    let padded = sign(
        &ring,
        &header,
        &with(&claims, "pad", json!("x".repeat(MAX_TOKEN_BYTES))),
    );
    assert_eq!(
        verify(&ring, &padded),
        Err(TokenError::TooLong),
        "however well it is signed"
    );
    assert_eq!(
        verify(&ring, &"a".repeat(MAX_TOKEN_BYTES)),
        Err(TokenError::Malformed)
    );
    let nested = URL_SAFE_NO_PAD.encode("[".repeat(4000));
    assert_eq!(
        verify(&ring, &format!("{nested}.e30.AA")),
        Err(TokenError::Header)
    );
}

proptest! {
    #[test]
    fn no_text_is_a_token(text in any::<String>(), dots in "[A-Za-z0-9_-]{0,40}[.][A-Za-z0-9_-]{0,40}[.][A-Za-z0-9_-]{0,90}") {
        let ring = ring(Algorithm::EdDSA);
        prop_assert!(verify(&ring, &text).is_err());
        prop_assert!(verify(&ring, &dots).is_err());
    }

    /// Any character replaced, and any cut: base64 leaves no spare bits that could differ in two good texts.
    #[test]
    fn no_altered_token_is_good(place in any::<prop::sample::Index>(), by in "[A-Za-z0-9_.=-]|é|\u{0}|令", es256 in any::<bool>()) {
        let ring = ring(if es256 { Algorithm::ES256 } else { Algorithm::EdDSA });
        let good = issue(&ring);
        let place = place.index(good.len());
        let altered = format!("{}{by}{}", &good[..place], &good[place + 1..]);
        prop_assert_eq!(verify(&ring, &altered).is_ok(), altered == good);
        prop_assert!(verify(&ring, &good[..place]).is_err());
    }

    /// Any bytes where JSON is expected, well signed.
    #[test]
    fn signed_rubbish_does_not_panic(claims in prop::collection::vec(any::<u8>(), 0..200), header in prop::collection::vec(any::<u8>(), 0..200)) {
        let ring = ring(Algorithm::EdDSA);
        let (good, _) = parts(&ring);
        for header in [URL_SAFE_NO_PAD.encode(&header), part(&good)] {
            let message = format!("{header}.{}", URL_SAFE_NO_PAD.encode(&claims));
            let signature = ring.active().sign(message.as_bytes()).expect("a signature");
            let token = format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature));
            prop_assert!(verify(&ring, &token).is_err());
        }
    }

    /// Times anywhere on the number line: accepted exactly where the rules say.
    #[test]
    fn times_are_judged_without_overflow(exp in any::<i64>(), nbf in any::<i64>(), iat in any::<i64>()) {
        let ring = ring(Algorithm::EdDSA);
        let (header, claims) = parts(&ring);
        let claims = with(&with(&with(&claims, "exp", json!(exp)), "nbf", json!(nbf)), "iat", json!(iat));
        let now = i128::from(now().timestamp());
        let good = now < i128::from(exp) + 5 && i128::from(nbf) <= now + 5 && i128::from(iat) <= now + 5;
        prop_assert_eq!(verify(&ring, &sign(&ring, &header, &claims)).is_ok(), good);
    }
}
