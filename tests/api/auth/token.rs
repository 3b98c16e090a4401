use std::collections::HashSet;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use liaison::auth::keys::{Algorithm, KeyRing, SigningKey};
use liaison::auth::token::{Claims, Issuer, Subject, TokenError, Verifier};
use serde_json::{Value, json};
use uuid::Uuid;

use super::now;

const ISS: &str = "https://liaison.example.gov.cn";
const AUD: &str = "liaison-api";

pub(super) fn ring(algorithm: Algorithm) -> KeyRing {
    KeyRing::new(SigningKey::generate(algorithm).expect("a new key"), [])
}

fn subject() -> Subject {
    Subject {
        sub: Uuid::from_u128(7),
        username: "party-minge".to_owned(),
        sid: Some(Uuid::from_u128(8)),
        role: Some("party".to_owned()),
        org: Some("minge".to_owned()),
        org_id: Some(Uuid::from_u128(9)),
        org_kind: Some("party".to_owned()),
        scope: None,
        epoch: 3,
        pwd_change: false,
    }
}

pub(super) fn issue(ring: &KeyRing) -> String {
    Issuer::new(ISS, AUD, TimeDelta::minutes(15))
        .issue(ring, subject(), now())
        .expect("a token")
}

fn verify_at(ring: &KeyRing, token: &str, now: DateTime<Utc>) -> Result<Claims, TokenError> {
    Verifier::new(ISS, AUD).verify(ring, token, now)
}

pub(super) fn verify(ring: &KeyRing, token: &str) -> Result<Claims, TokenError> {
    verify_at(ring, token, now())
}

pub(super) fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

/// Header and claims of a good token.
pub(super) fn parts(ring: &KeyRing) -> (Value, Value) {
    let token = issue(ring);
    let mut parts = token.split('.').map(|part| {
        let bytes = URL_SAFE_NO_PAD.decode(part).expect("base64url");
        serde_json::from_slice(&bytes).unwrap_or(Value::Null)
    });
    (parts.next().expect("a header"), parts.next().expect("claims"))
}

/// Signs whatever it is given with the right key: what remains wrong is the content alone.
pub(super) fn sign(ring: &KeyRing, header: &Value, claims: &Value) -> String {
    let message = format!("{}.{}", part(header), part(claims));
    let signature = ring.active().sign(message.as_bytes()).expect("a signature");
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}

pub(super) fn with(base: &Value, member: &str, value: Value) -> Value {
    let mut changed = base.clone();
    changed[member] = value;
    changed
}

pub(super) fn without(base: &Value, member: &str) -> Value {
    let mut changed = base.clone();
    changed.as_object_mut().expect("an object").remove(member);
    changed
}

#[test]
fn tokens_carry_what_the_contract_says() {
    for algorithm in [Algorithm::EdDSA, Algorithm::ES256] {
        let ring = ring(algorithm);
        let (header, claims) = parts(&ring);
        assert_eq!(
            header,
            json!({"alg": algorithm.name(), "typ": "at+jwt", "kid": ring.active().kid()})
        );
        let at = now().timestamp();
        let jti = claims["jti"].clone();
        assert_eq!(
            claims,
            json!({
                "iss": ISS, "aud": AUD, "iat": at, "nbf": at, "exp": at + 900, "jti": jti,
                "sub": Uuid::from_u128(7), "username": "party-minge", "sid": Uuid::from_u128(8),
                "role": "party", "org": "minge", "org_id": Uuid::from_u128(9), "org_kind": "party", "epoch": 3,
            })
        );
        assert_eq!(sign(&ring, &header, &claims).split('.').count(), 3);
        let read = verify(&ring, &issue(&ring)).expect("a good token");
        assert_eq!(read.subject, subject());
        assert_eq!(read.expires_at(), now() + TimeDelta::minutes(15));
        assert_ne!(read.jti, verify(&ring, &issue(&ring)).expect("a good token").jti);
    }
}

#[test]
fn a_forced_password_change_and_a_service_account_survive_the_round_trip() {
    let ring = ring(Algorithm::EdDSA);
    let service = Subject {
        sub: Uuid::from_u128(1),
        username: "oa-demo".to_owned(),
        sid: None,
        role: None,
        org: None,
        org_id: None,
        org_kind: None,
        scope: Some("directory:read events:read".to_owned()),
        epoch: 0,
        pwd_change: true,
    };
    let issuer = Issuer::new(ISS, AUD, TimeDelta::minutes(15));
    let token = issuer.issue(&ring, service.clone(), now()).expect("a token");
    assert_eq!(verify(&ring, &token).expect("a good token").subject, service);
    assert_eq!(issuer.lifetime_seconds(), 900);
}

/// jsonwebtoken reads ours, and ours reads jsonwebtoken's.
#[test]
fn another_implementation_agrees() {
    use jsonwebtoken::{DecodingKey, EncodingKey, Header, Validation, decode, encode};
    for (algorithm, theirs) in [
        (Algorithm::EdDSA, jsonwebtoken::Algorithm::EdDSA),
        (Algorithm::ES256, jsonwebtoken::Algorithm::ES256),
    ] {
        let ring = ring(algorithm);
        let jwk = serde_json::from_value(json!(ring.jwks().keys[0])).expect("they read our JWK");
        let mut validation = Validation::new(theirs);
        validation.set_audience(&[AUD]);
        validation.set_issuer(&[ISS]);
        validation.validate_exp = false;
        let key = DecodingKey::from_jwk(&jwk).expect("they know our keys");
        let claims = decode::<Value>(issue(&ring), &key, &validation)
            .expect("they take our token")
            .claims;

        let mut header = Header::new(theirs);
        header.typ = Some("at+jwt".to_owned());
        header.kid = Some(ring.active().kid().to_owned());
        let der = ring.active().pkcs8();
        let key = match algorithm {
            Algorithm::EdDSA => EncodingKey::from_ed_der(der),
            Algorithm::ES256 => EncodingKey::from_ec_der(der),
        };
        let token = encode(&header, &claims, &key).expect("they sign");
        assert_eq!(
            verify(&ring, &token).expect("we take their token").subject,
            subject()
        );
    }
}

#[test]
fn time_is_the_callers_and_leeway_small() {
    let ring = ring(Algorithm::EdDSA);
    let token = issue(&ring);
    let after = |seconds| now() + TimeDelta::seconds(seconds);
    let at = |seconds| verify_at(&ring, &token, after(seconds)).map(|_| ());
    assert_eq!(at(0), Ok(()));
    assert_eq!(at(899), Ok(()));
    assert_eq!(at(900 + 4), Ok(()), "within the leeway");
    assert_eq!(at(900 + 5), Err(TokenError::Expired));
    assert_eq!(at(900 + 6), Err(TokenError::Expired));
    assert_eq!(at(86_400 * 365), Err(TokenError::Expired));
    assert_eq!(at(-5), Ok(()), "another instance's clock is behind by the leeway");
    assert_eq!(at(-6), Err(TokenError::NotYetValid));

    let (header, claims) = parts(&ring);
    let start = now().timestamp();
    let with_time = |member, seconds: i64| {
        verify(
            &ring,
            &sign(&ring, &header, &with(&claims, member, json!(seconds))),
        )
        .map(|_| ())
    };
    assert_eq!(with_time("nbf", start + 5), Ok(()));
    assert_eq!(with_time("nbf", start + 6), Err(TokenError::NotYetValid));
    assert_eq!(with_time("iat", start + 5), Ok(()));
    assert_eq!(with_time("iat", start + 6), Err(TokenError::IssuedInFuture));
    assert_eq!(with_time("exp", start - 6), Err(TokenError::Expired));
    assert_eq!(with_time("exp", i64::MIN), Err(TokenError::Expired));
    assert_eq!(with_time("exp", i64::MAX), Ok(()), "no overflow");
    assert_eq!(with_time("nbf", i64::MAX), Err(TokenError::NotYetValid));
    let endless = sign(&ring, &header, &with(&claims, "exp", json!(i64::MAX)));
    assert_eq!(
        verify(&ring, &endless).expect("a good token").expires_at(),
        DateTime::<Utc>::MAX_UTC
    );
}

#[test]
fn issuer_and_audience_are_ours_and_single() {
    let ring = ring(Algorithm::EdDSA);
    let (header, claims) = parts(&ring);
    let refused =
        |member, value: Value| verify(&ring, &sign(&ring, &header, &with(&claims, member, value))).err();
    for value in ["", "https://evil.example", "https://liaison.example.gov.cn/"] {
        assert_eq!(refused("iss", json!(value)), Some(TokenError::Issuer), "{value}");
    }
    for value in ["", "Liaison-API", "other"] {
        assert_eq!(
            refused("aud", json!(value)),
            Some(TokenError::Audience),
            "{value}"
        );
    }
    for value in [
        json!([AUD]),
        json!([AUD, "other"]),
        json!([]),
        Value::Null,
        json!(1),
        json!({"a": AUD}),
    ] {
        assert_eq!(refused("aud", value.clone()), Some(TokenError::Claims), "{value}");
        if value != json!(1) {
            assert_eq!(refused("iss", value), Some(TokenError::Claims));
        }
    }
}

#[test]
fn claims_are_all_there_and_of_their_types() {
    let ring = ring(Algorithm::EdDSA);
    let (header, claims) = parts(&ring);
    for member in [
        "iss", "aud", "sub", "iat", "nbf", "exp", "jti", "epoch", "username",
    ] {
        let token = sign(&ring, &header, &without(&claims, member));
        assert_eq!(verify(&ring, &token), Err(TokenError::Claims), "without {member}");
    }
    for (member, value) in [
        ("exp", json!("1900000000")),
        ("exp", json!(1.9e9)),
        ("exp", json!(18_446_744_073_709_551_615_u64)),
        ("sub", json!("admin")),
        ("sub", json!(["00000000-0000-0000-0000-000000000007"])),
        ("epoch", json!("3")),
        ("role", json!(["party", "admin"])),
        ("pwd_change", json!("false")),
    ] {
        let token = sign(&ring, &header, &with(&claims, member, value.clone()));
        assert_eq!(
            verify(&ring, &token),
            Err(TokenError::Claims),
            "{member}: {value}"
        );
    }
    for whole in [json!([]), json!(null), json!("claims"), json!(1)] {
        assert_eq!(
            verify(&ring, &sign(&ring, &header, &whole)),
            Err(TokenError::Claims)
        );
    }
    // Repeated members, the outer ones and those of the account.
    for (member, first) in [("aud", "\"other\""), ("epoch", "2"), ("role", "\"admin\"")] {
        let twice = claims
            .to_string()
            .replacen('{', &format!("{{\"{member}\":{first},"), 1);
        let message = format!("{}.{}", part(&header), URL_SAFE_NO_PAD.encode(twice));
        let signature = ring.active().sign(message.as_bytes()).expect("a signature");
        let token = format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature));
        assert_eq!(verify(&ring, &token), Err(TokenError::Claims), "{member} twice");
    }
    // A newer instance of ours may add some.
    assert!(
        verify(
            &ring,
            &sign(&ring, &header, &with(&claims, "new", json!({"a": 1})))
        )
        .is_ok()
    );
}

#[test]
fn rotated_keys_go_on_verifying_until_they_are_dropped() {
    let ring = ring(Algorithm::EdDSA);
    let token = issue(&ring);
    let ring = ring.rotate(SigningKey::generate(Algorithm::ES256).expect("a new key"));
    assert!(verify(&ring, &token).is_ok());
    assert!(verify(&ring, &issue(&ring)).is_ok());
    let (header, claims) = parts(&ring);
    // The new key's algorithm with the old key's id, and the other way about.
    let old = ring.jwks().keys[1].kid.clone();
    assert_eq!(
        verify(&ring, &sign(&ring, &with(&header, "kid", json!(old)), &claims)),
        Err(TokenError::Algorithm)
    );
    let crossed = with(&with(&header, "kid", json!(old)), "alg", json!("EdDSA"));
    assert_eq!(
        verify(&ring, &sign(&ring, &crossed, &claims)),
        Err(TokenError::Signature)
    );

    let ring = self::ring(Algorithm::ES256);
    assert_eq!(verify(&ring, &token), Err(TokenError::UnknownKey));
}

#[test]
fn error_names_are_distinct_and_tell_nothing_of_the_token() {
    let all = [
        TokenError::TooLong,
        TokenError::Malformed,
        TokenError::Header,
        TokenError::Type,
        TokenError::UnknownKey,
        TokenError::Algorithm,
        TokenError::Signature,
        TokenError::Claims,
        TokenError::Issuer,
        TokenError::Audience,
        TokenError::Expired,
        TokenError::NotYetValid,
        TokenError::IssuedInFuture,
    ];
    let names: HashSet<&'static str> = all.into_iter().map(Into::into).collect();
    assert_eq!(names.len(), all.len());
    assert!(names.contains("issued_in_future"));
}
