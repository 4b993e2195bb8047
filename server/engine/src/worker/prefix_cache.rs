//! Sequences of requests that ended, kept for requests that begin alike. It decides what a new request starts from and
//! what is forgotten first; where the memory is, is the KV pool's matter.

use crate::model::Sequence;

/// Most sequences kept: each is compared with every new prompt.
const MAX_ENTRIES: usize = 128;
/// An entry that goes on for at most this many tokens after what a request shares with it is taken, not copied: the
/// next keystroke's prompt replaces the last one's.
const TAIL_GIVEN_UP: usize = 64;

/// A sequence and the tokens it was computed from.
#[derive(Debug)]
struct Entry {
    tokens: Vec<u32>,
    sequence: Sequence,
}

/// The sequences kept, the least recently used first.
#[derive(Debug, Default)]
pub(super) struct PrefixCache {
    entries: Vec<Entry>,
    changes: u64,
}

/// Tokens that two lists begin with.
pub(super) fn common_prefix(a: &[u32], b: &[u32]) -> usize {
    a.iter().zip(b).take_while(|(a, b)| a == b).count()
}

impl PrefixCache {
    /// Grows with every change: what was learned of the cache holds as long as this stays the same.
    pub(super) fn changes(&self) -> u64 {
        self.changes
    }

    /// Blocks that become free when everything is forgotten, at least.
    pub(super) fn own_blocks(&self) -> usize {
        self.entries.iter().map(|entry| entry.sequence.own_blocks()).sum()
    }

    /// How many of the first tokens a kept sequence holds, at most.
    pub(super) fn longest(&self, tokens: &[u32]) -> usize {
        self.entries.iter().map(|entry| common_prefix(&entry.tokens, tokens)).max().unwrap_or(0)
    }

    /// A sequence with as many of the first tokens as a kept one holds, if any.
    pub(super) fn take(&mut self, tokens: &[u32]) -> Option<Sequence> {
        let shared = |entry: &Entry| common_prefix(&entry.tokens, tokens);
        // Of several equally good ones the shortest: its tail is given up most easily.
        let best = (0..self.entries.len())
            .max_by_key(|&index| (shared(&self.entries[index]), usize::MAX - self.entries[index].tokens.len()))?;
        let len = shared(&self.entries[best]);
        if len == 0 {
            return None;
        }
        self.changes += 1;
        let mut entry = self.entries.remove(best);
        if entry.tokens.len() - len <= TAIL_GIVEN_UP {
            entry.sequence.truncate(len);
            return Some(entry.sequence);
        }
        let fork = entry.sequence.fork(len);
        self.entries.push(entry);
        Some(fork)
    }

    /// Keeps a sequence that was computed from the first tokens of these.
    pub(super) fn put(&mut self, sequence: Sequence, mut tokens: Vec<u32>) {
        tokens.truncate(sequence.len());
        if tokens.is_empty() {
            return;
        }
        self.changes += 1;
        // What this one begins with needs no entry of its own.
        self.entries.retain(|entry| !tokens.starts_with(&entry.tokens));
        if self.entries.len() == MAX_ENTRIES {
            self.entries.remove(0);
        }
        self.entries.push(Entry { tokens, sequence });
    }

    /// Forgets the sequence that was not used for the longest time; false when there is none. Its blocks become free
    /// except for those that other sequences share.
    pub(super) fn evict(&mut self) -> bool {
        if self.entries.is_empty() {
            return false;
        }
        self.changes += 1;
        self.entries.remove(0);
        true
    }
}

#[cfg(test)]
mod tests;
