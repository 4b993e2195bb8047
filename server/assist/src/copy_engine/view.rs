//! What can be copied at one cursor: the indexed texts, and the search for the best matches in them.

use std::ops::Range;
use std::sync::Arc;

use super::index::{MAX_MATCH, MIN_MATCH, SuffixIndex, common_suffix};

/// Occurrences whose continuations count, in all and from one text.
const MAX_OCCURRENCES: usize = 64;
const MAX_FROM_TEXT: usize = 24;
/// Ends a file where several stand in one text; no source text holds it.
pub(crate) const FILE_END: char = '\0';

/// A text with an index that may be a few edits old.
#[derive(Clone)]
pub(super) struct IndexedText {
    text: Arc<str>,
    index: Arc<SuffixIndex>,
    /// The stretch of `text` that is not in the index …
    fresh: Range<usize>,
    /// … and where it ended in the indexed text.
    stale_end: usize,
    /// Files of this text that are not searched (they are open, and their text is another one now), and those beside
    /// the cursor's document; both in order.
    hidden: Arc<[Range<usize>]>,
    beside: Arc<[Range<usize>]>,
}

impl IndexedText {
    pub(super) fn new(index: Arc<SuffixIndex>) -> Self {
        let text = index.text().clone();
        Self { text, index, fresh: 0..0, stale_end: 0, hidden: Arc::default(), beside: Arc::default() }
    }

    /// The same without some files of it, and with those known that are in the folder of the cursor's document.
    pub(super) fn seen_with(self, hidden: Vec<Range<usize>>, beside: Vec<Range<usize>>) -> Self {
        Self { hidden: hidden.into(), beside: beside.into(), ..self }
    }

    /// The same, in the folder of the cursor's document.
    pub(super) fn beside(self) -> Self {
        let whole = 0..self.text.len();
        Self { beside: Arc::new([whole]), ..self }
    }

    /// The same index over a newer text, when no more than `max_fresh` bytes differ in one stretch.
    pub(super) fn changed_to(&self, text: Arc<str>, max_fresh: usize) -> Option<Self> {
        let (old, new) = (self.index.text().as_bytes(), text.as_bytes());
        let head = old.iter().zip(new).take_while(|(a, b)| a == b).count();
        let room = old.len().min(new.len()) - head;
        let tail = old.iter().rev().zip(new.iter().rev()).take(room).take_while(|(a, b)| a == b).count();
        let fresh = head..new.len() - tail;
        let stale_end = old.len() - tail;
        let index = self.index.clone();
        let (hidden, beside) = (Arc::default(), Arc::default());
        (fresh.len() <= max_fresh).then_some(Self { text, index, fresh, stale_end, hidden, beside })
    }

    /// Places with the length of their agreement with `tail`: those that are in no index, and then the indexed ones, in
    /// both the longest first.
    fn nearest(&self, tail: &[u8]) -> impl Iterator<Item = (usize, usize)> {
        let (start, stale_end, fresh_end) = (self.fresh.start, self.stale_end, self.fresh.end);
        let is_as_indexed = self.fresh.is_empty() && stale_end == start;
        // What ends in the fresh stretch or reaches into it from behind stands in no index, or stands wrong there.
        let behind = if is_as_indexed { start } else { fresh_end + MAX_MATCH };
        let bytes = self.text.as_bytes();
        let agreement = |place: usize| {
            let length = common_suffix(&bytes[place.saturating_sub(MAX_MATCH)..place], tail);
            (length >= MIN_MATCH && self.text.is_char_boundary(place)).then_some((place, length))
        };
        let mut unindexed: Vec<_> = (start + 1..behind.min(bytes.len() + 1)).rev().filter_map(agreement).collect();
        unindexed.sort_by_key(|&(_, length)| std::cmp::Reverse(length));
        unindexed.truncate(MAX_FROM_TEXT);
        let indexed = self.index.nearest(tail).filter_map(move |(place, length)| {
            if place <= start {
                return Some((place, length));
            }
            let moved = place.checked_sub(stale_end)? + fresh_end;
            (moved >= behind && moved > start).then_some((moved, length))
        });
        unindexed.into_iter().chain(indexed).filter(|(place, _)| !is_in(&self.hidden, *place))
    }
}

/// Whether a place is in one of these stretches, or at its end.
fn is_in(stretches: &[Range<usize>], place: usize) -> bool {
    let at = stretches.partition_point(|stretch| stretch.end < place);
    stretches.get(at).is_some_and(|stretch| stretch.start <= place)
}

/// One place behind an occurrence of the tail's end.
struct Occurrence {
    length: usize,
    /// Smaller is preferred: nearness to the cursor, then the order of the other texts.
    rank: usize,
    text: usize,
    place: usize,
}

/// What followed at one place.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Follower {
    /// The text from that place on, at most as long as asked for.
    pub(crate) text: String,
    /// False where the text ends because the searched text does (at the cursor, say), not because of its length.
    pub(crate) complete: bool,
    /// Bytes before the place that agree with the tail.
    pub(crate) length: usize,
    /// Where that is.
    pub(crate) nearness: Nearness,
}

/// How near an occurrence is to the cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nearness {
    /// In the same document, so many bytes away.
    Here(usize),
    /// In the same folder.
    Beside,
    /// In another folder.
    Elsewhere,
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

    /// The text before the cursor, and the text behind it.
    pub(super) fn around(&self) -> (&str, &str) {
        self.texts[0].text.split_at(self.cursor)
    }

    /// The last [`MAX_MATCH`] bytes before the cursor and then `generated`; may begin inside a character.
    pub(crate) fn tail(&self, generated: &str) -> Vec<u8> {
        let generated = &generated.as_bytes()[generated.len().saturating_sub(MAX_MATCH)..];
        let before = &self.texts[0].text.as_bytes()[..self.cursor];
        let before = &before[before.len().saturating_sub(MAX_MATCH - generated.len())..];
        [before, generated].concat()
    }

    /// Up to `bytes` of what followed where the text before the cursor, continued by `generated`, occurred before: the
    /// longest agreements first, the nearest first among equals. The text around the cursor itself does not count: it
    /// would be copied onto itself.
    pub(crate) fn followers(&self, generated: &str, bytes: usize) -> Vec<Follower> {
        let tail = self.tail(generated);
        if tail.len() < MIN_MATCH {
            return Vec::new();
        }
        let mut found: Vec<_> = (0..self.texts.len()).flat_map(|text| self.search(text, &tail)).collect();
        found.sort_by_key(|found| (std::cmp::Reverse(found.length), found.text.min(1), found.rank));
        let followers = found.iter().filter_map(|found| self.follower(found, bytes));
        followers.take(MAX_OCCURRENCES).collect()
    }

    fn search(&self, at: usize, tail: &[u8]) -> Vec<Occurrence> {
        let text = &self.texts[at];
        let is_indent = |byte: &u8| matches!(byte, b' ' | b'\t');
        let in_indent = tail.iter().rev().find(|byte| !is_indent(byte)) == Some(&b'\n');
        let occurrence = move |(place, length): (usize, usize)| {
            let rank = self.rank(at, place)?;
            // A line that goes on with white space is indented deeper than the cursor's: another place in the code.
            if in_indent && text.text.as_bytes().get(place).is_some_and(is_indent) {
                return None;
            }
            let length = length.min(place - self.floor(at, place));
            (length >= MIN_MATCH).then_some(Occurrence { length, rank, text: at, place })
        };
        let mut found: Vec<_> = text.nearest(tail).filter_map(occurrence).take(2 * MAX_FROM_TEXT).collect();
        found.sort_by_key(|found| std::cmp::Reverse(found.length));
        found.truncate(MAX_FROM_TEXT);
        found
    }

    /// Nearness to the cursor, places before it first; `None` for the cursor itself and for what lies outside.
    fn rank(&self, at: usize, place: usize) -> Option<usize> {
        let length = self.texts[at].text.len();
        if place > length {
            return None;
        }
        if at > 0 {
            return Some(at);
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
        let stop = text.floor_char_boundary(end.min(found.place + bytes));
        let follower = &text[found.place..stop];
        let (follower, file_ends) = match follower.find(FILE_END) {
            Some(at) => (&follower[..at], true),
            None => (follower, false),
        };
        // The end of a document is an end; the cursor is merely where knowledge ends.
        let complete = stop < end || end == text.len() || file_ends;
        let nearness = match found.text {
            0 => Nearness::Here(found.place.abs_diff(self.cursor)),
            other if is_in(&self.texts[other].beside, found.place) => Nearness::Beside,
            _ => Nearness::Elsewhere,
        };
        let follower = Follower { text: follower.to_owned(), complete, length: found.length, nearness };
        (complete || !follower.text.is_empty()).then_some(follower)
    }
}
