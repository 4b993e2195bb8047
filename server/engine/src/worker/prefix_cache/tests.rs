//! What requests start from, as prompts and lengths.

use super::PrefixCache;
use crate::KvCacheType;
use crate::model::{KvPool, Sequence};
use crate::ops::KvLayout;

fn pool() -> KvPool {
    KvPool::new(KvLayout { n_layers: 1, heads: 1, head_size: 1, kind: KvCacheType::F16 }, 100)
}

fn filled(pool: &KvPool, len: usize) -> Sequence {
    let mut sequence = pool.sequence();
    sequence.reserve(len).expect("there is room");
    sequence.advance(len);
    sequence
}

fn tokens(text: &str) -> Vec<u32> {
    text.bytes().map(u32::from).collect()
}

/// What a request for `wanted` starts from after requests for `kept`, and what is kept then.
fn check(kept: &[&str], wanted: &str, expected: usize, left: &[&str]) {
    let pool = pool();
    let mut cache = PrefixCache::default();
    for text in kept {
        cache.put(filled(&pool, text.len()), tokens(text));
    }
    assert_eq!(cache.longest(&tokens(wanted)), expected, "{kept:?} {wanted}");
    let taken = cache.take(&tokens(wanted));
    assert_eq!(taken.as_ref().map_or(0, Sequence::len), expected, "{kept:?} {wanted}");
    let entries: Vec<_> = cache.entries.iter().map(|entry| entry.tokens.clone()).collect();
    assert_eq!(entries, left.iter().map(|text| tokens(text)).collect::<Vec<_>>(), "{kept:?} {wanted}");
    drop(taken);
    while cache.evict() {}
    assert_eq!(pool.available(), 100, "no block is lost");
}

#[test]
fn the_longest_common_beginning_is_reused() {
    check(&[], "abc", 0, &[]);
    check(&["xyz"], "abc", 0, &["xyz"]);
    check(&["abx", "abcx", "bc"], "abcd", 3, &["abx", "bc"]);
    check(&["abcd", "ab"], "abcdef", 4, &["ab"]);
    // The shorter of two that share as much.
    check(&["abcdef", "abcx"], "abcy", 3, &["abcdef"]);
}

#[test]
fn a_long_tail_is_kept_for_others() {
    let long = format!("ab{}", "y".repeat(64));
    check(&[&long], "abc", 2, &[]);
    let longer = format!("ab{}", "y".repeat(65));
    check(&["q", &longer, "r"], "abc", 2, &["q", "r", &longer]);
}

#[test]
fn a_beginning_of_another_entry_needs_no_entry() {
    check(&["ab", "x", "abc"], "zzz", 0, &["x", "abc"]);
    check(&[""], "zzz", 0, &[]);
}

#[test]
fn the_least_recently_used_goes_first() {
    let pool = pool();
    let mut cache = PrefixCache::default();
    for text in ["a", "b", "c"] {
        cache.put(filled(&pool, 1), tokens(text));
    }
    let a = cache.take(&tokens("ax")).expect("it is kept");
    cache.put(a, tokens("ax"));
    assert!(cache.evict());
    assert_eq!([cache.longest(&tokens("a")), cache.longest(&tokens("b")), cache.longest(&tokens("c"))], [1, 0, 1]);
    assert!(cache.evict() && cache.evict() && !cache.evict());
}
