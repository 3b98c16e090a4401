use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use liaison::auth::refresh::{Decision, Family, RefreshToken, RefreshTokens};
use liaison::auth::secret::Secret;
use proptest::prelude::*;
use uuid::Uuid;

use super::now;

fn tokens() -> RefreshTokens {
    let secret = Secret::from_setting("0123456789abcdef-a-test-secret-not-in-use").expect("a secret");
    RefreshTokens::new(secret.derive("refresh-token"))
}

/// A family as the database would have it: rotating stores the successor.
struct Stored {
    tokens: RefreshTokens,
    family: Family,
}

impl Stored {
    fn start(tokens: RefreshTokens, at: DateTime<Utc>) -> (Self, RefreshToken) {
        let first = tokens.first(Uuid::now_v7());
        let family = Family {
            current_hash: first.hash(),
            previous_hash: None,
            rotated_at: at,
            expires_at: at + TimeDelta::days(14),
            revoked_at: None,
        };
        (Self { tokens, family }, first)
    }

    fn present(&mut self, token: &RefreshToken, at: DateTime<Utc>) -> (Decision, Option<RefreshToken>) {
        let decision = self.family.decide(token, at);
        let successor = self.tokens.successor(token);
        match decision {
            Decision::Rotate => {
                self.family.previous_hash = Some(token.hash());
                self.family.current_hash = successor.hash();
                self.family.rotated_at = at;
                (decision, Some(successor))
            }
            Decision::RepeatSuccessor => (decision, Some(successor)),
            Decision::Replay => {
                self.family.revoked_at = Some(at);
                (decision, None)
            }
            Decision::Expired | Decision::Revoked => (decision, None),
        }
    }
}

#[test]
fn text_round_trips_and_hides_nothing_guessable() {
    let tokens = tokens();
    let family = Uuid::now_v7();
    let first = tokens.first(family);
    let text = first.expose();
    assert_eq!(text.len(), 64);
    assert!(
        text.bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    );
    let parsed = tokens.parse(&text).expect("our own token");
    assert_eq!((parsed.family(), parsed.hash()), (family, first.hash()));
    assert_ne!(tokens.first(family).expose(), text, "first tokens are random");
}

#[test]
fn successors_are_the_same_each_time_and_form_no_circle() {
    let tokens = tokens();
    let mut token = tokens.first(Uuid::now_v7());
    let mut seen = HashSet::from([token.expose()]);
    for _ in 0..100 {
        let next = tokens.successor(&token);
        assert_eq!(next.expose(), tokens.successor(&token).expose());
        assert_eq!(next.family(), token.family());
        assert!(tokens.parse(&next.expose()).is_some());
        assert!(seen.insert(next.expose()));
        token = next;
    }
    let other = Secret::from_setting("another-test-secret-0123456789abcdef").expect("a secret");
    let foreign = RefreshTokens::new(other.derive("refresh-token"));
    assert!(
        foreign.parse(&token.expose()).is_none(),
        "another installation's token"
    );
}

#[test]
fn a_lost_reply_within_ten_seconds_gets_the_same_successor() {
    let (mut stored, first) = Stored::start(tokens(), now());
    let (decision, second) = stored.present(&first, now());
    assert_eq!(decision, Decision::Rotate);
    let second = second.expect("a successor").expose();
    // The clock of another instance may be behind.
    for after in [-3, 0, 9, 10] {
        let (decision, again) = stored.present(&first, now() + TimeDelta::seconds(after));
        assert_eq!(decision, Decision::RepeatSuccessor, "after {after} s");
        assert_eq!(again.expect("a successor").expose(), second);
    }
    let second = stored.tokens.parse(&second).expect("our own token");
    assert_eq!(
        stored.present(&second, now() + TimeDelta::seconds(11)).0,
        Decision::Rotate
    );
}

#[test]
fn a_replay_ends_the_family() {
    let (mut stored, first) = Stored::start(tokens(), now());
    let second = stored.present(&first, now()).1.expect("a successor");
    let late = now() + TimeDelta::milliseconds(10_001);
    assert_eq!(stored.present(&first, late).0, Decision::Replay);
    assert_eq!(
        stored.present(&second, late).0,
        Decision::Revoked,
        "the thief's token is dead as well"
    );
    assert_eq!(stored.present(&first, late).0, Decision::Revoked);
}

#[test]
fn tokens_before_the_previous_one_are_replays_at_any_time() {
    let (mut stored, first) = Stored::start(tokens(), now());
    let second = stored.present(&first, now()).1.expect("a successor");
    stored.present(&second, now()).1.expect("a successor");
    assert_eq!(stored.family.decide(&first, now()), Decision::Replay);
    assert_eq!(stored.family.decide(&second, now()), Decision::RepeatSuccessor);
}

#[test]
fn a_fresh_family_takes_its_first_token_alone() {
    let (stored, first) = Stored::start(tokens(), now());
    assert_eq!(stored.family.decide(&first, now()), Decision::Rotate);
    assert_eq!(
        stored.family.decide(&stored.tokens.successor(&first), now()),
        Decision::Replay
    );
}

#[test]
fn the_session_ends_at_its_time_even_for_the_current_token() {
    let (stored, first) = Stored::start(tokens(), now());
    let end = stored.family.expires_at;
    assert_eq!(
        stored.family.decide(&first, end - TimeDelta::seconds(1)),
        Decision::Rotate
    );
    assert_eq!(stored.family.decide(&first, end), Decision::Expired);
    let revoked = Family {
        revoked_at: Some(now()),
        ..stored.family
    };
    assert_eq!(revoked.decide(&first, end), Decision::Revoked);
}

#[test]
fn debug_shows_the_family_alone() {
    let tokens = tokens();
    let token = tokens.first(Uuid::nil());
    assert_eq!(
        format!("{token:?}"),
        format!("RefreshToken(family {})", Uuid::nil())
    );
    assert_eq!(format!("{tokens:?}"), "RefreshTokens { key: Key(..) }");
}

proptest! {
    #[test]
    fn rubbish_is_no_token(text in "\\PC{0,80}|[A-Za-z0-9_-]{64}") {
        prop_assert!(tokens().parse(&text).is_none());
    }

    /// Whoever knows a family's id, or a whole used token, cannot make another token of that family.
    #[test]
    fn altered_tokens_are_no_tokens(at in 0_usize..64, with in "[A-Za-z0-9_-]|é|\u{0}") {
        let tokens = tokens();
        let text = tokens.first(Uuid::now_v7()).expose();
        let altered = format!("{}{with}{}", &text[..at], &text[at + 1..]);
        prop_assert_eq!(tokens.parse(&altered).is_some(), altered == text);
        prop_assert!(tokens.parse(&text[..at]).is_none());
        let longer = text + &with;
        prop_assert!(tokens.parse(&longer).is_none());
    }
}
