//! An index of the places in a text by what stands before them.
//!
//! A suffix array of the reversed text: the places sorted by the bytes that end there, read backwards. The places whose
//! context agrees longest with some text are neighbours of the place where that text would be sorted in, so the best
//! matches of any length are found by one binary search and a walk outwards. Memory is 4 bytes a byte of text.
//!
//! (Manber and Myers 1993, *Suffix Arrays*; used on the left context as in Liu et al. 2024, *Infini-gram*.)

use std::cmp::Ordering;
use std::sync::Arc;

/// Bytes of context that are compared. Beyond it a copy is as sure as it gets.
pub(super) const MAX_MATCH: usize = 64;
/// The shortest match that is worth anything.
pub(super) const MIN_MATCH: usize = 3;

/// A text and its places.
pub(crate) struct SuffixIndex {
    text: Arc<str>,
    /// Sorted by the last [`MAX_MATCH`] bytes before them, the last one first.
    places: Box<[u32]>,
}

impl SuffixIndex {
    /// About 100 ms for a megabyte.
    pub(crate) fn new(text: Arc<str>) -> Self {
        let bytes = text.as_bytes();
        debug_assert!(u32::try_from(bytes.len()).is_ok(), "texts are a few megabytes at most");
        // Most comparisons are decided by the eight bytes that are sorted along.
        let keyed = |place: usize| (head(&bytes[..place]), place as u32);
        let mut keyed: Vec<(u64, u32)> =
            (1..=bytes.len()).filter(|&place| text.is_char_boundary(place)).map(keyed).collect();
        keyed.sort_unstable_by(|&(head_a, a), &(head_b, b)| {
            // The later place first: of two that agree throughout, the one met last is likely nearer.
            head_a.cmp(&head_b).then_with(|| backwards(&bytes[..a as usize], &bytes[..b as usize])).then(b.cmp(&a))
        });
        let places = keyed.into_iter().map(|(_, place)| place).collect();
        Self { text, places }
    }

    pub(crate) fn text(&self) -> &Arc<str> {
        &self.text
    }

    /// Places with the number of bytes before them that agree with the end of `tail`, the most first, down to
    /// [`MIN_MATCH`].
    pub(super) fn nearest(&self, tail: &[u8]) -> Nearest<'_> {
        let tail = &tail[tail.len().saturating_sub(MAX_MATCH)..];
        let bytes = self.text.as_bytes();
        let middle = self.places.partition_point(|&place| backwards(&bytes[..place as usize], tail) == Ordering::Less);
        let mut nearest = Nearest { index: self, tail: tail.to_vec(), below: middle, above: middle, agree: (0, 0) };
        nearest.agree = (nearest.agreement(middle.checked_sub(1)), nearest.agreement(Some(middle)));
        nearest
    }
}

/// See [`SuffixIndex::nearest`].
pub(super) struct Nearest<'a> {
    index: &'a SuffixIndex,
    tail: Vec<u8>,
    /// What is still to come: the places before `below` downwards, those from `above` on upwards.
    below: usize,
    above: usize,
    /// How much the next one of each agrees.
    agree: (usize, usize),
}

impl Nearest<'_> {
    fn agreement(&self, at: Option<usize>) -> usize {
        let place = at.and_then(|at| self.index.places.get(at));
        place.map_or(0, |&place| common_suffix(&self.index.text.as_bytes()[..place as usize], &self.tail))
    }
}

impl Iterator for Nearest<'_> {
    /// Place and length of the agreement.
    type Item = (usize, usize);

    fn next(&mut self) -> Option<(usize, usize)> {
        let (below, above) = self.agree;
        if below.max(above) < MIN_MATCH {
            return None;
        }
        let (at, length) = if below >= above {
            self.below -= 1;
            self.agree.0 = self.agreement(self.below.checked_sub(1));
            (self.below, below)
        } else {
            self.above += 1;
            self.agree.1 = self.agreement(Some(self.above));
            (self.above - 1, above)
        };
        Some((self.index.places[at] as usize, length))
    }
}

/// Bytes at the ends that agree.
pub(super) fn common_suffix(a: &[u8], b: &[u8]) -> usize {
    a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count()
}

/// Order by the last [`MAX_MATCH`] bytes, read backwards; what ends earlier comes first.
fn backwards(a: &[u8], b: &[u8]) -> Ordering {
    let cut = |bytes: &[u8]| bytes.len().saturating_sub(MAX_MATCH);
    let (mut a, mut b) = (&a[cut(a)..], &b[cut(b)..]);
    // Eight at a time: where a text repeats itself much has to be compared.
    while let (Some((more_a, last_a)), Some((more_b, last_b))) = (a.split_last_chunk(), b.split_last_chunk()) {
        match u64::from_le_bytes(*last_a).cmp(&u64::from_le_bytes(*last_b)) {
            Ordering::Equal => (a, b) = (more_a, more_b),
            unequal => return unequal,
        }
    }
    a.iter().rev().cmp(b.iter().rev())
}

/// The last eight bytes as a number that sorts like them.
fn head(before: &[u8]) -> u64 {
    match before.last_chunk() {
        Some(last) => u64::from_le_bytes(*last),
        None => {
            let mut last = [0; 8];
            last[8 - before.len()..].copy_from_slice(before);
            u64::from_le_bytes(last)
        }
    }
}
