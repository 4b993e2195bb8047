//! Joining neighbours in the order of their priority, until no two can be joined: the loop of both BPE and
//! SentencePiece (Sennrich et al. 2016, "Neural Machine Translation of Rare Words with Subword Units").
//!
//! A priority queue over a linked list, so that a line of a megabyte costs no more a character than a word.

use std::collections::BinaryHeap;

/// A part of the text that has become one token, or could not.
#[derive(Clone, Copy, Debug)]
pub(super) struct Symbol {
    /// Where it begins, in bytes.
    pub(super) start: usize,
    /// Its length; 0 = joined to its left neighbour.
    pub(super) len: usize,
    /// The token, `NONE` where the vocabulary has none.
    pub(super) id: u32,
    previous: u32,
    next: u32,
}

/// No token, or no neighbour.
pub(super) const NONE: u32 = u32::MAX;

impl Symbol {
    pub(super) fn new(start: usize, len: usize, id: u32) -> Self {
        Self { start, len, id, previous: NONE, next: NONE }
    }
}

/// A possible join; the first in order is the best, of equal ones the leftmost.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Join<P> {
    priority: P,
    left: std::cmp::Reverse<u32>,
    right: u32,
    len: usize,
    id: u32,
}

/// Joins neighbours as long as `join` has a priority (the highest goes first) and a token for two of them.
///
/// `symbols` are in the order of the text; the ones that are left have a length.
pub(super) fn merge<P: Ord>(symbols: &mut [Symbol], join: impl Fn(&Symbol, &Symbol) -> Option<(P, u32)>) {
    // A text of 4 GiB never gets here: prompts are cut to the context first, and `NONE` ends the list early.
    let count = u32::try_from(symbols.len()).unwrap_or(NONE);
    for (index, symbol) in (0..count).zip(symbols.iter_mut()) {
        symbol.previous = index.checked_sub(1).unwrap_or(NONE);
        symbol.next = if index + 1 < count { index + 1 } else { NONE };
    }
    let mut queue = BinaryHeap::new();
    let consider = |queue: &mut BinaryHeap<Join<P>>, symbols: &[Symbol], left: u32, right: u32| {
        if left == NONE || right == NONE {
            return;
        }
        let (a, b) = (&symbols[left as usize], &symbols[right as usize]);
        if let Some((priority, id)) = join(a, b) {
            queue.push(Join { priority, left: std::cmp::Reverse(left), right, len: a.len + b.len, id });
        }
    };
    for right in 1..count {
        consider(&mut queue, symbols, right - 1, right);
    }
    while let Some(Join { left, right, len, id, .. }) = queue.pop() {
        let left = left.0;
        let (a, b) = (symbols[left as usize], symbols[right as usize]);
        // One of the two has been joined to something else since.
        if a.len == 0 || b.len == 0 || a.len + b.len != len {
            continue;
        }
        symbols[left as usize] = Symbol { len, id, next: b.next, ..a };
        symbols[right as usize].len = 0;
        if b.next != NONE {
            symbols[b.next as usize].previous = left;
        }
        consider(&mut queue, symbols, a.previous, left);
        consider(&mut queue, symbols, left, b.next);
    }
}
