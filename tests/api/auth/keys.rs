use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use liaison::auth::keys::{Algorithm, KeyError, KeyRing, PublicJwk, SigningKey, VerificationKey};
use liaison::auth::secret::Secret;
use serde_json::{Value, json};

use super::{hex, unhex};

/// RFC 8037 appendix A.1 as PKCS#8: the fixed prefix of RFC 8410 section 7 and the seed.
fn rfc8037_key() -> SigningKey {
    let seed = URL_SAFE_NO_PAD
        .decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A")
        .expect("base64url");
    let der = [unhex("302e020100300506032b657004220420"), seed].concat();
    SigningKey::from_pkcs8(Algorithm::EdDSA, &der).expect("a private key")
}

fn generate(algorithm: Algorithm) -> SigningKey {
    SigningKey::generate(algorithm).expect("a new key")
}

#[test]
fn rfc8037_vectors() {
    let key = rfc8037_key();
    assert_eq!(
        key.public().jwk().x,
        "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
    );
    assert_eq!(key.kid(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    let message = b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
    let signature = key.sign(message).expect("a signature");
    assert_eq!(
        URL_SAFE_NO_PAD.encode(&signature),
        "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
    );
    assert!(key.public().verify(message, &signature));
}

#[test]
fn p256_thumbprint_agrees_with_another_implementation() {
    let key = generate(Algorithm::ES256);
    let theirs: jsonwebtoken::jwk::Jwk =
        serde_json::from_value(json!(key.public().jwk())).expect("they read our JWK");
    let thumbprint = theirs
        .thumbprint(jsonwebtoken::jwk::ThumbprintHash::SHA256)
        .expect("a thumbprint");
    assert_eq!(thumbprint, key.kid());
}

#[test]
fn published_keys_have_the_members_of_rfc7517_and_no_private_part() {
    for (algorithm, names) in [
        (Algorithm::EdDSA, vec!["alg", "crv", "kid", "kty", "use", "x"]),
        (
            Algorithm::ES256,
            vec!["alg", "crv", "kid", "kty", "use", "x", "y"],
        ),
    ] {
        let ring = KeyRing::new(generate(algorithm), []);
        let jwks = json!(ring.jwks());
        let key = jwks["keys"][0].as_object().expect("a key");
        let mut found: Vec<&str> = key.keys().map(String::as_str).collect();
        found.sort_unstable();
        assert_eq!(found, names);
        assert_eq!(key["use"], "sig");
        assert_eq!(key["alg"], algorithm.name());
        let read: PublicJwk = serde_json::from_value(jwks["keys"][0].clone()).expect("reads back");
        assert_eq!(
            VerificationKey::from_jwk(read).expect("a good key").kid(),
            ring.active().kid()
        );
    }
}

#[test]
fn bad_public_keys_are_refused() {
    let good = json!(generate(Algorithm::ES256).public().jwk());
    let ed = json!(rfc8037_key().public().jwk());
    let zeros = URL_SAFE_NO_PAD.encode([0; 32]);
    let long = URL_SAFE_NO_PAD.encode([1; 33]);
    let cases: [(&Value, &str, Value); 12] = [
        (&good, "crv", json!("P-384")),
        (&good, "kty", json!("OKP")),
        (&good, "alg", json!("EdDSA")),
        (&good, "alg", json!("HS256")),
        (&good, "alg", json!("none")),
        (&good, "use", json!("enc")),
        (&good, "kid", json!("../../etc/passwd")),
        (&good, "x", json!(long)),
        (&good, "y", Value::Null),
        (&good, "d", json!(zeros)),
        (&ed, "alg", json!("ES256")),
        (&ed, "x", json!("not base64url!")),
    ];
    for (base, member, value) in cases {
        let mut jwk = base.clone();
        jwk[member] = value.clone();
        let read = serde_json::from_value::<PublicJwk>(jwk)
            .ok()
            .map(VerificationKey::from_jwk);
        assert!(!matches!(read, Some(Ok(_))), "{member} = {value}");
    }
    // No point of the curve, though its id is right.
    let mut off: PublicJwk = serde_json::from_value(good).expect("a good key");
    off.x = zeros.clone();
    off.y = Some(zeros);
    off.kid = off.thumbprint();
    assert_eq!(
        VerificationKey::from_jwk(off).expect_err("no point"),
        KeyError::Public
    );
}

#[test]
fn private_keys_survive_sealing_and_nothing_else() {
    let key = Secret::from_setting("0123456789abcdef-a-test-secret-not-in-use")
        .expect("a secret")
        .derive("keys");
    let other = Secret::from_setting("another-test-secret-0123456789abcdef")
        .expect("a secret")
        .derive("keys");
    for algorithm in [Algorithm::EdDSA, Algorithm::ES256] {
        let signing = generate(algorithm);
        let sealed = signing.sealed(&key);
        assert!(
            !hex(&sealed).contains(&hex(signing.pkcs8())),
            "sealed, not merely wrapped"
        );
        let opened = SigningKey::open(algorithm, signing.kid(), &sealed, &key).expect("opens");
        let signature = opened.sign(b"m").expect("a signature");
        assert!(signing.public().verify(b"m", &signature));
        assert_eq!(signature.len(), 64);
        let refused = |algorithm, kid: &str, key| SigningKey::open(algorithm, kid, &sealed, key).err();
        assert_eq!(refused(algorithm, signing.kid(), &other), Some(KeyError::Sealed));
        assert_eq!(refused(algorithm, "another", &key), Some(KeyError::Sealed));
        let swapped = if algorithm == Algorithm::EdDSA {
            Algorithm::ES256
        } else {
            Algorithm::EdDSA
        };
        assert_eq!(refused(swapped, signing.kid(), &key), Some(KeyError::Sealed));
        assert_eq!(
            SigningKey::from_pkcs8(swapped, signing.pkcs8()).err(),
            Some(KeyError::Private)
        );
    }
    // Bound to an id that is not the key's: whoever wrote the row had the secret, and is refused all the same.
    let signing = generate(Algorithm::EdDSA);
    let sealed = key.seal(signing.pkcs8(), b"signing-key:EdDSA:other");
    assert_eq!(
        SigningKey::open(Algorithm::EdDSA, "other", &sealed, &key).err(),
        Some(KeyError::Id)
    );
}

#[test]
fn rotation_keeps_the_older_keys_and_repeats_none() {
    let (first, second) = (generate(Algorithm::EdDSA), generate(Algorithm::ES256));
    let (a, b) = (first.kid().to_owned(), second.kid().to_owned());
    let announced = second.public().clone();
    // The next key is announced before its first use.
    let ring = KeyRing::new(first, [announced]);
    assert_eq!(ring.active().kid(), a);
    let ring = ring.rotate(second);
    assert_eq!(ring.active().kid(), b);
    let published: Vec<_> = ring.jwks().keys.into_iter().map(|key| key.kid).collect();
    assert_eq!(published, [b.clone(), a.clone()]);
    assert!(ring.find(&a).is_some() && ring.find(&b).is_some());
    assert!(ring.find("").is_none() && ring.find("../keys/a").is_none());
}

#[test]
fn debug_shows_no_private_key() {
    for algorithm in [Algorithm::EdDSA, Algorithm::ES256] {
        let key = generate(algorithm);
        let kid = key.kid().to_owned();
        assert_eq!(format!("{key:?}"), format!("SigningKey({algorithm} {kid})"));
        let der = key.pkcs8().to_vec();
        let shown = format!("{:?}", KeyRing::new(key, []));
        // The seed of both documents begins within their first 36 bytes.
        let inner = &der[16..48];
        for text in [hex(inner), URL_SAFE_NO_PAD.encode(inner), format!("{inner:?}")] {
            assert!(!shown.contains(&text));
        }
        assert!(!shown.contains("pkcs8"));
    }
}
