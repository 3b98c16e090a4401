//! The master secret of an installation and the keys that are derived from it.

use std::fmt;
use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::{constant_time, hkdf, hmac, rand};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Shortest master secret, in characters of its text.
pub const MIN_SECRET_CHARS: usize = 32;

/// Fewest different characters in a master secret: stops `xxxx…` and `00000…`, which no generator makes.
const MIN_DISTINCT_CHARS: usize = 8;

/// Separates the keys of this product from those of another that was given the same secret.
const HKDF_SALT: &[u8] = b"liaison master secret v1";

/// First byte of everything sealed, so that the format can change without guessing.
const SEAL_VERSION: u8 = 1;

/// Why there is no master secret. The texts name the file or the rule, never the secret.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    #[error("the secret needs at least {MIN_SECRET_CHARS} characters")]
    TooShort,
    #[error("the secret repeats a few characters: take a random one")]
    TooUniform,
    #[error("{path}: others may read this secret (mode {mode:03o}); chmod 600 it")]
    Exposed { path: String, mode: u32 },
    #[error("{path}: {source}")]
    Io { path: String, source: io::Error },
}

/// The secret of an installation, from which every other key is derived.
///
/// Only the extracted HKDF key is kept (and wiped when dropped), not the text.
pub struct Secret {
    prk: hkdf::Prk,
}

impl Secret {
    /// Takes the secret from a setting: base64, hex or a passphrase, surrounding white space ignored.
    ///
    /// All three are used as text: HKDF-Extract takes key material of any form, and nobody has to guess
    /// which of the three a value was meant to be.
    ///
    /// # Errors
    /// Shorter than [`MIN_SECRET_CHARS`], or made of fewer than eight different characters.
    pub fn from_setting(text: &str) -> Result<Self, SecretError> {
        let text = text.trim();
        if text.chars().count() < MIN_SECRET_CHARS {
            return Err(SecretError::TooShort);
        }
        if text.chars().collect::<std::collections::HashSet<_>>().len() < MIN_DISTINCT_CHARS {
            return Err(SecretError::TooUniform);
        }
        let prk = hkdf::Salt::new(hkdf::HKDF_SHA256, HKDF_SALT).extract(text.as_bytes());
        Ok(Self { prk })
    }

    /// Reads the secret from `path`, or makes 32 random bytes and stores them there (base64url, mode 0600).
    ///
    /// Two programs that start at once end up with the same secret: the file appears whole or not at all,
    /// and whoever comes second reads the first one's. The text of the file works as a setting, too.
    ///
    /// # Errors
    /// The file cannot be read or written, is readable by others, or holds no good secret.
    pub fn load_or_create(path: &Path) -> Result<Self, SecretError> {
        let io_error = |source| SecretError::Io {
            path: path.display().to_string(),
            source,
        };
        match Self::load(path) {
            Err(SecretError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {}
            other => return other,
        }
        let folder = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        // `tempfile` creates with mode 0600; the link into place fails where a file already is.
        let mut file = tempfile::Builder::new()
            .prefix(".secret-")
            .tempfile_in(folder)
            .map_err(io_error)?;
        writeln!(file, "{}", URL_SAFE_NO_PAD.encode(random_bytes::<32>())).map_err(io_error)?;
        file.as_file().sync_all().map_err(io_error)?;
        match file.persist_noclobber(path) {
            // The name, too, has to survive a power cut: sealed keys are worthless without this file.
            Ok(_) => fs::File::open(folder)
                .and_then(|dir| dir.sync_all())
                .map_err(io_error)?,
            Err(fault) if fault.error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(fault) => return Err(io_error(fault.error)),
        }
        Self::load(path)
    }

    fn load(path: &Path) -> Result<Self, SecretError> {
        let io_error = |source| SecretError::Io {
            path: path.display().to_string(),
            source,
        };
        let text = fs::read_to_string(path).map_err(io_error)?;
        let mode = fs::metadata(path).map_err(io_error)?.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(SecretError::Exposed {
                path: path.display().to_string(),
                mode,
            });
        }
        Self::from_setting(&text)
    }

    /// The key for one purpose (HKDF-SHA256, RFC 5869). Different purposes give unrelated keys.
    pub fn derive(&self, purpose: &str) -> Key {
        // A MAC and a cipher never share key bits, even where a caller uses one `Key` for both.
        // Neither `expand` can fail: both ask for 32 bytes of the 8,160 that HKDF-SHA256 can give.
        const WITHIN_HKDF_LIMIT: &str = "32 bytes are within the limit of HKDF-SHA256";
        let mac_info = [b"mac:".as_slice(), purpose.as_bytes()];
        let seal_info = [b"seal:".as_slice(), purpose.as_bytes()];
        let mac = self
            .prk
            .expand(&mac_info, hmac::HMAC_SHA256)
            .expect(WITHIN_HKDF_LIMIT);
        let seal = self
            .prk
            .expand(&seal_info, &AES_256_GCM)
            .expect(WITHIN_HKDF_LIMIT);
        Key {
            mac: mac.into(),
            seal: LessSafeKey::new(UnboundKey::from(seal)),
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// A key for one purpose: authenticates texts and seals small secrets for storage.
pub struct Key {
    mac: hmac::Key,
    seal: LessSafeKey,
}

/// What was sealed cannot be opened: another key, another context, or altered bytes. Which one is not told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the sealed bytes do not open with this key and context")]
pub struct OpenError;

impl Key {
    /// HMAC-SHA256 of `data` (RFC 2104), 32 bytes.
    pub fn mac(&self, data: &[u8]) -> [u8; 32] {
        let mut out = [0; 32];
        out.copy_from_slice(hmac::sign(&self.mac, data).as_ref());
        out
    }

    /// Whether `tag` is the whole [`Key::mac`] of `data`, in constant time.
    pub fn verify(&self, data: &[u8], tag: &[u8]) -> bool {
        hmac::verify(&self.mac, data, tag).is_ok()
    }

    /// Encrypts and authenticates with AES-256-GCM: version (1 byte), random nonce (12), ciphertext, tag (16).
    ///
    /// `context` (associated data) is not stored: the same one must be given to open, which nails the bytes to
    /// the row that they belong to. Random nonces are safe for 2³² seals a key; this seals a few a year.
    pub fn seal(&self, plaintext: &[u8], context: &[u8]) -> Vec<u8> {
        let nonce = random_bytes::<NONCE_LEN>();
        let mut body = plaintext.to_vec();
        self.seal
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(context), &mut body)
            .expect("AES-GCM seals anything below 64 GiB");
        let mut sealed = Vec::with_capacity(1 + NONCE_LEN + body.len());
        sealed.push(SEAL_VERSION);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(&body);
        sealed
    }

    /// Decrypts what [`Key::seal`] gave for the same `context`.
    ///
    /// # Errors
    /// [`OpenError`] for everything else, with no reason.
    pub fn open(&self, sealed: &[u8], context: &[u8]) -> Result<Vec<u8>, OpenError> {
        let (&version, rest) = sealed.split_first().ok_or(OpenError)?;
        let (nonce, body) = rest.split_at_checked(NONCE_LEN).ok_or(OpenError)?;
        if version != SEAL_VERSION {
            return Err(OpenError);
        }
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| OpenError)?;
        let mut body = body.to_vec();
        let plaintext = self
            .seal
            .open_in_place(nonce, Aad::from(context), &mut body)
            .map_err(|_| OpenError)?;
        Ok(plaintext.to_vec())
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(..)")
    }
}

/// `N` random bytes, fit for keys and tokens.
///
/// # Panics
/// If the operating system gives no randomness: then nothing that this program could go on to do is safe.
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

/// Whether two byte strings are equal, in a time that depends on their lengths alone.
pub fn equal(a: &[u8], b: &[u8]) -> bool {
    constant_time::verify_slices_are_equal(a, b).is_ok()
}
