//! Keys that sign access tokens: Ed25519 (default) or ECDSA P-256, published as a JWK set (RFC 7517).

use std::fmt;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, ED25519, EcdsaKeyPair, Ed25519KeyPair, KeyPair,
    ParsedPublicKey,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{DecodingKey, EncodingKey};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::secret::Key;

/// Signature algorithm of a key. A key has exactly one: a token cannot choose (RFC 8725 section 3.1).
///
/// RSA is left out: crate `rsa` has an unpatched advisory, and the tokens would be four times as long.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    ToSchema,
    strum::Display,
    strum::EnumString,
    strum::IntoStaticStr,
)]
pub enum Algorithm {
    /// Ed25519 (RFC 8037).
    EdDSA,
    /// ECDSA with P-256 and SHA-256 (RFC 7518 section 3.4).
    ES256,
}

impl From<Algorithm> for jsonwebtoken::Algorithm {
    fn from(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::EdDSA => Self::EdDSA,
            Algorithm::ES256 => Self::ES256,
        }
    }
}

impl Algorithm {
    /// The value of `alg` in a token's header.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// Why a key cannot be made or used. No text contains key material.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    #[error("not a PKCS#8 private key of this algorithm")]
    Private,
    #[error("not a public JWK of a supported kind")]
    Public,
    #[error("the key's id is not its thumbprint")]
    Id,
    #[error("the stored private key does not open with this installation's secret")]
    Sealed,
    #[error("the cryptographic library refused to sign or generate")]
    Library,
}

/// Public key as RFC 7517 writes it; `kid` is the key's RFC 7638 thumbprint.
///
/// Unknown members are refused, `d` (the private part) above all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PublicJwk {
    /// Key type: `OKP` or `EC`.
    pub kty: String,
    /// Curve: `Ed25519` or `P-256`.
    pub crv: String,
    /// Public key or its x coordinate, 32 bytes in base64url.
    pub x: String,
    /// The y coordinate, 32 bytes in base64url; only with `EC`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub y: Option<String>,
    pub kid: String,
    /// Always `sig`.
    #[serde(rename = "use")]
    pub usage: String,
    pub alg: Algorithm,
}

impl PublicJwk {
    fn new(alg: Algorithm, public: &[u8]) -> Result<Self, KeyError> {
        let (kty, crv, x, y) = match (alg, public) {
            (Algorithm::EdDSA, x) if x.len() == 32 => ("OKP", "Ed25519", x, None),
            // The uncompressed point of SEC 1 section 2.3.3: 4, x, y.
            (Algorithm::ES256, [4, xy @ ..]) if xy.len() == 64 => ("EC", "P-256", &xy[..32], Some(&xy[32..])),
            _ => return Err(KeyError::Public),
        };
        let mut jwk = Self {
            kty: kty.to_owned(),
            crv: crv.to_owned(),
            x: URL_SAFE_NO_PAD.encode(x),
            y: y.map(|y| URL_SAFE_NO_PAD.encode(y)),
            kid: String::new(),
            usage: "sig".to_owned(),
            alg,
        };
        jwk.kid = jwk.thumbprint();
        Ok(jwk)
    }

    /// SHA-256 over the required members in lexical order, in base64url (RFC 7638; RFC 8037 section 2 for OKP).
    pub fn thumbprint(&self) -> String {
        // The values need no JSON escapes: they are fixed names or base64url wherever a key was built of them.
        let Self { kty, crv, x, .. } = self;
        let text = match &self.y {
            None => format!(r#"{{"crv":"{crv}","kty":"{kty}","x":"{x}"}}"#),
            Some(y) => format!(r#"{{"crv":"{crv}","kty":"{kty}","x":"{x}","y":"{y}"}}"#),
        };
        URL_SAFE_NO_PAD.encode(aws_lc_rs::digest::digest(
            &aws_lc_rs::digest::SHA256,
            text.as_bytes(),
        ))
    }

    /// The public key's bytes: 32 (Ed25519) or the 65 of an uncompressed point (P-256).
    fn bytes(&self) -> Result<Vec<u8>, KeyError> {
        let part = |text: &str| {
            let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| KeyError::Public)?;
            if bytes.len() == 32 {
                Ok(bytes)
            } else {
                Err(KeyError::Public)
            }
        };
        match (self.alg, self.kty.as_str(), self.crv.as_str(), &self.y) {
            (Algorithm::EdDSA, "OKP", "Ed25519", None) => part(&self.x),
            (Algorithm::ES256, "EC", "P-256", Some(y)) => Ok([vec![4], part(&self.x)?, part(y)?].concat()),
            _ => Err(KeyError::Public),
        }
    }
}

/// A JWK set (RFC 7517 section 5), as `/.well-known/jwks.json` serves it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Jwks {
    pub keys: Vec<PublicJwk>,
}

/// A private key that signs tokens.
pub struct SigningKey {
    encoding: EncodingKey,
    pkcs8: Vec<u8>,
    public: VerificationKey,
}

impl SigningKey {
    /// Makes a new key.
    ///
    /// # Errors
    /// [`KeyError::Library`], which no known condition causes.
    pub fn generate(algorithm: Algorithm) -> Result<Self, KeyError> {
        let rng = SystemRandom::new();
        let document = match algorithm {
            // Version 1 is what other tools read as well (`openssl pkey`).
            Algorithm::EdDSA => Ed25519KeyPair::generate_pkcs8v1(&rng),
            Algorithm::ES256 => EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &rng),
        };
        Self::from_pkcs8(algorithm, document.map_err(|_| KeyError::Library)?.as_ref())
    }

    /// Reads a private key (PKCS#8 DER, RFC 5208).
    ///
    /// # Errors
    /// [`KeyError::Private`] for other bytes or a key of another algorithm.
    pub fn from_pkcs8(algorithm: Algorithm, der: &[u8]) -> Result<Self, KeyError> {
        let (encoding, public) = match algorithm {
            Algorithm::EdDSA => {
                let pair = Ed25519KeyPair::from_pkcs8(der).map_err(|_| KeyError::Private)?;
                (EncodingKey::from_ed_der(der), pair.public_key().as_ref().to_vec())
            }
            Algorithm::ES256 => {
                let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der)
                    .map_err(|_| KeyError::Private)?;
                (EncodingKey::from_ec_der(der), pair.public_key().as_ref().to_vec())
            }
        };
        let public = VerificationKey::from_jwk(PublicJwk::new(algorithm, &public)?)?;
        Ok(Self {
            encoding,
            pkcs8: der.to_vec(),
            public,
        })
    }

    /// Opens a private key that [`SigningKey::sealed`] gave.
    ///
    /// # Errors
    /// [`KeyError::Sealed`] for another secret, another `kid` or algorithm, or altered bytes; [`KeyError::Id`]
    /// where the key inside has another thumbprint.
    pub fn open(algorithm: Algorithm, kid: &str, sealed: &[u8], key: &Key) -> Result<Self, KeyError> {
        let der = key
            .open(sealed, &seal_context(algorithm, kid))
            .map_err(|_| KeyError::Sealed)?;
        let signing = Self::from_pkcs8(algorithm, &der)?;
        if signing.kid() == kid {
            Ok(signing)
        } else {
            Err(KeyError::Id)
        }
    }

    /// The private key for storage, sealed and bound to its `kid` and algorithm.
    pub fn sealed(&self, key: &Key) -> Vec<u8> {
        key.seal(&self.pkcs8, &seal_context(self.algorithm(), self.kid()))
    }

    /// The private key in the clear, PKCS#8 DER: for export by command, never for a log or an answer.
    pub fn pkcs8(&self) -> &[u8] {
        &self.pkcs8
    }

    pub fn kid(&self) -> &str {
        self.public.kid()
    }

    pub fn algorithm(&self) -> Algorithm {
        self.public.algorithm()
    }

    /// The public half.
    pub fn public(&self) -> &VerificationKey {
        &self.public
    }

    /// Signs `message`: 64 bytes, R and S, for either algorithm.
    ///
    /// # Errors
    /// [`KeyError::Library`], which no known condition causes.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        let signature = jsonwebtoken::crypto::sign(message, &self.encoding, self.algorithm().into());
        let signature = signature.map_err(|_| KeyError::Library)?;
        URL_SAFE_NO_PAD.decode(signature).map_err(|_| KeyError::Library)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({} {})", self.algorithm(), self.kid())
    }
}

/// Where a sealed private key belongs: neither row nor algorithm can be swapped in the database.
fn seal_context(algorithm: Algorithm, kid: &str) -> Vec<u8> {
    format!("signing-key:{algorithm}:{kid}").into_bytes()
}

/// A public key that checks signatures of its one algorithm.
#[derive(Clone)]
pub struct VerificationKey {
    jwk: PublicJwk,
    decoding: DecodingKey,
}

impl fmt::Debug for VerificationKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerificationKey({} {})", self.jwk.alg, self.jwk.kid)
    }
}

impl VerificationKey {
    /// Reads a public key.
    ///
    /// # Errors
    /// [`KeyError::Public`] if it is of another kind, use or size, or no point of its curve; [`KeyError::Id`] if
    /// `kid` is not its thumbprint.
    pub fn from_jwk(jwk: PublicJwk) -> Result<Self, KeyError> {
        let bytes = jwk.bytes()?;
        if jwk.usage != "sig" {
            return Err(KeyError::Public);
        }
        if jwk.kid != jwk.thumbprint() {
            return Err(KeyError::Id);
        }
        // What is no point of its curve is found here, not at the first token.
        let (checked, decoding) = match jwk.alg {
            Algorithm::EdDSA => (
                ParsedPublicKey::new(&ED25519, bytes),
                DecodingKey::from_ed_components(&jwk.x),
            ),
            Algorithm::ES256 => (
                ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, bytes),
                DecodingKey::from_ec_components(&jwk.x, jwk.y.as_deref().unwrap_or_default()),
            ),
        };
        checked.map_err(|_| KeyError::Public)?;
        Ok(Self {
            decoding: decoding.map_err(|_| KeyError::Public)?,
            jwk,
        })
    }

    pub fn kid(&self) -> &str {
        &self.jwk.kid
    }

    pub fn algorithm(&self) -> Algorithm {
        self.jwk.alg
    }

    pub fn jwk(&self) -> &PublicJwk {
        &self.jwk
    }

    /// Whether `signature` (R and S, 64 bytes) is this key's over `message`.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        let signature = URL_SAFE_NO_PAD.encode(signature);
        jsonwebtoken::crypto::verify(&signature, message, &self.decoding, self.jwk.alg.into())
            .unwrap_or(false)
    }
}

/// The key that signs now, and those whose tokens are still good.
#[derive(Debug)]
pub struct KeyRing {
    active: SigningKey,
    /// The active key's public half first, then the older ones; a handful, so a scan finds faster than a map.
    verifying: Vec<VerificationKey>,
}

impl KeyRing {
    /// A ring of the signing key and the keys that verify besides it, newest first; repetitions are dropped.
    ///
    /// A key to be used next belongs among the older ones already, so that other instances and relying
    /// parties know it before its first token arrives.
    pub fn new(active: SigningKey, older: impl IntoIterator<Item = VerificationKey>) -> Self {
        let mut verifying = vec![active.public().clone()];
        for key in older {
            if verifying.iter().all(|known| known.kid() != key.kid()) {
                verifying.push(key);
            }
        }
        Self { active, verifying }
    }

    /// Makes `next` the signing key; the one until now goes on verifying.
    pub fn rotate(self, next: SigningKey) -> Self {
        Self::new(next, self.verifying)
    }

    pub fn active(&self) -> &SigningKey {
        &self.active
    }

    /// The verification key of that id, or `None`: an id is only ever compared, never fetched or opened.
    pub fn find(&self, kid: &str) -> Option<&VerificationKey> {
        self.verifying.iter().find(|key| key.kid() == kid)
    }

    /// The public keys, the active one first.
    pub fn jwks(&self) -> Jwks {
        Jwks {
            keys: self.verifying.iter().map(|key| key.jwk().clone()).collect(),
        }
    }
}
