//! Access tokens: JWT (RFC 7519) in the profile of RFC 9068, checked by the advice of RFC 8725.
//!
//! Signatures are made and checked by AWS-LC with keys parsed once; the algorithm is the key's and never the
//! token's. The clock is the caller's.

use std::collections::HashMap;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::keys::{KeyError, KeyRing};

/// Longest token that is looked at, in bytes; ours have some 700.
pub const MAX_TOKEN_BYTES: usize = 8 * 1024;

/// How far the clocks of two instances may differ.
pub const LEEWAY: TimeDelta = TimeDelta::seconds(5);

/// Longest time that a verified token is believed without a look at its signature.
pub const MAX_CACHED: TimeDelta = TimeDelta::seconds(60);

/// `typ` of an access token (RFC 9068 section 2.1): nothing else that we sign can pass for one.
const TOKEN_TYPE: &str = "at+jwt";

/// Who a token speaks for, as the account was when it was issued.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// Account or service account.
    pub sub: Uuid,
    pub username: String,
    /// Session: the family of refresh tokens that this token came with; none for client credentials.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<Uuid>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// Code of the organisation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub org: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub org_id: Option<Uuid>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub org_kind: Option<String>,
    /// Scopes of a service account, separated by spaces (RFC 6749 section 3.3).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// Counts the changes of the account's rights: a token of an older epoch is revoked.
    pub epoch: i64,
    /// The password must be changed before anything else.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub pwd_change: bool,
}

/// The claims of an access token. Instants are whole seconds since 1970 (NumericDate).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    pub iss: String,
    /// One audience: RFC 7519 allows a list, our issuer never makes one, so a list is refused.
    pub aud: String,
    pub iat: i64,
    pub nbf: i64,
    pub exp: i64,
    pub jti: Uuid,
    #[serde(flatten)]
    pub subject: Subject,
}

impl Claims {
    /// `exp` as an instant; what lies beyond the calendar is its end.
    pub fn expires_at(&self) -> DateTime<Utc> {
        DateTime::from_timestamp(self.exp, 0).unwrap_or(DateTime::<Utc>::MAX_UTC)
    }
}

/// The header of our tokens. Everything else in a header is refused, be it harmless or one of those that make
/// a careless verifier fetch or trust a foreign key (`jku`, `jwk`, `x5u`, `x5c`, `crit`).
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Header<'a> {
    #[serde(borrow)]
    alg: std::borrow::Cow<'a, str>,
    #[serde(borrow)]
    typ: std::borrow::Cow<'a, str>,
    #[serde(borrow)]
    kid: std::borrow::Cow<'a, str>,
}

/// Why a token was refused: for logs and figures alone. Every client gets the same 401.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum TokenError {
    #[error("longer than any token of ours")]
    TooLong,
    #[error("not three parts of base64url")]
    Malformed,
    #[error("header with unknown, missing or repeated members")]
    Header,
    #[error("not an access token by its typ")]
    Type,
    #[error("no such key")]
    UnknownKey,
    #[error("not the algorithm of its key")]
    Algorithm,
    #[error("the signature is wrong")]
    Signature,
    #[error("claims missing or of the wrong type")]
    Claims,
    #[error("another issuer's")]
    Issuer,
    #[error("for another audience")]
    Audience,
    #[error("expired")]
    Expired,
    #[error("not valid yet")]
    NotYetValid,
    #[error("issued in the future")]
    IssuedInFuture,
}

/// Issues access tokens.
#[derive(Debug, Clone)]
pub struct Issuer {
    issuer: String,
    audience: String,
    lifetime: TimeDelta,
}

impl Issuer {
    /// Tokens of `issuer` for `audience` that live for `lifetime`, whole seconds (15 minutes by the contract).
    pub fn new(issuer: impl Into<String>, audience: impl Into<String>, lifetime: TimeDelta) -> Self {
        Self {
            issuer: issuer.into(),
            audience: audience.into(),
            lifetime,
        }
    }

    /// For `expires_in`, in seconds.
    pub fn lifetime_seconds(&self) -> i64 {
        self.lifetime.num_seconds()
    }

    /// A signed token, valid from `now`.
    ///
    /// # Errors
    /// [`KeyError::Library`], which no known condition causes.
    pub fn issue(&self, ring: &KeyRing, subject: Subject, now: DateTime<Utc>) -> Result<String, KeyError> {
        let iat = now.timestamp();
        let claims = Claims {
            iss: self.issuer.clone(),
            aud: self.audience.clone(),
            iat,
            nbf: iat,
            exp: iat.saturating_add(self.lifetime_seconds()),
            jti: Uuid::now_v7(),
            subject,
        };
        let key = ring.active();
        let header = serde_json::json!({ "alg": key.algorithm(), "typ": TOKEN_TYPE, "kid": key.kid() });
        let claims = serde_json::to_vec(&claims).map_err(|_| KeyError::Library)?;
        let mut token = URL_SAFE_NO_PAD.encode(header.to_string());
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(claims, &mut token);
        let signature = key.sign(token.as_bytes())?;
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        Ok(token)
    }
}

/// Checks access tokens.
#[derive(Debug, Clone)]
pub struct Verifier {
    issuer: String,
    audience: String,
}

impl Verifier {
    pub fn new(issuer: impl Into<String>, audience: impl Into<String>) -> Self {
        Self {
            issuer: issuer.into(),
            audience: audience.into(),
        }
    }

    /// The claims of a token that one of the ring's keys signed for us and that is valid at `now`.
    ///
    /// Says nothing on whether the account still has these rights: compare `epoch` and `sid` for that.
    ///
    /// # Errors
    /// The first reason found; no input panics.
    pub fn verify(&self, ring: &KeyRing, token: &str, now: DateTime<Utc>) -> Result<Claims, TokenError> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(TokenError::TooLong);
        }
        let (message, signature) = token.rsplit_once('.').ok_or(TokenError::Malformed)?;
        let (header, claims) = message.split_once('.').ok_or(TokenError::Malformed)?;
        let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| TokenError::Malformed);
        let (header, claims, signature) = (decode(header)?, decode(claims)?, decode(signature)?);

        let header: Header<'_> = serde_json::from_slice(&header).map_err(|_| TokenError::Header)?;
        if header.typ != TOKEN_TYPE {
            return Err(TokenError::Type);
        }
        let key = ring.find(&header.kid).ok_or(TokenError::UnknownKey)?;
        if header.alg != key.algorithm().name() {
            return Err(TokenError::Algorithm);
        }
        if !key.verify(message.as_bytes(), &signature) {
            return Err(TokenError::Signature);
        }

        // Unknown claims are let be: during an upgrade, newer instances may add some.
        let claims: Claims = serde_json::from_slice(&claims).map_err(|_| TokenError::Claims)?;
        if claims.iss != self.issuer {
            return Err(TokenError::Issuer);
        }
        if claims.aud != self.audience {
            return Err(TokenError::Audience);
        }
        let (now, leeway) = (now.timestamp(), LEEWAY.num_seconds());
        if now >= claims.exp.saturating_add(leeway) {
            return Err(TokenError::Expired);
        }
        let latest_start = now.saturating_add(leeway);
        if claims.nbf > latest_start {
            return Err(TokenError::NotYetValid);
        }
        if claims.iat > latest_start {
            return Err(TokenError::IssuedInFuture);
        }
        Ok(claims)
    }
}

struct Cached<T> {
    value: Arc<T>,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
}

/// Tokens that this worker verified lately, with what was made of them: a signature costs as much as all the
/// rest of a small request.
///
/// Tokens are known by their SHA-256: two tokens cannot be mistaken for each other, the memory holds no token
/// that could be stolen, and the time of a look-up tells nothing about those inside. Of two halves the older is
/// thrown away when the younger is full, so that nothing ever has to be searched for what to drop.
///
/// It saves the signature alone: whether the account still has its rights is to be checked on every hit.
pub struct VerifiedCache<T> {
    young: HashMap<[u8; 32], Cached<T>>,
    old: HashMap<[u8; 32], Cached<T>>,
    half: usize,
}

impl<T> VerifiedCache<T> {
    /// A cache of at most `capacity` tokens, rounded up to an even number, two at least.
    pub fn new(capacity: usize) -> Self {
        Self {
            young: HashMap::new(),
            old: HashMap::new(),
            half: capacity.div_ceil(2).max(1),
        }
    }

    /// What was stored for this token, while it is good. A clock that was set back gives a miss, too.
    pub fn get(&mut self, token: &str, now: DateTime<Utc>) -> Option<Arc<T>> {
        let key = digest(token);
        let good = |hit: &Cached<T>| hit.from <= now && now < hit.until;
        if let Some(hit) = self.young.get(&key) {
            return good(hit).then(|| Arc::clone(&hit.value));
        }
        let hit = self.old.remove(&key).filter(good)?;
        let value = Arc::clone(&hit.value);
        // In use, hence young again; its time is not prolonged.
        self.put(key, hit);
        Some(value)
    }

    /// Keeps `value` for a token that was verified at `now`: until `expires` (the token's `exp`), 60 s at most.
    /// A token that lives on leeway alone is not kept.
    pub fn insert(&mut self, token: &str, value: Arc<T>, expires: DateTime<Utc>, now: DateTime<Utc>) {
        let until = expires.min(now + MAX_CACHED);
        if until > now {
            let key = digest(token);
            self.old.remove(&key);
            self.put(
                key,
                Cached {
                    value,
                    from: now,
                    until,
                },
            );
        }
    }

    fn put(&mut self, key: [u8; 32], cached: Cached<T>) {
        if self.young.len() >= self.half && !self.young.contains_key(&key) {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, cached);
    }

    /// Forgets everything: after a change of the key ring.
    pub fn clear(&mut self) {
        self.young.clear();
        self.old.clear();
    }

    /// How many tokens are held, expired ones that nobody asked for included.
    pub fn len(&self) -> usize {
        self.young.len() + self.old.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

fn digest(token: &str) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, token.as_bytes()).as_ref());
    out
}
