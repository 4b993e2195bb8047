//! What can be copied at one cursor: the indexed texts, and the search for the longest match in them.

use std::sync::Arc;

use super::index::{GRAMS, GramIndex};

/// Longest match looked for, in bytes. Beyond it a copy is as sure as it gets.
pub(super) const MAX_MATCH: usize = 64;
/// Occurrences whose continuations count.
const MAX_OCCURRENCES: usize = 24;
/// Places looked at per text and gram length; on a hot three-byte gram the older ones are not worth the time.
const MAX_PLACES: usize = 2048;

/// A text with an index that may be a few edits old.
#[derive(Clone)]
pub(super) struct IndexedText {
    text: Arc<str>,
    index: Arc<GramIndex>,
    /// The stretch of `text` that is not in the index …
    fresh: std::ops::Range<usize>,
    /// … and where it ended in the indexed text.
    stale_end: usize,
}

impl IndexedText {
    pub(super) fn new(index: Arc<GramIndex>) -> Self {
        let text = index.text().clone();
        Self { text, index, fresh: 0..0, stale_end: 0 }
    }

    /// The same index over a newer text, when no more than `max_fresh` bytes differ in one stretch.
    pub(super) fn changed_to(&self, text: Arc<str>, max_fresh: usize) -> Option<Self> {
        let (old, new) = (self.index.text().as_bytes(), text.as_bytes());
        let head = old.iter().zip(new).take_while(|(a, b)| a == b).count();
        let room = old.len().min(new.len()) - head;
        let tail = old.iter().rev().zip(new.iter().rev()).take(room).take_while(|(a, b)| a == b).count();
        let fresh = head..new.len() - tail;
        let stale_end = old.len() - tail;
        (fresh.len() <= max_fresh).then(|| Self { index: self.index.clone(), text, fresh, stale_end })
    }

    /// Places that may be behind an occurrence of `gram`; each has to be compared.
    fn places(&self, level: usize, gram: &[u8]) -> impl Iterator<Item = usize> {
        let (start, stale_end, fresh_end) = (self.fresh.start, self.stale_end, self.fresh.end);
        // Grams that end in the fresh stretch or reach into it from behind are in no index.
        let behind = fresh_end + GRAMS[level];
        let unindexed = start + 1..behind.min(self.text.len() + 1);
        let indexed = self.index.places(level, gram).filter_map(move |place| {
            if place <= start {
                return Some(place);
            }
            let moved = place.checked_sub(stale_end)? + fresh_end;
            (moved >= behind).then_some(moved)
        });
        unindexed.rev().chain(indexed).take(MAX_PLACES)
    }
}

/// One place behind an occurrence of the tail.
struct Occurrence {
    length: usize,
    /// Smaller is preferred: nearness to the cursor, then the order of the other documents.
    rank: usize,
    text: usize,
    place: usize,
}

/// What followed at one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Follower {
    /// The text from that place on, at most as long as asked for.
    pub(crate) text: String,
    /// False where the text ends because the searched text does (at the cursor, say), not because of its length.
    pub(crate) complete: bool,
}

/// The longest match of a tail.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Match {
    /// Its length in bytes; 0 for no match.
    pub(crate) length: usize,
    /// What followed where it occurred, the preferred place first.
    pub(crate) followers: Vec<Follower>,
}

/// The texts that can be copied from at one cursor.
#[derive(Clone)]
pub(crate) struct CopyView {
    /// The cursor's document first.
    texts: Arc<[IndexedText]>,
    cursor: usize,
}

impl CopyView {
    pub(super) fn new(here: IndexedText, cursor: usize, others: Vec<IndexedText>) -> Self {
        let cursor = cursor.min(here.text.len());
        Self { texts: std::iter::once(here).chain(others).collect(), cursor }
    }

    /// The last [`MAX_MATCH`] bytes before the cursor and then `generated`; may begin inside a character.
    pub(crate) fn tail(&self, generated: &str) -> Vec<u8> {
        let generated = &generated.as_bytes()[generated.len().saturating_sub(MAX_MATCH)..];
        let before = &self.texts[0].text.as_bytes()[..self.cursor];
        let before = &before[before.len().saturating_sub(MAX_MATCH - generated.len())..];
        [before, generated].concat()
    }

    /// The longest match of the text before the cursor continued by `generated`, and up to `follower_bytes` of what
    /// followed at each place. The text around the cursor itself does not count: it would be copied onto itself.
    pub(crate) fn longest_match(&self, generated: &str, follower_bytes: usize) -> Match {
        let tail = self.tail(generated);
        for (level, gram) in GRAMS.into_iter().enumerate() {
            if tail.len() < gram {
                continue;
            }
            let mut found = Vec::new();
            for text in 0..self.texts.len() {
                self.search(text, level, &tail, &mut found);
            }
            let Some(length) = found.iter().map(|occurrence| occurrence.length).max() else { continue };
            found.retain(|occurrence| occurrence.length == length);
            found.sort_by_key(|occurrence| (occurrence.text, occurrence.rank));
            let followers = found.iter().filter_map(|found| self.follower(found, follower_bytes));
            return Match { length, followers: followers.take(MAX_OCCURRENCES).collect() };
        }
        Match::default()
    }

    fn search(&self, at: usize, level: usize, tail: &[u8], found: &mut Vec<Occurrence>) {
        let text = &self.texts[at];
        let gram = GRAMS[level];
        let is_indent = |byte: &u8| matches!(byte, b' ' | b'\t');
        let in_indent = tail.iter().rev().find(|byte| !is_indent(byte)) == Some(&b'\n');
        for place in text.places(level, &tail[tail.len() - gram..]) {
            let Some(rank) = self.rank(at, place) else { continue };
            // A line that goes on with white space is indented deeper than the cursor's: another place in the code.
            if in_indent && text.text.as_bytes().get(place).is_some_and(is_indent) {
                continue;
            }
            let length = common_suffix(&text.text.as_bytes()[self.floor(at, place)..place], tail);
            if length >= gram && text.text.is_char_boundary(place) {
                found.push(Occurrence { length, rank, text: at, place });
            }
        }
    }

    /// Nearness to the cursor, places before it first; `None` for the cursor itself and for what lies outside.
    fn rank(&self, at: usize, place: usize) -> Option<usize> {
        let length = self.texts[at].text.len();
        if place > length {
            return None;
        }
        if at > 0 {
            return Some(length - place);
        }
        match place.cmp(&self.cursor) {
            std::cmp::Ordering::Less => Some(self.cursor - place),
            std::cmp::Ordering::Equal => None,
            std::cmp::Ordering::Greater => Some(length + place - self.cursor),
        }
    }

    /// Where a match ending at `place` must not reach beyond: it does not cross the cursor.
    fn floor(&self, at: usize, place: usize) -> usize {
        if at == 0 && place > self.cursor { self.cursor } else { 0 }
    }

    fn follower(&self, found: &Occurrence, bytes: usize) -> Option<Follower> {
        let text = &self.texts[found.text].text;
        let end = if found.text == 0 && found.place < self.cursor { self.cursor } else { text.len() };
        let mut stop = end.min(found.place + bytes);
        while !text.is_char_boundary(stop) {
            stop -= 1;
        }
        let follower = &text[found.place..stop];
        // The end of a document is an end; the cursor is merely where knowledge ends.
        let complete = stop < end || end == text.len();
        (complete || !follower.is_empty()).then(|| Follower { text: follower.to_owned(), complete })
    }
}

fn common_suffix(a: &[u8], b: &[u8]) -> usize {
    a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count()
}
