//! Refresh tokens: opaque, one use, in families (RFC 9700 section 4.14.2), the part without a database.
//!
//! A token is 48 bytes in base64url: family (16), nonce (16), tag (16). The tag is an HMAC over the others,
//! so that invented tokens are refused before any look-up: who knows a family's id (it is `sid` in access
//! tokens) can neither end that family with rubbish nor make the database work.

use std::fmt;

use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::secret::{Key, equal, random_bytes};

/// How long a used token presented again still gets its successor: a reply was lost, or two tabs asked at once.
pub const REPEAT_WINDOW: TimeDelta = TimeDelta::seconds(10);

const PART: usize = 16;
const TOKEN_BYTES: usize = 3 * PART;

/// A refresh token whose tag was right. Shows its family and nothing else in `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct RefreshToken([u8; TOKEN_BYTES]);

impl RefreshToken {
    /// The family: the session that all tokens since one log-in share.
    pub fn family(&self) -> Uuid {
        let mut id = [0; PART];
        id.copy_from_slice(&self.0[..PART]);
        Uuid::from_bytes(id)
    }

    /// The text for the client, 64 characters of base64url.
    pub fn expose(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// SHA-256 for storage: enough without salt, since nobody can try 128 random bits.
    pub fn hash(&self) -> [u8; 32] {
        let mut out = [0; 32];
        out.copy_from_slice(digest::digest(&digest::SHA256, &self.0).as_ref());
        out
    }
}

impl fmt::Debug for RefreshToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RefreshToken(family {})", self.family())
    }
}

/// Makes and recognises the refresh tokens of an installation.
#[derive(Debug)]
pub struct RefreshTokens {
    key: Key,
}

impl RefreshTokens {
    /// With a key of its own, such as `secret.derive("refresh-token")`. Another key ends all sessions.
    pub fn new(key: Key) -> Self {
        Self { key }
    }

    /// The first token of a family: random.
    pub fn first(&self, family: Uuid) -> RefreshToken {
        self.build(family.as_bytes(), &random_bytes::<PART>())
    }

    /// The one token that follows `token`: derived and not stored, so that it can be given a second time.
    pub fn successor(&self, token: &RefreshToken) -> RefreshToken {
        let mac = self.key.mac(&[b"next:".as_slice(), &token.0].concat());
        self.build(&token.0[..PART], &mac[..PART])
    }

    /// A token that this installation made, or `None` for every other text. Not every such token is still good:
    /// see [`Family::decide`].
    pub fn parse(&self, text: &str) -> Option<RefreshToken> {
        let mut bytes = [0; TOKEN_BYTES];
        // The length first: what is far longer is not even decoded.
        if text.len() != TOKEN_BYTES / 3 * 4
            || URL_SAFE_NO_PAD.decode_slice(text, &mut bytes) != Ok(TOKEN_BYTES)
        {
            return None;
        }
        let token = RefreshToken(bytes);
        equal(&self.tag(&bytes[..2 * PART]), &bytes[2 * PART..]).then_some(token)
    }

    fn build(&self, family: &[u8], nonce: &[u8]) -> RefreshToken {
        let mut bytes = [0; TOKEN_BYTES];
        bytes[..PART].copy_from_slice(family);
        bytes[PART..2 * PART].copy_from_slice(nonce);
        let tag = self.tag(&bytes[..2 * PART]);
        bytes[2 * PART..].copy_from_slice(&tag);
        RefreshToken(bytes)
    }

    fn tag(&self, family_and_nonce: &[u8]) -> [u8; PART] {
        let mac = self.key.mac(&[b"tag:".as_slice(), family_and_nonce].concat());
        let mut tag = [0; PART];
        tag.copy_from_slice(&mac[..PART]);
        tag
    }
}

/// What is stored of a family, read under a lock on its row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Family {
    /// [`RefreshToken::hash`] of the token that is good now.
    pub current_hash: [u8; 32],
    /// The same of the one used last; none before the first use.
    pub previous_hash: Option<[u8; 32]>,
    /// When the current token took the previous one's place.
    pub rotated_at: DateTime<Utc>,
    /// When the session ends, however often it was refreshed.
    pub expires_at: DateTime<Utc>,
    pub revoked_at: Option<DateTime<Utc>>,
}

/// What to do with a presented refresh token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Good: store the successor's hash as current and give it.
    Rotate,
    /// Used within the last 10 s: give the same successor again, store nothing.
    RepeatSuccessor,
    /// Used earlier: someone has a copy. Revoke the family and refuse.
    Replay,
    /// The session is over: refuse.
    Expired,
    /// The session was ended: refuse.
    Revoked,
}

impl Family {
    /// Judges a token of this family. Tokens older than the previous one count as replayed at any time.
    pub fn decide(&self, presented: &RefreshToken, now: DateTime<Utc>) -> Decision {
        if self.revoked_at.is_some() {
            return Decision::Revoked;
        }
        if now >= self.expires_at {
            return Decision::Expired;
        }
        let hash = presented.hash();
        if equal(&self.current_hash, &hash) {
            return Decision::Rotate;
        }
        let just_used = self.previous_hash.is_some_and(|previous| equal(&previous, &hash))
            // Used long ago, or in a future that a clock has shown before it was put right.
            && (now - self.rotated_at).abs() <= REPEAT_WINDOW;
        if just_used {
            Decision::RepeatSuccessor
        } else {
            Decision::Replay
        }
    }
}
