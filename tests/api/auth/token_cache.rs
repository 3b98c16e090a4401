use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use liaison::auth::token::VerifiedCache;

use super::now;

fn at(seconds: i64) -> DateTime<Utc> {
    now() + TimeDelta::seconds(seconds)
}

#[test]
fn the_cache_believes_a_token_for_a_minute_at_most() {
    let mut cache = VerifiedCache::new(8);
    cache.insert("long", Arc::new(1), at(900), at(0));
    cache.insert("short", Arc::new(2), at(30), at(0));
    cache.insert("gone", Arc::new(3), at(0), at(0));
    let mut get = |token, seconds| cache.get(token, at(seconds)).map(|value| *value);
    assert_eq!(
        (get("long", 0), get("long", 59), get("long", 60)),
        (Some(1), Some(1), None)
    );
    assert_eq!((get("short", 29), get("short", 30)), (Some(2), None));
    assert_eq!(get("gone", 0), None, "what lives on leeway is not kept");
    assert_eq!(get("long", -1), None, "nor believed by a clock that was set back");
    assert_eq!(get("lon", 0), None);
    assert_eq!(get("", 0), None);
}

#[test]
fn use_does_not_prolong_a_cached_token() {
    let mut cache = VerifiedCache::new(2);
    cache.insert("a", Arc::new(()), at(900), at(0));
    // Pushes "a" into the older half, from where a hit fetches it back.
    cache.insert("b", Arc::new(()), at(900), at(1));
    assert!(cache.get("a", at(59)).is_some());
    assert!(cache.get("a", at(60)).is_none());
}

#[test]
fn the_cache_is_bounded_and_keeps_what_is_used() {
    let mut cache = VerifiedCache::new(64);
    cache.insert("mine", Arc::new(0), at(900), at(0));
    for n in 1..10_000 {
        cache.insert(&format!("token {n}"), Arc::new(n), at(900), at(0));
        assert!(cache.len() <= 64);
        assert_eq!(cache.get("mine", at(0)).as_deref(), Some(&0), "after {n}");
        assert!(cache.len() <= 64);
    }
    assert_eq!(cache.get("token 9999", at(0)).as_deref(), Some(&9999));
    assert!(cache.get("token 1", at(0)).is_none());
    // The same token again takes no second place.
    let mut cache = VerifiedCache::new(64);
    for _ in 0..100 {
        cache.insert("mine", Arc::new(0), at(900), at(0));
    }
    assert_eq!(cache.len(), 1);
    cache.clear();
    assert!(cache.is_empty() && cache.get("mine", at(0)).is_none());
}

#[test]
fn a_later_verification_replaces_the_earlier() {
    let mut cache = VerifiedCache::new(2);
    cache.insert("a", Arc::new(1), at(900), at(0));
    cache.insert("b", Arc::new(0), at(900), at(0));
    cache.insert("a", Arc::new(2), at(900), at(100));
    assert_eq!(cache.get("a", at(100)).as_deref(), Some(&2));
    assert!(cache.len() <= 2);
}
