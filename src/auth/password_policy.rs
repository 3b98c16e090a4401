//! What a password must be like: the profiles `dengbao3` (GB/T 22239-2019) and `nist` (SP 800-63B-4).

use std::collections::HashSet;
use std::sync::LazyLock;

use chrono::{DateTime, TimeDelta, Utc};

use super::guessable;
use super::password::{PasswordHashError, PasswordHasher};
use super::secret::random_bytes;
use crate::config::PasswordProfile;
use crate::text::{self, fold};

/// Longest password, in characters: SP 800-63B-4 asks for 64 at least, and a limit keeps hashing cheap.
pub const MAX_PASSWORD_CHARS: usize = 128;

/// Shorter user names are not looked for in passwords: a random password may well contain two letters.
const MIN_USERNAME_CHARS: usize = 3;

/// Fewest different characters: stops `aaaa…` and `121212…`, which no list can hold in all lengths.
const MIN_DISTINCT_CHARS: usize = 5;

/// Fewest letters and digits that are part of no common word, run, year or name.
const MIN_OWN_CHARS: usize = 6;

/// Shorter passwords are not on the blocklist either: no profile takes them.
const LISTED_CHARS: usize = 8;

static BLOCKLIST: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    include_str!("password_blocklist.txt")
        .lines()
        .filter(|line| !line.starts_with("# "))
        .collect()
});

/// What is wrong with a password. Texts for people are made elsewhere, from the code and the parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum PasswordFault {
    /// Fewer than `min` characters.
    TooShort { min: usize },
    /// More than `max` characters.
    TooLong { max: usize },
    /// Fewer than `min` of the four classes: capital letters, small letters, digits, everything else.
    TooFewClasses { min: usize, found: usize },
    /// On the blocklist, or there but for digits and signs around it, a mere repetition or sequence, or put together of common
    /// words, keyboard runs, years and names.
    TooCommon,
    /// Contains the user name.
    ContainsUsername,
    /// Contains a control character (U+0000 among them) or one that turns the direction of text.
    ControlCharacter,
    /// One of the `last` passwords of this account.
    Reused { last: usize },
}

impl PasswordFault {
    /// Stable name for programs, in snake case, such as `too_short`.
    pub fn code(self) -> &'static str {
        self.into()
    }
}

/// The rules of one profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasswordPolicy {
    pub profile: PasswordProfile,
    pub min_chars: usize,
    /// How many of the four classes must occur; 0 asks for none.
    pub min_classes: usize,
    /// Age at which the password must be changed.
    pub max_age: Option<TimeDelta>,
    /// How many of the account's last passwords, the present one included, may not come again.
    pub history: usize,
}

impl Default for PasswordPolicy {
    fn default() -> Self {
        Self::new(PasswordProfile::default())
    }
}

impl PasswordPolicy {
    pub fn new(profile: PasswordProfile) -> Self {
        match profile {
            PasswordProfile::Dengbao3 => Self {
                profile,
                min_chars: 12,
                min_classes: 3,
                max_age: Some(TimeDelta::days(90)),
                history: 5,
            },
            PasswordProfile::Nist => Self {
                profile,
                min_chars: 15,
                min_classes: 0,
                max_age: None,
                history: 0,
            },
        }
    }

    /// Every fault of `password` for an account of that user name; none means that it may be set, unless
    /// [`PasswordPolicy::check_history`] objects.
    pub fn check(&self, password: &str, username: &str) -> Vec<PasswordFault> {
        let mut faults = Vec::new();
        let chars = password.chars().count();
        if chars < self.min_chars {
            faults.push(PasswordFault::TooShort { min: self.min_chars });
        }
        if chars > MAX_PASSWORD_CHARS {
            faults.push(PasswordFault::TooLong {
                max: MAX_PASSWORD_CHARS,
            });
        }
        // The rest is looked at as it is hashed: wide letters are the letters that they look like.
        let password = &*fold::password(password);
        let found = classes(password);
        if found < self.min_classes {
            faults.push(PasswordFault::TooFewClasses {
                min: self.min_classes,
                found,
            });
        }
        let (lower, username) = (password.to_lowercase(), username.to_lowercase());
        let named = username.chars().count() >= MIN_USERNAME_CHARS && lower.contains(&username);
        // What is far too short or holds the whole name is told that alone; the rest has to be as long as it looks.
        let looks_good = chars >= LISTED_CHARS && !named;
        if is_common(&lower) || looks_good && is_guessable(&lower, &username) {
            faults.push(PasswordFault::TooCommon);
        }
        if named {
            faults.push(PasswordFault::ContainsUsername);
        }
        if password.chars().any(is_control) {
            faults.push(PasswordFault::ControlCharacter);
        }
        faults
    }

    /// Whether `password` is one of the account's last ones. `phcs` are their hashes, newest first, the present
    /// one included; what lies beyond the profile's number is not looked at.
    ///
    /// # Errors
    /// As [`PasswordHasher::verify`]. Costs a hash for each that is compared.
    pub async fn check_history(
        &self,
        hasher: &PasswordHasher,
        password: &str,
        phcs: &[String],
    ) -> Result<Option<PasswordFault>, PasswordHashError> {
        for phc in phcs.iter().take(self.history) {
            if hasher.verify(password, phc).await? {
                return Ok(Some(PasswordFault::Reused { last: self.history }));
            }
        }
        Ok(None)
    }

    /// When a password set at `changed_at` must be changed at the latest.
    pub fn expires_at(&self, changed_at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.max_age.map(|max_age| changed_at + max_age)
    }

    /// Whether a password set at `changed_at` must be changed by `now`.
    pub fn is_expired(&self, changed_at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
        self.expires_at(changed_at).is_some_and(|end| end <= now)
    }
}

/// How many of the classes capital letter, small letter, digit and other occur. Characters without case that
/// are no ASCII digit, Chinese ones among them, are "other".
fn classes(password: &str) -> usize {
    let mut found = [false; 4];
    for c in password.chars() {
        let class = match c {
            c if c.is_uppercase() => 0,
            c if c.is_lowercase() => 1,
            '0'..='9' => 2,
            _ => 3,
        };
        found[class] = true;
    }
    found.into_iter().filter(|&found| found).count()
}

/// Whether a password (in small letters) is among those that are guessed first.
fn is_common(lower: &str) -> bool {
    // `Password2026!` is `password` to whoever guesses: the usual endings come with every word of a list.
    let core = lower.trim_matches(|c: char| !c.is_alphabetic());
    let unsigned = lower.trim_end_matches(|c: char| !c.is_alphanumeric());
    let distinct = lower.chars().collect::<HashSet<_>>().len();
    BLOCKLIST.contains(lower)
        || BLOCKLIST.contains(core)
        || BLOCKLIST.contains(unsigned)
        || (!lower.is_empty() && distinct < MIN_DISTINCT_CHARS)
        || is_sequence(lower)
}

/// Whether too little is left of a password (in small letters) without what is guessed first.
fn is_guessable(lower: &str, username: &str) -> bool {
    guessable::own_chars(lower, BLOCKLIST.iter().copied(), username) < MIN_OWN_CHARS
}

/// Whether each character follows the one before it (`abcdef`, `987654`), 0 after 9 and 9 after 0 included.
fn is_sequence(lower: &str) -> bool {
    let next = |a: char, b: char| (a == '9' && b == '0') || u32::from(a) + 1 == u32::from(b);
    let pairs = || lower.chars().zip(lower.chars().skip(1));
    lower.chars().nth(1).is_some() && (pairs().all(|(a, b)| next(a, b)) || pairs().all(|(a, b)| next(b, a)))
}

fn is_control(c: char) -> bool {
    c.is_control() || text::is_forbidden(c)
}

/// A one-time password for handing over on paper: 20 characters that nobody confuses, in four groups, such as
/// `Kx7mP-w3Rt-9fHd-Qe4n`, some 94 bits. It satisfies both profiles for that user name.
pub fn generate(username: &str) -> String {
    // Without 0 O o, 1 I l i, 2 Z z, 5 S s, 8 B.
    const ALPHABET: &[u8] = b"ACDEFGHJKLMNPQRTUVWXYabcdefghjkmnpqrtuvwxy34679";
    const LETTERS: usize = 17;
    loop {
        // Bytes beyond the last whole multiple are dropped, or the first letters would come more often.
        let fair = u8::MAX as usize / ALPHABET.len() * ALPHABET.len();
        let picked: Vec<char> = random_bytes::<64>()
            .into_iter()
            .filter(|&byte| usize::from(byte) < fair)
            .map(|byte| char::from(ALPHABET[usize::from(byte) % ALPHABET.len()]))
            .take(LETTERS)
            .collect();
        let mut password = String::with_capacity(LETTERS + 3);
        for (at, letter) in picked.iter().enumerate() {
            if matches!(at, 5 | 9 | 13) {
                password.push('-');
            }
            password.push(*letter);
        }
        let good = [PasswordProfile::Dengbao3, PasswordProfile::Nist]
            .into_iter()
            .all(|profile| PasswordPolicy::new(profile).check(&password, username).is_empty());
        if picked.len() == LETTERS && good {
            return password;
        }
    }
}
